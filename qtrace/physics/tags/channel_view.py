"""What can be seen of one channel of tags: intervals, dead time, after-pulses, rate, start-stop.

Inside: `ChannelView`, `RateOverTime`, `StartStop`, `view_channel`.

This is for looking. What a reduction cannot say is left out with its reason; the window of the
after-pulses is chosen from the data themselves, so a figure for a calibration states its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.afterpulse import AfterPulse, afterpulse_from_intervals
from qtrace.physics.tags.dead_time import DeadTime, dead_time
from qtrace.physics.tags.delay_histogram import delay_histogram
from qtrace.physics.tags.intervals import intervals, usual_tail_start
from qtrace.physics.tags.jitter import Widths, delays_to_sync, widths
from qtrace.physics.tags.log_intervals import LogIntervals, log_intervals
from qtrace.physics.tags.reduced import PS_PER_S, as_tags
from qtrace.physics.tags.tails import ExponentialTail, tail_of

LEAST_TAGS = 100
MOST_BLOCKS, PER_BLOCK = 200, 50
MOST_IN_WINDOW = 0.1  # rate times window from which intervals do not tell after-pulses
LEAST_EXPECTED = 15.0  # intervals in a bin that is looked at for a comb
NOT_EXPONENTIAL = 0.01  # p-value
EXCESS = 3.0  # standard deviations over the tail
BINS_IN_FWHM, SHOWN_FWHM = 12, 8
LEAST_START_STOP, LEAST_TOP = 200, 40


@dataclass(frozen=True, slots=True)
class RateOverTime:
    """Tags in blocks of equal length: `middle_s` from the first tag, `rate_per_s`, float64 (n,)."""

    block_s: float
    middle_s: NDArray[np.float64]
    rate_per_s: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StartStop:
    """Delays after the sync around their peak: `counts` int64 (n,) in bins of `bin_ps`."""

    low_ps: int
    bin_ps: int
    counts: NDArray[np.int64]
    widths: Widths | None
    why: str


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel; `not_said` holds what the reductions could not say, and why."""

    tags: int
    span_s: float
    histogram: LogIntervals
    tail: ExponentialTail | None
    dead: DeadTime | None
    afterpulse: AfterPulse | None
    rate: RateOverTime
    start_stop: StartStop | None
    not_said: tuple[str, ...]


def view_channel(
    times_ps: NDArray[np.int64],
    *,
    sync_ps: NDArray[np.int64] | None = None,
    resolution_ps: float = 1.0,
) -> ChannelView:
    """Return what can be seen of a channel.

    Args:
        times_ps: Its tags, int64 ps, shape (n,), never falling.
        sync_ps: Tags of the sync or of the heralding channel, where there is one.
        resolution_ps: Step of the tagger's scale.

    Raises:
        InputError: fewer than 100 tags, or tags in disorder.

    Source: the reductions of this room; own choice of the after-pulse window: from the dead time
        to the end of the last two neighbours that both stand 3 standard deviations over the tail.
    """
    tags = as_tags(times_ps, least=LEAST_TAGS)
    resolution = max(1.0, resolution_ps)
    histogram = log_intervals(tags)
    found = intervals(tags)
    missing: list[str] = []
    dead = tail = pulses = None
    try:
        tail = tail_of(found, start_ps=usual_tail_start(found))
        dead = _sound(dead_time(tags, resolution_ps=resolution), histogram)
    except InputError as error:
        missing.append(f"no dead time: {error.what}")
    if tail is not None and _comb(histogram, tail, dead):
        dead = None
        missing.append(
            "no dead time, no after-pulses: the intervals are a comb, as under pulsed light; both "
            "want continuous light"
        )
    elif tail is not None:
        try:
            pulses = _afterpulse(tags, histogram, tail, dead)
        except InputError as error:
            missing.append(f"no after-pulses: {error.what}")
    start_stop = None
    if sync_ps is not None:
        try:
            start_stop = _start_stop(tags, sync_ps, round(resolution))
        except InputError as error:
            missing.append(f"no start-stop histogram: {error.what}")
        if start_stop is not None and start_stop.why:
            missing.append(f"no FWHM: {start_stop.why}")
    span_s = float(tags[-1] - tags[0]) / PS_PER_S
    rate = _rate(tags, span_s)
    return ChannelView(
        int(tags.size), span_s, histogram, tail, dead, pulses, rate, start_stop, tuple(missing)
    )


def _sound(found: DeadTime, histogram: LogIntervals) -> DeadTime:
    """Refuse an edge that lies where no interval is: a step of the intervals, not of a detector."""
    edge = found.dead_time
    if histogram.minimum_ps - edge.value > EXCESS * edge.u + histogram.step_ps:
        raise InputError(
            f"the edge fitted, {edge.value:.6g} ps, lies below the shortest interval of "
            f"{histogram.minimum_ps} ps: the intervals come in steps, as under pulsed light"
        )
    return found


def _expected(tail: ExponentialTail, edges_ps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many intervals the tail, carried on, has between edges."""
    ends = [float(one) for one in edges_ps]
    return np.array([tail.between(low, high) for low, high in pairwise(ends)])


def _comb(histogram: LogIntervals, tail: ExponentialTail, dead: DeadTime | None) -> bool:
    """Return whether intervals miss behind the shortest ones: light that comes in pulses."""
    first = float(histogram.edges_ps[0]) if dead is None else dead.dead_time.value
    edges, counts = histogram.edges_ps, histogram.counts
    expected = _expected(tail, edges)
    judged = (edges[:-1] > 1.1 * first) & (edges[1:] < tail.start_ps) & (expected >= LEAST_EXPECTED)
    thin = judged & (counts < 0.5 * expected)
    return int(np.count_nonzero(thin)) > 0.2 * max(1, int(np.count_nonzero(judged)))


def _rate(tags: NDArray[np.int64], span_s: float) -> RateOverTime:
    """Count in blocks with 50 tags in the mean, 200 blocks at most."""
    blocks = max(2, min(MOST_BLOCKS, tags.size // PER_BLOCK))
    since = (tags - tags[0]).astype(np.float64) / PS_PER_S
    length = max(span_s, 1.0 / PS_PER_S) / blocks
    counts = np.histogram(since, bins=length * np.arange(blocks + 1))[0].astype(np.int64)
    middle = np.asarray(length * (np.arange(blocks) + 0.5), dtype=np.float64)
    rate = np.asarray(counts / length, dtype=np.float64)
    return RateOverTime(length, middle, rate, counts)


def _afterpulse(
    tags: NDArray[np.int64], histogram: LogIntervals, tail: ExponentialTail, dead: DeadTime | None
) -> AfterPulse:
    """Return the after-pulses in the window in which an excess is seen."""
    low = dead.dead_time.value if dead is not None else float(histogram.minimum_ps)
    edges = histogram.edges_ps
    inside = (edges[:-1] >= low) & (edges[1:] <= tail.start_ps)
    expected = _expected(tail, edges)
    over = histogram.counts - expected > EXCESS * np.sqrt(np.maximum(expected, 1.0))
    # Of a hundred bins one may stand out by chance, of two neighbours hardly both.
    both = np.flatnonzero(over[1:] & over[:-1] & inside[1:] & inside[:-1])
    if not both.size:
        raise InputError("no excess of short intervals stands out of the exponential tail")
    high = float(edges[int(both[-1]) + 2])
    if tail.rate_per_ps * (high - low) > MOST_IN_WINDOW:
        raise InputError(
            f"at {tail.rate_per_ps * PS_PER_S:.3g} /s the excess, up to {high / 1e3:.4g} ns, is as "
            "long as the intervals themselves; use less light"
        )
    found = afterpulse_from_intervals(tags, window_ps=(low, high))
    if found.tail is not None and found.tail.goodness < NOT_EXPONENTIAL:
        raise InputError(
            f"the tail is not exponential (p = {found.tail.goodness:.2g}): the light is pulsed or "
            "its rate drifts"
        )
    return found


def _start_stop(tags: NDArray[np.int64], sync: NDArray[np.int64], resolution: int) -> StartStop:
    """Find the peak after the sync, and its histogram over eight widths to either side."""
    # A sync that was filtered by the detector comes after its tag: look both ways.
    before = -delays_to_sync(sync, tags)
    delays = np.sort(np.concatenate((delays_to_sync(tags, sync), before)))
    if delays.size < LEAST_START_STOP:
        raise InputError(f"{delays.size} tags stand beside a sync; {LEAST_START_STOP} are needed")
    centre, width = _peak(delays)
    step = max(resolution, math.ceil(width / 8 / resolution) * resolution)
    for _ in range(40):
        low = math.floor((centre - 100 * step) / resolution) * resolution
        counts = delay_histogram(sync, tags, low_ps=low, high_ps=low + 200 * step, bin_ps=step)
        middle, found, top = _half_height(counts, low, step)
        # Wider bins until the peak is no chance of counting and has its feet in the picture.
        if top >= LEAST_TOP and found <= 60 * step:
            break
        step *= 2
    centre = middle
    step = max(resolution, math.floor(found / BINS_IN_FWHM / resolution) * resolution)
    half = math.ceil(SHOWN_FWHM * max(found, 3.0 * resolution) / step) * step
    low = math.floor((centre - half) / resolution) * resolution
    counts = delay_histogram(sync, tags, low_ps=low, high_ps=low + 2 * half, bin_ps=step)
    try:
        return StartStop(low, step, counts, widths(counts, bin_ps=step, low_ps=float(low)), "")
    except InputError as error:
        return StartStop(low, step, counts, None, error.what)


def _peak(delays: NDArray[np.int64]) -> tuple[float, float]:
    """Return middle and width of the shortest stretch that holds a fiftieth of the delays."""
    part = max(50, delays.size // 50)
    lengths = delays[part:] - delays[: delays.size - part]
    k = int(np.argmin(lengths))
    return float(delays[k] + delays[k + part]) / 2.0, max(float(lengths[k]), 1.0)


def _half_height(counts: NDArray[np.int64], low: int, step: int) -> tuple[float, float, float]:
    """Return the middle and width of the highest peak at half of its height, and the height."""
    smooth = np.convolve(counts.astype(np.float64), np.ones(3) / 3.0, mode="same")
    top = int(np.argmax(smooth))
    level = 0.5 * (smooth[top] + float(np.quantile(smooth, 0.1)))
    below = np.flatnonzero(smooth < level)
    left, right = below[below < top], below[below > top]
    first = int(left[-1]) + 1 if left.size else 0
    last = int(right[0]) if right.size else counts.size
    return low + step * (first + last) / 2.0, float(step * (last - first)), float(smooth[top])
