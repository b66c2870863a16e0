"""In which state a device was calibrated, and which adjustments lie between two moments.

Inside: `AS_FOUND`, `AS_LEFT`, `state_of`, `affects`, `adjustment_between`, `FoundState`.

As found closes a period of use, as left opens the next one; a calibration that says neither
found nothing to adjust and does both. An adjustment starts a new drift: no calibration from
before it says anything of the device after it.
Source: ISO/IEC 17025:2017, 7.8.4.1 (results before and after an adjustment; from memory).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from qtrace.laboratory.event import ADJUSTS, Event, RecordedResult

AS_FOUND = "as_found"  # closes a period of use; it never opens one
AS_LEFT = "as_left"  # opens a period of use; it never closes one


@dataclass(frozen=True, slots=True)
class FoundState:
    """When a kind of quantity of a device was calibrated as it was found, and by which event."""

    device_id: str
    kind: str
    performed_at: datetime
    event_label: str


def state_of(recorded: RecordedResult, event: Event) -> str:
    """Return the state that a result is about: its own, or that of its whole event."""
    return recorded.state or event.state


def affects(adjustment: Event, kind: str) -> bool:
    """Return whether an adjustment changed a kind of quantity; one that names none, all."""
    named = [flag for flag in adjustment.flags if flag.startswith(ADJUSTS)]
    return not named or f"{ADJUSTS} {kind}" in named


def adjustment_between(
    adjustments: Iterable[Event],
    device_id: str,
    kind: str,
    *,
    after: datetime,
    until: datetime,
    withdrawn: Collection[str] = frozenset(),
) -> Event | None:
    """Return the first adjustment of a device's quantity with after < its time <= until.

    Args:
        adjustments: Adjustments on record, of any device.
        device_id: The device.
        kind: The kind of quantity.
        after: Excluded: an as-left state has the time of its own adjustment.
        until: Included.
        withdrawn: Labels of events that no longer count.
    """
    found = [
        one
        for one in adjustments
        if one.device_id == device_id
        and after < one.performed_at <= until
        and one.label not in withdrawn
        and affects(one, kind)
    ]
    return min(found, key=lambda one: one.performed_at) if found else None
