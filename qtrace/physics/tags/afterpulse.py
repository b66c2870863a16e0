"""After-pulse probability: from the excess of short intervals, and from all pairs of tags.

Inside: `AfterPulse`, `afterpulse_from_intervals`, `afterpulse_from_pairs`.

The window belongs to the result: after-pulses outside of it are not in the figure. A negative
excess is a result; it says that the model (constant rate, dead time) does not hold, or chance.
Source: comparison of methods in Ziarkash et al., Sci. Rep. 8, 5076 (2018) (abstract read); the
formulas are own derivations, stated with each function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.autocorrelation import pairs_in_window, pairs_per_tag
from qtrace.physics.tags.intervals import intervals, usual_tail_start
from qtrace.physics.tags.reduced import Reduced, as_tags
from qtrace.physics.tags.tails import ExponentialTail, tail_of

LEAST_IN_BLOCK = 20
SMALL = 0.02  # rate times dead time, or times window, from which all pairs are not taken as rare
MOST_DEAD = 0.2  # rate times dead time from which all pairs say nothing of the traps
LOST_BY_DEAD_TIME = 4.0
ALIKE = (
    "bunched light, noise of the laser and afterglow look the same: check with another source, or "
    "the light weaker"
)


@dataclass(frozen=True, slots=True)
class AfterPulse:
    """After-pulse probability with its window, ps.

    `first_order` is the probability that an event is followed by an after-pulse of its own inside
    the window. `all_orders` is the expected number of further events per primary event, those of
    after-pulses included: p / (1 - p). `excess` is in events, `events` how many could start one.
    """

    first_order: Reduced
    all_orders: Reduced
    excess: float
    events: int
    tail: ExponentialTail | None


def afterpulse_from_intervals(
    times_ps: ArrayLike,
    *,
    window_ps: tuple[float, float],
    tail_start_ps: float | None = None,
) -> AfterPulse:
    """Return the after-pulse probability from intervals that the exponential tail does not have.

    Where each event forgets the earlier ones (its traps are its own), the excess over the tail
    carried back to the dead time is exactly the probability of at least one after-pulse, at any
    rate; with traps that outlive later events it is right for rate x window << 1.

    Args:
        times_ps: Tags of one channel at a constant rate, int64 ps.
        window_ps: From the dead time (its edge) to where the traps are empty.
        tail_start_ps: Where the tail begins, at or beyond the end of the window; by default the
            later of window end and median interval.

    Raises:
        InputError: a window without width, a tail that begins inside of it, too few intervals.

    Source: p = (M - B) / N with M intervals in the window, B = K (exp(-r(a-s)) - exp(-r(b-s))) the
        tail carried on; variance by the multinomial of (M, K) and the rate's own.
    """
    low, high = window_ps
    found = intervals(times_ps)
    start = max(high, usual_tail_start(found)) if tail_start_ps is None else tail_start_ps
    if not 0.0 <= low < high <= start:
        raise InputError(
            f"window from {low:g} to {high:g} ps and tail from {start:g} ps",
            next_step="give them in this order: dead time, end of the window, start of the tail",
        )
    tail = tail_of(found, start_ps=start)
    number = int(found.size)
    inside = int(np.count_nonzero((found >= low) & (found < high)))
    background = tail.between(low, high)
    excess = inside - background
    m, k, c = inside / number, tail.number / number, background / tail.number
    variance = (m * (1.0 - m) + c * c * k * (1.0 - k) + 2.0 * c * m * k) / number
    slope = tail.slope_between(low, high) / number
    u = math.sqrt(variance + (slope * tail.u_rate_per_ps) ** 2)
    notes = ["first order: one after-pulse of the event itself", ALIKE, *_doubts(excess, tail)]
    overlap = tail.rate_per_ps * (high - low)
    if overlap > 0.1:
        notes.append(
            f"rate times window is {overlap:.2g}: right only if later events empty the traps"
        )
    if tail.start_ps > high and abs(tail.between(high, start) - _between(found, high, start)) > (
        4.0 * math.sqrt(tail.between(high, start) + 1.0)
    ):
        notes.append("between window and tail the intervals are not exponential: widen the window")
    first = Reduced(excess / number, u, window_ps=(low, high), notes=tuple(notes))
    return AfterPulse(first, _all_orders(first), excess, number, tail)


def _between(found: NDArray[np.int64], low: float, high: float) -> int:
    return int(np.count_nonzero((found >= low) & (found < high)))


def _doubts(excess: float, tail: ExponentialTail | None) -> list[str]:
    notes = []
    if excess < 0.0:
        notes.append("the excess is negative: reported as it is")
    if tail is not None and tail.goodness < 0.01:
        notes.append(f"the tail is not exponential (p = {tail.goodness:.2g})")
    return notes


def _all_orders(first: Reduced) -> Reduced:
    """Return p / (1 - p): after-pulses have after-pulses."""
    p = first.value
    return Reduced(
        p / (1.0 - p),
        first.u / (1.0 - p) ** 2,
        first.degrees_of_freedom,
        window_ps=first.window_ps,
        notes=("all orders: further events per primary event",),
    )


def afterpulse_from_pairs(
    times_ps: ArrayLike,
    *,
    window_ps: tuple[int, int],
    background_ps: tuple[int, int],
    blocks: int = 50,
) -> AfterPulse:
    """Return the after-pulse probability from all pairs of one channel (autocorrelation).

    All pairs contain the after-pulses of after-pulses, so the excess per event is that of all
    orders, P; the first order follows as P / (1 + P). Fluctuations of the light and dead time
    (a dip that is filled behind it) are in the excess as well.

    Dead time takes pairs away: with rate x dead time = x the excess is too small by about 4 x of
    itself. Nothing is corrected for; u holds the whole of it, and a note says so where x is above
    0.02.

    Args:
        times_ps: Tags of one channel at a constant rate, int64 ps.
        window_ps: Delays (from, to) counted: dead time to end of the traps.
        background_ps: Delays (from, to) of the flat part.
        blocks: Stretches of equal numbers of events; u is the scatter of their figures.

    Raises:
        InputError: windows that overlap, too few events for the blocks, or a rate at which the dead
            time takes more than a fifth of the time.

    Source: P = (pairs in window - pairs in background x ratio of widths) / events: the discrete
        form of R times the integral of g2 - 1; u from blocks, with blocks - 1 degrees of freedom.
        4 x: an after-pulse is lost in the dead time of another event (1) and takes one from the
        light (1), and no other event stands within one dead time to either side of the start,
        whose after-pulses are missing (2); own derivation to first order, tested by simulation.
    """
    tags = as_tags(times_ps, least=2 * LEAST_IN_BLOCK)
    if background_ps[0] < window_ps[1]:
        raise InputError(
            "the background begins inside of the window",
            next_step="take delays beyond the window as background",
        )
    if blocks < 2 or tags.size < blocks * LEAST_IN_BLOCK:
        raise InputError(
            f"{tags.size} events are too few for {blocks} blocks",
            next_step=f"take blocks of at least {LEAST_IN_BLOCK} events, and two of them",
        )
    # Starts whose background lies beyond the end of the record would miss pairs.
    starts = tags[tags <= tags[-1] - background_ps[1]]
    if starts.size < blocks * LEAST_IN_BLOCK:
        raise InputError("the record is too short for this background window")
    shortest = float(np.min(np.diff(tags)))
    rate = (tags.size - 1) / float(tags[-1] - tags[0])
    busy = rate * max(float(window_ps[0]), shortest)
    if busy > MOST_DEAD:
        raise InputError(
            f"rate times dead time is {busy:.2g}: the dead time takes more pairs away than "
            "after-pulses add",
            where="window",
            next_step='take the method "intervals", or less light',
        )
    found = _from_pairs(tags, starts, window_ps, background_ps, blocks)
    return _doubted(found, busy, rate * (window_ps[1] - window_ps[0]))


def _doubted(found: AfterPulse, busy: float, overlap: float) -> AfterPulse:
    """Return the figures with what a high rate takes from them in u, and said."""
    notes: tuple[str, ...] = ()
    if busy > SMALL:
        notes = (
            f"rate times dead time is {busy:.2g}: the figure is too small by about "
            f"{LOST_BY_DEAD_TIME * busy:.2g} of itself, which is in u; take the intervals",
        )
    if overlap > SMALL:
        notes = (
            *notes,
            f"rate times window is {overlap:.2g}: right only if traps outlive later events",
        )
    first, whole = (
        replace(
            one,
            u=math.hypot(one.u, LOST_BY_DEAD_TIME * busy * one.value),
            notes=(*one.notes, *notes),
        )
        for one in (found.first_order, found.all_orders)
    )
    return replace(found, first_order=first, all_orders=whole)


def _from_pairs(
    tags: NDArray[np.int64],
    starts: NDArray[np.int64],
    window_ps: tuple[int, int],
    background_ps: tuple[int, int],
    blocks: int,
) -> AfterPulse:
    """Compute the excess of pairs, by blocks."""
    ratio = (window_ps[1] - window_ps[0]) / (background_ps[1] - background_ps[0])
    near = pairs_per_tag(starts, tags, low_ps=window_ps[0], high_ps=window_ps[1])
    far = pairs_per_tag(starts, tags, low_ps=background_ps[0], high_ps=background_ps[1])
    each = near - ratio * far
    parts = np.array([float(np.mean(part)) for part in np.array_split(each, blocks)])
    value = float(np.mean(each))
    whole = Reduced(
        value,
        float(np.std(parts, ddof=1)) / math.sqrt(blocks),
        blocks - 1.0,
        window_ps=(float(window_ps[0]), float(window_ps[1])),
        notes=(
            "all orders, from all pairs; background "
            f"{pairs_in_window(starts, tags, low_ps=background_ps[0], high_ps=background_ps[1])} "
            "pairs",
            ALIKE,
            *_doubts(value, None),
        ),
    )
    first = Reduced(
        value / (1.0 + value),
        whole.u / (1.0 + value) ** 2,
        blocks - 1.0,
        window_ps=whole.window_ps,
        notes=("first order, from all pairs: P / (1 + P)", ALIKE),
    )
    return AfterPulse(first, whole, value * starts.size, int(starts.size), None)
