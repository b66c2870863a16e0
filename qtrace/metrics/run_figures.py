"""From the counts of a run to inputs and results that can be recorded.

Inside: `run_inputs`, `run_results`, `pair_result`, `applicable_metrics`, `count_uncertainty`.

Counts enter as disjoint cells, each an independent Poisson count; parameters enter as exact
inputs, so that the stored model can be evaluated again from what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.errors import InputError
from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.link import Run
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.metrics.catalogue import METRICS, metric
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.metrics.recompute import evaluate
from qtrace.physics.proportions import clopper_pearson
from qtrace.quantity.kinds import kind
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Model, ModelKind
from qtrace.uncertainty.unknown import combination_uncertainty

FEW_COUNTS = 10  # below it a linear form in the counts is not to be trusted
DURATION = "duration"
FINITE_LENGTH = "key_length_finite"
COUNTER_ROLE = "counter"
TIME_BASE = "time_base_frequency"


def count_uncertainty(n: float) -> float:
    """Return u of a count: sqrt(n), and that of the posterior gamma(1/2) for n = 0.

    Source: Poisson variance; Jeffreys prior, posterior gamma(n + 1/2, 1), variance n + 1/2.
    """
    return math.sqrt(n) if n > 0 else math.sqrt(0.5)


def run_inputs(run: Run) -> tuple[tuple[InputQuantity, ...], dict[str, Origin]]:
    """Return the input quantities of a run, with where each comes from.

    Args:
        run: Counts in disjoint cells, parameters, roles; times with a zone.

    Returns:
        Inputs in a fixed order (counts, parameters, duration) and origins by name. The
        duration names the counter of the run, if one is in a role; its time base is a
        calibration that the chain asks for.
    """
    inputs: list[InputQuantity] = []
    origins: dict[str, Origin] = {}
    for name, n in run.counts.items():
        flags = ("few counts: the linear form is not to be trusted",) if n < FEW_COUNTS else ()
        inputs.append(
            InputQuantity(
                0,
                name,
                float(n),
                count_uncertainty(n),
                "1",
                Distribution.COUNTS,
                Evaluation.A,
                text=str(n),
                flags=flags,
            )
        )
        origins[name] = Origin(end=EndKind.COUNTING, statement="detection events counted")
    for name, value in run.parameters.items():
        inputs.append(InputQuantity(0, name, value, 0.0, "1", text=repr(value)))
        origins[name] = Origin(
            end=EndKind.DEFINED_CONSTANT, statement="parameter declared with the run"
        )
    seconds = (run.ended - run.started).total_seconds()
    inputs.append(InputQuantity(0, DURATION, seconds, 0.0, "s", text=f"{seconds:g} s"))
    counters = [one.device_id for one in run.roles if one.role == COUNTER_ROLE and one.device_id]
    origins[DURATION] = (
        Origin(instrument=counters[0], instrument_kind=TIME_BASE) if counters else Origin()
    )
    return tuple(inputs), origins


def applicable_metrics(protocol: str, available: frozenset[str]) -> tuple[Metric, ...]:
    """Return the metrics of a protocol whose required arguments a run provides."""
    prefix = f"qkd.{protocol}."
    return tuple(
        one
        for one in METRICS
        if one.metric_id.startswith(prefix)
        and all(a.name in available for a in one.arguments if a.default is None)
    )


def _arguments(metric: Metric, by_name: Mapping[str, InputQuantity]) -> tuple[str, ...]:
    return tuple(one.name for one in metric.arguments if one.name in by_name)


def _interval(metric: Metric, run: Run) -> tuple[tuple[float, float, float] | None, str]:
    """Return the exact interval of a proportion of counts, where the metric is one."""
    if metric.result_kind != "qber":
        return None, ""
    errors = sum(n for name, n in run.counts.items() if name.startswith("errors_"))
    sifted = sum(run.counts.values())
    exact = clopper_pearson(errors, sifted, probability=0.95)
    return (exact.low, exact.high, exact.probability), "Clopper-Pearson, exact binomial"


def run_results(
    run: Run, protocol: str, inputs: tuple[InputQuantity, ...]
) -> tuple[tuple[NewResult, ...], tuple[str, ...]]:
    """Return the metrics of a run as results to be recorded, unclamped, and those left out.

    Args:
        run: The run.
        protocol: Protocol of its link; selects the metrics.
        inputs: What `run_inputs` gave.

    Returns:
        The results, and one line for each metric that has no value at these counts.

    Raises:
        InputError: no metric at all can be computed.

    Source: each metric names its own; u from independent cells, GUM Eq. 10.
    """
    by_name = {quantity.name: quantity for quantity in inputs}
    results: list[NewResult] = []
    skipped: list[str] = []
    for one in applicable_metrics(protocol, frozenset(by_name)):
        names = _arguments(one, by_name)
        try:
            value, gradient = evaluate(
                one,
                {name: by_name[name].estimate for name in names},
                {name: by_name[name].standard_uncertainty for name in names},
            )
        except InputError as error:
            skipped.append(f"{one.metric_id}: {error.what}")
            continue
        variance = sum(
            (gradient.get(name, 0.0) * by_name[name].standard_uncertainty) ** 2 for name in names
        )
        results.append(
            NewResult(
                one.metric_id.rpartition(".")[2],
                Measurand(one.result_kind),
                Model(ModelKind.FUNCTION, one.metric_id, one.version),
                value,
                kind(one.result_kind).unit,
                math.sqrt(variance),
                tuple(
                    NewArgument(name, gradient.get(name, 0.0), input_name=name) for name in names
                ),
                # A finite length is a bound proven from below; u is its stability only.
                "lower_limit" if one.result_kind == FINITE_LENGTH else "estimate",
                *_interval(one, run),
                flags=_flags(one, value, run, gradient=gradient),
            )
        )
    if not results:
        raise InputError(
            f"no metric of protocol {protocol!r} can be computed from this run",
            where=f"run {run.run_id}",
            next_step="; ".join(skipped) or "see `qtrace metric list`",
        )
    return tuple(results), tuple(skipped)


def _flags(
    metric: Metric, value: float, run: Run, *, gradient: Mapping[str, float]
) -> tuple[str, ...]:
    """Return what a reader of this figure must know."""
    flags = []
    if metric.result_kind.startswith("key_") and value < 0.0:
        flags.append("no key: 0 after the clamp; given before it, with its u")
    if not metric.differentiable:
        flags.append(f"no derivative, so no u; {metric.interval_by}")
    elif not gradient:
        flags.append("no u: the slope is infinite at an empty cell")
    counted = [a.name for a in metric.arguments if a.source is ArgumentSource.COUNTS]
    if any(run.counts.get(name, FEW_COUNTS) < FEW_COUNTS for name in counted):
        flags.append("few counts: read the exact interval, not U")
    if run.from_memory and counted:
        flags.append(f"from memory: {', '.join(run.from_memory)}")
    if not counted:
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
