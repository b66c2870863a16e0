"""Interpolation between the points of a table, with the weight of each point and the slope.

Inside: `INTERPOLANTS`, `Interpolated`, `interpolate`, `stencil`, `hat_weights`.

Every interpolant here is homogeneous of degree one in the ordinates, so that the value equals the
sum of weight times ordinate; `weights` are also the exact derivatives d(value)/d(ordinate), which
is what a `linear` result keeps. Versions are pinned: a changed formula is another name.
Source: de Boor, A Practical Guide to Splines (1978), chapter IV (splines; chapter from memory);
Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984) (monotone); all checked against
scipy.interpolate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
LEAST_POINTS = 2
STEEPEST_END = 3.0  # times the first secant: beyond it a monotone end would overshoot


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """The value at one argument, d(value)/d(ordinate) of every point (n,), and the slope there."""

    value: float
    weights: Array
    slope: float


# Cell index, (n,) abscissae, (n,) ordinates, abscissa of use -> (weights, weights of the slope).
_Rule = Callable[[int, Array, Array, float], tuple[Array, Array]]


def interpolate(name: str, x: ArrayLike, y: ArrayLike, *, at: float) -> Interpolated:
    """Interpolate between points.

    Args:
        name: Interpolant with its version, one of `INTERPOLANTS`.
        x: Abscissae, shape (n,), ascending, n at least 2.
        y: Ordinates, shape (n,).
        at: Where; within the abscissae, as extrapolation is no interpolation.

    Returns:
        Value, weights and slope, in the units given.

    Raises:
        InputError: fewer than two points, abscissae that do not ascend, NaN, an argument outside
            the points, or an unknown interpolant.

    Source: as the module; value = sum(w_i y_i) by Euler's theorem on homogeneous functions.
    """
    abscissae, ordinates = _checked(x, y, at)
    if name not in INTERPOLANTS:
        raise InputError(
            f"unknown interpolant {name!r}", next_step=f"choose one of: {', '.join(INTERPOLANTS)}"
        )
    # The rules work on 0 ... 1: wavelengths in metres would lose the digits of a cubic.
    start, width = float(abscissae[0]), float(abscissae[-1] - abscissae[0])
    scaled = (abscissae - start) / width
    cell = _cell(abscissae, at)
    weights, slopes = INTERPOLANTS[name](cell, scaled, ordinates, (at - start) / width)
    for k in (cell, cell + 1):
        if at == abscissae[k]:  # a point of the table is met exactly, whatever the rounding
            weights = np.eye(len(ordinates))[k]
    return Interpolated(float(weights @ ordinates), weights, float(slopes @ ordinates) / width)


def stencil(name: str, x: ArrayLike, *, at: float) -> tuple[int, int]:
    """Return the range [first, last) of points that an interpolant looks at for one argument.

    Interpolating between these points alone gives the same value, weights and slope.

    Args:
        name: Interpolant with its version.
        x: Abscissae, shape (n,), ascending.
        at: Where, within the abscissae.
    """
    abscissae = np.asarray(x, dtype=np.float64)
    reach = _REACH.get(name)
    if reach is None:
        return 0, len(abscissae)
    cell = _cell(abscissae, at)
    return max(0, cell - reach), min(len(abscissae), cell + 2 + reach)


def hat_weights(start: float, spacing: float, *, at: float) -> tuple[tuple[int, float], ...]:
    """Return the nodes of a grid, with weights, that carry an error process at one argument.

    The process is a random number of unit variance at each node, shared by all uses: two uses
    within a cell are correlated, two that are more than two spacings apart are not.

    Args:
        start: Abscissa of node 0.
        spacing: Correlation length, the distance of the nodes; infinite for one node alone.
        at: Where, at or above `start`.

    Returns:
        (node, weight), one or two; the squares of the weights add up to one.

    Source: own construction: piecewise linear (hat) functions, normalised to constant variance.
    """
    if math.isinf(spacing):
        return ((0, 1.0),)
    place = (at - start) / spacing
    node = math.floor(place)
    share = place - node
    size = math.hypot(1.0 - share, share)
    pairs = ((node, (1.0 - share) / size), (node + 1, share / size))
    return tuple((k, weight) for k, weight in pairs if weight > 0.0)


def _checked(x: ArrayLike, y: ArrayLike, at: float) -> tuple[Array, Array]:
    abscissae = np.asarray(x, dtype=np.float64)
    ordinates = np.asarray(y, dtype=np.float64)
    if abscissae.ndim != 1 or abscissae.shape != ordinates.shape:
        raise InputError(
            f"abscissae of shape {abscissae.shape}, ordinates of shape {ordinates.shape}",
            next_step="give one ordinate for each abscissa",
        )
    if len(abscissae) < LEAST_POINTS:
        raise InputError(
            f"{len(abscissae)} point gives no curve", next_step="give at least two points"
        )
    if not (np.all(np.isfinite(abscissae)) and np.all(np.isfinite(ordinates))):
        raise InputError("a point holds NaN or infinity", next_step="leave it out and say so")
    if not np.all(np.diff(abscissae) > 0.0):
        raise InputError(
            "the arguments of the points do not ascend", next_step="sort them, each argument once"
        )
    if not abscissae[0] <= at <= abscissae[-1]:
        raise InputError(
            f"{at:g} lies outside the points, {abscissae[0]:g} to {abscissae[-1]:g}",
            next_step="a curve is not extrapolated: calibrate there",
        )
    return abscissae, ordinates


def _cell(x: Array, at: float) -> int:
    """Return i with x[i] <= at <= x[i + 1]."""
    return min(max(int(np.searchsorted(x, at, side="right")) - 1, 0), len(x) - 2)


def _linear(cell: int, x: Array, y: Array, at: float) -> tuple[Array, Array]:
    """Return the rule of the straight line between neighbours."""
    weights, slopes = np.zeros_like(y), np.zeros_like(y)
    width = float(x[cell + 1] - x[cell])
    share = (at - float(x[cell])) / width
    weights[cell], weights[cell + 1] = 1.0 - share, share
    slopes[cell], slopes[cell + 1] = -1.0 / width, 1.0 / width
    return weights, slopes


def _spline(cell: int, x: Array, y: Array, at: float, *, natural: bool) -> tuple[Array, Array]:
    """Return the rule of a cubic spline by its second derivatives M = L y."""
    n = len(x)
    if n == LEAST_POINTS:
        return _linear(cell, x, y, at)
    h = np.diff(x)
    system, right = np.zeros((n, n)), np.zeros((n, n))
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2.0 * (h[i - 1] + h[i]), h[i]
        right[i, i - 1 : i + 2] = 6.0 / h[i - 1], -6.0 / h[i - 1] - 6.0 / h[i], 6.0 / h[i]
    if natural:
        system[0, 0] = system[-1, -1] = 1.0
    elif n == LEAST_POINTS + 1:  # both ends ask the same: one parabola through three points
        system[0, :2] = system[-1, -2:] = 1.0, -1.0
    else:  # the third derivative has no step at the second and the last but one point
        system[0, :3] = -h[1], h[0] + h[1], -h[0]
        system[-1, -3:] = -h[-1], h[-2] + h[-1], -h[-2]
    bend = np.linalg.solve(system, right)
    width = float(h[cell])
    b = (at - float(x[cell])) / width
    a = 1.0 - b
    line, line_slope = _linear(cell, x, y, at)
    weights = line + ((a**3 - a) * bend[cell] + (b**3 - b) * bend[cell + 1]) * width**2 / 6.0
    slopes = line_slope + (
        ((3.0 * b**2 - 1.0) * bend[cell + 1] - (3.0 * a**2 - 1.0) * bend[cell]) * width / 6.0
    )
    return weights, slopes


def _not_a_knot(cell: int, x: Array, y: Array, at: float) -> tuple[Array, Array]:
    return _spline(cell, x, y, at, natural=False)


def _natural(cell: int, x: Array, y: Array, at: float) -> tuple[Array, Array]:
    return _spline(cell, x, y, at, natural=True)


def _pchip(cell: int, x: Array, y: Array, at: float) -> tuple[Array, Array]:
    """Return the rule of the monotone cubic: value and its derivative by every ordinate.

    The slope at a point depends on the ordinates in a curved way, so the rule of the slope is
    taken as its sum over ordinates too (homogeneous of degree one).
    """
    if len(x) == LEAST_POINTS:
        return _linear(cell, x, y, at)
    left, right = _tangent(cell, x, y), _tangent(cell + 1, x, y)
    width = float(x[cell + 1] - x[cell])
    t = (at - float(x[cell])) / width
    unit = np.eye(len(y))
    rise = unit[cell + 1] - unit[cell]
    weights = unit[cell] + (3.0 * t**2 - 2.0 * t**3) * rise
    weights = weights + width * ((t - 2.0 * t**2 + t**3) * left + (t**3 - t**2) * right)
    slopes = (6.0 * t - 6.0 * t**2) * rise / width
    slopes = slopes + (1.0 - 4.0 * t + 3.0 * t**2) * left + (3.0 * t**2 - 2.0 * t) * right
    return weights, slopes


def _tangent(k: int, x: Array, y: Array) -> Array:
    """Return d(slope at point k)/d(ordinate), shape (n,); its product with y is the slope."""
    n, unit = len(x), np.eye(len(y))
    if k in {0, n - 1}:
        near, far = (0, 1) if k == 0 else (n - 2, n - 3)
        return _end_tangent(near, far, x, y)
    h = x[k] - x[k - 1], x[k + 1] - x[k]
    rows = (unit[k] - unit[k - 1]) / h[0], (unit[k + 1] - unit[k]) / h[1]
    before, after = float(rows[0] @ y), float(rows[1] @ y)
    if before * after <= 0.0:
        return np.zeros(n)
    first, second = 2.0 * h[1] + h[0], h[1] + 2.0 * h[0]
    total = first + second
    # slope = total / (first / before + second / after), differentiated; no quotient overflows.
    mixed = first * after + second * before
    by_before = (after * total / mixed) ** 2 * first / total
    by_after = (before * total / mixed) ** 2 * second / total
    return np.asarray(by_before * rows[0] + by_after * rows[1], dtype=np.float64)


def _end_tangent(near: int, far: int, x: Array, y: Array) -> Array:
    """Return the tangent at an end: three points, kept from turning or overshooting."""
    unit = np.eye(len(y))
    h0, h1 = float(x[near + 1] - x[near]), float(x[far + 1] - x[far])
    row0 = (unit[near + 1] - unit[near]) / h0
    row1 = (unit[far + 1] - unit[far]) / h1
    row = ((2.0 * h0 + h1) * row0 - h0 * row1) / (h0 + h1)
    slope, secant, next_secant = float(row @ y), float(row0 @ y), float(row1 @ y)
    if np.sign(slope) != np.sign(secant):
        return np.zeros(len(y))
    if np.sign(secant) != np.sign(next_secant) and abs(slope) > STEEPEST_END * abs(secant):
        return np.asarray(STEEPEST_END * row0, dtype=np.float64)
    return np.asarray(row, dtype=np.float64)


INTERPOLANTS: Mapping[str, _Rule] = MappingProxyType(
    {
        "linear/1": _linear,
        "cubic_spline/1": _not_a_knot,  # not-a-knot ends
        "natural_spline/1": _natural,  # second derivative zero at the ends
        "pchip/1": _pchip,  # monotone where the points are
    }
)
# How many points beyond the cell a rule looks at, on either side; None is all of them.
_REACH: Mapping[str, int] = MappingProxyType({"linear/1": 0, "pchip/1": 1})
