"""From readings of a comparison of two clocks to inputs and results that can be recorded.

Inside: `Reading`, `input_name`, `sync_results`.

A reading is what tags or a series indicate, with its type A uncertainty; it becomes one input
quantity of the recomputation, and one result of the metric that takes it, together with what
calibrations say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from qtrace.errors import InputError
from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.link import Run
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.run_figures import Calibrated
from qtrace.quantity.kinds import kind
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import Evaluation, InputQuantity
from qtrace.uncertainty.network import standard_uncertainty
from qtrace.uncertainty.results import Model, ModelKind
from qtrace.uncertainty.unknown import combination_uncertainty

ON_A_SCALE = "events placed on the scale of the tagger, in its own seconds"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one metric takes from a record: its arguments by name, each (value, u, dof) in SI.

    `name` is that of the result in its event; a metric may take an earlier result of the same run
    by its name. What is in `left_at_default` does not enter, calibrated or not; what is `refused`
    is left out, with that reason. `interval` is
    (low, high, p) of the figure as indicated, where it has one of its own.
    """

    name: str
    metric: Metric
    taken: Mapping[str, tuple[float, float, float]]
    conditions: dict[str, str] = field(default_factory=dict)
    interval: tuple[float, float, float] | None = None
    interval_method: str = ""
    flags: tuple[str, ...] = ()
    left_at_default: frozenset[str] = frozenset()
    refused: str = ""


def input_name(reading: Reading, argument: str) -> str:
    """Return under which name an argument of a reading is recorded as an input."""
    return argument if argument != "indicated" else f"{reading.name}_indicated"


def sync_results(
    run: Run, readings: tuple[Reading, ...], *, calibrated: Calibrated
) -> tuple[tuple[InputQuantity, ...], dict[str, Origin], tuple[NewResult, ...], tuple[str, ...]]:
    """Return inputs, their origins, results, and a line for each figure that is left out.

    Args:
        run: Named where nothing can be computed.
        readings: What was reduced from its raw files.
        calibrated: Results in use by the argument that takes them.

    Raises:
        InputError: nothing at all can be computed.

    Source: GUM Eq. 13; correlations of calibrations are kept through the network.
    """
    build = _Build(calibrated)
    skipped: list[str] = []
    for reading in readings:
        if reading.refused:
            skipped.append(f"{reading.name}: {reading.refused}")
            continue
        missing = [
            one.name
            for one in reading.metric.arguments
            if one.default is None
            and one.name not in reading.taken
            and one.name not in calibrated.results
            and one.name not in build.made
        ]
        if missing:
            skipped.append(f"{reading.name}: no calibrated {', '.join(missing)}")
            continue
        try:
            build.add(reading)
        except InputError as error:
            skipped.append(f"{reading.name}: {error.what}")
    if not build.results:
        raise InputError(
            "no figure can be computed from this run",
            where=f"run {run.run_id}",
            next_step="; ".join(skipped) or "look at its raw files: `qtrace tags show FILE`",
        )
    return tuple(build.inputs.values()), build.origins, tuple(build.results), tuple(skipped)


class _Build:
    """Inputs and results of one recomputation while they are put together."""

    def __init__(self, calibrated: Calibrated) -> None:
        self.calibrated = calibrated
        self.inputs: dict[str, InputQuantity] = {}
        self.origins: dict[str, Origin] = {}
        self.results: list[NewResult] = []
        self.made: dict[str, NewResult] = {}

    def add(self, reading: Reading) -> None:
        """Add one result with the inputs that are its own."""
        metric = reading.metric
        names: dict[str, str] = {}
        estimates: dict[str, float] = {}
        spread: dict[str, float] = {}
        own_variance: list[str] = []
        for one in metric.arguments:
            if one.name in reading.left_at_default:
                continue
            if one.name in self.made:
                estimates[one.name] = self.made[one.name].value
                spread[one.name] = self.made[one.name].standard_uncertainty
                own_variance.append(one.name)
                continue
            if one.name in self.calibrated.results:
                result_id, value = self.calibrated.results[one.name]
                estimates[one.name] = value
                spread[one.name] = standard_uncertainty(self.calibrated.network, result_id)
                continue
            names[one.name] = self._input(reading, one.name)
            quantity = self.inputs[names[one.name]]
            estimates[one.name] = quantity.estimate
            spread[one.name] = quantity.standard_uncertainty
            own_variance.append(one.name)
        value, gradient = evaluate(metric, estimates, spread)
        variance = sum((gradient.get(name, 0.0) * spread[name]) ** 2 for name in own_variance)
        weights = {
            self.calibrated.results[name][0]: slope
            for name, slope in gradient.items()
            if name in self.calibrated.results and name not in self.made
        }
        if weights:
            variance += combination_uncertainty(self.calibrated.network, weights) ** 2
        made = NewResult(
            reading.name,
            Measurand.of(metric.result_kind, reading.conditions),
            Model(ModelKind.FUNCTION, metric.metric_id, metric.version),
            value,
            kind(metric.result_kind).unit,
            math.sqrt(variance),
            tuple(self._argument(name, slope, names) for name, slope in gradient.items()),
            interval=reading.interval,
            interval_method=reading.interval_method,
            flags=reading.flags,
        )
        self.results.append(made)
        self.made[made.name] = made

    def _argument(self, name: str, slope: float, names: Mapping[str, str]) -> NewArgument:
        if name in self.made:
            return NewArgument(name, slope, own_result_name=name)
        if name in names:
            return NewArgument(name, slope, input_name=names[name])
        return NewArgument(name, slope, parent_id=self.calibrated.results[name][0])

    def _input(self, reading: Reading, argument: str) -> str:
        """Record an input once and return its name; what two figures share is one input."""
        if argument not in reading.taken:
            return self._uncorrected(reading.metric, argument)
        wanted = reading.metric.argument(argument)
        name = input_name(reading, argument)
        value, u, dof = reading.taken[argument]
        made = InputQuantity(
            0,
            name,
            value,
            u,
            kind(wanted.kind).unit if wanted else "1",
            evaluation=Evaluation.A,
            degrees_of_freedom=dof,
            text=repr(value),
        )
        if self.inputs.setdefault(name, made) != made:
            raise InputError(f"two figures read {argument} differently")
        # What the seconds of the tagger are worth is an argument of its own: `TIME_BASE`.
        self.origins[name] = Origin(end=EndKind.COUNTING, statement=ON_A_SCALE)
        return name

    def _uncorrected(self, metric: Metric, argument: str) -> str:
        """Record the zero that stands for a correction which nobody calibrated: a break."""
        wanted = metric.argument(argument)
        default = wanted.default if wanted is not None and wanted.default is not None else 0.0
        unit = kind(wanted.kind).unit if wanted is not None else "1"
        self.inputs.setdefault(
            argument,
            InputQuantity(0, argument, default, 0.0, unit, text=repr(default)),
        )
        calibration = wanted is not None and wanted.source is ArgumentSource.CALIBRATION
        self.origins[argument] = Origin() if calibration else Origin(end=EndKind.COUNTING)
        return argument
