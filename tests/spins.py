"""Collective spins as matrices, for tests: built from the ladder, not from the product."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]


def collective(number: int) -> tuple[Matrix, Matrix, Matrix]:
    """Return J_x, J_y, J_z of N spins of one half in the symmetric space."""
    j = number / 2.0
    m = np.arange(j, -j - 1.0, -1.0)
    up = np.diag(np.sqrt(j * (j + 1.0) - m[1:] * (m[1:] + 1.0)), 1).astype(complex)
    down = up.conj().T
    return (up + down) / 2.0, (up - down) / 2.0j, np.diag(m).astype(complex)


def twisted(number: int, angle: float) -> Matrix:
    """Return a spin coherent state along x after exp(-i angle J_z^2)."""
    x, _, z = collective(number)
    state = np.linalg.eigh(x)[1][:, -1]
    return np.exp(-1j * angle * np.diag(z).real ** 2) * state


def mean(state: Matrix, operator: Matrix) -> float:
    """Return the mean of an operator."""
    return float(np.vdot(state, operator @ state).real)


def least_variance(state: Matrix, number: int) -> tuple[float, float]:
    """Return the least variance in the y-z plane, and the length along x."""
    x, y, z = collective(number)
    pairs = [
        [mean(state, (a @ b + b @ a) / 2.0) - mean(state, a) * mean(state, b) for b in (y, z)]
        for a in (y, z)
    ]
    return float(np.linalg.eigvalsh(pairs)[0]), mean(state, x)


def site_operators(number: int) -> tuple[list[Matrix], list[Matrix], list[Matrix]]:
    """Return the spin of each of N sites, in the space of all 2^N states."""
    spins = (
        np.array([[0, 1], [1, 0]], complex) / 2.0,
        np.array([[0, -1j], [1j, 0]], complex) / 2.0,
        np.array([[1, 0], [0, -1]], complex) / 2.0,
    )
    found: tuple[list[Matrix], list[Matrix], list[Matrix]] = ([], [], [])
    for one, spin in zip(found, spins, strict=True):
        for k in range(number):
            whole = np.array([[1.0 + 0j]])
            for site in range(number):
                whole = np.kron(whole, spin if site == k else np.eye(2))
            one.append(whole)
    return found


def subsets(number: int) -> itertools.product[tuple[int, ...]]:
    """Return all ways in which probes stay (1) or are lost (0)."""
    return itertools.product((0, 1), repeat=number)
