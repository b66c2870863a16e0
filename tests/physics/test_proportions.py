"""Exact intervals: published values, coverage counted out, and zero counts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.physics.proportions import (
    Interval,
    clopper_pearson,
    jeffreys,
    jeffreys_poisson,
    poisson_interval,
    poisson_upper_limit,
)

PUBLISHED = 1e-9  # relative: how the reference values are given
QUANTILE = 1e-8  # absolute in probability: inverse functions of the beta and gamma


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 100, 0.0, 0.03621669264517641),
        (140, 3100, 0.03812243352486873, 0.05307360223455098),
        (911, 911, 0.9959589232695496, 1.0),
    ],
)
def test_clopper_pearson_known_values(successes: int, trials: int, low: float, high: float) -> None:
    interval = clopper_pearson(successes, trials, probability=0.95)
    assert interval == pytest.approx(Interval(low, high, 0.95), rel=PUBLISHED)


@given(st.integers(1, 400), st.data())
def test_clopper_pearson_ends_are_where_the_tails_are(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    interval = clopper_pearson(successes, trials, probability=0.95)
    if successes > 0:
        above = float(stats.binom.sf(successes - 1, trials, interval.low))
        assert above == pytest.approx(0.025, abs=QUANTILE)
    if successes < trials:
        below = float(stats.binom.cdf(successes, trials, interval.high))
        assert below == pytest.approx(0.025, abs=QUANTILE)


@pytest.mark.parametrize("rate", [0.01, 0.045, 0.11, 0.5])
def test_clopper_pearson_covers_at_least_what_it_says(rate: float) -> None:
    trials = 60
    covered = 0.0
    for k in range(trials + 1):
        interval = clopper_pearson(k, trials, probability=0.9)
        if interval.low <= rate <= interval.high:
            covered += float(stats.binom.pmf(k, trials, rate))
    assert covered >= 0.9


def test_jeffreys_lies_inside_clopper_pearson() -> None:
    for successes in range(21):
        inner = jeffreys(successes, 20, probability=0.95)
        outer = clopper_pearson(successes, 20, probability=0.95)
        assert outer.low <= inner.low <= inner.high <= outer.high


def test_jeffreys_ends_at_the_ends() -> None:
    assert jeffreys(0, 20, probability=0.95).low == 0.0
    assert jeffreys(20, 20, probability=0.95).high == 1.0


def test_poisson_interval_known_values() -> None:
    # Garwood (1936), 95 %: ten counts, 4.795 to 18.39; no counts, 0 to 3.689.
    four_digits = 1e-3
    assert poisson_interval(10, probability=0.95)[:2] == pytest.approx(
        (4.795, 18.39), rel=four_digits
    )
    assert poisson_interval(0, probability=0.95)[:2] == pytest.approx((0.0, 3.689), rel=four_digits)


def test_no_counts_still_allow_three() -> None:
    limit = poisson_upper_limit(0, probability=0.95)
    assert limit == pytest.approx(-math.log(0.05), rel=PUBLISHED)


@given(st.integers(0, 500), st.floats(0.5, 0.999))
def test_poisson_limit_leaves_the_tail_it_says(counts: int, probability: float) -> None:
    limit = poisson_upper_limit(counts, probability=probability)
    assert float(stats.poisson.cdf(counts, limit)) == pytest.approx(1.0 - probability, abs=QUANTILE)


def test_errors_above_counts_are_refused() -> None:
    with pytest.raises(InputError, match="5 errors are more than 4 counts"):
        clopper_pearson(5, 4, probability=0.95)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 4), (0, 0)])
def test_what_is_no_proportion_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(InputError, match="no proportion"):
        jeffreys(successes, trials, probability=0.95)


@pytest.mark.parametrize("probability", [0.0, 1.0, 95.0, float("nan")])
def test_a_coverage_that_is_no_probability_is_refused(probability: float) -> None:
    for call in (clopper_pearson, jeffreys):
        with pytest.raises(InputError, match="coverage probability"):
            call(1, 2, probability=probability)
    with pytest.raises(InputError, match="coverage probability"):
        poisson_interval(1, probability=probability)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        poisson_interval(-1, probability=0.95)
    with pytest.raises(InputError, match="negative"):
        poisson_upper_limit(-1, probability=0.95)


def test_the_jeffreys_interval_of_a_poisson_mean_is_that_of_its_posterior() -> None:
    # Half of chi-square with 2 n + 1 = 7 degrees of freedom: 1.68987 and 16.0128 (tables).
    found = jeffreys_poisson(3, probability=0.95)
    assert found.low == pytest.approx(1.68987 / 2.0, rel=1e-5)
    assert found.high == pytest.approx(16.0128 / 2.0, rel=1e-5)
    assert jeffreys_poisson(0, probability=0.95).low == 0.0
    with pytest.raises(InputError, match="negative"):
        jeffreys_poisson(-1, probability=0.95)
