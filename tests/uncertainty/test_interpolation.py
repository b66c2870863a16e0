"""Interpolation: against scipy, against finite differences, and by the laws that must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from qtrace.errors import InputError
from qtrace.uncertainty.interpolation import INTERPOLANTS, hat_weights, interpolate, stencil

NAMES = tuple(INTERPOLANTS)
SAME_ARITHMETIC = 1e-11  # other order of the same operations, condition of the splines below 100
DIFFERENCES = 1e-7  # central differences of functions of size one, step 1e-6
X = np.array([1500.0, 1510.0, 1525.0, 1530.0, 1551.0, 1570.0, 1600.0]) * 1e-9
Y = np.array([0.90, 0.93, 0.91, 0.915, 0.94, 0.95, 0.955])


def oracle(name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> object:
    """Return scipy's interpolant of the same name, on an axis of nanometres."""
    match name:
        case "linear/1":
            return None
        case "cubic_spline/1":
            return CubicSpline(x * 1e9, y, bc_type="not-a-knot")
        case "natural_spline/1":
            return CubicSpline(x * 1e9, y, bc_type="natural")
        case _:
            return PchipInterpolator(x * 1e9, y)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("points", [2, 3, 4, 7])
def test_values_and_slopes_are_those_of_scipy(name: str, points: int) -> None:
    x, y = X[:points], Y[:points]
    theirs = oracle(name, x, y)
    for at in np.linspace(x[0], x[-1], 41):
        ours = interpolate(name, x, y, at=float(at))
        if theirs is None or (points == 2):
            assert ours.value == pytest.approx(np.interp(at, x, y), rel=SAME_ARITHMETIC)
            continue
        assert ours.value == pytest.approx(float(theirs(at * 1e9)), rel=SAME_ARITHMETIC)
        slope = float(theirs(at * 1e9, 1)) * 1e9
        assert ours.slope == pytest.approx(slope, rel=1e-9, abs=1e-4)  # slopes are about 1e6 /m


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_the_derivatives_by_each_point(name: str) -> None:
    for at in (1500.5e-9, 1512e-9, 1527e-9, 1540e-9, 1599e-9):
        ours = interpolate(name, X, Y, at=at)
        step = 1e-6
        for k in range(len(X)):
            moved = np.eye(len(X))[k] * step
            up = interpolate(name, X, Y + moved, at=at).value
            down = interpolate(name, X, Y - moved, at=at).value
            assert ours.weights[k] == pytest.approx((up - down) / (2 * step), abs=DIFFERENCES)


@pytest.mark.parametrize("name", NAMES)
def test_a_point_of_the_table_is_met_exactly(name: str) -> None:
    for k, at in enumerate(X):
        ours = interpolate(name, X, Y, at=float(at))
        assert ours.value == Y[k]
        assert ours.weights.tolist() == np.eye(len(X))[k].tolist()


ordinates = st.lists(st.floats(-5.0, 5.0).map(lambda v: round(v, 3)), min_size=2, max_size=8)


@given(name=st.sampled_from(NAMES), y=ordinates, place=st.floats(0.0, 1.0))
def test_laws_of_every_interpolant(name: str, y: list[float], place: float) -> None:
    x = np.cumsum(1.0 + np.arange(len(y)) % 3)
    at = float(min(max(x[0] + place * (x[-1] - x[0]), x[0]), x[-1]))
    whole = interpolate(name, x, y, at=at)
    # A constant is kept, the value is the sum of the weighted points, and it scales with them.
    assert float(np.sum(whole.weights)) == pytest.approx(1.0, abs=1e-9)
    assert whole.value == pytest.approx(float(whole.weights @ np.array(y)), abs=1e-12)
    assert interpolate(name, x, 2.0 * np.array(y), at=at).value == pytest.approx(
        2.0 * whole.value, abs=1e-9
    )
    first, last = stencil(name, x, at=at)
    part = interpolate(name, x[first:last], y[first:last], at=at)
    assert part.value == pytest.approx(whole.value, abs=1e-9)
    assert part.slope == pytest.approx(whole.slope, abs=1e-8)
    outside = [w for k, w in enumerate(whole.weights) if not first <= k < last]
    assert not any(outside)


@given(y=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=8), place=st.floats(0.0, 1.0))
def test_the_monotone_interpolant_stays_between_its_neighbours(
    y: list[float], place: float
) -> None:
    x = np.arange(float(len(y)))
    at = place * (len(y) - 1)
    k = min(int(at), len(y) - 2)
    value = interpolate("pchip/1", x, y, at=at).value
    low, high = sorted((y[k], y[k + 1]))
    assert low - 1e-9 <= value <= high + 1e-9


@pytest.mark.parametrize(
    ("x", "y", "at", "says"),
    [
        ([1.0], [1.0], 1.0, "1 point gives no curve"),
        ([1.0, 1.0], [1.0, 2.0], 1.0, "do not ascend"),
        ([2.0, 1.0], [1.0, 2.0], 1.5, "do not ascend"),
        ([1.0, 2.0], [1.0, math.nan], 1.5, "NaN"),
        ([1.0, 2.0], [1.0, 2.0], 2.1, "outside the points"),
        ([1.0, 2.0], [1.0, 2.0], math.nan, "outside the points"),
        ([1.0, 2.0], [1.0], 1.5, "one ordinate for each"),
    ],
)
def test_bad_points_are_refused(x: list[float], y: list[float], at: float, says: str) -> None:
    with pytest.raises(InputError) as caught:
        interpolate("linear/1", x, y, at=at)
    assert says in caught.value.diagnostics()


def test_an_unpinned_name_is_refused() -> None:
    with pytest.raises(InputError, match="unknown interpolant 'linear'"):
        interpolate("linear", X, Y, at=1510e-9)


@given(st.floats(0.0, 99.0))
def test_hats_keep_the_variance_and_correlate_neighbours(at: float) -> None:
    weights = dict(hat_weights(0.0, 10.0, at=at))
    assert sum(w * w for w in weights.values()) == pytest.approx(1.0, rel=1e-12)
    far = dict(hat_weights(0.0, 10.0, at=at + 20.1))
    assert not set(weights) & set(far)


def correlation_of_uses(first: float, second: float) -> float:
    one, other = (dict(hat_weights(0.0, 10.0, at=at)) for at in (first, second))
    return sum(w * other.get(node, 0.0) for node, w in one.items())


def test_correlation_falls_with_the_distance() -> None:
    assert correlation_of_uses(12.0, 12.0) == pytest.approx(1.0)
    # At 10 and 15: one node of weight 1 against weights 1/sqrt(2) each.
    assert correlation_of_uses(10.0, 15.0) == pytest.approx(math.sqrt(0.5))
    assert correlation_of_uses(10.0, 20.0) == 0.0
    assert hat_weights(0.0, math.inf, at=50.0) == ((0, 1.0),)
