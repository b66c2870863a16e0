"""Bounds from counts to expectations: against exact tails, also of unequal probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from qtrace.errors import InputError
from qtrace.physics.decoy.concentration import (
    Concentration,
    CountBounds,
    binomial_lower,
    binomial_upper,
    chernoff_lower,
    chernoff_upper,
    hoeffding_deviation,
)

ROOT = 1e-9  # relative: Brent's method to 1e-14 on a function with a double zero nearby
TAIL = 1e-6  # relative: of a binomial tail recomputed by another library
EPSILONS = st.floats(1e-15, 0.1)


def exponent(expected: float, observed: float) -> float:
    return expected - observed + observed * math.log(observed / expected)


@settings(max_examples=40, derandomize=True)
@given(st.floats(1.0, 1e8), EPSILONS)
def test_chernoff_limits_solve_the_inverted_tail(observed: float, epsilon: float) -> None:
    target = math.log(1.0 / epsilon)
    above = brentq(
        lambda e: exponent(e, observed) - target,
        observed,
        2.0 * observed + 4.0 * target,
        xtol=1e-12,
        rtol=1e-14,
    )
    below = brentq(
        lambda e: exponent(e, observed) - target, 1e-300, observed, xtol=1e-300, rtol=1e-14
    )
    assert chernoff_upper(observed, epsilon) - observed == pytest.approx(
        above - observed, rel=ROOT, abs=ROOT
    )
    assert chernoff_lower(observed, epsilon) == pytest.approx(below, rel=ROOT, abs=1e-280)


def test_nothing_counted_still_allows_an_expectation() -> None:
    # The textbook form x (1 + sqrt(3 ln(1/eps) / x)) would go the wrong way and allow none.
    assert chernoff_upper(0.0, 1e-10) == pytest.approx(10.0 * math.log(10.0), rel=1e-14)
    assert chernoff_lower(0.0, 1e-10) == 0.0
    assert binomial_lower(0.0, 100.0, 1e-10) == 0.0


def test_the_direction_is_from_observed_to_expected() -> None:
    # At the upper limit the observed count, or less, has just the probability allowed.
    upper = float(chernoff_upper(100.0, 1e-9))
    assert stats.poisson.cdf(100, upper) < 1e-9
    # Going the other way (deviation of the count about its own value) would be too narrow.
    other_way = 100.0 + math.sqrt(2.0 * 100.0 * math.log(1e9))
    assert stats.poisson.cdf(100, other_way) > 1e-9
    assert upper > other_way


@pytest.mark.parametrize(("observed", "total"), [(3, 50), (100, 10**6), (10**6, 10**9)])
def test_binomial_limits_have_the_tails_they_promise(observed: int, total: int) -> None:
    epsilon = 1e-9 / 21
    upper = float(binomial_upper(observed, total, epsilon)) / total
    lower = float(binomial_lower(observed, total, epsilon)) / total
    assert stats.binom.cdf(observed, total, upper) == pytest.approx(epsilon, rel=TAIL)
    # The other library's upper tail is itself not exact to more than 2e-5 at 1e9 trials.
    assert stats.binom.sf(observed - 1, total, lower) == pytest.approx(epsilon, rel=1e-4)


def poisson_binomial(probabilities: np.ndarray) -> np.ndarray:
    """Return the exact distribution of a sum of unequal yes-or-no events."""
    distribution = np.ones(1)
    for p in probabilities:
        distribution = np.convolve(distribution, [1.0 - p, p])
    return distribution


@settings(max_examples=40, derandomize=True)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=40),
    st.sampled_from(list(Concentration)),
    st.sampled_from([0.3, 0.05, 1e-3, 1e-6]),
)
def test_each_bound_fails_no_more_often_than_it_says_for_unequal_probabilities(
    probabilities: list[float], bound: Concentration, epsilon: float
) -> None:
    p = np.array(probabilities)
    distribution = poisson_binomial(p)
    counts = np.arange(len(p) + 1, dtype=np.float64)
    bounds = CountBounds(bound, total=float(len(p)), epsilon=epsilon)
    slack = 1e-12  # absolute: rounding of limits that equal the expectation exactly
    too_low = distribution[np.asarray(bounds.upper(counts)) < p.sum() - slack].sum()
    too_high = distribution[np.asarray(bounds.lower(counts)) > p.sum() + slack].sum()
    assert too_low <= epsilon * (1.0 + 1e-9)
    assert too_high <= epsilon * (1.0 + 1e-9)


def test_without_the_extra_count_equal_probabilities_would_not_be_the_worst() -> None:
    # One sure event and one impossible: the count is 1 for certain, its expectation 1 too. The
    # plain binomial limit at eps = 1/2 puts the expectation elsewhere.
    plain = 2.0 * float(stats.beta.ppf(0.5, 1, 2))
    assert plain < 1.0 < 2.0 * float(stats.beta.ppf(0.5, 2, 1))
    assert float(binomial_lower(1.0, 2.0, 0.5)) == 0.0
    assert float(binomial_upper(1.0, 2.0, 0.5)) == 2.0


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.0, 1e6), st.floats(1.0, 1e3), EPSILONS)
def test_exact_is_inside_chernoff_and_both_surround_the_count(
    observed: float, factor: float, epsilon: float
) -> None:
    total = (observed + 1.0) * factor
    low, high = float(chernoff_lower(observed, epsilon)), float(chernoff_upper(observed, epsilon))
    assert low <= observed <= high
    # The widening of the exact limits by one count shows where epsilon is large.
    assert float(binomial_upper(observed, total, epsilon)) <= max(high, observed + 1.0) * (1 + 1e-9)
    assert float(binomial_lower(observed, total, epsilon)) >= min(low, observed - 1.0) * (1 - 1e-9)


def test_hoeffding_takes_the_total_of_the_basis() -> None:
    bounds = CountBounds(Concentration.HOEFFDING, total=1e8, epsilon=1e-9 / 21)
    deviation = math.sqrt(1e8 / 2 * math.log(21e9))
    assert bounds.upper(8666.0) == pytest.approx(8666.0 + deviation, rel=1e-14)
    assert bounds.lower(8666.0) < 0.0  # not cut, as published


@pytest.mark.parametrize("bound", list(Concentration))
def test_arrays_and_numbers_agree(bound: Concentration) -> None:
    counts = np.array([0.0, 0.5, 3.0, 1e4])
    total = np.array([1.0, 2.0, 30.0, 1e6])
    bounds = CountBounds(bound, total=total, epsilon=1e-10)
    for row, (count, of) in enumerate(zip(counts, total, strict=True)):
        one = CountBounds(bound, total=float(of), epsilon=1e-10)
        assert np.asarray(bounds.upper(counts))[row] == one.upper(float(count))
        assert np.asarray(bounds.lower(counts))[row] == one.lower(float(count))


@pytest.mark.parametrize("epsilon", [0.0, 1.0, -1e-3, math.nan])
def test_what_is_no_probability_of_failure_is_refused(epsilon: float) -> None:
    for call in (
        lambda: hoeffding_deviation(10.0, epsilon),
        lambda: chernoff_upper(10.0, epsilon),
        lambda: chernoff_lower(10.0, epsilon),
        lambda: binomial_upper(10.0, 20.0, epsilon),
        lambda: binomial_lower(10.0, 20.0, epsilon),
    ):
        with pytest.raises(InputError, match="failure probability"):
            call()
