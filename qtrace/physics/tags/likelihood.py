"""Best point of a likelihood, and the covariance that its curvature gives there.

Inside: `Fitted`, `fitted`, `Squares`, `weighted_squares`.
Source: maximum likelihood, inverse of the observed information: Cowan, Statistical Data Analysis
(1998), ch. 6 (chapter from memory).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

Loss = Callable[[NDArray[np.float64]], float]
_TOLERANCE = 1e-7  # of the loss; a loss of 0.5 is one standard deviation


@dataclass(frozen=True, slots=True)
class Fitted:
    """Best point, its loss (minus the log-likelihood), and the covariance of the point."""

    point: NDArray[np.float64]
    loss: float
    covariance: NDArray[np.float64]
    converged: bool


def fitted(loss: Loss, start: NDArray[np.float64], *, steps: NDArray[np.float64]) -> Fitted:
    """Return the smallest loss near a start.

    Args:
        loss: Minus the log-likelihood of a point, shape (n,).
        start: Where to begin, (n,).
        steps: Steps of the second differences, (n,): a small part of each u.

    Source: simplex of Nelder and Mead (it needs no derivatives), information by central second
        differences.
    """
    # Tolerances of the simplex are absolute: steps make all parameters alike.
    options: dict[str, Any] = {
        "xatol": 1e-3,
        "fatol": _TOLERANCE,
        "maxiter": 8000,
        "maxfev": 16000,
        "initial_simplex": np.vstack([np.zeros(start.size), 30.0 * np.eye(start.size)]),
    }
    search: Any = minimize  # its stubs know no options
    best = search(
        lambda scaled: loss(start + scaled * steps),
        np.zeros_like(start),
        method="Nelder-Mead",
        options=options,
    )
    point = start + np.asarray(best.x, dtype=np.float64) * steps
    n = point.size
    matrix = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            total = 0.0
            for si, sj in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = point.copy()
                moved[i] += si * steps[i]
                moved[j] += sj * steps[j]
                total += si * sj * loss(moved)
            matrix[i, j] = matrix[j, i] = total / (4.0 * steps[i] * steps[j])
    return Fitted(point, float(best.fun), np.asarray(np.linalg.pinv(matrix)), bool(best.success))


@dataclass(frozen=True, slots=True)
class Squares:
    """Best point of weighted least squares, its covariance, and chi-square."""

    point: NDArray[np.float64]
    covariance: NDArray[np.float64]
    chi_square: float
    converged: bool


def weighted_squares(
    residuals: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: NDArray[np.float64]
) -> Squares:
    """Return the least sum of squared residuals that are already divided by their u.

    Args:
        residuals: Residuals over u, (m,), at a point (n,).
        start: Where to begin, (n,), of the order of one.

    Source: Gauss-Newton with trust region; covariance (J^T J)^-1 (JCGM 100:2008, 5.1.2, for a
        linear model at the best point).
    """
    found: Any = least_squares(residuals, start, x_scale="jac", xtol=1e-14, ftol=1e-14)
    jacobian = np.asarray(found.jac, dtype=np.float64)
    return Squares(
        np.asarray(found.x, dtype=np.float64),
        np.asarray(np.linalg.pinv(jacobian.T @ jacobian), dtype=np.float64),
        2.0 * float(found.cost),
        bool(found.success),
    )
