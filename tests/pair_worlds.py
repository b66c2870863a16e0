"""Two simulated stations that share photon pairs: just enough to try correlation with.

No dead time, no after-pulses: Poisson pairs, Gaussian jitter, Poisson background, a delay that
grows evenly with time. Drawn small on purpose and apart from the simulator of the product, so that
neither can hide a fault of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PairWorld:
    """Rates per second of all tags and of the pairs; times in ps."""

    first_rate: float
    second_rate: float
    pair_rate: float
    seconds: float
    delay_ps: int
    skew: float = 0.0
    sigma_ps: float = 50.0
    first_start_ps: int = 0

    def true_delay(self, time_ps: int) -> float:
        """Return the delay at a time of the first clock, less `delay_ps`."""
        return self.skew * (time_ps - self.first_start_ps)

    def draw(self, generator: np.random.Generator) -> tuple[Integers, Integers]:
        """Return both streams. Small times are drawn, whole starts are added last."""
        stop = self.seconds * 1e12
        emitted = generator.uniform(0.0, stop, generator.poisson(self.pair_rate * self.seconds))

        def lone(rate: float) -> NDArray[np.float64]:
            number = generator.poisson((rate - self.pair_rate) * self.seconds)
            return generator.uniform(0.0, stop, number)

        first = np.concatenate([emitted, lone(self.first_rate)])
        seen = emitted + self.skew * emitted
        seen = seen + self.sigma_ps * generator.standard_normal(len(seen))
        second = np.concatenate([seen, lone(self.second_rate)])
        return (
            np.sort(np.rint(first).astype(np.int64)) + self.first_start_ps,
            np.sort(np.rint(second).astype(np.int64)) + self.first_start_ps + self.delay_ps,
        )


def peak_delays(
    generator: np.random.Generator,
    *,
    pairs: float,
    ratio: float,
    half_window_ps: float,
    delay_ps: float = 12.3,
    sigma_ps: float = 50.0,
) -> NDArray[np.float64]:
    """Return delays of a peak over background in [-half window, half window).

    `ratio` is the number of background pairs in that window over the number of signal pairs.
    """
    signal = delay_ps + sigma_ps * generator.standard_normal(generator.poisson(pairs))
    flat = generator.uniform(-half_window_ps, half_window_ps, generator.poisson(ratio * pairs))
    delays = np.concatenate([signal, flat])
    return delays[(delays >= -half_window_ps) & (delays < half_window_ps)]
