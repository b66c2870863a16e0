"""Straight lines through points whose abscissae and ordinates both carry uncertainty.

Inside: `fit_line_both`, `fit_line_joint`.

The distances of the points from the line, in their own covariance, are minimised (generalised
distance regression). With e = y - a - b (x - origin) and V(b) = V_yy - b (V_xy + V_yx) + b^2 V_xx
the sum is e^T V(b)^-1 e, a function of two parameters. Gauss-Newton steps as in the technical
specification reach its neighbourhood, Newton steps its bottom; the implicit function theorem
gives the sensitivities of both parameters to every reading.
Source: ISO/TS 28037:2010, clauses 7, 8 (clause 8 from memory), 10; York et al., Am. J. Phys. 72,
367 (2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.regression import (
    LINE,
    Fit,
    FitMethod,
    Scale,
    checked_covariance,
    checked_points,
    chi_square_tail,
    fit_ordinary,
    lower_root,
    scale_factor,
    spread_uncertainty,
)

Array = NDArray[np.float64]
LEAST_POINTS = 2
MOST_STEPS = 200
CONVERGED = 1e-10  # step of a parameter, in units of its own standard uncertainty
HALVINGS = 40


def fit_line_both(
    x: ArrayLike,
    y: ArrayLike,
    *,
    u_x: ArrayLike,
    u_y: ArrayLike,
    correlation: ArrayLike = 0.0,
    origin: float = 0.0,
    scale: Scale = Scale.STATED,
) -> Fit:
    """Fit a line to independent points with uncertainty in x and y, correlated within a point.

    Args:
        x: Abscissae as measured, shape (n,).
        y: Ordinates as measured, shape (n,).
        u_x: Standard uncertainty of each x, or one for all; 0 where exact.
        u_y: Standard uncertainty of each y, or one for all; 0 where exact.
        correlation: Of x with y at each point, or one for all; inside -1 ... 1.
        origin: The line is a + b (x - origin).
        scale: STATED, or SCATTER where both u are known only up to one common factor.

    Returns:
        The fit: `covariance` follows the sensitivities to the readings, `model_covariance` is
        that of ISO/TS 28037 and of York et al. at the adjusted points.

    Raises:
        InputError: fewer than two points, a point without uncertainty, or no minimum.

    Source: ISO/TS 28037:2010, clause 7 (no correlation); York et al. (2004), Eq. 13.
    """
    abscissae, ordinates = checked_points(x, y)
    n = len(ordinates)
    spread_x = spread_uncertainty(u_x, n, "u_x")
    spread_y = spread_uncertainty(u_y, n, "u_y")
    given = np.asarray(correlation, dtype=np.float64)
    if given.shape not in {(), (n,)} or not np.all(np.abs(given) < 1.0):
        raise InputError("a correlation of x with y lies inside -1 ... 1", where="correlation")
    cross = np.broadcast_to(given, (n,)) * spread_x * spread_y
    if np.any(spread_x + spread_y == 0.0):
        raise InputError(
            "a point has neither uncertainty in x nor in y", next_step="give it one of both"
        )
    centre = float(np.mean(abscissae))
    points = _Points(abscissae - centre, ordinates, spread_x**2, spread_y**2, cross)
    return _fitted(points, centre=centre, origin=origin, scale=scale)


def fit_line_joint(
    x: ArrayLike,
    y: ArrayLike,
    *,
    covariance: ArrayLike,
    origin: float = 0.0,
    scale: Scale = Scale.STATED,
) -> Fit:
    """Fit a line to points with one covariance matrix of all their coordinates.

    Args:
        x: Abscissae as measured, shape (n,).
        y: Ordinates as measured, shape (n,).
        covariance: Of (x_1 ... x_n, y_1 ... y_n), shape (2 n, 2 n).
        origin: The line is a + b (x - origin).
        scale: STATED, or SCATTER where the matrix is known only up to a common factor.

    Raises:
        InputError: fewer than two points, no covariance matrix, or no minimum.

    Source: ISO/TS 28037:2010, clause 10 (generalised Gauss-Markov regression).
    """
    abscissae, ordinates = checked_points(x, y)
    n = len(ordinates)
    matrix = checked_covariance(covariance, 2 * n, "covariance")
    centre = float(np.mean(abscissae))
    points = _Points(abscissae - centre, ordinates, matrix[:n, :n], matrix[n:, n:], matrix[:n, n:])
    return _fitted(points, centre=centre, origin=origin, scale=scale)


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Coordinates with their covariances: vectors (n,) where diagonal, else matrices (n, n)."""

    x: Array
    y: Array
    v_xx: Array
    v_yy: Array
    v_xy: Array

    def times(self, matrix: Array, vector: Array) -> Array:
        """Return a product with a covariance, stored as a vector or as a matrix."""
        return matrix * vector if matrix.ndim == 1 else np.asarray(matrix @ vector)

    def cross(self, vector: Array) -> Array:
        """Return (V_xy + V_yx) times a vector."""
        return self.times(self.v_xy, vector) + self.times(self.v_xy.T, vector)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """The sum of squares with its halved gradient and Hessian at one pair of parameters."""

    theta: Array
    chi_square: float
    inverse: Array
    q: Array
    k: Array
    adjusted: Array
    gradient: Array
    hessian: Array
    information: Array


def _state(points: _Points, theta: Array) -> _State:
    """Evaluate e^T V(b)^-1 e at the parameters a, b.

    With q = V^-1 e and V' = dV/db: half the gradient is -(1, x*)^T q at the adjusted abscissae
    x* = x + (b V_xx - V_xy) q, and k = x + V' q carries the second derivatives.
    """
    a, b = float(theta[0]), float(theta[1])
    residual = points.y - a - b * points.x
    variance = points.v_yy - b * (points.v_xy + points.v_xy.T) + b * b * points.v_xx
    if variance.ndim == 1:
        if not np.all(variance > 0.0):
            raise InputError("a point lies on the line without any uncertainty across it")
        inverse = np.diag(1.0 / variance)
    else:
        root = lower_root(variance, "covariance")
        half = np.linalg.solve(root, np.eye(len(residual)))
        inverse = half.T @ half
    q = inverse @ residual
    xx_q = points.times(points.v_xx, q)
    k = points.x + 2.0 * b * xx_q - points.cross(q)
    adjusted = points.x + b * xx_q - points.times(points.v_xy, q)
    ones = np.ones_like(q)
    columns = np.stack([ones, k], axis=1)
    hessian = columns.T @ inverse @ columns
    hessian[1, 1] -= float(q @ xx_q)
    at_line = np.stack([ones, adjusted], axis=1)
    return _State(
        theta,
        float(residual @ q),
        inverse,
        q,
        k,
        adjusted,
        -(at_line.T @ q),
        hessian,
        at_line.T @ inverse @ at_line,
    )


def _descend(points: _Points, start: Array) -> _State | None:
    """Walk down to a minimum; None where none is found from this start."""
    state = _state(points, start)
    for _ in range(MOST_STEPS):
        size = np.sqrt(np.diag(state.information))
        convex = bool(np.all(np.linalg.eigvalsh(state.hessian / np.outer(size, size)) > 0.0))
        curvature = state.hessian if convex else state.information
        try:
            step = -np.linalg.solve(curvature, state.gradient)
        except np.linalg.LinAlgError:
            return None
        done = bool(np.max(np.abs(step) * size) <= CONVERGED)
        if done and convex:
            return _state(points, state.theta + step)
        if done:
            return None
        state_next = _state(points, state.theta + step)
        for _ in range(HALVINGS):
            if state_next.chi_square <= state.chi_square * (1.0 + 1e-13) + 1e-300:
                break
            step = step / 2.0
            state_next = _state(points, state.theta + step)
        state = state_next
    return None


def _starts(points: _Points) -> list[Array]:
    """Return the lines of y on x and of x on y: with errors in both, the truth lies between."""
    starts = (
        [fit_ordinary(points.x, points.y, scale=Scale.SCATTER).parameters]
        if (len(points.x) > LEAST_POINTS)
        else [_through(points)]
    )
    spread = points.y - np.mean(points.y)
    slope_back = float(spread @ (points.x - np.mean(points.x)))
    if slope_back != 0.0:
        slope = float(spread @ spread) / slope_back
        starts.append(np.array([np.mean(points.y) - slope * np.mean(points.x), slope]))
    return starts


def _through(points: _Points) -> Array:
    """Return the line through two points."""
    width = float(points.x[1] - points.x[0])
    if width == 0.0:
        raise InputError("the abscissae do not determine the line")
    slope = float(points.y[1] - points.y[0]) / width
    return np.array([points.y[0] - slope * points.x[0], slope])


def _fitted(points: _Points, *, centre: float, origin: float, scale: Scale) -> Fit:
    """Take the lowest minimum, differentiate it by every coordinate, move it to the origin."""
    n = len(points.y)
    if n < LEAST_POINTS:
        raise InputError(f"{n} points cannot determine a line")
    found = [state for start in _starts(points) if (state := _descend(points, start)) is not None]
    if not found:
        raise InputError(
            "no line minimises the distances of these points",
            next_step="the uncertainties in x hide the slope: widen the range, or fix the slope",
        )
    best = min(found, key=lambda state: state.chi_square)
    slope = float(best.theta[1])
    move = np.array([[1.0, origin - centre], [0.0, 1.0]])
    rows = np.stack([np.ones(n), best.k]) @ best.inverse
    by_x = slope * rows
    by_x[1] -= best.q
    sensitivities = _array(move @ np.linalg.solve(best.hessian, rows))
    sensitivities_x = _array(-move @ np.linalg.solve(best.hessian, by_x))
    factor, degrees = scale_factor(scale, best.chi_square, n - 2)
    return Fit(
        FitMethod.DISTANCE,
        scale,
        LINE,
        origin,
        points.x + centre,
        points.y,
        _roots(factor, points.v_xx),
        _roots(factor, points.v_yy),
        _array(move @ best.theta),
        factor * _propagated(points, sensitivities, sensitivities_x),
        _array(factor * move @ np.linalg.inv(best.information) @ move.T),
        sensitivities,
        sensitivities_x,
        points.y - best.theta[0] - slope * points.x,
        best.chi_square,
        n - 2,
        degrees,
        chi_square_tail(best.chi_square, n - 2, scale),
    )


def _array(values: NDArray[np.floating]) -> Array:
    return np.asarray(values, dtype=np.float64)


def _roots(factor: float, variances: Array) -> Array:
    diagonal = variances if variances.ndim == 1 else np.diag(variances)
    return np.asarray(np.sqrt(factor * diagonal), dtype=np.float64)


def _propagated(points: _Points, by_y: Array, by_x: Array) -> Array:
    """Return the covariance of the parameters from that of all coordinates (GUM Eq. 13)."""

    def between(left: Array, matrix: Array, right: Array) -> Array:
        full = np.diag(matrix) if matrix.ndim == 1 else matrix
        return np.asarray(left @ full @ right.T, dtype=np.float64)

    mixed = between(by_x, points.v_xy, by_y)
    total = between(by_y, points.v_yy, by_y) + between(by_x, points.v_xx, by_x) + mixed + mixed.T
    return np.asarray((total + total.T) / 2.0, dtype=np.float64)
