"""GG02, the repeaterless bound and the entropy against figures of independent code.

Cases, sources and tolerances stand in qkd_cv.json. The metrics are asked, from moments, so that
the whole way from the run's numbers to the figure is compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qtrace.metrics.catalogue import metric
from qtrace.physics.capacity import plob_bits_per_use
from qtrace.physics.continuous.gg02 import (
    attribute,
    channel_from_moments,
    holevo_of,
    moments_of_link,
)
from qtrace.physics.continuous.gg02_finite import finite_size_penalty, worst_channel
from qtrace.physics.entropy import binary_entropy

CASES = {
    one["id"]: one
    for one in json.loads((Path(__file__).parent / "qkd_cv.json").read_text())["cases"]
}
ASYMPTOTIC = [name for name in CASES if name.startswith("gg02-h")]


def moments(given: dict[str, Any]) -> dict[str, float]:
    covariance, variance = moments_of_link(
        given["V_A"],
        given["T"],
        excess_noise_at_input=given.get("xi_in", given.get("xi")),
        receiver_efficiency=given["eta"],
        electronic_noise=given["v_el"],
        heterodyne=given.get("detector") == "het",
    )
    return {
        "modulation_variance": float(given["V_A"]),
        "covariance": float(covariance),
        "bob_variance": float(variance),
    }


@pytest.mark.parametrize("name", ASYMPTOTIC)
def test_asymptotic_key(name: str) -> None:
    case = CASES[name]
    given, expected, rtol = case["inputs"], case["expected"], case["rtol"]
    protocol = "gg02_heterodyne" if given["detector"] == "het" else "gg02_homodyne"
    measured = moments(given)
    shared = metric(f"qkd.{protocol}.mutual_information").function(**measured)
    receiver = {}
    if given["trusted"]:
        receiver = {"receiver_efficiency": given["eta"], "electronic_noise": given["v_el"]}
    word = "trusted" if given["trusted"] else "untrusted"
    key = metric(f"qkd.{protocol}.key_per_use_{word}").function(
        **measured, **receiver, reconciliation_efficiency=given["beta"]
    )
    assert shared == pytest.approx(expected["I_AB"], rel=rtol)
    assert key == pytest.approx(expected["K"], rel=rtol)
    assert given["beta"] * shared - key == pytest.approx(expected["chi_BE"], rel=rtol)


def test_finite_key() -> None:
    case = CASES["gg02-finite"]
    given, expected, rtol = case["inputs"], case["expected"], case["rtol"]
    measured = moments(given)
    channel = channel_from_moments(
        measured["modulation_variance"],
        measured["covariance"],
        bob_variance=measured["bob_variance"],
    )
    disclosed = given["N"] - given["n"]
    worst = worst_channel(channel, symbols=disclosed, epsilon_estimation=given["eps_pe"])
    receiver = {"receiver_efficiency": given["eta"], "electronic_noise": given["v_el"]}
    part = attribute(worst, **receiver, heterodyne=False)
    assert part.transmittance == pytest.approx(expected["T_min"], rel=rtol)
    assert part.excess_noise_at_output / part.transmittance == pytest.approx(
        expected["xi_max"], rel=rtol
    )
    assert holevo_of(worst, part, heterodyne=False) == pytest.approx(
        expected["chi_worst"], rel=rtol
    )
    penalty = finite_size_penalty(
        given["n"], epsilon_smoothing=given["eps_bar"], epsilon_privacy=given["eps_pa"]
    )
    assert penalty == pytest.approx(expected["Delta"], rel=rtol)
    length = metric("qkd.gg02_homodyne.key_length_leverrier2010_trusted").function(
        **measured,
        **receiver,
        reconciliation_efficiency=given["beta"],
        symbols_estimation=disclosed,
        symbols_key=given["n"],
        epsilon_estimation=given["eps_pe"],
        epsilon_smoothing=given["eps_bar"],
        epsilon_privacy=given["eps_pa"],
    )
    assert length / given["N"] == pytest.approx(expected["K"], rel=rtol)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("plob")])
def test_repeaterless_bound(name: str) -> None:
    case = CASES[name]
    found = plob_bits_per_use(case["inputs"]["eta"])
    assert found == pytest.approx(case["expected"]["K"], rel=case["rtol"])


def test_binary_entropy() -> None:
    case = CASES["h2"]
    found = binary_entropy(np.array(case["inputs"]["x"]))
    assert found == pytest.approx(np.array(case["expected"]["h"]), rel=case["rtol"])
