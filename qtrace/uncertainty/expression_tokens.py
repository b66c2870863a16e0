"""Words of the expression language: tokens, constants, functions.

Inside: `TokenKind`, `Token`, `tokenize`, `Constant`, `CONSTANTS`, `FUNCTIONS`,
`RATIO_OF_LEVEL`, `LEVEL_OF_RATIO`, `fault`,
`place_text`, `stretch_text`.
Source: SI Brochure, 9th edition, section 2.2 (the defining constants, exact); ISO 80000-3:2006,
annex C (levels).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.quantity.dimension import DIMENSIONLESS, Dimension, dimension_of

MAX_LENGTH = 20_000
_SHOWN = 60


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"  # decimal digits, point, exponent
    NAME = "name"  # input, constant or function
    OPERATOR = "operator"  # + - * / ^
    OPEN = "opening parenthesis"  # (
    CLOSE = "closing parenthesis"  # )


@dataclass(frozen=True, slots=True)
class Token:
    """One token with its place, counted from 0; `end` is one past its last character."""

    kind: TokenKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the language, in the coherent SI unit."""

    value: float
    dimension: Dimension
    title: str


CONSTANTS: Mapping[str, Constant] = MappingProxyType(
    {
        # SI Brochure, 9th edition, table 1: exact by definition.
        "h": Constant(6.62607015e-34, dimension_of(kg=1, m=2, s=-1), "Planck constant"),
        "c": Constant(299792458.0, dimension_of(m=1, s=-1), "speed of light in vacuum"),
        "e": Constant(1.602176634e-19, dimension_of(A=1, s=1), "elementary charge"),
        "k_B": Constant(1.380649e-23, dimension_of(kg=1, m=2, s=-2, K=-1), "Boltzmann constant"),
        "pi": Constant(math.pi, DIMENSIONLESS, "ratio of circumference and diameter"),
    }
)
# Between the two scales: dB per decade. Nothing else leads from a level to a number.
RATIO_OF_LEVEL = MappingProxyType({"power_ratio_of_level": 10.0, "amplitude_ratio_of_level": 20.0})
LEVEL_OF_RATIO = MappingProxyType({"level_of_power_ratio": 10.0, "level_of_amplitude_ratio": 20.0})
FUNCTIONS = frozenset(
    {"sqrt", "exp", "ln", "log10", "log2", "sin", "cos", "tan", *RATIO_OF_LEVEL, *LEVEL_OF_RATIO}
)

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?![0-9A-Za-z_.]))"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<operator>\*\*|[-+*/^])"
    r"|(?P<open>\()"
    r"|(?P<close>\))"
)
_BLANK = " \t\r\n"
_ADVICE = "use names of inputs, numbers, + - * / ^, parentheses and the known functions"


def tokenize(text: str) -> Iterator[Token]:
    """Cut an expression into tokens; `**` comes out as `^`.

    Args:
        text: The expression.

    Yields:
        The tokens in order.

    Raises:
        InputError: The text is too long, or holds a character or a number that the language
            does not have; the column is named.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(
            f"expression of {len(text)} characters, at most {MAX_LENGTH} are read",
            where="expression",
            next_step="split it into several results",
        )
    place = 0
    while place < len(text):
        if text[place] in _BLANK:
            place += 1
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            raise fault(text, place, *_unreadable(text, place))
        yield _token(found)
        place = found.end()


def fault(text: str, place: int, what: str, next_step: str = _ADVICE) -> InputError:
    """Build the error for one place of an expression."""
    return InputError(what, where=place_text(text, place), next_step=next_step)


def place_text(text: str, place: int) -> str:
    """Name one place of an expression for people; columns count from 1."""
    start = max(0, place - _SHOWN // 2)
    before = "..." if start else ""
    after = "..." if start + _SHOWN < len(text) else ""
    excerpt = before + text[start : start + _SHOWN] + after
    return f"column {place + 1} of expression {excerpt!r}"


def stretch_text(text: str, start: int, end: int) -> str:
    """Quote a stretch of an expression, shortened in its middle where it is long."""
    stretch = text[start:end]
    if len(stretch) > _SHOWN:
        stretch = f"{stretch[: _SHOWN // 2]}...{stretch[-_SHOWN // 2 :]}"
    return repr(stretch)


def _token(found: re.Match[str]) -> Token:
    kind = TokenKind[str(found.lastgroup).upper()]
    text = "^" if found.group() == "**" else found.group()
    return Token(kind, text, found.start(), found.end())


def _unreadable(text: str, place: int) -> tuple[str, str]:
    """Say what is wrong at a place where no token begins, and what to do."""
    character = text[place]
    if character in "0123456789":
        return (
            "a number that is not decimal, or a name right behind a number",
            "write numbers like 0.5 or 1e-9 and put '*' between a number and a name",
        )
    if character == ".":
        if place and (text[place - 1].isalnum() or text[place - 1] in "_)"):
            return "attributes are not part of the language", _ADVICE
        return "a number begins with a digit", "write 0.5 instead of .5"
    if character == ",":
        return "functions take one argument, and '.' is the decimal mark", _ADVICE
    return f"the character {character!r} is not part of the language", _ADVICE
