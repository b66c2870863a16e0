"""Fits of the exponent: recovered, with an u that covers, and told from -1/2 and -1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.sensing.scaling import Relation, ScalingPoint, fit_scaling

NUMBERS = (1, 2, 3, 4, 6, 10)
DRAWS = 4000
SIMULATED = 4.0 * math.sqrt(0.95 * 0.05 / DRAWS)


def points(exponent: float, *, factor: float = 0.01, u: float | None = 0.02) -> list[ScalingPoint]:
    return [ScalingPoint(n, factor * n**exponent, u) for n in NUMBERS]


def relations(found: object) -> list[Relation]:
    return [one.relation for one in found.comparisons]  # type: ignore[attr-defined]


@given(st.floats(-2.0, 1.0), st.floats(1e-6, 1e3), st.sampled_from([None, 0.001, 0.3]))
def test_a_line_is_found_again(exponent: float, factor: float, u: float | None) -> None:
    found = fit_scaling(points(exponent, factor=factor, u=u), probability=0.95)
    assert found.exponent == pytest.approx(exponent, abs=1e-9)
    assert found.prefactor == pytest.approx(factor, rel=1e-9)
    assert found.interval[0] - 1e-9 <= exponent <= found.interval[1] + 1e-9


def test_by_hand_with_equal_weights() -> None:
    """ln N = 0, ln 2, ln 4 and u = 4, 2, 1.2: slope ln(1.2/4) / (2 ln 2), three points."""
    three = [ScalingPoint(1, 4.0, 0.1), ScalingPoint(2, 2.0, 0.1), ScalingPoint(4, 1.2, 0.1)]
    found = fit_scaling(three, probability=0.95)
    assert found.exponent == pytest.approx(math.log(0.3) / (2.0 * math.log(2.0)), rel=1e-12)
    middle = (math.log(4.0) + math.log(1.2)) / 2.0 - math.log(2.0)
    chi_square = (middle * 2.0 / 3.0) ** 2 * 1.5 / 0.01
    assert found.chi_square == pytest.approx(chi_square, rel=1e-9)
    assert found.exponent_u == pytest.approx(0.1 / (math.sqrt(2.0) * math.log(2.0)), rel=1e-9)
    assert found.degrees_of_freedom == math.inf
    assert found.enlarged == 1.0
    assert found.goodness == pytest.approx(math.erfc(math.sqrt(chi_square / 2.0)), rel=1e-9)


@pytest.mark.parametrize("u", [0.05, None])
def test_the_interval_covers(u: float | None) -> None:
    generator = np.random.default_rng(7)
    hits = 0
    for _ in range(DRAWS):
        drawn = [ScalingPoint(n, n**-0.7 * math.exp(0.05 * generator.normal()), u) for n in NUMBERS]
        low, high = fit_scaling(drawn, probability=0.95).interval
        hits += low <= -0.7 <= high
    # Where u is only ever enlarged, the interval covers more than it says.
    assert hits / DRAWS >= 0.95 - SIMULATED
    if u is None:
        assert hits / DRAWS <= 0.95 + SIMULATED


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (-0.5, [Relation.COMPATIBLE, Relation.SLOWER]),
        (-0.75, [Relation.FASTER, Relation.SLOWER]),
        (-1.0, [Relation.FASTER, Relation.COMPATIBLE]),
        (-1.3, [Relation.FASTER, Relation.FASTER]),
        (0.2, [Relation.SLOWER, Relation.SLOWER]),
    ],
)
def test_it_is_told_from_both(exponent: float, expected: list[Relation]) -> None:
    assert relations(fit_scaling(points(exponent), probability=0.95)) == expected


def test_few_poor_points_tell_nothing() -> None:
    three = [ScalingPoint(n, n**-0.75, 0.5) for n in (1, 2, 3)]
    assert relations(fit_scaling(three, probability=0.95)) == [Relation.COMPATIBLE] * 2


def test_scatter_beyond_the_stated_u_enlarges_it() -> None:
    wild = [ScalingPoint(n, u, 0.01) for n, u in ((1, 1.0), (2, 0.9), (4, 0.4), (8, 0.35))]
    found = fit_scaling(wild, probability=0.95)
    assert found.enlarged > 5.0
    assert found.goodness is not None
    assert found.goodness < 1e-6
    assert found.degrees_of_freedom == 2.0


@pytest.mark.parametrize(
    ("given_points", "where"),
    [
        ([ScalingPoint(1, 1.0), ScalingPoint(2, 0.7)], "point"),
        ([ScalingPoint(1, 1.0), ScalingPoint(2, 0.7), ScalingPoint(2, 0.71)], "point"),
        ([ScalingPoint(0, 1.0), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "N"),
        ([ScalingPoint(1.5, 1.0), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "N"),
        ([ScalingPoint(math.nan, 1.0), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "N"),
        ([ScalingPoint(1, 0.0), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "u"),
        ([ScalingPoint(1, -1.0), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "u"),
        ([ScalingPoint(1, 1.0, 0.1), ScalingPoint(2, 0.7), ScalingPoint(3, 0.6)], "point"),
        ([ScalingPoint(n, 1.0 / n, 0.0) for n in (1, 2, 3)], "u_of_u"),
    ],
)
def test_what_shows_no_scaling_is_refused(given_points: list[ScalingPoint], where: str) -> None:
    with pytest.raises(InputError) as caught:
        fit_scaling(given_points, probability=0.95)
    assert caught.value.where == where


def test_a_confidence_of_one_is_refused() -> None:
    with pytest.raises(InputError, match="confidence"):
        fit_scaling(points(-1.0), probability=1.0)
