"""Counting all true delays within the span: no fold, so no accidentals but those of one delay.

Inside: `differences`, `direct_peak`, `bin_delays`.

Where rates and span are moderate the true delays can simply be counted, over a record of any
length and in bins of about a nanosecond: a weak peak over a strong background stands out where no
fold of a second shows it. Boxes of some widths are judged, so that a skew that smears a little is
no loss; larger ones are tried from a grid.
Source: Laurence, Fore, Huser, Optics Letters 31, 829 (2006), for the sweep with two pointers;
significance of a box of mean m as (count - m) / sqrt(m), judged by the Poisson tail of
`folded_correlation`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.tags import correlation_kernels as kernels
from qtrace.physics.tags.folded_correlation import FoldedPeak, Stretch, false_alarm, levelled

Integers = NDArray[np.int64]

# Widths of boxes judged, in bins.
WIDTHS = (1, 2, 4, 8)
# Bins around the greatest that do not tell the scatter of the others.
AROUND = 64


def bin_delays(
    first: Integers,
    second: Integers,
    origin: int,
    skew: float,
    low: int,
    shift: int,
    counts: NDArray[np.int32],
) -> None:
    """Count delays from `low` up in bins of 2^shift ps, each less the skew since the origin.

    Source: Laurence et al. (2006); compensation by the first clock, d - y (t - origin).
    """
    width = len(counts) << shift
    start = 0
    for at in range(len(first)):
        edge = first[at] + low
        if skew != 0.0:
            edge += np.int64(np.floor((first[at] - origin) * skew + 0.5))
        while start > 0 and second[start - 1] >= edge:  # a negative skew beyond the next tag
            start -= 1
        while start < len(second) and second[start] < edge:
            start += 1
        k = start
        while k < len(second):
            since = second[k] - edge
            if since >= width:
                break
            counts[since >> shift] += np.int32(1)
            k += 1


def differences(part: Stretch) -> float:
    """Return about how many delays lie within the span of a stretch.

    Source: rates times rates times span.
    """
    if not len(part.first) or not len(part.second):
        return 0.0
    reach = part.stop - part.start + 2 * part.span
    return len(part.first) * len(part.second) * 2.0 * part.span / reach


def direct_peak(part: Stretch, *, shift: int, skews: NDArray[np.float64]) -> FoldedPeak:
    """Return the most significant box of the true delays over a grid of skews.

    Args:
        part: The two streams.
        shift: Bins of 2^shift ps.
        skews: Frequency deviations of the second clock to try, about the start of the window.

    Source: the head of this module.
    """
    reach = (part.span >> shift) + 1
    bins = 2 * reach + 1
    trials = bins * len(WIDTHS) * len(skews)
    best, best_chance = FoldedPeak(0, 0.0, -np.inf, 1e-9, trials), 2.0
    for skew in skews:
        counts = np.zeros(bins, dtype=np.int32)
        low = part.centre - (reach << shift)
        kernels.compiled(bin_delays)(
            part.first, part.second, part.start, float(skew), low, shift, counts
        )
        expected = max(float(counts.mean()), 1e-9)
        near = levelled(counts.astype(np.float32))
        rest = near.copy()
        top = int(np.argmax(near))
        rest[max(top - AROUND, 0) : top + AROUND] = 0.0
        # Rates that vary scatter more than a Poisson number.
        spread = max(float(np.mean(rest * rest)) / expected, 1.0)
        running = np.concatenate([[0.0], np.cumsum(near, dtype=np.float64)])
        for width in WIDTHS:
            if width >= bins:
                break
            sums = running[width:] - running[:-width]
            at, mean = int(np.argmax(sums)), expected * width
            significance = float(sums[at] / np.sqrt(mean * spread))
            chance = false_alarm(significance, mean, trials)
            if (chance, -significance) < (best_chance, -best.significance):
                place = ((2 * at + width) << shift) // 2 - (reach << shift)
                best = FoldedPeak(place, float(skew), significance, mean, trials)
                best_chance = chance
    return best
