"""The one-decoy bounds: what is a theorem of them, and what sets them apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from decoy_blocks import one_decoy_block, with_more_errors
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.decoy.concentration import Concentration, chernoff_upper
from qtrace.physics.decoy.decoy_one import (
    RUSCA,
    WIESEMANN,
    OneDecoyFigures,
    OneDecoyProof,
    one_decoy_figures,
    one_decoy_proof,
)
from qtrace.physics.decoy.decoy_source import BasisCounts, Intensities, poisson_weights
from qtrace.physics.decoy.phase_error import Sampling

ROUNDING = 1e-9  # relative: lengths of 1e9 bits from sums of larger numbers
SMOOTH = [
    WIESEMANN,
    *(one_decoy_proof(c, s) for c in Concentration for s in (Sampling.GAMMA, Sampling.SERFLING)),
]
PROOFS = st.sampled_from(SMOOTH)
DISTANCES = st.floats(0.0, 120.0)
PULSES = st.floats(1e6, 1e12)


def figures(
    distance_km: float,
    pulses: float,
    proof: OneDecoyProof = RUSCA,
    *,
    epsilon: float = 1e-9,
    key_errors: tuple[int, float] = (0, 0.0),
    test_errors: tuple[int, float] = (0, 0.0),
) -> OneDecoyFigures:
    key, test, intensities = one_decoy_block(distance_km, pulses)
    return one_decoy_figures(
        with_more_errors(key, *key_errors),
        with_more_errors(test, *test_errors),
        intensities,
        epsilon_secrecy=epsilon,
        epsilon_correctness=1e-15,
        error_correction_efficiency=1.16,
        proof=proof,
    )


@settings(max_examples=40, derandomize=True)
@given(DISTANCES, PULSES, PROOFS, st.integers(0, 1), st.floats(0.0, 0.3))
def test_errors_never_lengthen_the_key(
    distance: float, pulses: float, proof: OneDecoyProof, row: int, more: float
) -> None:
    # Of the test basis only those of the brighter intensity: the other's are subtracted.
    clean = float(figures(distance, pulses, proof).length_bits)
    slack = ROUNDING * abs(clean)
    worse = figures(distance, pulses, proof, key_errors=(row, more))
    assert float(worse.length_bits) <= clean + slack
    worse = figures(distance, pulses, proof, test_errors=(0, more))
    assert float(worse.length_bits) <= clean + slack


@settings(max_examples=40, derandomize=True)
@given(DISTANCES, PULSES, PROOFS, st.floats(1e-15, 1e-3), st.floats(1.0, 1e3))
def test_a_larger_epsilon_never_shortens_the_key(
    distance: float, pulses: float, proof: OneDecoyProof, epsilon: float, factor: float
) -> None:
    strict = float(figures(distance, pulses, proof, epsilon=epsilon).length_bits)
    loose = float(figures(distance, pulses, proof, epsilon=min(epsilon * factor, 0.5)).length_bits)
    assert strict <= loose + ROUNDING * abs(loose)


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.integers(0, 10**7), min_size=8, max_size=8), PROOFS)
def test_any_counts_give_a_number_and_never_more_bits_than_were_sifted(
    cells: list[int], proof: OneDecoyProof
) -> None:
    numbers = tuple(float(one) for one in cells)
    key = BasisCounts(numbers[0:2], numbers[2:4])
    found = one_decoy_figures(
        key,
        BasisCounts(numbers[4:6], numbers[6:8]),
        Intensities((0.5, 0.15), (0.7, 0.3)),
        epsilon_secrecy=1e-9,
        epsilon_correctness=1e-15,
        error_correction_efficiency=1.16,
        proof=proof,
    )
    assert all(np.isfinite(one) for one in found)
    assert found.length_bits < sum(key.detections)


def test_inequalities_that_are_not_in_the_paper_pay_for_the_choice_of_intensity() -> None:
    assert one_decoy_proof(Concentration.HOEFFDING, Sampling.TAIL).terms.terms == 19
    assert one_decoy_proof(Concentration.CHERNOFF, Sampling.TAIL).terms.terms == 20
    assert one_decoy_proof(Concentration.CLOPPER, Sampling.GAMMA).terms.terms == 20
    assert one_decoy_proof(Concentration.HOEFFDING, Sampling.GAMMA) == RUSCA


def test_only_one_bound_cuts_counts_to_what_is_possible() -> None:
    small = figures(100.0, 1e7)
    cut = figures(100.0, 1e7, WIESEMANN)
    assert float(small.single_test) < 0.0 <= float(cut.single_test)
    assert float(cut.phase_error) == 0.5


def test_a_block_too_small_keeps_its_negative_length() -> None:
    nothing = BasisCounts((0.0, 0.0), (0.0, 0.0))
    found = one_decoy_figures(
        nothing,
        nothing,
        Intensities((0.5, 0.15), (0.7, 0.3)),
        epsilon_secrecy=1e-9,
        epsilon_correctness=1e-15,
        error_correction_efficiency=1.16,
    )
    lost = 6 * math.log2(19e9) + math.log2(2e15)
    assert float(found.length_bits) == pytest.approx(-lost, rel=1e-14)
    assert float(figures(50.0, 1e4).length_bits) < 0.0


@pytest.mark.parametrize("proof", SMOOTH)
def test_the_price_of_a_finite_block_fades(proof: OneDecoyProof) -> None:
    per_pulse = [
        float(figures(50.0, pulses, proof).length_bits) / pulses for pulses in (1e10, 1e12, 1e14)
    ]
    steps = np.diff(per_pulse)
    assert np.all(steps > 0.0)
    assert steps[1] < steps[0] / 5.0  # deviations fall with the root of the block


def test_vacuum_events_are_twice_the_errors_that_they_may_have_made() -> None:
    # No error at all: what is left is what the tails allow, of errors and then of their halves.
    intensities = Intensities((0.5, 0.15), (0.7, 0.3))
    clean = BasisCounts((0.0, 0.0), (1e6, 1e5))
    found = one_decoy_figures(
        clean,
        clean,
        intensities,
        epsilon_secrecy=1e-9,
        epsilon_correctness=1e-15,
        leak_bits=1.0,
        proof=one_decoy_proof(Concentration.CHERNOFF, Sampling.SERFLING),
    )
    weights = poisson_weights(intensities)
    allowed = math.log(20e9) * float(weights.vacuum) * float(min(weights.per_pulse))
    expected = 2.0 * float(chernoff_upper(allowed, 1e-9 / 20))
    assert float(found.vacuum_key_upper) == pytest.approx(expected, rel=1e-12)


def test_vacuum_events_are_surrounded() -> None:
    found = figures(50.0, 1e11)
    assert 0.0 <= float(found.vacuum_key) <= float(found.vacuum_key_upper)


def test_two_decoys_have_no_place_here() -> None:
    key, test, _ = one_decoy_block(0.0, 1e9)
    with pytest.raises(InputError, match="3 intensities"):
        one_decoy_figures(
            key,
            test,
            Intensities((0.5, 0.1, 0.0), (0.7, 0.2, 0.1)),
            epsilon_secrecy=1e-9,
            epsilon_correctness=1e-15,
            leak_bits=10.0,
        )
