"""Recovery of a detector after an event: an efficiency that comes back exponentially.

Inside: `Recovery`, `exponential_recovery`.
Source: model as named for one interval histogram by Krause and Walenta, arXiv:2507.10361 (2025)
(abstract read); likelihood of a renewal process, own derivation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.intervals import intervals
from qtrace.physics.tags.likelihood import fitted
from qtrace.physics.tags.reduced import Reduced

LEAST = 500
MOST_BINS = 4000


@dataclass(frozen=True, slots=True)
class Recovery:
    """Times of an exponential recovery, all in ps.

    `dead_time` is where the efficiency begins to come back, `half` where it is back by one half,
    `reset_time` from there on the time to 90 % (ln 10 constants after the dead time), `rise` from
    10 % to 90 %. `covariance` is that of (dead time, time constant).
    """

    dead_time: Reduced
    time_constant: Reduced
    half: Reduced
    reset_time: Reduced
    recovery_time: Reduced
    rise: Reduced
    rate_per_ps: float
    covariance: NDArray[np.float64]


def exponential_recovery(
    times_ps: ArrayLike, *, horizon_ps: float | None = None, resolution_ps: float = 1.0
) -> Recovery:
    """Fit eta(t) = 1 - exp(-(t - t_dead) / t_reset) to the intervals under continuous light.

    Args:
        times_ps: Tags of one channel, int64 ps.
        horizon_ps: Intervals beyond it enter as "longer than that"; by default the 95th
            percentile.
        resolution_ps: Step of the tagger's scale.

    Returns:
        The times with u from the curvature of the likelihood. The start of an exponential is not
        a regular parameter (the density begins in a corner), so its u is approximate there.

    Raises:
        InputError: too few intervals, or a fit that does not end.

    Source: hazard lambda eta(t), so ln L = sum ln(lambda eta(x)) - lambda sum H(x), H(x) = (x - d)
        - r (1 - exp(-(x - d) / r)) the integral of eta; own derivation for a renewal process.
    """
    found = intervals(times_ps)
    if found.size < LEAST:
        raise InputError(
            f"{found.size} intervals are too few for a fit of the recovery",
            next_step=f"record at least {LEAST}",
        )
    horizon = float(np.quantile(found, 0.95)) if horizon_ps is None else horizon_ps
    centres, weights = _binned(found[found < horizon], resolution_ps)
    beyond = int(found.size - int(np.sum(weights)))
    first = float(centres[0])
    scale = max(float(np.quantile(found, 0.5)) - first, 4.0 * resolution_ps)

    def loss(point: NDArray[np.float64]) -> float:
        dead = first - math.exp(float(point[0]))
        reset, rate = math.exp(float(point[1])), math.exp(float(point[2]))
        past = centres - dead
        hazard = -np.expm1(-past / reset)
        spent = past - reset * hazard
        last = horizon - dead
        spent_last = last + reset * math.expm1(-last / reset)
        total = float(np.sum(weights * (np.log(hazard) + math.log(rate) - rate * spent)))
        return -(total - beyond * rate * spent_last)

    start = np.log([max(0.05 * scale, 1.0), 0.2 * scale, 1.0 / scale])
    best = fitted(loss, start, steps=np.full(3, 1e-3))
    if not best.converged:
        raise InputError(
            "the fit of the recovery does not end",
            next_step="give a horizon beyond the recovery, or use the 50 % edge",
        )
    gap, reset, rate = (math.exp(float(one)) for one in best.point)
    jacobian = np.diag([-gap, reset, rate])
    covariance = jacobian @ best.covariance @ jacobian.T
    return _stated(first - gap, reset, rate, covariance, (first, horizon), resolution_ps)


def _stated(
    dead: float,
    reset: float,
    rate: float,
    covariance: NDArray[np.float64],
    window: tuple[float, float],
    resolution_ps: float,
) -> Recovery:
    """State the times that follow from the two of the model."""
    two = covariance[:2, :2]

    def at(of_dead: float, of_reset: float) -> Reduced:
        g = np.array([of_dead, of_reset])
        variance = float(g @ two @ g) + of_dead * resolution_ps**2 / 6.0
        return Reduced(
            of_dead * dead + of_reset * reset,
            math.sqrt(max(variance, 0.0)),
            window_ps=window,
            notes=("exponential recovery, maximum likelihood",),
        )

    ten = math.log(10.0)
    return Recovery(
        at(1.0, 0.0),
        at(0.0, 1.0),
        at(1.0, math.log(2.0)),
        at(0.0, ten),
        at(1.0, ten),
        at(0.0, math.log(9.0)),
        rate,
        two,
    )


def _binned(
    found: NDArray[np.int64], resolution_ps: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return centres and counts of bins that are narrow against everything; empty ones left out."""
    low, high = int(np.min(found)), int(np.max(found)) + 1
    width = max(math.ceil((high - low) / MOST_BINS / resolution_ps) * resolution_ps, resolution_ps)
    if found.size <= MOST_BINS:
        values, counts = np.unique(found, return_counts=True)
        middles = np.asarray(values + 0.5 * resolution_ps, dtype=np.float64)
        return middles, counts.astype(np.float64)
    counts = np.bincount(((found - low) / width).astype(np.int64))
    used = np.flatnonzero(counts)
    middles = np.asarray(low + (used + 0.5) * width, dtype=np.float64)
    return middles, counts[used].astype(np.float64)
