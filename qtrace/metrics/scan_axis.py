"""What a scan runs over, as typed: NAME=FIRST:LAST:STEP, or in equal ratios, or a list.

Inside: `Axis`, `parse_axis`, `parse_values`, `parse_setting`, `MOST_POINTS`, `MOST_CURVES`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError, QtraceError
from qtrace.quantity.value import parse_number

MOST_POINTS = 2001
MOST_CURVES = 6
_FORMS = {False: "distance_km=0:200:5 (first:last:step)", True: "block=1e4:1e10:13 (points)"}


@dataclass(frozen=True, slots=True)
class Axis:
    """A name and its values, rising; `log`: in equal ratios, and drawn so."""

    name: str
    values: tuple[float, ...]
    log: bool = False


def parse_axis(text: str, *, log: bool) -> Axis:
    """Return the axis that a text describes.

    Args:
        text: NAME=FIRST:LAST:STEP, or NAME=FIRST:LAST:POINTS where `log`.
        log: Whether the points lie in equal ratios.

    Raises:
        InputError: another form, ends that do not rise, no points or too many, a logarithmic
            axis that is not above zero.
    """
    where = "--over-log" if log else "--over"
    name, _, spread = text.partition("=")
    parts = spread.split(":")
    if not name or len(parts) != 3:
        raise InputError(
            f"{text!r} is no range", where=where, next_step=f"write it like {_FORMS[log]}"
        )
    first, last, third = (_number(part, where) for part in parts)
    if last <= first or (log and first <= 0.0):
        raise InputError(
            f"the range {spread} does not rise" + (" from above zero" if log else ""),
            where=where,
            next_step=f"write it like {_FORMS[log]}",
        )
    if log and third != int(third):
        raise InputError(
            f"{third:g} is no number of points", where=where, next_step="write a whole number"
        )
    # The last point is kept where the steps reach it but for rounding.
    steps = (last - first) / third if third else math.inf
    points = int(third) if log else (math.floor(steps + 1e-9) + 1 if 0.0 < steps < 1e9 else 0)
    if not 2 <= points <= MOST_POINTS:
        raise InputError(
            f"the range {spread} has not between 2 and {MOST_POINTS} points",
            where=where,
            next_step=f"write it like {_FORMS[log]}",
        )
    spaced = np.geomspace(first, last, points) if log else first + third * np.arange(points)
    return Axis(name, tuple(float(f"{value:.12g}") for value in spaced), log)


def parse_values(text: str) -> Axis:
    """Return the values of a list, one for each curve: NAME=V1,V2,V3.

    Raises:
        InputError: another form, the same value twice, or more curves than can be told apart.
    """
    where = "--curves"
    name, _, listed = text.partition("=")
    values = tuple(_number(part, where) for part in listed.split(",")) if name and listed else ()
    if not values or len(set(values)) < len(values) or len(values) > MOST_CURVES:
        raise InputError(
            f"{text!r} is no list of 1 to {MOST_CURVES} different values",
            where=where,
            next_step="write it like block=1e5,1e7,1e9",
        )
    return Axis(name, values)


def parse_setting(text: str) -> tuple[str, float]:
    """Return the name and the value of NAME=VALUE.

    Raises:
        InputError: another form.
    """
    name, mark, value = text.partition("=")
    if not name or not mark:
        raise InputError(
            f"{text!r} sets nothing", where="--set", next_step="write it like --set distance_km=50"
        )
    return name, _number(value, "--set")


def _number(text: str, where: str) -> float:
    try:
        return parse_number(text.strip())
    except QtraceError as error:
        raise error.located(where) from None
