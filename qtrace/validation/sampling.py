"""How many draws an example takes, and how sure a figure of draws is.

Inside: `Sampling`, `PARTS`, `scatter_of_parts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PARTS = 10  # of the draws: their figures scatter sqrt(10) times as much as that of all


@dataclass(frozen=True, slots=True)
class Sampling:
    """Number of draws and seed of a case; both 0 where nothing is drawn."""

    draws: int = 0
    seed: int = 0


def scatter_of_parts(draws: NDArray[np.float64], figure: Callable[..., float]) -> float:
    """Return the standard deviation of a figure of joint draws.

    Args:
        draws: Shape (m, n), n at least ten times what the figure needs.
        figure: Gives one number for draws of shape (m, n).

    Source: JCGM 101:2008, 7.9.4 (figures of blocks; their standard deviation over sqrt(h)).
    """
    found = [figure(part) for part in np.array_split(draws, PARTS, axis=1)]
    return float(np.std(found, ddof=1)) / math.sqrt(PARTS)
