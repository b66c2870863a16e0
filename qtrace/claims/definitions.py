"""Names of a claim: figures given, quantities defined from them, and what rests on what.

Inside: `Known`, `known_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.claims.claim import Claim
from qtrace.claims.evaluate import called_in, span_of
from qtrace.claims.span import Span
from qtrace.errors import InputError, QtraceError
from qtrace.quantity.units import Dimension
from qtrace.uncertainty.expression import Expression


@dataclass(frozen=True, slots=True)
class Known:
    """All names of a claim: dimension of each, numbers of those that rest on nothing missing."""

    dimensions: Mapping[str, Dimension]
    numbers: Mapping[str, float]
    spans: Mapping[str, Span]
    roots: Mapping[str, frozenset[str]]  # figures and missing quantities behind each name
    functions: Mapping[str, frozenset[str]]  # functions of the language behind each name

    def behind(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the figures and missing quantities behind names, in order of appearance."""
        found = dict.fromkeys(root for name in names for root in sorted(self.roots[name]))
        return tuple(found)

    def with_value(self, claim: Claim, name: str, *, number: float, span: Span) -> Known:
        """Return the same with one more number, and everything defined from it."""
        numbers, spans = {**self.numbers, name: number}, {**self.spans, name: span}
        _evaluate(claim, _ordered(claim), numbers=numbers, spans=spans)
        return Known(self.dimensions, numbers, spans, self.roots, self.functions)


def known_of(claim: Claim) -> Known:
    """Evaluate what a claim gives and defines.

    Raises:
        InputError: definitions go round in a circle, or one has no finite value.
        UnitError: a definition joins what does not fit.
    """
    dimensions = {name: one.stated.unit.dimension for name, one in claim.given.items()}
    dimensions.update({m.name: m.unit.dimension for m in claim.missing if m.unit is not None})
    roots = {name: frozenset({name}) for name in dimensions}
    functions: dict[str, frozenset[str]] = dict.fromkeys(dimensions, frozenset())
    order = _ordered(claim)
    for name in order:
        expression = claim.defined[name]
        try:
            dimensions[name] = expression.dimension(dimensions)
        except QtraceError as error:
            raise error.located(f"{claim.place}, define {name!r}") from None
        roots[name] = frozenset[str]().union(*(roots[one] for one in expression.names))
        functions[name] = called_in(expression).union(*(functions[one] for one in expression.names))
    numbers = {name: one.stated.number for name, one in claim.given.items()}
    spans = {name: one.stated.span for name, one in claim.given.items()}
    _evaluate(claim, order, numbers=numbers, spans=spans)
    return Known(dimensions, numbers, spans, roots, functions)


def _evaluate(
    claim: Claim, order: tuple[str, ...], *, numbers: dict[str, float], spans: dict[str, Span]
) -> None:
    """Add what is defined from names that have numbers."""
    for name in order:
        expression = claim.defined[name]
        if all(one in numbers for one in expression.names):
            try:
                numbers[name] = number_of(expression, numbers)
                spans[name] = span_of(expression, spans)
            except QtraceError as error:
                raise error.located(f"{claim.place}, define {name!r}") from None


def number_of(expression: Expression, numbers: Mapping[str, float]) -> float:
    """Return the value of an expression at the numbers written."""
    value = expression.evaluate(numbers)
    if not isinstance(value, float):
        raise TypeError("scalars give a scalar")
    return value


def _ordered(claim: Claim) -> tuple[str, ...]:
    """Return the defined names, each behind those that it uses.

    Raises:
        InputError: they go round in a circle.
    """
    order: list[str] = []
    waiting = dict(claim.defined)
    while waiting:
        ready = [
            name
            for name, expression in waiting.items()
            if not any(one in waiting for one in expression.names)
        ]
        if not ready:
            raise InputError(
                f"definitions go round in a circle: {', '.join(waiting)}",
                where=f"{claim.place}, define",
                next_step="define each from figures that are given",
            )
        order.extend(ready)
        for name in ready:
            del waiting[name]
    return tuple(order)
