"""Whether an adjustment lies between a calibration and its use, or ended the period unseen.

Inside: `adjustment_fault`.
"""

from __future__ import annotations

from qtrace.laboratory.event import Event, RecordedResult
from qtrace.traceability.chain import BreakName, Dossier
from qtrace.traceability.states import adjustment_between, affects
from qtrace.traceability.use import AN_INSTANT
from qtrace.traceability.validity import SAME_SESSION


def adjustment_fault(
    dossier: Dossier, recorded: RecordedResult, calibration: Event, *, used_by: Event
) -> tuple[BreakName, str] | None:
    """Return which adjustment breaks the step from a calibration to its use, and why.

    An adjustment in between leaves nothing of the calibration. One after the use ended the
    period of use: somebody must have looked before it, or nobody knows how the device was.

    Args:
        dossier: Adjustments, withdrawals and when adjusted devices were looked at.
        recorded: The calibrated result.
        calibration: Its event.
        used_by: The event that used it, before or after.
    """
    kind, device = recorded.measurand.kind, calibration.device_id
    first, last = sorted((calibration.performed_at, used_by.performed_at))
    # A closing calibration comes before the adjustment that has its time.
    until = last if last == used_by.performed_at else last - AN_INSTANT
    between = adjustment_between(
        dossier.adjustments,
        device,
        kind,
        after=first,
        until=until,
        withdrawn=dossier.withdrawals,
    )
    if between is not None:
        when = f"adjusted {between.performed_at:%Y-%m-%d} ({between.label})"
        return BreakName.ADJUSTMENT_WITHOUT_AS_LEFT, f"{when} and not calibrated since"
    session = abs(used_by.performed_at - calibration.performed_at) <= SAME_SESSION
    if session or calibration.performed_at > used_by.performed_at:
        return None
    later = [
        one.performed_at
        for one in dossier.adjustments
        if one.device_id == device
        and one.performed_at > last
        and one.label not in dossier.withdrawals
        and affects(one, kind)
    ]
    if not later or any(
        used_by.performed_at <= one.performed_at <= min(later)
        for one in dossier.found
        if (one.device_id, one.kind) == (device, kind)
        and one.event_label not in dossier.withdrawals
    ):
        return None
    reason = f"adjusted {min(later):%Y-%m-%d}, and nobody looked before how it was found"
    return BreakName.ADJUSTMENT_WITHOUT_AS_FOUND, reason
