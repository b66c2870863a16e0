"""The tail of a sample against whole-number arithmetic, against scipy, and at very large sizes."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.physics.hypergeometric import hypergeometric_lower_tail, log_hypergeometric
from qtrace.physics.sampling import exact_tail_errors

EXACT = 1e-11  # relative: rounding of a sum of logarithms and of some thousand products


def exact_tail(seen: int, population: int, marked: int, drawn: int) -> Fraction:
    """Binomial coefficients as whole numbers, no logarithm anywhere."""
    lowest, highest = max(0, drawn + marked - population), min(marked, drawn)
    ways = sum(
        math.comb(marked, k) * math.comb(population - marked, drawn - k)
        for k in range(lowest, min(seen, highest) + 1)
    )
    return Fraction(ways, math.comb(population, drawn))


@given(st.integers(2, 400), st.data())
@settings(max_examples=40, derandomize=True)
def test_tail_is_that_of_whole_numbers(population: int, data: st.DataObject) -> None:
    marked = data.draw(st.integers(0, population))
    drawn = data.draw(st.integers(1, population))
    seen = data.draw(st.integers(0, drawn))
    ours = hypergeometric_lower_tail(seen, population=population, marked=marked, drawn=drawn)
    expected = exact_tail(seen, population, marked, drawn)
    assert ours == pytest.approx(float(expected), rel=EXACT, abs=1e-15)


@pytest.mark.parametrize(
    ("seen", "population", "marked", "drawn"),
    [(300, 60_000, 1_000, 30_000), (0, 50_000, 40, 25_000), (49_000, 50_001, 49_050, 49_950)],
)
def test_one_probability_of_thousands_of_items(
    seen: int, population: int, marked: int, drawn: int
) -> None:
    ways = math.comb(marked, seen) * math.comb(population - marked, drawn - seen)
    # Logarithms of whole numbers of any length are right to the last digit or two.
    expected = math.log(ways) - math.log(math.comb(population, drawn))
    ours = log_hypergeometric(seen, population=population, marked=marked, drawn=drawn)
    assert ours == pytest.approx(expected, rel=1e-10, abs=1e-9)


def test_a_thousand_million_errors_cost_no_time_and_lie_where_the_normal_law_says() -> None:
    """So many terms once took minutes and all the memory."""
    sample, errors = 20_000_000_000, 1_000_000_000
    allowed = exact_tail_errors(errors, sample=sample, untested=sample, epsilon=1e-10)
    sigma = math.sqrt(2.0 * sample * 0.05 * 0.95)
    assert (allowed - errors) / sigma == pytest.approx(6.361341, rel=1e-3)  # normal quantile


def test_values_of_the_sum_over_all_terms_are_kept() -> None:
    """Computed before by bisection over the whole range and sums of all terms that matter."""
    large = exact_tail_errors(50_000_000, sample=10**9, untested=10**9 + 7, epsilon=1e-10)
    assert large == 50_062_022
    assert exact_tail_errors(70, sample=1550, untested=1557, epsilon=1e-10) == 163


@given(st.integers(1, 300), st.integers(1, 300), st.floats(1e-12, 0.999), st.data())
@settings(max_examples=40, derandomize=True)
def test_the_inversion_is_that_of_whole_numbers(
    sample: int, untested: int, epsilon: float, data: st.DataObject
) -> None:
    seen = data.draw(st.integers(0, sample))
    allowed = exact_tail_errors(seen, sample=sample, untested=untested, epsilon=epsilon)
    tails = [
        exact_tail(seen, sample + untested, seen + j, sample)
        for j in (allowed, min(allowed + 1, untested))
    ]
    assert tails[0] > epsilon
    assert allowed == untested or tails[1] <= epsilon
