"""Maximum likelihood over states and processes, many tables of counts at once.

Inside: `Solution`, `maximise_likelihood`, `tangent_basis`, `GAP`.
The likelihood is concave and the states are a convex set, so that an interior-point method gets to
the maximum, and a dual point proves how far from it the result still is: no other state has a
log-likelihood larger by more than `gap`. The first factor of a product is held: its partial trace
over the second is the identity. Of size one it is a state, of size two the Choi matrix of a
process of a qubit.
Source: Hradil, PRA 55, R1561 (1997), for the likelihood; Glancy, Knill and Girard, New J. Phys. 14,
095017 (2012), for the bound; Nesterov and Todd, SIAM J. Optim. 8, 324 (1998), for the
direction [from memory].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

GAP = 1e-5  # of the log-likelihood; half a unit is one standard deviation of one parameter
FINE_GAP = 1e-9  # asked for of one table alone, where time does not matter
ROUNDING = 1e-12  # of each count, below which no gap is told from rounding
MOST_STEPS = 150
_TO_WALL = 0.97  # part of the way to the wall of the cone that a step may take


@dataclass(frozen=True, slots=True)
class Solution:
    """Matrices, and for each the proven bound of the log-likelihood that still lacks."""

    matrices: Matrix
    gap: Array
    steps: int


def tangent_basis(held: int, free: int) -> Matrix:
    """Return orthonormal hermitian matrices whose partial trace over the second factor is zero.

    Source: products of a hermitian basis with a traceless one, in the sense of tr(A B).
    """
    first, second = _hermitian_basis(held), _hermitian_basis(free)[1:]
    return np.array([np.kron(a, b) for a in first for b in second])


def _hermitian_basis(size: int) -> list[Matrix]:
    """Return the identity first, then traceless ones, all of length one."""
    found: list[Matrix] = [np.eye(size, dtype=np.complex128) / np.sqrt(size)]
    for k in range(1, size):
        diagonal = np.array([1.0] * k + [-float(k)] + [0.0] * (size - k - 1))
        found.append(np.diag(diagonal / np.sqrt(k * (k + 1.0))).astype(np.complex128))
        for j in range(k):
            real = np.zeros((size, size), dtype=np.complex128)
            real[j, k] = real[k, j] = np.sqrt(0.5)
            found.append(real)
            skew = np.zeros((size, size), dtype=np.complex128)
            skew[j, k], skew[k, j] = -1j * np.sqrt(0.5), 1j * np.sqrt(0.5)
            found.append(skew)
    return found


@dataclass(frozen=True, slots=True)
class _Problem:
    """Operators (m, d, d), tangent basis (n, d, d) and what is computed of both once."""

    operators: Matrix
    basis: Matrix
    slopes: Array  # (m, n), tr(E_i B_a)
    held: int

    @property
    def size(self) -> int:
        return int(self.operators.shape[-1])


def maximise_likelihood(
    operators: Matrix, counts: Array, *, held: int = 1, gap: float = GAP
) -> Solution:
    """Return the states, or Choi matrices, of largest likelihood.

    Args:
        operators: What is measured, (m, d, d): positive, so that tr(E M) is a probability.
        counts: Counts of each operator, (draws, m); not all zero in a draw.
        held: Size of the factor whose marginal is the identity; 1 for a state.
        gap: Where to stop; what is reached is in the result.

    Returns:
        Solutions (draws, d, d), each proven to be within `gap` of the largest log-likelihood.

    Raises:
        InputError: a table of counts for which the search did not come that near.

    Source: primal-dual interior point. With R = sum of n_i E_i / tr(E_i M), of all M' that fulfil
        the constraint log L(M') - log L(M) <= tr(R M') - N, as log x <= x - 1; and tr(R M') is at
        most tr(Y) for each Y on the held factor with Y x 1 >= R (weak duality). For a state this
        is the largest eigenvalue of R less N: Glancy et al. (2012), section 2.
    """
    total = counts.sum(axis=1)
    size = int(operators.shape[-1])
    basis = tangent_basis(held, size // held)
    slopes = np.einsum("mij,aji->ma", operators, basis).real
    problem = _Problem(operators, basis, np.ascontiguousarray(slopes), held)
    shares = counts / total[:, None]
    goal = np.maximum(gap / total, ROUNDING if gap >= GAP else ROUNDING / 300.0)
    count = len(counts)
    start = np.eye(size, dtype=np.complex128) * held / size
    best = np.broadcast_to(start, (count, size, size)).copy()
    lacking = np.full(count, np.inf)
    alive = np.arange(count)
    inner, outer = best.copy(), np.broadcast_to(np.eye(size) + 0j, best.shape).copy()
    aim, steps = np.full(count, 0.2), 0
    while steps < MOST_STEPS:
        steps += 1
        ahead, behind, length = _newton(problem, inner, outer, shares[alive], aim)
        inner, outer = ahead, behind
        found = _gap(problem, inner, shares[alive])
        nearer = found < lacking[alive]
        lacking[alive[nearer]] = found[nearer]
        best[alive[nearer]] = inner[nearer]
        on = lacking[alive] > goal[alive]
        if not np.any(on):
            break
        alive, inner, outer = alive[on], inner[on], outer[on]
        # Not far below the gap that is proven, so that both halves of the problem keep pace.
        product = np.einsum("bij,bji->b", inner, outer).real
        pace = np.maximum(product, 0.02 * found[on])
        pace *= np.where(length[on] > 0.8, 0.05, 0.4)
        aim = np.maximum(pace, 0.3 * goal[alive]) / size
    lacking = np.maximum(lacking, 0.0) * total
    _refuse_far(lacking, total)
    return Solution(best, lacking, steps)


def _refuse_far(lacking: Array, total: Array) -> None:
    """Accept what rounding leaves; a gap that matters for the statistics is an error."""
    bad = lacking > np.maximum(1e-3, 1e-9 * total)
    if np.any(bad):
        raise InputError(
            f"no maximum of the likelihood was proven: {float(np.max(lacking)):.3g} may lack",
            where=f"{int(np.sum(bad))} of {len(lacking)} tables of counts",
            next_step="check the counts: a setting whose counts are very few, or nearly all of "
            "one outcome, beside very many of others",
        )


def _response(problem: _Problem, matrices: Matrix, shares: Array) -> tuple[Array, Array]:
    """Return probabilities (draws, m) and shares over probabilities."""
    size = problem.size
    flat = problem.operators.conj().reshape(-1, size * size)
    chance = (matrices.reshape(-1, size * size) @ flat.T).real
    chance = np.maximum(chance, 1e-300)
    return chance, shares / chance


def _gap(problem: _Problem, matrices: Matrix, shares: Array) -> Array:
    """Return the dual bound, per count: how much the log-likelihood can still grow."""
    size, held = problem.size, problem.held
    _, ratio = _response(problem, matrices, shares)
    response = (ratio @ problem.operators.reshape(-1, size * size)).reshape(-1, size, size)
    if held == 1:
        return np.asarray(np.linalg.eigvalsh(response)[:, -1]) - 1.0
    return _held_gap(response, matrices, held)


def _held_gap(response: Matrix, matrices: Matrix, held: int) -> Array:
    """Return tr(Y) - 1 for a Y made feasible by a shift; the best is tr_2(R M), symmetric.

    Source: at the maximum (Y x 1 - R) M = 0, whose partial trace gives Y.
    """
    free = response.shape[-1] // held
    product = (response @ matrices).reshape(-1, held, free, held, free)
    dual = np.einsum("bikjk->bij", product)
    dual = (dual + np.swapaxes(dual, 1, 2).conj()) / 2.0
    whole = np.einsum("bij,kl->bikjl", dual, np.eye(free)).reshape(response.shape)
    excess = np.linalg.eigvalsh(response - whole)[:, -1]
    traced = np.trace(dual, axis1=1, axis2=2).real
    return np.asarray(traced + held * excess - 1.0)


def _newton(
    problem: _Problem, inner: Matrix, outer: Matrix, shares: Array, aim: Array
) -> tuple[Matrix, Matrix, Array]:
    """Return the next matrices, their dual slacks, and the lengths of the steps.

    Source: Newton's equations of grad f = <B, Z>, M Z = mu 1, in the frame in which M and Z are
        the same diagonal matrix D (Nesterov and Todd, SIAM J. Optim. 8, 324 (1998)): there
        dM + dZ = mu / D - D, symmetric, so that small eigenvalues keep their digits.
    """
    size = problem.size
    lower, slope = np.linalg.cholesky(inner), np.linalg.cholesky(outer)
    _, diagonal, turn = np.linalg.svd(_dagger(slope) @ lower)
    root = np.sqrt(diagonal)[:, :, None]
    inward = root * (turn @ np.linalg.inv(lower))  # G^-1 with G^-1 M G^-H = D
    scaled = inward[:, None] @ problem.basis @ _dagger(inward)[:, None]
    scaled = scaled.reshape(len(inner), -1, size * size)
    flat = np.concatenate([scaled.real, scaled.imag], axis=2)
    _, ratio = _response(problem, inner, shares)
    centre = aim[:, None] / diagonal
    gradient = ratio @ problem.slopes
    gradient += (scaled[:, :, :: size + 1].real @ centre[:, :, None])[..., 0]
    weight = np.divide(ratio**2, shares, out=np.zeros_like(ratio), where=shares > 0.0)
    curved = problem.slopes.T * weight[:, None, :]
    hessian = curved @ problem.slopes + flat @ np.swapaxes(flat, 1, 2)
    along = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    change = (along @ problem.basis.reshape(-1, size * size)).reshape(inner.shape)
    step = (along[:, None, :] @ scaled).reshape(inner.shape)
    slack = np.einsum("bi,ij->bij", centre - diagonal, np.eye(size)) - step
    # One length for both: with two the residual of the other equation would not shrink.
    length = np.minimum(_reach(diagonal, step), _reach(diagonal, slack))
    ahead = _hermitian(inner + length[:, None, None] * change)
    slack = _dagger(inward) @ slack @ inward
    behind = _hermitian(outer + length[:, None, None] * slack)
    return ahead, behind, length


def _dagger(matrix: NDArray[np.complexfloating]) -> Matrix:
    return np.asarray(np.swapaxes(matrix, -1, -2).conj())


def _hermitian(matrix: Matrix) -> Matrix:
    return np.asarray((matrix + _dagger(matrix)) / 2.0)


def _reach(diagonal: Array, change: Matrix) -> Array:
    """Return the part of a change that keeps a positive diagonal matrix positive, at most 1."""
    root = np.sqrt(diagonal)
    relative = change / (root[:, :, None] * root[:, None, :])
    least = np.linalg.eigvalsh(_hermitian(relative))[:, 0]
    return np.asarray(np.minimum(1.0, _TO_WALL / np.maximum(-least, 1e-300)))
