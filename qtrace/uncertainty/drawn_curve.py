"""A curve at an uncertain argument, drawn through the curve itself and not along its slope.

Inside: `drawn_version`, `plain_version`, `is_drawn_curve`, `draw_curve`, `REACH`.

The result is linear, as all curves in use are, and its version says along which argument it is
drawn: "1 along wavelength in nm" for a table, whose points are named by their argument in that
unit, "1 along power from 0.003" for a polynomial about that argument (SI). The argument moves
along the curve; points, interpolation error and drift enter with their stored sensitivities.
Beyond the outermost point at hand the curve goes on along its tangent.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, IntegrityError
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.value import parse_number, parse_quantity
from qtrace.uncertainty.interpolation import interpolate, stencil
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

Array = NDArray[np.float64]
REACH = 6.0  # u of the argument: the points within are carried by the use, so that draws meet them
_ALONG, _IN, _FROM = " along ", " in ", " from "
_THIRDS = (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)  # a cubic is known from its values there


def drawn_version(version: str, argument: str, *, unit: str = "", x_origin: float = 0.0) -> str:
    """Return the version of a model that is drawn through its curve.

    Args:
        version: Of the interpolant.
        argument: Name of the argument that is drawn.
        unit: In which the names of the points give their arguments; "" for a polynomial.
        x_origin: Where a polynomial is expanded, in SI units.
    """
    place = f"{_IN}{unit}" if unit else f"{_FROM}{decimal_text(x_origin)}"
    return f"{version}{_ALONG}{argument}{place}"


def plain_version(version: str) -> str:
    """Return the version of the interpolant alone."""
    return version.partition(_ALONG)[0]


def is_drawn_curve(model: Model) -> bool:
    """Return whether a model is a curve that is drawn through."""
    return model.kind is ModelKind.LINEAR and _ALONG in model.version


def draw_curve(
    result: Result, estimates: Mapping[str, float], values: Mapping[str, Array]
) -> Array:
    """Return draws of a curve at an uncertain argument.

    Args:
        result: One whose model `is_drawn_curve`.
        estimates: Estimate of each argument of the model, in SI units.
        values: Draws of each, shape (n,).

    Returns:
        Draws of the result in SI units, shape (n,).

    Raises:
        IntegrityError: the version names no argument of the model, or a point says no argument.

    Source: JCGM 101:2008, 7.3 (the model is evaluated at each draw).
    """
    said, in_unit, unit = result.model.version.partition(_ALONG)[2].partition(_IN)
    said, _, origin = said.partition(_FROM)
    where = f"{result.model.text}/{result.model.version}"
    if said not in values:
        raise IntegrityError(f"a curve along {said!r}, which is no argument of it", where=where)
    rest = [one for one in result.of_model if one.name != said]
    try:
        if in_unit:
            interpolant = f"{result.model.text}/{plain_version(result.model.version)}"
            places, heights = _points(rest, estimates, unit=unit)
            moved = _between(interpolant, places, heights, at=values[said])
            moved = moved - _between(interpolant, places, heights, at=np.array([estimates[said]]))
        else:
            drawn = {one.name: values[one.name] for one in rest if _power(one) is not None}
            fixed = {name: np.array([estimates[name]]) for name in drawn}
            x_0 = parse_number(origin)
            moved = _polynomial(drawn, values[said] - x_0)
            moved = moved - _polynomial(fixed, np.array([estimates[said] - x_0]))
            rest = [one for one in rest if one.name not in drawn]
    except InputError as error:
        raise IntegrityError(f"this curve cannot be drawn: {error.what}", where=where) from None
    total = result.value + moved
    for one in rest:
        total = total + one.sensitivity * (values[one.name] - estimates[one.name])
    return np.asarray(total, dtype=np.float64)


def _points(
    arguments: list[Argument], estimates: Mapping[str, float], *, unit: str
) -> tuple[Array, Array]:
    """Return places and heights of the points that a use carries, ascending."""
    code = "" if unit in {"", "1"} else f" {unit}"
    found = sorted(
        (parse_quantity(f"{one.name.partition('@')[2]}{code}").si, estimates[one.name])
        for one in arguments
        if "@" in one.name and "/" not in one.name
    )
    return np.array([x for x, _ in found]), np.array([y for _, y in found])


def _power(one: Argument) -> int | None:
    """Return the power of a coefficient "gain.p1", None for any other argument."""
    _, dot, power = one.name.partition(".p")
    return int(power) if dot and power.isdecimal() else None


def _polynomial(coefficients: Mapping[str, Array], x: Array) -> Array:
    total = np.zeros_like(x)
    for name, value in coefficients.items():
        total = total + value * x ** int(name.partition(".p")[2])
    return total


def _between(interpolant: str, x: Array, y: Array, *, at: Array) -> Array:
    """Return the curve at many places: in each cell every interpolant here is one cubic."""
    inside = np.clip(at, x[0], x[-1])
    cells = np.clip(np.searchsorted(x, inside, side="right") - 1, 0, len(x) - 2)
    values = np.empty_like(at)
    for cell in np.unique(cells):
        left, right = float(x[cell]), float(x[cell + 1])
        knots = [
            left if t == 0.0 else right if t == 1.0 else left + t * (right - left) for t in _THIRDS
        ]
        heights = [_value(interpolant, x, y, at=knot)[0] for knot in knots]
        here = cells == cell
        values[here] = _cubic(heights, (inside[here] - left) / (right - left))
    for end, outside in ((x[0], at < x[0]), (x[-1], at > x[-1])):
        if np.any(outside):
            value, slope = _value(interpolant, x, y, at=float(end))
            values[outside] = value + slope * (at[outside] - end)
    return values


def _value(interpolant: str, x: Array, y: Array, *, at: float) -> tuple[float, float]:
    first, last = stencil(interpolant, x, at=at)
    found = interpolate(interpolant, x[first:last], y[first:last], at=at)
    return found.value, found.slope


def _cubic(heights: list[float], t: Array) -> Array:
    """Return the cubic through values at 0, 1/3, 2/3, 1.

    Source: Lagrange's formula, Abramowitz and Stegun, Eq. 25.2.1.
    """
    total = np.zeros_like(t)
    for k, height in enumerate(heights):
        basis = np.ones_like(t)
        for j, other in enumerate(_THIRDS):
            if j != k:
                basis = basis * (t - other) / (_THIRDS[k] - other)
        total = total + height * basis
    return total
