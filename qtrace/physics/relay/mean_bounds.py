"""What a count says about its mean, and a mean about a count: one-sided, in the right direction.

Inside: `chernoff_mean_bounds`, `curty_mean_bounds`, `count_below_mean`.
Counts are sums of independent yes-or-no events whose probabilities may differ. Natural logarithms.
Source: Chernoff, Ann. Math. Stat. 23, 493 (1952), in the form for unequal probabilities, inverted
as by Zhang, Zhao, Razavi and Ma, PRA 95, 012333 (2017) [from memory, tested against exact tails];
Curty et al., Nat. Commun. 5, 3732 (2014), Claims 1 and 3 [read in a transcription].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

NEWTON_STEPS = 60  # each step of the convex equations stays on the safe side


def _checked(count: Number) -> Array:
    x = np.asarray(count, dtype=np.float64)
    if not np.all((x >= 0.0) & np.isfinite(x)):
        raise InputError(
            "a count is negative or not finite", next_step="check the count table behind it"
        )
    return x


def chernoff_mean_bounds(count: Number, log_inverse: Number) -> tuple[Array, Array]:
    """Return the lowest and highest mean that a count leaves, each with failure exp(-log_inverse).

    Args:
        count: Observed number, not negative.
        log_inverse: ln(1/eps) of each side.

    Returns:
        Lower and upper bound of the mean; 0 and log_inverse for no counts.

    Raises:
        InputError: a negative count.

    Source: P(X >= x) and P(X <= x) are at most exp(x - m + x ln(m / x)) for a mean m below and
        above x; that set to eps is r - 1 - ln r = ln(1/eps) / x with r = m / x.
    """
    x = _checked(count)
    cost = np.asarray(log_inverse, dtype=np.float64)
    x, cost = np.broadcast_arrays(x, cost)
    ratio = cost / np.where(x > 0.0, x, 1.0)
    root = np.sqrt(2.0 * ratio)
    above = 1.0 + root + ratio  # beyond the root of r - 1 - ln r = ratio
    log_below = root + ratio  # beyond the root of s + exp(-s) - 1 = ratio, with r = exp(-s)
    for _ in range(NEWTON_STEPS):
        above = above - (above - 1.0 - np.log(above) - ratio) / (1.0 - 1.0 / above)
        slope = -np.expm1(-log_below)
        log_below = log_below - (log_below - slope - ratio) / slope
    return np.where(x > 0.0, x * np.exp(-log_below), 0.0), np.where(x > 0.0, x * above, cost)


def curty_mean_bounds(count: Number, total: Number, *, epsilon: Number) -> tuple[Array, Array]:
    """Return the lowest and highest mean of a count by the bound that Curty et al. chose.

    The multiplicative form holds where the count is large enough; the additive form of Hoeffding
    stands elsewhere. The three failures together are at most 3 epsilon.

    Args:
        count: Observed number in one cell.
        total: Number of events among which it was counted.
        epsilon: Failure probability of each part, in (0, 1).

    Returns:
        Lower (may be below 0) and upper bound of the mean.

    Raises:
        InputError: a negative count.

    Source: Nat. Commun. 5, 3732 (2014), Claim 3: deviations g(x, eps^4 / 16) upwards and
        g(x, eps^(3/2)) or g(x, eps^2) downwards, g(x, y) = sqrt(2 x ln(1/y)), tested with
        m_L = x - sqrt(n/2 ln(1/eps)). Natural logarithms in both forms: those of the derivation.
    """
    x, n = np.broadcast_arrays(_checked(count), _checked(total))
    cost = -np.log(np.asarray(epsilon, dtype=np.float64))
    flat = np.sqrt(0.5 * n * cost)
    least = x - flat
    largest = (2.0 * math.e - 1.0) / 2.0
    up_holds = cost + math.log(2.0) <= (3.0 / (4.0 * math.sqrt(2.0))) ** 2 * least
    down_tight = 3.0 * cost < least
    down_holds = cost < largest**2 * least
    up = np.where(up_holds, np.sqrt(2.0 * x * (4.0 * cost + math.log(16.0))), flat)
    weaker = np.where(down_holds, np.sqrt(4.0 * x * cost), flat)
    down = np.where(down_tight, np.sqrt(3.0 * x * cost), weaker)
    return x - down, x + up


def count_below_mean(mean: Number, log_inverse: Number) -> Array:
    """Return the number below which a count of at least that mean falls with exp(-log_inverse).

    The clamp at 0 is part of the bound: a count is not negative.

    Args:
        mean: Lower bound of the mean.
        log_inverse: ln(1/eps).

    Source: P(X <= (1 - d) m) <= exp(-d^2 m / 2), Chernoff (1952); Curty et al. (2014), Claim 1.
    """
    m = np.maximum(np.asarray(mean, dtype=np.float64), 0.0)
    below: Array = m - np.sqrt(2.0 * m * np.asarray(log_inverse, dtype=np.float64))
    return np.maximum(below, 0.0)
