"""Best point of a likelihood, and the covariance that its curvature gives there.

Inside: `Fitted`, `fitted`.
Source: maximum likelihood, inverse of the observed information: Cowan, Statistical Data Analysis
(1998), ch. 6 (chapter from memory).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Loss = Callable[[NDArray[np.float64]], float]
_TOLERANCE = 1e-7  # of point and of loss; a loss of 0.5 is one standard deviation


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
    options = {"xatol": _TOLERANCE, "fatol": _TOLERANCE, "maxiter": 8000.0, "maxfev": 16000.0}

    def of(point: NDArray[np.float64], /) -> float:
        return loss(point)

    # Tolerances of the simplex are absolute: steps make all parameters alike.
    best = minimize(
        lambda scaled, /: of(start + scaled * steps),
        np.zeros_like(start),
        method="Nelder-Mead",
        options={
            **options,
            "xatol": 1e-3,
            "initial_simplex": np.vstack([np.zeros(start.size), 30.0 * np.eye(start.size)]),
        },
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
                total += si * sj * of(moved)
            matrix[i, j] = matrix[j, i] = total / (4.0 * steps[i] * steps[j])
    return Fitted(point, float(best.fun), np.asarray(np.linalg.pinv(matrix)), bool(best.success))
