"""Whether a calibration may be used at a time: the owner's programme decides.

Inside: `ValidityState`, `Validity`, `validity`.
Source: ISO/IEC 17025:2017, 6.4.7 (programme, reviewed by the owner); 7.8.4.3 (a certificate
carries no recalibration interval unless agreed). Clause titles public, content in our words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qtrace.laboratory.programme import CalibrationProgramme

# Within one day the same set-up is taken as still standing; no interval is needed, but a shorter
# one that the owner has set counts.
SAME_SESSION = timedelta(days=1)


class ValidityState(StrEnum):
    """State of a calibration at a time of use."""

    VALID = "valid"
    SAME_SESSION = "same session"
    EXPIRED = "expired"
    NO_PROGRAMME = "no programme"
    NOT_YET = "calibrated after use"


@dataclass(frozen=True, slots=True)
class Validity:
    """State, the due date where a programme sets one, and the reason in words."""

    state: ValidityState
    due: datetime | None
    reason: str

    @property
    def usable(self) -> bool:
        """Return whether the calibration may be used then."""
        return self.state in {ValidityState.VALID, ValidityState.SAME_SESSION}


def validity(
    programmes: Iterable[CalibrationProgramme],
    device_id: str,
    *,
    kind: str,
    calibrated_at: datetime,
    used_at: datetime,
) -> Validity:
    """Return whether a calibration of a device's quantity is in force at a time of use.

    Args:
        programmes: All programmes on record, in the order of their recording.
        device_id: The calibrated device.
        kind: Kind of the calibrated quantity.
        calibrated_at: When the calibration was performed.
        used_at: When its result is used.
    """
    age = used_at - calibrated_at
    if age < -SAME_SESSION:
        return Validity(
            ValidityState.NOT_YET,
            None,
            f"calibrated {calibrated_at:%Y-%m-%d}, used {used_at:%Y-%m-%d}: before it existed",
        )
    in_force = [
        (programme.valid_from, position, programme)
        for position, programme in enumerate(programmes)
        if programme.device_id == device_id
        and programme.kind == kind
        and programme.valid_from <= used_at
    ]
    same_session = abs(age) <= SAME_SESSION
    if not in_force and not same_session:
        return Validity(
            ValidityState.NO_PROGRAMME,
            None,
            f"no calibration programme for {kind} of {device_id} was in force on "
            f"{used_at:%Y-%m-%d}",
        )
    # The latest decision counts; of two from the same moment, the one recorded last.
    programme = max(in_force, key=lambda one: one[:2])[2] if in_force else None
    if programme is not None and _in_hindsight(programme, used_at):
        # A decision recorded after the use may shorten the interval for it, not lengthen it.
        known = [one for one in in_force if not _in_hindsight(one[2], used_at)]
        latest = max(known, key=lambda one: one[:2])[:2] if known else None
        since = [one[2] for one in in_force if latest is None or one[:2] >= latest]
        programme = min(since, key=lambda one: one.interval_days)
    due = None if programme is None else calibrated_at + timedelta(days=programme.interval_days)
    if programme is not None and due is not None and used_at > due:
        return Validity(
            ValidityState.EXPIRED,
            due,
            f"due {due:%Y-%m-%d} by the programme of {programme.decided_by}, "
            f"used {used_at:%Y-%m-%d}",
        )
    if same_session or due is None:
        return Validity(ValidityState.SAME_SESSION, due, "used in the session of its calibration")
    return Validity(ValidityState.VALID, due, f"in force until {due:%Y-%m-%d}")


def _in_hindsight(programme: CalibrationProgramme, used_at: datetime) -> bool:
    """Return whether a decision was recorded after the use that it would bear on."""
    return programme.recorded_at is not None and programme.recorded_at > used_at
