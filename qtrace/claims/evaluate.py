"""Expressions of claims on intervals, and the relation between two of them.

The language is that of measurement models: units are checked, nothing is executed, a level in dB
becomes a ratio only through a function that names the convention.

Inside: `Relation`, `Comparison`, `read_relation`, `compare`, `span_of`, `called_in`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qtrace.claims import span as spans
from qtrace.claims.span import Span
from qtrace.errors import InputError, QtraceError
from qtrace.uncertainty.expression import Expression, compile_expression
from qtrace.uncertainty.expression_program import Action, Step
from qtrace.uncertainty.expression_tokens import CONSTANTS, LEVEL_OF_RATIO, RATIO_OF_LEVEL

_SIGN = re.compile(r"<=|>=|=")


class Comparison(StrEnum):
    """How both sides of a relation stand to each other."""

    EQUAL = "="
    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Relation:
    """Two expressions and the sign between them."""

    text: str
    left: Expression
    comparison: Comparison
    right: Expression

    @property
    def names(self) -> tuple[str, ...]:
        """Names on both sides, each once."""
        return tuple(dict.fromkeys((*self.left.names, *self.right.names)))

    def functions(self) -> frozenset[str]:
        """Return the functions that are called."""
        return called_in(self.left) | called_in(self.right)


def called_in(expression: Expression) -> frozenset[str]:
    """Return the functions that an expression calls."""
    return frozenset(step.word for step in expression.steps if step.action is Action.FUNCTION)


def read_relation(text: str, *, names: frozenset[str]) -> Relation:
    """Read "left = right", "left <= right" or "left >= right".

    Args:
        text: The relation.
        names: Names that it may use.

    Raises:
        InputError: not exactly one sign, or a side is no expression.
    """
    signs = _SIGN.findall(text)
    if len(signs) != 1:
        raise InputError(
            f"a relation has one sign =, <= or >=, this has {len(signs)}",
            where=f"relation {text!r}",
            next_step='write it like "frequency = phase / (2 * pi * tau)"',
        )
    left, _, right = text.partition(signs[0])
    return Relation(
        text,
        compile_expression(left.strip(), names=names),
        Comparison(signs[0]),
        compile_expression(right.strip(), names=names),
    )


def compare(comparison: Comparison, left: Span, right: Span) -> bool:
    """Return whether some numbers of both intervals stand so to each other."""
    match comparison:
        case Comparison.EQUAL:
            return left.meets(right)
        case Comparison.AT_MOST:
            return left.low <= right.high
        case Comparison.AT_LEAST:
            return left.high >= right.low


def span_of(expression: Expression, values: Mapping[str, Span]) -> Span:
    """Return an interval that holds the expression's value for all numbers of its inputs.

    Args:
        expression: A compiled expression.
        values: Interval of each name that it uses, SI units.

    Raises:
        InputError: a name is missing, or no number of the intervals has a real value.
    """
    stack: list[Span] = []
    for step in expression.steps:
        first = len(stack) - len(step.operands)
        operands = stack[first:]
        del stack[first:]
        try:
            stack.append(_span(step, operands, values))
        except QtraceError as error:
            raise error.located(f"expression {expression.text!r}") from None
    return stack[0]


def _span(step: Step, operands: list[Span], values: Mapping[str, Span]) -> Span:
    match step.action:
        case Action.NUMBER:
            return spans.point(float(step.word))
        case Action.CONSTANT:
            return spans.point(float(CONSTANTS[step.word].value))
        case Action.NAME if step.word in values:
            return values[step.word]
        case Action.NAME:
            raise InputError(f"no value is given for {step.word!r}", next_step="give one")
        case Action.FUNCTION if step.word in RATIO_OF_LEVEL:
            level = spans.divide(operands[0], spans.point(float(RATIO_OF_LEVEL[step.word])))
            return spans.power(spans.point(10.0), level)
        case Action.FUNCTION if step.word in LEVEL_OF_RATIO:
            logarithm = spans.apply("log10", operands[0])
            return spans.multiply(logarithm, spans.point(float(LEVEL_OF_RATIO[step.word])))
        case Action.FUNCTION:
            return spans.apply(step.word, operands[0])
        case Action.NEGATE:
            return spans.negate(operands[0])
        case Action.ADD:
            return spans.add(*operands)
        case Action.SUBTRACT:
            return spans.subtract(*operands)
        case Action.MULTIPLY:
            return spans.multiply(*operands)
        case Action.DIVIDE:
            return spans.divide(*operands)
        case _:
            return spans.power(*operands)
