"""Times between successive tags over many decades: bins that grow in proportion.

Inside: `LogIntervals`, `log_intervals`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.physics.tags.intervals import intervals

PER_DECADE = 24
MEANS = 100.0  # the histogram ends at so many mean intervals
SEEN = 100_000  # intervals from which the step of the tagger's scale is taken


@dataclass(frozen=True, slots=True)
class LogIntervals:
    """Histogram of the intervals of one channel.

    `edges_ps` float64 (n + 1,) lie between the steps of the scale, so that each bin holds whole
    steps and counts over width are a density; `counts` int64 (n,). `beyond` lie past the last
    edge, `zero` are intervals of length zero, which no logarithm has.
    """

    edges_ps: NDArray[np.float64]
    counts: NDArray[np.int64]
    minimum_ps: int
    mean_ps: float
    step_ps: int
    beyond: int
    zero: int


def log_intervals(times_ps: ArrayLike, *, per_decade: int = PER_DECADE) -> LogIntervals:
    """Return the histogram from the shortest interval to 100 mean intervals.

    Args:
        times_ps: Tags of one channel, int64 ps, shape (n,), never falling.
        per_decade: Bins in a factor of ten; fewer where the step of the scale is coarser.

    Raises:
        InputError: fewer than two tags, or tags in disorder.

    Source: counting; the step is the greatest common divisor of the first intervals.
    """
    found = intervals(times_ps)
    positive = found[found > 0]
    zero = int(found.size - positive.size)
    if positive.size == 0:
        return LogIntervals(np.array([0.5, 1.5]), np.zeros(1, np.int64), 0, 0.0, 1, 0, zero)
    minimum, mean = int(np.min(positive)), float(np.mean(found))
    step = max(1, int(np.gcd.reduce(positive[:SEEN])))
    last = max(MEANS * mean, 10.0 * minimum)
    bins = max(1, math.ceil(per_decade * math.log10(last / minimum)))
    marks = np.unique(np.rint(np.geomspace(minimum, last, bins + 1) / step).astype(np.int64))
    edges = (np.append(marks, marks[-1] + 1) - 0.5) * step
    counts = np.histogram(positive, bins=edges)[0].astype(np.int64)
    beyond = int(np.count_nonzero(positive > edges[-1]))
    return LogIntervals(edges, counts, minimum, mean, step, beyond, zero)
