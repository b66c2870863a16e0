"""Bounds over a declared set: equal to the published ones over one point, and never beyond."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from decoy_blocks import Block, one_decoy_block, two_decoy_block, with_more_errors
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.decoy.decoy_set_bounds import MISMATCH, SET_BOUNDS
from qtrace.metrics.metric import Metric
from qtrace.metrics.proof_set import edges, unproven
from qtrace.metrics.recompute import evaluate, stability_interval

SAME = 1e-9  # relative: two ways through one formula in double precision
ROUNDING = 1e-3  # bit
FASTEST_S = 0.3  # what one certified figure may take
CASES = {
    one["id"]: one
    for one in json.loads(
        (Path(__file__).parents[1] / "reference" / "qkd_bb84.json").read_text(encoding="utf-8")
    )["cases"]
}
BLOCKS = {"bb84_two_decoy": two_decoy_block, "bb84_one_decoy": one_decoy_block}
EACH = pytest.mark.parametrize("name", BLOCKS)
SAMPLED = pytest.mark.parametrize("sampling", [one.sampling.value for one in SET_BOUNDS])


def certified(name: str, sampling: str = "serfling") -> Metric:
    return metric(f"qkd.{name}.certified_length_set_varying_{sampling}")


def arguments(block: Block, *, width: float = 0.0, mismatch: float = 0.0) -> dict[str, float]:
    """Return the arguments of a certified figure, intervals of that relative half width."""
    found: dict[str, float] = {
        "epsilon_secrecy": 1e-9,
        "epsilon_correctness": 1e-15,
        "error_correction_efficiency": 1.16,
        MISMATCH: mismatch,
    }
    for basis, counts in (("key", block.key), ("test", block.test)):
        for cell, column in zip(("errors", "agreements"), counts, strict=True):
            found |= {f"{cell}_{basis}_{k}": float(one) for k, one in enumerate(column, 1)}
    for k, (mean, share) in enumerate(zip(*block.intensities, strict=True), 1):
        found[f"probability_{k}"] = float(share)
        found[f"mean_photon_number_{k}_low"] = float(mean) * (1.0 - width)
        found[f"mean_photon_number_{k}_high"] = float(mean) * (1.0 + width)
    return found


def length(name: str, given: dict[str, float], sampling: str = "serfling") -> float:
    return evaluate(certified(name, sampling), given, {})[0]


def test_over_one_point_the_length_of_lim_2014_is_met_to_the_bit() -> None:
    case = CASES["lim2014-01"]
    inputs = case["inputs"]
    found: dict[str, float] = {
        "epsilon_secrecy": inputs["eps_sec"],
        "epsilon_correctness": inputs["eps_cor"],
        "error_correction_efficiency": inputs["f_ec"],
        MISMATCH: 0.0,
    }
    for k in range(3):
        wrong = inputs["m_key_total"] if k == 0 else 0
        found[f"errors_key_{k + 1}"] = wrong
        found[f"agreements_key_{k + 1}"] = inputs["n_key"][k] - wrong
        found[f"errors_test_{k + 1}"] = inputs["m_test"][k]
        found[f"agreements_test_{k + 1}"] = inputs["n_test"][k] - inputs["m_test"][k]
        found[f"probability_{k + 1}"] = inputs["ps"][k]
        for edge in ("low", "high"):
            found[f"mean_photon_number_{k + 1}_{edge}"] = inputs["mus"][k]
    assert math.floor(length("bb84_two_decoy", found, "gamma")) == case["expected"]["ell"]


@EACH
@SAMPLED
@pytest.mark.parametrize("distance", [0.0, 50.0, 100.0])
def test_over_one_point_the_estimate_of_the_proof_is_met(
    name: str, sampling: str, distance: float
) -> None:
    block = BLOCKS[name](distance, 1e11)
    proof = protocol(name).proof(f"set_varying_{sampling}")
    assert proof is not None
    nominal = metric(proof.estimate_id)
    given = arguments(block) | {
        f"mean_photon_number_{k}": float(mean) for k, mean in enumerate(block.intensities.means, 1)
    }
    names = {one.name for one in nominal.arguments}
    at_nominal = float(nominal.function(**{k: v for k, v in given.items() if k in names}))
    assert length(name, arguments(block), sampling) == pytest.approx(at_nominal, rel=SAME)


@EACH
@settings(max_examples=30, derandomize=True)
@given(
    distance=st.floats(0.0, 100.0),
    pulses=st.floats(1e8, 1e13),
    width=st.floats(0.0, 0.05),
    mismatch=st.floats(0.0, 0.05),
    wider=st.floats(1.0, 2.0),
)
def test_a_wider_set_never_has_a_longer_key(
    name: str, distance: float, pulses: float, width: float, mismatch: float, wider: float
) -> None:
    block = BLOCKS[name](distance, pulses)
    here = length(name, arguments(block, width=width, mismatch=mismatch))
    for further in (
        arguments(block, width=width * wider, mismatch=mismatch),
        arguments(block, width=width, mismatch=mismatch * wider),
    ):
        there = length(name, further)
        assert there <= here + SAME * abs(here)
    # Never above the sifted bits less what is told.
    assert here <= sum(map(float, block.key.detections))


@EACH
@settings(max_examples=30, derandomize=True)
@given(
    distance=st.floats(0.0, 100.0),
    pulses=st.floats(1e9, 1e12),
    smaller=st.floats(1e-3, 1.0),
    more=st.floats(0.0, 0.2),
)
def test_less_trust_and_more_errors_never_lengthen_the_key(
    name: str, distance: float, pulses: float, smaller: float, more: float
) -> None:
    block = BLOCKS[name](distance, pulses)
    given = arguments(block, width=0.01, mismatch=0.01)
    here = length(name, given)
    for epsilon in ("epsilon_secrecy", "epsilon_correctness"):
        there = length(name, {**given, epsilon: given[epsilon] * smaller})
        assert there <= here + ROUNDING
    # Errors of the weakest intensity of the test basis count as those of vacuum: not these.
    signal = with_more_errors(block.key, 0, more)
    decoy = with_more_errors(block.test, len(block.test.errors) - 2, more)
    for worse in (block._replace(key=signal), block._replace(test=decoy)):
        assert length(name, arguments(worse, width=0.01, mismatch=0.01)) <= here + SAME * abs(here)


@EACH
@SAMPLED
def test_a_larger_block_gives_more_of_each_bit(name: str, sampling: str) -> None:
    shares = []
    for pulses in (1e9, 1e10, 1e11, 1e12, 1e13, 1e15):
        block = BLOCKS[name](50.0, pulses)
        given = arguments(block, width=0.02, mismatch=0.01)
        shares.append(length(name, given, sampling) / sum(map(float, block.key.detections)))
    assert np.all(np.diff(shares) > 0.0)
    # The last steps are small: there is a limit.
    assert shares[-1] - shares[-2] < 0.1 * (shares[1] - shares[0])


@EACH
def test_no_constant_device_of_the_set_has_a_shorter_key(name: str) -> None:
    # What may vary includes what stays: the figure searched over constants is not below.
    for width in (0.0, 0.01, 0.05):
        given = arguments(BLOCKS[name](50.0, 1e11), width=width)
        searched = metric(f"qkd.{name}.certified_length_hoeffding_serfling")
        names = {one.name for one in searched.arguments}
        constant = float(searched.function(**{k: v for k, v in given.items() if k in names}))
        assert length(name, given) <= constant + SAME * abs(constant)


@EACH
def test_rows_are_as_one_by_one_and_stability_is_given(name: str) -> None:
    blocks = [BLOCKS[name](distance, 1e11) for distance in (0.0, 20.0, 100.0)]
    rows = [
        arguments(one, width=0.01 * k, mismatch=0.01 * k) for k, one in enumerate(blocks)
    ]  # the first without a mismatch: fewer terms
    together = certified(name).function(**{k: np.array([one[k] for one in rows]) for k in rows[0]})
    assert np.asarray(together) == pytest.approx([length(name, one) for one in rows], rel=SAME)
    interval = stability_interval(
        certified(name),
        rows[1],
        probability=0.95,
        draws=500,
        generator=np.random.default_rng(4),
    )
    assert interval.low < length(name, rows[1]) < interval.high


@EACH
def test_a_figure_is_quick(name: str) -> None:
    given = arguments(BLOCKS[name](50.0, 1e11), width=0.02, mismatch=0.01)
    length(name, given)
    started = time.perf_counter()
    length(name, given)
    assert time.perf_counter() - started < FASTEST_S


@EACH
def test_a_block_too_small_has_its_negative_length(name: str) -> None:
    for pulses in (1e4, 1e6):
        found = length(name, arguments(BLOCKS[name](100.0, pulses), width=0.02, mismatch=0.01))
        assert np.isfinite(found)
        assert found < 0.0


@EACH
@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({MISMATCH: 1.0}, "mismatch"),
        ({MISMATCH: -0.01}, "mismatch"),
        ({"mean_photon_number_1_low": 0.05}, "overlap"),
        ({"mean_photon_number_1_high": 1.2}, "cannot be used"),
        ({"probability_1": 0.9}, "sum 1"),
        ({"epsilon_secrecy": 1.0}, "epsilon"),
        ({"leak": 5.0}, "exactly one of leak"),
        ({"agreements_key_2": -7.0}, "agreements_key_2"),
        ({"agreements_key_1": 2.0**53}, "agreements_key_1"),
    ],
)
def test_bad_input_is_refused(name: str, change: dict[str, float], what: str) -> None:
    with pytest.raises(InputError, match=what):
        length(name, arguments(BLOCKS[name](50.0, 1e10), width=0.01) | change)


def some_run(**changes: object) -> Run:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    run = Run("RUN", "LINK", when, when, {}, {}, (), "never_used", "simulated")
    return replace(run, protocol="bb84_two_decoy", **changes)  # type: ignore[arg-type]


def test_silence_about_the_detectors_proves_nothing() -> None:
    form = protocol("bb84_two_decoy")
    proof, older = form.proof("set_varying_serfling"), form.proof("hoeffding_serfling")
    assert proof is not None
    assert older is not None
    said = {"phase_randomization": "why", "intensity_correlation": "why"}
    (open_one,) = unproven(proof, some_run(ideal_because=said))
    assert "efficiencies" in open_one
    # A limit is enough where there is a term, an argument where there is none.
    limited = some_run(ideal_because=said, assumptions={MISMATCH: (0.0, 0.02)})
    assert unproven(proof, limited) == ()
    assert len(unproven(older, limited)) == 1
    assert edges(form, limited)[MISMATCH][0] == 0.02
    argued = some_run(ideal_because={**said, MISMATCH: "one detector"})
    assert unproven(proof, argued) == unproven(older, argued) == ()
    assert edges(form, argued)[MISMATCH][0] == 0.0


@EACH
def test_a_reader_knows_what_was_not_reviewed(name: str) -> None:
    for proof in protocol(name).proofs:
        told = " ".join((*proof.not_covered, proof.source))
        if proof.bound.startswith("set_"):
            assert "our own derivation, reviewed by nobody else" in proof.source
            assert "mismatch is our own derivation, reviewed by nobody else" in told
        else:
            assert "each is one constant, unknown in its interval" in told
            assert ("not proved to be the least" in told) is proof.searched
            assert ("our own derivation" in told) is not proof.searched
    assumed = protocol(name).assumptions()
    assert assumed[MISMATCH].modelled
    assert not assumed["phase_randomization"].modelled
    assert not assumed["intensity_correlation"].modelled


@EACH
def test_a_bound_above_all_events_is_cut_at_the_sifted_bits(name: str) -> None:
    # Nearly all detections from the weakest intensity: bounded as more vacuum than there is.
    given = arguments(BLOCKS[name](50.0, 1e11), width=0.01)
    weakest = max(int(cell[-1]) for cell in given if cell.startswith("errors_key"))
    given |= {cell: 0.0 for cell in given if cell.startswith(("errors_key", "agreements_key"))}
    given[f"agreements_key_{weakest}"] = 1e9
    subtracted = 6.0 * math.log2({2: 19, 3: 21}[weakest] / 1e-9) + math.log2(2.0 / 1e-15)
    assert length(name, given) == pytest.approx(1e9 - subtracted, rel=SAME)
