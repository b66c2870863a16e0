"""Density matrices: what is refused, and figures with values known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.states.density import (
    BELL_STATES,
    bell_state,
    check_state,
    concurrence,
    negativity,
    partial_trace,
    partial_transpose,
    projector,
    pure_fidelity,
    purity,
    state_fidelity,
)

ROUNDING = 1e-12  # a few operations on numbers of order one
ROOT = 1e-7  # roots of rounding


def werner(visibility: float) -> np.ndarray:
    return visibility * projector(BELL_STATES["psi_minus"]) + (1 - visibility) * np.eye(4) / 4


@pytest.mark.parametrize("visibility", [0.0, 0.2, 1 / 3, 0.5, 0.838, 1.0])
def test_werner_state_has_its_closed_forms(visibility: float) -> None:
    rho = werner(visibility)
    fidelity = (1 + 3 * visibility) / 4
    assert pure_fidelity(rho, bell_state("psi_minus")) == pytest.approx(fidelity, abs=ROUNDING)
    assert purity(rho) == pytest.approx((1 + 3 * visibility**2) / 4, abs=ROUNDING)
    entangled = max(0.0, (3 * visibility - 1) / 2)
    assert concurrence(rho) == pytest.approx(entangled, abs=ROOT)
    assert negativity(rho) == pytest.approx(entangled / 2, abs=ROUNDING)
    assert np.allclose(partial_trace(rho, keep=0), np.eye(2) / 2)


def test_uhlmann_fidelity_of_commuting_and_pure_states() -> None:
    p, q = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.25, 0.25, 0.4, 0.1])
    found = state_fidelity(np.diag(p).astype(complex), np.diag(q).astype(complex))
    assert found == pytest.approx(np.sum(np.sqrt(p * q)) ** 2, abs=ROUNDING)
    rho = werner(0.7)
    target = bell_state("psi_minus")
    assert state_fidelity(rho, projector(target)) == pytest.approx(
        pure_fidelity(rho, target), abs=ROOT
    )


def test_partial_parts_keep_the_order_of_qubits() -> None:
    first, second = projector([1, 0]), projector([1, 1j])
    both = np.kron(first, second)
    assert np.allclose(partial_trace(both, keep=0), first)
    assert np.allclose(partial_trace(both, keep=1), second)
    assert np.allclose(partial_transpose(both), np.kron(first, second.T))


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.diag([0.7, 0.4]), "trace is 1.1"),
        (np.diag([1.2, -0.2]), "eigenvalue -0.2"),
        (np.array([[0.5, 0.1], [0.2, 0.5]]), "not hermitian: it differs from its adjoint by 0.1"),
        (np.ones((2, 3)), "not square"),
        (np.diag([np.nan, 1.0]), "not a finite number"),
    ],
)
def test_what_is_no_state_is_refused_with_defect_and_size(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match="this matrix is not a state") as caught:
        check_state(matrix)
    assert said in caught.value.what


def test_unknown_names_and_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="no Bell state"):
        bell_state("phi")
    with pytest.raises(InputError, match="two qubits"):
        concurrence(np.eye(2, dtype=complex) / 2)
    with pytest.raises(InputError, match="no state vector"):
        projector([0, 0])
