"""Notation: how numbers with uncertainty are written, and the one grammar of decimal strings.

Inside: `format_value`, `format_plus_minus`, `round_uncertainty`, `decimal_text`,
`parse_decimal_text`.
Source: GUM (JCGM 100:2008), clause 7.2.2 (forms) and 7.2.6 (digits); EA-4/02 M:2022, section 6
(rounding up where rounding down would lower the uncertainty by more than 5 %).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal

from qtrace.errors import InputError

_EXACT = Context(prec=800)
_LARGEST_LOSS = Decimal("0.05")
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,3})?")
_MAX_LENGTH = 32
_PLAIN_FROM = -5  # smaller decimal exponents are written as powers of ten
_PLAIN_TO = 9  # larger ones too


def format_value(value: float, u: float, unit_code: str) -> str:
    """Write a value with its standard uncertainty in its last digits: "0.9378(35)".

    Args:
        value: Estimate, in the unit shown (`in_unit` converts from SI).
        u: Standard uncertainty, in the unit shown; 0 is shown as "(0)".
        unit_code: Code of the unit shown; "" and "1" are not written.

    Returns:
        Text such as "1550.50(12) nm"; the digits in parentheses stand for u.

    Raises:
        InputError: The value is not finite, or u is negative or not finite.
    """
    parts = _parts(value, u, unit_code)
    digits = parts.u.replace(".", "").lstrip("0") or "0"
    return f"{parts.value}({digits}){parts.exponent}{parts.unit}"


def format_plus_minus(value: float, u: float, unit_code: str) -> str:
    """Write a value and an uncertainty side by side: "(0.9378 ± 0.0035) W".

    Args:
        value: Estimate, in the unit shown (`in_unit` converts from SI).
        u: Uncertainty, standard or expanded, in the unit shown; the text around it says which.
        unit_code: Code of the unit shown; "" and "1" are not written.

    Returns:
        The text, in parentheses where a unit or a power of ten follows.

    Raises:
        InputError: The value is not finite, or u is negative or not finite.
    """
    parts = _parts(value, u, unit_code)
    pair = f"{parts.value} ± {parts.u}"
    tail = f"{parts.exponent}{parts.unit}"
    return f"({pair}){tail}" if tail else pair


def round_uncertainty(u: float, *, digits: int = 2) -> str:
    """Round an uncertainty for display; never down by more than 5 %.

    Two digits never reach the 5 % (the worst, 1.05 to 1.0, loses 4.8 %); one digit does.

    Args:
        u: Uncertainty, in any unit; not negative.
        digits: Significant digits to keep, at least 1.

    Returns:
        Decimal digits without exponent, e.g. "0.0035" or "610"; "0" for 0.

    Raises:
        InputError: u is negative or not finite, or digits is below 1.

    Source:
        GUM 7.2.6; EA-4/02 M:2022, section 6.
    """
    _refuse_uncertainty(u)
    if digits < 1:
        raise InputError("no digits to keep", where=f"digits = {digits}", next_step="keep 1 or 2")
    return format(_rounded_uncertainty(Decimal(decimal_text(u)), digits), "f")


def decimal_text(x: float) -> str:
    """Write a double as the shortest decimal that reads back to it, in one grammar.

    The grammar: an optional "-", digits, optionally "." and digits, optionally "e" with an
    optional "-" and digits. No "+", no "-0", no zeros that carry nothing.

    Args:
        x: A finite number.

    Returns:
        For example "0.9378", "1e-5", "243", "6.62607015e-34".

    Raises:
        InputError: The number is not finite.
    """
    number = float(x)
    if not math.isfinite(number):
        raise InputError(
            f"{number} has no decimal text", where="number", next_step="give a finite number"
        )
    if number == 0.0:
        return "0"
    mantissa, mark, exponent = repr(number).partition("e")
    return mantissa.removesuffix(".0") + (f"e{int(exponent)}" if mark else "")


def parse_decimal_text(text: str) -> float:
    """Read back what `decimal_text` writes, and nothing else.

    Args:
        text: The decimal string.

    Returns:
        The number; `decimal_text` of it is the same string.

    Raises:
        InputError: The string is not in the grammar, or not the shortest for its number.
    """
    if len(text) <= _MAX_LENGTH and _DECIMAL.fullmatch(text):
        number = float(text)
        if math.isfinite(number) and decimal_text(number) == text:
            return number
        advice = "write it as the shortest decimal, without zeros that carry nothing"
    else:
        advice = "write an optional '-', digits, optionally '.digits', optionally 'e-12'"
    shown = text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + "..."
    raise InputError("not a decimal string", where=f"string {shown!r}", next_step=advice)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The pieces of a written value: digits of both numbers, power of ten, unit."""

    value: str
    u: str
    exponent: str
    unit: str


def _parts(value: float, u: float, unit_code: str) -> _Parts:
    """Round a value to the last digit of its uncertainty."""
    _refuse_uncertainty(u)
    exact_text = decimal_text(value)
    shown = Decimal(exact_text)
    unit_text = "" if unit_code in {"", "1"} else f" {unit_code}"
    if u == 0.0:
        mantissa, mark, exponent = exact_text.partition("e")
        return _Parts(mantissa, "0", mark + exponent, unit_text)
    rounded_u = _rounded_uncertainty(Decimal(decimal_text(u)), 2)
    size = max(shown.adjusted() if shown else rounded_u.adjusted(), rounded_u.adjusted())
    shift = 0 if _PLAIN_FROM < size < _PLAIN_TO else size
    rounded_u = rounded_u.scaleb(-shift, _EXACT)
    rounded = shown.scaleb(-shift, _EXACT).quantize(rounded_u, ROUND_HALF_EVEN, _EXACT)
    exponent = f"e{shift}" if shift else ""
    return _Parts(_digits(rounded), format(rounded_u, "f"), exponent, unit_text)


def _digits(number: Decimal) -> str:
    """Write a rounded number without exponent and without the sign of a zero."""
    return format(abs(number) if number == 0 else number, "f")


def _rounded_uncertainty(u: Decimal, digits: int) -> Decimal:
    """Round to significant digits, upwards where rounding down would lower u by over 5 %."""
    if u == 0:
        return Decimal(0)
    place = Decimal(1).scaleb(u.adjusted() - digits + 1)
    rounded = u.quantize(place, ROUND_HALF_EVEN, _EXACT)
    if u - rounded > _LARGEST_LOSS * u:
        rounded = u.quantize(place, ROUND_CEILING, _EXACT)
    if rounded.adjusted() > u.adjusted():  # 0.0998 became 0.100: one digit too many
        place = Decimal(1).scaleb(rounded.adjusted() - digits + 1)
        rounded = rounded.quantize(place, ROUND_HALF_EVEN, _EXACT)
    return rounded


def _refuse_uncertainty(u: float) -> None:
    if not math.isfinite(u) or u < 0.0:
        raise InputError(
            f"an uncertainty of {u} is not possible",
            where="uncertainty",
            next_step="give a finite number that is not negative",
        )
