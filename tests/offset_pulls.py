"""Pulls of fitted delays and of synchronized links, for the normal tests and the long ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pair_worlds import PairWorld, peak_delays

from qtrace.physics.tags.coarse_search import coarse_search
from qtrace.physics.timing.frequency_search import find_frequency
from qtrace.physics.timing.peak_fit import fit_delays

SEED = 20_261
# Background pairs over signal pairs, both in the window of the fit, +-12 standard deviations.
RATIOS = (0.0, 0.5, 5.0)
PAIRS = 400.0
HALF_WINDOW = 600
DELAY = 12.3


@dataclass(frozen=True)
class Pulls:
    """Deviations over their uncertainties of the fits that are valid, and what went wrong."""

    pulls: NDArray[np.float64]
    failed: int
    u_ps: float
    scatter_ps: float
    cramer_rao_ps: float


def delay_pulls(ratio: float, *, runs: int) -> Pulls:
    """Return the pulls of the delay at a background-to-signal ratio."""
    off, u, bound, failed = [], [], [], 0
    for run in range(runs):
        generator = np.random.default_rng([SEED, round(ratio * 10), run])
        delays = peak_delays(
            generator, pairs=PAIRS, ratio=ratio, half_window_ps=HALF_WINDOW, delay_ps=DELAY
        )
        fit = fit_delays(delays, low_ps=-HALF_WINDOW, high_ps=HALF_WINDOW)
        if not fit.valid:
            failed += 1
            continue
        off.append(fit.delay_ps - DELAY)
        u.append(fit.u_ps)
        bound.append(fit.cramer_rao_ps)
    errors = np.array(off)
    return Pulls(
        errors / np.array(u),
        failed,
        float(np.mean(u)),
        float(np.std(errors)),
        float(np.mean(bound)),
    )


def link_pulls(*, runs: int) -> NDArray[np.float64]:
    """Return pulls of delay and frequency deviation of whole links, shape (runs, 2).

    Each link has its own delay within 9 ms, and a skew within 1e-7.
    """
    found = []
    for run in range(runs):
        generator = np.random.default_rng([SEED, 77, run])
        world = PairWorld(
            first_rate=2e4,
            second_rate=2e4,
            pair_rate=2e3,
            seconds=3.0,
            delay_ps=int(generator.uniform(-9e9, 9e9)),
            skew=float(generator.uniform(-1e-7, 1e-7)),
            first_start_ps=int(generator.uniform(0.0, 1e17)),
        )
        first, second = world.draw(generator)
        peak = coarse_search(first, second, skew_limit=1e-7).require_peak()
        link = find_frequency(first, second, start=peak)
        error = (link.base_ps - world.delay_ps) + link.residual_ps
        error -= world.true_delay(link.epoch_ps)
        slope = link.frequency_deviation - world.skew
        found.append((error / link.u_delay_ps, slope / link.u_frequency))
    return np.array(found)
