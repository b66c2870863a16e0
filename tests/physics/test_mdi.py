"""Lengths through an untrusted relay: two routes, laws, and blocks that are too small."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.mdi import (
    Deviations,
    OutcomeEstimate,
    OutcomeTables,
    estimate_outcome,
    estimate_outcome_closed,
    key_per_pair,
    outcome_length,
    phase_error_rate,
    published_deviations,
    squared_deviations,
)
from qtrace.physics.relay.mdi_channel import interfering_gain, separating_gain, single_pair_yield
from qtrace.physics.relay.photon_classes import IntensitySet

P = np.array([0.5, 0.3, 0.2])
MEANS = np.array([0.4, 0.1, 0.005])
DARK, MISALIGNED, EFFICIENCY = 1e-7, 0.015, 1.16
EPSILON = 5e-11
SOLVER = 1e-6


def tables(pulses: float, arm: float, other: float | None = None) -> OutcomeTables:
    """Expected counts of one of two Bell states, three quarters of the pulses in the key basis."""
    a, b = MEANS[:, None] * arm, MEANS * (arm if other is None else other)
    key, _ = separating_gain(a, b, dark=DARK, misalignment=MISALIGNED)
    test, errors = interfering_gain(a, b, dark=DARK, misalignment=MISALIGNED)
    chosen = np.outer(P, P) * pulses / 2.0
    return OutcomeTables(0.75 * chosen * key, 0.1 * chosen * test, 0.1 * chosen * errors)


def source(width: float = 0.0) -> IntensitySet:
    return IntensitySet(tuple(P), tuple(MEANS * (1 - width)), tuple(MEANS * (1 + width)))


def length(counts: OutcomeTables, deviations: Deviations, width: float = 0.0) -> float:
    estimate = estimate_outcome(source(width), source(width), tables=counts, deviations=deviations)
    leak = EFFICIENCY * counts.key[0, 0] * float(binary_entropy(MISALIGNED))
    return float(
        outcome_length(estimate, leak=leak, share=deviations.share, epsilon_correctness=1e-15)
    )


@pytest.mark.parametrize("deviations", [published_deviations, squared_deviations])
def test_the_programme_is_never_shorter_than_the_closed_form(
    deviations: Callable[[float], Deviations],
) -> None:
    counts, how = tables(1e13, 0.3), deviations(EPSILON)
    programme = estimate_outcome(source(), source(), tables=counts, deviations=how)
    closed = estimate_outcome_closed(
        MEANS, MEANS, probabilities_a=P, probabilities_b=P, tables=counts, deviations=how
    )
    assert 0.0 < closed.single <= programme.single * (1 + SOLVER)
    assert programme.phase_error <= closed.phase_error * (1 + SOLVER) < 0.5


def test_many_rows_of_the_closed_form_equal_one_by_one() -> None:
    rows = [tables(1e13, 0.3), tables(1e12, 0.1)]
    stacked = OutcomeTables(
        *(np.stack([getattr(one, name) for one in rows]) for name in OutcomeTables.__slots__)
    )
    many = estimate_outcome_closed(
        np.stack([MEANS, MEANS]),
        np.stack([MEANS, MEANS]),
        probabilities_a=P,
        probabilities_b=P,
        tables=stacked,
        deviations=squared_deviations(np.full((2, 1, 1), EPSILON)),
    )
    for k, one in enumerate(rows):
        alone = estimate_outcome_closed(
            MEANS,
            MEANS,
            probabilities_a=P,
            probabilities_b=P,
            tables=one,
            deviations=squared_deviations(EPSILON),
        )
        assert np.asarray(many.single)[k] == pytest.approx(float(alone.single), rel=1e-12)
        assert np.asarray(many.phase_error)[k] == pytest.approx(float(alone.phase_error), rel=1e-12)


def test_long_blocks_approach_the_rate_without_limit() -> None:
    """Per pulse pair the length rises with the block, and stays below infinitely many decoys."""
    arm = 0.3
    per_pair = [length(tables(n, arm), squared_deviations(EPSILON)) / n for n in (1e12, 1e14, 1e17)]
    assert per_pair[0] < per_pair[1] < per_pair[2]
    pairs, error = single_pair_yield(arm, arm, dark=DARK, misalignment=MISALIGNED)
    gain, _ = separating_gain(0.4 * arm, 0.4 * arm, dark=DARK, misalignment=MISALIGNED)
    best = key_per_pair(
        0.16 * math.exp(-0.8) * pairs,
        error,
        gain=gain,
        error_rate=MISALIGNED,
        error_correction_efficiency=EFFICIENCY,
    )
    share_of_state = 0.75 * 0.25 / 2.0  # key basis, both signals, one of two Bell states
    assert 0.7 * best < per_pair[2] / share_of_state < best


def test_more_errors_or_less_epsilon_or_a_wider_set_give_less() -> None:
    counts = tables(1e13, 0.3)
    worse = OutcomeTables(counts.key, counts.test, 1.05 * counts.test_errors)
    strict, loose = squared_deviations(1e-15), squared_deviations(EPSILON)
    whole = length(counts, loose)
    assert length(worse, loose) < whole
    assert length(counts, strict) < whole
    assert length(counts, loose, width=0.005) < whole
    assert whole < counts.key[0, 0]


def test_sides_may_be_exchanged() -> None:
    counts = tables(1e13, 0.3, 0.1)
    turned = OutcomeTables(counts.key.T, counts.test.T, counts.test_errors.T)
    how = squared_deviations(EPSILON)
    assert length(turned, how) == pytest.approx(length(counts, how), rel=SOLVER)


@pytest.mark.parametrize("pulses", [0.0, 1e3, 1e6])
def test_small_blocks_have_a_finite_negative_length(pulses: float) -> None:
    value = length(tables(pulses, 0.1), squared_deviations(EPSILON))
    assert -math.inf < value < 0.0


@given(st.floats(1.0, 1e9), st.floats(1.0, 1e9), st.floats(0.0, 0.4))
@settings(max_examples=40, derandomize=True)
def test_phase_error_is_above_what_was_tested_and_falls_with_more(
    single: float, tested: float, rate: float
) -> None:
    bound = phase_error_rate(single, tested, rate * tested, log_inverse=23.0)
    assert rate <= bound <= 0.5
    more = phase_error_rate(2 * single, 2 * tested, 2 * rate * tested, log_inverse=23.0)
    assert more <= bound


def test_without_single_photons_the_phase_error_is_one_half() -> None:
    rates = phase_error_rate(np.array([0.0, 5.0]), np.array([5.0, 0.0]), 0.0, log_inverse=23.0)
    assert rates.tolist() == [0.5, 0.5]


def test_length_is_the_printed_sum() -> None:
    """By hand: 100 + 1000 (1 - h(0.11)) - 50 - log2(8e15) - 2 log2(2e24) - 2 log2(5e11)."""
    security = math.log2(8e15) + 2 * math.log2(2e24) + 2 * math.log2(5e11)
    expected = 100 + 1000 * (1 - float(binary_entropy(0.11))) - 50 - security
    ours = outcome_length(
        OutcomeEstimate(100.0, 1000.0, 0.11), leak=50.0, share=1e-12, epsilon_correctness=1e-15
    )
    assert float(ours) == pytest.approx(expected, rel=1e-13)
