"""Where a model is bent so much within its uncertainties that the linear u misleads.

Inside: `nonlinearity`, `carried_arguments`, `shown`, `MOST_ARGUMENTS`.

The direct arguments are taken as normal, with their covariance from the network. This is a screen:
it says where to look, and `remainder` then draws.
Source: JCGM 100:2008 (GUM), note to 5.1.2, in `uncertainty.second_order`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.expression import Expression, compile_expression
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock
from qtrace.uncertainty.network import Network, covariance, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.second_order import DIFFERENCE_LIMIT, SecondOrder, second_order
from qtrace.uncertainty.unknown import worst_signs

# All pairs are looked at: 150 arguments take 46 000 rows of them, 55 MB.
MOST_ARGUMENTS = 150


def nonlinearity(
    network: Network, result_id: int, *, unit: str, functions: Mapping[str, ModelFunction]
) -> str:
    """Say in words where first and second order disagree about u by more than 5 %.

    Args:
        network: Holds the result and all its ancestors.
        result_id: A result with an expression or a function; of a linear one nothing is said.
        unit: In which the two figures are written.
        functions: "metric@version" to its function.

    Returns:
        Both figures; "" where first order tells the truth. Also said is where
        second order cannot be had.

    Raises:
        IntegrityError: as for `covariance`.

    Source: GUM, note to 5.1.2; limit: own rule, that of `model_nonlinearity`. Where correlations
        are not stated both orders are taken at the signs where the bound of u lies.
    """
    result = network.result(result_id)
    if result.model.kind is ModelKind.LINEAR:
        return ""
    linear = standard_uncertainty(network, result_id)
    claim = f"first order claims u = {shown(linear, unit)}"
    if len(result.of_model) > MOST_ARGUMENTS:
        return f"{claim}, second order is not looked at for more than {MOST_ARGUMENTS} arguments"
    network = _at_bound(network, result_id)
    estimates = {one.name: _estimate(network, one) for one in result.of_model}
    uncertainties, coefficients = _arguments_of(network, result)
    if not any(uncertainties.values()):
        return ""
    try:
        found = second_order(
            _model(result.model, estimates, functions),
            estimates,
            uncertainties,
            correlation=coefficients,
        )
    except InputError as error:
        return f"{claim}, second order cannot be had ({error.what})"
    return "" if _agree(found) else f"{claim}, second order {_second(found, unit)}"


def _agree(found: SecondOrder) -> bool:
    """Return whether both orders agree; each is of the same evaluation, so like is compared."""
    u, better = found.linear_uncertainty, found.second_order_uncertainty
    return better is not None and abs(better - u) <= DIFFERENCE_LIMIT * u


def _second(found: SecondOrder, unit: str) -> str:
    if found.second_order_uncertainty is None:
        return "leaves no positive variance"
    return f"u = {shown(found.second_order_uncertainty, unit)}"


def _model(
    model: Model, estimates: Mapping[str, float], functions: Mapping[str, ModelFunction]
) -> ModelFunction | Expression:
    if model.kind is ModelKind.EXPRESSION:
        return compile_expression(model.text, names=frozenset(estimates))
    return functions[f"{model.text}@{model.version}"]


def _estimate(network: Network, argument: Argument) -> float:
    if argument.parent_id is not None:
        return network.result(argument.parent_id).value
    return network.quantity(argument.input_id or 0).estimate


def _at_bound(network: Network, result_id: int) -> Network:
    """Return the network with unstated correlations at the signs where u has its bound."""
    if not any(block.kind is BlockKind.UNKNOWN for block in network.blocks):
        return network
    signs = worst_signs(network, result_id)
    blocks = tuple(
        _all_alike(block, signs) if block.kind is BlockKind.UNKNOWN else block
        for block in network.blocks
    )
    return Network(network.results, network.inputs, blocks)


def _all_alike(block: CorrelationBlock, signs: Mapping[int, float]) -> CorrelationBlock:
    row = np.array([signs.get(input_id, 1.0) for input_id in block.input_ids])
    return replace(block, kind=BlockKind.DECLARED, correlation=np.outer(row, row))


def carried_arguments(network: Network, result: Result) -> tuple[Network, dict[str, int]]:
    """Return the network with each argument of a model carried through a result of its own.

    Results and input quantities are then treated alike. The dictionary holds the new result id
    by the name of the argument, in the order of the model.
    """
    first = max(network.results) + 1
    through = {
        first + k: Result(
            first + k,
            _estimate(network, one),
            Model(ModelKind.LINEAR),
            (Argument(one.name, 1.0, one.parent_id, one.input_id),),
        )
        for k, one in enumerate(result.of_model)
    }
    carried = Network({**network.results, **through}, network.inputs, network.blocks)
    return carried, {
        argument.name: one for one, argument in zip(through, result.of_model, strict=True)
    }


def _arguments_of(network: Network, result: Result) -> tuple[dict[str, float], NDArray[np.float64]]:
    """Return u of each direct argument and their correlation coefficients, shape (n, n)."""
    carried, by_name = carried_arguments(network, result)
    matrix = covariance(carried, list(by_name.values()))
    u = np.sqrt(np.diag(matrix))
    scale = np.where(u > 0.0, u, 1.0)
    coefficients = np.clip(matrix / scale[:, None] / scale[None, :], -1.0, 1.0)
    np.fill_diagonal(coefficients, 1.0)
    # Division in this order is not symmetric in its last digit.
    coefficients = (coefficients + coefficients.T) / 2.0
    return dict(zip(by_name, u.tolist(), strict=True)), coefficients


def shown(si: float, unit: str) -> str:
    """Write a figure with three digits in its unit."""
    if not math.isfinite(si):
        return "out of range"
    number = decimal_text(float(f"{in_unit(si, parse_unit(unit)):.3g}"))
    return number if unit in {"", "1"} else f"{number} {unit}"
