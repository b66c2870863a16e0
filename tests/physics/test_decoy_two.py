"""The two-decoy bound: what is a theorem of it, and small blocks. Published numbers: reference."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from decoy_blocks import two_decoy_block, with_more_errors
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.decoy.concentration import Concentration
from qtrace.physics.decoy.decoy_asymptotic import Gain, vacuum_weak_yields
from qtrace.physics.decoy.decoy_source import BasisCounts, Intensities
from qtrace.physics.decoy.decoy_two import two_decoy_figures, two_decoy_length
from qtrace.physics.decoy.phase_error import Sampling
from qtrace.physics.entropy import binary_entropy

ROUNDING = 1e-9  # relative: lengths of 1e9 bits from sums of larger numbers
SMOOTH = [(c, s) for c in Concentration for s in (Sampling.GAMMA, Sampling.SERFLING)]
DISTANCES = st.floats(0.0, 120.0)
PULSES = st.floats(1e6, 1e12)


def length(
    distance_km: float,
    pulses: float,
    *,
    epsilon: float = 1e-9,
    bounds: tuple[Concentration, Sampling] = SMOOTH[0],
    key_errors: tuple[int, float] = (0, 0.0),
    test_errors: tuple[int, float] = (0, 0.0),
) -> float:
    key, test, intensities = two_decoy_block(distance_km, pulses)
    return float(
        two_decoy_length(
            with_more_errors(key, *key_errors),
            with_more_errors(test, *test_errors),
            intensities,
            epsilon_secrecy=epsilon,
            epsilon_correctness=1e-15,
            error_correction_efficiency=1.16,
            concentration=bounds[0],
            sampling=bounds[1],
        )
    )


@settings(max_examples=40, derandomize=True)
@given(DISTANCES, PULSES, st.sampled_from(SMOOTH), st.integers(0, 2), st.floats(0.0, 0.3))
def test_errors_of_the_key_basis_never_lengthen_the_key(
    distance: float, pulses: float, bounds: tuple[Concentration, Sampling], row: int, more: float
) -> None:
    clean = length(distance, pulses, bounds=bounds)
    assert length(distance, pulses, bounds=bounds, key_errors=(row, more)) <= clean


@settings(max_examples=40, derandomize=True)
@given(DISTANCES, PULSES, st.sampled_from(SMOOTH), st.integers(0, 1), st.floats(0.0, 0.3))
def test_errors_of_the_test_basis_never_lengthen_the_key(
    distance: float, pulses: float, bounds: tuple[Concentration, Sampling], row: int, more: float
) -> None:
    # Not so for the weakest intensity: its errors count as those of the vacuum.
    clean = length(distance, pulses, bounds=bounds)
    worse = length(distance, pulses, bounds=bounds, test_errors=(row, more))
    assert worse <= clean + ROUNDING * abs(clean)


@settings(max_examples=40, derandomize=True)
@given(DISTANCES, PULSES, st.sampled_from(SMOOTH), st.floats(1e-15, 1e-3), st.floats(1.0, 1e3))
def test_a_larger_epsilon_never_shortens_the_key(
    distance: float,
    pulses: float,
    bounds: tuple[Concentration, Sampling],
    epsilon: float,
    factor: float,
) -> None:
    strict = length(distance, pulses, bounds=bounds, epsilon=epsilon)
    loose = length(distance, pulses, bounds=bounds, epsilon=min(epsilon * factor, 0.5))
    assert strict <= loose + ROUNDING * abs(loose)


@settings(max_examples=40, derandomize=True)
@given(
    st.lists(st.integers(0, 10**7), min_size=12, max_size=12),
    st.sampled_from(list(Concentration)),
    st.sampled_from([Sampling.GAMMA, Sampling.SERFLING]),
)
def test_any_counts_give_a_number_and_never_more_bits_than_were_sifted(
    cells: list[int], concentration: Concentration, sampling: Sampling
) -> None:
    numbers = tuple(float(one) for one in cells)
    key = BasisCounts(numbers[0:3], numbers[3:6])
    figures = two_decoy_figures(
        key,
        BasisCounts(numbers[6:9], numbers[9:12]),
        Intensities((0.5, 0.1, 0.0), (0.7, 0.2, 0.1)),
        epsilon_secrecy=1e-9,
        epsilon_correctness=1e-15,
        error_correction_efficiency=1.16,
        concentration=concentration,
        sampling=sampling,
    )
    assert all(np.isfinite(one) for one in figures)
    assert figures.length_bits < sum(key.detections)
    assert 0.0 <= figures.phase_error <= 0.5


def test_a_block_too_small_keeps_its_negative_length() -> None:
    assert -1000.0 < length(50.0, 1e4) < 0.0
    nothing = BasisCounts((0.0,) * 3, (0.0,) * 3)
    bits = two_decoy_length(
        nothing,
        nothing,
        two_decoy_block(0.0, 1.0).intensities,
        epsilon_secrecy=1e-9,
        epsilon_correctness=1e-15,
        error_correction_efficiency=1.16,
    )
    # What is left is what is subtracted: 6 log2(21e9) + log2(2e15).
    assert bits == pytest.approx(-(6 * math.log2(21e9) + math.log2(2e15)), rel=1e-14)


@pytest.mark.parametrize("bounds", SMOOTH)
def test_long_blocks_approach_the_asymptotic_key(bounds: tuple[Concentration, Sampling]) -> None:
    distance, reference = 50.0, 1e10
    key, test, intensities = two_decoy_block(distance, reference)
    gains = [
        [
            Gain((m + a) / (reference * p * q), m / (reference * p * q))
            for m, a, p in zip(*basis, intensities.probabilities, strict=True)
        ]
        for basis, q in ((key, 0.81), (test, 0.01))
    ]
    yields = vacuum_weak_yields(*gains[0], means=intensities.means)
    rate = vacuum_weak_yields(*gains[1], means=intensities.means).single_error_rate
    tau0 = sum(p * math.exp(-k) for k, p in zip(*intensities, strict=True))
    tau1 = sum(p * k * math.exp(-k) for k, p in zip(*intensities, strict=True))
    sifted, wrong = sum(key.detections) / reference, sum(key.errors) / reference
    told = 1.16 * sifted * float(binary_entropy(wrong / sifted))
    limit = 0.81 * (
        tau0 * yields.vacuum_yield + tau1 * yields.single_yield * (1.0 - binary_entropy(rate))
    )
    gaps = [
        1.0 - length(distance, pulses, bounds=bounds) / pulses / (float(limit) - told)
        for pulses in (1e10, 1e12, 1e14, 1e17)
    ]
    assert all(a > b > 0.0 for a, b in itertools.pairwise(gaps))
    assert gaps[-1] < 2e-3  # three orders of block more: a tenth of it per two orders


def test_bounds_are_ordered_where_counts_are_many() -> None:
    for sampling in Sampling:
        hoeffding, chernoff, clopper = (
            length(50.0, 1e10, bounds=(one, sampling)) for one in Concentration
        )
        assert hoeffding < chernoff < clopper
    for concentration in Concentration:
        gamma, serfling, tail = (length(50.0, 1e10, bounds=(concentration, s)) for s in Sampling)
        assert serfling < tail < gamma  # gamma is above the exact tail: it is not strict


def test_many_draws_are_the_same_as_one_by_one() -> None:
    key, test, intensities = two_decoy_block(30.0, 1e9)
    factors = np.random.default_rng(4).uniform(0.98, 1.02, size=(2, 5000))
    means = (intensities.means[0] * factors[0], intensities.means[1] * factors[1], 2e-4)
    arguments = {
        "epsilon_secrecy": 1e-9,
        "epsilon_correctness": 1e-15,
        "error_correction_efficiency": 1.16,
    }
    together = np.asarray(
        two_decoy_length(key, test, Intensities(means, intensities.probabilities), **arguments)
    )
    assert together.shape == (5000,)
    for row in (0, 4095, 4096, 4999):
        one = two_decoy_figures(
            key,
            test,
            Intensities(
                (float(means[0][row]), float(means[1][row]), 2e-4), intensities.probabilities
            ),
            **arguments,
        )
        assert together[row] == pytest.approx(float(one.length_bits), rel=ROUNDING)


def test_a_hundred_thousand_joint_draws_take_less_than_a_tenth_of_a_second() -> None:
    key, test, intensities = two_decoy_block(30.0, 1e9)
    generator = np.random.default_rng(7)

    def drawn(column: tuple[float, ...]) -> tuple[np.ndarray, ...]:
        return tuple(generator.poisson(cell, 100_000).astype(np.float64) for cell in column)

    common = 1.0 + 0.01 * generator.standard_normal(100_000)
    means = tuple(mean * common for mean in intensities.means)
    counts = [BasisCounts(drawn(one.errors), drawn(one.agreements)) for one in (key, test)]
    taken = []
    for _ in range(7):  # the fastest, of this process alone: the machine may be busy
        start = time.process_time()
        lengths = two_decoy_length(
            *counts,
            Intensities(means, intensities.probabilities),
            epsilon_secrecy=1e-9,
            epsilon_correctness=1e-15,
            error_correction_efficiency=1.16,
        )
        taken.append(time.process_time() - start)
    assert np.all(np.isfinite(lengths))
    assert min(taken) < 0.1


def test_bad_input_is_refused() -> None:
    key, test, intensities = two_decoy_block(0.0, 1e9)
    with pytest.raises(InputError, match="exactly one of leak"):
        two_decoy_length(key, test, intensities, epsilon_secrecy=1e-9, epsilon_correctness=1e-15)
    with pytest.raises(InputError, match="epsilon_correctness"):
        two_decoy_length(
            key, test, intensities, epsilon_secrecy=1e-9, epsilon_correctness=1.0, leak_bits=5.0
        )
