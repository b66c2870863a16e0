"""Shapes of a coincidence peak: density, cumulative share, and their derivatives.

Inside: `PeakShape`, `GAUSSIAN`, `EXPONENTIAL_TAIL`.

Parameters are the delay mu, the standard deviation sigma and, with a tail, its time tau: the
Gaussian convolved with an exponential that decays towards later delays (tau > 0) or earlier ones
(tau < 0). With a tail the delay is that of the Gaussian part; the mean lies tau above it.
Source: the exponentially modified Gaussian, Grushka, Analytical Chemistry 44, 1733 (1972); written
with the scaled complementary error function against overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, erfcx, ndtr

Numbers = NDArray[np.float64]
Rows = tuple[Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class PeakShape:
    """A unit-area peak: each function returns its value and its gradient (parameters first)."""

    name: str
    parameters: tuple[str, ...]
    density: Callable[[Numbers, Numbers], Rows]
    cumulative: Callable[[Numbers, Numbers], Rows]


def _gauss(x: Numbers, theta: Numbers) -> tuple[Numbers, Numbers]:
    z = (x - theta[0]) / theta[1]
    return z, np.exp(-0.5 * z * z) / (theta[1] * np.sqrt(2.0 * np.pi))


def _gaussian_density(x: Numbers, theta: Numbers) -> Rows:
    z, g = _gauss(x, theta)
    return g, np.stack([g * z, g * (z * z - 1.0)]) / theta[1]


def _gaussian_cumulative(x: Numbers, theta: Numbers) -> Rows:
    z, g = _gauss(x, theta)
    return ndtr(z), np.stack([-g, -g * z])


def _mirrored(x: Numbers, theta: Numbers) -> tuple[Numbers, Numbers, float]:
    """Return a tail towards earlier delays as one towards later ones."""
    sign = 1.0 if theta[2] > 0.0 else -1.0
    return sign * x, np.array([sign * theta[0], theta[1], sign * theta[2]]), sign


def _tail_density(x: Numbers, theta: Numbers) -> Rows:
    x, (mu, sigma, tau), sign = _mirrored(x, theta)
    z, g = _gauss(x, np.array([mu, sigma]))
    d = x - mu
    w = (sigma / tau - z) / np.sqrt(2.0)
    grown = np.minimum(sigma * sigma / (2.0 * tau * tau) - d / tau, 0.0)  # used where w < 0 only
    f = np.where(
        w > 0.0,
        np.exp(-0.5 * z * z) * erfcx(np.maximum(w, 0.0)),
        np.exp(grown) * erfc(np.minimum(w, 0.0)),
    ) / (2.0 * tau)
    slope = (g - f) / tau  # tau f' + f = g, since the exponential solves tau e' + e = 0
    curvature = (-z / sigma * g - slope) / tau
    by_tau = f * (-1.0 / tau - sigma**2 / tau**3 + d / tau**2) + sigma**2 * g / tau**3
    return f, np.stack([-sign * slope, sigma * curvature, sign * by_tau])


def _tail_cumulative(x: Numbers, theta: Numbers) -> Rows:
    f, (by_mu, _, by_tau) = _tail_density(x, theta)
    x, (mu, sigma, tau), sign = _mirrored(x, theta)
    z = (x - mu) / sigma
    share = ndtr(z) - tau * f
    # dF/dsigma = sigma f' (heat equation), dF/dmu = -f; the mirrored share counts from the right.
    rows = np.stack([-f, sigma * (-sign * by_mu), sign * (-f - tau * sign * by_tau)])
    if sign > 0.0:
        return share, rows
    return 1.0 - share, np.stack([-f, -rows[1], -rows[2]])


GAUSSIAN = PeakShape("gaussian", ("delay", "sigma"), _gaussian_density, _gaussian_cumulative)
EXPONENTIAL_TAIL = PeakShape(
    "exponential_tail", ("delay", "sigma", "tail"), _tail_density, _tail_cumulative
)
