"""The expression language: measurement models as text, checked for units, never executed as code.

Names of inputs, decimal numbers, + - * / ^ (or **), unary minus, parentheses, the functions sqrt,
exp, ln, log10, log2, sin, cos, tan, and the constants h, c, e, k_B, pi. Levels in dB and ratios
meet only in power_ratio_of_level, amplitude_ratio_of_level, level_of_power_ratio,
level_of_amplitude_ratio.

Inside: `Expression`, `compile_expression`; tokens, translation and numbers have own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, UnitError
from qtrace.quantity.dimension import (
    DIMENSIONLESS,
    LEVEL,
    Dimension,
    dimension_text,
    divide,
    multiply,
    power,
)
from qtrace.uncertainty.expression_numbers import run, run_backward
from qtrace.uncertainty.expression_program import Action, Step, translate
from qtrace.uncertainty.expression_tokens import (
    CONSTANTS,
    LEVEL_OF_RATIO,
    RATIO_OF_LEVEL,
    place_text,
    stretch_text,
)

_MAX_EXACT = 1_000_000  # exponents are small; larger literals are not followed exactly
_MAX_POWER = 100
_SUM_WORDS = {Action.ADD: "added", Action.SUBTRACT: "subtracted"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; `names` are the inputs that it uses, in order of appearance."""

    text: str
    names: tuple[str, ...]
    steps: tuple[Step, ...]

    def dimension(self, dims: Mapping[str, Dimension]) -> Dimension:
        """Return the dimension of the value, from those of the inputs.

        Args:
            dims: Dimension of each input used, by name.

        Returns:
            The dimension.

        Raises:
            InputError: The dimension of an input is missing.
            UnitError: Operands do not fit; the message names them with their units.
        """
        self._require(dims, "dimension")
        stack: list[_Operand] = []
        for step in self.steps:
            first = len(stack) - len(step.operands)
            operands = stack[first:]
            del stack[first:]
            stack.append(_operand(self.text, step, operands, dims))
        return stack[0].dimension

    def evaluate(
        self, values: Mapping[str, float | NDArray[np.float64]]
    ) -> float | NDArray[np.float64]:
        """Return the value of the expression.

        Args:
            values: Each input used, by name, in SI units: scalars, or arrays that broadcast with
                each other. Others are ignored.

        Returns:
            A float for scalars, else an array of the common shape, nan or inf where the
            expression has no real value.

        Raises:
            InputError: A value is missing or, for scalars, not finite, or the expression has
                no finite value (division by zero, root of a negative number).
        """
        self._require(values, "value")
        numbers = {name: np.asarray(values[name], dtype=np.float64)[()] for name in self.names}
        result = run(self.text, self.steps, numbers)
        return result if isinstance(result, np.ndarray) else float(result)

    def gradient(self, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """Return the value and its exact partial derivative by each input used.

        Args:
            values: Each input used, by name, in SI units. Others are ignored.

        Returns:
            Value, and derivatives by name in order of appearance.

        Raises:
            InputError: A value is missing or not finite, or the expression has no finite value
                or derivative at this point.
        """
        self._require(values, "value")
        numbers = {name: np.float64(values[name]) for name in self.names}
        return run_backward(self.text, self.steps, numbers)

    def _require(self, given: Mapping[str, object], what: str) -> None:
        for name in self.names:
            if name not in given:
                raise InputError(
                    f"no {what} is given for {name!r}",
                    where=f"expression {stretch_text(self.text, 0, len(self.text))}",
                    next_step=f"give one for each of: {', '.join(self.names)}",
                )


def compile_expression(text: str, *, names: frozenset[str]) -> Expression:
    """Compile an expression.

    Args:
        text: For example "(counts - dark) / photon_rate"; at most 20 000 characters.
        names: Names of the inputs that it may use; none may be a constant's or a function's.

    Returns:
        The expression, ready to be checked and evaluated.

    Raises:
        InputError: The text is no expression of the language; the column is named.
    """
    steps = translate(text, names=names)
    used = dict.fromkeys(step.word for step in steps if step.action is Action.NAME)
    return Expression(text, tuple(used), steps)


@dataclass(frozen=True, slots=True)
class _Operand:
    """What is known of a value without computing it; `exact` where it is made of literals."""

    step: Step
    dimension: Dimension
    exact: Fraction | None = None


def _operand(
    text: str, step: Step, operands: list[_Operand], dims: Mapping[str, Dimension]
) -> _Operand:
    """Return the dimension of one step from those of its operands."""
    match step.action:
        case Action.NUMBER:
            return _Operand(step, DIMENSIONLESS, _small(Fraction(Decimal(step.word))))
        case Action.NAME:
            return _Operand(step, dims[step.word])
        case Action.CONSTANT:
            return _Operand(step, CONSTANTS[step.word].dimension)
        case Action.FUNCTION:
            return _Operand(step, _function_dimension(text, step, operands[0]))
        case Action.NEGATE:
            exact = operands[0].exact
            return _Operand(step, operands[0].dimension, None if exact is None else -exact)
        case _:
            left, right = operands
            return _Operand(
                step, _binary_dimension(text, step, left, right), _fold(step.action, left, right)
            )


def _function_dimension(text: str, step: Step, argument: _Operand) -> Dimension:
    if step.word == "sqrt":
        return _limited_power(text, argument, Fraction(1, 2))
    if step.word in RATIO_OF_LEVEL:
        if argument.dimension != LEVEL:
            raise UnitError(
                f"{step.word} takes a level in dB, but {_shown(text, argument)} is given",
                where=place_text(text, step.start),
                next_step="give a level; a ratio is one already",
            )
        return DIMENSIONLESS
    if argument.dimension != DIMENSIONLESS:
        raise UnitError(
            f"{step.word} takes a number without unit, but {_shown(text, argument)} is given",
            where=place_text(text, step.start),
            next_step="divide by a quantity of the same unit first",
        )
    return LEVEL if step.word in LEVEL_OF_RATIO else DIMENSIONLESS


def _binary_dimension(text: str, step: Step, left: _Operand, right: _Operand) -> Dimension:
    match step.action:
        case Action.MULTIPLY:
            return multiply(left.dimension, right.dimension)
        case Action.DIVIDE:
            return divide(left.dimension, right.dimension)
        case Action.POWER:
            return _power_dimension(text, left, right)
        case _:
            if left.dimension != right.dimension:
                raise UnitError(
                    f"{_shown(text, left)} and {_shown(text, right)} cannot be "
                    f"{_SUM_WORDS[step.action]}",
                    where=place_text(text, right.step.start),
                    next_step="both must have the same unit; check the model and the inputs",
                )
            return left.dimension


def _power_dimension(text: str, base: _Operand, exponent: _Operand) -> Dimension:
    if exponent.dimension != DIMENSIONLESS:
        raise UnitError(
            f"{_shown(text, base)} cannot be raised to {_shown(text, exponent)}",
            where=place_text(text, exponent.step.start),
            next_step="an exponent has no unit",
        )
    if base.dimension == DIMENSIONLESS:
        return DIMENSIONLESS
    if exponent.exact is None:
        raise UnitError(
            f"{_shown(text, base)} has a unit, so its exponent must be written as a number, not "
            f"{_shown(text, exponent)}",
            where=place_text(text, exponent.step.start),
            next_step="write for example ^2 or ^(1/2), or divide the base by its unit",
        )
    return _limited_power(text, base, exponent.exact)


def _limited_power(text: str, base: _Operand, exponent: Fraction) -> Dimension:
    """Raise a dimension to a power; powers far beyond physics are refused."""
    dimension = power(base.dimension, exponent)
    if any(max(abs(part.numerator), part.denominator) > _MAX_POWER for part in dimension):
        raise UnitError(
            f"a power of {_shown(text, base)} goes beyond {_MAX_POWER}",
            where=place_text(text, base.step.start),
            next_step="check the exponent",
        )
    return dimension


def _fold(action: Action, left: _Operand, right: _Operand) -> Fraction | None:
    """Follow arithmetic of literals exactly, so that ^(1/2) is known to be a half."""
    if left.exact is None or right.exact is None:
        return None
    match action:
        case Action.ADD:
            return _small(left.exact + right.exact)
        case Action.SUBTRACT:
            return _small(left.exact - right.exact)
        case Action.MULTIPLY:
            return _small(left.exact * right.exact)
        case Action.DIVIDE if right.exact:
            return _small(left.exact / right.exact)
        case _:
            return None


def _small(number: Fraction) -> Fraction | None:
    within = max(abs(number.numerator), number.denominator) <= _MAX_EXACT
    return number if within else None


def _shown(text: str, operand: _Operand) -> str:
    """Name an operand for people, with its unit."""
    unit = dimension_text(operand.dimension)
    stretch = stretch_text(text, operand.step.start, operand.step.end)
    return f"{stretch} ({'no unit' if unit == '1' else unit})"
