"""Evaluate stored models again: value and sensitivities at the estimates.

Inside: `numeric_gradient`, `evaluate_model`, `evaluate_arrays`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

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
FINER = 8.0  # from step to step: a difference of fourth order is then 4096 times better
AGREES = 1e-4  # of the largest |c u|: far below what two digits of an uncertainty show


def numeric_gradient(
    function: ModelFunction, estimates: Mapping[str, float], uncertainties: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """Return value and partial derivatives from one or two vectorised calls.

    The step is u/20, made finer where the function bends within it: the first call holds that
    step and 1/8 of it for each uncertain argument; a second call holds 1/64 and 1/512 for those
    arguments alone whose derivatives differ. The coarsest step that agrees with the next finer
    one is taken. Where none does, or the finer ones see no change at all (a function of steps
    has no other slope), it stays u/20.

    Args:
        function: Model, called with one keyword array of shape (m,) per argument; m is
            1 + 4 n + 4 n_u for n arguments, n_u of them with an uncertainty.
        estimates: Argument name to estimate, in SI units.
        uncertainties: Argument name to standard uncertainty; sets the step.

    Returns:
        The value at the estimates and d(value)/d(argument), in SI units.

    Raises:
        InputError: the function is not finite at or near the estimates.

    Source: fourth-order central difference, Abramowitz and Stegun, Eq. 25.3.6; one-sided in an
        exact argument at the edge of what the function takes.
    """
    try:
        return _central(function, estimates, uncertainties)
    except InputError:
        # An exact argument may stand at the edge of what the function takes: beta = 1.
        exact = [name for name in estimates if not uncertainties.get(name, 0.0) > 0.0]
        sided = {name: _sided(function, estimates, name) for name in exact}
        edge = {name: slope for name, slope in sided.items() if slope is not None}
        if not edge:
            raise
    held = {name: estimates[name] for name in edge}
    free = {name: at for name, at in estimates.items() if name not in edge}

    def rest(**given: NDArray[np.float64]) -> float | NDArray[np.float64]:
        return function(**given, **{n: np.full(_rows_of(given), at) for n, at in held.items()})

    value, slopes = _central(rest, free, uncertainties)
    return value, {name: edge[name] if name in edge else slopes[name] for name in estimates}


def _rows_of(given: Mapping[str, NDArray[np.float64]]) -> int:
    return next((len(one) for one in given.values()), 1)


def _sided(function: ModelFunction, estimates: Mapping[str, float], name: str) -> float | None:
    """Return the derivative to one side at an edge of the function; None where there is no edge.

    Source: three-point one-sided difference, Abramowitz and Stegun, Eq. 25.3.4 at p = 0.
    """
    step = STEP_WITHOUT_U * (abs(estimates[name]) or 1.0)

    def at(*moves: float) -> NDArray[np.float64] | None:
        rows = {n: np.full(len(moves), value) for n, value in estimates.items()}
        rows[name] = rows[name] + step * np.array(moves)
        try:
            values = np.broadcast_to(_call(function, rows), (len(moves),))
        except InputError:
            return None
        return values if np.all(np.isfinite(values)) else None

    below, above = at(0.0, -1.0, -2.0), at(0.0, 1.0, 2.0)
    if (below is None) == (above is None):
        return None
    values = above if above is not None else np.asarray(below)
    side = 1.0 if above is not None else -1.0
    return float(side * (4.0 * (values[1] - values[0]) - (values[2] - values[0])) / (2.0 * step))


def _central(
    function: ModelFunction, estimates: Mapping[str, float], uncertainties: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """Return value and central differences, see `numeric_gradient`."""
    spread = {name: max(0.0, uncertainties.get(name, 0.0)) for name in estimates}
    uncertain = [name for name, u in spread.items() if u > 0.0]
    steps = {
        name: STEP_IN_U * u if u > 0.0 else STEP_WITHOUT_U * (abs(estimates[name]) or 1.0)
        for name, u in spread.items()
    }
    moved = [(name, steps[name]) for name in estimates]
    moved += [(name, steps[name] / FINER) for name in uncertain]
    value, slopes = _slopes(function, estimates, moved, finite=len(estimates))
    coarse = dict(zip(estimates, slopes, strict=False))
    finer = dict(zip(uncertain, slopes[len(estimates) :], strict=True))
    parts = [abs(c[name]) * spread[name] for c in (coarse, finer) for name in c]
    largest = max((one for one in parts if math.isfinite(one)), default=0.0)
    near = {name: AGREES * largest / spread[name] for name in uncertain}
    # Written so that a finer derivative without a value does not agree.
    bent = [name for name in uncertain if not abs(coarse[name] - finer[name]) <= near[name]]
    if bent:
        moved = [(name, steps[name] / FINER**power) for power in (2, 3) for name in bent]
        _, more = _slopes(function, estimates, moved, finite=0)
        for index, name in enumerate(bent):
            levels = [coarse[name], finer[name], more[index], more[len(bent) + index]]
            coarse[name] = _settled(levels, near[name])
    return value, coarse


def _settled(levels: Sequence[float], near: float) -> float:
    """Return the first finer derivative that agrees with its successor, or else the coarsest.

    The differences must also shrink on the way: from a function of steps, or one with rounding
    noise, finer derivatives may agree by chance after they ran apart.
    """
    differences = [abs(one - after) for one, after in pairwise(levels)]
    for index in range(1, len(differences)):
        if not differences[index] < differences[index - 1]:
            break
        if differences[index] <= near:
            return levels[index] or levels[0]
    return levels[0]


def _slopes(
    function: ModelFunction,
    estimates: Mapping[str, float],
    moved: Sequence[tuple[str, float]],
    *,
    finite: int,
) -> tuple[float, list[float]]:
    """Return the value, and one derivative for each argument and step, from one call.

    The value and the first `finite` derivatives must exist; the others may be NaN.
    """
    count = 4 * len(moved) + 1
    rows = {name: np.full(count, at, dtype=np.float64) for name, at in estimates.items()}
    for index, (name, step) in enumerate(moved):
        rows[name][4 * index + 1 : 4 * index + 5] += step * np.array([-2.0, -1.0, 1.0, 2.0])
    values = np.broadcast_to(_call(function, rows), (count,))
    if not np.all(np.isfinite(values[: 4 * finite + 1])):
        raise InputError(
            "the model is not finite at or next to the estimates",
            next_step="check the counts and parameters; a rate or logarithm of zero has no value",
        )
    weights = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
    with np.errstate(all="ignore"):
        change = values - values[0]  # small numbers: less rounding; a constant gives exactly 0
        return float(values[0]), [
            float(weights @ change[4 * index + 1 : 4 * index + 5]) / step
            for index, (_, step) in enumerate(moved)
        ]


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
