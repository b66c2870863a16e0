"""How the results and inputs of a curve are called, and what their models say.

Inside: `CURVE_POINT`, `FIT_COEFFICIENT`, `MADE_HERE`, `POLYNOMIAL`, `point_name`,
`coefficient_name`, `curve_of_name`, `is_point`, `folded`, `node_name`, `reading_name`,
`common_name`.

A curve has no row of its own: its points (or the coefficients of a fit) are results of one event,
called CURVE@ARGUMENT (FIT.p0, FIT.p1, ...). No name that a file may give holds '@' or '.'.
"""

from __future__ import annotations

import re

# Text of a linear model: what the result is. Its version names the interpolant, or the fit.
CURVE_POINT = "curve_point"
FIT_COEFFICIENT = "fit_coefficient"
# Linear results that say something about the device of their own event.
MADE_HERE = (CURVE_POINT, FIT_COEFFICIENT)
# What stands in place of an interpolant where a curve is a fitted polynomial.
POLYNOMIAL = "polynomial/1"

_PART = re.compile(r"(?P<curve>[A-Za-z][A-Za-z0-9_]*)(?:@|\.p(?=[0-9]+$))(?P<rest>[^/]+)")


def point_name(curve: str, argument: str) -> str:
    """Return the name of a point: "responsivity@850", the argument in the unit of the curve."""
    return f"{curve}@{argument}"


def coefficient_name(fit: str, power: int) -> str:
    """Return the name of a coefficient: "gain.p1"."""
    return f"{fit}.p{power}"


def curve_of_name(name: str) -> str:
    """Return the curve that a result is a point or coefficient of, empty where of none."""
    found = _PART.fullmatch(name)
    return found["curve"] if found else ""


def is_point(label: str) -> bool:
    """Return whether a label or name is that of a point of a table (not of a coefficient)."""
    return "@" in label.rpartition("/")[2]


def folded(label: str) -> str:
    """Return EVENT/CURVE for the label of a point or of what belongs to one, else the label.

    In chains the points of a curve stand as one.
    """
    event, _, name = label.partition("/")
    if "@" in name:
        return f"{event}/{name.partition('@')[0]}"
    curve = curve_of_name(name)
    return f"{event}/{curve}" if curve else label


def node_name(curve: str, node: int) -> str:
    """Return the name of an input that carries the interpolation error around a node."""
    return f"{curve}/interpolation_error@{node}"


def reading_name(fit: str, axis: str, number: int) -> str:
    """Return the name of a coordinate of a reading that a fit rests on, from 1: "gain/y@3"."""
    return f"{fit}/{axis}@{number}"


def common_name(curve: str) -> str:
    """Return the name of the part of the uncertainty that all points of a curve share."""
    return f"{curve}/common"
