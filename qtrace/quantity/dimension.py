"""Dimensions: the powers of the seven SI base units that a unit is made of, and of the decibel.

A level is no plain number: added to a ratio it means nothing. So the decibel counts as a base of
its own, and the rules for units keep both scales apart wherever a model or a limit joins them.

Inside: `Dimension`, `DIMENSIONLESS`, `LEVEL`, `has_level`, `dimension_of`, `multiply`, `divide`,
`power`, `dimension_text`.
Source: BIPM, The International System of Units (SI Brochure), 9th edition, section 2.3.3.
"""

from __future__ import annotations

from fractions import Fraction

Dimension = tuple[Fraction, ...]
"""Powers, in the order of `BASE_UNITS`."""

BASE_UNITS = ("m", "kg", "s", "A", "K", "mol", "cd", "dB")
DIMENSIONLESS: Dimension = (Fraction(0),) * len(BASE_UNITS)
_TEXT_ORDER = ("kg", "m", "s", "A", "K", "mol", "cd", "dB")


def dimension_of(**powers: int | Fraction) -> Dimension:
    """Build a dimension from powers by base unit, e.g. `dimension_of(m=1, s=-1)`.

    Args:
        **powers: Power of each base unit named; those not named have power 0.

    Raises:
        KeyError: A name is no base unit (an error of the program, not of its input).
    """
    if unknown := set(powers) - set(BASE_UNITS):
        raise KeyError(*sorted(unknown))
    return tuple(Fraction(powers.get(unit, 0)) for unit in BASE_UNITS)


LEVEL = dimension_of(dB=1)


def has_level(dimension: Dimension) -> bool:
    """Return whether a quantity is a level, or one per something, such as dB per metre."""
    return dimension[BASE_UNITS.index("dB")] != 0


def multiply(first: Dimension, second: Dimension) -> Dimension:
    """Return the dimension of a product."""
    return tuple(a + b for a, b in zip(first, second, strict=True))


def divide(first: Dimension, second: Dimension) -> Dimension:
    """Return the dimension of `first` divided by `second`."""
    return tuple(a - b for a, b in zip(first, second, strict=True))


def power(dimension: Dimension, exponent: Fraction) -> Dimension:
    """Return a dimension raised to an exact power."""
    return tuple(part * exponent for part in dimension)


def dimension_text(dimension: Dimension) -> str:
    """Write a dimension in base units, e.g. "kg m^2 s^-3"; "1" where it has none.

    The text is a unit code that `parse_unit` reads back to the same dimension.
    """
    powers = dict(zip(BASE_UNITS, dimension, strict=True))
    parts = [_factor_text(unit, powers[unit]) for unit in _TEXT_ORDER if powers[unit] != 0]
    return " ".join(parts) or "1"


def _factor_text(unit: str, exponent: Fraction) -> str:
    """Write one base unit with its power; fractions stand in parentheses."""
    if exponent == 1:
        return unit
    if exponent.denominator == 1:
        return f"{unit}^{exponent}"
    return f"{unit}^({exponent})"
