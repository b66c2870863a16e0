"""How well a line through offsets knows offset and mean frequency, whatever noise the clocks have.

Inside: `LineUncertainty`, `line_uncertainty`, `FEWEST_POINTS`.

What is known at the epoch is the offset of the two clocks there; noise of the clocks moves the mean
of a record away from it, noise of the measurement averages out. Each of four noises beside white
phase noise is taken in all proportions to it; each proportion weighs as much as the record makes it
likely; the squares of the errors are averaged with these weights. So nothing is decided that a
record cannot decide: a record that looks white still allows a small random walk.
Source: restricted likelihood, D. A. Harville, J. Am. Stat. Assoc. 72, 320 (1977); generalised
covariances of noises with power-law spectra, G. Matheron, Adv. Appl. Prob. 5, 439 (1973) (both from
memory; tested by simulation in tests/long/offset_coverage.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST_POINTS = 6
BLOCKS = 64  # means of the record that are kept: noise of the clocks is slow against them
PLACES = 16  # in a block, at which the noise is taken
POWERS = (1, 0, -1, -2)
LITTLE = 3.0  # of the shares: the u is at most twice that of white phase noise
# Variance of the offset by the second noise over that by the white one; even in its logarithm.
_SHARES = 10.0 ** np.arange(-3.0, 10.01, 0.25)
_LEAST_DOF = 4.0
# Mean of the variogram of sampled flicker phase noise: ln k + this, in units of its level.
_FLICKER = np.euler_gamma + 2.0 * math.log(2.0)


@dataclass(frozen=True, slots=True)
class LineUncertainty:
    """u of the offset at the epoch and of the mean frequency, with degrees of freedom.

    `white` is the weight of what leaves the u within a factor 2 of that of white phase noise;
    `alpha` the second noise with the largest weight.
    """

    u_offset_s: float
    dof_offset: float
    u_frequency: float
    dof_frequency: float
    white: float
    alpha: int


@dataclass(frozen=True, slots=True)
class _Means:
    """Means over blocks: times in steps, offsets, sums of weights (one a point in the mean).

    `points` is how many a block holds; `ends` are the first and the last time.
    """

    time: Array
    offset: Array
    count: Array
    points: float
    ends: tuple[float, float]


def line_uncertainty(elapsed_s: Array, offset_s: Array, u_s: Array) -> LineUncertainty | None:
    """Return how far offset and frequency of a line can be from those of the clocks.

    The measurands are the offset of the two clocks at the epoch of the line, and their mean
    frequency from the first to the last point; white phase noise is noise of the measurement.

    Args:
        elapsed_s: Time of each step, s; shape (n,).
        offset_s: Offsets, s; NaN where there is none.
        u_s: Standard uncertainty of each, s, for the weights only; where any of them is missing,
            all have equal weight.

    Returns:
        None for fewer than six offsets, or where they lie on a line exactly.

    Source: the module; the variance of a linear form f of a noise is f' K f, K(t) = -ln t, -|t|,
        t^2 ln t, |t|^3 for alpha = 1, 0, -1, -2, where f removes what K does not define.
    """
    given = np.isfinite(offset_s)
    n = int(np.count_nonzero(given))
    if n < FEWEST_POINTS:
        return None
    t, x, u = elapsed_s[given], offset_s[given], u_s[given]
    step = float(t[-1] - t[0]) / (n - 1)
    known = bool(np.all(np.isfinite(u) & (u > 0.0)))
    weight = 1.0 / np.square(u / np.min(u)) if known else np.ones(n)
    means = _means((t - t[0]) / step, x - x[0], weight / np.mean(weight))
    root = np.sqrt(means.count)
    basis = _beside_a_line(means, root)
    rest = basis.T @ (means.offset * root)
    size = float(np.max(np.abs(rest), initial=0.0))
    if not size > 1e-12 * float(np.max(np.abs(means.offset), initial=0.0)):
        return None
    logs, offset, frequency = [], [], []
    for alpha in POWERS:
        noise = root[:, None] * _covariance(means, alpha=alpha) * root[None, :]
        values, vectors = np.linalg.eigh(basis.T @ noise @ basis)
        squares = np.square(vectors.T @ (rest / size))
        (white, clocks), slope = (_form(means, alpha=alpha, slope=one) for one in (False, True))
        share = _SHARES * white / clocks
        spread = 1.0 + share[:, None] * np.maximum(values, 0.0)[None, :]
        chi = np.sum(squares / spread, axis=1)
        logs.append(-0.5 * np.sum(np.log(spread), axis=1) - 0.5 * len(rest) * np.log(chi))
        level = chi * size**2 / (len(rest) - 2.0)
        offset.append(level * (white + share * clocks))
        frequency.append(level * (slope[0] + share * slope[1]) / step**2)
    odds = np.exp(np.array(logs) - np.max(logs))
    odds /= np.sum(odds)
    return LineUncertainty(
        *_averaged(np.array(offset), odds, n=n),
        *_averaged(np.array(frequency), odds, n=n),
        float(np.sum(odds[:, _SHARES <= LITTLE])),
        POWERS[int(np.argmax(np.sum(odds[:, _SHARES > LITTLE], axis=1)))],
    )


def _beside_a_line(means: _Means, root: Array) -> Array:
    """Return columns that no offset and no frequency reaches."""
    design = np.column_stack([np.ones(len(means.time)), means.time - means.time.mean()])
    basis: Array = np.linalg.qr(design * root[:, None], mode="complete")[0][:, 2:]
    return basis


def _averaged(squares: Array, weight: Array, *, n: int) -> tuple[float, float]:
    """Return the root of the weighted mean of squares of u, and the degrees of freedom of it.

    Source: GUM (2008), Eq. G.2 and G.3: dof = 2 (u^2 / u(u^2))^2, with the mean and the spread
        over the weights.
    """
    mean = float(np.sum(weight * squares))
    spread = float(np.sum(weight * np.square(squares - mean)))
    dof = 2.0 * mean**2 / spread if spread > 0.0 else math.inf
    return math.sqrt(mean), max(_LEAST_DOF, min(dof, n - 2.0))


def _means(time: Array, offset: Array, weight: Array) -> _Means:
    """Return weighted means over at most 64 blocks of equally many points, or one more."""
    points = math.ceil(len(time) / BLOCKS)
    parts = np.array_split(np.arange(len(time)), len(time) // points)
    return _Means(
        np.array([np.average(time[one], weights=weight[one]) for one in parts]),
        np.array([np.average(offset[one], weights=weight[one]) for one in parts]),
        np.array([weight[one].sum() for one in parts]),
        len(time) / len(parts),
        (float(time[0]), float(time[-1])),
    )


def _kernel(lag: Array, *, alpha: int) -> Array:
    """Return the generalised covariance at lags in steps; its scale is free.

    Source: Matheron (1973); of sampled flicker phase noise the variogram is the sum of
        2 / (2 j - 1) up to the lag, in logarithms from one step on.
    """
    size = np.abs(lag)
    if alpha == 1:
        return -np.where(size > 0.25, np.log(np.maximum(size, 0.25)) + _FLICKER, 0.0)
    if alpha == 0:
        return -size
    if alpha == -1:
        return np.square(size) * np.log(np.maximum(size, 1e-9))
    kernel: Array = size**3
    return kernel


def _averaged_kernel(lag: Array, points: float, *, alpha: int, both: bool) -> Array:
    """Return the kernel between a block and a point, or between two blocks, by their points.

    Blocks of more than 16 points are taken at 16 places.
    """
    places = int(min(PLACES, round(points)))
    spacing = points / places
    if both:
        moves = np.arange(1.0 - places, places)
        weights = (places - np.abs(moves)) / places**2
    else:
        moves = np.arange(places) - 0.5 * (places - 1)
        weights = np.full(places, 1.0 / places)
    found = np.zeros_like(lag)
    for move, weight in zip(moves.tolist(), weights.tolist(), strict=True):
        found += weight * _kernel(lag + move * spacing, alpha=alpha)
    return found


def _covariance(means: _Means, *, alpha: int) -> Array:
    """Return the generalised covariance of the block means."""
    lag = means.time[:, None] - means.time[None, :]
    return _averaged_kernel(lag, means.points, alpha=alpha, both=True)


def _form(means: _Means, *, alpha: int, slope: bool) -> tuple[float, float]:
    """Return the variance of the error by white phase noise and by a noise of the clocks.

    Both at unit level. The error is the mean less the clocks in the middle, or the slope less the
    mean frequency from end to end; phase noise has no frequency.
    """
    total = float(np.sum(means.count))
    middle = float(np.sum(means.count * means.time)) / total
    away = means.time - middle
    if slope:
        weight = means.count * away / float(np.sum(means.count * np.square(away)))
        places = np.array(means.ends)
        taken = np.array([1.0, -1.0]) / (places[1] - places[0])
    else:
        weight = means.count / total
        places, taken = np.array([middle]), np.array([-1.0])
    white = float(np.sum(np.square(weight) / means.count))
    inner = _covariance(means, alpha=alpha)
    if slope and alpha == 1:
        return white, float(weight @ inner @ weight)
    cross = _averaged_kernel(
        means.time[:, None] - places[None, :], means.points, alpha=alpha, both=False
    )
    ends = _kernel(places[:, None] - places[None, :], alpha=alpha)
    clocks = weight @ inner @ weight + 2.0 * weight @ cross @ taken + taken @ ends @ taken
    return white, float(clocks)
