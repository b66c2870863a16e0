"""Values with a unit, as people write them: "244355.7 /s", "1550.5 nm", "5 %", "1.01375".

Inside: `QuantityValue`, `parse_number`, `parse_quantity`, `in_unit`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qtrace.errors import InputError
from qtrace.quantity.units import ONE, Unit, parse_unit

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_MAX_LENGTH = 128
_ADVICE = "write decimal digits, e.g. '0.125', '-3' or '6.02e-23'; '.' is the decimal mark"


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A number with its unit.

    `si` is in the coherent SI unit, correctly rounded from what was written; `text` is what was
    written.
    """

    si: float
    unit: Unit
    text: str


def parse_number(text: str) -> float:
    """Read a decimal number; nothing but digits, one point, a sign and an exponent.

    Args:
        text: The number, without unit and without surrounding space.

    Returns:
        The double nearest to the number written.

    Raises:
        InputError: It is no decimal number (nan, inf, hexadecimal, underscores, a comma), or
            it lies outside the range of a double.
    """
    return _rounded(_exact(text), text)


def parse_quantity(text: str) -> QuantityValue:
    """Read a number and its unit, separated by one space; no unit means the unit one.

    Args:
        text: For example "244355.7 /s" or "1.01375".

    Returns:
        The value; its SI number is rounded once, from the exact product of number and factor.

    Raises:
        InputError: The number is malformed or out of range.
        UnitError: The unit is malformed, unknown, or a level.
    """
    number, space, code = text.partition(" ")
    if space and not code:
        raise InputError(
            "a quantity ends in a space", where=f"quantity {text!r}", next_step="remove the space"
        )
    exact = _exact(number)
    unit = parse_unit(code) if space else ONE
    return QuantityValue(_rounded(exact * unit.factor, text), unit, text)


def in_unit(si: float, unit: Unit) -> float:
    """Express an SI number in a unit.

    The shortest decimal that stands for the double is converted exactly and rounded once, so
    that what was written as "1550.5 nm" is shown as 1550.5 again.

    Args:
        si: Value in the coherent SI unit.
        unit: The unit wanted.

    Returns:
        The number in that unit.

    Raises:
        InputError: The number is not finite, or out of range in that unit.
    """
    if not math.isfinite(si):
        raise InputError(
            f"{si} cannot be expressed in a unit",
            where=f"unit {unit.code!r}",
            next_step="give a finite number",
        )
    return _rounded(Fraction(Decimal(repr(float(si)))) / unit.factor, f"{si!r} in {unit.code}")


def _exact(text: str) -> Fraction:
    """Read a decimal number without rounding."""
    if len(text) > _MAX_LENGTH or not _NUMBER.fullmatch(text):
        shown = text if len(text) <= _MAX_LENGTH else text[:20] + "..."
        raise InputError("not a decimal number", where=f"number {shown!r}", next_step=_hint(text))
    return Fraction(Decimal(text))


def _hint(text: str) -> str:
    """Say what to change where the likely intention can be seen."""
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return "give a finite number; leave out what is not known"
    if "," in text:
        return "use '.' as the decimal mark and no separators between thousands"
    if found := re.match(_NUMBER.pattern + r"(?=[%A-Za-z/µμ°])", text):
        return f"put one space before the unit: '{found.group()} {text[found.end() :]}'"
    return _ADVICE


def _rounded(exact: Fraction, text: str) -> float:
    """Round an exact number to the nearest double, refusing overflow and loss to zero."""
    try:
        value = float(exact)
    except OverflowError:
        value = math.inf
    if math.isinf(value) or (value == 0.0 and exact != 0):
        raise InputError(
            "the number is outside the range of a double (about 5e-324 to 1.8e308)",
            where=f"quantity {text!r}",
            next_step="check the exponent and the unit",
        )
    return value
