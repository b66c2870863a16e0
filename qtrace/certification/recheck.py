"""Recompute stored results from their stored models and compare.

Inside: `Disagreement`, `recheck_values`, `recheck_uses`, `recheck_uncertainties`,
`close`.

The same functions serve the audit of a database and the verification of a document by a
stranger who has neither database nor network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qtrace.certification.recheck_curve import close, recheck_curve
from qtrace.errors import InputError, QtraceError
from qtrace.metrics.catalogue import METRICS
from qtrace.traceability.chain import Dossier
from qtrace.traceability.linear_models import expected_linear
from qtrace.traceability.remainder import remainder
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays, evaluate_model
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import MODEL_NONLINEARITY, ModelKind, Result

__all__ = [
    "Disagreement",
    "close",
    "recheck_uncertainties",
    "recheck_uses",
    "recheck_values",
]

# Values are re-evaluated by the same arithmetic; libraries may differ in the last bits.
VALUE_TOLERANCE = 1e-11
# Sensitivities of function models are central differences with a step in u.
SENSITIVITY_TOLERANCE = 1e-6
UNCERTAINTY_TOLERANCE = 1e-9
# Weights of a fit come from linear algebra, in which libraries differ by more than a few bits.
LINEAR_TOLERANCE = 1e-10
# Figures in whole steps have no derivative, and are recorded without sensitivities.
STEPWISE = frozenset(one.key for one in METRICS if not one.differentiable)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored number that its own model does not give."""

    subject: str
    what: str
    stated: float
    computed: float

    def __str__(self) -> str:
        return f"{self.subject}: {self.what} is {self.stated!r}, recomputed {self.computed!r}"


def recheck_values(
    network: Network, labels: Mapping[int, str], functions: Mapping[str, ModelFunction]
) -> list[Disagreement]:
    """Evaluate every stored model at its arguments; compare values and sensitivities.

    Args:
        network: Results with models, arguments and input quantities.
        labels: Result id to the name under which disagreements are reported.
        functions: "metric_id@version" to function.

    Returns:
        What disagrees, in recording order; a model that cannot be evaluated is reported with
        NaN as the computed number.
    """
    found: list[Disagreement] = []
    for result_id in sorted(network.results):
        result = network.results[result_id]
        label = labels.get(result_id, f"result {result_id}")
        found.extend(
            Disagreement(label, "order of parents", result_id, argument.parent_id)
            for argument in result.arguments
            if argument.parent_id is not None and argument.parent_id >= result_id
        )
        if result.model.kind is ModelKind.LINEAR:
            found.extend(_recheck_beside(network, result, label=label, functions=functions))
            continue
        found.extend(_recheck_one(network, result, label=label, functions=functions))
    return found


def _recheck_one(
    network: Network, result: Result, *, label: str, functions: Mapping[str, ModelFunction]
) -> list[Disagreement]:
    estimates: dict[str, float] = {}
    uncertainties: dict[str, float] = {}
    try:
        for argument in result.of_model:
            if argument.parent_id is not None:
                estimates[argument.name] = network.result(argument.parent_id).value
                uncertainties[argument.name] = standard_uncertainty(network, argument.parent_id)
            else:
                quantity = network.quantity(argument.input_id or 0)
                estimates[argument.name] = quantity.estimate
                uncertainties[argument.name] = quantity.standard_uncertainty
        value, gradient = _evaluated(result, estimates, uncertainties, functions=functions)
    except QtraceError as error:
        return [Disagreement(label, f"model ({error.what})", result.value, math.nan)]
    except (TypeError, ValueError, ArithmeticError) as error:
        # A metric is called by the names of its arguments; a changed name is not its own.
        return [Disagreement(label, f"model ({error})", result.value, math.nan)]
    found = []
    if not close(result.value, value, VALUE_TOLERANCE):
        found.append(Disagreement(label, "value", result.value, value))
    scale = max((abs(g * uncertainties[n]) for n, g in gradient.items()), default=0.0)
    found.extend(_recheck_beside(network, result, label=label, functions=functions))
    for argument in result.of_model:
        computed = gradient.get(argument.name, 0.0)
        # A derivative that is zero is only known against the size of the others.
        slack = scale * UNCERTAINTY_TOLERANCE / (uncertainties[argument.name] or math.inf)
        if (
            not close(argument.sensitivity, computed, SENSITIVITY_TOLERANCE)
            and abs(argument.sensitivity - computed) > slack
        ):
            found.append(
                Disagreement(
                    label, f"sensitivity to {argument.name}", argument.sensitivity, computed
                )
            )
    return found


def _recheck_beside(
    network: Network, result: Result, *, label: str, functions: Mapping[str, ModelFunction]
) -> list[Disagreement]:
    """Draw again what stands beside a bent model; every sensitivity beside a model is 1."""
    found = [
        Disagreement(label, f"sensitivity to {one.name}", one.sensitivity, 1.0)
        for one in result.beside_model
        if one.sensitivity != 1.0
    ]
    for one in result.beside_model:
        if one.name != MODEL_NONLINEARITY:
            continue
        stored = network.quantity(one.input_id or 0)
        drawn = remainder(network, result.result_id, functions=functions)
        pairs = (
            ("u of model nonlinearity", stored.standard_uncertainty, drawn.standard_uncertainty),
            ("known error of the model", stored.estimate, drawn.bias),
        )
        found.extend(
            Disagreement(label, what, stated, computed)
            for what, stated, computed in pairs
            if not close(stated, computed, SENSITIVITY_TOLERANCE)
        )
    return found


def _evaluated(
    result: Result,
    estimates: Mapping[str, float],
    uncertainties: Mapping[str, float],
    *,
    functions: Mapping[str, ModelFunction],
) -> tuple[float, dict[str, float]]:
    """Return value and sensitivities, none where the model has no derivative there."""
    model = result.model
    bare = model.kind is ModelKind.FUNCTION and all(a.sensitivity == 0.0 for a in result.of_model)
    # Nobody may drop the sensitivities of a model that has some: its u would be zero.
    if not bare or f"{model.text}@{model.version}" not in STEPWISE:
        try:
            return evaluate_model(model, estimates, uncertainties, functions=functions)
        except InputError:
            if not bare:  # an infinite slope, at an empty cell
                raise
    rows = {name: np.array([estimate]) for name, estimate in estimates.items()}
    return float(evaluate_arrays(model, rows, functions=functions)[0]), {}


def recheck_uses(dossier: Dossier) -> list[Disagreement]:
    """Recompute linear results: in use, drift fitted to a history, certificates joined again.

    `recheck_values` has nothing to evaluate there; what they must be follows from what they
    rest on and from the dates of the events.

    Args:
        dossier: Network and events of the results.
    """
    found: list[Disagreement] = []
    for result_id, recorded in sorted(dossier.results.items()):
        result = dossier.network.result(result_id)
        if result.model.kind is not ModelKind.LINEAR:
            continue
        if result.model.text:
            wrong = recheck_curve(dossier, result_id)
            found.extend(Disagreement(recorded.label, *one) for one in wrong)
            continue
        try:
            value, expected = expected_linear(dossier, result_id)
        except QtraceError as error:
            found.append(
                Disagreement(recorded.label, f"model ({error.what})", result.value, math.nan)
            )
            continue
        for argument in result.arguments:
            wanted = expected.get(argument.name, math.nan)
            if not close(argument.sensitivity, wanted, LINEAR_TOLERANCE):
                what = f"sensitivity to {argument.name}"
                found.append(Disagreement(recorded.label, what, argument.sensitivity, wanted))
        if not close(result.value, value, LINEAR_TOLERANCE):
            found.append(Disagreement(recorded.label, "value", result.value, value))
    return found


def recheck_uncertainties(
    network: Network, labels: Mapping[int, str], stated: Mapping[int, float]
) -> list[Disagreement]:
    """Compare stated standard uncertainties with the sweep over the network.

    Args:
        network: Results with sensitivities and input quantities.
        labels: Result id to name.
        stated: Result id to the standard uncertainty on record, in SI units.
    """
    found = []
    for result_id in sorted(stated):
        computed = standard_uncertainty(network, result_id)
        if not close(stated[result_id], computed, UNCERTAINTY_TOLERANCE):
            label = labels.get(result_id, f"result {result_id}")
            found.append(Disagreement(label, "standard uncertainty", stated[result_id], computed))
    return found
