"""Builders that keep the worlds of tests readable: networks of results, dossiers of a chain.

Inside: `Leaf`, `Step`, `NetworkBuilder`, `day`, `World`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike

from qtrace.laboratory.event import (
    EndKind,
    Event,
    EventKind,
    Origin,
    RecordedResult,
    Withdrawal,
)
from qtrace.laboratory.laboratory import Competence, Laboratory, Route
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.chain import Dossier
from qtrace.traceability.states import FoundState
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_model
from qtrace.uncertainty.inputs import (
    BlockKind,
    CorrelationBlock,
    Distribution,
    Evaluation,
    InputQuantity,
)
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result


@dataclass(frozen=True, slots=True)
class Leaf:
    """An input quantity in a network that is being built."""

    input_id: int


@dataclass(frozen=True, slots=True)
class Step:
    """A result in a network that is being built."""

    result_id: int


Source = Leaf | Step


@dataclass(slots=True)
class NetworkBuilder:
    """Builds a network line by line; ids count from 1 in the order of the calls."""

    results: dict[int, Result] = field(default_factory=dict)
    inputs: dict[int, InputQuantity] = field(default_factory=dict)
    blocks: list[CorrelationBlock] = field(default_factory=list)

    def leaf(
        self,
        name: str,
        x: float,
        u: float,
        *,
        dof: float = math.inf,
        distribution: Distribution = Distribution.NORMAL,
        evaluation: Evaluation = Evaluation.B,
        unit: str = "1",
    ) -> Leaf:
        """Add an input quantity."""
        input_id = len(self.inputs) + 1
        self.inputs[input_id] = InputQuantity(
            input_id, name, x, u, unit, distribution, evaluation, dof
        )
        return Leaf(input_id)

    def correlate(
        self,
        leaves: Sequence[Leaf],
        matrix: ArrayLike,
        *,
        kind: BlockKind = BlockKind.DECLARED,
        dof: float = math.inf,
    ) -> None:
        """Put input quantities into one correlated block."""
        coefficients = np.asarray(matrix, dtype=np.float64)
        ids = tuple(leaf.input_id for leaf in leaves)
        self.blocks.append(
            CorrelationBlock(len(self.blocks) + 1, kind, ids, coefficients, coefficients, dof)
        )

    def linear(self, parts: Mapping[Source, float], *, value: float | None = None) -> Step:
        """Add a result whose stored sensitivities are its model."""
        if value is None:
            value = sum(c * self.value(source) for source, c in parts.items())
        arguments = tuple(
            _argument(f"x{k}", source, c) for k, (source, c) in enumerate(parts.items())
        )
        return self.add(value, Model(ModelKind.LINEAR), arguments)

    def expression(self, text: str, **sources: Source) -> Step:
        """Add a result by a model text; values and sensitivities are computed."""
        return self.modelled(Model(ModelKind.EXPRESSION, text), sources)

    def function(self, name: str, function: ModelFunction, **sources: Source) -> Step:
        """Add a result by a function, known as version 1 of a metric of that name."""
        model = Model(ModelKind.FUNCTION, name, "1")
        return self.modelled(model, sources, functions={f"{name}@1": function})

    def modelled(
        self,
        model: Model,
        sources: Mapping[str, Source],
        *,
        functions: Mapping[str, ModelFunction] | None = None,
    ) -> Step:
        """Evaluate a model at the estimates and add its result."""
        value, gradient = evaluate_model(
            model,
            {name: self.value(source) for name, source in sources.items()},
            {name: self.u(source) for name, source in sources.items()},
            functions=functions or {},
        )
        arguments = tuple(_argument(n, source, gradient[n]) for n, source in sources.items())
        return self.add(value, model, arguments)

    def add(self, value: float, model: Model, arguments: tuple[Argument, ...]) -> Step:
        """Add a result as it is."""
        result_id = len(self.results) + 1
        self.results[result_id] = Result(result_id, value, model, arguments)
        return Step(result_id)

    def value(self, source: Source) -> float:
        """Return an estimate."""
        if isinstance(source, Leaf):
            return self.inputs[source.input_id].estimate
        return self.results[source.result_id].value

    def u(self, source: Source) -> float:
        """Return a standard uncertainty."""
        if isinstance(source, Leaf):
            return self.inputs[source.input_id].standard_uncertainty
        return standard_uncertainty(self.build(), source.result_id)

    def build(self) -> Network:
        """Return the network as it is now."""
        return Network(dict(self.results), dict(self.inputs), tuple(self.blocks))


def _argument(name: str, source: Source, sensitivity: float) -> Argument:
    if isinstance(source, Leaf):
        return Argument(name, sensitivity, input_id=source.input_id)
    return Argument(name, sensitivity, parent_id=source.result_id)


START = datetime(2021, 6, 1, 12, tzinfo=UTC)


def day(number: float) -> datetime:
    """Return noon of a day, counted from 1 June 2021."""
    return START + timedelta(days=number)


COUNTED = Origin(end=EndKind.COUNTING)


@dataclass(slots=True)
class World:
    """Builds a dossier: one line for each event, with one result each.

    A calibration that is not told otherwise is in order: in house, with procedure and
    validation, and its own input ends in counting.
    """

    network: NetworkBuilder = field(default_factory=NetworkBuilder)
    events: dict[str, Event] = field(default_factory=dict)
    results: dict[int, RecordedResult] = field(default_factory=dict)
    input_owner: dict[int, tuple[str, str]] = field(default_factory=dict)
    laboratories: dict[str, Laboratory] = field(default_factory=dict)
    programmes: list[CalibrationProgramme] = field(default_factory=list)
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    instrument_results: dict[str, tuple[RecordedResult, ...]] = field(default_factory=dict)
    adjustments: list[Event] = field(default_factory=list)
    found: list[FoundState] = field(default_factory=list)

    def event(
        self,
        label: str,
        *,
        device: str = "",
        on: float = 0.0,
        kind: EventKind = EventKind.CALIBRATION,
        route: Route = Route.IN_HOUSE,
        laboratory: str = "own-lab",
        procedure: str = "substitution",
        validation: str = "comparison of 2020",
        state: str = "",
        flags: tuple[str, ...] = (),
    ) -> Event:
        """Add an event without results."""
        self.events[label] = Event(
            len(self.events) + 1,
            label,
            kind,
            device or f"device-of-{label}",
            laboratory,
            day(on),
            state=state,
            route=route,
            procedure=procedure,
            validation=validation,
            flags=flags,
        )
        return self.events[label]

    def own_leaf(self, label: str, name: str, x: float, u: float, *, origin: Origin | None) -> Leaf:
        """Add an input quantity that an event owns, with its origin (None: nothing said)."""
        leaf = self.network.leaf(name, x, u)
        self.input_owner[leaf.input_id] = (label, name)
        if origin is not None:
            self.events[label].origins[name] = origin
        return leaf

    def result(
        self,
        label: str,
        sources: Sequence[Source],
        *,
        kind: str = "transmittance",
        conditions: Mapping[str, str] | None = None,
        name: str = "",
        unit: str = "1",
        value: float = 1.0,
    ) -> Step:
        """Add a result of an event: the sum of its sources, at a given value."""
        step = self.network.linear(dict.fromkeys(sources, 1.0), value=value)
        self.results[step.result_id] = RecordedResult(
            step.result_id,
            label,
            name or kind,
            Measurand.of(kind, dict(conditions or {})),
            unit,
        )
        return step

    def calibration(
        self,
        label: str,
        *parents: Source,
        device: str = "",
        on: float = 0.0,
        origin: Origin | None = COUNTED,
        kind: str = "transmittance",
        conditions: Mapping[str, str] | None = None,
        u: float = 0.01,
        route: Route = Route.IN_HOUSE,
        laboratory: str = "own-lab",
        state: str = "",
    ) -> Step:
        """Add a calibration event with one own input and one result."""
        self.event(label, device=device, on=on, route=route, laboratory=laboratory, state=state)
        leaf = self.own_leaf(label, "reading", 1.0, u, origin=origin)
        return self.result(label, [leaf, *parents], kind=kind, conditions=conditions)

    def use(
        self,
        label: str,
        parent: Step,
        *,
        on: float,
        conditions: Mapping[str, str] | None = None,
    ) -> Step:
        """Add a use event of a calibrated result, under conditions of use."""
        self.event(label, on=on, kind=EventKind.USE)
        kind = self.results[parent.result_id].measurand.kind
        return self.result(label, [parent], kind=kind, conditions=conditions)

    def adjust(self, label: str, device: str, *, on: float) -> None:
        """Record an adjustment of a device."""
        self.adjustments.append(self.event(label, device=device, on=on, kind=EventKind.ADJUSTMENT))

    def look(self, label: str, device: str, *, on: float, kind: str = "transmittance") -> None:
        """Calibrate an adjusted device as it is found."""
        self.found.append(FoundState(device, kind, day(on), label))

    def programme(
        self, device: str, days: float, *, kind: str = "transmittance", since: float = -1000.0
    ) -> None:
        """Let the owner of a device decide on an interval."""
        self.programmes.append(CalibrationProgramme(device, kind, days, "quality", day(since)))

    def withdraw(self, label: str, reason: str = "wrong cable") -> None:
        """Withdraw an event."""
        self.withdrawals[label] = Withdrawal(label, reason, day(900.0))

    def instrument(self, device: str, *steps: Step) -> None:
        """Offer results as the calibrations on record of an instrument."""
        self.instrument_results[device] = tuple(self.results[s.result_id] for s in steps)

    def competent(
        self,
        laboratory: str,
        *,
        kind: str = "transmittance",
        route: Route = Route.ACCREDITED,
        low: float = 0.0,
        high: float = 2.0,
        expanded: float = 0.02,
        relative: bool = False,
        since: float = -1000.0,
        until: float = 1000.0,
    ) -> None:
        """Record one line of a laboratory's scope."""
        line = Competence(
            kind, route, low, high, expanded, relative, day(since), day(until), "scope of 2020"
        )
        known = self.laboratories.get(laboratory)
        lines = (*(known.competences if known else ()), line)
        self.laboratories[laboratory] = Laboratory(laboratory, laboratory, competences=lines)

    def dossier(self) -> Dossier:
        """Return everything on record."""
        return Dossier(
            self.network.build(),
            dict(self.results),
            dict(self.events),
            dict(self.input_owner),
            dict(self.laboratories),
            tuple(self.programmes),
            dict(self.withdrawals),
            dict(self.instrument_results),
            tuple(self.adjustments),
            tuple(self.found),
        )
