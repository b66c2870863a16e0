"""Intervals from draws hold the share they promise: q = pM of ALL draws, lost ones outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from qtrace.errors import InputError
from qtrace.uncertainty.coverage_interval import (
    IntervalKind,
    OutsideDomainError,
    coverage_interval,
    covered_draws,
    shortest_interval,
    symmetric_interval,
)

Array = NDArray[np.float64]
N = 100_000
# Five standard deviations of a sample quantile are 5 sqrt(p (1 - p) / n) / density.
TAIL = 5.0 * math.sqrt(0.025 * 0.975 / N)


def ranks(n: int) -> Array:
    """Return 1 ... n, where every order statistic is its own rank, out of order."""
    return np.random.default_rng(1).permutation(np.arange(1.0, n + 1.0))


@pytest.mark.parametrize(
    ("n", "p", "q"),
    [
        (1000, 0.95, 950),  # whole
        (10_000, 0.99, 9900),  # whole, though 0.99 is no binary fraction
        (30, 0.95, 29),  # 28.5 -> integer part of 29.0
        (33, 0.95, 31),  # 31.35 -> 31
        (35, 0.95, 33),  # 33.25 -> 33
        (37, 0.95, 35),  # 35.15 -> 35
        (50, 0.95, 48),  # 47.5 -> 48
    ],
)
def test_q_is_pm_or_rounded_half_up(n: int, p: float, q: int) -> None:
    """JCGM 101, 7.7.2."""
    assert covered_draws(n, p) == q


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [
        (1000, 25.0, 975.0),  # M - q = 50: r = 25
        (50, 1.0, 49.0),  # M - q = 2: r = 1
        (30, 1.0, 30.0),  # M - q = 1, odd: r = integer part of 2/2
        (100, 3.0, 98.0),  # M - q = 5, odd: r = 3
    ],
)
def test_the_symmetric_interval_is_two_order_statistics(n: int, low: float, high: float) -> None:
    interval = symmetric_interval(ranks(n), 0.95)
    assert (interval.low, interval.high) == (low, high)
    assert interval.high - interval.low == interval.covered


def test_the_shortest_interval_lies_where_draws_are_dense() -> None:
    """Exponential: the shortest 95 % interval starts at 0 and ends at -ln 0.05."""
    draws = np.random.default_rng(2).exponential(size=N)
    shortest, symmetric = shortest_interval(draws, 0.95), symmetric_interval(draws, 0.95)
    end = 5.0 * math.sqrt(0.05 * 0.95 / N) / 0.05
    assert shortest.low == pytest.approx(0.0, abs=2e-3)  # of a density of one per unit
    assert shortest.high == pytest.approx(-math.log(0.05), abs=end)
    assert symmetric.low == pytest.approx(-math.log(0.975), abs=TAIL / 0.975)
    assert symmetric.high == pytest.approx(-math.log(0.025), abs=TAIL / 0.025)
    assert shortest.width < symmetric.width


def test_both_agree_where_the_distribution_is_symmetric_with_one_peak() -> None:
    draws = np.random.default_rng(3).standard_normal(N)
    k = float(stats.norm.ppf(0.975))
    density = float(stats.norm.pdf(k))
    symmetric = symmetric_interval(draws, 0.95)
    assert (symmetric.low, symmetric.high) == pytest.approx((-k, k), abs=TAIL / density)
    # The width is sharp, the position is not: its scatter falls with the cube root of n.
    assert shortest_interval(draws, 0.95).width == pytest.approx(2.0 * k, abs=2 * TAIL / density)


def test_of_equally_short_intervals_the_middle_one_is_taken() -> None:
    interval = shortest_interval(np.arange(100.0), 0.9)
    assert (interval.low, interval.high) == (5.0, 95.0)


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(60, 900),
    p=st.sampled_from([0.5, 0.68, 0.9, 0.95]),
    lost=st.integers(0, 2),
    kind=st.sampled_from(IntervalKind),
)
@settings(max_examples=60, deadline=None)
def test_an_interval_holds_its_share_of_all_draws_lost_ones_counted(
    seed: int, n: int, p: float, lost: int, kind: IntervalKind
) -> None:
    generator = np.random.default_rng(seed)
    draws = generator.standard_gamma(1.5, size=n)
    draws[:lost] = [np.nan, np.inf][:lost]
    interval = coverage_interval(draws, p, kind=kind)
    inside = np.count_nonzero((draws >= interval.low) & (draws <= interval.high))
    assert inside == interval.covered + 1  # from y_(r) to y_(r+q), both ends counted
    assert abs(interval.covered - p * n) <= 0.5
    assert interval.outside_domain == lost
    assert interval.n == n
    assert shortest_interval(draws, p).width <= symmetric_interval(draws, p).width
    moved = coverage_interval(3.0 * draws + 2.0, p, kind=kind)
    assert moved.low == pytest.approx(3.0 * interval.low + 2.0, rel=1e-12)
    assert moved.high == pytest.approx(3.0 * interval.high + 2.0, rel=1e-12)


def test_lost_draws_widen_the_interval() -> None:
    draws = ranks(1000)
    whole = symmetric_interval(draws, 0.95)
    draws[draws > 980.0] = np.nan  # 2 %: they may lie anywhere
    kept = symmetric_interval(draws, 0.95)
    assert kept.outside_domain == 20
    assert (kept.low, kept.high) == (15.0, 965.0)
    assert kept.low < whole.low


@pytest.mark.parametrize("kind", IntervalKind)
def test_too_many_lost_draws_leave_no_interval_and_their_share_is_said(kind: IntervalKind) -> None:
    draws = ranks(1000)
    draws[:60] = np.nan
    with pytest.raises(OutsideDomainError, match=r"60 of 1000 draws \(6.000%\)"):
        coverage_interval(draws, 0.95, kind=kind)


@pytest.mark.parametrize(("n", "p"), [(9, 0.95), (1, 0.5), (99, 0.999)])
def test_too_few_draws_have_no_ends(n: int, p: float) -> None:
    with pytest.raises(InputError, match="cannot place the ends"):
        coverage_interval(ranks(n), p)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, math.nan])
def test_a_probability_lies_between_0_and_1(p: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        coverage_interval(ranks(100), p)
