"""What is looked at of a comparison of two clocks: peaks, offsets, stability, limits, intervals.

Inside: `LimitCurve`, `IntervalHistogram`, `LowPassed`, `SyncView`, `view_of`, `DRAWN`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.path_monitor import path_flags
from qtrace.metrics.timing.stability_readings import Stability, stability_of
from qtrace.physics.timing.deviations import Deviations, JudgedDeviations, octave_factors
from qtrace.physics.timing.offset_line import OffsetLine, offset_line
from qtrace.physics.timing.stability import tdev
from qtrace.physics.timing.stability_intervals import with_intervals
from qtrace.physics.timing.time_error import dynamic_time_error

# Quantities whose curves, and so whose limits, can be drawn.
LOW_PASSED = ("low_passed_tdev", "low_passed_mtie")
DRAWN = ("time_deviation", "maximum_time_interval_error", *LOW_PASSED)


@dataclass(frozen=True, slots=True)
class LimitCurve:
    """A limit over averaging time or observation interval, in s over s, to draw.

    `segments` are (from, to, a, b): the limit is a + b tau; `to` may be infinite.
    """

    label: str
    quantity: str
    segments: tuple[tuple[float, float, float, float], ...]

    def values(self, tau_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the limit at each tau, NaN where there is none."""
        found = np.full(len(tau_s), np.nan)
        for low, high, a, b in self.segments:
            inside = (tau_s > low) & (tau_s <= high)
            found[inside] = a + b * tau_s[inside]
        return found


@dataclass(frozen=True, slots=True)
class IntervalHistogram:
    """Times between successive tags of one channel; `edges_s` float64 (n + 1,), log-spaced."""

    label: str
    edges_s: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LowPassed:
    """TDEV and MTIE of what passes the filter of the masks of clocks in a chain."""

    tdev: JudgedDeviations
    mtie: Deviations
    cutoff_hz: float


@dataclass(frozen=True, slots=True)
class SyncView:
    """Everything on one page about a run that compares two clocks."""

    run_id: str
    title: str
    provenance: str
    record: OffsetRecord
    line: OffsetLine
    stability: Stability
    limits: tuple[LimitCurve, ...] = ()
    intervals: tuple[IntervalHistogram, ...] = ()
    notes: tuple[str, ...] = ()
    low_passed: LowPassed | None = None


def view_of(
    run_id: str,
    title: str,
    *,
    provenance: str,
    record: OffsetRecord,
    limits: tuple[LimitCurve, ...] = (),
    intervals: tuple[IntervalHistogram, ...] = (),
) -> SyncView:
    """Return what is to be looked at.

    Raises:
        InputError: fewer than three offsets.
    """
    line = offset_line(record.elapsed_s, record.offset_s, record.u_s)
    notes = [*record.flags, *path_flags(record)]
    if record.missing:
        notes.append(f"{record.missing} of {record.steps} steps have no offset: gaps stay gaps")
    low_passed = None
    if any(one.quantity in LOW_PASSED for one in limits):
        try:
            low_passed = _low_passed(record)
        except InputError as error:
            notes.append(f"no limit of dTE_L can be drawn: {error.what}")
    return SyncView(
        run_id,
        title,
        provenance,
        record,
        line,
        stability_of(record),
        limits,
        intervals,
        tuple(notes),
        low_passed,
    )


def _low_passed(record: OffsetRecord) -> LowPassed:
    """Return the curves of the low-passed record, as the readings of the time error have them."""
    found = dynamic_time_error(record.offset_s, interval_s=record.interval_s)
    factors = octave_factors(len(found.low_s), kind="tdev")
    slow = tdev(found.low_s, interval_s=record.interval_s, factors=factors)
    return LowPassed(with_intervals(slow, found.low_s), found.low_mtie, found.cutoff_hz)
