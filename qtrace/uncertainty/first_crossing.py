"""Where a falling curve first passes a level.

Inside: `first_fall`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRID = 4000  # points of the search; a dip narrower than one step may be stepped over
NEAREST = 1e-6  # of the range: no curve is asked at the very start, where it may have no value


def first_fall(
    curve: Callable[[Array], Array], level: float, *, upto: float, start: float = 0.0
) -> float | None:
    """Return the first argument beyond the start at which a curve falls to a level.

    Args:
        curve: Values at arguments, shape (m,) to shape (m,).
        level: The level.
        upto: Where the search ends.
        start: Where the search begins.

    Returns:
        The argument; the start where the curve is below the level from there on, None where it
        does not fall to the level.
    """
    from scipy.optimize import brentq

    steps = np.linspace(0.0, 1.0, GRID) ** 2  # finer near the start
    at = start + NEAREST * upto + (upto - start - NEAREST * upto) * steps
    below = np.nonzero(curve(at) - level < 0.0)[0]
    if len(below) == 0:
        return None
    first = int(below[0])
    if first == 0:
        return start

    def difference(x: float) -> float:
        return float(curve(np.array([x]))[0] - level)

    return float(brentq(difference, at[first - 1], at[first], xtol=1e-13 * upto, rtol=1e-13))
