"""Calibrations on record as the calendar and as histories see them, in few queries.

Inside: `opening_calibrations`, `retired_devices`, `HistoryRecords`, `history_records`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select

from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.registry.tables import DEVICE_STATUS, EVENT, MEASURAND, MODEL, RESULT, WITHDRAWAL
from qtrace.registry.texts import parse_time
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.due import LastCalibration
from qtrace.traceability.states import AS_FOUND
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import ModelKind

RETIRED = "retired"


def opening_calibrations(opened: ReadSession) -> tuple[LastCalibration, ...]:
    """Return all calibrations that open a period of use: not withdrawn, not an as-found state.

    Linear results carry the calibration of another device and are left out.
    """
    session = opened.events.session
    gone = select(WITHDRAWAL.c.event_id).where(session.visible(WITHDRAWAL))
    query = (
        select(EVENT.c.device_id, MEASURAND.c.kind, EVENT.c.label, EVENT.c.performed_at)
        .distinct()
        .join(RESULT, RESULT.c.event_id == EVENT.c.id)
        .join(MEASURAND, MEASURAND.c.id == RESULT.c.measurand_id)
        .join(MODEL, MODEL.c.id == RESULT.c.model_id)
        .where(
            session.visible(EVENT),
            EVENT.c.kind == EventKind.CALIBRATION.value,
            case((RESULT.c.state != "", RESULT.c.state), else_=EVENT.c.state) != AS_FOUND,
            EVENT.c.device_id.is_not(None),
            MODEL.c.kind != ModelKind.LINEAR.value,
            EVENT.c.id.not_in(gone),
        )
        .order_by(EVENT.c.performed_at, EVENT.c.label, MEASURAND.c.kind)
    )
    return tuple(
        LastCalibration(row.device_id, row.kind, row.label, parse_time(row.performed_at))
        for row in session.all(query)
    )


def retired_devices(opened: ReadSession) -> frozenset[str]:
    """Return the devices whose latest status takes them out of service."""
    session = opened.events.session
    query = (
        select(DEVICE_STATUS.c.device_id, DEVICE_STATUS.c.status)
        .where(session.visible(DEVICE_STATUS))
        .order_by(DEVICE_STATUS.c.id)
    )
    latest = {row.device_id: row.status for row in session.all(query)}
    return frozenset(device for device, status in latest.items() if status == RETIRED)


@dataclass(frozen=True, slots=True)
class HistoryRecords:
    """What bears on the histories of one kind of some devices."""

    network: Network
    values: dict[int, tuple[float, float]]
    candidates: dict[str, tuple[tuple[RecordedResult, Event], ...]]
    adjustments: dict[str, tuple[Event, ...]]
    withdrawn: frozenset[str]


def history_records(session: ReadSession, devices: Sequence[str], kind: str) -> HistoryRecords:
    """Return the calibrated results of one kind of some devices, with the network behind them.

    Raises:
        InputError: a device is unknown.
    """
    candidates: dict[str, tuple[tuple[RecordedResult, Event], ...]] = {}
    adjustments: dict[str, tuple[Event, ...]] = {}
    ids: list[int] = []
    for device in devices:
        session.devices.by_id(device)
        events = {event.label: event for event in session.events.of_device(device)}
        results = session.events.results_of_device(device, kind)
        candidates[device] = tuple((one, events[one.event_label]) for one in results)
        adjustments[device] = tuple(
            one for one in events.values() if one.kind is EventKind.ADJUSTMENT
        )
        ids.extend(one.result_id for one in results)
    withdrawn = frozenset(one.event_label for one in session.events.withdrawals())
    return HistoryRecords(
        session.network(ids), session.events.stored_values(ids), candidates, adjustments, withdrawn
    )
