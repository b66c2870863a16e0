"""Unit codes: a strict grammar and an allow-list in front of pint.

pint drops symbols that it does not know and evaluates powers, so it never sees what a user
typed: only names from our own table reach it, and it hands back exact rational factors.

Inside: `Unit`, `parse_unit`, `ONE`; from `dimension`: `Dimension`, `DIMENSIONLESS`, `LEVEL`,
`has_level`, `multiply`, `divide`, `power`, `dimension_text`.
Source: BIPM, SI Brochure, 9th edition, tables 2, 4, 7, 8 (units and prefixes); the Julian year of
365.25 d is that of IAU style (Wilkins, IAU Comm. 5, 1989).
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from qtrace.errors import UnitError
from qtrace.quantity.dimension import (
    DIMENSIONLESS,
    LEVEL,
    Dimension,
    dimension_of,
    dimension_text,
    divide,
    has_level,
    multiply,
    power,
)

if TYPE_CHECKING:
    import pint

__all__ = [
    "DIMENSIONLESS",
    "LEVEL",
    "ONE",
    "Dimension",
    "Unit",
    "dimension_text",
    "divide",
    "has_level",
    "multiply",
    "parse_unit",
    "power",
]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, with its exact factor to the coherent SI unit and its dimension."""

    code: str
    factor: Fraction
    dimension: Dimension


ONE = Unit("1", Fraction(1), DIMENSIONLESS)

_PREFIXES = {
    "f": "femto",
    "p": "pico",
    "n": "nano",
    "u": "micro",
    "m": "milli",
    "c": "centi",
    "k": "kilo",
    "M": "mega",
    "G": "giga",
    "T": "tera",
}

# Symbol: (name in pint, prefixes allowed in front of it).
_SYMBOLS = {
    "m": ("meter", "fpnumck"),
    "g": ("gram", "numk"),
    "s": ("second", "fpnum"),
    "A": ("ampere", "fpnumk"),
    "K": ("kelvin", "num"),
    "mol": ("mole", "num"),
    "cd": ("candela", ""),
    "Hz": ("hertz", "mkMGT"),
    "N": ("newton", "num"),
    "Pa": ("pascal", "mkMG"),
    "J": ("joule", "fpnumkM"),
    "W": ("watt", "fpnumkM"),
    "C": ("coulomb", "fpnum"),
    "V": ("volt", "numkM"),
    "F": ("farad", "fpnum"),
    "ohm": ("ohm", "mkMG"),
    "S": ("siemens", "num"),
    "T": ("tesla", "num"),
    "H": ("henry", "num"),
    "eV": ("electron_volt", "mk"),
    "rad": ("radian", "num"),
    "deg": ("degree", ""),
    "min": ("minute", ""),
    "hour": ("hour", ""),
    "d": ("day", ""),
    "a": ("julian_year", ""),
}
# Counted things and parts of one have no dimension, so pint is not asked for them.
_COUNTED = ("bit", "photon", "count", "pulse")
_BITS = {"kbit": Fraction(10**3), "Mbit": Fraction(10**6), "Gbit": Fraction(10**9)}
# The unit of levels, a base of its own: never converted here (see `quantity.scale`).
_DECIBEL = "dB"
_PARTS = {"%": Fraction(1, 100), "ppm": Fraction(1, 1_000_000)}
_REFUSED = {
    "h": "'h' is ambiguous (hour, or the Planck constant): write 'hour'",
    "hr": "write 'hour'",
    "year": "write 'a' (the Julian year of 365.25 d)",
    "yr": "write 'a' (the Julian year of 365.25 d)",
    "y": "write 'a' (the Julian year of 365.25 d)",
    "day": "write 'd'",
    "sec": "write 's'",
    "degC": "give temperatures in K; an uncertainty or difference of 1 degC is 1 K",
    "°C": "give temperatures in K; an uncertainty or difference of 1 degC is 1 K",
    "°": "write 'deg'",
    "Ω": "write 'ohm'",
    "percent": "write '%'",
    "ppb": "'ppb' means different numbers in different languages: write '%' or 'ppm'",
}
_MAX_LENGTH = 64
_MAX_POWER = 12
_PREFIXED = {
    prefix + symbol: (_PREFIXES[prefix] if prefix else "") + name
    for symbol, (name, prefixes) in _SYMBOLS.items()
    for prefix in ("", *prefixes)
}
_PINT_DIMENSIONS = {
    "[length]": dimension_of(m=1),
    "[mass]": dimension_of(kg=1),
    "[time]": dimension_of(s=1),
    "[current]": dimension_of(A=1),
    "[temperature]": dimension_of(K=1),
    "[substance]": dimension_of(mol=1),
    "[luminosity]": dimension_of(cd=1),
}
_FACTOR = re.compile(
    r"(?P<symbol>%|[A-Za-z]+)"
    r"(?:\^(?:(?P<whole>-?[1-9][0-9]?)"
    r"|\((?P<top>-?[1-9][0-9]?)/(?P<bottom>[2-9])\)))?"
)
_ADVICE = "write it like 'W', 'nm', '/s', 'kg m^2 s^-3' or '%/a'; one solidus at most"


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """Read a unit code such as "nm", "/s", "%/a", "kg m^2 s^-3"; "" and "1" are the unit one.

    Factors are joined by one space or `*`, then at most one solidus and one factor. A factor is
    a symbol with a power, a whole number or a fraction in parentheses.

    Args:
        text: The unit code, as written.

    Returns:
        The unit with its exact factor. An angle in "deg" carries pi to 50 digits.

    Raises:
        UnitError: The code is malformed, unknown, ambiguous or a level with a reference (dBm).
    """
    if text in {"", "1"}:
        return ONE
    if len(text) > _MAX_LENGTH:
        raise UnitError(
            f"unit code of {len(text)} characters, at most {_MAX_LENGTH} are read",
            where=f"unit {text[:20]!r}...",
            next_step=_ADVICE,
        )
    numerator, solidus, denominator = _split_at_solidus(text)
    factor = Fraction(1)
    dimension = DIMENSIONLESS
    if numerator not in {"", "1"}:
        for part in re.split(r"[ *]", numerator):
            part_factor, part_dimension = _read_factor(part, text)
            factor *= part_factor
            dimension = multiply(dimension, part_dimension)
    if solidus:
        part_factor, part_dimension = _read_factor(denominator, text)
        factor /= part_factor
        dimension = divide(dimension, part_dimension)
    return Unit(text, factor, dimension)


def _split_at_solidus(text: str) -> tuple[str, str, str]:
    """Split at the solidus; that of a fractional power stands in parentheses and is none."""
    outside = re.sub(r"\([^()]*\)", lambda found: "#" * len(found.group()), text)
    if outside.count("/") > 1:
        raise _malformed(text, "more than one solidus leaves open what is divided")
    place = len(outside.partition("/")[0])
    return text[:place], text[place : place + 1], text[place + 1 :]


def _read_factor(part: str, text: str) -> tuple[Fraction, Dimension]:
    """Read one symbol with its power; `text` is the whole code, for the message."""
    found = _FACTOR.fullmatch(part)
    symbol = found["symbol"] if found else part.partition("^")[0]
    base_factor, base_dimension = _read_symbol(symbol, text)
    if found is None:
        raise _malformed(text, f"{part!r} is no symbol with a power")
    if found["top"]:
        exponent = Fraction(int(found["top"]), int(found["bottom"]))
    else:
        exponent = Fraction(int(found["whole"] or 1))
    if abs(exponent) > _MAX_POWER:
        raise _malformed(text, f"a power beyond {_MAX_POWER} is no unit in use")
    return _factor_to_power(base_factor, exponent, text), power(base_dimension, exponent)


def _factor_to_power(factor: Fraction, exponent: Fraction, text: str) -> Fraction:
    """Raise a factor to a power, which must stay rational."""
    whole = factor ** abs(exponent.numerator)
    if exponent < 0:
        whole = 1 / whole
    if exponent.denominator == 1:
        return whole
    top = _root(whole.numerator, exponent.denominator)
    bottom = _root(whole.denominator, exponent.denominator)
    if top is None or bottom is None:
        raise _malformed(text, "the root of its prefix is not rational; take the unit unprefixed")
    return Fraction(top, bottom)


def _root(number: int, degree: int) -> int | None:
    """Return the exact whole root, or None where there is none."""
    guess = round(math.pow(number, 1 / degree))
    for candidate in (guess - 1, guess, guess + 1):
        if math.prod([candidate] * degree) == number:
            return candidate
    return None


def _read_symbol(symbol: str, text: str) -> tuple[Fraction, Dimension]:
    """Look one symbol up: our own tables first, then pint under the name that we give it."""
    if symbol in _PARTS:
        return _PARTS[symbol], DIMENSIONLESS
    if symbol in _BITS:
        return _BITS[symbol], DIMENSIONLESS
    if symbol in _COUNTED:
        return Fraction(1), DIMENSIONLESS
    if symbol == _DECIBEL:
        return Fraction(1), LEVEL
    if symbol in _PREFIXED:
        return _ask_pint(_PREFIXED[symbol])
    raise _unknown(symbol, text)


def _unknown(symbol: str, text: str) -> UnitError:
    """Say why a symbol is not read and what to write instead."""
    where = f"unit {text!r}"
    if symbol.startswith("dB"):
        return UnitError(
            f"{symbol!r} is a level with a reference, not a unit",
            where=where,
            next_step="give a power in W; only ratios are stated as levels, in 'dB'",
        )
    if symbol in _REFUSED:
        return UnitError(
            f"unit symbol {symbol!r} is refused", where=where, next_step=_REFUSED[symbol]
        )
    if symbol[:1] in {"µ", "μ"}:
        return UnitError(
            f"unit symbol {symbol!r} is not ASCII", where=where, next_step=f"write 'u{symbol[1:]}'"
        )
    if not re.fullmatch(r"%|[A-Za-z]+", symbol):
        return _malformed(text, f"{symbol!r} is no unit symbol")
    known = [*_PREFIXED, *_COUNTED, *_BITS, *_PARTS]
    close = difflib.get_close_matches(symbol, known, n=3, cutoff=0.5)
    same = [code for code in known if code.lower() == symbol.lower()]
    hint = ", ".join(dict.fromkeys([*same, *close]))
    return UnitError(
        f"unknown unit symbol {symbol!r}",
        where=where,
        next_step=f"did you mean: {hint}?" if hint else _ADVICE,
    )


def _malformed(text: str, reason: str) -> UnitError:
    return UnitError(f"malformed unit: {reason}", where=f"unit {text!r}", next_step=_ADVICE)


@cache
def _ask_pint(name: str) -> tuple[Fraction, Dimension]:
    """Ask pint for the exact factor and the dimension of a name from our table."""
    quantity = _registry().Quantity(Fraction(1), name).to_base_units()
    dimension = DIMENSIONLESS
    for base, exponent in dict(quantity.dimensionality).items():
        dimension = multiply(dimension, power(_PINT_DIMENSIONS[base], Fraction(str(exponent))))
    return Fraction(str(quantity.magnitude)), dimension


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    """Build pint's registry once, on first need: with fractions its factors are exact."""
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)
