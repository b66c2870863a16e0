"""The exponential tail of the distribution of intervals between tags.

Inside: `ExponentialTail`, `tail_of`.

Far beyond dead time and traps the interval to the next event of a Poisson process is exponential,
whatever happened before; its rate and its number of intervals are all that is needed to say how
many intervals a detector without memory would have shown earlier.
Source: Davis and Vere-Jones, An Introduction to the Theory of Point Processes, vol. 1, 2nd ed.
(2003), ch. 4 (renewal processes; chapter from memory).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

LEAST_IN_TAIL = 50


@dataclass(frozen=True, slots=True)
class ExponentialTail:
    """Intervals beyond `start_ps`: how many, and their rate, per ps, with its u."""

    start_ps: float
    number: int
    rate_per_ps: float
    u_rate_per_ps: float
    goodness: float

    def density(self, interval_ps: float) -> float:
        """Return intervals per ps that the tail, carried on, has at an interval.

        Source: survival of an exponential.
        """
        rate = self.rate_per_ps
        return self.number * rate * math.exp(-rate * (interval_ps - self.start_ps))

    def between(self, low_ps: float, high_ps: float) -> float:
        """Return how many intervals the tail, carried on, has between two intervals.

        Source: survival of an exponential.
        """
        rate = self.rate_per_ps
        ends = (
            math.exp(-rate * (low_ps - self.start_ps)),
            math.exp(-rate * (high_ps - self.start_ps)),
        )
        return self.number * (ends[0] - ends[1])

    def slope_between(self, low_ps: float, high_ps: float) -> float:
        """Return the derivative of `between` by the rate, ps.

        Source: survival of an exponential.
        """
        low, high = low_ps - self.start_ps, high_ps - self.start_ps
        rate = self.rate_per_ps
        return self.number * (high * math.exp(-rate * high) - low * math.exp(-rate * low))


def tail_of(intervals_ps: NDArray[np.int64], *, start_ps: float) -> ExponentialTail:
    """Fit the exponential tail of intervals by maximum likelihood.

    Args:
        intervals_ps: Intervals between successive tags, shape (n,), ps.
        start_ps: Where the tail begins: far beyond dead time and traps.

    Returns:
        The tail; `goodness` is the p-value of Kolmogorov's test against the exponential, with the
        rate taken from the data (Lilliefors' case, from simulated critical values approximated
        by Stephens), so that an intensity that drifts is seen.

    Raises:
        InputError: fewer than 50 intervals in the tail.

    Source: mean of the excess over the start, the maximum likelihood estimate of an exponential;
        test: Stephens, J. Am. Stat. Assoc. 69, 730 (1974), from memory.
    """
    excess = np.sort(intervals_ps[intervals_ps >= start_ps] - start_ps)
    number = int(excess.size)
    if number < LEAST_IN_TAIL:
        raise InputError(
            f"{number} intervals lie beyond {start_ps:g} ps; the tail needs {LEAST_IN_TAIL}",
            next_step="let the tail begin earlier, or record for longer",
        )
    # Tags are whole picoseconds: a floor of 1 ps keeps the rate finite where all are equal.
    rate = 1.0 / max(float(np.mean(excess)), 1.0)
    return ExponentialTail(
        float(start_ps), number, rate, rate / math.sqrt(number), _fits(excess, rate)
    )


def _fits(excess: NDArray[np.floating], rate: float) -> float:
    """Return an approximate p-value of the exponential with a fitted rate."""
    n = excess.size
    claimed = -np.expm1(-rate * excess)
    steps = np.arange(1, n + 1) / n
    distance = float(max(np.max(steps - claimed), np.max(claimed - (steps - 1.0 / n))))
    root = math.sqrt(n)
    modified = (distance - 0.2 / n) * (root + 0.26 + 0.5 / root)
    # Stephens' table: 0.926 at 15 %, 0.990 at 10 %, 1.094 at 5 %, 1.190 at 2.5 %, 1.308 at 1 %.
    points = np.array([0.0, 0.926, 0.990, 1.094, 1.190, 1.308, 2.0])
    logs = np.log([1.0, 0.15, 0.10, 0.05, 0.025, 0.01, 1e-4])
    return float(np.exp(np.interp(modified, points, logs)))
