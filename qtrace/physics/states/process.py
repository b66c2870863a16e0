"""Processes of one qubit as Choi matrices: fidelity, chi matrix, and what a process must fulfil.

Inside: `UNITARIES`, `choi_of_unitary`, `choi_of_kraus`, `check_process`, `process_fidelity`,
`chi_matrix`.
A Choi matrix has the input as its first factor and trace 2; its partial trace over the output is
the identity (trace preservation), and it has no negative eigenvalue (complete positivity).
Source: Choi, Linear Algebra Appl. 10, 285 (1975); Chuang and Nielsen, J. Mod. Opt. 44, 2455 (1997);
Horodecki, Horodecki and Horodecki, PRA 60, 1888 (1999); Nielsen, Phys. Lett. A 303, 249 (2002).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.states.density import PAULI, TOLERANCE

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

UNITARIES: Mapping[str, Matrix] = MappingProxyType(
    {
        "identity": PAULI["i"],
        "pauli_x": PAULI["x"],
        "pauli_y": PAULI["y"],
        "pauli_z": PAULI["z"],
        "hadamard": (PAULI["x"] + PAULI["z"]) / math.sqrt(2.0),
        "phase_s": np.diag([1.0, 1.0j]),
    }
)


def _column(operator: Matrix) -> Matrix:
    """Return sum of |i> x K|i>: the vector of an operator, the input first."""
    return operator.T.reshape(-1)


def choi_of_kraus(operators: Sequence[Matrix]) -> Matrix:
    """Return the Choi matrix of the process rho -> sum K rho K^dagger.

    Source: Choi (1975).
    """
    columns = [_column(np.asarray(one, dtype=np.complex128)) for one in operators]
    return np.asarray(sum(np.outer(one, one.conj()) for one in columns))


def choi_of_unitary(name: str) -> Matrix:
    """Return the Choi matrix of a named unitary.

    Raises:
        InputError: there is none of that name.

    Source: as `choi_of_kraus`.
    """
    if name not in UNITARIES:
        raise InputError(
            f"there is no process {name!r}",
            where="target",
            next_step=f"choose one of: {', '.join(UNITARIES)}",
        )
    return choi_of_kraus([UNITARIES[name]])


def check_process(matrix: ArrayLike, *, tolerance: float = TOLERANCE) -> Matrix:
    """Return a Choi matrix that is a process: completely positive, trace preserving.

    Raises:
        InputError: it is not; the message says by what, and how much.

    Source: Choi (1975).
    """
    given = np.asarray(matrix, dtype=np.complex128)
    if given.shape[-2:] != (4, 4) or not np.all(np.isfinite(given)):
        raise _no_process("it is not a four by four matrix of finite numbers")
    skew = float(np.max(np.abs(given - np.swapaxes(given, -1, -2).conj())))
    if skew > tolerance:
        raise _no_process(f"it is not hermitian: it differs from its adjoint by {skew:.3g}")
    parts = given.reshape(*given.shape[:-2], 2, 2, 2, 2)
    lost = float(np.max(np.abs(np.einsum("...ikjk->...ij", parts) - np.eye(2))))
    if lost > tolerance:
        raise _no_process(f"it does not preserve the trace, by {lost:.3g}")
    least = float(np.min(np.linalg.eigvalsh(given)))
    if least < -tolerance:
        raise _no_process(f"it is not completely positive: it has the eigenvalue {least:.6g}")
    return given


def _no_process(defect: str) -> InputError:
    return InputError(
        f"this matrix is not a process: {defect}",
        where="Choi matrix",
        next_step="a Choi matrix is hermitian without negative eigenvalue, and its trace over the "
        "output is the identity",
    )


def process_fidelity(matrix: Matrix, target: Matrix) -> Array:
    """Return the fidelity of a process with a unitary, both as Choi matrices of trace 2.

    Source: Horodecki et al. (1999): overlap of the states J / d, of which one is pure.
    """
    return np.asarray(np.einsum("...ij,ji->...", matrix, target).real / 4.0)


def chi_matrix(matrix: Matrix) -> Matrix:
    """Return the process as sum of chi_mn P_m rho P_n^dagger over 1, X, Y, Z.

    Source: Chuang and Nielsen (1997); chi_mn = <P_m| J |P_n> / 4.
    """
    columns = np.array([_column(PAULI[one]) for one in "ixyz"])
    return np.asarray(columns.conj() @ matrix @ columns.T / 4.0)
