"""What a calibration file refers to on record, and what is recorded beside the calibration.

Inside: `Referenced`, `referenced`, `check_draft`, `record_companions`,
`adjustment_label`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qtrace.errors import InputError, QtraceError
from qtrace.laboratory.draft import CalibrationDraft, Place, ResultDraft
from qtrace.laboratory.event import (
    ADJUSTS,
    OF_HISTORY,
    EndKind,
    Event,
    EventKind,
    Origin,
    RecordedResult,
)
from qtrace.laboratory.recording import NewResult
from qtrace.registry.curves import curves_named
from qtrace.registry.device_use import adjustments_of, ageing
from qtrace.registry.graph import inputs_and_blocks
from qtrace.registry.lookup import not_found
from qtrace.registry.unit_of_work import ReadSession, UnitOfWork
from qtrace.traceability.curve_inputs import CurveOnRecord
from qtrace.traceability.drift import Ageing, drift_label
from qtrace.traceability.fitted_drift import SCATTER, fitted_result, shifts_of
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.random_walk import with_random_walks

FIT = "drift rate through as_found(n) - as_left(n-1), generalised least squares"
SCATTER_WORDS = "scatter of the shifts beyond the uncertainty of the calibrations"


@dataclass(frozen=True, slots=True)
class Referenced:
    """What the inputs of a file refer to, with the network of all of it.

    `parents` maps labels to results, `ages` their ids to what is known of their changes,
    `statements` labels to inputs that statements own.
    """

    parents: Mapping[str, RecordedResult]
    ages: Mapping[int, Ageing]
    statements: Mapping[str, InputQuantity]
    curves: Mapping[str, CurveOnRecord]
    network: Network


def check_draft(session: ReadSession, draft: CalibrationDraft) -> None:
    """Check that device and laboratory are on record, kinds possible and the label free.

    Raises:
        InputError: with the place in the file.
    """
    for name, find, wanted in (
        ("device", session.devices.by_id, draft.event.device_id),
        ("laboratory", session.laboratories.by_id, draft.event.laboratory_id),
    ):
        try:
            find(wanted)
        except InputError as error:
            place = draft.field_places.get(name, draft.place)
            raise InputError(error.what, where=str(place), next_step=error.next_step) from None
    device = session.devices.by_id(draft.event.device_id)
    possible = session.devices.class_by_id(device.class_id).kinds
    for measurand, place in draft.measurands():
        if measurand.kind not in possible:
            raise InputError(
                f"{measurand.kind} cannot be calibrated on a {device.class_id}",
                where=str(place),
                next_step=f"a {device.class_id} has: {', '.join(possible)}",
            )
    check_label(session, draft.event.label, draft.field_places.get("id", draft.place))


def check_label(session: ReadSession, label: str, place: Place) -> None:
    """Refuse a label that is taken."""
    if session.events.has(label):
        raise InputError(
            f"an event called {label!r} is recorded already",
            where=str(place),
            next_step="a new calibration needs a new id; a wrong one is withdrawn",
        )


def referenced(session: ReadSession, draft: CalibrationDraft) -> Referenced:
    """Find everything that a file refers to.

    Raises:
        InputError: A result or a statement's input is not on record; with the place in the file.
    """
    own = {result.name for result in draft.results}
    parents: dict[str, RecordedResult] = {}
    statements: dict[str, InputQuantity] = {}
    for one in draft.inputs:
        try:
            if one.reference and one.reference not in own:
                parents[one.reference] = session.events.result(one.reference)
            if one.statement:
                statements[one.statement] = _stated(session, one.statement)
            for part in one.shared:
                statements[part.statement] = _stated(session, part.statement)
        except QtraceError as error:
            raise error.located(str(one.place)) from None
    ages = {one.result_id: ageing(session, one, draft.event) for one in parents.values()}
    fitted = {age.fitted for age in ages.values() if age.fitted is not None}
    curves = curves_named(session, draft)
    points = {part.result_id for one in curves.values() for part in one.curve.parts}
    network = session.network({*ages, *fitted, *points})
    shared = (one.input_id for one in statements.values())
    inputs, blocks = inputs_and_blocks(session.connection, shared)
    known = {block.block_id for block in network.blocks}
    network = replace(
        network,
        inputs={**network.inputs, **inputs},
        blocks=(*network.blocks, *(one for one in blocks if one.block_id not in known)),
    )
    return Referenced(parents, ages, statements, curves, with_random_walks(network))


def _stated(session: ReadSession, label: str) -> InputQuantity:
    """Return an input that a statement owns, by "STATEMENT/name"."""
    event_label = label.partition("/")[0]
    event = session.events.by_label(event_label)
    if event.kind is not EventKind.STATEMENT:
        raise InputError(
            f"{event_label} is a {event.kind.value}, not a statement",
            next_step="refer to its results, or record the shared input as a statement: "
            "`qtrace statement add FILE`",
        )
    own = {f"{event_label}/{one.name}": one for one in session.events.inputs_of(event_label)}
    if label not in own:
        raise not_found("input", label, own, next_step=f"`qtrace calibration show {event_label}`")
    return own[label]


def adjustment_label(calibration_label: str) -> str:
    """Return the label of the adjustment that was made during a calibration."""
    return f"{calibration_label}/adjustment"


def record_companions(unit: UnitOfWork, draft: CalibrationDraft) -> tuple[str, ...]:
    """Record what belongs to a calibration just recorded: its adjustment, its fitted drift.

    Returns:
        Warnings about gaps in the history.

    Raises:
        InputError: The history cannot show a drift; with the place of the result in the file.
    """
    event = draft.event
    if draft.adjusted:
        kinds = sorted({one.measurand.kind for one in draft.results})
        unit.events.record(
            Event(
                0,
                adjustment_label(event.label),
                EventKind.ADJUSTMENT,
                event.device_id,
                event.laboratory_id,
                event.performed_at,
                procedure=f"adjusted during {event.label}",
                flags=tuple(f"{ADJUSTS} {kind}" for kind in kinds),
            )
        )
    wanted = [one for one in draft.results if one.drift is not None and one.drift.fitted]
    return _record_fits(unit, event, wanted) if wanted else ()


def _record_fits(unit: UnitOfWork, event: Event, wanted: Sequence[ResultDraft]) -> tuple[str, ...]:
    """Record the event of the drifts fitted to the histories of results; return its warnings."""
    events = {one.label: one for one in unit.events.of_device(event.device_id)}
    inputs: list[InputQuantity] = []
    results: list[NewResult] = []
    warnings: list[str] = []
    for one in wanted:
        history = [
            (recorded, events[recorded.event_label])
            for recorded in unit.events.results_of_device(event.device_id, one.measurand.kind)
            if events[recorded.event_label].kind is EventKind.CALIBRATION
            and events[recorded.event_label].performed_at <= event.performed_at
        ]
        shifts, gaps = shifts_of(
            history,
            adjustments_of(events.values()),
            measurand=one.measurand,
            withdrawn={gone.event_label for gone in unit.events.withdrawals()},
        )
        warnings.extend(f"{one.place}: history: {gap}" for gap in gaps)
        ids = {i for shift in shifts for i in (shift.left.result_id, shift.found.result_id)}
        try:
            own, made = fitted_result(one.name, one.measurand, shifts, network=unit.network(ids))
        except QtraceError as error:
            raise error.located(str(one.place)) from None
        inputs.append(own)
        results.append(made)
    scatter = Origin(end=EndKind.ASSESSED_BOUND, statement=SCATTER_WORDS)
    fit = Event(
        0,
        drift_label(event.label),
        EventKind.STATEMENT,
        event.device_id,
        "",
        event.performed_at,
        procedure=FIT,
        flags=(OF_HISTORY,),
        origins={f"{one.name}/{SCATTER}": scatter for one in results},
    )
    unit.events.record(fit, inputs, (), results)
    return tuple(warnings)
