"""Time tags as they come from a file: times, channels, and what is known to be wrong with them.

Inside: `TagFaults`, `TagHeader`, `TagChunk`, `TagStream`.

Times are whole picoseconds from the first instant of the file, in the seconds of the tagger's own
clock: what that clock is worth is a calibration of the tagger, not a property of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TagFaults:
    """What a stream lost or had wrong; all zero where nothing is known to be.

    `overflows` are stretches in which the buffer overflowed and an unknown number of tags was
    lost; `missed` are tags that the tagger itself counted as lost; `out_of_order` steps back in
    time, put in order by a stable sort; `truncated_bytes` what was left over at the end.
    `wraps` are roll-overs of the counter that were unwrapped, which is no fault.
    """

    overflows: int = 0
    missed: int = 0
    out_of_order: int = 0
    truncated_bytes: int = 0
    wraps: int = 0

    def plus(self, other: TagFaults) -> TagFaults:
        """Return the faults of two parts of a stream together."""
        return TagFaults(
            self.overflows + other.overflows,
            self.missed + other.missed,
            self.out_of_order + other.out_of_order,
            self.truncated_bytes + other.truncated_bytes,
            self.wraps + other.wraps,
        )

    @property
    def lost(self) -> bool:
        """Return whether tags are missing: rates and dead times are then not to be trusted."""
        return bool(self.overflows or self.missed or self.truncated_bytes)


@dataclass(frozen=True, slots=True)
class TagHeader:
    """What a file says of itself; empty or None where it says nothing.

    `resolution_ps` is the step of the tagger's scale, `sync_period_ps` the period of a T3 sync.
    `stated_clock` is what the file says of the reference of its clock: it proves no lock.
    `notes` are lines for people: dead-time settings, the instrument's name, its serial number.
    """

    format: str
    resolution_ps: float
    sync_period_ps: float | None = None
    instrument: str = ""
    started: str = ""
    stated_clock: str = ""
    simulated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagChunk:
    """A part of a stream; `times_ps` int64 (n,), never falling; `channels` int16 (n,)."""

    times_ps: NDArray[np.int64]
    channels: NDArray[np.int16]
    faults: TagFaults = field(default_factory=TagFaults)


@dataclass(frozen=True, slots=True)
class TagStream:
    """A whole stream in memory; `times_ps` int64 (n,), never falling; `channels` int16 (n,)."""

    header: TagHeader
    times_ps: NDArray[np.int64]
    channels: NDArray[np.int16]
    faults: TagFaults

    def channel(self, number: int) -> NDArray[np.int64]:
        """Return the times of one channel, ps; empty where it has no tag."""
        return np.ascontiguousarray(self.times_ps[self.channels == number])

    def numbers(self) -> tuple[int, ...]:
        """Return the channels that have tags, in order."""
        return tuple(int(one) for one in np.unique(self.channels))
