"""Joint conformity: exact cases, bounds that always hold, dependent results, draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.uncertainty.joint_conformity import (
    joint_conformance,
    joint_from_draws,
    joint_of_margins,
)

INF = math.inf
ROUNDING = 1e-13
MVN = 1e-6  # what scipy's multivariate normal is asked for
ERRORS = 5.0  # standard errors of the lattice that a figure may be off


def pair(r: float) -> np.ndarray:
    return np.array([[1.0, r], [r, 1.0]])


@pytest.mark.parametrize("r", [0.0, 0.3, 0.95, -0.99, 0.9999999, -0.9999999, 1.0])
def test_the_quadrant_of_two_results(r: float) -> None:
    """Source: Sheppard (1899): P = 1/4 + asin(r) / (2 pi)."""
    found = joint_of_margins([0.0, 0.0], [INF, INF], correlation=pair(r))
    assert found.probability == pytest.approx(0.25 + math.asin(r) / (2.0 * math.pi), abs=1e-12)
    assert found.standard_error == 0.0


@pytest.mark.parametrize(
    ("r12", "r13", "r23"), [(0.5, 0.5, 0.5), (0.9, -0.3, 0.0), (0.0, 0.0, 0.0), (0.99, 0.99, 0.99)]
)
def test_the_octant_of_three_results(r12: float, r13: float, r23: float) -> None:
    """Source: P = 1/8 + (asin r12 + asin r13 + asin r23) / (4 pi)."""
    matrix = np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
    expected = 0.125 + (math.asin(r12) + math.asin(r13) + math.asin(r23)) / (4.0 * math.pi)
    found = joint_of_margins([0.0] * 3, [INF] * 3, correlation=matrix)
    assert found.probability == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("m", [4, 5, 9])
def test_more_results_of_one_common_part(m: int) -> None:
    """With r = 1/2 between all, P(all below 0) = 1 / (m + 1): each is equally likely the least."""
    matrix = np.full((m, m), 0.5) + 0.5 * np.eye(m)
    found = joint_of_margins([-INF] * m, [0.0] * m, correlation=matrix)
    assert abs(found.probability - 1.0 / (m + 1)) < ERRORS * found.standard_error
    assert found.standard_error < 1e-3
    assert "seed" in found.method


@pytest.mark.parametrize("m", [2, 3, 6])
def test_any_box_against_another_program(m: int) -> None:
    source = np.random.Generator(np.random.PCG64(m))
    parts = source.normal(size=(m, m + 2))
    covariance = parts @ parts.T
    y = source.normal(size=m)
    low, high = y - source.uniform(0.5, 4.0, m), y + source.uniform(0.5, 4.0, m)
    found = joint_conformance(y, covariance, low=low, high=high)
    other = stats.multivariate_normal(y, covariance, abseps=MVN, releps=MVN, maxpts=10**6).cdf(
        high, lower_limit=low
    )
    assert abs(found.probability - float(other)) < 10 * MVN + ERRORS * found.standard_error


@settings(max_examples=60, deadline=None)
@given(
    m=st.integers(1, 5),
    seed=st.integers(0, 10_000),
    reach=st.lists(st.floats(-1.0, 4.0), min_size=5, max_size=5),
    sides=st.sampled_from([1, 2]),
)
def test_it_lies_between_bonferroni_and_the_least_likely_one(
    m: int, seed: int, reach: list[float], sides: int
) -> None:
    parts = np.random.Generator(np.random.PCG64(seed)).normal(size=(m, 2))  # singular above two
    covariance = parts @ parts.T
    u = np.sqrt(np.diag(covariance))
    high = np.array(reach[:m]) * u
    low = -np.abs(high) - u if sides == 2 else np.full(m, -INF)
    found = joint_conformance(np.zeros(m), covariance, low=low, high=high)
    assert found.at_least <= found.probability <= found.at_most
    singles = [
        joint_conformance(
            [0.0], covariance[k : k + 1, k : k + 1], low=low[k : k + 1], high=high[k : k + 1]
        )
        for k in range(m)
    ]
    assert found.at_most == pytest.approx(min(one.probability for one in singles), abs=ROUNDING)
    bonferroni = 1.0 - sum(1.0 - one.probability for one in singles)
    assert found.at_least == pytest.approx(max(0.0, bonferroni), abs=1e-12)


def test_a_clamp_to_the_bounds_hides_nothing() -> None:
    """The unclamped lattice of a correlated case lies strictly inside the bounds."""
    matrix = np.full((4, 4), 0.7) + 0.3 * np.eye(4)
    found = joint_of_margins([-INF] * 4, [1.0] * 4, correlation=matrix)
    assert found.at_least + 0.05 < found.if_independent + 0.05 < found.probability < found.at_most


def test_results_that_are_one_result_count_once() -> None:
    same = joint_of_margins([-1.0] * 4, [1.0, 1.0, 1.0, 2.0], correlation=np.ones((4, 4)))
    assert same.probability == pytest.approx(math.erf(1.0 / math.sqrt(2.0)), abs=1e-9)
    opposite = joint_of_margins([-1.0, -1.0], [2.0, 0.5], correlation=pair(-1.0))
    assert opposite.probability == pytest.approx(
        float(stats.norm.cdf(1.0) - stats.norm.cdf(-0.5)), abs=ROUNDING
    )
    third = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])
    three = joint_of_margins([-INF] * 3, [1.0, 0.5, 0.0], correlation=third)
    two = joint_of_margins([-INF] * 2, [0.5, 0.0], correlation=pair(0.5))
    assert three.probability == pytest.approx(two.probability, abs=ROUNDING)
    apart = joint_of_margins([1.0, -INF], [INF, 0.0], correlation=pair(1.0))
    assert apart.probability == 0.0


def test_exact_results_conform_or_not() -> None:
    covariance = np.diag([0.0, 1.0])
    inside = joint_conformance([1.0, 0.0], covariance, low=[1.0, -INF], high=[1.0, 0.0])
    assert inside.probability == pytest.approx(0.5)
    outside = joint_conformance([1.1, 0.0], covariance, low=[1.0, -INF], high=[1.0, 0.0])
    assert outside.probability == 0.0


def test_a_seed_gives_one_figure() -> None:
    matrix = np.full((5, 5), 0.3) + 0.7 * np.eye(5)
    one, again, other = (
        joint_of_margins([-2.0] * 5, [2.0] * 5, correlation=matrix, seed=seed).probability
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    assert one == pytest.approx(other, abs=1e-4)


def test_draws_of_a_joint_t_say_how_sure_they_are() -> None:
    """One chi-square for both: correlated in the tails even with r = 0."""
    source = np.random.Generator(np.random.PCG64(7))
    scale = np.sqrt(4.0 / source.chisquare(4.0, 200_000))
    draws = source.normal(size=(2, 200_000)) * scale
    found = joint_from_draws(draws, low=[-INF, -INF], high=[2.0, 2.0])
    single = float(stats.t.cdf(2.0, 4.0))
    # Of independent t-s it would be the product; the common chi-square makes it more likely.
    assert found.probability > single**2 + 5.0 * found.standard_error
    assert found.at_least <= found.probability <= found.at_most
    draws[0, :1000] = math.nan
    lost = joint_from_draws(draws, low=[-INF, -INF], high=[INF, INF])
    assert lost.probability == pytest.approx(0.995)


@pytest.mark.parametrize(
    ("covariance", "low", "high"),
    [
        pytest.param(np.eye(3), [0.0, 0.0], [1.0, 1.0], id="another shape"),
        pytest.param(np.eye(2), [1.0, 0.0], [0.0, 1.0], id="reversed limits"),
        pytest.param(np.eye(2), [math.nan, 0.0], [1.0, 1.0], id="NaN limit"),
        pytest.param(np.diag([-1.0, 1.0]), [0.0, 0.0], [1.0, 1.0], id="negative variance"),
        pytest.param(
            np.array([[1.0, math.nan], [math.nan, 1.0]]), [0.0, 0.0], [1.0, 1.0], id="NaN"
        ),
    ],
)
def test_what_is_no_case_is_refused(
    covariance: np.ndarray, low: list[float], high: list[float]
) -> None:
    with pytest.raises(InputError):
        joint_conformance([0.0, 0.0], covariance, low=low, high=high)


def test_a_matrix_that_cannot_occur_is_refused() -> None:
    matrix = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]])
    with pytest.raises(InputError, match="eigenvalue"):
        joint_of_margins([0.0] * 3, [INF] * 3, correlation=matrix)
    with pytest.raises(InputError, match="diagonal"):
        joint_of_margins([0.0] * 2, [INF] * 2, correlation=2.0 * np.eye(2))
    with pytest.raises(InputError, match="shape"):
        joint_from_draws(np.zeros((2, 10)), low=[0.0], high=[1.0])
