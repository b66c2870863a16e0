"""Delays between two sorted streams of tags: the histogram, and the single pairs.

Inside: `delay_histogram`, `pair_delays`, `pair_places`, `checked_times`.

The delay of a pair is the time at the second station less the time at the first. Every pair inside
the window counts, not only nearest neighbours, so that swapping the streams mirrors the histogram.
Beside the streams only the answer takes memory. The first call compiles for about a second where
nothing is kept on disk yet.
Source: Laurence, Fore, Huser, Optics Letters 31, 829 (2006), for the sweep with two pointers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags import correlation_kernels as kernels

Integers = NDArray[np.int64]

# Pairs that `pair_delays` returns at most: 16 bytes each.
MOST_PAIRS = 20_000_000
# Bins of a histogram, 8 bytes each.
MOST_BINS = 50_000_000


def checked_times(times: ArrayLike, *, where: str) -> Integers:
    """Return a stream as contiguous int64, found sorted.

    Args:
        times: Times in ps, integers, shape (n,).
        where: What the stream is called in an error.

    Raises:
        InputError: not one-dimensional, not integers, or out of order.
    """
    given = np.asarray(times)
    if given.ndim != 1:
        raise InputError(f"tags have {given.ndim} dimensions", where=where, next_step="give one")
    if given.dtype.kind not in "iu":
        raise InputError(
            f"tags are {given.dtype}, not whole picoseconds",
            where=where,
            next_step="give int64: an absolute time in floating point loses picoseconds",
        )
    if given.dtype.kind == "u" and len(given) and int(given.max()) > np.iinfo(np.int64).max:
        raise InputError("tags beyond 2^63 ps", where=where, next_step="give int64")
    stream = np.ascontiguousarray(given, dtype=np.int64)
    back = int(kernels.compiled(kernels.steps_back)(stream))
    if back:
        raise InputError(
            f"tags step back in time {back} times",
            where=where,
            next_step="sort them (stable), and keep the number of steps with the result",
        )
    return stream


def _checked_window(low_ps: int, high_ps: int) -> int:
    if high_ps <= low_ps:
        raise InputError(
            f"the window from {low_ps} ps to {high_ps} ps is empty",
            where="low_ps, high_ps",
            next_step="the upper end does not belong to the window and must lie above the lower",
        )
    return int(high_ps) - int(low_ps)


def delay_histogram(
    first_ps: ArrayLike, second_ps: ArrayLike, *, low_ps: int, high_ps: int, bin_ps: int
) -> Integers:
    """Return how many pairs have their delay in each bin.

    Bin k holds the delays d with low + k bin <= d < low + (k + 1) bin: half open, exact in whole
    picoseconds. All pairs in the window count.

    Args:
        first_ps: Tags of the first station in ps, sorted, shape (n,).
        second_ps: Tags of the second station in ps, sorted, shape (m,).
        low_ps: Lowest delay, inside.
        high_ps: Highest delay, outside; `high_ps - low_ps` is a multiple of the bin.
        bin_ps: Width of a bin.

    Raises:
        InputError: streams that are not sorted integers; a window that is empty, no multiple of
            the bin, or has too many bins.

    Source: the definition of a cross-correlation histogram; Laurence et al. (2006).
    """
    width = _checked_window(low_ps, high_ps)
    if bin_ps < 1 or width % bin_ps:
        raise InputError(
            f"a window of {width} ps is no multiple of bins of {bin_ps} ps",
            where="bin_ps",
            next_step="choose the window so that the bins fill it",
        )
    if width // bin_ps > MOST_BINS:
        raise InputError(
            f"{width // bin_ps} bins are more than {MOST_BINS}",
            where="bin_ps",
            next_step="find the delay with the coarse search first, or take wider bins",
        )
    first = checked_times(first_ps, where="first stream")
    second = checked_times(second_ps, where="second stream")
    counts = np.zeros(width // bin_ps, dtype=np.int64)
    kernels.compiled(kernels.delay_counts)(first, second, int(low_ps), width, int(bin_ps), counts)
    return counts


def pair_delays(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    low_ps: int,
    high_ps: int,
    most_pairs: int = MOST_PAIRS,
) -> tuple[Integers, Integers]:
    """Return the delay of each pair in the window, and the place of its first tag.

    Args:
        first_ps: Tags of the first station in ps, sorted, shape (n,).
        second_ps: Tags of the second station in ps, sorted, shape (m,).
        low_ps: Lowest delay, inside.
        high_ps: Highest delay, outside.
        most_pairs: Pairs above which the answer is refused (16 bytes each).

    Returns:
        Delays in ps and indices into the first stream, both shape (pairs,), in its order.

    Raises:
        InputError: streams that are not sorted integers, an empty window, or too many pairs.

    Source: the definition of a delay in the head of this module.
    """
    first = checked_times(first_ps, where="first stream")
    second = checked_times(second_ps, where="second stream")
    index, other = pair_places(first, second, low_ps=low_ps, high_ps=high_ps, most_pairs=most_pairs)
    return second[other] - first[index], index


def pair_places(
    first: Integers, second: Integers, *, low_ps: int, high_ps: int, most_pairs: int = MOST_PAIRS
) -> tuple[Integers, Integers]:
    """Return the places of both tags of each pair in the window; streams are already checked.

    Args:
        first: Checked stream, int64, shape (n,).
        second: Checked stream, int64, shape (m,).
        low_ps: Lowest delay, inside.
        high_ps: Highest delay, outside.
        most_pairs: Pairs above which the answer is refused.

    Raises:
        InputError: an empty window, or too many pairs.
    """
    width = _checked_window(low_ps, high_ps)
    total = int(kernels.compiled(kernels.count_pairs)(first, second, int(low_ps), width))
    if total > most_pairs:
        raise InputError(
            f"{total} pairs in the window are more than {most_pairs}",
            where="low_ps, high_ps",
            next_step="take a narrower window or a shorter record, or the histogram",
        )
    index = np.empty(total, dtype=np.int64)
    other = np.empty(total, dtype=np.int64)
    kernels.compiled(kernels.fill_pairs)(first, second, int(low_ps), width, index, other)
    return index, other
