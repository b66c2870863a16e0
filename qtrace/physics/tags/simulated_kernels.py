"""The loops of the simulator that look back: what a detector and a tagger did before.

Inside: `clicks_of`, `kept_tags`.

Both are compiled at their first call (some seconds) and cached on disk. Times are float64 ps from
the start of the block at hand, except those of tags, which are int64 ps.
Source: dead times as in Knoll, Radiation Detection and Measurement, chapter on counting statistics
(chapter from memory): a non-paralysable detector is dead for a fixed time after each event that it
counts, a paralysable one after each event that arrives. After-pulses as carriers that are trapped
at each click and set free after exponential times: Ziarkash et al., Sci. Rep. 8, 5076 (2018).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Integers = NDArray[np.int64]
Channels = NDArray[np.int16]

AFTER_PULSE = 2  # code of the origin of a click; 0 is light, 1 a dark or background count


@njit(cache=True)
def _filled_traps(
    queue: Floats,
    queued: int,
    time: float,
    traps: tuple[Floats, Floats],
    generator: np.random.Generator,
) -> tuple[Floats, int]:
    """Put the after-pulses of a click in the queue, whose times fall."""
    probabilities, lifetimes = traps
    for k in range(probabilities.size):
        if generator.random() >= probabilities[k]:
            continue
        free = time + lifetimes[k] * generator.standard_exponential()
        if queued == queue.size:
            queue = np.concatenate((queue, np.empty(queue.size)))
        place = queued
        while place > 0 and queue[place - 1] < free:
            queue[place] = queue[place - 1]
            place -= 1
        queue[place] = free
        queued += 1
    return queue, queued


@njit(cache=True)
def clicks_of(
    arrivals: Floats,
    codes: Codes,
    end: float,
    dead_since: float,
    waiting: Floats,
    detector: tuple[float, float, bool],
    traps: tuple[Floats, Floats],
    generator: np.random.Generator,
) -> tuple[Floats, Codes, float, Floats]:
    """Return the clicks before `end`, and what the next block must know.

    Args:
        arrivals: Rising times of what would click if the detector were ready, ps.
        codes: Where each came from.
        end: End of the block, ps; after-pulses behind it are left for the next one.
        dead_since: Start of the last dead time, ps; -inf where there was none.
        waiting: After-pulses still to come, falling times, ps.
        detector: Dead time, time constant of the recovery (ps, 0 for none), and whether events
            in a dead time start it anew.
        traps: Probability that a click fills each, mean time until it is emptied, ps.
        generator: Of the draws.

    Returns:
        Times of clicks, their codes, start of the last dead time, after-pulses still to come.

    Source: that of the module.
    """
    dead, recovery, paralysable = detector
    size = arrivals.size + waiting.size + 64
    times, kinds = np.empty(size), np.empty(size, np.int8)
    queue = np.empty(waiting.size + 64)
    queue[: waiting.size] = waiting
    queued, used, found = waiting.size, 0, 0
    while True:
        time = arrivals[used] if used < arrivals.size else np.inf
        from_trap = queued > 0 and queue[queued - 1] < time
        if from_trap:
            time = queue[queued - 1]
        if time >= end:
            break
        code = AFTER_PULSE if from_trap else codes[used]
        queued, used = (queued - 1, used) if from_trap else (queued, used + 1)
        since = time - dead_since
        if since < dead:
            dead_since = time if paralysable else dead_since
            continue
        if recovery > 0.0 and generator.random() >= -np.expm1(-(since - dead) / recovery):
            continue
        if found == times.size:
            times = np.concatenate((times, np.empty(times.size)))
            kinds = np.concatenate((kinds, np.empty(kinds.size, np.int8)))
        times[found], kinds[found] = time, code
        found += 1
        dead_since = time
        queue, queued = _filled_traps(queue, queued, time, traps, generator)
    return times[:found].copy(), kinds[:found].copy(), dead_since, queue[:queued].copy()


@njit(cache=True)
def kept_tags(
    times: Integers,
    channels: Channels,
    last: Integers,
    buffer: Floats,
    dead: int,
    capacity: float,
    drain_per_ps: float,
) -> tuple[NDArray[np.bool_], Integers]:
    """Return which tags a tagger keeps, and the stretches in which its buffer overflowed.

    The buffer is emptied at a constant rate. When it is full, tags are lost until it is half
    empty again: one stretch.

    Args:
        times: Rising times of tags, ps.
        channels: Of each tag, 0 or above.
        last: Time of the last tag of each channel that was kept or lost to the buffer; changed.
        buffer: How full it is, at what time (ps), whether tags are being lost, how many stretches
            there were; changed.
        dead: Dead time of each channel of the tagger, ps.
        capacity: Tags that the buffer holds; 0 for one that never overflows.
        drain_per_ps: Tags that leave the buffer in a picosecond.

    Returns:
        Whether each is kept, shape (n,); rows of first, last lost tag (ps), how many, and which
        stretch it is, counted from 1, shape (k, 4). One that goes on from the block before has a
        further row.

    Source: a leaky bucket; ours, no tagger's documentation tells how its buffer recovers.
    """
    kept = np.zeros(times.size, np.bool_)
    lost, stretches = np.empty((16, 4), np.int64), 0
    going_on = False
    for i in range(times.size):
        time, channel = times[i], channels[i]
        if time - last[channel] < dead:
            continue
        last[channel] = time
        if capacity > 0.0:
            buffer[0] = max(0.0, buffer[0] - drain_per_ps * (time - buffer[1]))
            buffer[1] = time
            if buffer[2] > 0.0 and buffer[0] <= 0.5 * capacity:
                buffer[2] = 0.0
                going_on = False
            if buffer[2] == 0.0 and buffer[0] + 1.0 > capacity:
                buffer[2] = 1.0
                buffer[3] += 1.0
            if buffer[2] > 0.0:
                if not going_on:
                    if stretches == lost.shape[0]:
                        lost = np.concatenate((lost, np.empty_like(lost)))
                    lost[stretches] = np.array([time, time, 0, np.int64(buffer[3])])
                    stretches, going_on = stretches + 1, True
                lost[stretches - 1, 1] = time
                lost[stretches - 1, 2] += 1
                continue
            buffer[0] += 1.0
        kept[i] = True
    return kept, lost[:stretches].copy()
