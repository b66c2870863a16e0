"""The maximum of the likelihood of single delays under a normal peak, by Newton's method.

Inside: `newton_delays`, `delay_sums`.

A record has hundreds of blocks of some hundred delays each: one compiled sweep gives likelihood,
score and both information matrices, so that a fit takes a handful of sweeps. Where a step does not
lead down, or leaves the bounds, there is no answer: the general search takes over.
Source: Newton-Raphson on the extended likelihood, Barlow, Nucl. Instrum. Methods A 297, 496 (1990);
where the Hessian is not positive definite, the outer product of scores (Berndt, Hall, Hall,
Hausman, Annals of Economic and Social Measurement 3, 653 (1974)).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.tags.correlation_kernels import compiled
from qtrace.physics.timing.peak_likelihood import (
    FLAT,
    NO_BACKGROUND,
    Maximum,
    PeakData,
    inverse,
)

Numbers = NDArray[np.float64]

MOST_STEPS = 40
MOST_HALVES = 12
ROOT = math.sqrt(2.0 * math.pi)
# Places in the sums: logarithms, scores (delay, sigma, pairs, background), products, curvatures.
SUMS = 1 + 4 + 10 + 10
UPPER = np.triu_indices(4)


def delay_sums(
    delays: Numbers, delay: float, sigma: float, pairs: float, background: float, sums: Numbers
) -> None:
    """Add up logarithm, score, products of scores and curvature of the density at all delays.

    The density is e = S g + b, g the normal density; second derivatives of g are
    g (z^2 - 1) / sigma^2, g (z^3 - 3 z) / sigma^2 and g (z^4 - 5 z^2 + 2) / sigma^2.

    Source: derivatives of the normal density, elementary.
    """
    scale = 1.0 / (sigma * np.sqrt(2.0 * np.pi))
    for at in range(len(delays)):
        z = (delays[at] - delay) / sigma
        g = scale * np.exp(-0.5 * z * z)
        e = max(pairs * g + background, 1e-300)
        share = g / e
        by_delay = pairs * share * z / sigma
        by_sigma = pairs * share * (z * z - 1.0) / sigma
        flat = 1.0 / e
        sums[0] += np.log(e)
        sums[1] += by_delay
        sums[2] += by_sigma
        sums[3] += share
        sums[4] += flat
        sums[5] += by_delay * by_delay
        sums[6] += by_delay * by_sigma
        sums[7] += by_delay * share
        sums[8] += by_delay * flat
        sums[9] += by_sigma * by_sigma
        sums[10] += by_sigma * share
        sums[11] += by_sigma * flat
        sums[12] += share * share
        sums[13] += share * flat
        sums[14] += flat * flat
        bend = pairs * share / (sigma * sigma)
        sums[15] += bend * (z * z - 1.0)
        sums[16] += bend * (z * z * z - 3.0 * z)
        sums[17] += share * z / sigma
        sums[19] += bend * (z * z * z * z - 5.0 * z * z + 2.0)
        sums[20] += share * (z * z - 1.0) / sigma


def _square(upper: Numbers) -> Numbers:
    """Return a symmetric matrix from its upper half."""
    made = np.zeros((4, 4))
    made[UPPER] = upper
    return np.asarray(made + made.T - np.diag(np.diag(made)))


def _all(at: Numbers, width: float) -> tuple[float, Numbers, Numbers]:
    """Return what is expected in the window, its gradient and its curvature."""
    delay, sigma, pairs, background = (float(one) for one in at)
    share, slope, bend = 0.0, np.zeros(4), np.zeros((4, 4))
    for sign, edge in ((1.0, width), (-1.0, 0.0)):
        z = (edge - delay) / sigma
        g = math.exp(-0.5 * z * z) / (sigma * ROOT)
        share += sign * 0.5 * math.erfc(-z / math.sqrt(2.0))
        slope[:2] -= sign * pairs * g * np.array([1.0, z])
        cross = g * (z * z - 1.0) / sigma
        bend[0, 0] -= sign * pairs * g * z / sigma
        bend[0, 1] -= sign * pairs * cross
        bend[1, 1] -= sign * pairs * g * (z * z * z - 2.0 * z) / sigma
        bend[0, 2] -= sign * g
        bend[1, 2] -= sign * g * z
    slope[2:] = share, width
    return pairs * share + background * width, slope, np.asarray(bend + np.triu(bend, 1).T)


def _at(data: PeakData, at: Numbers) -> tuple[float, Numbers, Numbers, Numbers]:
    """Return loss, gradient, Hessian and outer products of scores."""
    sums = np.zeros(SUMS)
    compiled(delay_sums)(data.low, *(float(one) for one in at), sums)
    total, slope, bend = _all(at, data.width)
    products = _square(sums[5:15])
    return total - float(sums[0]), slope - sums[1:5], bend - _square(sums[15:]) + products, products


def _step(
    gradient: Numbers, curvature: Numbers, products: Numbers, free: NDArray[np.bool_]
) -> Numbers | None:
    """Return the way to go, None where neither matrix is definite."""
    for matrix in (curvature, products):
        part = inverse(matrix[np.ix_(free, free)])
        if part is not None:
            move = np.zeros(4)
            move[free] = -np.sum(part * gradient[free], axis=1)
            return move
    return None


def newton_delays(
    data: PeakData, start: Numbers, *, least_sigma: float, sigma_known: bool
) -> Maximum | None:
    """Return the maximum near a start; None where Newton's method does not lead there.

    Args:
        data: Single delays (`high` None), each of weight one.
        start: First guess of delay, sigma, pairs and background.
        least_sigma: Lower bound of sigma in ps.
        sigma_known: Whether sigma stays what it is.

    Source: Barlow (1990); the head of this module.
    """
    none = NO_BACKGROUND * max(data.total, 1.0) / data.width
    found = _newton(data, start, none, least_sigma=least_sigma, sigma_known=sigma_known)
    if found is None and start[3] > none:  # where there is hardly any background: begin without
        bare = np.array([*start[:3], none])
        found = _newton(data, bare, none, least_sigma=least_sigma, sigma_known=sigma_known)
    return found


def _newton(
    data: PeakData, start: Numbers, none: float, *, least_sigma: float, sigma_known: bool
) -> Maximum | None:
    """Return the maximum from one start."""
    lows = np.array([0.0, least_sigma, 1e-6, none])
    highs = np.array([data.width, data.width, np.inf, np.inf])
    at = np.clip(start, lows, highs)
    scale = np.abs(np.array([at[1], at[1], at[2], at[3]]))
    free = np.array([True, not sigma_known, True, at[3] > none])
    loss, gradient, curvature, products = _at(data, at)
    for _ in range(MOST_STEPS):
        steepest = float(np.max(np.abs((gradient * scale)[free])))
        if steepest < FLAT:
            fine = free[3] or gradient[3] >= 0.0
            fine = fine and lows[1] < at[1] < highs[1] and 0.0 < at[0] < data.width
            return Maximum(at, free, curvature, steepest, loss) if fine else None
        move = _step(gradient, curvature, products, free)
        if move is None:
            return None
        share = 1.0
        for _ in range(MOST_HALVES):
            tried = np.clip(at + share * move, lows, highs)
            found = _at(data, tried)
            if found[0] <= loss + 1e-12 * abs(loss):
                break
            share *= 0.5
        else:
            return None
        at, (loss, gradient, curvature, products) = tried, found
        free[3] = at[3] > none or gradient[3] < 0.0
    return None
