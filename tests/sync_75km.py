"""The declared synchronization over 75 km, point by point: delays drawn, and whole tag streams.

Declared: 200 coincidences per second, 100 ps for a pair, half as many background coincidences as
pairs within three standard deviations on either side, 15 dB each way, points of 37 s. For delays
alone the background is drawn within the window of the fit; for tags it is what it really is, flat
singles of 4e5 per second on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.tags.coarse_search import coarse_search
from qtrace.physics.tags.simulated_offsets import background_density
from qtrace.physics.timing.frequency_search import WINDOW_SIGMA, Synchronized, find_frequency
from qtrace.physics.timing.offset_series import offset_series
from qtrace.physics.timing.peak_fit import PeakFit, fit_delays

SEED = 75_037
POINT_S = 37.0
PAIRS_PER_S = 200.0
RETURNED_PER_S = 200.0 * 10.0**-1.5  # once more 15 dB
SIGMA_PS = 100.0
BACKGROUND_TO_SIGNAL = 0.5
SINGLES_PER_S = 4e5  # 4e5^2 * 600 ps = 96 per second: half of the pairs
PATH_PS = 367_254_068
MARGIN_S = 0.5
SPAN_PS = 1_000_000_000
HALF_WINDOW = int(WINDOW_SIGMA * SIGMA_PS)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """Errors of offsets (fitted less true) and their stated uncertainties, ps."""

    error_ps: NDArray[np.float64]
    u_ps: NDArray[np.float64]

    @property
    def scatter_ps(self) -> float:
        """Return the standard deviation of the errors."""
        return float(np.std(self.error_ps, ddof=1))

    @property
    def ratio(self) -> float:
        """Return the scatter over the stated uncertainty."""
        return self.scatter_ps / float(np.sqrt(np.mean(np.square(self.u_ps))))

    @property
    def ratio_u(self) -> float:
        """Return the sampling error of that ratio, of normal errors."""
        return 1.0 / np.sqrt(2.0 * (len(self.error_ps) - 1))


def _fit(generator: np.random.Generator, per_s: float, true_ps: float) -> PeakFit:
    pairs = per_s * POINT_S
    flat = background_density(pairs, sigma_ps=SIGMA_PS, ratio=BACKGROUND_TO_SIGNAL)
    signal = true_ps + SIGMA_PS * generator.standard_normal(generator.poisson(pairs))
    lone = generator.uniform(-HALF_WINDOW, HALF_WINDOW, generator.poisson(flat * 2.0 * HALF_WINDOW))
    return fit_delays(
        np.concatenate([signal, lone]),
        low_ps=-HALF_WINDOW, high_ps=HALF_WINDOW, known_sigma_ps=SIGMA_PS,
    ).require()  # fmt: skip


def drawn_points(points: int) -> Points:
    """Return offsets of points whose delays near both peaks were drawn."""
    error, u = [], []
    for at in range(points):
        generator = np.random.default_rng([SEED, at])
        there, trip = generator.uniform(-30.0, 30.0, 2)
        forward = _fit(generator, PAIRS_PER_S, there)
        back = _fit(generator, RETURNED_PER_S, trip)
        error.append((forward.delay_ps - there) - (back.delay_ps - trip) / 2.0)
        u.append(np.hypot(forward.u_ps, back.u_ps / 2.0))
    return Points(np.array(error), np.array(u))


def _streams(generator: np.random.Generator, offset: int) -> tuple[Integers, Integers, Integers]:
    """Return tags of A, B and of what came back; each pair is as wide as declared."""
    seconds = POINT_S + MARGIN_S

    def at_rate(rate: float) -> Integers:
        return generator.integers(0, int(seconds * 1e12), generator.poisson(rate * seconds))

    def late(times: Integers, by: int) -> Integers:
        wide = SIGMA_PS * generator.standard_normal(len(times))
        return times + by + np.rint(wide).astype(np.int64)

    there, back = at_rate(PAIRS_PER_S), at_rate(RETURNED_PER_S)
    window_s = 6.0 * SIGMA_PS * 1e-12
    lone_back = BACKGROUND_TO_SIGNAL * RETURNED_PER_S / (SINGLES_PER_S * window_s)
    lone_there = BACKGROUND_TO_SIGNAL * PAIRS_PER_S / (SINGLES_PER_S * window_s)
    a = np.concatenate([there, back, at_rate(SINGLES_PER_S)])
    b = np.concatenate([late(there, PATH_PS + offset), at_rate(lone_there)])
    returned = np.concatenate([late(back, 2 * PATH_PS), at_rate(lone_back)])
    return np.sort(a), np.sort(b), np.sort(returned)


def tag_point(at: int) -> tuple[float, float]:
    """Return error and uncertainty of one point from whole streams, found without any help."""
    generator = np.random.default_rng([SEED, 99, at])
    offset = int(generator.integers(-500_000_000, 500_000_000))
    a, b, returned = _streams(generator, offset)
    lines: list[Synchronized] = []
    for second in (b, returned):
        peak = coarse_search(a, second, span_ps=SPAN_PS).require_peak()
        lines.append(find_frequency(a, second, start=peak))
    start = max(one.start_ps for one in lines)
    stop = min(one.stop_ps for one in lines)
    delay, variance = -float(offset), 0.0
    for second, line, share in ((b, lines[0], 1.0), (returned, lines[1], -0.5)):
        series = offset_series(
            a, second,
            block_ps=int(POINT_S * 1e12), start=replace(line, start_ps=start, stop_ps=stop),
        )  # fmt: skip
        delay += share * (series.base_ps + float(series.residual_ps[0]))
        variance += (share * float(series.u_ps[0])) ** 2
    return delay, float(np.sqrt(variance))
