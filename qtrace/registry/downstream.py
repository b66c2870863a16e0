"""What rests on something: results with their edges, direct uses, runs, users by name only.

Inside: `Downstream`, `downstream`, `uses_of`, `states_of`, `named_users`, `run_ids_of`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.registry.graph import descendants
from qtrace.registry.tables import ARGUMENT, EVENT, ORIGIN, RESULT
from qtrace.registry.texts import parse_time
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.impact import CalibrationState, UseOfResult, drift_allowance
from qtrace.traceability.states import AS_FOUND
from qtrace.traceability.use import drift_input_name
from qtrace.traceability.validity import SAME_SESSION
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.unknown import combination_uncertainty

_PIECE = 5000  # SQLite takes 32766 bound values a statement


@dataclass(frozen=True, slots=True)
class Downstream:
    """Descendants of some results, those included, in recording order, as far as they are seen.

    `edges` holds (result, parent, sensitivity) inside that set, ordered by result. `runs` maps
    each result of a run to it.
    """

    results: tuple[int, ...]
    edges: tuple[tuple[int, int, float], ...]
    uncertainties: dict[int, float]
    runs: dict[int, str]

    def judged(self) -> frozenset[int]:
        """Return the results of runs and all of the set that they rest on."""
        found = set(self.runs)
        for result_id, parent_id, _ in reversed(self.edges):
            if result_id in found:
                found.add(parent_id)
        return frozenset(found)


def downstream(session: ReadSession, result_ids: Iterable[int]) -> Downstream:
    """Return everything that rests on some results.

    Args:
        session: An open session; what it may not see is left out.
        result_ids: Where the walk starts.
    """
    reached = descendants(session.connection, result_ids)
    stored = session.events.stored_values(reached)
    seen = tuple(sorted(stored))
    edges: list[tuple[int, int, float]] = []
    inside = set(seen)
    for piece in _pieces(seen):
        query = (
            select(ARGUMENT.c.result_id, ARGUMENT.c.parent_id, ARGUMENT.c.sensitivity)
            .where(ARGUMENT.c.result_id.in_(piece), ARGUMENT.c.parent_id.is_not(None))
            .order_by(ARGUMENT.c.result_id, ARGUMENT.c.position)
        )
        rows = session.connection.execute(query)
        edges.extend((row[0], row[1], row[2]) for row in rows if row[1] in inside)
    return Downstream(
        seen, tuple(edges), {k: u for k, (_, u) in stored.items()}, _runs(session, seen)
    )


def _pieces(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _PIECE] for start in range(0, len(ids), _PIECE)]


def _runs(session: ReadSession, result_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for piece in _pieces(result_ids):
        query = (
            select(RESULT.c.id, EVENT.c.run_id)
            .join(EVENT, EVENT.c.id == RESULT.c.event_id)
            .where(RESULT.c.id.in_(piece), EVENT.c.run_id.is_not(None))
            .order_by(RESULT.c.id)
        )
        found.update((row[0], row[1]) for row in session.connection.execute(query))
    return found


def results_with_inputs(session: ReadSession, input_ids: Iterable[int]) -> dict[int, float]:
    """Return the results whose models take one of some inputs, with the input's sensitivity."""
    query = (
        select(ARGUMENT.c.result_id, ARGUMENT.c.sensitivity)
        .where(ARGUMENT.c.input_id.in_(sorted(input_ids)))
        .order_by(ARGUMENT.c.result_id, ARGUMENT.c.position)
    )
    found: dict[int, float] = {}
    for row in session.connection.execute(query):
        found[row[0]] = found.get(row[0], 0.0) + row[1]
    return found


def _drift_rate(session: ReadSession, recorded: RecordedResult) -> InputQuantity | None:
    wanted = drift_input_name(recorded.name)
    inputs = session.events.inputs_of(recorded.event_label)
    return next((one for one in inputs if one.name == wanted), None)


def uses_of(session: ReadSession, recorded: RecordedResult) -> tuple[UseOfResult, ...]:
    """Return the results of other events that rest directly on a result, with their dates."""
    rate = _drift_rate(session, recorded)
    query = (
        select(ARGUMENT.c.result_id, EVENT.c.label, EVENT.c.performed_at)
        .join(RESULT, RESULT.c.id == ARGUMENT.c.result_id)
        .join(EVENT, EVENT.c.id == RESULT.c.event_id)
        .where(ARGUMENT.c.parent_id == recorded.result_id, EVENT.c.label != recorded.event_label)
        .order_by(ARGUMENT.c.result_id)
        .distinct()
    )
    rows = session.connection.execute(query).all()
    seen = session.events.stored_values([row.result_id for row in rows])
    elapsed = {} if rate is None else results_with_inputs(session, [rate.input_id])
    return tuple(
        UseOfResult(
            row.result_id,
            recorded.result_id,
            row.label,
            parse_time(row.performed_at),
            0.0 if rate is None else drift_allowance(rate, elapsed.get(row.result_id, 0.0)),
        )
        for row in rows
        if row.result_id in seen
    )


def states_of(
    session: ReadSession, recorded: RecordedResult, event: Event
) -> tuple[CalibrationState, ...]:
    """Return all calibrations in force of the quantity of a result, compared with that result."""
    gone = {one.event_label for one in session.events.withdrawals()} - {event.label}
    rate = _drift_rate(session, recorded)
    states = []
    for other in session.events.results_of_device(event.device_id, recorded.measurand.kind):
        known = session.events.by_label(other.event_label)
        if (
            known.kind is not EventKind.CALIBRATION
            or known.label in gone
            or other.measurand != recorded.measurand
            or (known.label == event.label and other.name != recorded.name)
        ):
            continue
        network = session.network([recorded.result_id, other.result_id])
        elapsed = (known.performed_at - event.performed_at).total_seconds()
        u = 0.0
        if other.result_id != recorded.result_id:
            u = combination_uncertainty(network, {other.result_id: 1.0, recorded.result_id: -1.0})
        states.append(
            CalibrationState(
                known.label,
                known.state,
                known.performed_at,
                network.result(other.result_id).value,
                u,
                0.0 if rate is None else drift_allowance(rate, elapsed),
            )
        )
    return tuple(states)


def named_users(session: ReadSession, event: Event) -> tuple[str, ...]:
    """Return the events with an input that was read on the device of an event, by name only.

    No number leads from the calibration of such an instrument to the reading, so that a shift
    cannot be carried through. Only events from the calibration on, up to the next one of the
    same quantity, can have relied on it.
    """
    if not event.device_id:
        return ()
    named = f'"instrument":{json.dumps(event.device_id, ensure_ascii=False)}'
    query = (
        select(EVENT.c.label, EVENT.c.performed_at)
        .join(ORIGIN, ORIGIN.c.event_id == EVENT.c.id)
        .where(ORIGIN.c.origin_json.contains(named, autoescape=True), EVENT.c.label != event.label)
        .order_by(EVENT.c.id)
        .distinct()
    )
    seen = set(session.events.labels())
    until = _superseded_at(session, event)
    return tuple(
        row.label
        for row in session.connection.execute(query)
        if row.label in seen
        and parse_time(row.performed_at) >= event.performed_at - SAME_SESSION
        and (until is None or parse_time(row.performed_at) < until)
    )


def _superseded_at(session: ReadSession, event: Event) -> datetime | None:
    """Return when the next calibration of a quantity of the same device took over, if one did."""
    kinds: dict[str, set[str]] = {}
    for result in session.events.results_of_device(event.device_id):
        kinds.setdefault(result.event_label, set()).add(result.measurand.kind)
    own = {one.measurand.kind for one in session.events.results_of(event.label)}
    gone = {one.event_label for one in session.events.withdrawals()}
    later = [
        one.performed_at
        for one in session.events.of_device(event.device_id)
        if one.kind is EventKind.CALIBRATION
        and one.state != AS_FOUND
        and one.label not in gone
        and one.performed_at > event.performed_at
        and own & kinds.get(one.label, set())
    ]
    return min(later, default=None)


def run_ids_of(session: ReadSession, event_labels: Iterable[str]) -> frozenset[str]:
    """Return the runs with results that rest on a result or an input of some events."""
    starts: set[int] = set()
    for label in event_labels:
        starts.update(one.result_id for one in session.events.results_of(label))
        owned = [one.input_id for one in session.events.inputs_of(label)]
        starts.update(results_with_inputs(session, owned))
    return frozenset(downstream(session, starts).runs.values())
