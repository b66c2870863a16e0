"""Results of one count and exact numbers: their limits are those of the count.

Inside: `LoneCount`, `lone_count`, `ends_by_count`.
Source: Garwood, Biometrika 28, 437 (1936); Clopper and Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays
from qtrace.uncertainty.few_counts import count_limit, counted
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.quantiles import quantile
from qtrace.uncertainty.results import ModelKind, Result

Array = NDArray[np.float64]
_MONOTONE_ROWS = 65  # points of the posterior at which the model is seen to rise or fall


@dataclass(frozen=True, slots=True)
class LoneCount:
    """A result that follows from one count and exact numbers, and is monotone in it."""

    quantity: InputQuantity
    name: str
    exact: Mapping[str, float]
    result: Result
    rising: bool


def lone_count(
    network: Network, result_id: int, functions: Mapping[str, ModelFunction]
) -> LoneCount | None:
    """Return the one counted input that a result follows from, None where there is none.

    Every other argument must be exact, and the model rise or fall over the whole posterior.
    """
    result = network.result(result_id)
    if result.model.kind is ModelKind.LINEAR:
        return None
    unsure: list[tuple[str, int, InputQuantity]] = []
    exact: dict[str, float] = {}
    for one in result.arguments:
        if one.parent_id is not None:
            if standard_uncertainty(network, one.parent_id) > 0.0:
                return None
            exact[one.name] = network.result(one.parent_id).value
            continue
        quantity = network.quantity(one.input_id or 0)
        if quantity.standard_uncertainty > 0.0:
            unsure.append((one.name, one.input_id or 0, quantity))
        else:
            exact[one.name] = quantity.estimate
    if len(unsure) != 1 or counted(unsure[0][2]) is None:
        return None
    name, place, quantity = unsure[0]
    if network.block_place(place) is not None:
        return None
    rows = quantile(quantity, np.linspace(1e-6, 1.0 - 1e-6, _MONOTONE_ROWS))
    steps = np.diff(_rows(LoneCount(quantity, name, exact, result, True), rows, functions))
    if not (bool(np.all(steps > 0.0)) or bool(np.all(steps < 0.0))):
        return None
    return LoneCount(quantity, name, exact, result, bool(steps[0] > 0.0))


def _rows(lone: LoneCount, values: Array, functions: Mapping[str, ModelFunction]) -> Array:
    """Return the model for values of the count; what has no value is NaN."""
    columns = {name: np.full(values.shape, one) for name, one in lone.exact.items()}
    made = evaluate_arrays(lone.result.model, {**columns, lone.name: values}, functions=functions)
    return np.broadcast_to(made, values.shape)


def ends_by_count(
    lone: LoneCount,
    tails: tuple[float | None, float | None],
    *,
    exact: bool,
    functions: Mapping[str, ModelFunction],
) -> tuple[float | None, float | None]:
    """Return the ends of a result of one count: limits of the count, put through the model.

    Args:
        lone: The count and the model.
        tails: Probability below the lower and below the upper end; None where an end is not asked.
        exact: Whether the limits are exact ones of the count, else quantiles of its posterior.
        functions: "metric@version" to its function.

    Raises:
        InputError: the model has no finite value there, or a declared prior hides the counts.

    Source: as for `count_limit`; limits of a count become those of a monotone function of it.
    """

    def end(tail: float | None) -> float | None:
        if tail is None:
            return None
        own = tail if lone.rising else 1.0 - tail
        if exact:
            upper = own > 0.5
            at = count_limit(lone.quantity, own if upper else 1.0 - own, upper=upper)
        else:
            at = float(quantile(lone.quantity, np.array([own]))[0])
        found = float(_rows(lone, np.array([at]), functions)[0])
        if not math.isfinite(found):
            raise InputError(
                f"the model has no finite value where {lone.name} is at its limit {at:g}",
                next_step="state the limit of the other side, or another quantity",
            )
        return found

    return end(tails[0]), end(tails[1])
