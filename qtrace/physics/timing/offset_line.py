"""A straight line through offsets of two clocks: offset in the middle, frequency from the slope.

Inside: `OffsetLine`, `offset_line`.
Source: weighted least squares, e.g. P. R. Bevington and D. K. Robinson, Data Reduction and Error
Analysis for the Physical Sciences (2003), Eqs. 6.12, 6.23.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OffsetLine:
    """The line: offset at `epoch_s` and slope, with their formal u; uncorrelated at that epoch.

    `reduced_chi_square` is NaN where no u is stated: then both u come from the scatter.
    """

    epoch_s: float
    offset_s: float
    u_offset_s: float
    frequency_deviation: float
    u_frequency: float
    points: int
    reduced_chi_square: float

    def at(self, elapsed_s: Array) -> Array:
        """Return the line at times from the start, s.

        Source: x = offset + y (t - epoch), by definition of a frequency deviation.
        """
        return self.offset_s + self.frequency_deviation * (elapsed_s - self.epoch_s)


def offset_line(elapsed_s: Array, offset_s: Array, u_s: Array) -> OffsetLine:
    """Fit the line; steps without an offset do not count.

    Args:
        elapsed_s: Time of each step, s; shape (n,).
        offset_s: Offsets, s; NaN where there is none.
        u_s: Standard uncertainty of each, s; where any of them is missing, all have equal weight.

    Returns:
        The line; where the points scatter more than their u says, both u are larger by the root
        of the reduced chi-square (Birge ratio), never smaller.

    Raises:
        InputError: fewer than three offsets.

    Source: weighted least squares, Bevington and Robinson (2003), Eqs. 6.12 and 6.23 (from memory);
        Birge, Phys. Rev. 40, 207 (1932) for the ratio.
    """
    given = np.isfinite(offset_s)
    n = int(np.count_nonzero(given))
    if n < 3:
        raise InputError(
            f"{n} offsets are too few for a line",
            where="record of offsets",
            next_step="record three steps or more",
        )
    t, x, u = elapsed_s[given], offset_s[given], u_s[given]
    known = bool(np.all(np.isfinite(u) & (u > 0.0)))
    weight = 1.0 / np.square(u / np.min(u)) if known else np.ones(n)
    scale = float(np.min(u)) if known else 1.0
    total = float(np.sum(weight))
    epoch = float(np.sum(weight * t) / total)
    base = float(x[0])
    mean = base + float(np.sum(weight * (x - base)) / total)
    spread = float(np.sum(weight * np.square(t - epoch)))
    slope = float(np.sum(weight * (t - epoch) * (x - mean)) / spread)
    rest = x - mean - slope * (t - epoch)
    chi_square = float(np.sum(weight * np.square(rest))) / (n - 2)
    if known:
        reduced = chi_square / scale**2
        factor = scale * math.sqrt(max(1.0, reduced))
    else:
        reduced, factor = math.nan, math.sqrt(chi_square)
    return OffsetLine(
        epoch,
        mean,
        factor / math.sqrt(total),
        slope,
        factor / math.sqrt(spread),
        n,
        reduced,
    )
