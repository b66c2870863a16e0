"""Declared correlation matrices: checked against rounding, repaired, split into parts.

Inside: `check_correlation`, `connected_parts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

# Below this, per row, a difference is noise of the arithmetic that made or checks the matrix.
NUMERIC_NOISE = 1e-12
UNIT_DIAGONAL_TOLERANCE = 1e-9


def check_correlation(
    matrix: NDArray[np.float64], decimals: int, *, where: str = ""
) -> NDArray[np.float64]:
    """Return the matrix, repaired to positive semidefinite where only rounding broke it.

    A coefficient printed with d decimals is off by up to 0.5 * 10^-d, and the diagonal is exact,
    so an honest n x n matrix can show a smallest eigenvalue down to -(n - 1) * 0.5 * 10^-d
    (Weyl's inequality with Gershgorin's bound on the rounding). Below that the matrix is
    refused. Coefficients without decimals (-1, 0, 1) are meant exactly. Groups that are not
    correlated with each other are repaired apart, so that what was entered as 0 stays 0.

    Args:
        matrix: Correlation coefficients as entered, shape (n, n).
        decimals: Decimal places of the coefficients as entered.
        where: Place named in errors.

    Returns:
        A correlation matrix of shape (n, n): symmetric, unit diagonal, semidefinite.

    Raises:
        InputError: not square, not symmetric, diagonal not one, |r| > 1, or not positive
            semidefinite by more than its rounding.

    Source: Weyl's inequality (Horn and Johnson, Matrix Analysis, Theorem 4.3.1).
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    rounding = 0.5 * 10.0**-decimals if decimals > 0 else 0.0
    symmetric = _symmetric(matrix, where=where)
    if float(np.max(np.abs(symmetric))) > 1.0 + rounding + NUMERIC_NOISE:
        raise InputError(
            "a correlation coefficient lies outside -1 ... 1",
            where=where,
            next_step="give coefficients, not covariances",
        )
    checked = symmetric.copy()
    for part in connected_parts(symmetric):
        place = np.ix_(part, part)
        checked[place] = _semidefinite(symmetric[place], rounding, decimals=decimals, where=where)
    return checked


def _symmetric(matrix: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """Return the matrix with an exact diagonal, refusing what is no correlation matrix."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(
            f"the correlation matrix has shape {matrix.shape}, not n x n",
            where=where,
            next_step="give one row and one column for each name",
        )
    if not np.all(np.isfinite(matrix)):
        raise InputError(
            "the correlation matrix holds NaN or infinity",
            where=where,
            next_step="write 0 where two quantities are not correlated",
        )
    asymmetry = np.abs(matrix - matrix.T)
    if float(np.max(asymmetry)) > NUMERIC_NOISE:
        i, j = sorted(int(k) for k in np.unravel_index(int(np.argmax(asymmetry)), matrix.shape))
        raise InputError(
            f"the correlation matrix is not symmetric: r[{i + 1},{j + 1}] = "
            f"{float(matrix[i, j])!r} but r[{j + 1},{i + 1}] = {float(matrix[j, i])!r}",
            where=where,
            next_step="write the same coefficient on both sides of the diagonal",
        )
    if float(np.max(np.abs(np.diag(matrix) - 1.0))) > UNIT_DIAGONAL_TOLERANCE:
        raise InputError(
            "the diagonal of a correlation matrix must be 1",
            where=where,
            next_step="give coefficients, not covariances",
        )
    symmetric: NDArray[np.float64] = (matrix + matrix.T) / 2
    np.fill_diagonal(symmetric, 1.0)
    return symmetric


def _semidefinite(
    symmetric: NDArray[np.float64], rounding: float, *, decimals: int, where: str
) -> NDArray[np.float64]:
    """Return one connected part, its negative eigenvalues removed if rounding explains them."""
    values, vectors = np.linalg.eigh(symmetric)
    smallest = float(values[0])
    noise = len(symmetric) * NUMERIC_NOISE
    allowed = max((len(symmetric) - 1) * rounding, noise)
    if smallest < -allowed:
        raise InputError(
            f"the correlation matrix is not positive semidefinite: smallest eigenvalue "
            f"{smallest:.3g}, and rounding to {decimals} decimals explains only {-allowed:.3g}",
            where=where,
            next_step="check the coefficients: these correlations cannot occur together",
        )
    if smallest >= -noise:
        return symmetric
    repaired = (vectors * np.clip(values, 0.0, None)) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    repaired /= np.outer(scale, scale)  # the diagonal stays one: variances are kept
    np.fill_diagonal(repaired, 1.0)
    averaged: NDArray[np.float64] = (repaired + repaired.T) / 2
    return averaged


def connected_parts(
    matrix: NDArray[np.float64], members: Sequence[int] | None = None
) -> list[tuple[int, ...]]:
    """Return the groups of positions that are connected by non-zero coefficients.

    Args:
        matrix: Correlation coefficients, shape (n, n).
        members: Positions to look at; all where None.

    Returns:
        Groups in order of their first position; an uncorrelated position is alone.
    """
    left = list(range(len(matrix))) if members is None else sorted(members)
    parts: list[tuple[int, ...]] = []
    while left:
        part = [left.pop(0)]
        for position in part:
            linked = [k for k in left if matrix[position, k] != 0.0]
            part.extend(linked)
            left = [k for k in left if k not in linked]
        parts.append(tuple(sorted(part)))
    return parts
