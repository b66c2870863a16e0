"""One detector that is known through and through, block after block.

Inside: `AfterPulse`, `DetectorModel`, `RunningDetector`, `Pulses`, `merged`, codes of origins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_kernels import AFTER_PULSE, Codes, Floats, clicks_of

LIGHT, DARK = 0, 1
PS_PER_S = 1_000_000_000_000
FARTHEST_SIGMAS = 12.0  # a normal draw farther out has a probability of 1e-32

__all__ = [
    "AFTER_PULSE",
    "DARK",
    "LIGHT",
    "AfterPulse",
    "DetectorModel",
    "Floats",
    "Pulses",
    "RunningDetector",
    "merged",
]


@dataclass(frozen=True, slots=True)
class AfterPulse:
    """A trap: `probability` that a click fills it, mean time `lifetime_ps` until it is emptied.

    What is set free in the dead time makes no click: the probability of a click is smaller.
    """

    probability: float
    lifetime_ps: float


@dataclass(frozen=True, slots=True)
class DetectorModel:
    """A detector as it truly is; times in ps, rates in 1/s.

    `dark_rate_hz` holds dark and background counts, before dead time. `recovery_ps` is the time
    constant with which the efficiency comes back after the dead time, 1 - exp(-t/recovery).
    Jitter is normal (`jitter_ps`, standard deviation), for `tail_share` of the clicks with an
    exponential delay of mean `tail_ps` on top. `delay_ps` is from the input to the tagger.
    """

    efficiency: float = 1.0
    dark_rate_hz: float = 0.0
    dead_time_ps: float = 0.0
    recovery_ps: float = 0.0
    paralysable: bool = False
    after_pulses: tuple[AfterPulse, ...] = ()
    jitter_ps: float = 0.0
    tail_ps: float = 0.0
    tail_share: float = 1.0
    delay_ps: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no detector."""
        shares = (self.efficiency, self.tail_share)
        above = (
            self.dark_rate_hz,
            self.dead_time_ps,
            self.recovery_ps,
            self.jitter_ps,
            self.tail_ps,
            self.delay_ps,
        )
        traps = self.after_pulses
        if (
            any(not 0.0 <= one <= 1.0 for one in shares)
            or any(not (math.isfinite(one) and one >= 0.0) for one in above)
            or any(not 0.0 <= one.probability < 1.0 for one in traps)
            or any(not (math.isfinite(one.lifetime_ps) and one.lifetime_ps > 0) for one in traps)
            or sum(one.probability for one in traps) >= 1.0
        ):
            raise InputError(
                "this is no detector: shares lie in 0 to 1, rates and times are not negative, "
                "all after-pulses together are below one per click",
                next_step="correct its numbers",
            )

    @property
    def jitter_variance(self) -> float:
        """Return the variance of the jitter, ps^2.

        Source: variance of a sum; the tail is a Bernoulli share w times an exponential of mean T,
        of variance w T^2 (2 - w).
        """
        w = self.tail_share
        return self.jitter_ps**2 + w * (2.0 - w) * self.tail_ps**2

    @property
    def mean_delay_ps(self) -> float:
        """Return the mean time from the input to the tagger, ps, the tail of the jitter in it.

        Source: mean of a Bernoulli share of an exponential.
        """
        return self.delay_ps + self.tail_share * self.tail_ps

    def after_pulse_probability(self) -> float:
        """Return the probability that a click fills a trap that is emptied after the dead time.

        Source: exponential release; one minus the product over independent traps. A recovery
        makes the probability of a further click smaller still.
        """
        missed = 1.0
        for one in self.after_pulses:
            missed *= 1.0 - one.probability * math.exp(-self.dead_time_ps / one.lifetime_ps)
        return 1.0 - missed


class Pulses(NamedTuple):
    """Electrical pulses or arrivals: `times` float64 (n,) ps from the start of a block, `codes`."""

    times: Floats
    codes: Codes

    def before(self, limit: float) -> Pulses:
        """Return those before a time, ps from the start of the block."""
        early = self.times < limit
        return Pulses(self.times[early], self.codes[early])


NOTHING = Pulses(np.empty(0), np.empty(0, np.int8))


def merged(parts: list[Pulses]) -> Pulses:
    """Return all of several parts in the order of time."""
    times = np.concatenate([one.times for one in parts]) if parts else NOTHING.times
    codes = np.concatenate([one.codes for one in parts]) if parts else NOTHING.codes
    order = np.argsort(times, kind="stable")
    return Pulses(times[order], codes[order])


@dataclass(slots=True)
class RunningDetector:
    """A detector in use: what it remembers from block to block. Blocks follow without a gap."""

    model: DetectorModel
    coming: Pulses = NOTHING
    dead_since: float = -math.inf
    waiting: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    clicks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))

    def block(self, arrivals: Floats, *, block_ps: float, generator: np.random.Generator) -> Pulses:
        """Return the electrical pulses of the clicks of a block.

        Args:
            arrivals: Photons that would click if the detector were ready (efficiency already
                taken into account), ps from the start of the block, in any order.
            block_ps: Length of the block, ps.
            generator: Of the draws.

        Returns:
            Pulses of the clicks of this block, ps from its start, jitter and delay in them: in the
            order of clicks, which need not be theirs.

        Source: dark counts as a Poisson process; the rest in `simulated_kernels`.
        """
        model = self.model
        dark = generator.poisson(model.dark_rate_hz * block_ps / PS_PER_S)
        light = arrivals[arrivals < block_ps]
        later = arrivals[arrivals >= block_ps]
        comes_now = self.coming.times < block_ps
        due = merged(
            [
                Pulses(self.coming.times[comes_now], self.coming.codes[comes_now]),
                Pulses(light, np.full(light.size, LIGHT, np.int8)),
                Pulses(generator.random(dark) * block_ps, np.full(dark, DARK, np.int8)),
            ]
        )
        traps = model.after_pulses
        times, codes, self.dead_since, waiting = clicks_of(
            due.times,
            due.codes,
            float(block_ps),
            self.dead_since,
            self.waiting,
            (float(model.dead_time_ps), float(model.recovery_ps), model.paralysable),
            (
                np.array([one.probability for one in traps], np.float64),
                np.array([one.lifetime_ps for one in traps], np.float64),
            ),
            generator,
        )
        self.clicks += np.bincount(codes, minlength=3)
        late = self.coming.times[~comes_now]
        self.coming = Pulses(
            np.concatenate([late, later]) - block_ps,
            np.concatenate([self.coming.codes[~comes_now], np.full(later.size, LIGHT, np.int8)]),
        )
        self.dead_since -= block_ps
        self.waiting = waiting - block_ps
        return Pulses(times + self._latency(times.size, generator), codes)

    def _latency(self, count: int, generator: np.random.Generator) -> Floats:
        """Draw the time from click to electrical pulse, ps."""
        model = self.model
        latency = np.full(count, float(model.delay_ps))
        if model.jitter_ps > 0.0:
            normal = generator.standard_normal(count)
            latency += model.jitter_ps * np.clip(normal, -FARTHEST_SIGMAS, FARTHEST_SIGMAS)
        if model.tail_ps > 0.0:
            tail = model.tail_ps * generator.standard_exponential(count)
            latency += np.where(generator.random(count) < model.tail_share, tail, 0.0)
        return latency
