"""What is due for calibration, by the owner's programmes.

Inside: `DueState`, `LastCalibration`, `DueRow`, `parse_days`, `programme_in_force`, `due_rows`.
Source: ISO/IEC 17025:2017, 6.4.7 (clause title public, content in our words).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.quantity.kinds import kind
from qtrace.quantity.value import parse_quantity

DAY_S = 86400.0


class DueState(StrEnum):
    """Where a programme stands."""

    NEVER = "never calibrated"  # decided upon, and nothing on record opens a period of use
    OVERDUE = "overdue"
    DUE = "due"  # within the time asked for
    IN_FORCE = "in force"


@dataclass(frozen=True, slots=True)
class LastCalibration:
    """A calibration that opens a period of use of a device and a kind."""

    device_id: str
    kind: str
    label: str
    performed_at: datetime


@dataclass(frozen=True, slots=True)
class DueRow:
    """One device and kind: last calibration by its date, when the next is due, days left."""

    device_id: str
    kind: str
    state: DueState
    interval_days: float
    decided_by: str
    last_label: str
    last_performed: datetime | None
    due: datetime | None
    days_left: float | None


def parse_days(text: str, where: str) -> float:
    """Return a duration such as "90 d" or "1 a", in days.

    Raises:
        InputError: it is not a duration of 0 or more.
    """
    try:
        given = parse_quantity(text.strip())
    except InputError as error:
        raise InputError(error.what, where=where, next_step=error.next_step) from None
    if given.unit.dimension != kind("duration").dimension or given.si < 0.0:
        raise InputError(f"{text!r} is no duration", where=where, next_step='e.g. "90 d"')
    return given.si / DAY_S


def programme_in_force(
    programmes: Iterable[CalibrationProgramme], device_id: str, kind_name: str, *, at: datetime
) -> CalibrationProgramme | None:
    """Return the programme that rules at a time: the latest; of equals the one recorded last."""
    ruling = [
        (one.valid_from, position, one)
        for position, one in enumerate(programmes)
        if one.device_id == device_id and one.kind == kind_name and one.valid_from <= at
    ]
    return max(ruling, key=lambda one: one[:2])[2] if ruling else None


def due_rows(
    programmes: Iterable[CalibrationProgramme],
    calibrations: Iterable[LastCalibration],
    *,
    now: datetime,
    within_days: float = 0.0,
    retired: frozenset[str] = frozenset(),
) -> tuple[DueRow, ...]:
    """Return every device and kind that has a programme: never calibrated first, then by date.

    The latest calibration by the day on which it was PERFORMED counts, whenever it was entered.

    Args:
        programmes: All programmes on record, in the order of their recording.
        calibrations: Calibrations that open a period of use and are not withdrawn.
        now: When is asked.
        within_days: Up to how many days ahead "due" reaches.
        retired: Devices out of service; nothing is due for them.
    """
    every = tuple(programmes)
    last: dict[tuple[str, str], LastCalibration] = {}
    for one in calibrations:
        key = (one.device_id, one.kind)
        if one.performed_at <= now and (
            key not in last or one.performed_at >= last[key].performed_at
        ):
            last[key] = one
    by_key: dict[tuple[str, str], list[CalibrationProgramme]] = {}
    for programme in every:
        if programme.device_id not in retired:
            by_key.setdefault((programme.device_id, programme.kind), []).append(programme)
    rows = []
    for key, own in by_key.items():
        ruling = programme_in_force(own, *key, at=now)
        if ruling is not None:
            rows.append(_row(ruling, last.get(key), now=now, within_days=within_days))
    return tuple(sorted(rows, key=_order))


def _row(
    programme: CalibrationProgramme,
    last: LastCalibration | None,
    *,
    now: datetime,
    within_days: float,
) -> DueRow:
    head = (programme.device_id, programme.kind)
    rule = (programme.interval_days, programme.decided_by)
    if last is None:
        return DueRow(*head, DueState.NEVER, *rule, "", None, None, None)
    due = last.performed_at + timedelta(days=programme.interval_days)
    left = (due - now).total_seconds() / DAY_S
    state = DueState.IN_FORCE
    if left < 0.0:
        state = DueState.OVERDUE
    elif left <= within_days:
        state = DueState.DUE
    return DueRow(*head, state, *rule, last.label, last.performed_at, due, left)


def _order(row: DueRow) -> tuple[float, str, str]:
    return (float("-inf") if row.days_left is None else row.days_left, row.device_id, row.kind)
