"""What a tomography measures: operators, the settings that they belong to, and what is missing.

Inside: `Frame`, `OUTCOMES`, `POLARIZATIONS`, `INPUT_STATES`, `pauli_frame`, `projector_frame`,
`process_frame`, `undetermined`, `check_complete`.
Source: James, Kwiat, Munro and White, PRA 64, 052312 (2001), section II, for the letters of
polarization; Rehacek, Hradil and Jezek, PRA 63, 040303 (2001), for projectors that do not add up
to the identity [equation from memory].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.states.density import PAULI, projector
from qtrace.physics.states.tomography_solver import tangent_basis

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

OUTCOMES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {1: ("p", "m"), 2: ("pp", "pm", "mp", "mm")}
)
_R = math.sqrt(0.5)
# Amplitudes of H and V, which are 0 and 1. L is H + i V: other books exchange L and R.
POLARIZATIONS: Mapping[str, tuple[complex, complex]] = MappingProxyType(
    {
        "H": (1, 0),
        "V": (0, 1),
        "D": (_R, _R),
        "A": (_R, -_R),
        "L": (_R, _R * 1j),
        "R": (_R, -_R * 1j),
    }
)
# Eigenstates of the Pauli matrices: p of the eigenvalue +1, m of -1.
INPUT_STATES: Mapping[str, tuple[complex, complex]] = MappingProxyType(
    {
        "zp": (1, 0),
        "zm": (0, 1),
        "xp": (_R, _R),
        "xm": (_R, -_R),
        "yp": (_R, _R * 1j),
        "ym": (_R, -_R * 1j),
    }
)
ALL = "all"  # the one setting of projectors that were counted for equal times
_RANK = 1e-9


@dataclass(frozen=True, slots=True)
class Frame:
    """Operators (m, d, d), the setting of each by index, and names; `held` as in the solver.

    `measured` are the operators as measured. Where they do not add up to the identity
    `operators` are those of the state `root` rho `root`, normalised, and `unroot` leads back.
    """

    operators: Matrix
    measured: Matrix
    names: tuple[str, ...]
    setting: tuple[int, ...]
    settings: tuple[str, ...]
    held: int = 1
    unroot: Matrix | None = None

    def totals(self, counts: Array) -> Array:
        """Return the counts of each setting, (..., settings)."""
        return np.asarray(counts @ self.membership())

    def membership(self) -> Array:
        """Return which operator belongs to which setting, (m, settings) of 0 and 1."""
        belongs = np.array(self.setting)[:, None] == np.arange(len(self.settings))
        return np.asarray(belongs, dtype=np.float64)

    def chances(self, matrices: Matrix) -> Array:
        """Return the probability of each outcome given its setting, from the solver's matrices.

        Source: Born's rule, tr(E M).
        """
        size = self.operators.shape[-1]
        flat = self.operators.conj().reshape(-1, size * size)
        return np.asarray((matrices.reshape(-1, size * size) @ flat.T).real)

    def restored(self, matrices: Matrix) -> Matrix:
        """Return the states behind the solver's matrices.

        Source: as `projector_frame`, turned back and normalised.
        """
        if self.unroot is None:
            return matrices
        found = self.unroot @ matrices @ self.unroot
        return np.asarray(found / np.trace(found, axis1=-2, axis2=-1).real[..., None, None])

    def without(self, empty: Sequence[int]) -> tuple[Frame, list[int]]:
        """Return the frame without some settings, and the operators that stay, by index."""
        kept = [k for k, one in enumerate(self.setting) if one not in empty]
        left = [k for k in range(len(self.settings)) if k not in empty]
        smaller = replace(
            self,
            operators=self.operators[kept],
            measured=self.measured[kept],
            names=tuple(self.names[k] for k in kept),
            setting=tuple(left.index(self.setting[k]) for k in kept),
            settings=tuple(self.settings[k] for k in left),
        )
        return smaller, kept


def _along(axis: str, sign: int) -> Matrix:
    return np.asarray((PAULI["i"] + sign * PAULI[axis]) / 2.0)


def _outcome(setting: str, outcome: str) -> Matrix:
    found: Matrix = np.ones((1, 1), dtype=np.complex128)
    for axis, letter in zip(setting, outcome, strict=True):
        found = np.asarray(np.kron(found, _along(axis, 1 if letter == "p" else -1)))
    return found


def _check_setting(setting: str, qubits: int) -> None:
    if len(setting) != qubits or not set(setting) <= {"x", "y", "z"}:
        raise InputError(
            f"{setting!r} is no setting of {qubits} qubit{'s' * (qubits > 1)}",
            where="setting",
            next_step="write one of x, y, z for each qubit, such as "
            + ("x" if qubits == 1 else "xz"),
        )


def _check_distinct(what: str, names: Sequence[str]) -> None:
    repeated = next((one for one in names if list(names).count(one) > 1), None)
    if repeated is not None:
        raise InputError(
            f"the {what} {repeated!r} stands twice", where=what, next_step="add its counts up"
        )


def pauli_frame(qubits: int, settings: Sequence[str] = ()) -> Frame:
    """Return the frame of Pauli bases: outcomes p and m for each qubit, p of eigenvalue +1.

    Args:
        qubits: 1 or 2.
        settings: Such as "xz", the basis of each qubit; by default all 3 or 9.

    Raises:
        InputError: a setting that is none, or stands twice.

    Source: James et al. (2001); projectors (1 +- sigma) / 2 and their products.
    """
    chosen = tuple(settings) or tuple("".join(one) for one in product("xyz", repeat=qubits))
    for one in chosen:
        _check_setting(one, qubits)
    _check_distinct("setting", chosen)
    outcomes = OUTCOMES[qubits]
    made = np.array([_outcome(one, outcome) for one in chosen for outcome in outcomes])
    return Frame(
        made,
        made,
        tuple(f"{outcome}_{one}" for one in chosen for outcome in outcomes),
        tuple(k for k in range(len(chosen)) for _ in outcomes),
        chosen,
    )


def projector_frame(names: Sequence[str]) -> Frame:
    """Return the frame of products of polarizations, each counted for the same time.

    Args:
        names: Such as "HV", one letter of H, V, D, A, R, L for each of one or two qubits.

    Raises:
        InputError: a letter that is unknown, names of different length, or one twice.

    Source: Poisson counts of mean n tr(E rho) with n free have, at the best n, the likelihood of
        shares tr(E rho) / tr(G rho), G = sum of E; with sqrt(G) rho sqrt(G) these are
        probabilities of a measurement that is complete (Rehacek et al. 2001).
    """
    for one in names:
        if (
            len(one) != len(names[0])
            or len(one) not in OUTCOMES
            or not set(one) <= {*POLARIZATIONS}
        ):
            raise InputError(
                f"{one!r} is no projector",
                where="projector",
                next_step="write one of H, V, D, A, R, L for each of one or two qubits: HV",
            )
    _check_distinct("projector", names)
    measured = np.array([projector(_product(one)) for one in names])
    values, vectors = np.linalg.eigh(measured.sum(axis=0))
    if values[0] < _RANK:
        raise InputError(
            "these projectors leave a state that none of them sees",
            where="projectors",
            next_step="two qubits need at least 16 projectors that are independent, one needs 4",
        )
    unroot = (vectors / np.sqrt(values)) @ vectors.conj().T
    return Frame(
        unroot @ measured @ unroot,
        measured,
        tuple(names),
        (0,) * len(names),
        (ALL,),
        unroot=unroot,
    )


def _product(name: str) -> Matrix:
    found = np.ones(1, dtype=np.complex128)
    for letter in name:
        found = np.kron(found, np.array(POLARIZATIONS[letter]))
    return found


def process_frame(settings: Sequence[tuple[str, str]] = ()) -> Frame:
    """Return the frame of a process of one qubit: input states and Pauli bases at the output.

    Args:
        settings: Pairs of an input state (zp, zm, xp, xm, yp, ym) and a basis; by default all 18.

    Raises:
        InputError: an input or basis that is unknown, or a pair that stands twice.

    Source: probability tr(J (sigma^T x M)) with the Choi matrix J = sum |i><j| x E(|i><j|)
        (Choi, Linear Algebra Appl. 10, 285 (1975)), the input the first factor, its trace 2.
    """
    chosen = tuple(settings) or tuple(product(INPUT_STATES, "xyz"))
    for sent, basis in chosen:
        if sent not in INPUT_STATES:
            raise InputError(
                f"there is no input state {sent!r}",
                where="input",
                next_step=f"choose one of: {', '.join(INPUT_STATES)}",
            )
        _check_setting(basis, 1)
    names = tuple(f"{sent}_{basis}" for sent, basis in chosen)
    _check_distinct("setting", names)
    made = np.array(
        [
            np.kron(projector(INPUT_STATES[sent]).T, _outcome(basis, outcome))
            for sent, basis in chosen
            for outcome in OUTCOMES[1]
        ]
    )
    return Frame(
        made,
        made,
        tuple(f"{outcome}_{one}" for one in names for outcome in OUTCOMES[1]),
        tuple(k for k in range(len(chosen)) for _ in OUTCOMES[1]),
        names,
        held=2,
    )


def undetermined(frame: Frame) -> tuple[str, ...]:
    """Return what these operators do not determine, as Pauli products; empty where complete.

    Of a state "xz" is the correlation of x and z, "ix" the mean of x of the second qubit; of a
    process "z to x" is how much the output's x depends on the input's z.

    Source: a mean is determined where its operator is in the span of those measured.
    """
    size = int(frame.operators.shape[-1])
    basis = tangent_basis(frame.held, size // frame.held)
    known = np.einsum("mij,aji->ma", frame.operators, basis).real
    _, values, rows = np.linalg.svd(known, full_matrices=True)
    rank = int(np.sum(values > _RANK * max(1.0, float(values[0]))))
    blind = rows[rank:]
    missing = []
    for letters in product("ixyz", repeat=round(math.log2(size))):
        if letters[-1] == "i" and (frame.held > 1 or set(letters) == {"i"}):
            continue  # fixed by the trace, or by its preservation
        operator: Matrix = np.ones((1, 1), dtype=np.complex128)
        for k, letter in enumerate(letters):
            one = PAULI[letter].T if frame.held > 1 and k == 0 else PAULI[letter]
            operator = np.asarray(np.kron(operator, one))
        turned = operator if frame.unroot is None else frame.unroot @ operator @ frame.unroot
        seen = np.einsum("ij,aji->a", turned, basis).real
        if np.linalg.norm(blind @ seen) > _RANK * np.linalg.norm(seen):
            missing.append(" to ".join(letters) if frame.held > 1 else "".join(letters))
    return tuple(missing)


def check_complete(frame: Frame) -> None:
    """Refuse operators that leave something of the state or process undetermined.

    Raises:
        InputError: they do; the message names which means have no data.

    Source: as `undetermined`.
    """
    missing = undetermined(frame)
    if missing:
        shown = ", ".join(missing[:8]) + (", ..." if len(missing) > 8 else "")
        what = "process" if frame.held > 1 else "state"
        raise InputError(
            f"these settings do not determine the {what}: nothing is known of {shown}",
            where=f"{len(frame.settings)} settings with counts"
            if frame.settings != (ALL,)
            else f"{len(frame.names)} projectors",
            next_step="count in the missing bases too; each of x, y, z at each qubit is complete",
        )
