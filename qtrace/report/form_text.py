"""How a result reads in its form: a limit, an interval, not detected, or an estimate.

Inside: `states_no_u`, `short_form`, `full_form`.
Source: GUM (JCGM 100:2008), clause 7.2; ISO 11929-1:2019 (what is said of what was not detected;
clause from memory).
"""

from __future__ import annotations

import math

from qtrace.certification.evidence import ResultStatement
from qtrace.quantity.notation import decimal_text
from qtrace.report.figures import interval, measured, percent, with_unit

ESTIMATE = "estimate"
UPPER, LOWER, INTERVAL = "upper_limit", "lower_limit", "interval_only"
BELOW = "below_detection_limit"
_DIGITS = 3  # of a limit; it is rounded to the side on which it still holds


def states_no_u(one: ResultStatement) -> bool:
    """Return whether a result is stated without U: as a limit, an interval, or from draws."""
    return bool(one.linear_refused) or (one.form != ESTIMATE and one.interval is not None)


def outward(number: float, *, up: bool) -> str:
    """Write a number with three digits, rounded up or down and never the other way."""
    if number == 0.0 or not math.isfinite(number):
        return decimal_text(number) if math.isfinite(number) else "∞"
    step = math.floor(math.log10(abs(number))) - _DIGITS + 1
    nearest = float(f"{number:.{_DIGITS - 1}e}")
    if (nearest < number) if up else (nearest > number):
        nearest = float(f"{nearest + (1 if up else -1) * 10.0**step:.{_DIGITS - 1}e}")
    return decimal_text(nearest)


def short_form(one: ResultStatement) -> str:
    """Return what stands in the column of values: "< 0.012 /s", "not detected", "0.938(4)"."""
    if one.interval is None or one.form == ESTIMATE:
        return measured(one.value, one.standard_uncertainty, one.unit)
    if one.form == UPPER:
        return f"< {with_unit(outward(one.interval[1], up=True), one.unit)}"
    if one.form == LOWER:
        return f"> {with_unit(outward(one.interval[0], up=False), one.unit)}"
    if one.form == BELOW:
        return "not detected"
    return interval(one.interval, one.unit).partition(" at ")[0]


def full_form(one: ResultStatement) -> str:
    """Return the whole statement: "< 0.012 /s (upper limit, 95 %)"; an estimate as it is."""
    short = short_form(one)
    if one.interval is None or one.form == ESTIMATE:
        return short
    low, high, probability = one.interval
    if one.form == BELOW:
        return (
            f"{short}; decision threshold {with_unit(outward(low, up=True), one.unit)}, "
            f"detection limit {with_unit(outward(high, up=True), one.unit)}"
        )
    words = "interval" if one.form == INTERVAL else one.form.replace("_", " ")
    return f"{short} ({words}, {percent(probability)})"
