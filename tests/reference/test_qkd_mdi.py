"""Published case of a Bell-state relay: channel of Ma and Razavi, infinitely many decoys."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from qtrace.physics.relay.mdi import key_per_pair
from qtrace.physics.relay.mdi_channel import separating_gain, single_pair_yield

CASES = json.loads((Path(__file__).parent / "qkd_mdi.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda one: str(one["id"]))
def test_yields_gains_and_rate(case: dict[str, dict[str, float]]) -> None:
    given, expected, rtol = case["inputs"], case["expected"], case["rtol"]
    channel = {"dark": given["p_d"], "misalignment": given["e_d"]}
    pairs, error = single_pair_yield(given["eta_a"], given["eta_b"], **channel)
    a, b = given["mu_a"] * given["eta_a"], given["mu_b"] * given["eta_b"]
    gain, errors = separating_gain(a, b, **channel)
    mean = given["mu_a"] + given["mu_b"]
    single = given["mu_a"] * given["mu_b"] * math.exp(-mean) * pairs
    rate = key_per_pair(
        single,
        error,
        gain=gain,
        error_rate=errors / gain,
        error_correction_efficiency=given["f"],
    )
    ours = {
        "Y11": pairs, "e11": error, "Q": gain, "E": errors / gain, "Q11": single, "R": rate,
    }  # fmt: skip
    assert {name: float(value) for name, value in ours.items()} == pytest.approx(expected, rel=rtol)
