"""Lines and polynomials through readings, when only the ordinates carry uncertainty.

Inside: `FitMethod`, `Scale`, `Fit`, `fit_ordinary`, `fit_weighted`, `fit_general`.

The parameters are kept as functions of the readings: `sensitivities` holds d(parameter)/d(y), so
that each parameter is one `linear` result of one event and whatever stands behind the readings
reaches it. Errors in both variables: `regression_lines`. Forward and inverse: `regression_use`.
Source: ISO/TS 28037:2010, clauses 6 (weights), 9 (covariances), Annex E (unknown scale); GUM H.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
LINE = (0, 1)
LARGEST_CONDITION = 1e10  # of the scaled design: beyond it fewer than six digits are left
ASYMMETRY = 1e-9  # relative: a covariance matrix as people compute it


class FitMethod(StrEnum):
    """Which readings carry which uncertainty."""

    ORDINARY = "ordinary"  # y alike and independent, their u unknown
    WEIGHTED = "weighted"  # y independent, each with its u
    GENERAL = "general"  # y with a covariance matrix
    DISTANCE = "distance"  # x and y, with or without covariances


class Scale(StrEnum):
    """Where the size of the uncertainty of the readings comes from."""

    STATED = "stated"  # as given; the residuals only test the model
    SCATTER = "scatter"  # given up to one factor, which the residuals estimate: n - p degrees
    POSTERIOR = "posterior"  # the same, as standard deviation of the t posterior; declared


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted curve y = sum of p_j (x - origin)^powers[j], with all that its use needs.

    n readings, p parameters. `covariance` (p, p) equals S V S^T with the `sensitivities`
    (p, n) = d(parameter)/d(y), `sensitivities_x` (p, n) = d(parameter)/d(x) (zeros where x is
    exact) and the covariance of the readings, of which `u_x`, `u_y` are the roots of the diagonal.
    `model_covariance` is the form J^T V^-1 J of ISO/TS 28037; it differs from `covariance` only
    for errors in both variables, by the residuals. `degrees_of_freedom` belongs to the
    uncertainties: infinite where they are stated or a posterior. `p_value` is the probability of
    a larger chi-square if the model holds; None where the residuals set the scale or none is left.
    """

    method: FitMethod
    scale: Scale
    powers: tuple[int, ...]
    origin: float
    x: Array
    y: Array
    u_x: Array
    u_y: Array
    parameters: Array
    covariance: Array
    model_covariance: Array
    sensitivities: Array
    sensitivities_x: Array
    residuals: Array
    chi_square: float
    residual_degrees_of_freedom: int
    degrees_of_freedom: float
    p_value: float | None

    @property
    def standard_uncertainties(self) -> Array:
        """Return u of each parameter, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def correlation(self) -> Array:
        """Return the correlation coefficients of the parameters, shape (p, p)."""
        u = self.standard_uncertainties
        scale = np.where(u > 0.0, u, 1.0)
        return np.asarray(self.covariance / np.outer(scale, scale), dtype=np.float64)


def fit_ordinary(
    x: ArrayLike,
    y: ArrayLike,
    *,
    powers: Sequence[int] = LINE,
    origin: float = 0.0,
    scale: Scale = Scale.SCATTER,
) -> Fit:
    """Fit a curve by ordinary least squares: readings alike, u from their scatter.

    Args:
        x: Exact abscissae, shape (n,).
        y: Readings, shape (n,).
        powers: Powers of (x - origin) that the curve holds; (0, 1) is the line.
        origin: Where the curve is expanded; near the data it keeps correlations small.
        scale: SCATTER (n - p degrees of freedom) or POSTERIOR (s^2 with n - p - 2 below it).

    Returns:
        The fit. Record the readings as one ensemble with its `u_y` and `degrees_of_freedom`.

    Raises:
        InputError: too few readings, x that do not determine the curve, or a scale STATED.

    Source: GUM H.3.2 (line, s^2, r); ISO/TS 28037:2010, Annex E (posterior: n - 4 for a line).
    """
    if scale is Scale.STATED:
        raise InputError(
            "an ordinary fit has no stated uncertainty of its readings",
            next_step="give u of each reading to fit_weighted",
        )
    abscissae, readings = checked_points(x, y)
    return _fitted(
        abscissae, readings, np.ones_like(readings),
        method=FitMethod.ORDINARY, powers=powers, origin=origin, scale=scale,
    )  # fmt: skip


def fit_weighted(
    x: ArrayLike,
    y: ArrayLike,
    *,
    u_y: ArrayLike,
    powers: Sequence[int] = LINE,
    origin: float = 0.0,
    scale: Scale = Scale.STATED,
) -> Fit:
    """Fit a curve to independent readings, each weighted by 1/u^2.

    Args:
        x: Exact abscissae, shape (n,).
        y: Readings, shape (n,).
        u_y: Standard uncertainty of each reading, or one for all; positive.
        powers: Powers of (x - origin) that the curve holds.
        origin: Where the curve is expanded.
        scale: STATED, or SCATTER where `u_y` are known only up to a common factor.

    Raises:
        InputError: too few readings, an u that is not positive, or an undetermined curve.

    Source: ISO/TS 28037:2010, clause 6, steps 1 to 8.
    """
    abscissae, readings = checked_points(x, y)
    u = spread_uncertainty(u_y, len(readings), "u_y")
    if not np.all(u > 0.0):
        raise InputError(
            f"reading {int(np.argmin(u)) + 1} has u = 0: its weight would be infinite",
            where="u_y",
            next_step="give every reading its uncertainty",
        )
    return _fitted(
        abscissae, readings, u,
        method=FitMethod.WEIGHTED, powers=powers, origin=origin, scale=scale,
    )  # fmt: skip


def fit_general(
    x: ArrayLike,
    y: ArrayLike,
    *,
    covariance_y: ArrayLike,
    powers: Sequence[int] = LINE,
    origin: float = 0.0,
    scale: Scale = Scale.STATED,
) -> Fit:
    """Fit a curve to correlated readings (Gauss-Markov regression).

    Args:
        x: Exact abscissae, shape (n,).
        y: Readings, shape (n,).
        covariance_y: Covariance matrix of the readings, shape (n, n), positive definite.
        powers: Powers of (x - origin) that the curve holds.
        origin: Where the curve is expanded.
        scale: STATED, or SCATTER where the matrix is known only up to a common factor.

    Raises:
        InputError: too few readings, no covariance matrix, or an undetermined curve.

    Source: ISO/TS 28037:2010, clause 9.
    """
    abscissae, readings = checked_points(x, y)
    matrix = checked_covariance(covariance_y, len(readings), "covariance_y")
    return _fitted(
        abscissae, readings, matrix,
        method=FitMethod.GENERAL, powers=powers, origin=origin, scale=scale,
    )  # fmt: skip


def checked_points(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return both coordinates as arrays of one length, refusing NaN and infinity."""
    abscissae = np.atleast_1d(np.asarray(x, dtype=np.float64))
    readings = np.atleast_1d(np.asarray(y, dtype=np.float64))
    if abscissae.ndim != 1 or abscissae.shape != readings.shape:
        raise InputError(
            f"x has shape {abscissae.shape}, y has shape {readings.shape}",
            next_step="give one x for each reading y",
        )
    if not (np.all(np.isfinite(abscissae)) and np.all(np.isfinite(readings))):
        raise InputError("x or y holds NaN or infinity", next_step="leave such points out and say")
    return abscissae, readings


def spread_uncertainty(u: ArrayLike, n: int, where: str) -> Array:
    """Return one standard uncertainty per reading, shape (n,); zero is left to the caller."""
    given = np.asarray(u, dtype=np.float64)
    if given.shape not in {(), (n,)}:
        raise InputError(f"{n} readings but uncertainties of shape {given.shape}", where=where)
    spread = np.broadcast_to(given, (n,)).astype(np.float64)
    if not np.all(np.isfinite(spread)) or np.any(spread < 0.0):
        raise InputError("a standard uncertainty is negative or not finite", where=where)
    return spread


def checked_covariance(matrix: ArrayLike, n: int, where: str) -> Array:
    """Return a symmetric covariance matrix of shape (n, n); definiteness is left to its use."""
    given = np.asarray(matrix, dtype=np.float64)
    if given.shape != (n, n) or not np.all(np.isfinite(given)):
        raise InputError(
            f"expected a finite covariance matrix of shape ({n}, {n}), got shape {given.shape}",
            where=where,
        )
    if float(np.max(np.abs(given - given.T))) > ASYMMETRY * float(np.max(np.abs(given))):
        raise InputError("the covariance matrix is not symmetric", where=where)
    return np.asarray((given + given.T) / 2.0, dtype=np.float64)


def design(x: Array, powers: Sequence[int], origin: float) -> Array:
    """Return the powers of (x - origin), shape (n, p)."""
    return np.asarray((x[:, None] - origin) ** np.asarray(powers, dtype=np.int64)[None, :])


def lower_root(matrix: Array, where: str) -> Array:
    """Return the Cholesky factor of a covariance matrix. Raises InputError where it has none."""
    try:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise InputError(
            "the covariance matrix is not positive definite",
            where=where,
            next_step="a combination of the readings would be exact: check the correlations",
        ) from None


def scale_factor(scale: Scale, chi_square: float, nu: int) -> tuple[float, float]:
    """Return (factor of the variances, degrees of freedom of the uncertainties).

    Source: ISO/TS 28037:2010, Annex E: chi^2/(m - 2) and the better chi^2/(m - 4) for a line.
    """
    if scale is Scale.STATED:
        return 1.0, math.inf
    spent = 0 if scale is Scale.SCATTER else 2
    if nu <= spent:
        raise InputError(
            f"{nu} degrees of freedom are left: they give no uncertainty from the scatter",
            next_step="take more readings, fewer parameters, or state u of the readings",
        )
    return chi_square / (nu - spent), float(nu) if scale is Scale.SCATTER else math.inf


def chi_square_tail(chi_square: float, nu: int, scale: Scale) -> float | None:
    """Return the probability of a larger chi-square, None where nothing is tested.

    Source: ISO/TS 28037:2010, clause 6, step 8 and after (compares with the 95 % quantile).
    """
    from scipy.special import chdtrc

    if scale is not Scale.STATED or nu < 1:
        return None
    return float(chdtrc(nu, chi_square))


def _powers(powers: Sequence[int], n: int) -> tuple[int, ...]:
    chosen = tuple(int(power) for power in powers)
    if not chosen or min(chosen) < 0 or len(set(chosen)) != len(chosen):
        raise InputError(f"powers {chosen} are not distinct and 0 or more")
    if n < len(chosen):
        raise InputError(f"{n} readings cannot determine {len(chosen)} parameters")
    return chosen


def _fitted(
    x: Array,
    y: Array,
    spread: Array,
    *,
    method: FitMethod,
    powers: Sequence[int],
    origin: float,
    scale: Scale,
) -> Fit:
    """Solve by QR of the whitened and scaled design; `spread` is u (n,) or a matrix (n, n)."""
    chosen = _powers(powers, len(y))
    matrix = design(x, chosen, origin)
    root = lower_root(spread, "covariance_y") if spread.ndim == 2 else np.zeros((0, 0))

    def whiten(columns: Array) -> Array:
        if spread.ndim == 1:
            return columns / spread[:, None]
        return np.asarray(np.linalg.solve(root, columns), dtype=np.float64)

    white = whiten(matrix)
    norms = np.sqrt(np.sum(white**2, axis=0))
    q, r = np.linalg.qr(white / np.where(norms > 0.0, norms, 1.0))
    if not np.all(norms > 0.0) or float(np.linalg.cond(r)) > LARGEST_CONDITION:
        raise InputError(
            "the abscissae do not determine the curve",
            next_step="take more distinct x, fewer powers, or an origin near the data",
        )
    inverse = np.linalg.inv(r) / norms[:, None]
    white_sensitivities = inverse @ q.T
    if spread.ndim == 1:
        sensitivities = white_sensitivities / spread
        u = spread
    else:
        sensitivities = np.linalg.solve(root.T, white_sensitivities.T).T
        u = np.sqrt(np.diag(spread))
    parameters = white_sensitivities @ whiten(y[:, None])[:, 0]
    residuals = y - matrix @ parameters
    chi_square = float(np.sum(whiten(residuals[:, None]) ** 2))
    nu = len(y) - len(chosen)
    factor, degrees = scale_factor(scale, chi_square, nu)
    covariance = factor * (inverse @ inverse.T)
    return Fit(
        method, scale, chosen, origin, x, y, np.zeros_like(y), math.sqrt(factor) * u,
        parameters, covariance, covariance, sensitivities, np.zeros_like(sensitivities),
        residuals, chi_square, nu, degrees, chi_square_tail(chi_square, nu, scale),
    )  # fmt: skip
