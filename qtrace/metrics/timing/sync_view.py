"""What is looked at of a comparison of two clocks: peaks, offsets, stability, limits, intervals.

Inside: `LimitCurve`, `IntervalHistogram`, `SyncView`, `view_of`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.path_monitor import path_flags
from qtrace.metrics.timing.stability_readings import Stability, stability_of
from qtrace.physics.timing.offset_line import OffsetLine, offset_line


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
    )
