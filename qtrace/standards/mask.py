"""Masks: limits of a curve over averaging time or observation interval, piece by piece.

Inside: `Over`, `JudgedOn`, `MaskSegment`, `Mask`.
Source: the form of the wander limits of ITU-T G.810 to G.8273.2, in our own words: in each range
of tau the limit is a constant plus a slope times tau.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError


class Over(StrEnum):
    """What tau is; also the attribute of the evidence that gives it."""

    AVERAGING_TIME = "averaging_time"  # of a deviation (ADEV, MDEV, TDEV)
    OBSERVATION_INTERVAL = "observation_interval"  # of a time interval error (MTIE)


class JudgedOn(StrEnum):
    """What of a point is held against the limit."""

    UPPER_BOUND = "upper_bound"  # the upper end of its interval
    VALUE = "value"  # the figure itself: a maximum of the record, which has no interval


@dataclass(frozen=True, slots=True)
class MaskSegment:
    """Limit for above_s < tau <= up_to_s: `limit` + `slope` tau.

    `limit` is in the unit of the criterion, `slope` in that unit per second; `up_to_s` is
    infinite where the last segment is open.
    """

    above_s: float
    up_to_s: float
    limit: float
    slope: float = 0.0

    def holds(self, tau_s: float) -> bool:
        """Return whether tau lies in the half-open range of the segment."""
        return self.above_s < tau_s <= self.up_to_s

    def at(self, tau_s: float) -> float:
        """Return the limit at tau."""
        return self.limit + self.slope * tau_s if self.slope else self.limit


@dataclass(frozen=True, slots=True)
class Mask:
    """A limit over tau, and how a curve is held against it.

    `least_dof` are the degrees of freedom below which the upper end of an interval says nothing.
    `reach_s` is the least longest tau that must be judged; where it is None, each segment must
    have a judged point.
    """

    over: Over
    judged_on: JudgedOn
    segments: tuple[MaskSegment, ...]
    least_dof: float = 5.0
    reach_s: float | None = None

    def __post_init__(self) -> None:
        if not self.segments:
            raise _refused("a mask without segments limits nothing")
        before = self.segments[0].above_s
        for segment in self.segments:
            low, high = segment.above_s, segment.up_to_s
            if not 0.0 <= low < high:
                raise _refused(f"the segment from {low:g} s to {high:g} s is empty or reversed")
            if low != before:
                raise _refused(
                    f"a segment begins at {low:g} s, the one before ends at {before:g} s"
                )
            if not (math.isfinite(segment.limit) and math.isfinite(segment.slope)):
                raise _refused("a limit of a mask is no finite number")
            end = segment.slope if math.isinf(high) and segment.slope else segment.at(high)
            if segment.at(low) < 0.0 or not end > 0.0:
                raise _refused(f"the limit from {low:g} s to {high:g} s is not positive")
            before = high
        if not self.least_dof >= 0.0:
            raise _refused(f"{self.least_dof} degrees of freedom are none")
        if self.reach_s is not None and not self.start_s < self.reach_s <= self.end_s:
            raise _refused(f"the reach {self.reach_s:g} s lies outside the mask")

    @property
    def start_s(self) -> float:
        """Return where the mask begins; the limit holds above it."""
        return self.segments[0].above_s

    @property
    def end_s(self) -> float:
        """Return where the mask ends, infinite where it is open."""
        return self.segments[-1].up_to_s

    def limit_at(self, tau_s: float) -> float | None:
        """Return the limit at tau in the unit of the criterion, None outside the mask."""
        for segment in self.segments:
            if segment.holds(tau_s):
                return segment.at(tau_s)
        return None


def _refused(what: str) -> InputError:
    return InputError(what, where="mask", next_step="segments follow each other without a gap")
