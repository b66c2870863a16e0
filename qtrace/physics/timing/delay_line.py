"""A delay that grows evenly with time: pairs near such a line, and a line through block delays.

Inside: `DelayLine`, `LinePairs`, `line_pairs`, `FittedLine`, `fit_line`.

The delay at a time t of the first clock is base + residual + slope (t - epoch): the base is whole
picoseconds, the rest small, so that no absolute time is held in floating point.
Source: weighted least squares, JCGM 100:2008 (GUM), H.3, with weights 1 / u^2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from qtrace.errors import InputError
from qtrace.physics.tags.delay_histogram import MOST_PAIRS, pair_places

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

# Tags of the first stream taken at a time: what is compensated beside the streams stays small.
CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class DelayLine:
    """Delay base + residual + slope (t - epoch), in ps; `slope` is a frequency deviation."""

    epoch_ps: int
    base_ps: int
    residual_ps: float
    slope: float

    def residual_at(self, time_ps: Integers | int) -> Numbers:
        """Return the delay less the base at times of the first clock.

        Source: the line in the head of this module.
        """
        since = np.asarray(np.asarray(time_ps) - self.epoch_ps, dtype=np.float64)
        return np.asarray(self.residual_ps + self.slope * since)

    def moved(self, by_ps: float, *, slope: float = 0.0) -> DelayLine:
        """Return the line shifted, and tilted about its epoch.

        Source: the line in the head of this module.
        """
        whole = round(self.residual_ps + by_ps)
        part = self.residual_ps + by_ps - whole
        return DelayLine(self.epoch_ps, self.base_ps + whole, part, self.slope + slope)


@dataclass(frozen=True, slots=True)
class LinePairs:
    """Pairs near a line: delay less the line, and time since its epoch (both ps)."""

    off_line_ps: Numbers
    since_ps: Numbers


def _chunk_pairs(
    first: Integers, second: Integers, line: DelayLine, reach: int, most: int
) -> LinePairs:
    """Return the pairs of one stretch of the first stream."""
    margin = 4
    ends = line.base_ps + line.residual_at(np.array([first[0], first[-1]])).round().astype(np.int64)
    low = int(min(first[0] + ends[0], first[0] + ends[1])) - reach - margin
    high = int(max(first[-1] + ends[0], first[-1] + ends[1])) + reach + margin
    near = second[np.searchsorted(second, low) : np.searchsorted(second, high)]
    share = line.slope / (1.0 + line.slope)
    turned = np.rint((near - (line.epoch_ps + line.base_ps)) * share).astype(np.int64)
    middle = line.base_ps + round(line.residual_ps)
    index, other = pair_places(
        first,
        near - turned,
        low_ps=middle - reach - margin,
        high_ps=middle + reach + margin,
        most_pairs=most,
    )
    # From the tags themselves: the compensated ones were only for finding, and are rounded.
    at = first[index]
    delay = (near[other] - at - line.base_ps).astype(np.float64)
    return LinePairs(delay - line.residual_at(at), (at - line.epoch_ps).astype(np.float64))


def line_pairs(
    first: Integers,
    second: Integers,
    line: DelayLine,
    *,
    start_ps: int,
    stop_ps: int,
    reach_ps: float,
    most_pairs: int = MOST_PAIRS,
) -> LinePairs:
    """Return all pairs within `reach_ps` of a line, for first tags in [start, stop).

    Args:
        first: Checked stream, int64.
        second: Checked stream, int64.
        line: The line.
        start_ps: First instant of the first clock.
        stop_ps: End, outside.
        reach_ps: Distance from the line, to either side; the lower end belongs to it.
        most_pairs: Pairs above which it is refused.

    Raises:
        InputError: too many pairs.
    """
    begin, end = (int(at) for at in np.searchsorted(first, [start_ps, stop_ps]))
    reach = int(np.ceil(reach_ps))
    off, since, total = [], [], 0
    for at in range(begin, end, CHUNK):
        part = _chunk_pairs(first[at : min(at + CHUNK, end)], second, line, reach, most_pairs)
        total += len(part.since_ps)
        if total > most_pairs:
            raise InputError(
                f"more than {most_pairs} pairs lie near the line",
                where=f"{reach_ps:g} ps to either side",
                next_step="take a narrower window or a shorter record",
            )
        kept = (part.off_line_ps >= -reach_ps) & (part.off_line_ps < reach_ps)
        off.append(part.off_line_ps[kept])
        since.append(part.since_ps[kept])
    none = np.empty(0)
    return LinePairs(np.concatenate([none, *off]), np.concatenate([none, *since]))


@dataclass(frozen=True, slots=True)
class FittedLine:
    """A weighted line through delays: its value at the epoch (ps), its slope, their covariance."""

    value_ps: float
    u_value_ps: float
    slope: float
    u_slope: float
    covariance: Numbers = field(compare=False)
    chi_square: float
    degrees_of_freedom: int
    p_value: float


def fit_line(since_ps: Numbers, value_ps: Numbers, u_ps: Numbers) -> FittedLine:
    """Return the weighted line through values at times since an epoch.

    Args:
        since_ps: Times since the epoch in ps, shape (n,), n at least 2.
        value_ps: Values in ps.
        u_ps: Their standard uncertainties, independent of each other.

    Raises:
        InputError: fewer than two different times.

    Source: JCGM 100:2008 (GUM), H.3, with weights 1 / u^2.
    """
    if len(since_ps) < 2 or np.ptp(since_ps) == 0.0:
        raise InputError(
            f"a line needs two different times, there are {len(since_ps)} values",
            where="blocks",
            next_step="take shorter blocks or a longer record",
        )
    scale = float(np.max(np.abs(since_ps)))
    design = np.column_stack([np.ones_like(since_ps), since_ps / scale]) / u_ps[:, None]
    covariance = np.linalg.inv(design.T @ design)
    solution = covariance @ (design.T @ (value_ps / u_ps))
    chi_square = float(np.sum((value_ps / u_ps - design @ solution) ** 2))
    turn = np.diag([1.0, 1.0 / scale])
    covariance = turn @ covariance @ turn
    freedom = len(since_ps) - 2
    return FittedLine(
        value_ps=float(solution[0]),
        u_value_ps=float(np.sqrt(covariance[0, 0])),
        slope=float(solution[1]) / scale,
        u_slope=float(np.sqrt(covariance[1, 1])),
        covariance=covariance,
        chi_square=chi_square,
        degrees_of_freedom=freedom,
        p_value=float(chdtrc(freedom, chi_square)) if freedom > 0 else float("nan"),
    )
