"""From the expected counts of a link model to whole counts that add up as they must.

Inside: `whole_counts`, `adds_up`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

ROUNDING = 1e-9  # of a sum of expected counts, relative
HALF = 0.5  # of a count: whole counts that miss a whole total miss it by more


def adds_up(counted: float, total: float) -> bool:
    """Return whether counts are all of a total, but for the rounding of expected counts.

    Whole counts must add up exactly.

    Args:
        counted: Sum of the counts.
        total: What they should add up to.
    """
    return abs(counted - total) <= min(HALF, ROUNDING * total)


def whole_counts(expected: Mapping[str, float], total: float) -> dict[str, int]:
    """Return expected counts as whole ones, which add up to the total where those do.

    Args:
        expected: Expected count of each cell, not negative.
        total: The uses of the channel. Where the cells are only some of them, each is rounded by
            itself.

    Source: largest remainder (Hare and Niemeyer): each cell is rounded down, and the counts left
        go to the cells with the largest parts cut off; ties in the order of the cells.
    """
    if not adds_up(math.fsum(expected.values()), total):
        return {name: round(value) for name, value in expected.items()}
    down = {name: math.floor(value) for name, value in expected.items()}
    missing = round(total) - sum(down.values())
    by_cut = sorted(expected, key=lambda name: down[name] - expected[name])
    for name in by_cut[:missing]:
        down[name] += 1
    return down
