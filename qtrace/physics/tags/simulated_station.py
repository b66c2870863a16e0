"""A simulated station: its clock and its time tagger.

Inside: `TaggerModel`, `StationModel`, `RunningStation`, `Tags`, `LostStretch`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_clock import ClockModel, DrawnClock, draw_clock
from qtrace.physics.tags.simulated_detector import (
    FARTHEST_SIGMAS,
    PS_PER_S,
    DetectorModel,
    Pulses,
)
from qtrace.physics.tags.simulated_kernels import kept_tags

MOST_CHANNEL = 32_000
_LONG_AGO = np.int64(-(2**62))


@dataclass(frozen=True, slots=True)
class TaggerModel:
    """A time tagger as it truly is.

    Tags are rounded to whole steps of `resolution_ps`; after each tag a channel is dead for
    `dead_time_ps`. A buffer of `buffer_tags` (0: never full) is emptied at `drain_rate_hz`.
    """

    resolution_ps: int = 1
    dead_time_ps: int = 0
    buffer_tags: int = 0
    drain_rate_hz: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no tagger."""
        if (
            self.resolution_ps < 1
            or self.dead_time_ps < 0
            or self.buffer_tags < 0
            or not (math.isfinite(self.drain_rate_hz) and self.drain_rate_hz >= 0.0)
            or (self.buffer_tags > 0 and self.drain_rate_hz == 0.0)
        ):
            raise InputError(
                "this is no tagger: the resolution is a whole number of ps above zero, dead time "
                "and rate are not negative, a buffer is emptied at a rate",
                next_step="correct its numbers",
            )


@dataclass(frozen=True, slots=True)
class StationModel:
    """Clock and tagger of a station."""

    clock: ClockModel = field(default_factory=ClockModel)
    tagger: TaggerModel = field(default_factory=TaggerModel)


class Tags(NamedTuple):
    """Tags of a station: `times` int64 (n,) ps, never falling, `channels` int16 (n,).

    `origins` int8 (n,) says what made each: 0 light, 1 a dark or background count, 2 an
    after-pulse, 3 the sync of the source. No real tagger tells it.
    """

    times: NDArray[np.int64]
    channels: NDArray[np.int16]
    origins: NDArray[np.int8]


class LostStretch(NamedTuple):
    """A stretch in which the buffer overflowed: first and last lost tag, ps, and their number."""

    first_ps: int
    last_ps: int
    lost: int


@dataclass(slots=True)
class RunningStation:
    """A station in use; `held` are pulses that the next block may still overtake."""

    model: StationModel
    clock: DrawnClock
    margin_ps: float
    last: NDArray[np.int64]
    buffer: NDArray[np.float64]
    held: dict[int, Pulses] = field(default_factory=dict)
    stretches: list[LostStretch] = field(default_factory=list)
    dead_in_tagger: int = 0

    @classmethod
    def started(
        cls,
        model: StationModel,
        detectors: dict[int, DetectorModel],
        *,
        duration_s: float,
        spread_ps: float = 0.0,
        generator: np.random.Generator,
    ) -> RunningStation:
        """Start a station.

        Args:
            model: Clock and tagger.
            detectors: Channel to its detector.
            duration_s: Length of the simulation, s.
            spread_ps: How far, at most, light may come before its block, ps.
            generator: Draws the noise of the clock.

        Source: ours: what jitter and light can bring forward is held back.
        """
        if not all(0 <= one <= MOST_CHANNEL for one in detectors):
            raise InputError(f"channels are 0 to {MOST_CHANNEL}", next_step="number them anew")
        jitter = max([one.jitter_ps for one in detectors.values()], default=0.0)
        clock = draw_clock(model.clock, duration_s=duration_s, generator=generator)
        last = np.full(max(detectors, default=0) + 1, _LONG_AGO)
        margin = FARTHEST_SIGMAS * jitter + spread_ps
        return cls(model, clock, margin, last, np.zeros(4))

    def block(
        self, pulses: dict[int, Pulses], *, number: int, block_ps: int, ends: bool = False
    ) -> Tags:
        """Return the tags of a block that can no longer be overtaken.

        Args:
            pulses: Channel to its pulses, ps from the start of the block.
            number: Of the block, from 0.
            block_ps: Length of all blocks before this one, and of this one unless it ends, ps.
            ends: Whether it is the last one: then nothing is held back.

        Source: ours, the bookkeeping of blocks.
        """
        times, channels, codes = self._joined(pulses)
        cut = int(np.searchsorted(times, block_ps - self.margin_ps)) if not ends else times.size
        self.held = {
            int(one): Pulses(times[cut:][mine] - block_ps, codes[cut:][mine])
            for one in np.unique(channels[cut:])
            for mine in (channels[cut:] == one,)
        }
        return self._tagged(times[:cut], channels[:cut], codes[:cut], start_ps=number * block_ps)

    def _joined(
        self, pulses: dict[int, Pulses]
    ) -> tuple[NDArray[np.float64], NDArray[np.int16], NDArray[np.int8]]:
        """Return held and new pulses of all channels in the order of time."""
        parts = [*self.held.items(), *pulses.items()]
        times = np.concatenate([one.times for _, one in parts]) if parts else np.empty(0)
        channels = [np.full(one.times.size, number, np.int16) for number, one in parts]
        codes = [one.codes for _, one in parts]
        order = np.argsort(times, kind="stable")
        if not parts:
            return times, np.empty(0, np.int16), np.empty(0, np.int8)
        return times[order], np.concatenate(channels)[order], np.concatenate(codes)[order]

    def _tagged(
        self,
        times: NDArray[np.float64],
        channels: NDArray[np.int16],
        codes: NDArray[np.int8],
        *,
        start_ps: int,
    ) -> Tags:
        """Read the clock, round, and drop what the tagger loses."""
        tagger = self.model.tagger
        step = tagger.resolution_ps
        errors = self.clock.error_ps(times, start_s=start_ps / PS_PER_S)
        # Rounded to the nearest step: taggers of unlike steps then have no bias against each other.
        readings = np.floor(times + errors + 0.5 * step).astype(np.int64)
        readings += start_ps + self.clock.model.offset_ps
        tags = readings // step * step
        kept, lost = kept_tags(
            np.ascontiguousarray(tags),
            np.ascontiguousarray(channels),
            self.last,
            self.buffer,
            tagger.dead_time_ps,
            float(tagger.buffer_tags),
            tagger.drain_rate_hz / PS_PER_S,
        )
        self.dead_in_tagger += int(tags.size - kept.sum() - lost[:, 2].sum())
        self._remember(lost)
        return Tags(tags[kept], channels[kept], codes[kept])

    def _remember(self, lost: NDArray[np.int64]) -> None:
        """Keep stretches; one that goes on from the block before is joined to its beginning."""
        for first, last, count, which in lost.tolist():
            goes_on = which == len(self.stretches)
            begun = self.stretches.pop() if goes_on else LostStretch(first, last, 0)
            self.stretches.append(LostStretch(begun.first_ps, last, begun.lost + count))

    def offset_ps(self, at_s: float) -> float:
        """Return the true error of the clock at a true time, ps, the constant offset in it."""
        error = self.clock.error_ps(np.zeros(1), start_s=at_s)[0]
        return float(self.clock.model.offset_ps + error)
