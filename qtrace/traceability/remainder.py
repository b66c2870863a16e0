"""What the linear u of a bent model misses: an uncertainty and a bias, found by draws.

Inside: `Remainder`, `remainder`, `remainder_input`, `REMAINDER_DRAWS`, `REMAINDER_SEED`.

One model is looked at, with its direct arguments drawn jointly through the whole chain behind
them. The model and its linear form see the same draws, so that what a heavy tail adds to both
is not taken for a bend. What the models further up bend is in the drawn arguments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.figure_flags import U_REFUSED
from qtrace.traceability.nonlinearity import carried_arguments, shown
from qtrace.uncertainty.drawn_curve import draw_curve, is_drawn_curve
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.monte_carlo import MOMENT_DOF, draw_chain
from qtrace.uncertainty.network import Network, row_uncertainty, standard_uncertainty
from qtrace.uncertainty.results import MODEL_NONLINEARITY, ModelKind
from qtrace.uncertainty.second_order import DIFFERENCE_LIMIT

REMAINDER_DRAWS = 100_000  # u to 0.2 %, the bias to 0.3 % of u
REMAINDER_SEED = 20_080_101
ROUNDING = 1e-9  # of u: what is left where model and linear form are the same
SIGNIFICANT = 3.0  # standard errors: a mean nearer to zero is scatter of the draws


@dataclass(frozen=True, slots=True)
class Remainder:
    """What draws say of one model; figures in the SI unit of its result.

    `drawn_uncertainty` is u of the model, None where the draws have no moment. The
    `standard_uncertainty` is what has to be added to the linear u, 0.0 where nothing has. `bias`
    is value minus expectation. `reason` says why there are no figures.
    """

    drawn_uncertainty: float | None
    standard_uncertainty: float
    bias: float
    reason: str = ""


def remainder(
    network: Network, result_id: int, *, functions: Mapping[str, ModelFunction]
) -> Remainder:
    """Return what first order misses of the model of one result.

    Args:
        network: Holds the result and all its ancestors.
        result_id: A result with an expression or a function, or a curve that is drawn through.
        functions: "metric@version" to its function.

    Source: JCGM 101:2008, 7.6 (u of draws); GUM, note to 5.1.2. u_added^2 = u_linear^2
    (var(model) / var(linear form) - 1), or var(model) where the linear form does not move.
    """
    result = network.result(result_id)
    drawn_through = is_drawn_curve(result.model)
    bends = drawn_through or result.model.kind is not ModelKind.LINEAR
    if not (bends and result.of_model):
        return Remainder(None, 0.0, 0.0, "a linear model does not bend")
    carried, by_name = carried_arguments(network, result)
    draws = draw_chain(
        carried,
        list(by_name.values()),
        n=REMAINDER_DRAWS,
        seed=REMAINDER_SEED,
        functions=functions,
    )
    lowest = min(draws.lowest_degrees_of_freedom.values())
    if lowest <= MOMENT_DOF:
        return Remainder(
            None, 0.0, 0.0, f"an input has {lowest:g} degrees of freedom and no variance"
        )
    arguments = {name: draws.values[one] for name, one in by_name.items()}
    centres = {name: carried.result(one).value for name, one in by_name.items()}
    values = (
        draw_curve(result, centres, arguments)
        if drawn_through
        else evaluate_arrays(result.model, arguments, functions=functions)
    )
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if lost:
        return Remainder(
            None, 0.0, 0.0, f"the model has no finite value for {lost} of {REMAINDER_DRAWS} draws"
        )
    linear = np.zeros(REMAINDER_DRAWS)
    for argument in result.of_model:
        moved = arguments[argument.name] - centres[argument.name]
        linear += argument.sensitivity * moved
    # The linear form has the mean zero: taking it off leaves less scatter in the mean.
    bent = values - result.value - linear
    mean, spread = float(np.mean(bent)), float(np.std(bent, ddof=1))
    u = _own_uncertainty(network, result_id)
    straight = float(np.var(linear, ddof=1))
    drawn = float(np.var(values, ddof=1))
    scatter = SIGNIFICANT * spread / math.sqrt(REMAINDER_DRAWS)
    significant = abs(mean) > max(scatter, ROUNDING * math.sqrt(drawn))
    variance = u**2 * drawn / straight if straight > 0.0 else drawn
    missing = math.sqrt(max(0.0, variance - u**2))
    agree = abs(math.sqrt(variance) - u) <= DIFFERENCE_LIMIT * u
    return Remainder(math.sqrt(variance), 0.0 if agree else missing, -mean if significant else 0.0)


def _own_uncertainty(network: Network, result_id: int) -> float:
    """Return the linear u of the model without what was added beside it."""
    total = standard_uncertainty(network, result_id) ** 2
    beside = {
        argument.input_id: argument.sensitivity
        for argument in network.result(result_id).beside_model
        if argument.input_id is not None
    }
    return math.sqrt(max(0.0, total - row_uncertainty(network, beside) ** 2))


def remainder_input(
    found: Remainder, result_name: str, *, unit: str, shown_in: str
) -> tuple[tuple[InputQuantity, Origin] | None, str]:
    """Return the input that stands beside a bent model with its origin, and the words for it.

    Args:
        found: What the draws say.
        result_name: Name of the result; its event owns NAME/model_nonlinearity.
        unit: SI unit of the result, in which the input is kept.
        shown_in: Unit in which the figures are written.

    Returns:
        The input with its origin, None where nothing is to be added; the words.
    """
    drawn = f"{REMAINDER_DRAWS} draws, seed {REMAINDER_SEED}"
    if found.drawn_uncertainty is None:
        return None, f"{found.reason}: {U_REFUSED}"
    said = f"{REMAINDER_DRAWS} draws give u = {shown(found.drawn_uncertainty, shown_in)}"
    if found.standard_uncertainty > 0.0:
        said += f", so {shown(found.standard_uncertainty, shown_in)} stands beside the model"
    if found.bias:
        said += f"; known error {shown(found.bias, shown_in)} not corrected, U enlarged by its size"
    if not (found.bias or found.standard_uncertainty):
        return None, f"{said}: nothing added"
    name = f"{result_name}/{MODEL_NONLINEARITY}"
    quantity = InputQuantity(0, name, found.bias, found.standard_uncertainty, unit, text=drawn)
    origin = Origin(end=EndKind.ASSESSED_BOUND, statement=f"model against linear form: {drawn}")
    return (quantity, origin), said
