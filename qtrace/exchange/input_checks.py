"""Warnings where a stated uncertainty contradicts the readings that it comes from.

Inside: `Readings`, `contradictions`.
Source: JCGM 100:2008 (GUM), 4.2.2 and 4.2.3 (s of readings, s of their mean); the variance of a
Poisson count is its mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.value import QuantityValue, in_unit

# u rounded to two digits may differ by up to 5 % from what it was computed as (10 to 9.5).
ROUNDING = 0.05


@dataclass(frozen=True, slots=True)
class Readings:
    """A stated u with what the readings say; `u` and `s` in SI.

    `counts` is the number of events expected in one reading, None unless it was counting;
    `per_count` is what one event adds to the value.
    """

    u: float
    u_of: str
    s: float | None
    n: int | None
    counts: float | None
    per_count: float | None
    value: QuantityValue


def contradictions(readings: Readings) -> tuple[str, ...]:
    """Return what contradicts, in words with the numbers; empty where all is well.

    The scatter s and counting statistics each set a lower limit. An upper limit exists only
    where s is known: both added in quadrature, as some laboratories do on purpose.
    """
    share = 1.0
    what = "one reading"
    if readings.u_of == "mean":
        if readings.n is None:
            return ()
        share = 1.0 / math.sqrt(readings.n)
        what = f"the mean of {readings.n} readings"
    lines = []
    scatter = None if readings.s is None else readings.s * share
    poisson = None
    if readings.counts is not None and readings.per_count is not None:
        poisson = math.sqrt(readings.counts) * readings.per_count * share
    if poisson is not None and readings.u < poisson * (1.0 - ROUNDING):
        lines.append(
            f"u = {_text(readings, readings.u)} is below counting statistics: Poisson gives "
            f"{_text(readings, poisson)} for {what}"
        )
    if scatter is not None:
        most = math.hypot(scatter, poisson or 0.0)
        if readings.u < scatter * (1.0 - ROUNDING):
            lines.append(_scatter_line(readings, scatter, what=what, word="below"))
        elif readings.u > most * (1.0 + ROUNDING):
            lines.append(_scatter_line(readings, scatter, what=what, word="above"))
    return tuple(lines)


def _scatter_line(readings: Readings, scatter: float, *, what: str, word: str) -> str:
    divided = "" if readings.u_of == "reading" else "/sqrt(n)"
    return (
        f"u = {_text(readings, readings.u)} is {word} what the scatter gives: "
        f"s{divided} = {_text(readings, scatter)} for {what}"
    )


def _text(readings: Readings, si: float) -> str:
    """Write an SI number in the unit of the value, four digits."""
    code = readings.value.unit.code
    try:
        number = decimal_text(float(f"{in_unit(si, readings.value.unit):.4g}"))
    except InputError:
        return "out of range"
    return number if code in {"", "1"} else f"{number} {code}"
