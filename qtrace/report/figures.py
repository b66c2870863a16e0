"""How figures are written in reports and tables: one way for each sort of number.

Inside: `measured`, `uncertainty`, `estimate`, `factor`, `percent`, `degrees`, `risk`,
`interval`, `span`, `moment`, `published_k2`. Texts are plain; nothing here knows of HTML.
Source: GUM (JCGM 100:2008), clause 7.2 (reporting uncertainty).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from qtrace.quantity.notation import decimal_text, format_value, round_uncertainty

DASH = "–"
INFINITE = "∞"
MANY_DEGREES = 1e6  # k of t is that of a normal to six digits
_LARGE = 1e9  # from here on numbers are written with a power of ten
_WHOLE = 2.0**53
_PLAIN = (1e-5, 1e7)  # outside of it an uncertainty is written with a power of ten


def measured(value: float | None, u: float | None, unit: str = "1") -> str:
    """Write a value with its standard uncertainty, or as far as either is known."""
    if value is None:
        return DASH
    if u is None or u == 0.0:
        return estimate(value, unit)
    return format_value(value, u, unit)


def estimate(value: float | None, unit: str = "1") -> str:
    """Write a number that has no uncertainty beside it: seven digits at most.

    Bits of a key are written whole and rounded down: no key is longer than its limit.
    """
    if value is None:
        return DASH
    if math.isinf(value):
        return INFINITE if value > 0.0 else f"-{INFINITE}"
    if unit == "bit" and 1.0 <= abs(value) < _WHOLE:
        return with_unit(str(math.floor(value)), unit)
    text = decimal_text(float(f"{value:.7g}"))
    if abs(value) >= _LARGE:
        mantissa, _, exponent = f"{value:.6e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return with_unit(text, unit)


def uncertainty(u: float | None, unit: str = "1") -> str:
    """Write an uncertainty with two digits, never rounded down by more than 5 %."""
    if u is None:
        return DASH
    text = round_uncertainty(u)
    if u > 0.0 and not _PLAIN[0] <= u < _PLAIN[1]:
        mantissa, _, exponent = f"{float(text):.1e}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
    return with_unit(text, unit)


def with_unit(number: str, unit: str) -> str:
    """Append a unit unless it is one."""
    return number if unit in {"", "1"} else f"{number} {unit}"


def factor(k: float | None) -> str:
    """Write a coverage factor."""
    return DASH if k is None else f"{k:.3f}"


def percent(part: float | None) -> str:
    """Write a probability or a share in percent."""
    return DASH if part is None else f"{100.0 * part:.4g} %"


def degrees(nu: float) -> str:
    """Write degrees of freedom; beyond a million digits say nothing."""
    if nu > MANY_DEGREES and math.isfinite(nu):
        return "> 1e6"
    return INFINITE if math.isinf(nu) else f"{nu:.2f}".removesuffix(".00")


def risk(part: float | None) -> str:
    """Write a small probability; below a billionth only that it is below."""
    if part is None:
        return DASH
    if part < 1e-9:
        return "< 1e-9"
    return f"{part:.2g}" if part >= 1e-3 else decimal_text(float(f"{part:.1e}"))


def chance(part: float) -> str:
    """Write a probability of conforming; one near 1 with the digits that tell it from 1."""
    if part < 0.99:
        return f"{part:.4g}"
    return f"{part:.6f}" if part < 0.9999995 else f"1 - {risk(1.0 - part)}"


def interval(bounds: tuple[float, float, float] | None, unit: str = "1") -> str:
    """Write an interval with its probability."""
    if bounds is None:
        return DASH
    low, high, probability = bounds
    digits = _digits_between(low, high)
    pair = f"[{low:.{digits}g}, {high:.{digits}g}]"
    return f"{with_unit(pair, unit)} at {percent(probability)}"


def _digits_between(low: float, high: float) -> int:
    """Return how many digits tell both ends of an interval apart to two places."""
    width, size = high - low, max(abs(low), abs(high))
    if width <= 0.0 or size == 0.0:
        return 6
    return min(12, max(3, math.ceil(math.log10(size / width)) + 2))


def span(low: float | None, high: float | None, unit: str = "1") -> str:
    """Write limits: at most, at least, or between."""
    if low is None and high is None:
        return DASH
    if low is None:
        return f"≤ {estimate(high, unit)}"
    if high is None:
        return f"≥ {estimate(low, unit)}"
    return f"{estimate(low)} to {estimate(high, unit)}"


def moment(when: datetime) -> str:
    """Write a time in UTC, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def published_k2(u: float, expanded: float, unit: str = "1") -> str:
    """Write U with k = 2 where it reads differently from the U that holds, else nothing."""
    doubled = uncertainty(2.0 * u, unit)
    return "" if doubled == uncertainty(expanded, unit) else doubled
