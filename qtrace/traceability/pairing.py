"""Which calibrations of one quantity of a device belong together: one left, the next one found.

Inside: `DatedState`, `Gap`, `in_order`, `pair_states`.

A shift goes from the state left to the next state found. Between two states left nothing can be
said, because an adjustment may lie between them: that is a gap, and it is named. What was found
and not adjusted was left as it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from qtrace.laboratory.event import Event
from qtrace.traceability.states import AS_FOUND, AS_LEFT

# As found and as left of one visit: an adjustment and its calibration take days or weeks.
SAME_VISIT = timedelta(days=60)
ALIKE = "states neither as_found nor as_left: taken as found and left alike"
NOT_ADJUSTED = "as found without an as-left: taken as left as it was found"


class DatedState(Protocol):
    """What of a calibrated state decides to which other it belongs."""

    @property
    def event_label(self) -> str:
        """Label of its event."""

    @property
    def state(self) -> str:
        """as_found, as_left or "" for both alike."""

    @property
    def performed_at(self) -> datetime:
        """When it was calibrated."""


S = TypeVar("S", bound=DatedState)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time over which nothing can be said, and why."""

    after: str
    until: str
    reason: str


def in_order(states: Iterable[S]) -> list[S]:
    """Sort states by date; as found comes before as left where both carry one date."""
    return sorted(states, key=lambda one: (one.performed_at, one.state == AS_LEFT))


def pair_states(
    states: Sequence[S], adjustments: Iterable[Event]
) -> tuple[list[tuple[S, S]], tuple[Gap, ...], tuple[str, ...]]:
    """Walk states in order; join each state left to the next one found.

    Args:
        states: Calibrated states of one quantity, `in_order`.
        adjustments: Adjustments of that quantity that count.

    Returns:
        Pairs (left, found), gaps, and notes on what was taken for granted.
    """
    active = tuple(adjustments)
    pairs: list[tuple[S, S]] = []
    gaps: list[Gap] = []
    notes: list[str] = []
    for before, after in pairwise(states):
        if after.performed_at <= before.performed_at and after.state != AS_LEFT:
            gaps.append(Gap(before.event_label, after.event_label, "no time lies between them"))
            continue
        if after.state == AS_LEFT:
            close = after.performed_at - before.performed_at <= SAME_VISIT
            if before.state == AS_FOUND and close:
                continue
            reason = "as left without as found: an adjustment between would make a shift a lie"
            gaps.append(Gap(before.event_label, after.event_label, reason))
            continue
        between = [
            one.label
            for one in active
            if before.performed_at < one.performed_at < after.performed_at
        ]
        if between:
            reason = f"adjusted between ({', '.join(between)}) and not calibrated as left"
            gaps.append(Gap(before.event_label, after.event_label, reason))
            continue
        if before.state == AS_FOUND:
            notes.append(f"{before.event_label}: {NOT_ADJUSTED}")
        pairs.append((before, after))
    unstated = [one.event_label for one in states if not one.state]
    if unstated:
        notes.append(f"{', '.join(unstated)}: {ALIKE}")
    return pairs, tuple(gaps), tuple(notes)
