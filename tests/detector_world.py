"""Small detectors made by hand, for tests of reductions: their truth is their arguments."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

NS = 1000
US = 1_000_000


def renewal_tags(
    generator: np.random.Generator,
    *,
    events: int,
    rate: float,
    dead_ps: float,
    trap: float = 0.0,
    trap_ps: float = 1.0,
    jitter_ps: float = 0.0,
    reset_ps: float = 0.0,
) -> NDArray[np.int64]:
    """Events whose intervals are independent: dead time, then light or one own after-pulse."""
    wait = generator.exponential(1e12 / rate, events)
    if reset_ps:
        # Thinning: an arrival is taken with 1 - exp(-t / reset), else the next one is tried.
        t = wait.copy()
        open_ = np.ones(events, dtype=bool)
        while open_.any():
            k = np.flatnonzero(open_)
            taken = generator.random(k.size) < -np.expm1(-t[k] / reset_ps)
            open_[k[taken]] = False
            again = k[~taken]
            t[again] += generator.exponential(1e12 / rate, again.size)
        wait = t
    own = generator.random(events) < trap
    wait = np.where(own, np.minimum(wait, generator.exponential(trap_ps, events)), wait)
    times = np.cumsum(dead_ps + wait)
    if jitter_ps:
        times = np.sort(times + generator.normal(0.0, jitter_ps, events))
    return np.rint(times).astype(np.int64)


def branching_tags(
    generator: np.random.Generator,
    *,
    span_ps: float,
    rate: float,
    dead_ps: float,
    trap: float,
    trap_ps: float,
) -> tuple[NDArray[np.int64], int]:
    """Poisson light; each event fills a trap that empties later whatever comes between.

    Returns the tags and how many of them are after-pulses.
    """
    light = np.sort(generator.uniform(0.0, span_ps, generator.poisson(rate * span_ps / 1e12)))
    waiting = [(float(t), False) for t in light]
    heapq.heapify(waiting)
    tags, own, last = [], 0, -np.inf
    while waiting:
        t, from_trap = heapq.heappop(waiting)
        if t - last < dead_ps:
            continue
        last = t
        tags.append(t)
        own += from_trap
        if generator.random() < trap:
            heapq.heappush(waiting, (t + generator.exponential(trap_ps), True))
    return np.rint(np.array(tags)).astype(np.int64), own


def pulsed_emitter(
    generator: np.random.Generator,
    *,
    pulses: int,
    one: float,
    two: float,
    period_ps: int = 12_500,
    lifetime_ps: float = 500.0,
    background: float = 0.0,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Both outputs of a beam splitter behind an emitter: g2 = 2 two / (one + 2 two)^2."""
    singles = np.flatnonzero(generator.random(pulses) < one + two)
    doubled = singles[generator.random(singles.size) < two / (one + two)]
    photons = np.concatenate([singles, doubled])
    times = photons * float(period_ps) + generator.exponential(lifetime_ps, photons.size)
    if background:
        number = generator.poisson(background * pulses)
        times = np.concatenate([times, generator.uniform(0.0, pulses * period_ps, number)])
    side = generator.random(times.size) < 0.5
    ticks = np.rint(times).astype(np.int64)
    return np.sort(ticks[side]), np.sort(ticks[~side])
