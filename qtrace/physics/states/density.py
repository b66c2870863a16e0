"""Density matrices of qubits: what is one, and what is read off it.

Inside: `PAULI`, `BELL_STATES`, `bell_state`, `projector`, `check_state`, `pure_fidelity`,
`state_fidelity`, `purity`, `concurrence`, `partial_trace`, `partial_transpose`, `negativity`.
All take one matrix or a stack of them, the matrix in the last two axes; the first qubit is the
left factor of a product.
Source: Jozsa, J. Mod. Opt. 41, 2315 (1994), for the fidelity, which is the squared one here;
Wootters, PRL 80, 2245 (1998); Vidal and Werner, PRA 65, 032314 (2002).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

TOLERANCE = 1e-9  # rounding of matrices that are computed; typed ones need more digits than shown


def _constant(rows: list[list[complex]]) -> Matrix:
    made = np.array(rows, dtype=np.complex128)
    made.setflags(write=False)
    return made


PAULI: Mapping[str, Matrix] = MappingProxyType(
    {
        "i": _constant([[1, 0], [0, 1]]),
        "x": _constant([[0, 1], [1, 0]]),
        "y": _constant([[0, -1j], [1j, 0]]),
        "z": _constant([[1, 0], [0, -1]]),
    }
)
_R = math.sqrt(0.5)
# Amplitudes of 00, 01, 10, 11.
BELL_STATES: Mapping[str, Matrix] = MappingProxyType(
    {
        "phi_plus": _constant([[_R, 0, 0, _R]])[0],
        "phi_minus": _constant([[_R, 0, 0, -_R]])[0],
        "psi_plus": _constant([[0, _R, _R, 0]])[0],
        "psi_minus": _constant([[0, _R, -_R, 0]])[0],
    }
)


def bell_state(name: str) -> Matrix:
    """Return the amplitudes of a Bell state.

    Raises:
        InputError: there is none of that name.

    Source: Phi = (00 +- 11) / sqrt 2, Psi = (01 +- 10) / sqrt 2.
    """
    if name not in BELL_STATES:
        raise InputError(
            f"there is no Bell state {name!r}",
            where="target",
            next_step=f"choose one of: {', '.join(BELL_STATES)}",
        )
    return BELL_STATES[name]


def projector(amplitudes: ArrayLike) -> Matrix:
    """Return the projector on a state vector, which is brought to length one.

    Raises:
        InputError: all amplitudes are zero, or one is not finite.

    Source: |psi><psi| / <psi|psi>.
    """
    vector = np.asarray(amplitudes, dtype=np.complex128)
    length = float(np.linalg.norm(vector))
    if not (math.isfinite(length) and length > 0.0):
        raise InputError(
            "these amplitudes are no state vector", next_step="give finite ones, not all zero"
        )
    return np.outer(vector, vector.conj()) / length**2


def check_state(matrix: ArrayLike, *, tolerance: float = TOLERANCE) -> Matrix:
    """Return a matrix that is a state: square, hermitian, of trace one, without negative part.

    Args:
        matrix: One matrix, or a stack of them.
        tolerance: How far each of the three may fail by rounding.

    Raises:
        InputError: it is not a state; the message says by what, and how much.

    Source: the three defining properties of a density operator.
    """
    given = np.asarray(matrix, dtype=np.complex128)
    size = given.shape[-1] if given.ndim >= 2 else 0
    if size < 2 or given.shape[-2] != size:
        raise _no_state(f"its shape is {given.shape}, not square")
    if not np.all(np.isfinite(given)):
        raise _no_state("it has an entry that is not a finite number")
    skew = float(np.max(np.abs(given - _dagger(given))))
    if skew > tolerance:
        raise _no_state(f"it is not hermitian: it differs from its adjoint by {skew:.3g}")
    trace = np.trace(given, axis1=-2, axis2=-1).real
    off = float(np.ravel(trace)[np.argmax(np.abs(np.ravel(trace) - 1.0))])
    if abs(off - 1.0) > tolerance:
        raise _no_state(f"its trace is {off:.6g}, not 1")
    least = float(np.min(np.linalg.eigvalsh(given)))
    if least < -tolerance:
        raise _no_state(f"it has the eigenvalue {least:.6g}, below zero")
    return given


def _no_state(defect: str) -> InputError:
    return InputError(
        f"this matrix is not a state: {defect}",
        where="density matrix",
        next_step="a state is hermitian, has trace 1 and no negative eigenvalue; linear inversion "
        "may give none, maximum likelihood always does",
    )


def _dagger(matrix: Matrix) -> Matrix:
    return np.swapaxes(matrix, -1, -2).conj()


def pure_fidelity(matrix: Matrix, target: Matrix) -> Array:
    """Return the fidelity with a pure target, <psi|rho|psi>, of vectors of length one.

    Source: Jozsa, J. Mod. Opt. 41, 2315 (1994), Eq. 1 [equation from memory].
    """
    return np.asarray(np.einsum("i,...ij,j->...", target.conj(), matrix, target).real)


def state_fidelity(first: Matrix, second: Matrix) -> Array:
    """Return the fidelity of two states, (tr sqrt(sqrt(a) b sqrt(a)))^2.

    Source: Uhlmann, Rep. Math. Phys. 9, 273 (1976); Jozsa (1994). It is the squared sum of the
        singular values of sqrt(a) sqrt(b); eigenvalues below zero by rounding are taken as 0.
    """
    product = _root(first) @ _root(second)
    total = np.linalg.svd(product, compute_uv=False).sum(axis=-1)
    return np.asarray(total**2)


def _root(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    scaled = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.asarray(scaled @ _dagger(vectors))


def purity(matrix: Matrix) -> Array:
    """Return tr(rho^2), between 1/d and 1.

    Source: definition; for a hermitian matrix the sum of squared moduli.
    """
    return np.asarray(np.sum(np.abs(matrix) ** 2, axis=(-2, -1)))


_FLIP = np.kron(PAULI["y"], PAULI["y"])


def concurrence(matrix: Matrix) -> Array:
    """Return the concurrence of two qubits, 0 where they are not entangled and at most 1.

    Args:
        matrix: A state of two qubits, or a stack.

    Raises:
        InputError: not a four by four matrix.

    Source: Wootters, PRL 80, 2245 (1998): max(0, l1 - l2 - l3 - l4), the l falling roots of the
        eigenvalues of rho (y y) rho* (y y). They are taken as the singular values of
        A^T (y y) A with rho = A A^dagger, which are the same and keep half the digits more.
    """
    if matrix.shape[-2:] != (4, 4):
        raise InputError(
            f"concurrence is of two qubits, not of a matrix {matrix.shape[-2:]}",
            where="density matrix",
            next_step="give a four by four matrix",
        )
    values, vectors = np.linalg.eigh(matrix)
    factor = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    found = np.linalg.svd(np.swapaxes(factor, -1, -2) @ _FLIP @ factor, compute_uv=False)
    return np.asarray(np.maximum(0.0, found[..., 0] - found[..., 1:].sum(axis=-1)))


def partial_trace(matrix: Matrix, *, keep: int) -> Matrix:
    """Return the state of one qubit of two; `keep` is 0 for the first, 1 for the second.

    Source: definition.
    """
    parts = matrix.reshape(*matrix.shape[:-2], 2, 2, 2, 2)
    form = "...ikjk->...ij" if keep == 0 else "...kikj->...ij"
    return np.asarray(np.einsum(form, parts))


def partial_transpose(matrix: Matrix) -> Matrix:
    """Return the matrix of two qubits with the second one transposed.

    Source: Peres, PRL 77, 1413 (1996).
    """
    parts = matrix.reshape(*matrix.shape[:-2], 2, 2, 2, 2)
    return np.asarray(np.swapaxes(parts, -1, -3).reshape(matrix.shape))


def negativity(matrix: Matrix) -> Array:
    """Return the sum of the moduli of negative eigenvalues of the partial transpose.

    Source: Vidal and Werner, PRA 65, 032314 (2002); 1/2 for a Bell state, 0 where separable
        (Horodecki et al., Phys. Lett. A 223, 1 (1996)).
    """
    values = np.linalg.eigvalsh(partial_transpose(matrix))
    return np.asarray(np.maximum(0.0, -values).sum(axis=-1))
