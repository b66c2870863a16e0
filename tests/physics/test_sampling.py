"""Random sampling: the exact tail against scipy and by counting, the bounds against the tail."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.physics.hypergeometric import hypergeometric_lower_tail
from qtrace.physics.sampling import exact_tail_errors, gamma_deviation, serfling_deviation

LOG_GAMMA = 1e-9  # relative: cancellation in differences of log-gamma at these sizes


@st.composite
def draws(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Population, marked, drawn, seen: not necessarily possible."""
    population = draw(st.integers(2, 3000))
    marked = draw(st.integers(0, population))
    drawn = draw(st.integers(1, population))
    return population, marked, drawn, draw(st.integers(0, drawn))


@given(draws())
def test_tail_agrees_with_an_independent_implementation(case: tuple[int, int, int, int]) -> None:
    population, marked, drawn, seen = case
    expected = float(stats.hypergeom.cdf(seen, population, marked, drawn))
    ours = hypergeometric_lower_tail(seen, population=population, marked=marked, drawn=drawn)
    assert ours == pytest.approx(expected, rel=1e-7, abs=1e-250)


def test_tail_counted_out_by_hand() -> None:
    # All 20 ways to draw 3 of 6, of which 2 are marked: 4 see none, 12 see one.
    ways = list(itertools.combinations(range(6), 3))
    seen = [len({0, 1} & set(way)) for way in ways]
    for limit in range(3):
        expected = sum(one <= limit for one in seen) / len(ways)
        ours = hypergeometric_lower_tail(limit, population=6, marked=2, drawn=3)
        assert ours == pytest.approx(expected, rel=LOG_GAMMA)


def test_the_left_out_terms_of_a_long_tail_do_not_matter() -> None:
    expected = float(stats.hypergeom.cdf(10_000, 1_000_000, 20_911, 500_000))
    ours = hypergeometric_lower_tail(10_000, population=1_000_000, marked=20_911, drawn=500_000)
    assert ours == pytest.approx(expected, rel=1e-6)


@settings(max_examples=50)
@given(st.integers(1, 600), st.integers(1, 600), st.floats(1e-12, 0.2), st.data())
def test_inversion_is_the_largest_number_that_the_tail_allows(
    sample: int, untested: int, epsilon: float, data: st.DataObject
) -> None:
    seen = data.draw(st.integers(0, sample))
    allowed = exact_tail_errors(seen, sample=sample, untested=untested, epsilon=epsilon)

    def tail(errors: int) -> float:
        return hypergeometric_lower_tail(
            seen, population=sample + untested, marked=seen + errors, drawn=sample
        )

    assert 0 <= allowed <= untested
    assert tail(allowed) > epsilon
    if allowed < untested:
        assert tail(allowed + 1) <= epsilon


def test_the_promise_holds_whatever_the_true_number_of_errors() -> None:
    # For each total, add up the probability that the untested part has more than is allowed.
    sample, untested, epsilon = 40, 30, 1e-3
    allowed = [
        exact_tail_errors(seen, sample=sample, untested=untested, epsilon=epsilon)
        for seen in range(sample + 1)
    ]
    for total in range(sample + untested + 1):
        seen = np.arange(max(0, total - untested), min(sample, total) + 1)
        chance = stats.hypergeom.pmf(seen, sample + untested, total, sample)
        failed = np.array([total - k > allowed[k] for k in seen])
        assert float(chance[failed].sum()) <= epsilon


def test_no_errors_seen_is_not_no_errors() -> None:
    allowed = exact_tail_errors(0, sample=1550, untested=1550, epsilon=1e-10)
    # About log2(1e10) errors: each lies in the tested half with probability one half.
    assert allowed == pytest.approx(33, abs=1)


@given(st.integers(0, 200), st.floats(1e-12, 1e-3))
def test_more_errors_or_less_risk_never_help(seen: int, epsilon: float) -> None:
    here = exact_tail_errors(seen, sample=500, untested=400, epsilon=epsilon)
    assert exact_tail_errors(seen + 1, sample=500, untested=400, epsilon=epsilon) >= here
    assert exact_tail_errors(seen, sample=500, untested=400, epsilon=epsilon / 10) >= here


def test_gamma_is_more_cautious_than_the_tail_at_seventy_errors() -> None:
    rate = 70 / 1550
    bound = rate + gamma_deviation(1e-10, rate, sample=1550, untested=1550)
    exact = exact_tail_errors(70, sample=1550, untested=1550, epsilon=1e-10) / 1550
    assert bound == pytest.approx(0.11535, abs=1e-5)
    assert exact == 163 / 1550
    assert bound > exact


def test_gamma_written_out() -> None:
    # Lim et al. (2014) below Eq. 5, term by term, with 1/a for 21/a.
    a, b, c, d = 1e-10, 0.03, 2000.0, 5000.0
    inside = (c + d) * (1 - b) * b / (c * d * math.log(2))
    expected = math.sqrt(inside * math.log2((c + d) / (c * d * (1 - b) * b) / a**2))
    assert gamma_deviation(a, b, sample=c, untested=d) == pytest.approx(expected, rel=1e-12)


def test_gamma_without_errors_is_refused_and_points_to_the_tail() -> None:
    with pytest.raises(InputError, match="exact tail"):
        gamma_deviation(1e-10, 0.0, sample=100, untested=100)


def test_gamma_is_zero_where_even_no_deviation_is_rare_enough() -> None:
    # At an epsilon near 1 and large samples the logarithm turns negative.
    assert gamma_deviation(0.9, 0.3, sample=1e6, untested=1e6) == 0.0


@given(st.integers(10, 2000), st.integers(10, 2000), st.floats(1e-6, 0.3), st.data())
@settings(max_examples=50)
def test_serfling_holds_with_the_square_of_its_epsilon(
    sample: int, untested: int, epsilon: float, data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sample + untested))
    deviation = float(serfling_deviation(epsilon, sample=sample, untested=untested))
    seen = np.arange(max(0, total - untested), min(sample, total) + 1)
    exceeds = (total - seen) / untested >= seen / sample + deviation
    chance = stats.hypergeom.pmf(seen[exceeds], sample + untested, total, sample)
    assert float(chance.sum()) <= epsilon**2


def test_serfling_of_the_published_setting() -> None:
    # n = k = 1e6, smoothing 0.5e-10: the mu of the case bbm92-tom2012.
    mu = serfling_deviation(0.5e-10, sample=1e6, untested=1e6)
    assert mu == pytest.approx(0.0068875281240076995, rel=1e-9)


@pytest.mark.parametrize("epsilon", [0.0, 1.0, -1e-10, float("nan")])
def test_an_epsilon_that_is_no_probability_is_refused(epsilon: float) -> None:
    with pytest.raises(InputError, match="failure probability"):
        gamma_deviation(epsilon, 0.1, sample=10, untested=10)
    with pytest.raises(InputError, match="failure probability"):
        serfling_deviation(epsilon, sample=10, untested=10)
    with pytest.raises(InputError, match="failure probability"):
        exact_tail_errors(1, sample=10, untested=10, epsilon=epsilon)


@pytest.mark.parametrize(
    ("seen", "sample", "untested"), [(11, 10, 5), (-1, 10, 5), (0, 0, 5), (1, 10, 0)]
)
def test_impossible_samples_are_refused(seen: int, sample: int, untested: int) -> None:
    with pytest.raises(InputError, match="cannot be"):
        exact_tail_errors(seen, sample=sample, untested=untested, epsilon=1e-10)


def test_bounds_need_counts_in_both_parts() -> None:
    with pytest.raises(InputError, match="counts in both"):
        gamma_deviation(1e-10, 0.1, sample=0.0, untested=10)
    with pytest.raises(InputError, match="counts in both"):
        serfling_deviation(1e-10, sample=10, untested=0.0)
