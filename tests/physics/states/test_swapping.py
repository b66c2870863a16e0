"""Swapping: both forms against each other, matrices, limits, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entangled.werner import (
    error_rate_of_visibility,
    fidelity_of_visibility,
    visibility_of_chsh,
)
from qtrace.physics.states.swapping import (
    measurement_error,
    swap_bell_diagonal,
    swap_chain,
    swap_chain_gradient,
    swap_werner,
    swap_werner_gradient,
    teleported_fidelity,
    werner_parameter,
    werner_weights,
)
from qtrace.physics.states.swapping_chain import (
    BellMeasurement,
    attempts_until_all,
    basis_visibilities,
    check_efficiency,
    largest_chsh,
    mean_waits_attempts,
    rate_with_memory,
    rate_without_memory,
)

ROUNDING = 1e-12
FIDELITY = st.floats(0.0, 1.0)
PAULI = {
    "x": np.array([[0, 1], [1, 0]], dtype=complex),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.array([[1, 0], [0, -1]], dtype=complex),
}
BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / math.sqrt(2.0)


@st.composite
def weights(draw: st.DrawFn) -> NDArray[np.float64]:
    parts = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4)))
    return parts / parts.sum()


def density(w: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(sum(p * np.outer(b, b) for p, b in zip(w, BELL, strict=True)), dtype=complex)


def swapped_by_matrices(u: NDArray[np.float64], v: NDArray[np.float64]) -> list[float]:
    """Project qubits 2 and 3 of rho_12 x rho_34 on phi+; qubits 1 and 4 are left."""
    whole = np.kron(density(u), density(v)).reshape([2] * 8)
    phi = BELL[0].reshape(2, 2)
    left = np.einsum("bc,abcdefgh,fg->adeh", phi, whole, phi).reshape(4, 4)
    left = left / np.trace(left)
    return [float(np.real(b @ left @ b)) for b in BELL]


@given(weights(), weights())
def test_the_convolution_is_what_a_projection_leaves(
    u: NDArray[np.float64], v: NDArray[np.float64]
) -> None:
    assert swap_bell_diagonal(u, v) == pytest.approx(swapped_by_matrices(u, v), abs=ROUNDING)


@given(st.lists(FIDELITY, min_size=1, max_size=6))
def test_werner_links_are_bell_diagonal_links(fidelities: list[float]) -> None:
    chain = swap_chain([werner_weights(one) for one in fidelities])
    assert chain[0] == pytest.approx(float(swap_werner(fidelities)), abs=ROUNDING)
    assert chain.sum() == pytest.approx(1.0, abs=ROUNDING)


def test_two_links_have_the_published_form() -> None:
    a, b = 0.93, 0.81
    assert swap_werner([a, b]) == pytest.approx(a * b + (1 - a) * (1 - b) / 3.0, abs=ROUNDING)


def test_parameters_multiply() -> None:
    assert werner_parameter(swap_werner([0.9, 0.8, 0.7])) == pytest.approx(
        (2.6 / 3.0) * (2.2 / 3.0) * (1.8 / 3.0), abs=ROUNDING
    )
    assert swap_werner([0.25, 0.99]) == pytest.approx(0.25, abs=ROUNDING)  # white noise stays


def test_arrays_come_back_as_arrays() -> None:
    found = swap_werner([np.array([1.0, 0.9]), np.array([0.8, 0.9])])
    assert found == pytest.approx([0.8, 0.81 + 0.01 / 3.0], abs=ROUNDING)


@given(st.lists(st.floats(0.3, 0.95), min_size=2, max_size=4))
def test_the_gradient_is_that_of_differences(fidelities: list[float]) -> None:
    step = 1e-6
    for k, slope in enumerate(swap_werner_gradient(fidelities)):
        up, down = list(fidelities), list(fidelities)
        up[k] += step
        down[k] -= step
        difference = (float(swap_werner(up)) - float(swap_werner(down))) / (2.0 * step)
        assert slope == pytest.approx(difference, abs=1e-8)  # linear: rounding over the step


def test_the_chain_is_linear_in_each_weight() -> None:
    links = [[0.9, 0.06, 0.03, 0.01], [0.85, 0.05, 0.05, 0.05], [0.7, 0.1, 0.15, 0.05]]
    errors = [measurement_error(0.02), measurement_error(0.1)]
    slopes = swap_chain_gradient(links, errors)
    end = swap_chain(links, errors)[0]
    assert (slopes * np.array(links)).sum(axis=1) == pytest.approx([end] * 3, abs=ROUNDING)


def test_a_measurement_that_errs_is_one_more_werner_link() -> None:
    links = [werner_weights(0.9), werner_weights(0.95)]
    assert swap_chain(links, [measurement_error(0.03)])[0] == pytest.approx(
        float(swap_werner([0.9, 0.95, 0.97])), abs=ROUNDING
    )


def test_the_three_way_match_of_yin_2017() -> None:
    visibility = float(visibility_of_chsh(2.37))
    fidelity = float(fidelity_of_visibility(visibility))
    assert (round(fidelity, 3), round(visibility, 3)) == (0.878, 0.838)
    assert round(100.0 * float(error_rate_of_visibility(visibility)), 2) == 8.10
    assert largest_chsh(werner_weights(fidelity)) == pytest.approx(2.37, abs=1e-9)


@given(weights())
def test_correlations_are_those_of_the_matrix(w: NDArray[np.float64]) -> None:
    rho = density(w)
    xx, yy, zz = (float(np.real(np.trace(rho @ np.kron(p, p)))) for p in PAULI.values())
    assert basis_visibilities(w) == pytest.approx((xx, -yy, zz), abs=ROUNDING)
    a, b = sorted((xx**2, yy**2, zz**2))[1:]
    assert largest_chsh(w) == pytest.approx(2.0 * math.sqrt(a + b), abs=ROUNDING)


def test_teleportation_beats_the_classical_bound_above_one_half() -> None:
    assert teleported_fidelity(0.5) == pytest.approx(2.0 / 3.0, abs=ROUNDING)
    assert teleported_fidelity(np.array([1.0, 0.25])) == pytest.approx([1.0, 0.5], abs=ROUNDING)


@pytest.mark.parametrize("bad", [-0.01, 1.01, 95.0, float("nan")])
def test_a_fidelity_outside_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match="outside of 0 to 1"):
        swap_werner([0.9, bad])
    with pytest.raises(InputError, match="outside of 0 to 1"):
        teleported_fidelity(bad)


@pytest.mark.parametrize("bad", [[0.5, 0.5, 0.1, 0.0], [1.1, -0.1, 0.0, 0.0], [1.0, 0.0], 1.0])
def test_weights_that_are_none_are_refused(bad: list[float]) -> None:
    with pytest.raises(InputError):
        swap_bell_diagonal(bad, werner_weights(0.9))


def test_a_chain_without_links_or_with_odd_measurements_is_refused() -> None:
    with pytest.raises(InputError, match="no link"):
        swap_werner([])
    with pytest.raises(InputError, match="not by 2"):
        swap_chain([werner_weights(0.9)] * 2, [measurement_error(0.0)] * 2)
    with pytest.raises(InputError, match="3/4"):
        measurement_error(0.8)


def test_waiting_for_all_links() -> None:
    p = 0.3
    assert attempts_until_all([p]) == pytest.approx(1.0 / p)
    two = 2.0 / p - 1.0 / (1.0 - (1.0 - p) ** 2)
    assert attempts_until_all([p, p]) == pytest.approx(two)
    assert attempts_until_all([1e-6, 1e-6]) == pytest.approx(1.5e6, rel=1e-5)  # 3 / (2 p)
    assert attempts_until_all([1.0, 0.5]) == pytest.approx(2.0)
    rng = np.random.default_rng(7)
    drawn = np.max([rng.geometric(q, 200_000) for q in (0.1, 0.2, 0.4)], axis=0)
    scatter = 4.0 * float(np.std(drawn)) / math.sqrt(drawn.size)
    assert attempts_until_all([0.1, 0.2, 0.4]) == pytest.approx(float(drawn.mean()), abs=scatter)


def test_rates_and_waits() -> None:
    assert rate_without_memory(1e6, [0.01, 0.02], [0.5]) == pytest.approx(100.0)
    with_memory = rate_with_memory(1e6, [0.01, 0.02], [0.5])
    assert with_memory == pytest.approx(5e5 / attempts_until_all([0.01, 0.02]))
    assert with_memory > 100.0
    first, second = mean_waits_attempts([0.01, 0.02])
    assert second - first == pytest.approx(50.0)


def test_linear_optics_has_its_limit() -> None:
    check_efficiency(0.5, BellMeasurement.LINEAR_OPTICS)
    check_efficiency(0.6, BellMeasurement.ANCILLAE)
    with pytest.raises(InputError, match="limit"):
        check_efficiency(0.51, BellMeasurement.LINEAR_OPTICS)
    with pytest.raises(InputError, match="limit"):
        check_efficiency(0.3, BellMeasurement.ONE_STATE)
    with pytest.raises(InputError):
        attempts_until_all([0.0, 0.5])
