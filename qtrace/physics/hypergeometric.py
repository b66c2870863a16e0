"""The exact tail of a sample without replacement, as accurate for 1e12 items as for ten.

Inside: `hypergeometric_lower_tail`, `log_hypergeometric`.
Source: hypergeometric distribution; its logarithm from three binomial ones by their deviances, so
that nothing large cancels: Loader, Fast and Accurate Computation of Binomial Probabilities (2000)
[from memory; tests compare with exact integers].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-20  # relative weight of the terms of a tail that are left out
FIRST_BLOCK, LARGEST_BLOCK = 256, 2**20  # terms summed at once
EXACT_FACTORIALS = 16  # from here on Stirling's series with four terms is exact in a double


def hypergeometric_lower_tail(seen: int, *, population: int, marked: int, drawn: int) -> float:
    """Return the probability to see at most `seen` marked items in a sample.

    Args:
        seen: Marked items in the sample.
        population: All items.
        marked: Marked items among all.
        drawn: Size of the sample, drawn without replacement.

    Returns:
        P(X <= seen); tails below 1e-300 come out as 0.

    Source: terms are summed outwards from `seen`, where they fall: downwards below the mode, and
        upwards above it, where the tail is 1 less that sum.
    """
    lowest, highest = max(0, drawn + marked - population), min(marked, drawn)
    if seen < lowest:
        return 0.0
    if seen >= highest:
        return 1.0
    rest = float(population - marked - drawn)

    def falling(x: Array) -> Array:
        """Return the term at x - 1 over that at x."""
        return np.asarray(x * (rest + x) / ((marked - x + 1.0) * (drawn - x + 1.0)))

    if float(falling(np.array(float(seen)))) < 1.0:
        first = log_hypergeometric(seen, population=population, marked=marked, drawn=drawn)
        below = _sum(lambda k: falling(seen - k), seen - lowest)
        return min(1.0, math.exp(first) * below)
    first = log_hypergeometric(seen + 1, population=population, marked=marked, drawn=drawn)
    above = _sum(lambda k: 1.0 / falling(seen + 2.0 + k), highest - seen - 1)
    return max(0.0, 1.0 - math.exp(first) * above)


def _sum(ratio: Callable[[Array], Array], terms: int) -> float:
    """Return 1 and the terms after it, each `ratio` of its number times the one before."""
    total, last, done, block = 1.0, 1.0, 0, FIRST_BLOCK
    while done < terms and last > NEGLIGIBLE * total:
        numbers = np.arange(done, min(done + block, terms), dtype=np.float64)
        values = last * np.cumprod(ratio(numbers))
        total, last = total + float(values.sum()), float(values[-1])
        done, block = done + block, min(2 * block, LARGEST_BLOCK)
    return total


def log_hypergeometric(seen: int, *, population: int, marked: int, drawn: int) -> float:
    """Return the natural logarithm of the probability to see exactly so many marked items.

    Args:
        seen: Marked items in the sample, a number that can be.
        population: All items.
        marked: Marked items among all.
        drawn: Size of the sample, at least 1 and below the population.

    Source: b(seen; marked, p) b(drawn - seen; the others, p) / b(drawn; population, p), with
        p = drawn / population.
    """
    p, q = drawn / population, (population - drawn) / population
    return (
        _log_binomial(seen, marked, p, q=q)
        + _log_binomial(drawn - seen, population - marked, p, q=q)
        - _log_binomial(drawn, population, p, q=q)
    )


def _log_binomial(x: int, n: int, p: float, *, q: float) -> float:
    if x == 0:
        return n * (math.log1p(-p) if p < q else math.log(q))
    if x == n:
        return n * (math.log1p(-q) if q < p else math.log(p))
    spread = 0.5 * math.log(2.0 * math.pi * x * ((n - x) / n))
    errors = _stirling_error(n) - _stirling_error(x) - _stirling_error(n - x)
    return errors - _deviance(x, n * p) - _deviance(n - x, n * q) - spread


def _deviance(x: float, mean: float) -> float:
    """Return x log(x / mean) + mean - x without the cancellation near the mean.

    Source: Loader (2000), bd0: with v = (x - mean) / (x + mean),
        (x - mean) v + 2 x (v^3 / 3 + v^5 / 5 + ...).
    """
    v = (x - mean) / (x + mean)
    if abs(v) > 0.1:
        return x * math.log(x / mean) + mean - x
    series = sum(v ** (2 * k + 1) / (2 * k + 1) for k in range(1, 8))
    return (x - mean) * v + 2.0 * x * series


def _stirling_error(n: int) -> float:
    """Return log n! less Stirling's approximation. Source: DLMF 5.11.1."""
    if n < EXACT_FACTORIALS:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2.0 * math.pi)
    square = 1.0 / float(n) / float(n)
    return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / n
