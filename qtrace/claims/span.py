"""Intervals of real numbers: what a figure may be within the rounding of its digits.

Every bound is moved outward, so that the interval of a result holds the result for all numbers
of the arguments' intervals. A name that occurs twice counts as two numbers: the interval may be
too wide, never too narrow, so a claim is never called wrong for rounding alone.

Inside: `Span`, `point`, `add`, `subtract`, `negate`, `multiply`, `divide`, `power`, `apply`.
Source: R. E. Moore, R. B. Kearfott, M. J. Cloud, Introduction to Interval Analysis (2009),
chapters 2 and 5 (arithmetic, outward rounding, elementary functions), from memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qtrace.errors import InputError

# Sums, products and quotients are correctly rounded; functions of the C library are good to an
# ulp or two, the power of ten in a level to a few.
_EXACT_ULPS, _FUNCTION_ULPS = 1, 4
_TURN = 2.0 * math.pi
_LARGEST_ANGLE = 1e6  # beyond it the reduction of the angle loses the outward bound


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from `low` to `high`, both included; bounds may be infinite."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InputError(
                f"{self.low} .. {self.high} holds no number",
                where="interval",
                next_step="give finite numbers, the lower bound first",
            )

    def holds(self, number: float) -> bool:
        """Return whether a number lies in it."""
        return self.low <= number <= self.high

    def meets(self, other: Span) -> bool:
        """Return whether both share a number."""
        return self.low <= other.high and other.low <= self.high


def point(number: float) -> Span:
    """Return the interval of one number."""
    return Span(number, number)


def _outward(low: float, high: float, ulps: int = _EXACT_ULPS) -> Span:
    """Move both bounds outward."""
    for _ in range(ulps):
        low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return Span(low, high)


def add(a: Span, b: Span) -> Span:
    """Return all sums."""
    low, high = a.low + b.low, a.high + b.high
    return _outward(-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)


def subtract(a: Span, b: Span) -> Span:
    """Return all differences."""
    return add(a, negate(b))


def negate(a: Span) -> Span:
    """Return all opposite numbers."""
    return Span(-a.high, -a.low)


def multiply(a: Span, b: Span) -> Span:
    """Return all products; zero times an infinite bound is zero, as for all numbers below it."""
    corners = [
        0.0 if x == 0.0 or y == 0.0 else x * y for x in (a.low, a.high) for y in (b.low, b.high)
    ]
    return _outward(min(corners), max(corners))


def divide(a: Span, b: Span) -> Span:
    """Return all quotients; where the divisor may be zero the result is not bounded.

    Raises:
        InputError: the divisor is zero.
    """
    if b.low == 0.0 == b.high:
        raise InputError("division by zero", where="interval", next_step="check the divisor")
    if b.low < 0.0 < b.high:
        return Span(-math.inf, math.inf)
    low = -math.inf if b.high == 0.0 else 1.0 / b.high
    high = math.inf if b.low == 0.0 else 1.0 / b.low
    return multiply(a, _outward(low, high))


def power(a: Span, b: Span) -> Span:
    """Return all powers.

    Raises:
        InputError: the base may be negative and the exponent is no whole number.
    """
    if b.low == b.high and b.low == math.floor(b.low) and abs(b.low) < 2**31:
        return _whole_power(a, int(b.low))
    if a.low < 0.0:
        raise InputError(
            "a power of a number that may be negative needs a whole exponent",
            where="interval",
            next_step="check the base, or write the exponent as a whole number",
        )
    corners = [_power(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    if b.holds(0.0) or a.holds(1.0):
        corners.append(1.0)
    result = _outward(min(corners), max(corners), _FUNCTION_ULPS)
    return Span(max(result.low, 0.0), result.high)


def _whole_power(a: Span, exponent: int) -> Span:
    if exponent < 0:
        return divide(point(1.0), _whole_power(a, -exponent))
    if exponent == 0:
        return point(1.0)
    corners = [_power(a.low, exponent), _power(a.high, exponent)]
    if exponent % 2 == 0 and a.holds(0.0):
        corners.append(0.0)
    result = _outward(min(corners), max(corners), _FUNCTION_ULPS)
    return result if exponent % 2 else Span(max(result.low, 0.0), result.high)


def _power(base: float, exponent: float) -> float:
    """Return a power; what is beyond a double is infinite."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
    except ValueError:  # zero to a negative power
        return math.inf


def apply(name: str, a: Span) -> Span:
    """Return all values of a function of the expression language.

    Args:
        name: sqrt, exp, ln, log10, log2, sin, cos or tan.
        a: Its argument.

    Raises:
        InputError: no argument of the interval has a real value.
    """
    if name in _PERIODIC:
        return _PERIODIC[name](a)
    least, function = _RISING[name]
    if a.high < least or (a.high == least and name not in {"sqrt", "exp"}):
        raise InputError(
            f"{name} has no value for {a.high:g} and below",
            where="interval",
            next_step="check the argument",
        )
    result = _outward(function(max(a.low, least)), function(a.high), _FUNCTION_ULPS)
    return Span(max(result.low, 0.0), result.high) if name in {"sqrt", "exp"} else result


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _log_of(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: -math.inf if x <= 0.0 else function(x)


_RISING: Mapping[str, tuple[float, Callable[[float], float]]] = {
    "sqrt": (0.0, math.sqrt),
    "exp": (-math.inf, _exp),
    "ln": (0.0, _log_of(math.log)),
    "log10": (0.0, _log_of(math.log10)),
    "log2": (0.0, _log_of(math.log2)),
}


def _cos(a: Span) -> Span:
    if max(abs(a.low), abs(a.high)) > _LARGEST_ANGLE or a.high - a.low >= _TURN:
        return Span(-1.0, 1.0)
    ends = _outward(min(math.cos(a.low), math.cos(a.high)), max(math.cos(a.low), math.cos(a.high)))
    # A hair more than the interval, so that rounding of the turn never loses a top or bottom.
    slack = 1e-9
    turns = math.floor((a.high + slack) / _TURN) - math.ceil((a.low - slack) / _TURN)
    halves = math.floor((a.high + slack) / _TURN - 0.5) - math.ceil((a.low - slack) / _TURN - 0.5)
    high = 1.0 if turns >= 0 else min(1.0, ends.high + 1e-15)
    low = -1.0 if halves >= 0 else max(-1.0, ends.low - 1e-15)
    return Span(low, high)


def _sin(a: Span) -> Span:
    return _cos(subtract(a, _outward(math.pi / 2.0, math.pi / 2.0)))


def _tan(a: Span) -> Span:
    return divide(_sin(a), _cos(a)) if a.high - a.low < 1.0 else Span(-math.inf, math.inf)


_PERIODIC: Mapping[str, Callable[[Span], Span]] = {"sin": _sin, "cos": _cos, "tan": _tan}
