"""How a result reads in the form in which it is stated: with u, as a limit, as not detected.

Inside: `outward`, `limit_text`, `stated_value`.
Source: GUM (JCGM 100:2008), clause 7.2.6 (digits); a limit is rounded to the side on which it
still holds (own rule).
"""

from __future__ import annotations

import math

from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.notation import decimal_text, format_value
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit

ESTIMATE = "estimate"
UPPER, LOWER = "upper_limit", "lower_limit"
BELOW = "below_detection_limit"
_DIGITS = 3


def outward(number: float, *, up: bool) -> str:
    """Write a number with three digits, rounded up or down and never the other way."""
    if number == 0.0:
        return "0"
    step = math.floor(math.log10(abs(number))) - _DIGITS + 1
    nearest = float(f"{number:.{_DIGITS - 1}e}")
    if (nearest < number) if up else (nearest > number):
        nearest = float(f"{nearest + (1.0 if up else -1.0) * 10.0**step:.{_DIGITS - 1}e}")
    return decimal_text(nearest)


def limit_text(form: str, interval: tuple[float, float, float], unit: str) -> str:
    """Return a statement that has no u: "< 0.012 /s", "not detected", "[0, 1.2] /s".

    Args:
        form: Any but an estimate.
        interval: (low, high, probability), in `unit`; of a limit one end is the limit.
        unit: Its code.
    """
    low, high, _ = interval
    after = "" if unit in {"", "1"} else f" {unit}"
    if form == UPPER:
        return f"< {outward(high, up=True)}{after}"
    if form == LOWER:
        return f"> {outward(low, up=False)}{after}"
    if form == BELOW:
        return "not detected"
    return f"[{outward(low, up=False)}, {outward(high, up=True)}]{after}"


def stated_value(recorded: RecordedResult, *, value: float, u: float) -> str:
    """Return a recorded result in its form; value and u of the posterior are in SI units."""
    unit = parse_unit(recorded.unit)
    if recorded.form == ESTIMATE or recorded.interval is None:
        return format_value(in_unit(value, unit), in_unit(u, unit), recorded.unit)
    low, high, probability = recorded.interval
    shown = (in_unit(low, unit), in_unit(high, unit), probability)
    return limit_text(recorded.form, shown, recorded.unit)
