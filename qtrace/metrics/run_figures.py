"""From the inputs of a run and its devices in use to the figures that can be recorded.

Inside: `BOUNDS`, `CERTIFIED`, `Calibrated`, `NOTHING_CALIBRATED`, `run_results`, `pair_result`,
`applicable_metrics`, `figure_interval`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.laboratory.figure_flags import ABORTED_RUN, NOT_PROVEN
from qtrace.laboratory.link import ABORTED, Run
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.laboratory.run_plan import RunPlan
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.entangled.bell_limit import beyond_range, impossible_bell_data
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.metrics.moment_flags import moment_flags, unexplained_moments
from qtrace.metrics.planned import post_hoc_reason
from qtrace.metrics.proof_set import beside_set, outside_set, proof_of, unproven
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.run_inputs import FEW_COUNTS
from qtrace.physics.entangled.chsh import SMALLEST_P
from qtrace.physics.proportions import clopper_pearson
from qtrace.quantity.kinds import kind
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Model, ModelKind
from qtrace.uncertainty.unknown import combination_uncertainty

# What a proof or decoys give from below; u is its stability only.
BOUNDS = frozenset(
    {
        "key_length_finite",
        "key_length_certified",
        "key_rate_certified",
        "fidelity_lower_bound",
        "fidelity_margin_bound",
    }
)
CERTIFIED = frozenset({"key_length_certified", "key_rate_certified"})
STATED_PROBABILITY = 0.95  # two-sided, of intervals that are stored with a figure


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Calibrated results in use by the name of the argument that takes them: id and value.

    `network` holds them with all behind them, so that what they share stays shared.
    """

    network: Network
    results: Mapping[str, tuple[int, float]]


NOTHING_CALIBRATED = Calibrated(Network({}, {}), MappingProxyType({}))


def applicable_metrics(name: str, available: frozenset[str], *, run: Run) -> tuple[Metric, ...]:
    """Return the metrics of a protocol whose required arguments a run provides.

    Of several proofs only the one that the run chose counts, or the first where it chose none:
    a list of lengths to pick from is an invitation to pick.
    """
    return tuple(
        one
        for one in protocol(name).metrics
        if all(a.name in available for a in one.arguments if a.default is None)
        and _chosen(one, run)
    )


def _chosen(one: Metric, run: Run) -> bool:
    if not run.protocol:
        return one.result_kind not in CERTIFIED
    form = protocol(run.protocol)
    of = [proof.bound for proof in form.proofs if one.metric_id in {*proof.figures()}]
    if not of:
        return True
    return (run.choices.get("bound") or form.proofs[0].bound) in of


def figure_interval(
    metric: Metric, run: Run, estimates: Mapping[str, float], spread: Mapping[str, float]
) -> tuple[tuple[float, float, float] | None, str]:
    """Return the interval of a metric that brings its own, or of a plain proportion of counts.

    A bound of an error rate, of calibrations too, is none. An interval of shots alone is none
    where the u that is stated with a moment is larger than its shots explain: U stands then.

    Args:
        metric: The metric.
        run: Its run.
        estimates: Arguments by name, in SI units.
        spread: Their standard uncertainties.

    Raises:
        InputError: an argument is known so poorly that the interval has no end.
    """
    shots_alone = metric.interval is not None and bool(unexplained_moments(metric, run))
    own = None if shots_alone else metric.own_interval(estimates, spread, STATED_PROBABILITY)
    if own is not None:
        if not (math.isfinite(own.low) and math.isfinite(own.high)):
            raise InputError(
                f"the interval at {STATED_PROBABILITY:g} has no end: u of an argument is too large",
                where=metric.metric_id,
                next_step="calibrate it better, or take more shots",
            )
        return (own.low, own.high, own.probability), metric.interval_by
    cells = {"error_count", "agreement_count"}
    if metric.result_kind != "qber" or not all(one.kind in cells for one in metric.arguments):
        return None, ""
    counted = {one.name: run.counts[one.name] for one in metric.arguments if one.name in run.counts}
    errors = sum(n for name, n in counted.items() if name.startswith("errors_"))
    sifted = sum(counted.values())
    if not sifted:
        return None, ""
    exact = clopper_pearson(errors, sifted, probability=STATED_PROBABILITY)
    return (exact.low, exact.high, exact.probability), "Clopper-Pearson, exact binomial"


def run_results(
    run: Run,
    protocol: str,
    inputs: tuple[InputQuantity, ...],
    *,
    calibrated: Calibrated = NOTHING_CALIBRATED,
    plan: tuple[RunPlan, datetime] | None = None,
) -> tuple[tuple[NewResult, ...], tuple[str, ...]]:
    """Return the metrics of a run as results to be recorded, unclamped, and those left out.

    Args:
        run: The run.
        protocol: Protocol of its link; selects the metrics.
        inputs: What `run_inputs` gave.
        calibrated: Results in use that stand for the nominal values declared with the run.
        plan: The plan that the run names, and when the ledger took it.

    Returns:
        The results, and one line for each metric that has no value at these counts.

    Raises:
        InputError: no metric at all can be computed.

    Source: each metric names its own; u from independent cells and the chain, GUM Eq. 13.
    """
    by_name = {quantity.name: quantity for quantity in inputs}
    results: list[NewResult] = []
    skipped: list[str] = []
    impossible = (*impossible_bell_data(run), *_doubts_of_form(run, by_name, calibrated))
    for one in applicable_metrics(protocol, frozenset({*by_name, *calibrated.results}), run=run):
        try:
            made = _result(one, run, by_name, calibrated=calibrated)
            none = beyond_range(one, made.value)
            if none:
                skipped.append(f"{one.metric_id}: {none}")
                continue
            doubts = (*_proof_flags(one, run, plan, calibrated), *impossible)
            results.append(replace(made, flags=(*made.flags, *doubts)))
        except InputError as error:
            skipped.append(f"{one.metric_id}: {error.what}")
    if not results:
        raise InputError(
            f"no metric of protocol {protocol!r} can be computed from this run",
            where=f"run {run.run_id}",
            next_step="; ".join(skipped) or "see `qtrace metric list`",
        )
    return tuple(results), tuple(skipped)


def _doubts_of_form(
    run: Run, by_name: Mapping[str, InputQuantity], calibrated: Calibrated
) -> tuple[str, ...]:
    """Return what the protocol says of its moments once calibrations are in use."""
    form = protocol(run.protocol) if run.protocol else None
    if form is None or form.doubts is None:
        return ()
    known = {name: (one.estimate, one.standard_uncertainty) for name, one in by_name.items()}
    for name, (result_id, value) in calibrated.results.items():
        known[name] = (value, standard_uncertainty(calibrated.network, result_id))
    return form.doubts(known)


def _result(
    one: Metric, run: Run, by_name: Mapping[str, InputQuantity], *, calibrated: Calibrated
) -> NewResult:
    parents = {
        a.name: calibrated.results[a.name] for a in one.arguments if a.name in calibrated.results
    }
    own = {
        a.name: by_name[a.name]
        for a in one.arguments
        if a.name in by_name and a.name not in parents
    }
    spread = {name: quantity.standard_uncertainty for name, quantity in own.items()}
    for name, (result_id, _) in parents.items():
        spread[name] = standard_uncertainty(calibrated.network, result_id)
    estimates = {name: quantity.estimate for name, quantity in own.items()}
    estimates.update({name: value for name, (_, value) in parents.items()})
    value, gradient = evaluate(one, estimates, spread)
    # Products, not powers: those of floats raise where they leave the range.
    parts = [gradient.get(name, 0.0) * spread[name] for name in own]
    variance = sum(part * part for part in parts)
    weights: dict[int, float] = {}
    for name, (result_id, _) in parents.items():
        weights[result_id] = weights.get(result_id, 0.0) + gradient.get(name, 0.0)
    if weights:
        behind = combination_uncertainty(calibrated.network, weights)
        variance += behind * behind
    if not math.isfinite(variance):
        raise InputError(
            "its u leaves the range of double precision",
            where=one.metric_id,
            next_step="check the size of the numbers that it takes",
        )
    return NewResult(
        one.metric_id.rpartition(".")[2],
        Measurand.of(
            one.result_kind,
            {name: run.choices[name] for name in one.named_by if name in run.choices},
        ),
        Model(ModelKind.FUNCTION, one.metric_id, one.version),
        value,
        kind(one.result_kind).unit,
        math.sqrt(variance),
        tuple(
            NewArgument(a.name, gradient.get(a.name, 0.0), parent_id=parents[a.name][0])
            if a.name in parents
            else NewArgument(a.name, gradient.get(a.name, 0.0), input_name=a.name)
            for a in one.arguments
            if a.name in estimates
        ),
        "lower_limit" if one.result_kind in BOUNDS else "estimate",
        *figure_interval(one, run, estimates, spread),
        flags=(
            *_flags(one, value, run, gradient=gradient),
            *moment_flags(one, run, estimates=estimates, spread=spread, gradient=gradient),
        ),
    )


def _proof_flags(
    one: Metric, run: Run, plan: tuple[RunPlan, datetime] | None, calibrated: Calibrated
) -> tuple[str, ...]:
    """Return what keeps a certified figure from being relied on."""
    proof = proof_of(protocol(run.protocol), one) if run.protocol else None
    if one.result_kind not in CERTIFIED or proof is None:
        return ()
    values = {name: value for name, (_, value) in calibrated.results.items()}
    doubts = (
        *unproven(proof, run),
        *outside_set(proof, run, values),
        *beside_set(proof, run),
    )
    flags = [f"{NOT_PROVEN}: {doubt}" for doubt in doubts]
    chosen_late = post_hoc_reason(run, proof, *(plan or (None, None)))
    if chosen_late:
        flags.append(chosen_late)
    if run.status == ABORTED:
        flags.append(f"{ABORTED_RUN}: no key was made")
    return tuple(flags)


def _flags(
    metric: Metric, value: float, run: Run, *, gradient: Mapping[str, float]
) -> tuple[str, ...]:
    """Return what a reader of this figure must know."""
    flags = []
    if metric.result_kind.startswith("key_") and value < 0.0:
        flags.append("no key: 0 after the clamp; given before it, with its u")
    if metric.result_kind == "p_value" and value <= SMALLEST_P:
        flags.append(f"at most {SMALLEST_P:.3g}: the tail is smaller than a number can hold")
    if not metric.differentiable:
        flags.append(f"no derivative, so no u; {metric.interval_by}")
    elif not gradient:
        flags.append("no u: the slope is infinite at an empty cell")
    counted = [a.name for a in metric.arguments if a.source is ArgumentSource.COUNTS]
    if any(run.counts.get(name, FEW_COUNTS) < FEW_COUNTS for name in counted):
        flags.append("few counts: read the exact interval, not U")
    if run.from_memory and counted:
        flags.append(f"from memory: {', '.join(run.from_memory)}")
    if not counted and not any(a.name in run.moments for a in metric.arguments):
        flags.append("exact: follows from declared parameters alone")
    return tuple(flags)


def pair_result(
    metric_id: str,
    first: tuple[str, int, float],
    second: tuple[str, int, float],
    *,
    network: Network,
) -> NewResult:
    """Return a metric of two calibrated results, their correlation kept.

    Args:
        metric_id: A metric with the arguments efficiency_a and efficiency_b.
        first: Role, result id and value of a, in SI units.
        second: Role, result id and value of b.
        network: Holds both results and all their ancestors.

    Source: GUM Eq. 13; where a correlation is not stated, as for `combination_uncertainty`.
    """
    ratio = metric(metric_id)
    names = ("efficiency_a", "efficiency_b")
    value, gradient = evaluate(
        ratio,
        {names[0]: first[2], names[1]: second[2]},
        {
            name: standard_uncertainty(network, one[1])
            for name, one in zip(names, (first, second), strict=True)
        },
    )
    weights = {first[1]: gradient[names[0]]}
    weights[second[1]] = weights.get(second[1], 0.0) + gradient[names[1]]
    return NewResult(
        metric_id.rpartition(".")[2],
        Measurand.of(ratio.result_kind, {"pair": f"{first[0]}/{second[0]}"}),
        Model(ModelKind.FUNCTION, ratio.metric_id, ratio.version),
        value,
        kind(ratio.result_kind).unit,
        combination_uncertainty(network, weights),
        (
            NewArgument(names[0], gradient[names[0]], parent_id=first[1]),
            NewArgument(names[1], gradient[names[1]], parent_id=second[1]),
        ),
    )
