"""The most significant stretch of a histogram over a flat background, at any of many widths.

Inside: `Box`, `best_box`.
Source: the likelihood ratio of a Poisson count, Li and Ma, Astrophys. J. 272, 317 (1983), Eq. 17 in
its limit of a well-known background; a box of 2.8 sigma is the best one for a Gaussian peak over
background (maximum of erf(x / sqrt 8) / sqrt x at x = 2.80 sigma, computed here).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

# Full width of the box that sees a Gaussian peak best, in its standard deviations.
BEST_WIDTH = 2.8


@dataclass(frozen=True, slots=True)
class Box:
    """Bins [low, low + width) with `counts` in them, and what is expected without a peak.

    `ratio` is the signed root of twice the log-likelihood ratio: about a standard normal number
    for one box chosen beforehand, not for the best of many.
    """

    low: int
    width: int
    counts: int
    background_per_bin: float
    ratio: float
    boxes: int

    @property
    def centre(self) -> float:
        """Return the middle, in bins from the lower edge of the histogram.

        Source: the definition of a box.
        """
        return self.low + self.width / 2.0


def _scan(counts: NDArray[np.int64], background: float, most: int) -> Box:
    running = np.concatenate([[0], np.cumsum(counts)])
    found = Box(0, 1, 0, background, -np.inf, 0)
    boxes = 0
    width = 1
    while width <= most:
        sums = running[width:] - running[:-width]
        at = int(np.argmax(sums))
        count = int(sums[at])
        expected = max(background * width, 1e-12)
        half = float(xlogy(count, count / expected)) - (count - expected)
        ratio = float(np.sign(count - expected) * np.sqrt(2.0 * max(half, 0.0)))
        boxes += max(len(counts) // width, 1)
        if ratio > found.ratio:
            found = Box(at, width, count, background, ratio, 0)
        width = max(width + 1, round(width * 1.4))
    return Box(found.low, found.width, found.counts, background, found.ratio, boxes)


def best_box(counts: NDArray[np.int64], *, most_width: int | None = None) -> Box:
    """Return the box of bins that stands out most.

    Args:
        counts: Counts of equal bins, shape (n,), n at least 4.
        most_width: Widest box in bins; a quarter of the histogram unless said.

    Source: Li and Ma (1983), Eq. 17, its limit of a known background.
    """
    most = max(len(counts) // 4, 1) if most_width is None else max(most_width, 1)
    found = _scan(counts, float(counts.sum()) / len(counts), most)
    # Again with the background of what lies away from the box.
    around = np.ones(len(counts), dtype=bool)
    around[max(found.low - found.width, 0) : found.low + 2 * found.width] = False
    if around.sum() * 4 < len(counts):
        return found
    rest = float(counts[around].sum())
    # No count outside still allows some background: half a count.
    return _scan(counts, max(rest, 0.5) / float(around.sum()), most)
