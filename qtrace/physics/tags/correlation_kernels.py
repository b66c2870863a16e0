"""Loops over two sorted streams of tags, compiled at their first use and kept on disk.

Inside: `steps_back`, `delay_counts`, `count_pairs`, `fill_pairs`, `fold`, `compiled`.

Source: Laurence, Fore, Huser, Optics Letters 31, 829 (2006), for the sweep with two pointers; Ho,
Lamas-Linares, Kurtsiefer, New J. Phys. 11, 045011 (2009), for folded streams.

All times are int64 picoseconds; differences are taken before anything is rounded. The merge has no
branch that the processor cannot foresee: which stream steps on is arithmetic, and pairs are rare.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def steps_back(times: Integers) -> int:
    """Return how many times a stream steps back; counted to the end, which runs as one sweep.

    Source: the definition of order.
    """
    count = 0
    for at in range(len(times) - 1):
        count += times[at + 1] < times[at]
    return count


def delay_counts(
    first: Integers, second: Integers, low: int, width: int, bin_width: int, counts: Integers
) -> None:
    """Add each delay second - first in [low, low + width) to its bin.

    Source: Laurence et al. (2006), the sweep with two pointers; its form without branches is ours.
    """
    i = 0
    j = 0
    while i < len(first) and j < len(second):
        ahead = second[j] - first[i] - low
        if 0 <= ahead < width:
            k = j
            while k < len(second):
                ahead = second[k] - first[i] - low
                if ahead >= width:
                    break
                counts[ahead // bin_width] += 1
                k += 1
            i += 1
        else:
            late = ahead >= 0
            i += late
            j += not late


def count_pairs(first: Integers, second: Integers, low: int, width: int) -> int:
    """Return the number of pairs with a delay in [low, low + width).

    Source: Laurence et al. (2006), the sweep with two pointers.
    """
    total = 0
    start = 0
    stop = 0
    for i in range(len(first)):
        at = first[i] + low
        while start < len(second) and second[start] < at:
            start += 1
        stop = max(stop, start)
        while stop < len(second) and second[stop] - at < width:
            stop += 1
        total += stop - start
    return total


def fill_pairs(
    first: Integers, second: Integers, low: int, width: int, index: Integers, other: Integers
) -> None:
    """Write the places of both tags of each pair, in the order of the first.

    Source: Laurence et al. (2006), the sweep with two pointers.
    """
    found = 0
    start = 0
    for i in range(len(first)):
        at = first[i] + low
        while start < len(second) and second[start] < at:
            start += 1
        k = start
        while k < len(second) and second[k] - at < width:
            index[found] = i
            other[found] = k
            found += 1
            k += 1


def fold(times: Integers, origin: int, shift: int, skew: float, bins: NDArray[np.float32]) -> None:
    """Add tags to bins of 2^shift ps, the time taken modulo the number of bins, a power of two.

    `skew` y is taken out of the time since the origin, (t - origin) / (1 + y): y / (1 + y) of it is
    rounded and subtracted, so that no absolute time is rounded.

    Source: Ho et al. (2009), the folded stream; compensation t / (1 + y).
    """
    mask = len(bins) - 1
    share = skew / (1.0 + skew)
    for at in range(len(times)):
        since = times[at] - origin
        if skew != 0.0:
            since -= np.int64(np.floor(since * share + 0.5))
        bins[(since >> shift) & mask] += np.float32(1.0)


@cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loop compiled; kept on disk where there is a place for it."""
    import numba

    try:
        made = numba.njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # no folder to keep it in
        made = numba.njit(nogil=True)(loop)
    return made
