"""Quantum Fisher information: what any measurement of given probes can tell of a phase.

Inside: `pure_fisher`, `mixed_fisher`, `separable_limit`, `heisenberg_limit`, `cramer_rao`.
Source: Braunstein and Caves, PRL 72, 3439 (1994); Giovannetti, Lloyd and Maccone, PRL 96, 010401
(2006), for both limits; Pezze and Smerzi, PRL 102, 100401 (2009), for the test of entanglement.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Matrix = NDArray[np.complex128]
_MISS = 1e-9  # of norm, trace, hermiticity and eigenvalues, from rounding alone
_EMPTY = 1e-14  # two levels that hold less than this together carry nothing


def _number(probes: float) -> int:
    if not (math.isfinite(probes) and probes == math.floor(probes) and probes >= 1):
        raise InputError(
            f"{probes:g} is no number of probes",
            where="number of probes",
            next_step="give a whole number, 1 or more",
        )
    return int(probes)


def _generator(generator: NDArray[np.generic], dimension: int) -> Matrix:
    found = np.asarray(generator, dtype=np.complex128)
    if found.shape != (dimension, dimension) or not np.isfinite(found).all():
        raise InputError("the generator does not fit the state", where="generator")
    if np.abs(found - found.conj().T).max() > _MISS * max(1.0, float(np.abs(found).max())):
        raise InputError("the generator is not Hermitian", where="generator")
    return found


def pure_fisher(state: NDArray[np.generic], generator: NDArray[np.generic]) -> float:
    """Return F_Q = 4 Var(G) of a pure state that turns by exp(-i phi G).

    Args:
        state: Vector of amplitudes, of norm one.
        generator: Hermitian matrix G, of unit one.

    Raises:
        InputError: no normalised vector, or a generator that does not fit it.

    Source: Braunstein and Caves (1994).
    """
    psi = np.asarray(state, dtype=np.complex128)
    if psi.ndim != 1 or not np.isfinite(psi).all():
        raise InputError("the state is no vector of finite numbers", where="state")
    if abs(float(np.vdot(psi, psi).real) - 1.0) > _MISS:
        raise InputError("the state has not the norm one", where="state")
    turned = _generator(generator, psi.size) @ psi
    mean = np.vdot(psi, turned).real
    return max(0.0, 4.0 * float(np.vdot(turned, turned).real - mean**2))


def mixed_fisher(density: NDArray[np.generic], generator: NDArray[np.generic]) -> float:
    """Return F_Q = 2 sum (p_i - p_j)^2 / (p_i + p_j) |<i|G|j>|^2 of a density matrix.

    Args:
        density: Density matrix, of trace one.
        generator: Hermitian matrix G, of unit one.

    Raises:
        InputError: a matrix that is not a state, or a generator that does not fit it.

    Source: Braunstein and Caves (1994), over the eigenstates of the density matrix.
    """
    rho = np.asarray(density, dtype=np.complex128)
    if rho.ndim != 2 or rho.shape[0] != rho.shape[1] or not np.isfinite(rho).all():
        raise InputError("the density matrix is no square of finite numbers", where="density")
    if np.abs(rho - rho.conj().T).max() > _MISS or abs(np.trace(rho).real - 1.0) > _MISS:
        raise InputError("the matrix is not Hermitian with trace one: no state", where="density")
    parts, vectors = np.linalg.eigh(rho)
    if parts.min() < -_MISS:
        raise InputError(
            f"the matrix has the eigenvalue {parts.min():.3g} below zero: no state",
            where="density",
        )
    parts = np.clip(parts, 0.0, None)  # what is left below zero is rounding
    inner = np.abs(vectors.conj().T @ _generator(generator, rho.shape[0]) @ vectors) ** 2
    total = parts[:, None] + parts[None, :]
    apart = (parts[:, None] - parts[None, :]) ** 2
    weight = np.divide(apart, total, out=np.zeros_like(total), where=total > _EMPTY)
    return float(2.0 * np.sum(weight * inner))


def separable_limit(probes: float) -> float:
    """Return N: no separable state of N probes has more; above it they are entangled.

    Each probe turns by a generator whose largest and smallest values differ by one.

    Source: Pezze and Smerzi (2009).
    """
    return float(_number(probes))


def heisenberg_limit(probes: float) -> float:
    """Return N^2: no state of N probes has more, with generators as for `separable_limit`.

    Source: Giovannetti, Lloyd and Maccone (2006).
    """
    return float(_number(probes)) ** 2


def cramer_rao(information: float, repetitions: float = 1.0) -> float:
    """Return 1 / sqrt(m F_Q), in rad: no unbiased estimate of the phase scatters less.

    Args:
        information: F_Q of one interrogation.
        repetitions: How often it is repeated, independently.

    Raises:
        InputError: information that is not above zero, or no whole number of repetitions.

    Source: Braunstein and Caves (1994); reached for many repetitions only.
    """
    if not (math.isfinite(information) and information > 0.0):
        raise InputError(
            f"a Fisher information of {information} bounds nothing", where="information"
        )
    return 1.0 / math.sqrt(_number(repetitions) * information)
