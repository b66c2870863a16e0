"""Time tags of one detector in front of a light that is known.

Inside: `LightModel`, `DetectorWorld`, `SimulatedStream`, `StreamRun`, `simulate_detector`,
`DETECTOR_CHANNEL`, `SYNC_CHANNEL`, `SIMULATOR`.

Steps: arrivals, efficiency, dark counts, after-pulses and dead time, jitter, clock, resolution,
dead time and buffer of the tagger. Long simulations go block by block (`StreamRun.blocks`): memory
then holds one block, and the noise of the clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_detector import (
    PS_PER_S,
    DetectorModel,
    Floats,
    Pulses,
    RunningDetector,
)
from qtrace.physics.tags.simulated_station import RunningStation, StationModel, Tags

SIMULATOR = "time_tags 1"  # the number grows when a seed gives other tags
SYNC_CHANNEL, DETECTOR_CHANNEL = 0, 1
SYNC = 3  # origin of a sync tag
MOST_TAGS_OF_A_BLOCK = 50_000_000


@dataclass(frozen=True, slots=True)
class LightModel:
    """The light in front of a detector.

    Constant: `rate_hz` photons per second. Pulsed: `pulse_rate_hz` above zero, then with
    `mean_photons` per pulse, normal in time with `pulse_ps` (standard deviation); a sync tag for
    every `sync_divider`-th pulse, none for 0. `single_photons`: never two in one pulse.
    """

    rate_hz: float = 0.0
    pulse_rate_hz: float = 0.0
    mean_photons: float = 0.0
    pulse_ps: float = 0.0
    single_photons: bool = False
    sync_divider: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no light."""
        numbers = (self.rate_hz, self.pulse_rate_hz, self.mean_photons, self.pulse_ps)
        if (
            not all(math.isfinite(one) and one >= 0.0 for one in numbers)
            or (self.rate_hz > 0.0 and self.pulse_rate_hz > 0.0)
            or (self.single_photons and self.mean_photons > 1.0)
            or self.sync_divider < 0
        ):
            raise InputError(
                "this is no light: rates are not negative, it is constant or pulsed, and single "
                "photons are at most one per pulse",
                next_step="correct its numbers",
            )


@dataclass(frozen=True, slots=True)
class DetectorWorld:
    """A light, a detector and a tagger, for a time; `block_s` is what memory holds at once."""

    duration_s: float
    light: LightModel = field(default_factory=LightModel)
    detector: DetectorModel = field(default_factory=DetectorModel)
    station: StationModel = field(default_factory=StationModel)
    block_s: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a world without a length, or with blocks that no memory holds."""
        check_blocks(self.duration_s, self.block_s)
        light = self.light
        rate = light.rate_hz + light.pulse_rate_hz * light.mean_photons + self.detector.dark_rate_hz
        if light.sync_divider:
            rate += light.pulse_rate_hz / light.sync_divider
        check_tags(rate * min(self.block_s, self.duration_s))


def check_blocks(duration_s: float, block_s: float) -> None:
    """Refuse a duration or a length of blocks that cannot be."""
    if not (math.isfinite(duration_s) and 0.0 < duration_s <= 1e6):
        raise InputError(
            f"a duration of {duration_s:g} s cannot be simulated",
            next_step="give one above 0 and up to 1e6 s",
        )
    if not (1e-3 <= block_s <= 1e4):
        raise InputError(
            f"blocks of {block_s:g} s cannot be simulated",
            next_step="give a length of 0.001 s to 10000 s",
        )


def check_tags(expected: float) -> None:
    """Refuse blocks with more tags than memory should hold."""
    if expected > MOST_TAGS_OF_A_BLOCK:
        raise InputError(
            f"a block would have {expected:.3g} tags",
            next_step=f"stay below {MOST_TAGS_OF_A_BLOCK:.0e}: shorter blocks or lower rates",
        )


@dataclass(frozen=True, slots=True)
class SimulatedStream:
    """All tags of a world, and what is true of it; `simulated` is never false."""

    tags: Tags
    truth: dict[str, object]
    simulated: bool = True

    @property
    def times(self) -> NDArray[np.int64]:
        """Return the times of the detector's channel, int64 ps."""
        return np.ascontiguousarray(self.tags.times[self.tags.channels == DETECTOR_CHANNEL])

    @property
    def sync(self) -> NDArray[np.int64]:
        """Return the times of the sync channel, int64 ps."""
        return np.ascontiguousarray(self.tags.times[self.tags.channels == SYNC_CHANNEL])


class StreamRun:
    """A simulation under way: `blocks` gives tags, `truth` holds at its end."""

    def __init__(self, world: DetectorWorld, *, generator: np.random.Generator) -> None:
        self.world = world
        self._generator = generator
        self._detector = RunningDetector(world.detector)
        self._station = RunningStation.started(
            world.station,
            {SYNC_CHANNEL: DetectorModel(), DETECTOR_CHANNEL: world.detector},
            duration_s=world.duration_s,
            spread_ps=12.0 * world.light.pulse_ps,
            generator=generator,
        )
        self._photons = 0
        self._tags = 0

    def blocks(self) -> Iterator[Tags]:
        """Draw the tags block by block, in order.

        Source: the steps are those of the module.
        """
        block_ps = round(self.world.block_s * PS_PER_S)
        whole_ps = round(self.world.duration_s * PS_PER_S)
        count = max(1, -(-whole_ps // block_ps))
        for number in range(count):
            length = min(block_ps, whole_ps - number * block_ps)
            arrivals, sync = _light(
                self.world, number * block_ps, length, generator=self._generator
            )
            self._photons += arrivals.size
            ends = number == count - 1
            pulses = self._detector.block(arrivals, block_ps=length, generator=self._generator)
            if ends:
                pulses = pulses.before(length)
            tags = self._station.block(
                {SYNC_CHANNEL: sync, DETECTOR_CHANNEL: pulses},
                number=number,
                block_ps=block_ps,
                ends=ends,
            )
            self._tags += tags.times.size
            yield tags

    def truth(self) -> dict[str, object]:
        """Return what is true of the blocks so far.

        Source: after-pulses per click as counted shares.
        """
        light, dark, after = (int(one) for one in self._detector.clicks)
        detector, station = self.world.detector, self._station
        clicks = light + dark + after
        return {
            "photons_that_would_click": self._photons,
            "clicks_from_light": light,
            "clicks_from_dark": dark,
            "clicks_from_after_pulses": after,
            "after_pulses_per_click": after / clicks if clicks else 0.0,
            "after_pulse_probability": detector.after_pulse_probability(),
            "mean_delay_ps": detector.mean_delay_ps,
            "jitter_standard_deviation_ps": math.sqrt(detector.jitter_variance),
            "tags": self._tags,
            "lost_to_dead_time_of_tagger": station.dead_in_tagger,
            "overflows": len(station.stretches),
            "lost_to_overflow": sum(one.lost for one in station.stretches),
            "overflow_stretches_ps": [[one.first_ps, one.last_ps] for one in station.stretches],
            "clock_offset_ps": station.offset_ps(0.0),
            "clock_frequency": station.clock.frequency(0.0, self.world.duration_s),
        }


def simulate_detector(world: DetectorWorld, *, generator: np.random.Generator) -> SimulatedStream:
    """Draw all tags of a detector at once; long simulations go through `StreamRun`.

    Args:
        world: What is true.
        generator: Of all draws: the same state gives the same tags.
    """
    run = StreamRun(world, generator=generator)
    blocks = list(run.blocks())
    return SimulatedStream(joined_tags(blocks), run.truth())


def joined_tags(blocks: list[Tags]) -> Tags:
    """Return blocks one after another."""
    return Tags(
        np.concatenate([one.times for one in blocks]),
        np.concatenate([one.channels for one in blocks]),
        np.concatenate([one.origins for one in blocks]),
    )


def _light(
    world: DetectorWorld, start_ps: int, length_ps: int, *, generator: np.random.Generator
) -> tuple[Floats, Pulses]:
    """Return the photons of a block that would click, and its sync pulses, ps from its start.

    Source: a Poisson process stays one when each event is kept with a fixed probability; photons
    of Poissonian pulses fall on pulses independently.
    """
    light, efficiency = world.light, world.detector.efficiency
    if light.pulse_rate_hz == 0.0:
        count = generator.poisson(light.rate_hz * efficiency * length_ps / PS_PER_S)
        return generator.random(count) * length_ps, Pulses(np.empty(0), np.empty(0, np.int8))
    # Pulses stand at k / rate for whole k, the same ones whatever the blocks are; in fractions,
    # since a float of 1e16 ps is good to 2 ps only.
    per_ps = Fraction(light.pulse_rate_hz) / PS_PER_S
    first, past = math.ceil(start_ps * per_ps), math.ceil((start_ps + length_ps) * per_ps)
    begin, period = float(first / per_ps - start_ps), float(1 / per_ps)
    mean = light.mean_photons * efficiency
    if light.single_photons:
        chosen: NDArray[np.int64] = _bernoulli(past - first, mean, generator=generator)
    else:
        count = generator.poisson(mean * (past - first))
        chosen = generator.integers(0, max(1, past - first), size=count)
    arrivals: Floats = np.asarray(begin + chosen * period, np.float64)
    if light.pulse_ps > 0.0:
        arrivals += light.pulse_ps * np.clip(generator.standard_normal(chosen.size), -12.0, 12.0)
    sync: Floats = np.empty(0)
    if light.sync_divider:
        whole = np.arange(-(-first // light.sync_divider), -(-past // light.sync_divider))
        sync = np.asarray(begin + (whole * light.sync_divider - first) * period, np.float64)
    return arrivals, Pulses(sync, np.full(sync.size, SYNC, np.int8))


def _bernoulli(
    trials: int, probability: float, *, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return which of independent trials succeed, rising, shape (n,).

    Source: gaps between successes of Bernoulli trials are geometric.
    """
    if probability == 0.0 or trials <= 0:
        return np.empty(0, np.int64)
    expected = trials * probability
    parts, reached = [], -1
    while reached < trials:
        gaps = generator.geometric(probability, size=int(expected + 6.0 * math.sqrt(expected)) + 8)
        parts.append(reached + np.cumsum(gaps))
        reached = int(parts[-1][-1])
    chosen = np.concatenate(parts)
    return chosen[chosen < trials]
