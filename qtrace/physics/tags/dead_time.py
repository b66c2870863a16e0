"""Dead time from the intervals between tags: the edge of their density.

Inside: `DeadTime`, `dead_time`.

Three times are kept apart: dead time (no event is possible), reset time (from there until the
efficiency is back), recovery time (both); `recovery` fits the latter two.
Source: method as in Wayne, Bienfang and Polyakov, Opt. Express 25, 20352 (2017) (abstract read);
terms of NIST IR 8486r1 (2025), own words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.intervals import intervals, usual_tail_start
from qtrace.physics.tags.reduced import Reduced
from qtrace.physics.tags.tails import ExponentialTail, tail_of

LEAST_MISSING = 25  # intervals that a detector without dead time would have shown below the edge
PER_BIN = 25  # expected counts in the bins in which the edge is looked for
IN_LEVEL = 4000  # expected counts from which the level behind the edge is taken
BEHIND = 20  # bins behind the edge over which the density must stay up
MOST_BINS = 5_000_000
EARLY = 0.1  # part of the level below which counts in front of the edge are no edge yet
ASYMMETRY = 3.0  # standard deviations


@dataclass(frozen=True, slots=True)
class DeadTime:
    """Dead time at the 50 % edge, ps, and what was seen around it.

    `minimum_ps` is the shortest interval: below the edge where there are counts in front of it,
    and never below the dead time of the tagger. `rise_ps` is how far the density takes from 10 %
    to 90 % of its level, as far as the bins (`bin_ps`) tell. `early` counts intervals in front of
    the edge. `level` is the density behind the edge over that of the exponential tail: above 1
    with after-pulses. `missing` is how many intervals the dead time removed.
    """

    dead_time: Reduced
    minimum_ps: int
    rise_ps: float
    early: int
    level: float
    missing: float
    bin_ps: float
    tail: ExponentialTail


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where the edge was found by looking: bins of `width`, around `at`, known to `spread`."""

    at: float
    rise: float
    width: float
    spread: float


def dead_time(
    times_ps: ArrayLike,
    *,
    resolution_ps: float = 1.0,
    tagger_dead_time_ps: float = 0.0,
    tail_start_ps: float | None = None,
) -> DeadTime:
    """Return the dead time: the edge at half of the level of the density of intervals.

    The light must be continuous and the rate high. The edge is placed so that the counts around
    it equal those of a sharp step to the level behind it; for an edge that is symmetric that is
    its 50 % point.

    Args:
        times_ps: Tags of one channel, int64 ps.
        resolution_ps: Step of the tagger's scale.
        tagger_dead_time_ps: Dead time of the tagger itself, which hides shorter ones.
        tail_start_ps: Where the exponential tail begins; by default the median interval.

    Returns:
        The dead time in ps. `notes` name an edge that is not symmetric, after-pulses, a tail that
        is not exponential, and the tagger's dead time where that is what was seen.

    Raises:
        InputError: the rate is too low to show a dead time, or no edge was found.

    Source: equal areas at the edge, own derivation; linear in the counts, so u follows from
        Poisson counts in front (M) and in the two halves of the level (width W, line through both,
        K' at the edge): u^2 = (W/K')^2 (M + (M/K')^2 var K') plus the tagger's steps, step^2 / 6.
    """
    found = intervals(times_ps)
    start = usual_tail_start(found) if tail_start_ps is None else tail_start_ps
    tail = tail_of(found, start_ps=start)
    short = np.sort(found[found < start])
    _refuse_low_rate(short, tail, found)
    edge = _look(short, tail, resolution_ps)
    guard = max(4.0 * edge.width, 1.5 * edge.rise, 2.0 * resolution_ps)
    position, u, level, early = _place(short, tail, edge, guard, resolution_ps=resolution_ps)
    missing = tail.between(0.0, position)
    notes = _notes(edge, position, u, level, early, tail)
    u = math.hypot(u, resolution_ps / math.sqrt(6.0))
    if tagger_dead_time_ps > 0.0 and position - 3.0 * u <= tagger_dead_time_ps:
        notes = (
            *notes,
            f"this is the dead time of the tagger ({tagger_dead_time_ps:g} ps): that of the "
            "detector is not longer, and was not seen",
        )
    value = Reduced(
        position,
        u,
        window_ps=(edge.at - guard, edge.at + guard),
        notes=notes,
    )
    return DeadTime(value, int(np.min(found)), edge.rise, early, level, missing, edge.width, tail)


def _refuse_low_rate(
    short: NDArray[np.int64], tail: ExponentialTail, found: NDArray[np.int64]
) -> None:
    """Refuse a record in which an empty stretch in front may be chance."""
    shortest = float(short[0]) if short.size else float(np.min(found))
    expected = tail.between(0.0, max(shortest, 1.0))
    # A few early counts (twilight, cross-talk) may stand in front: look at the sparse part.
    quantile = float(np.quantile(short, 0.02)) if short.size else shortest
    if max(expected, tail.between(0.0, quantile) - 0.02 * short.size) < LEAST_MISSING:
        raise InputError(
            f"the rate is too low to see a dead time: at {tail.rate_per_ps * 1e12:.4g} /s, "
            f"{found.size} intervals, a detector without any would show {expected:.2g} intervals "
            f"below the shortest of {shortest:g} ps",
            next_step=f"use more light, or record for longer, until that number is above "
            f"{LEAST_MISSING}",
        )


def _look(short: NDArray[np.int64], tail: ExponentialTail, resolution_ps: float) -> _Edge:
    """Find the edge in bins of about 25 counts, then in bins of an eighth of its rise."""
    per_ps = tail.density(float(np.median(short)))
    narrow = max(math.ceil(PER_BIN / per_ps / resolution_ps) * resolution_ps, resolution_ps)
    found = _look_in_bins(short, tail, narrow, resolution_ps=resolution_ps)
    if found.rise > 16.0 * narrow:
        wide = math.floor(found.rise / 8.0 / resolution_ps) * resolution_ps
        found = _look_in_bins(short, tail, wide, resolution_ps=resolution_ps)
    return found


def _look_in_bins(
    short: NDArray[np.int64], tail: ExponentialTail, width: float, *, resolution_ps: float
) -> _Edge:
    """Find half of the level that stands behind the edge, and the rise."""
    if short[-1] / width > MOST_BINS:
        short = short[short < MOST_BINS * width]
    counts = np.bincount((short / width).astype(np.int64))
    centres = (np.arange(counts.size) + 0.5) * width
    expected = width * tail.density(0.0) * np.exp(-tail.rate_per_ps * centres)
    ratio = counts / expected
    # A running mean of three bins; what follows must stay up, or it is a spike in front.
    smooth = np.convolve(ratio, np.ones(3) / 3.0, mode="same")
    sums = np.concatenate([[0.0], np.cumsum(ratio)])
    after = np.minimum(np.arange(ratio.size) + 1 + BEHIND, ratio.size)
    here = np.minimum(np.arange(ratio.size) + 1, ratio.size)
    stays = (sums[after] - sums[here]) / np.maximum(after - here, 1) >= 0.5
    above = np.flatnonzero((smooth >= 0.5) & stays)
    if above.size == 0:
        raise InputError("the density of intervals never reaches half of its tail")
    first = int(above[0])
    behind = ratio[first + 2 : first + 2 + 2 * BEHIND]
    level = max(1.0, float(np.mean(behind))) if behind.size else 1.0
    half = _crossing(smooth, 0.5 * level, first)
    low = _crossing_back(smooth, EARLY * level, half)
    high = _crossing(smooth, 0.9 * level, half)
    # A running mean widens a sharp edge to 10-90 over 2.4 bins.
    rise = math.sqrt(max((high - low) ** 2 - 2.4**2, 0.0)) * width
    # Noise of the mean of three bins at half of the level, over the slope 0.8 / rise.
    per_bin = max(float(expected[first]), 1.0)
    spread = 0.51 * max(rise, 2.4 * width) / math.sqrt(per_bin)
    # Bins begin at a step of the tagger, and that step stands for half a step to either side.
    return _Edge((half + 0.5) * width - 0.5 * resolution_ps, rise, width, spread)


def _crossing(values: NDArray[np.float64], limit: float, first: float) -> float:
    """Return where values first reach a limit at or after an index, between bins."""
    begin = max(math.floor(first) - 1, 0)
    reached = np.flatnonzero(values[begin:] >= limit)
    if reached.size == 0:
        return float(values.size - 1)
    k = begin + int(reached[0])
    if k == 0 or values[k] == values[k - 1]:
        return float(k)
    step = (limit - values[k - 1]) / (values[k] - values[k - 1])
    return max(k - 1 + float(step), 0.0)


def _crossing_back(values: NDArray[np.float64], limit: float, last: float) -> float:
    """Return where values were last below a limit before an index."""
    k = math.ceil(last)
    while k > 0 and values[k] >= limit:
        k -= 1
    if k + 1 >= values.size or values[k + 1] == values[k] or values[k] >= limit:
        return float(k)
    return k + float((limit - values[k]) / (values[k + 1] - values[k]))


def _between_steps(time_ps: float, resolution_ps: float) -> float:
    """Return the middle between two steps of the tagger that is nearest to a time, zero or more.

    A window that ends on a step would count the step whole on one side, and be half of it wrong.
    """
    return max((math.floor(time_ps / resolution_ps) + 0.5) * resolution_ps, 0.0)


def _place(
    short: NDArray[np.int64],
    tail: ExponentialTail,
    edge: _Edge,
    guard: float,
    *,
    resolution_ps: float,
) -> tuple[float, float, float, int]:
    """Place the edge by equal areas; return it with u, the level and the early counts."""
    rate = tail.rate_per_ps
    low = _between_steps(edge.at - guard, resolution_ps)
    high = _between_steps(edge.at + guard, resolution_ps)
    width = max(IN_LEVEL / tail.density(high), 4.0 * guard)
    far = _between_steps(min(high + width, tail.start_ps - resolution_ps), resolution_ps)
    # In s = (1 - exp(-rate t)) / rate the density behind the edge is flat.
    flat = [-math.expm1(-rate * one) / rate for one in (high, far)]
    front = int(np.searchsorted(short, high) - np.searchsorted(short, low))
    early = int(np.searchsorted(short, low))
    middle = _between_steps(-math.log1p(-rate * (flat[0] + flat[1]) / 2.0) / rate, resolution_ps)
    halves = [
        int(np.searchsorted(short, b) - np.searchsorted(short, a))
        for a, b in ((high, middle), (middle, far))
    ]
    behind = sum(halves)
    if behind < PER_BIN or front == 0:
        raise InputError(
            f"the edge at {edge.at:.6g} ps has {behind} counts behind it and {front} around it",
            next_step="record for longer, or at a higher rate",
        )
    # The level at the edge by a straight line through both halves: after-pulses fall off.
    area = flat[1] - flat[0]
    reach = 1.0 + front / behind
    parts = [halves[0] * (1.0 + 2.0 * reach), halves[1] * (1.0 - 2.0 * reach)]
    there = max(sum(parts), 0.25 * behind)
    spread = halves[0] * (1.0 + 2.0 * reach) ** 2 + halves[1] * (1.0 - 2.0 * reach) ** 2
    at = flat[0] - front * area / there
    position = -math.log1p(-rate * at) / rate if at < 1.0 / rate else edge.at
    u_flat = area / there * math.sqrt(front + (front / there) ** 2 * spread)
    level = behind / tail.between(high, far)
    return position, u_flat * math.exp(rate * position), level, early


def _notes(
    edge: _Edge, position: float, u: float, level: float, early: int, tail: ExponentialTail
) -> tuple[str, ...]:
    notes = [f"50 % edge; density behind it {level:.4g} of the exponential tail"]
    if edge.rise > 2.0 * edge.width and abs(position - edge.at) > ASYMMETRY * math.hypot(
        u, edge.spread
    ):
        notes.append(
            f"the edge is not symmetric: its 50 % point lies near {edge.at:.6g} ps; fit the "
            "recovery instead"
        )
    if early:
        notes.append(f"{early} intervals in front of the edge (twilight counts or cross-talk)")
    if tail.goodness < 0.01:
        notes.append(
            f"the tail is not exponential (p = {tail.goodness:.2g}): the rate drifts, or traps "
            "reach into it"
        )
    return tuple(notes)
