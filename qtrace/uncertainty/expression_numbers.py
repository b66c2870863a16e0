"""Run a postfix program on numbers: values, and exact derivatives by one backward pass.

Inside: `Number`, `run`, `run_backward`.
Source: A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed. (2008), section 3.2 (reverse mode).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.expression_program import Action, Step
from qtrace.uncertainty.expression_tokens import (
    CONSTANTS,
    LEVEL_OF_RATIO,
    RATIO_OF_LEVEL,
    place_text,
    stretch_text,
)

Number = np.float64 | NDArray[np.float64]

_BINARY: Mapping[Action, Callable[[Number, Number], Number]] = {
    Action.ADD: np.add,
    Action.SUBTRACT: np.subtract,
    Action.MULTIPLY: np.multiply,
    Action.DIVIDE: np.divide,
    Action.POWER: np.power,
}
_FUNCTIONS: Mapping[str, Callable[[Number], Number]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
}
# Derivative of each function from its argument x and its value y.
_DERIVATIVES: Mapping[str, Callable[[np.float64, np.float64], np.float64]] = {
    "sqrt": lambda _x, y: np.float64(0.5) / y,
    "exp": lambda _x, y: y,
    "ln": lambda x, _y: np.float64(1.0) / x,
    "log10": lambda x, _y: np.float64(1.0 / math.log(10.0)) / x,
    "log2": lambda x, _y: np.float64(1.0 / math.log(2.0)) / x,
    "sin": lambda x, _y: np.cos(x),
    "cos": lambda x, _y: -np.sin(x),
    "tan": lambda _x, y: np.float64(1.0) + y * y,
}


def run(text: str, steps: Sequence[Step], values: Mapping[str, Number]) -> Number:
    """Run a program on a stack.

    Args:
        text: The expression, for messages.
        steps: Its program.
        values: Inputs by name, scalars or arrays that broadcast with each other, SI units.

    Returns:
        The value. Scalars that leave the real numbers are refused; in arrays they are nan or inf.

    Raises:
        InputError: A scalar step has no finite value; the message names it.
    """
    stack: list[Number] = []
    with np.errstate(all="ignore"):
        for step in steps:
            first = len(stack) - len(step.operands)
            operands = stack[first:]
            del stack[first:]
            stack.append(_checked(text, step, operands, _value(step, operands, values)))
    return stack[0]


def run_backward(
    text: str, steps: Sequence[Step], values: Mapping[str, np.float64]
) -> tuple[float, dict[str, float]]:
    """Return the value of a program and its partial derivative by each input that it uses.

    Args:
        text: The expression, for messages.
        steps: Its program.
        values: Inputs by name, SI units.

    Returns:
        Value, and derivatives by name in order of first appearance.

    Raises:
        InputError: A value or a derivative is not finite at this point.

    Source:
        Griewank and Walther (2008), section 3.2: adjoints from the result to the inputs.
    """
    trace: list[np.float64] = []
    varies: list[bool] = []
    gradient: dict[str, float] = {}
    with np.errstate(all="ignore"):
        for step in steps:
            operands = [trace[position] for position in step.operands]
            value = _checked(text, step, operands, _value(step, operands, values))
            trace.append(np.float64(value))
            varies.append(step.action is Action.NAME or any(varies[i] for i in step.operands))
            if step.action is Action.NAME:
                gradient.setdefault(step.word, 0.0)
        adjoints = [np.float64(0.0)] * len(steps)
        adjoints[-1] = np.float64(1.0)
        for position in range(len(steps) - 1, -1, -1):
            step = steps[position]
            if step.action is Action.NAME:
                gradient[step.word] += float(adjoints[position])
            for place, operand in enumerate(step.operands):
                if varies[operand]:
                    slope = _slope(step, place, trace[position], [trace[i] for i in step.operands])
                    adjoints[operand] += adjoints[position] * slope
                    if not np.isfinite(adjoints[operand]):
                        _refuse_infinite_slope(text, steps, position, operand=operand)
    return float(trace[-1]), gradient


def _value(step: Step, operands: Sequence[Number], values: Mapping[str, Number]) -> Number:
    """Return what one step makes of its operands."""
    match step.action:
        case Action.NUMBER:
            return np.float64(step.word)
        case Action.NAME:
            return values[step.word]
        case Action.CONSTANT:
            return np.float64(CONSTANTS[step.word].value)
        case Action.FUNCTION if step.word in RATIO_OF_LEVEL:
            return np.power(10.0, operands[0] / RATIO_OF_LEVEL[step.word])
        case Action.FUNCTION if step.word in LEVEL_OF_RATIO:
            return LEVEL_OF_RATIO[step.word] * np.log10(operands[0])
        case Action.FUNCTION:
            return _FUNCTIONS[step.word](operands[0])
        case Action.NEGATE:
            return np.negative(operands[0])
        case _:
            return _BINARY[step.action](operands[0], operands[1])


def _slope(step: Step, place: int, value: np.float64, operands: Sequence[np.float64]) -> np.float64:
    """Return the derivative of one step by its operand number `place`."""
    one = np.float64(1.0)
    if step.word in RATIO_OF_LEVEL:
        return np.float64(math.log(10.0) / RATIO_OF_LEVEL[step.word]) * value
    if step.word in LEVEL_OF_RATIO:
        return np.float64(LEVEL_OF_RATIO[step.word] / math.log(10.0)) / operands[0]
    if step.action is Action.FUNCTION:
        return _DERIVATIVES[step.word](operands[0], value)
    if step.action is Action.NEGATE:
        return -one
    left, right = operands
    match step.action:
        case Action.ADD:
            return one
        case Action.SUBTRACT:
            return -one if place else one
        case Action.MULTIPLY:
            return left if place else right
        case Action.DIVIDE:
            return -value / right if place else one / right
        case _:
            return _power_slope(place, value, left, right)


def _power_slope(
    place: int, value: np.float64, base: np.float64, exponent: np.float64
) -> np.float64:
    """Return the derivative of base ** exponent; 0 ** 0 and 0 ** positive have simple limits."""
    if place:
        if base == 0.0 and exponent > 0.0:
            return np.float64(0.0)
        return np.float64(value * np.log(base))
    if exponent == 0.0:
        return np.float64(0.0)
    return np.float64(exponent * np.power(base, exponent - 1.0))


def _checked(text: str, step: Step, operands: Sequence[Number], value: Number) -> Number:
    """Refuse a scalar that is not finite, with the reason that a reader would give."""
    if np.ndim(value) or np.isfinite(value):
        return value
    if step.action is Action.NAME:
        what = f"{step.word!r} is {value}"
    elif step.action is Action.DIVIDE and operands[1] == 0.0:
        what = f"division by zero in {stretch_text(text, step.start, step.end)}"
    else:
        shown = ", ".join(str(operand) for operand in operands)
        what = f"{stretch_text(text, step.start, step.end)} has no finite value (from {shown})"
    raise InputError(
        what,
        where=place_text(text, step.start),
        next_step="check the values of its inputs and their units",
    )


def _refuse_infinite_slope(
    text: str, steps: Sequence[Step], position: int, *, operand: int
) -> NoReturn:
    """Say which stretch has no derivative, by which inputs."""
    step = steps[position]
    names: list[str] = []
    waiting = [operand]
    while waiting:
        one = steps[waiting.pop()]
        if one.action is Action.NAME:
            names.append(one.word)
        waiting.extend(reversed(one.operands))
    by = ", ".join(dict.fromkeys(names))
    raise InputError(
        f"{stretch_text(text, step.start, step.end)} has no finite derivative by {by} here",
        where=place_text(text, step.start),
        next_step="no u follows at these values: correct them, or write the model in another way",
    )
