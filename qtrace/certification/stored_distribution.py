"""The distribution that belongs to a result, where it is not that of value and u.

Inside: `stored_distribution`.
Source: JCGM 101:2008, 5.3 (a change of scale keeps the shape of a distribution).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qtrace.errors import QtraceError
from qtrace.quantity.units import parse_unit
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.posterior import Shape, shape_of
from qtrace.uncertainty.results import ModelKind, Result

# Shapes for which value, u and degrees of freedom already say everything.
_BY_MOMENTS = frozenset({Distribution.NORMAL, Distribution.T})
# A result follows its one input in proportion to this part; more is another shape.
_PROPORTIONAL = 1e-9
_PROBABILITIES = np.array([0.001, 0.1, 0.5, 0.9, 0.999])


def stored_distribution(
    dossier: Dossier, result_id: int, functions: Mapping[str, ModelFunction]
) -> Shape | None:
    """Return the distribution of a result that is proportional to one input quantity.

    A dark count rate from few counts, a transmittance with a bound: their budget has one line,
    and the distribution of that line is theirs. With more lines None: what draws over the chain
    say is then asked for separately.

    Args:
        dossier: Network and records of the result.
        result_id: The result.
        functions: "metric_id@version" to function.

    Returns:
        Distribution in the unit of the result, None where value and u say all that is stored.
    """
    found = _one_input(dossier, result_id, functions)
    if found is None:
        return None
    quantity, factor = found
    per_unit = factor / float(parse_unit(dossier.results[result_id].unit).factor)
    return _scaled(shape_of(quantity), per_unit)


def _one_input(
    dossier: Dossier, result_id: int, functions: Mapping[str, ModelFunction]
) -> tuple[InputQuantity, float] | None:
    """Return the one uncertain input of a chain of proportional models, and the proportion."""
    network = dossier.network
    factor = 1.0
    current = network.result(result_id)
    while True:
        uncertain = [
            argument
            for argument in current.arguments
            if argument.parent_id is not None
            or network.quantity(argument.input_id or 0).standard_uncertainty > 0.0
        ]
        if len(uncertain) != 1 or uncertain[0].sensitivity <= 0.0:
            return None
        argument = uncertain[0]
        factor *= argument.sensitivity
        if argument.parent_id is not None:
            parent = network.result(argument.parent_id)
            alone = len(current.arguments) == 1 and current.model.kind is ModelKind.LINEAR
            if not alone or not _close(current.value, argument.sensitivity * parent.value):
                return None
            current = parent
            continue
        quantity = network.quantity(argument.input_id or 0)
        if quantity.distribution in _BY_MOMENTS or network.block_place(quantity.input_id):
            return None
        whole = _proportional(dossier, current, quantity, functions)
        return (quantity, factor) if whole else None


def _proportional(
    dossier: Dossier,
    result: Result,
    quantity: InputQuantity,
    functions: Mapping[str, ModelFunction],
) -> bool:
    """Return whether the model gives c times the input all over its distribution."""
    rows = {}
    sensitivity = 0.0
    drawn = np.array([shape_of(quantity).quantile(float(p)) for p in _PROBABILITIES])
    for argument in result.arguments:
        if argument.input_id == quantity.input_id:
            rows[argument.name], sensitivity = drawn, argument.sensitivity
        elif argument.input_id is not None:
            estimate = dossier.network.quantity(argument.input_id).estimate
            rows[argument.name] = np.full(len(drawn), estimate)
    if result.model.kind is ModelKind.LINEAR:
        return len(rows) == 1 and _close(result.value, sensitivity * quantity.estimate)
    try:
        values = evaluate_arrays(result.model, rows, functions=functions)
    except (QtraceError, ArithmeticError, ValueError):
        return False
    return bool(np.allclose(values, sensitivity * drawn, rtol=_PROPORTIONAL, atol=0.0))


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_PROPORTIONAL, abs_tol=0.0) or one == other


def _scaled(shape: Shape, factor: float) -> Shape | None:
    """Return the distribution of a positive multiple; None where the shape has no such form."""
    x, u, own = shape.estimate * factor, shape.standard_uncertainty * factor, shape.parameters
    if factor == 1.0:
        return shape
    match shape.distribution:
        case Distribution.GAMMA:
            own = (own[0], own[1] / factor)
        case Distribution.EXPONENTIAL:
            own = (own[0] * factor,)
        case Distribution.TRUNCATED_NORMAL:
            own = tuple(one * factor for one in own)
        case Distribution.COUNTS:
            n = shape.estimate + 0.5
            return Shape(Distribution.GAMMA, n * factor, math.sqrt(n) * factor, (n, 1.0 / factor))
        case Distribution.BETA:
            return None  # on 0 ... 1 by definition
        case _:
            pass
    return Shape(shape.distribution, x, u, own, shape.degrees_of_freedom)
