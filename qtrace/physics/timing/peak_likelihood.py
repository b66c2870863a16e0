"""Likelihood of a peak over a flat background: cells or single delays, its maximum, information.

Inside: `PeakData`, `Maximum`, `grid_edges`, `maximise`, `expected_information`.

Long sums are plain ones: products by BLAS start threads, which for these sizes cost more than they
bring, and much more on a busy machine.

The parameters are those of the shape, then the pairs S of the whole peak, then the background b per
ps. Cells are integrated exactly, so that wide bins do not widen the peak.
Source: extended maximum likelihood, Barlow, Nucl. Instrum. Methods A 297, 496 (1990); binned,
Baker and Cousins, Nucl. Instrum. Methods 221, 437 (1984), Eq. 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qtrace.physics.timing.peak_shape import PeakShape

Numbers = NDArray[np.float64]

# Share of the mean density below which a background counts as none.
NO_BACKGROUND = 1e-9
# Step of the difference quotient of the score, in scaled parameters.
STEP = 1e-4
NEWTON_STEPS = 12
# Gradient of the log-likelihood in scaled parameters at which Newton has arrived.
FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class PeakData:
    """Counts in cells [low, high), or single delays where `high` is None; window [0, width)."""

    low: Numbers
    high: Numbers | None
    weight: Numbers
    width: float

    @property
    def total(self) -> float:
        """Return all counts."""
        return float(self.weight.sum())


@dataclass(frozen=True, slots=True)
class Maximum:
    """The parameters at the maximum, which of them are free there, and the observed information."""

    parameters: Numbers
    free: NDArray[np.bool_]
    information: Numbers
    gradient: float
    loss: float

    @property
    def covariance(self) -> Numbers | None:
        """Return the inverse of the information of the free parameters; None if not definite."""
        return inverse(self.information[np.ix_(self.free, self.free)])


def inverse(information: Numbers) -> Numbers | None:
    """Return the inverse of an information matrix, None where it is not positive definite.

    Source: the definition of an inverse, scaled to unit diagonal.
    """
    scale = np.sqrt(np.abs(np.diag(information)))
    if not np.all(np.isfinite(information)) or not np.all(scale > 0.0):
        return None
    scaled = information / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(scaled)[0]) <= 1e-10:
        return None
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def expected_rows(
    shape: PeakShape, parameters: Numbers, low: Numbers, high: Numbers | None
) -> tuple[Numbers, Numbers]:
    """Return what is expected in each cell (per ps at each delay), and its gradient.

    Source: the model in the head of this module.
    """
    theta, (pairs, background) = parameters[:-2], parameters[-2:]
    if high is None:
        value, slope = shape.density(low, theta)
        flat = np.ones_like(low)
    else:
        above, slope_above = shape.cumulative(high, theta)
        below, slope_below = shape.cumulative(low, theta)
        value, slope, flat = above - below, slope_above - slope_below, high - low
    rows = np.vstack([pairs * slope, value[None, :], flat[None, :]])
    return pairs * value + background * flat, rows


def _loss(shape: PeakShape, data: PeakData, parameters: Numbers) -> tuple[float, Numbers]:
    """Return the negative log-likelihood and its gradient."""
    edges = np.array([0.0, data.width])
    all_of_it, all_slope = expected_rows(shape, parameters, edges[:1], edges[1:])
    expected, rows = expected_rows(shape, parameters, data.low, data.high)
    expected = np.maximum(expected, 1e-300)
    value = float(all_of_it[0]) - float(np.sum(data.weight * np.log(expected)))
    return value, all_slope[:, 0] - np.sum(rows * (data.weight / expected), axis=1)


def _information(shape: PeakShape, data: PeakData, parameters: Numbers, scale: Numbers) -> Numbers:
    """Return the observed information in scaled parameters, by differences of the exact score."""
    size = len(parameters)
    found = np.empty((size, size))
    for at in range(size):
        step = np.zeros(size)
        step[at] = STEP * scale[at]
        if at == size - 1:  # the background stays above zero
            step[at] = min(step[at], 0.5 * parameters[at])
        up = _loss(shape, data, parameters + step)[1] * scale
        down = _loss(shape, data, parameters - step)[1] * scale
        found[at] = (up - down) / (2.0 * step[at] / scale[at])
    return 0.5 * (found + found.T)


def _bounds(
    start: Numbers, data: PeakData, least_sigma: float
) -> list[tuple[float | None, float | None]]:
    none = NO_BACKGROUND * max(data.total, 1.0) / data.width
    bounds: list[tuple[float | None, float | None]] = [
        (0.0, data.width),
        (least_sigma, data.width),
    ]
    if len(start) == 5:
        far = data.width
        bounds.append((0.02 * start[1], far) if start[2] > 0.0 else (-far, -0.02 * start[1]))
    return [*bounds, (1e-6, None), (none, None)]


def _newton(
    scaled: Callable[[Numbers], tuple[float, Numbers]],
    model: tuple[PeakShape, PeakData],
    at_it: Numbers,
    scale: Numbers,
    free: NDArray[np.bool_],
    bounds: tuple[Numbers, Numbers],
) -> tuple[Numbers, float, Numbers]:
    """Return parameters, loss and its scaled gradient after Newton steps of the free ones."""
    value, slope = scaled(at_it / scale)
    for _ in range(NEWTON_STEPS):
        information = _information(*model, at_it, scale)
        if float(np.max(np.abs(slope[free]), initial=0.0)) < FLAT:
            break
        part = inverse(information[np.ix_(free, free)])
        if part is None:
            break
        move = np.zeros(len(at_it))
        move[free] = -part @ slope[free]
        tried = np.clip(at_it + move * scale, *bounds)
        new_value, new_slope = scaled(tried / scale)
        if not new_value <= value + 1e-9 * max(1.0, abs(value)):
            break
        at_it, value, slope = tried, new_value, new_slope
    return at_it, value, slope


def maximise(
    shape: PeakShape,
    data: PeakData,
    start: Numbers,
    *,
    least_sigma: float,
    fixed: tuple[int, ...] = (),
) -> Maximum:
    """Return the maximum of the likelihood near a start.

    A bounded quasi-Newton search first, then Newton steps among the parameters that are not at a
    bound; a background at its bound (none seen) is held there and is not free.

    Args:
        shape: Shape of the peak.
        data: The counts or delays.
        start: First guess of all parameters.
        least_sigma: Lower bound of sigma in ps: below, one count would be a peak of its own.
        fixed: Places of parameters that are known.

    Source: Barlow (1990); Newton steps.
    """
    scale = np.abs(np.concatenate([np.full(len(start) - 2, start[1]), start[-2:]]))
    bounds = _bounds(start, data, least_sigma)
    for at in fixed:
        bounds[at] = (float(start[at]), float(start[at]))
    lows = np.array([b[0] if b[0] is not None else -np.inf for b in bounds])
    highs = np.array([b[1] if b[1] is not None else np.inf for b in bounds])

    def scaled(u: Numbers) -> tuple[float, Numbers]:
        value, slope = _loss(shape, data, u * scale)
        return value, slope * scale

    rough = minimize(
        scaled,
        np.clip(start, lows, highs) / scale,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lows / scale, highs / scale, strict=True)),
        options={"maxiter": 300, "ftol": 1e-13, "gtol": 1e-6},
    )
    at_it = np.clip(np.asarray(rough.x) * scale, lows, highs)
    held = (at_it <= lows * (1.0 + 1e-9)) | (at_it >= highs)
    held[0] = 0 in fixed
    free = ~held
    at_it, value, slope = _newton(scaled, (shape, data), at_it, scale, free, (lows, highs))
    information = _information(shape, data, at_it, scale) / np.outer(scale, scale)
    steepest = float(np.max(np.abs(slope[free]), initial=0.0))
    return Maximum(at_it, free, information, steepest, value)


def grid_edges(parameters: Numbers, width: float, *, offset: float) -> Numbers:
    """Return edges that are fine in the peak and coarse beside it, whole numbers plus `offset`.

    Args:
        parameters: Those of the peak.
        width: Window [0, width) in ps.
        offset: 0 for whole picoseconds (the window begins half a step below them); NaN for delays
            that are not whole, where edges stay as they fall.

    Source: a choice of ours.
    """
    reach = 8.0 * parameters[1]
    tail = 12.0 * parameters[2] if len(parameters) == 5 else 0.0
    low = max(parameters[0] - reach + min(tail, 0.0), 0.0)
    high = min(parameters[0] + reach + max(tail, 0.0), width)
    edges = np.concatenate(
        [np.linspace(0.0, low, 40), np.linspace(low, high, 800), np.linspace(high, width, 40)]
    )
    if np.isfinite(offset):
        edges = np.round(edges - offset) + offset
    return np.unique(np.clip(edges, 0.0, width))


def expected_information(
    shape: PeakShape, parameters: Numbers, edges: Numbers, free: NDArray[np.bool_]
) -> Numbers:
    """Return the Fisher information of the free parameters over cells between edges.

    In the limit of fine cells that of the delay alone is I = integral g'^2 / (g + b), with g the
    peak and b the background per ps; its inverse is the Cramer-Rao bound once the other parameters
    are eliminated by inverting the whole matrix.

    Source: R. A. Fisher, Proc. Camb. Phil. Soc. 22, 700 (1925), of a Poisson process.
    """
    expected, rows = expected_rows(shape, parameters, edges[:-1], edges[1:])
    seen = expected > 1e-290
    rows = rows[free][:, seen]
    return np.asarray(np.einsum("ik,jk->ij", rows / expected[seen], rows))
