"""Numbers as people type them on a command line, in the unit that is asked for.

Inside: `typed_number`, `typed_share`.
"""

from __future__ import annotations

from qtrace.errors import InputError, UnitError
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit, parse_number, parse_quantity


def typed_number(text: str, *, unit: str, where: str) -> float | None:
    """Return a quantity, typed with its unit, in another unit; None where nothing was typed.

    Args:
        text: For example "0.95" or "12 kHz"; empty for nothing.
        unit: Unit wanted.
        where: Option that is named in errors.

    Raises:
        InputError: no quantity, or not a finite one.
        UnitError: a unit of another dimension, an unknown one, or a level.
    """
    if not text:
        return None
    try:
        given, wanted = parse_quantity(text), parse_unit(unit)
        if given.unit.dimension != wanted.dimension:
            raise UnitError(
                f"{text!r} is not in a unit of the result, which is in {unit!r}",
                next_step="give it in a unit of the same dimension",
            )
        return in_unit(given.si, wanted)
    except InputError as error:
        raise error.located(where) from None


def typed_share(text: str, *, where: str) -> float | None:
    """Return a probability, typed as 0.02, 2% or 2 %; None where nothing was typed.

    Args:
        text: Empty for nothing.
        where: Option that is named in errors.

    Raises:
        InputError: no number, or none from 0 to 1.
    """
    if not text:
        return None
    part, percent, rest = text.partition("%")
    try:
        share = parse_number(part.rstrip() if percent else part) / (100.0 if percent else 1.0)
    except InputError as error:
        raise error.located(where) from None
    if rest or not 0.0 <= share <= 1.0:
        raise InputError(
            f"{text!r} is no share of a whole", where=where, next_step="write 0.02 or 2 %"
        )
    return share
