"""Figures as a publication states them, with what their digits and words leave open.

"4.45 ps" is anything that rounds to it; without a decimal point the last digit that is not zero
counts, so "1200 km" is 1150 km to 1250 km and "1200.0 km" is not; "about 1 /s" one unit of that
digit either way, and 10 % at least; "nearly 4" from 10 % below up to it; ">= 0.906", "> 11 dB",
"<= 3 ns", "< 80 %" are open to one side; "0.80 +- 0.01" and "1.8 ns .. 20 ns" are taken as they
stand; "exactly 2" is a point.

Inside: `Stated`, `read_stated`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from qtrace.claims.span import Span
from qtrace.errors import InputError, QtraceError
from qtrace.quantity.units import Unit
from qtrace.quantity.value import QuantityValue, parse_number, parse_quantity

# The word leaves more than rounding: what is 10 % below is still near.
NEARLY = 0.1
# "about 0.91" is no promise of its second digit.
ABOUT = 0.1
_HEAD = re.compile(r"(about|nearly|exactly|>=|<=|>|<) +(?=\S)")
_RANGE = re.compile(r"(\S+(?: [^.]+?)?) \.\. (\S+(?: \S.*)?)")
_PLUS_MINUS = re.compile(r"(\S+) \+- (\S+)((?: \S+)*)")

# Other ways to write a spread: with the unit twice, the sign, or digits in parentheses.
_SPREAD = re.compile(r"\+ ?[-/]|\+/-|\u00b1|(?<=\d)\(\d+\)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure: the number written, all numbers that it may stand for, its unit. SI units."""

    text: str
    number: float
    span: Span
    unit: Unit


def read_stated(text: str, *, exact: bool = False) -> Stated:
    """Read a figure with its words.

    Args:
        text: For example "4.45 ps", "about 1 /s", ">= 0.906", "0.80 +- 0.01", "1 ns .. 3 ns".
        exact: Whether a plain number is meant exactly (a definition, a count).

    Raises:
        InputError: it is no figure of this grammar.
        UnitError: its unit is unknown.
    """
    try:
        if found := _RANGE.fullmatch(text):
            return _range(text, found[1], found[2])
        if found := _PLUS_MINUS.fullmatch(text):
            return _plus_minus(text, found[1], found[2], found[3])
        head = _HEAD.match(text)
        word = head[1] if head else ("exactly" if exact else "")
        value = parse_quantity(text[head.end() :] if head else text)
    except QtraceError as error:
        spread = _SPREAD.search(text)
        if spread and not _PLUS_MINUS.fullmatch(text):
            raise InputError(
                f"{spread[0].strip()!r} stands where no spread is read",
                where=f"figure {text!r}",
                next_step='write the spread as "12 +- 3 ps", with the unit once, at the end',
            ) from None
        raise error.located(f"figure {text!r}") from None
    return Stated(text, value.si, _worded(word, value), value.unit)


def _worded(word: str, value: QuantityValue) -> Span:
    """Return what a word and the digits leave open."""
    half = _step(value) / 2.0
    match word:
        case "exactly":
            return Span(value.si, value.si)
        case "about":
            reach = max(2.0 * half, ABOUT * abs(value.si))
            return Span(value.si - reach, value.si + reach)
        case "nearly":
            ends = sorted((value.si, value.si * (1.0 - NEARLY)))
            return Span(ends[0], ends[1])
        case ">=":
            return Span(value.si, math.inf)
        case ">":
            return Span(math.nextafter(value.si, math.inf), math.inf)
        case "<=":
            return Span(-math.inf, value.si)
        case "<":
            return Span(-math.inf, math.nextafter(value.si, -math.inf))
        case _:
            return Span(value.si - half, value.si + half)


def _step(value: QuantityValue) -> float:
    """Return one unit of the last digit that tells, in SI.

    Zeros at the end of a number without a decimal point may only hold the place: "1200" has two
    to four digits, and the interval must not be too narrow.
    """
    number = value.text.partition(" ")[0]
    digits = Decimal(number)
    # Zero itself has no other digit.
    told = digits if "." in number or not digits else digits.normalize()
    return _unit_of_last(told, value)


def _written_step(value: QuantityValue) -> float:
    """Return one unit of the last digit written, in SI."""
    return _unit_of_last(Decimal(value.text.partition(" ")[0]), value)


def _unit_of_last(digits: Decimal, value: QuantityValue) -> float:
    return float(10 ** Decimal(digits.as_tuple().exponent)) * float(value.unit.factor)


def _plus_minus(text: str, number: str, spread: str, unit: str) -> Stated:
    value, u = parse_quantity(number + unit), parse_number(spread)
    reach = u * float(value.unit.factor)
    if reach < 0.0:
        raise InputError("an uncertainty below zero", next_step="write it without sign")
    # The spread itself says which digits tell.
    reach = max(reach, _written_step(value) / 2.0)
    return Stated(text, value.si, Span(value.si - reach, value.si + reach), value.unit)


def _range(text: str, first: str, last: str) -> Stated:
    low, high = parse_quantity(first), parse_quantity(last)
    if low.unit.dimension != high.unit.dimension:
        raise InputError(
            "the ends of the range differ in unit", next_step="give both ends the same unit"
        )
    if low.si > high.si:
        raise InputError("the range runs downward", next_step="swap its ends")
    middle = math.sqrt(low.si * high.si) if low.si > 0.0 else (low.si + high.si) / 2.0
    return Stated(text, middle, Span(low.si, high.si), high.unit)
