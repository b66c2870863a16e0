"""Order of decoded tags: steps back in time, and roll-overs of a counter.

Inside: `steps_back`, `unwrapped`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def steps_back(times_ps: NDArray[np.int64], *, before_ps: int) -> int:
    """Return how often a time is less than the one before it.

    Args:
        times_ps: Times as they stand in the file, ps, int64 (n,).
        before_ps: The time before the first one, ps.

    Source: by definition.
    """
    return int(_steps_back(np.ascontiguousarray(times_ps, np.int64), before_ps))


@njit(cache=True)
def _steps_back(times, before):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    count = 0
    for k in range(times.size):
        count += times[k] < before
        before = times[k]
    return count


def unwrapped(
    counts: NDArray[np.int64], *, modulus: int, last: int | None, turns: int
) -> tuple[NDArray[np.int64], int]:
    """Return counts with the roll-overs of their counter undone.

    A step of more than half the range is a roll-over: backward it adds a turn, forward (a late tag
    from before the roll-over) takes it back.

    Args:
        counts: Readings of the counter, 0 to `modulus` - 1, int64 (n,).
        modulus: Range of the counter.
        last: Reading before the first one; None at the start.
        turns: Turns of the counter before the first reading.

    Returns:
        Counts without roll-overs, int64 (n,), and the turns after the last one.

    Source: by definition.
    """
    if not counts.size:
        return counts, turns
    steps = np.diff(counts, prepend=counts[0] if last is None else last)
    half = modulus // 2
    jumps = (steps < -half).astype(np.int64) - (steps > half)
    if not jumps.any():
        return (counts + turns * modulus if turns else counts), turns
    each = turns + np.cumsum(jumps)
    return counts + each * modulus, int(each[-1])
