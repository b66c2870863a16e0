"""Means from counts: never inside the exact tails, and not far outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.physics.relay.mean_bounds import (
    chernoff_mean_bounds,
    count_below_mean,
    curty_mean_bounds,
)

COUNTS = [0, 1, 3, 10, 105, 1000, 10**6, 10**9]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("epsilon", [1e-3, 1e-10, 1e-20])
def test_bounds_hold_for_poisson_counts(count: int, epsilon: float) -> None:
    low, high = chernoff_mean_bounds(count, -math.log(epsilon))
    exact_low = stats.gamma.ppf(epsilon, count) if count else 0.0
    exact_high = stats.gamma.isf(epsilon, count + 1)
    # The exact limits of scipy carry a relative error of about 1e-12.
    assert low <= exact_low * (1.0 + 1e-9)
    # The bound is on P(X <= x): at its limit the tail is at most epsilon.
    assert stats.poisson.logcdf(count, float(high)) <= math.log(epsilon) + 1e-6
    assert high <= exact_high * 1.6  # Chernoff's bound loses a factor of order sqrt(count) in P


def test_no_counts_leave_the_logarithm() -> None:
    low, high = chernoff_mean_bounds(0.0, 23.0)
    assert (float(low), float(high)) == (0.0, 23.0)


@given(st.floats(1.0, 1e12), st.floats(0.1, 200.0))
@settings(max_examples=40, derandomize=True)
def test_limits_solve_their_equation_on_the_safe_side(count: float, cost: float) -> None:
    low, high = (float(x) for x in chernoff_mean_bounds(count, cost))
    for mean in (low, high):
        if mean > 0.0:
            exponent = count - mean + count * math.log(mean / count)
            # Cancellation: relative 1e-15 of the count.
            assert exponent == pytest.approx(-cost, rel=1e-6, abs=1e-14 * count)
    assert low < count < high


@pytest.mark.parametrize("count", COUNTS)
def test_published_form_is_never_tighter_than_the_exact_one(count: int) -> None:
    epsilon = 1e-10 / 266.0
    low, high = curty_mean_bounds(count, 2.0 * count + 10.0, epsilon=epsilon)
    least, most = chernoff_mean_bounds(count, -math.log(epsilon))
    if count > 10**4:  # where the multiplicative form is chosen on both sides
        assert low <= least
        assert high >= most
    assert low <= count <= high


def test_published_form_uses_the_larger_deviation_upwards() -> None:
    """The mean can lie further above the count than below it: Claim 3, first case."""
    low, high = curty_mean_bounds(1e6, 1e6, epsilon=1e-10)
    cost = math.log(1e10)
    assert float(high) == pytest.approx(1e6 + math.sqrt(2e6 * (4 * cost + math.log(16.0))))
    assert float(low) == pytest.approx(1e6 - math.sqrt(3e6 * cost))


@given(st.floats(0.0, 1e6), st.floats(1.0, 60.0))
@settings(max_examples=40, derandomize=True)
def test_counts_below_the_bound_are_rare(mean: float, cost: float) -> None:
    bound = float(count_below_mean(mean, cost))
    assert 0.0 <= bound <= mean
    if bound > 1.0:
        assert stats.poisson.logcdf(math.ceil(bound) - 1, mean) <= -cost + 1e-6


def test_arrays_go_through_at_once_and_negative_counts_do_not() -> None:
    low, high = chernoff_mean_bounds(np.arange(6.0).reshape(2, 3), 10.0)
    assert low.shape == high.shape == (2, 3)
    with pytest.raises(InputError, match="negative"):
        chernoff_mean_bounds(-1.0, 10.0)
