"""Evaluate a network again after a change, from its stored models, in recording order.

Inside: `Change`, `Reevaluated`, `reevaluate`, `first_order_starts`, `worst_changes`.

Expressions and functions are evaluated anew, values and sensitivities; linear models are their
stored sensitivities. A result that carries a shift of its own becomes linear about its new
value, so that draws and sweeps start from there. Nothing is recorded here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qtrace.errors import InputError, QtraceError
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays, evaluate_model
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, result_sensitivities, standard_uncertainty
from qtrace.uncertainty.results import Model, ModelKind, Result

INSIDE = (0.25, 0.5, 0.75)  # parts of a shift looked at between its ends
ROUNDING = 1e-12  # relative: values closer than that are the same


@dataclass(frozen=True, slots=True)
class Change:
    """What is thought to have been otherwise; all numbers in SI units.

    `inputs` replaces input quantities by id. `results` adds to a result for all who use it.
    `uses` adds to one parent as one result saw it: (result id, parent id) to shift.
    """

    inputs: Mapping[int, InputQuantity] = field(default_factory=dict)
    results: Mapping[int, float] = field(default_factory=dict)
    uses: Mapping[tuple[int, int], float] = field(default_factory=dict)

    def scaled(self, part: float) -> Change:
        """Return the change with its shifts of uses scaled."""
        return replace(self, uses={key: part * shift for key, shift in self.uses.items()})


@dataclass(frozen=True, slots=True)
class Reevaluated:
    """The network after a change: `moved` were evaluated anew, `failed` could not be, and why."""

    network: Network
    moved: frozenset[int]
    failed: Mapping[int, str]


def reevaluate(
    network: Network, change: Change, *, functions: Mapping[str, ModelFunction]
) -> Reevaluated:
    """Return the network as it would be after a change.

    Args:
        network: Results with all their ancestors.
        change: What changes; ids that are not in the network are passed over.
        functions: "metric_id@version" to function.

    Source: results in recording order, x = A x + B e with A strictly lower triangular.
    """
    inputs = {i: change.inputs.get(i, one) for i, one in network.inputs.items()}
    results = dict(network.results)
    moved: set[int] = set()
    failed: dict[int, str] = {}
    for result_id in sorted(results):
        old = network.results[result_id]
        parents = [a.parent_id for a in old.arguments if a.parent_id is not None]
        own = any(a.input_id in change.inputs for a in old.arguments)
        if not (
            own
            or result_id in change.results
            or any(p in moved or p in failed or (result_id, p) in change.uses for p in parents)
        ):
            continue
        broken = next((p for p in parents if p in failed), None)
        if broken is not None:
            failed[result_id] = failed[broken]
            continue
        try:
            results[result_id] = _anew(
                network, old, change, results=results, inputs=inputs, functions=functions
            )
            moved.add(result_id)
        except (QtraceError, ArithmeticError, ValueError) as error:
            said = error.what if isinstance(error, QtraceError) else str(error)
            failed[result_id] = f"its model cannot be evaluated there: {said}"
    return Reevaluated(Network(results, inputs, network.blocks), frozenset(moved), failed)


def _anew(
    network: Network,
    old: Result,
    change: Change,
    *,
    results: Mapping[int, Result],
    inputs: Mapping[int, InputQuantity],
    functions: Mapping[str, ModelFunction],
) -> Result:
    """Return one result from its stored model at the changed arguments."""
    estimates: dict[str, float] = {}
    steps: dict[str, float] = {}
    value = old.value
    shifted = result_shift = change.results.get(old.result_id, 0.0)
    for a in old.arguments:
        if a.parent_id is not None:
            extra = change.uses.get((old.result_id, a.parent_id), 0.0)
            shifted = shifted or extra
            estimates[a.name] = results[a.parent_id].value + extra
            before = network.results[a.parent_id].value
            if old.model.kind is ModelKind.FUNCTION:
                steps[a.name] = standard_uncertainty(network, a.parent_id)
        else:
            quantity = inputs[a.input_id or 0]
            estimates[a.name] = quantity.estimate
            before = network.inputs[a.input_id or 0].estimate
            steps[a.name] = quantity.standard_uncertainty
        value += a.sensitivity * (estimates[a.name] - before)
    gradient = {a.name: a.sensitivity for a in old.arguments}
    if old.model.kind is not ModelKind.LINEAR:
        value, gradient = _modelled(old, estimates, steps, functions=functions)
    value += result_shift
    if not math.isfinite(value):
        raise InputError(f"the model gives {value}")
    return replace(
        old,
        value=value,
        model=Model(ModelKind.LINEAR) if shifted else old.model,
        arguments=tuple(
            replace(a, sensitivity=gradient.get(a.name, a.sensitivity)) for a in old.arguments
        ),
    )


def _modelled(
    old: Result,
    estimates: Mapping[str, float],
    steps: Mapping[str, float],
    *,
    functions: Mapping[str, ModelFunction],
) -> tuple[float, dict[str, float]]:
    """Return value and sensitivities; none where the record has none (whole steps)."""
    if any(a.sensitivity != 0.0 for a in old.arguments) or old.model.kind is ModelKind.EXPRESSION:
        return evaluate_model(old.model, estimates, steps, functions=functions)
    rows = {name: np.array([estimate]) for name, estimate in estimates.items()}
    value = float(np.ravel(evaluate_arrays(old.model, rows, functions=functions))[0])
    return value, dict.fromkeys(estimates, 0.0)


def first_order_starts(network: Network, change: Change) -> dict[tuple[int, int], float]:
    """Return by how much each shifted use moves the result that made it, to first order.

    Args:
        network: Holds these results.
        change: Its `uses`; the rest is not looked at.

    Source: GUM Eq. 10, c times the shift of the parent as this result saw it.
    """
    return {
        (result_id, parent_id): shift
        * sum(
            a.sensitivity for a in network.results[result_id].arguments if a.parent_id == parent_id
        )
        for (result_id, parent_id), shift in change.uses.items()
        if result_id in network.results
    }


def worst_changes(
    network: Network,
    full: Change,
    times: Mapping[tuple[int, int], object],
    *,
    targets: Iterable[int],
    functions: Mapping[str, ModelFunction],
) -> tuple[Change, ...]:
    """Return the changes that bound what uses of an unknown shift can do to some results.

    Uses at the same time saw the same shift; at different times each may have seen anything
    between nothing and all of it. All of it everywhere is one bound. Where first order says that
    uses pull a target both ways, the two corners that pull it furthest are others. Parts in
    between are added where a target does not lie between its values at the ends.

    Args:
        network: Results with all their ancestors.
        full: All of the shift at each use.
        times: Use to what tells its time of use.
        targets: Results that are judged.
        functions: "metric_id@version" to function.
    """
    wanted = sorted(set(targets) & set(network.results))
    changes = [full]
    inside = {key: shift for key, shift in full.uses.items() if key[0] in network.results}
    groups = sorted({str(times[key]) for key in inside})
    for target in wanted if len(groups) > 1 else ():
        reach = result_sensitivities(network, target)
        pulls = {
            name: sum(
                _pull(network, reach, key, shift)
                for key, shift in inside.items()
                if str(times[key]) == name
            )
            for name in groups
        }
        for sign in (1.0, -1.0):
            taken = {name for name, pull in pulls.items() if sign * pull > 0.0}
            uses = {k: s if str(times[k]) in taken else 0.0 for k, s in inside.items()}
            corner = replace(full, uses=uses)
            if taken and len(taken) < len(groups) and corner not in changes:
                changes.append(corner)
    ends = [network, *(reevaluate(network, c, functions=functions).network for c in changes)]
    for part, change in itertools.product(INSIDE, tuple(changes)):
        inner = reevaluate(network, change.scaled(part), functions=functions).network
        if any(_beyond(inner, ends, target) for target in wanted):
            changes.append(change.scaled(part))
    return tuple(changes)


def _pull(
    network: Network, reach: Mapping[int, float], key: tuple[int, int], shift: float
) -> float:
    """Return the first-order effect of one shifted use on a target whose `reach` is given."""
    result_id, parent_id = key
    direct = sum(
        a.sensitivity for a in network.results[result_id].arguments if a.parent_id == parent_id
    )
    return reach.get(result_id, 0.0) * direct * shift


def _beyond(inner: Network, ends: Sequence[Network], target: int) -> bool:
    """Return whether a value lies outside those at the ends."""
    values = [one.results[target].value for one in ends]
    value = inner.results[target].value
    slack = ROUNDING * max(abs(one) for one in values)
    return not min(values) - slack <= value <= max(values) + slack
