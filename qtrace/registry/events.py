"""Events: recording them, and finding them, their inputs and their results again.

Inside: `Events`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select

from qtrace.laboratory.curve_names import MADE_HERE
from qtrace.laboratory.event import Event, Origin, RecordedResult, Withdrawal
from qtrace.laboratory.recording import NewResult, RecordedEvent
from qtrace.registry.event_recorder import EventRecorder
from qtrace.registry.event_rows import event_from, input_from, origin_from, recorded_result_from
from qtrace.registry.graph import ancestors, descendants, inputs_and_blocks, network
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import (
    ARGUMENT,
    EVENT,
    INPUT_QUANTITY,
    MEASURAND,
    MODEL,
    ORIGIN,
    RESULT,
    WITHDRAWAL,
)
from qtrace.registry.texts import parse_time, time_text
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.results import ModelKind

# SQLite takes 32766 bound values a statement.
_PIECE = 5000


@dataclass(frozen=True, slots=True)
class Events:
    """Events inside one transaction, by label and by what they are about."""

    session: Session

    def record(
        self,
        event: Event,
        inputs: Sequence[InputQuantity] = (),
        blocks: Sequence[CorrelationBlock] = (),
        results: Sequence[NewResult] = (),
    ) -> RecordedEvent:
        """Record an event with its inputs, correlation blocks, origins and results.

        Args:
            event: With a label that is not taken; its `event_id` is ignored.
            inputs: Own inputs of the event, `input_id` 0, names unique.
            blocks: Their `input_ids` are positions in `inputs`, from 1.
            results: In order of dependency; names unique.

        Returns:
            The ids that were given, by name.

        Raises:
            InputError: Label taken; device, laboratory, run, parent or input unknown; a number
                that is not finite; a negative u. Leave the unit of work with it: the
                transaction then rolls back and nothing is written.
        """
        recorder = EventRecorder(self.session)
        return recorder.record(event, inputs, blocks=blocks, results=results)

    def withdraw(self, label: str, reason: str, *, withdrawn_at: datetime) -> None:
        """Record that an event no longer counts.

        Raises:
            InputError: The event is unknown, or withdrawn already.
        """
        event = self.by_label(label)
        row = self.session.first(select(WITHDRAWAL).where(WITHDRAWAL.c.event_id == event.event_id))
        if row is not None:
            raise already_recorded(
                "the withdrawal of",
                label,
                recorded_as=f"of {row.withdrawn_at} ({row.reason})",
                next_step="nothing is left to do",
            )
        self.session.add(
            WITHDRAWAL,
            {
                "event_id": event.event_id,
                "reason": reason,
                "withdrawn_at": time_text(withdrawn_at, f"withdrawal of {label}"),
            },
        )

    def withdrawals(self) -> tuple[Withdrawal, ...]:
        """Return all withdrawals in the order of recording."""
        query = (
            select(WITHDRAWAL, EVENT.c.label)
            .join(EVENT, EVENT.c.id == WITHDRAWAL.c.event_id)
            .where(self.session.visible(WITHDRAWAL))
            .order_by(WITHDRAWAL.c.id)
        )
        return tuple(
            Withdrawal(row.label, row.reason, parse_time(row.withdrawn_at))
            for row in self.session.all(query)
        )

    def all(self) -> tuple[Event, ...]:
        """Return all events in the order of recording."""
        return self._events()

    def labels(self) -> tuple[str, ...]:
        """Return the labels of all events in the order of recording."""
        query = select(EVENT.c.label).where(self.session.visible(EVENT)).order_by(EVENT.c.id)
        return self.session.texts(query)

    def has(self, label: str) -> bool:
        """Return whether an event of that label is on record."""
        query = select(EVENT.c.id).where(self.session.visible(EVENT), EVENT.c.label == label)
        return self.session.first(query) is not None

    def certified(self, issuer: str, number: str) -> tuple[tuple[str, str], ...]:
        """Return (event, input) of all inputs that rest on one certificate, in order."""
        field = func.json_extract(ORIGIN.c.origin_json, "$.certificate.number")
        query = (
            select(EVENT.c.label, ORIGIN.c.input_name, ORIGIN.c.origin_json)
            .join(EVENT, EVENT.c.id == ORIGIN.c.event_id)
            .where(self.session.visible(ORIGIN), field == number)
            .order_by(ORIGIN.c.id)
        )
        rows = ((row, origin_from(row.origin_json)) for row in self.session.all(query))
        return tuple(
            (row.label, row.input_name)
            for row, origin in rows
            if origin.certificate is not None and origin.certificate.issuer == issuer
        )

    def by_label(self, label: str) -> Event:
        """Return one event.

        Raises:
            InputError: No event has that label; close ones are named.
        """
        found = self._events(EVENT.c.label == label)
        if not found:
            raise not_found(
                "event", label, self.labels(), next_step="list them: `qtrace calibration list`"
            )
        return found[0]

    def of_device(self, device_id: str) -> tuple[Event, ...]:
        """Return the events of a device in the order of recording."""
        return self._events(EVENT.c.device_id == device_id)

    def of_run(self, run_id: str) -> tuple[Event, ...]:
        """Return the events of a run in the order of recording."""
        return self._events(EVENT.c.run_id == run_id)

    def behind(self, result_ids: Iterable[int]) -> tuple[Event, ...]:
        """Return the events of results, of all their ancestors and of all inputs behind them."""
        found = network(self.session.connection, result_ids)
        ids = self._event_ids(RESULT, found.results) | self._event_ids(INPUT_QUANTITY, found.inputs)
        return self._events_of(ids)

    def depending_on(self, label: str) -> tuple[Event, ...]:
        """Return the events with results that depend on an event, itself included.

        They depend on its results, or on inputs that it owns and others share.
        """
        own = [result.result_id for result in self.results_of(label)]
        inputs = [one.input_id for one in self.inputs_of(label)]
        for piece in _pieces(inputs):
            query = select(ARGUMENT.c.result_id).where(ARGUMENT.c.input_id.in_(piece))
            own.extend(int(row[0]) for row in self.session.all(query))
        reached = descendants(self.session.connection, own)
        return self._events_of(self._event_ids(RESULT, reached))

    def result(self, label: str) -> RecordedResult:
        """Return what a result is about, by its label "EVENT/name".

        Raises:
            InputError: No result has that label; close ones are named.
        """
        event_label, _, name = label.rpartition("/")
        found = self._results(EVENT.c.label == event_label, RESULT.c.name == name)
        if not found:
            query = (
                select(EVENT.c.label + "/" + RESULT.c.name)
                .join(EVENT, EVENT.c.id == RESULT.c.event_id)
                .where(self.session.visible(RESULT))
                .order_by(RESULT.c.id)
            )
            raise not_found(
                "result",
                label,
                self.session.texts(query),
                next_step="write EVENT/name; list events with `qtrace calibration list`",
            )
        return found[0]

    def results_of(self, event_label: str) -> tuple[RecordedResult, ...]:
        """Return the results of an event in the order of recording.

        Raises:
            InputError: No event has that label.
        """
        self.by_label(event_label)
        return self._results(EVENT.c.label == event_label)

    def results_of_device(self, device_id: str, kind: str = "") -> tuple[RecordedResult, ...]:
        """Return the results of a device's events, or those of one kind of quantity.

        A linear result carries the calibration of another event to this one's date: its event
        used it, and it says nothing about the event's own device. Points of a curve and
        coefficients of a fit are linear and were made here.
        """
        made_here = select(MODEL.c.id).where(
            (MODEL.c.kind != ModelKind.LINEAR) | MODEL.c.text.in_(MADE_HERE)
        )
        conditions = [EVENT.c.device_id == device_id, RESULT.c.model_id.in_(made_here)]
        if kind:
            conditions.append(MEASURAND.c.kind == kind)
        return self._results(*conditions)

    def recorded_results(self, result_ids: Iterable[int]) -> dict[int, RecordedResult]:
        """Return what results are about, by id; unknown ids are left out."""
        found: dict[int, RecordedResult] = {}
        for piece in _pieces(result_ids):
            for result in self._results(RESULT.c.id.in_(piece)):
                found[result.result_id] = result
        return found

    def stored_values(self, result_ids: Iterable[int]) -> dict[int, tuple[float, float]]:
        """Return (value, cached standard uncertainty) of results, by id, in SI units."""
        found: dict[int, tuple[float, float]] = {}
        for piece in _pieces(result_ids):
            query = (
                select(RESULT.c.id, RESULT.c.value, RESULT.c.standard_uncertainty)
                .where(RESULT.c.id.in_(piece), self.session.visible(RESULT))
                .order_by(RESULT.c.id)
            )
            for row in self.session.all(query):
                found[row.id] = (row.value, row.standard_uncertainty)
        return found

    def result_ids(self) -> tuple[int, ...]:
        """Return the ids of all results in the order of recording."""
        query = select(RESULT.c.id).where(self.session.visible(RESULT)).order_by(RESULT.c.id)
        return tuple(int(row[0]) for row in self.session.all(query))

    def ancestors(self, result_ids: Iterable[int]) -> tuple[int, ...]:
        """Return the given results and all that they depend on, in recording order."""
        return ancestors(self.session.connection, result_ids)

    def inputs_of(self, event_label: str) -> tuple[InputQuantity, ...]:
        """Return the own inputs of an event in the order of recording.

        Raises:
            InputError: No event has that label.
        """
        event = self.by_label(event_label)
        query = (
            select(INPUT_QUANTITY)
            .where(INPUT_QUANTITY.c.event_id == event.event_id)
            .order_by(INPUT_QUANTITY.c.id)
        )
        return tuple(input_from(row) for row in self.session.all(query))

    def blocks_of(self, event_label: str) -> tuple[CorrelationBlock, ...]:
        """Return the correlation blocks of an event; `input_ids` are ids now.

        Raises:
            InputError: No event has that label.
        """
        own = [quantity.input_id for quantity in self.inputs_of(event_label)]
        return inputs_and_blocks(self.session.connection, own)[1]

    def input_owner(self, input_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return (label of the owning event, name of the input) by input id."""
        owners: dict[int, tuple[str, str]] = {}
        for piece in _pieces(input_ids):
            query = (
                select(INPUT_QUANTITY.c.id, INPUT_QUANTITY.c.name, EVENT.c.label)
                .join(EVENT, EVENT.c.id == INPUT_QUANTITY.c.event_id)
                .where(INPUT_QUANTITY.c.id.in_(piece), self.session.visible(INPUT_QUANTITY))
                .order_by(INPUT_QUANTITY.c.id)
            )
            for row in self.session.all(query):
                owners[row.id] = (row.label, row.name)
        return owners

    def _events(self, *conditions: ColumnElement[bool]) -> tuple[Event, ...]:
        rows = self.session.all(
            select(EVENT).where(self.session.visible(EVENT), *conditions).order_by(EVENT.c.id)
        )
        origins: dict[int, dict[str, Origin]] = {row.id: {} for row in rows}
        for piece in _pieces(origins):
            query = select(ORIGIN).where(ORIGIN.c.event_id.in_(piece)).order_by(ORIGIN.c.id)
            for row in self.session.all(query):
                origins[row.event_id][row.input_name] = origin_from(row.origin_json)
        return tuple(event_from(row, origins[row.id]) for row in rows)

    def _events_of(self, event_ids: Iterable[int]) -> tuple[Event, ...]:
        return tuple(
            event for piece in _pieces(event_ids) for event in self._events(EVENT.c.id.in_(piece))
        )

    def _event_ids(self, table: Table, ids: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for piece in _pieces(ids):
            query = select(table.c.event_id).where(
                table.c.id.in_(piece), self.session.visible(table)
            )
            found.update(int(row[0]) for row in self.session.all(query))
        return found

    def _results(self, *conditions: ColumnElement[bool]) -> tuple[RecordedResult, ...]:
        query: Select[Any] = (
            select(
                RESULT,
                EVENT.c.label.label("event_label"),
                MEASURAND.c.kind.label("measurand_kind"),
                MEASURAND.c.conditions_json,
            )
            .join(EVENT, EVENT.c.id == RESULT.c.event_id)
            .join(MEASURAND, MEASURAND.c.id == RESULT.c.measurand_id)
            .where(self.session.visible(RESULT), *conditions)
            .order_by(RESULT.c.id)
        )
        return tuple(recorded_result_from(row) for row in self.session.all(query))


def _pieces(ids: Iterable[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + _PIECE] for start in range(0, len(ordered), _PIECE)]
