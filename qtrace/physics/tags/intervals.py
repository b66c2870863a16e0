"""Intervals between the tags of one channel, and their histogram.

Inside: `IntervalHistogram`, `intervals`, `interval_histogram`, `usual_tail_start`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.reduced import as_tags

MOST_BINS = 10_000_000


@dataclass(frozen=True, slots=True)
class IntervalHistogram:
    """Counts of intervals in half-open bins [low, low + bin); `beyond` lie past the last bin.

    `counts` int64 (n,); times in ps.
    """

    low_ps: int
    bin_ps: int
    counts: NDArray[np.int64]
    beyond: int
    minimum_ps: int

    def centres_ps(self) -> NDArray[np.float64]:
        """Return the middle of each bin, ps; whole picoseconds fill a bin up to its last.

        Source: half-open bins of whole numbers.
        """
        middles = np.arange(self.counts.size, dtype=np.float64) + 0.5
        return np.asarray(self.low_ps + self.bin_ps * middles - 0.5, dtype=np.float64)


def intervals(times_ps: ArrayLike) -> NDArray[np.int64]:
    """Return the intervals between successive tags of one channel, ps.

    Args:
        times_ps: Tags, shape (n,), int64 ps, never falling.

    Raises:
        InputError: fewer than two tags, or tags in disorder.

    Source: difference of neighbours; a gap in the recording is one long interval.
    """
    return np.diff(as_tags(times_ps, least=2))


def interval_histogram(times_ps: ArrayLike, *, bin_ps: int, high_ps: int) -> IntervalHistogram:
    """Return the histogram of the intervals from 0 to `high_ps`.

    Args:
        times_ps: Tags, shape (n,), int64 ps.
        bin_ps: Width of a bin, a multiple of the tagger's step (else bins fill unequally).
        high_ps: Where the histogram ends.

    Raises:
        InputError: no bins, or more than ten million.

    Source: counting; bins are half-open.
    """
    found = intervals(times_ps)
    if bin_ps < 1 or high_ps < bin_ps or high_ps // bin_ps > MOST_BINS:
        raise InputError(
            f"bins of {bin_ps} ps up to {high_ps} ps",
            next_step=f"give from one to {MOST_BINS} bins of at least 1 ps",
        )
    bins = int(high_ps // bin_ps)
    inside = found[found < bins * bin_ps]
    counts = np.bincount(inside // bin_ps, minlength=bins).astype(np.int64)
    return IntervalHistogram(
        0, int(bin_ps), counts, int(found.size - inside.size), int(np.min(found))
    )


def usual_tail_start(intervals_ps: NDArray[np.int64]) -> float:
    """Return where the exponential tail is taken to begin when nobody says: the median interval.

    Half of the intervals then lie in the tail. It is far beyond the traps only where the rate is
    low: what depends on that says so in its notes.

    Source: own choice.
    """
    return float(np.median(intervals_ps))
