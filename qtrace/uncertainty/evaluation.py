"""Evaluate stored models again: value and sensitivities at the estimates.

Inside: `numeric_gradient`, `evaluate_model`, `evaluate_arrays`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.results import Model, ModelKind

# The function may use arrays of shape (n,) for every argument and return shape (n,).
ModelFunction = Callable[..., float | NDArray[np.float64]]

LINEAR_IS_STORED = "a linear model is not evaluated: its stored sensitivities are the model"
STEP_IN_U = 0.05  # of a standard uncertainty: inside the region where the model is used
STEP_WITHOUT_U = 1e-6  # relative, where an argument is exact


def numeric_gradient(
    function: ModelFunction, estimates: Mapping[str, float], uncertainties: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """Return value and partial derivatives from ONE vectorised call of 4 n + 1 rows.

    Args:
        function: Model, called with one keyword array of shape (4 n + 1,) per argument.
        estimates: Argument name to estimate, in SI units.
        uncertainties: Argument name to standard uncertainty; sets the step.

    Returns:
        The value at the estimates and d(value)/d(argument), in SI units.

    Raises:
        InputError: the function is not finite at or near the estimates.

    Source: fourth-order central difference, Abramowitz and Stegun, Eq. 25.3.6.
    """
    names = list(estimates)
    rows = {name: np.full(4 * len(names) + 1, estimates[name], dtype=np.float64) for name in names}
    steps = []
    for index, name in enumerate(names):
        u = uncertainties.get(name, 0.0)
        step = STEP_IN_U * u if u > 0.0 else STEP_WITHOUT_U * (abs(estimates[name]) or 1.0)
        steps.append(step)
        rows[name][4 * index + 1 : 4 * index + 5] += step * np.array([-2.0, -1.0, 1.0, 2.0])
    values = np.broadcast_to(_call(function, rows), (4 * len(names) + 1,))
    if not np.all(np.isfinite(values)):
        raise InputError(
            "the model is not finite at or next to the estimates",
            next_step="check the counts and parameters; a rate or logarithm of zero has no value",
        )
    weights = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
    change = values - values[0]  # small numbers: less rounding, and a constant gives exactly 0
    return float(values[0]), {
        name: float(weights @ change[4 * index + 1 : 4 * index + 5]) / steps[index]
        for index, name in enumerate(names)
    }


def _call(function: ModelFunction, rows: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Call a function on rows; where it has no value the rows say so, not a warning."""
    with np.errstate(all="ignore"):
        return np.asarray(function(**rows), dtype=np.float64)


def _function(model: Model, functions: Mapping[str, ModelFunction]) -> ModelFunction:
    key = f"{model.text}@{model.version}"
    try:
        return functions[key]
    except KeyError:
        raise IntegrityError(
            f"no function of metric {key} is at hand",
            next_step="install the version of qtrace that knows it; newer code is another result",
        ) from None


def evaluate_model(
    model: Model,
    estimates: Mapping[str, float],
    uncertainties: Mapping[str, float],
    *,
    functions: Mapping[str, ModelFunction],
) -> tuple[float, dict[str, float]]:
    """Return value and sensitivities of an expression or function model.

    Raises:
        InputError: the model cannot be evaluated there; or a linear model was given, whose
            stored sensitivities are the model.
        IntegrityError: the function of that metric and version is not at hand.
    """
    if model.kind is ModelKind.EXPRESSION:
        return compile_expression(model.text, names=frozenset(estimates)).gradient(estimates)
    if model.kind is ModelKind.FUNCTION:
        return numeric_gradient(_function(model, functions), estimates, uncertainties)
    raise InputError(LINEAR_IS_STORED)


def evaluate_arrays(
    model: Model,
    values: Mapping[str, NDArray[np.float64]],
    *,
    functions: Mapping[str, ModelFunction],
) -> NDArray[np.float64]:
    """Return the model for arrays of argument values, all of shape (n,); shape (n,) back.

    Where the model has no value the array holds NaN or infinity; the caller decides.

    Raises:
        InputError: a linear model was given, whose stored sensitivities are the model.
        IntegrityError: the function of that metric and version is not at hand.
    """
    if model.kind is ModelKind.EXPRESSION:
        expression = compile_expression(model.text, names=frozenset(values))
        return np.asarray(expression.evaluate(values), dtype=np.float64)
    if model.kind is ModelKind.FUNCTION:
        return _call(_function(model, functions), values)
    raise InputError(LINEAR_IS_STORED)
