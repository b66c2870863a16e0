"""Drawing the tags of an entangled-pair synchronization, block by block.

Inside: `SimulatedTags`, `PairRun`, `simulate_pairs`.

Pairs of which no photon reaches a detector are not drawn one by one: the outcome of a pair is one
of a few, and the number of pairs of each is a Poisson number.
Source: thinning of a Poisson process (any textbook on them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.tags.simulated_detector import PS_PER_S, Floats, Pulses, RunningDetector
from qtrace.physics.tags.simulated_pairs import (
    LOCAL,
    RECEIVED,
    ROUND_TRIP,
    STATION_A,
    TWO_WAY,
    Accidentals,
    PairSource,
    PairWorld,
    UserModel,
    local_channel,
    pair_spreads,
    returned_channel,
)
from qtrace.physics.tags.simulated_station import RunningStation, Tags
from qtrace.physics.tags.simulated_stream import joined_tags

Place = tuple[str, int]  # station and channel
NOBODY: Place = ("", 0)


@dataclass(frozen=True, slots=True)
class SimulatedTags:
    """Tags of all stations by name, "A" first, and what is true; `simulated` is never false."""

    stations: dict[str, Tags]
    truth: dict[str, object]
    simulated: bool = True

    @property
    def first(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Return times (ps) and channels at A."""
        tags = self.stations[STATION_A]
        return tags.times, tags.channels

    @property
    def second(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Return times (ps) and channels at the first user."""
        tags = next(one for name, one in self.stations.items() if name != STATION_A)
        return tags.times, tags.channels

    def channel(self, station: str, number: int) -> NDArray[np.int64]:
        """Return the times of one channel of a station, int64 ps."""
        tags = self.stations[station]
        return np.ascontiguousarray(tags.times[tags.channels == number])


class PairRun:
    """A simulation under way: `blocks` gives tags, `truth` holds at its end."""

    def __init__(self, world: PairWorld, *, generator: np.random.Generator) -> None:
        self.world = world
        self._generator = generator
        models = {STATION_A: world.station} | {one.name: one.station for one in world.users}
        detectors = {STATION_A: world.detectors_at_a()}
        detectors |= {one.name: world.detectors_of(one) for one in world.users}
        spread = max(_widest(one) for one in world.users)
        self._stations = {
            name: RunningStation.started(
                model,
                detectors[name],
                duration_s=world.duration_s,
                spread_ps=spread,
                generator=generator,
            )
            for name, model in models.items()
        }
        self._detectors = {
            (name, channel): RunningDetector(model)
            for name, known in detectors.items()
            for channel, model in known.items()
        }
        self._pairs = {one.name: [0, 0] for one in world.users}
        self._starts: list[float] = []
        self._tags = dict.fromkeys(models, 0)

    def blocks(self) -> Iterator[dict[str, Tags]]:
        """Draw the tags of all stations block by block, in order.

        Source: thinning of a Poisson process, as in the module.
        """
        block_ps = round(self.world.block_s * PS_PER_S)
        whole_ps = round(self.world.duration_s * PS_PER_S)
        count = max(1, -(-whole_ps // block_ps))
        for number in range(count):
            start_ps = number * block_ps
            length = min(block_ps, whole_ps - start_ps)
            self._starts.append(start_ps / PS_PER_S)
            arrivals: dict[Place, list[Floats]] = {place: [] for place in self._detectors}
            for k, user in enumerate(self.world.users):
                lead = _longest(user) if number == 0 else 0.0
                self._draw_user(k, user, arrivals, times=(-lead, length, start_ps / PS_PER_S))
            pulses: dict[str, dict[int, Pulses]] = {name: {} for name in self._stations}
            for (name, channel), detector in self._detectors.items():
                light = np.concatenate([np.empty(0), *arrivals[name, channel]])
                # Light of the first block that was sent before the start may have come before it.
                light = light[light >= 0.0] if number == 0 else light
                found = detector.block(light, block_ps=length, generator=self._generator)
                if number == count - 1:
                    found = found.before(length)
                pulses[name][channel] = found
            tags = {
                name: station.block(
                    pulses[name], number=number, block_ps=block_ps, ends=number == count - 1
                )
                for name, station in self._stations.items()
            }
            for name, one in tags.items():
                self._tags[name] += one.times.size
            yield tags

    def _draw_user(
        self,
        index: int,
        user: UserModel,
        arrivals: dict[Place, list[Floats]],
        *,
        times: tuple[float, float, float],
    ) -> None:
        """Add all light of one user of a block; `times` are low, high (ps), start of block (s)."""
        here, back = (STATION_A, local_channel(index)), (STATION_A, returned_channel(index))
        there, own = (user.name, RECEIVED), (user.name, LOCAL)
        path, scheme = user.path, self.world.scheme
        share = user.return_share
        ends = {there: path.transmittance * (1.0 - share) * user.received.efficiency}
        if scheme == ROUND_TRIP:
            through = path.transmittance * share * path.backward_transmittance
            ends[back] = through * user.returned.efficiency
        self._pairs[user.name][0] += self._draw_source(
            user, user.source, arrivals, local=(here, user.local.efficiency), ends=ends, times=times
        )
        self._draw_accidentals(user, user.accidentals, arrivals, (here, there), times=times)
        if scheme == TWO_WAY:
            stays = (own, user.back_local.efficiency)
            ends = {back: path.backward_transmittance * user.returned.efficiency}
            self._pairs[user.name][1] += self._draw_source(
                user, user.back_source, arrivals, local=stays, ends=ends, times=times
            )
            self._draw_accidentals(user, user.back_accidentals, arrivals, (own, back), times=times)
        elif scheme == ROUND_TRIP:
            self._draw_accidentals(user, user.back_accidentals, arrivals, (here, back), times=times)

    def _draw_source(
        self,
        user: UserModel,
        source: PairSource,
        arrivals: dict[Place, list[Floats]],
        *,
        local: tuple[Place, float],
        ends: dict[Place, float],
        times: tuple[float, float, float],
    ) -> int:
        """Add the photons of a source; return how many pairs reach both detectors (all ends)."""
        low, high, start_s = times
        stays, keep = local[0], local[1] * source.local_transmittance
        outcomes = [(NOBODY, 1.0 - sum(ends.values())), *ends.items()]
        total = 0
        for place, probability in outcomes:
            for kept in (True, False):
                if place == NOBODY and not kept:
                    continue
                chance = probability * (keep if kept else 1.0 - keep)
                mean = source.pair_rate_hz * chance * (high - low) / PS_PER_S
                count = self._generator.poisson(mean)
                sent = low + self._generator.random(count) * (high - low)
                detuning = source.bandwidth_nm * self._generator.standard_normal(count)
                if kept:
                    arrivals[stays].append(sent - source.local_dispersion_ps_per_nm * detuning)
                if place == NOBODY:
                    continue
                early = source.correlation_ps * self._generator.standard_normal(count)
                dispersed, delay = self._way(user, stays, place, sent / PS_PER_S + start_s)
                arrivals[place].append(sent + early + delay + dispersed * detuning)
                total += int(count) if kept else 0
        return total

    def _way(
        self, user: UserModel, start: Place, end: Place, times_s: Floats
    ) -> tuple[float, Floats]:
        """Return dispersion (ps/nm) and delay (ps) of the way between two detectors."""
        path = user.path
        if end[0] != STATION_A:
            return path.dispersion_ps_per_nm, path.forward_ps(times_s)
        if start[0] != STATION_A:
            return path.dispersion_ps_per_nm, path.backward_ps(times_s)
        return 2.0 * path.dispersion_ps_per_nm, path.forward_ps(times_s) + path.backward_ps(times_s)

    def _draw_accidentals(
        self,
        user: UserModel,
        accidentals: Accidentals,
        arrivals: dict[Place, list[Floats]],
        places: tuple[Place, Place],
        *,
        times: tuple[float, float, float],
    ) -> None:
        """Add accidental coincidences around the true delay."""
        low, high, start_s = times
        count = self._generator.poisson(accidentals.rate_hz * (high - low) / PS_PER_S)
        sent = low + self._generator.random(count) * (high - low)
        near = (2.0 * self._generator.random(count) - 1.0) * accidentals.half_width_ps
        _, delay = self._way(user, *places, sent / PS_PER_S + start_s)
        arrivals[places[0]].append(sent)
        arrivals[places[1]].append(sent + delay + near)

    def truth(self) -> dict[str, object]:
        """Return what is true of the blocks so far; series have one value for each block.

        Offsets and delays hold at the middle of a block, the skew over it. Counts of pairs are
        those of which both photons would be detected by detectors that are always ready.

        Source: asymmetry as delay A to B minus B to A; offset and skew as B minus A.
        """
        world, starts = self.world, np.array(self._starts)
        lengths = np.minimum(world.block_s, world.duration_s - starts)
        middles = starts + 0.5 * lengths
        at_a = self._stations[STATION_A]
        users: dict[str, object] = {}
        for user in world.users:
            at_b = self._stations[user.name]
            forward, backward = user.path.forward_ps(middles), user.path.backward_ps(middles)
            spreads = pair_spreads(world, user)
            skews = [
                at_b.clock.frequency(start, start + length)
                - at_a.clock.frequency(start, start + length)
                for start, length in zip(starts, lengths, strict=True)
            ]
            users[user.name] = {
                "pair_standard_deviation_ps": spreads[0],
                "pair_standard_deviation_back_ps": spreads[1],
                "pairs": self._pairs[user.name][0],
                "pairs_of_the_user": self._pairs[user.name][1],
                "local_delay_difference_ps": user.received.mean_delay_ps - user.local.mean_delay_ps,
                "offset_ps": [at_b.offset_ps(one) - at_a.offset_ps(one) for one in middles],
                "skew": skews,
                "forward_delay_ps": forward.tolist(),
                "backward_delay_ps": backward.tolist(),
                "asymmetry_ps": (forward - backward).tolist(),
            }
        return {
            "scheme": world.scheme,
            "block_start_s": starts.tolist(),
            "block_middle_s": middles.tolist(),
            "users": users,
            "stations": {name: self._station_truth(name) for name in self._stations},
        }

    def _station_truth(self, name: str) -> dict[str, object]:
        station = self._stations[name]
        clicks = {
            str(channel): [int(one) for one in detector.clicks]
            for (place, channel), detector in self._detectors.items()
            if place == name
        }
        return {
            "tags": self._tags[name],
            "clicks": clicks,
            "lost_to_dead_time_of_tagger": station.dead_in_tagger,
            "overflows": len(station.stretches),
            "lost_to_overflow": sum(one.lost for one in station.stretches),
            "overflow_stretches_ps": [[one.first_ps, one.last_ps] for one in station.stretches],
        }


def simulate_pairs(world: PairWorld, *, generator: np.random.Generator) -> SimulatedTags:
    """Draw all tags of a synchronization at once; long simulations go through `PairRun`.

    Args:
        world: What is true.
        generator: Of all draws: the same state gives the same tags.
    """
    run = PairRun(world, generator=generator)
    blocks = list(run.blocks())
    stations = {name: joined_tags([one[name] for one in blocks]) for name in blocks[0]}
    return SimulatedTags(stations, run.truth())


def _longest(user: UserModel) -> float:
    """Return more than the longest delay of light that is under way at the start, ps."""
    path = user.path
    swing = abs(path.delay_ps_per_k) * path.temperature.amplitude_k
    once = path.delay_ps + abs(path.constant_asymmetry_ps) + abs(swing)
    extra = abs(path.attack.forward_ps) + abs(path.attack.backward_ps)
    return 2.0 * once + extra + _widest(user)


def _widest(user: UserModel) -> float:
    """Return how far chance moves light at the most, ps: twelve standard deviations."""
    sources = (user.source, user.back_source)
    fibre = 2.0 * abs(user.path.dispersion_ps_per_nm)
    widths = [
        one.correlation_ps + (fibre + abs(one.local_dispersion_ps_per_nm)) * one.bandwidth_nm
        for one in sources
    ]
    return 12.0 * max(widths) + max(
        user.accidentals.half_width_ps, user.back_accidentals.half_width_ps
    )
