"""Pairs of tags by their delay: numbers of pairs in windows, histograms of all pairs.

Inside: `pairs_in_window`, `pairs_per_tag`, `pairs_in_windows`, `all_delays`,
`autocorrelation_histogram`.

Every pair counts, not only neighbours: a start may have several stops.
Source: counting; the delay of a pair is second - first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.reduced import as_tags

MOST_PAIRS = 200_000_000


def pairs_per_tag(
    first_ps: NDArray[np.int64], second_ps: NDArray[np.int64], *, low_ps: int, high_ps: int
) -> NDArray[np.int64]:
    """Return, for each first tag, how many second tags have a delay in [low, high).

    Args:
        first_ps: Tags, int64 ps, in order.
        second_ps: Tags, int64 ps, in order.
        low_ps: Smallest delay, inside the window.
        high_ps: First delay beyond the window.

    Raises:
        InputError: a window of no width.

    Source: counting by bisection.
    """
    if not high_ps > low_ps:
        raise InputError(
            f"the window from {low_ps} to {high_ps} ps has no width",
            next_step="give a window with its lower end first",
        )
    upper = np.searchsorted(second_ps, first_ps + int(high_ps))
    return (upper - np.searchsorted(second_ps, first_ps + int(low_ps))).astype(np.int64)


def pairs_in_window(
    first_ps: NDArray[np.int64], second_ps: NDArray[np.int64], *, low_ps: int, high_ps: int
) -> int:
    """Return how many pairs have a delay in [low, high), ps.

    Source: sum of `pairs_per_tag`.
    """
    return int(np.sum(pairs_per_tag(first_ps, second_ps, low_ps=low_ps, high_ps=high_ps)))


def pairs_in_windows(
    first_ps: ArrayLike, second_ps: ArrayLike, *, centres_ps: Sequence[float], width_ps: int
) -> NDArray[np.int64]:
    """Return the number of pairs in windows of one width around several delays.

    Args:
        first_ps: Tags, int64 ps.
        second_ps: Tags, int64 ps.
        centres_ps: Middles of the windows; rounded so that every window has the same width.
        width_ps: Width of each, whole ps.

    Source: counting.
    """
    first, second = as_tags(first_ps), as_tags(second_ps)
    lows = [round(one - width_ps / 2.0) for one in centres_ps]
    return np.array(
        [pairs_in_window(first, second, low_ps=low, high_ps=low + width_ps) for low in lows],
        dtype=np.int64,
    )


def all_delays(
    first_ps: NDArray[np.int64], second_ps: NDArray[np.int64], *, low_ps: int, high_ps: int
) -> NDArray[np.int64]:
    """Return the delays of all pairs in [low, high), ps, in the order of the first tags.

    Raises:
        InputError: more pairs than memory should hold.

    Source: counting.
    """
    numbers = pairs_per_tag(first_ps, second_ps, low_ps=low_ps, high_ps=high_ps)
    total = int(np.sum(numbers))
    if total > MOST_PAIRS:
        raise InputError(
            f"{total} pairs lie in the window; at most {MOST_PAIRS} are taken",
            next_step="take a narrower window",
        )
    begin = np.searchsorted(second_ps, first_ps + int(low_ps))
    starts = np.repeat(np.arange(first_ps.size), numbers)
    within = np.arange(total) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    return np.asarray(second_ps[begin[starts] + within] - first_ps[starts], dtype=np.int64)


def autocorrelation_histogram(
    times_ps: ArrayLike, *, bin_ps: int, high_ps: int
) -> NDArray[np.int64]:
    """Return pairs of one channel by delay: bins [k bin, (k + 1) bin), each pair once, delay > 0.

    Args:
        times_ps: Tags, int64 ps.
        bin_ps: Width of a bin.
        high_ps: Where the histogram ends.

    Source: counting; a tag is no pair with itself.
    """
    tags = as_tags(times_ps)
    bins = int(high_ps // bin_ps)
    delays = all_delays(tags, tags, low_ps=1, high_ps=bins * bin_ps)
    return np.bincount(delays // bin_ps, minlength=bins).astype(np.int64)
