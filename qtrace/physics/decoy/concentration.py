"""From a count to its expectation: named bounds that fail with probability epsilon at most.

Inside: `Concentration`, `hoeffding_deviation`, `chernoff_lower`, `chernoff_upper`,
`binomial_lower`, `binomial_upper`, `CountBounds`.

All hold for sums of independent yes-or-no events of UNEQUAL probabilities, which is what decoy
states need: given the photon numbers, each detection falls to an intensity on its own. All go
from what was observed to what was expected (the tail bound is inverted); the textbook form with
the deviation taken at the observed count goes the other way and is not used. Natural logarithms.
Source: Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963), Theorem 1; Lim et al., PRA 89, 022307
(2014), Eqs. A1, A2 [read]; Zhang et al., PRA 95, 012333 (2017), for the direction [abstract
read]; Mannalath, Zapatero and Curty, arXiv:2410.04095, for exact bounds with unequal
probabilities [abstract and introduction read].
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

NEWTON_STEPS = 9  # quadratic from a start on the safe side: far below rounding after seven
NO_LOWER_LIMIT = 700.0  # ln(1/eps) over the count, beyond which exp underflows: the limit is 0
FEW_COUNTS = 3.0  # ln(1/eps) over the count, above which the limit is solved in its own logarithm


class Concentration(StrEnum):
    """Which inequality bounds an expected count."""

    HOEFFDING = "hoeffding"  # additive, from the total of the basis, as Lim 2014 uses it
    CHERNOFF = "chernoff"  # multiplicative, from the count itself
    CLOPPER = "clopper"  # exact binomial tail, one count wider for unequal probabilities


def _log_inverse(epsilon: Number) -> Array:
    epsilon_array = np.asarray(epsilon, dtype=np.float64)
    if not np.all((epsilon_array > 0.0) & (epsilon_array < 1.0)):
        raise InputError(
            f"the failure probability {epsilon} is not between 0 and 1",
            next_step="give for example 1e-10",
        )
    return np.asarray(-np.log(epsilon_array))


def hoeffding_deviation(total: Number, epsilon: Number) -> Number:
    """Return how far a count among `total` events may lie from its expectation, one side.

    Args:
        total: All events of the basis, over all intensities, not the count of one intensity.
        epsilon: Probability of failure of this side, in (0, 1).

    Source: Lim et al. (2014), below Eq. A1: sqrt(n / 2 ln(1 / eps)) [read].
    """
    total_array = np.maximum(np.asarray(total, dtype=np.float64), 0.0)
    deviation: Number = np.sqrt(0.5 * total_array * _log_inverse(epsilon))
    return deviation


def _relative_deviation(ratio: Array, start: Array) -> Array:
    """Return the root d of d - ln(1 + d) = ratio next to `start`, from the outside.

    The function is convex, so Newton steps from outside never pass the root: what is left of
    the way makes the bound wider.
    """
    d = start
    for _ in range(NEWTON_STEPS):
        d = d - (d - np.log1p(d) - ratio) * (1.0 + d) / d
    return d


def chernoff_upper(observed: Number, epsilon: Number) -> Number:
    """Return the largest expectation that a count does not refute: E above the count.

    Args:
        observed: Count, not negative.
        epsilon: Probability of failure, in (0, 1).

    Returns:
        E; ln(1/eps) where nothing was counted.

    Source: P(X <= x) <= exp(-(E - x + x ln(x / E))) for x <= E (multiplicative Chernoff bound,
        unequal probabilities; from memory, compared with exact tails in tests), solved for E.
    """
    logarithm = _log_inverse(epsilon)
    x = np.maximum(np.asarray(observed, dtype=np.float64), 0.0)
    x, logarithm = np.broadcast_arrays(x, logarithm)
    counted = x > 0.0
    safe = np.where(counted, x, 1.0)
    ratio = logarithm / safe
    # ln(1 + r + sqrt(2 r)) <= sqrt(2 r), hence the start lies above the root.
    d = _relative_deviation(ratio, ratio + np.sqrt(2.0 * ratio))
    expected: Number = np.where(counted, safe * (1.0 + d), logarithm)[()]
    return expected


def chernoff_lower(observed: Number, epsilon: Number) -> Number:
    """Return the smallest expectation that a count does not refute: E below the count.

    Args:
        observed: Count, not negative.
        epsilon: Probability of failure, in (0, 1).

    Returns:
        E, not negative; 0 where nothing was counted.

    Source: P(X >= x) <= exp(-(E - x + x ln(x / E))) for x >= E (multiplicative Chernoff bound,
        unequal probabilities; from memory, compared with exact tails in tests), solved for E.
    """
    logarithm = _log_inverse(epsilon)
    x = np.maximum(np.asarray(observed, dtype=np.float64), 0.0)
    x, logarithm = np.broadcast_arrays(x, logarithm)
    bounded = x * NO_LOWER_LIMIT > logarithm
    safe = np.where(bounded, x, logarithm)
    ratio = logarithm / safe
    # -s - ln(1 - s) >= s^2 / 2, and exp(-1 - r) is below the root for any r.
    near = np.minimum(ratio, FEW_COUNTS)
    start = np.maximum(-np.sqrt(2.0 * near), np.expm1(-1.0 - near))
    d = _relative_deviation(near, start)
    # Far below the count 1 + d is all rounding: there u = exp(u - 1 - r), from below.
    far = np.maximum(ratio, FEW_COUNTS)
    u = np.zeros_like(far)
    for _ in range(NEWTON_STEPS):
        u = np.exp(u - 1.0 - far)
    share = np.where(ratio > FEW_COUNTS, u, 1.0 + d)
    expected: Number = np.where(bounded, np.maximum(safe * share, 0.0), 0.0)[()]
    return expected


def binomial_upper(observed: Number, total: Number, epsilon: Number) -> Number:
    """Return the largest expectation by the exact binomial tail, for unequal probabilities.

    The binomial tail of equal probabilities is the largest of all with that mean, provided
    that the count is at least one below it; hence the limit is not less than count + 1.

    Args:
        observed: Count, not negative; real where it stands for a bound.
        total: Number of events, at least the count.
        epsilon: Probability of failure, in (0, 1).

    Source: Clopper and Pearson, Biometrika 26, 404 (1934); Hoeffding, Ann. Math. Stat. 27, 713
        (1956), Theorem 5 [from memory; tried in tests against exact Poisson-binomial tails].
    """
    _log_inverse(epsilon)
    n = np.maximum(np.asarray(total, dtype=np.float64), 0.0)
    x = np.clip(np.asarray(observed, dtype=np.float64), 0.0, n)
    rest = np.maximum(n - x, 0.0)
    share = np.where(rest > 0.0, betainccinv(x + 1.0, np.where(rest > 0.0, rest, 1.0), epsilon), 1)
    expected: Number = np.minimum(np.maximum(n * share, x + 1.0), n)[()]
    return expected


def binomial_lower(observed: Number, total: Number, epsilon: Number) -> Number:
    """Return the smallest expectation by the exact binomial tail, for unequal probabilities.

    Args:
        observed: Count, not negative; real where it stands for a bound.
        total: Number of events, at least the count.
        epsilon: Probability of failure, in (0, 1).

    Source: as `binomial_upper`; the limit is not more than count - 1, and not negative.
    """
    _log_inverse(epsilon)
    n = np.maximum(np.asarray(total, dtype=np.float64), 0.0)
    x = np.clip(np.asarray(observed, dtype=np.float64), 0.0, n)
    counted = x > 0.0
    share = np.where(counted, betaincinv(np.where(counted, x, 1.0), n - x + 1.0, epsilon), 0.0)
    expected: Number = np.maximum(np.minimum(n * share, x - 1.0), 0.0)[()]
    return expected


class CountBounds:
    """Bounds of the expectations of counts that share a total and an epsilon.

    Args:
        bound: The inequality.
        total: Counts of all intensities of that basis.
        epsilon: Probability of failure of each bound, in (0, 1).

    By Hoeffding bounds may be negative or above the total, as published.
    """

    def __init__(self, bound: Concentration, *, total: Number, epsilon: Number) -> None:
        self._bound = bound
        self._total = total
        self._epsilon = epsilon
        self._deviation: Number = 0.0
        if bound is Concentration.HOEFFDING:
            self._deviation = hoeffding_deviation(total, epsilon)

    def lower(self, observed: Number) -> Number:
        """Return a lower bound of the expectation of one count.

        Source: see each inequality.
        """
        if self._bound is Concentration.HOEFFDING:
            return observed - self._deviation
        if self._bound is Concentration.CHERNOFF:
            return chernoff_lower(observed, self._epsilon)
        return binomial_lower(observed, self._total, self._epsilon)

    def upper(self, observed: Number) -> Number:
        """Return an upper bound of the expectation of one count.

        Source: see each inequality.
        """
        if self._bound is Concentration.HOEFFDING:
            return observed + self._deviation
        if self._bound is Concentration.CHERNOFF:
            return chernoff_upper(observed, self._epsilon)
        return binomial_upper(observed, self._total, self._epsilon)
