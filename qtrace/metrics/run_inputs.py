"""From a run to the input quantities that it owns: counts, parameters, moments, assumptions.

Inside: `run_inputs`, `calibrated_arguments`, `count_uncertainty`, `FEW_COUNTS`, `DURATION`.

Counts enter as disjoint cells, each an independent Poisson count, and so does a parameter that a
metric takes as a count (accidentals); other parameters and the edges of a proof's set enter as
exact inputs, so that the stored model can be evaluated again from what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.link import Run
from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.proof_set import edges
from qtrace.metrics.protocol import Protocol
from qtrace.quantity.dimension import DIMENSIONLESS
from qtrace.quantity.kinds import kind
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity

FEW_COUNTS = 10  # below it a linear form in the counts is not to be trusted
DURATION = "duration"
COUNTER_ROLE = "counter"
TIME_BASE = "time_base_frequency"


def count_uncertainty(n: float) -> float:
    """Return u of a count: sqrt(n), and that of the posterior gamma(1/2) for n = 0.

    Source: Poisson variance; Jeffreys prior, posterior gamma(n + 1/2, 1), variance n + 1/2.
    """
    return math.sqrt(n) if n > 0 else math.sqrt(0.5)


def calibrated_arguments(protocol: Protocol) -> dict[str, MetricArgument]:
    """Return the arguments of a protocol's metrics that a device in a role should bring."""
    return {
        one.name: one
        for metric in (*protocol.record_metrics, *protocol.metrics)
        for one in metric.arguments
        if one.source is ArgumentSource.CALIBRATION and one.role
    }


def _taken_as_counts(protocol: Protocol) -> frozenset[str]:
    """Return the arguments that are counted in a run, wherever its file holds them."""
    return frozenset(
        one.name
        for metric in protocol.metrics
        for one in metric.arguments
        if one.source is ArgumentSource.COUNTS
    )


def _units(protocol: Protocol) -> dict[str, str]:
    """Return the units of the parameters that are not plain numbers."""
    kinds = {one.name: kind(one.kind) for one in protocol.parameters}
    return {name: one.unit for name, one in kinds.items() if one.dimension != DIMENSIONLESS}


def _uncorrected(calibrated: Mapping[str, MetricArgument], run: Run) -> dict[str, float]:
    """Return what enters with its default for want of a calibration: a break of the chain."""
    return {
        name: one.default
        for name, one in calibrated.items()
        if one.default is not None and name not in run.parameters
    }


def _chosen_words(protocol: Protocol, run: Run) -> dict[str, tuple[float, str]]:
    """Return choices that a metric takes as an argument, as their place among the words."""
    taken = {one.name for metric in protocol.metrics for one in metric.arguments}
    return {
        name: (float(words.index(run.choices[name])), f"the choice {run.choices[name]}")
        for name, words in protocol.choices.items()
        if name in taken and run.choices.get(name) in words
    }


def run_inputs(
    run: Run, protocol: Protocol | None = None
) -> tuple[tuple[InputQuantity, ...], dict[str, Origin]]:
    """Return the input quantities of a run, with where each comes from.

    Args:
        run: Counts in disjoint cells, parameters, roles; times with a zone.
        protocol: Says which assumptions its proofs take; none where it is not given.

    Returns:
        Inputs in a fixed order (counts, parameters, moments, assumptions, duration) and origins
        by name. The duration names the counter of the run, if one is in a role; its time base is
        a calibration that the chain asks for.
    """
    inputs: list[InputQuantity] = []
    origins: dict[str, Origin] = {}

    units = _units(protocol) if protocol else {}

    def exact(name: str, value: float, statement: str) -> None:
        inputs.append(InputQuantity(0, name, value, 0.0, units.get(name, "1"), text=repr(value)))
        origins[name] = Origin(end=EndKind.DEFINED_CONSTANT, statement=statement)

    def counted(name: str, n: float) -> None:
        inputs.append(_count(name, round(n)))
        origins[name] = Origin(end=EndKind.COUNTING, statement="detection events counted")

    for name, n in run.counts.items():
        counted(name, n)
    calibrated = calibrated_arguments(protocol) if protocol else {}
    of_counts = _taken_as_counts(protocol) if protocol else frozenset()
    for name, value in run.parameters.items():
        if name in of_counts:
            counted(name, value)
            continue
        exact(name, value, "parameter declared with the run")
        if name in calibrated:  # a nominal value in place of a calibration ends no chain
            origins[name] = Origin()
    for name, default in _uncorrected(calibrated, run).items():
        exact(name, default, "")
        origins[name] = Origin()
    for name, (value, u) in run.moments.items():
        inputs.append(
            InputQuantity(0, name, value, u, "1", evaluation=Evaluation.A, text=repr(value))
        )
        origins[name] = Origin(
            end=EndKind.RATIO_ON_ONE_INSTRUMENT,
            statement=protocol.moments_are if protocol else "",
        )
    declared = {**_chosen_words(protocol, run), **edges(protocol, run)} if protocol else {}
    for name, (value, statement) in declared.items():
        exact(name, value, statement)
    chosen = protocol.proof(run.choices.get("bound", "")) if protocol else None
    for name, value in chosen.fixes.items() if chosen else ():
        exact(name, value, f"fixed by the bound {run.choices['bound']}")
    duration, origins[DURATION] = _duration(run)
    inputs.append(duration)
    return tuple(inputs), origins


def _duration(run: Run) -> tuple[InputQuantity, Origin]:
    seconds = (run.ended - run.started).total_seconds()
    counters = [one.device_id for one in run.roles if one.role == COUNTER_ROLE and one.device_id]
    origin = Origin(instrument=counters[0], instrument_kind=TIME_BASE) if counters else Origin()
    return InputQuantity(0, DURATION, seconds, 0.0, "s", text=f"{seconds:g} s"), origin


def _count(name: str, n: int) -> InputQuantity:
    flags = ("few counts: the linear form is not to be trusted",) if n < FEW_COUNTS else ()
    return InputQuantity(
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
