"""Fisher information against closed forms, bounds and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spins import collective, least_variance, twisted

from qtrace.errors import InputError
from qtrace.physics.sensing.fisher import (
    cramer_rao,
    heisenberg_limit,
    mixed_fisher,
    pure_fisher,
    separable_limit,
)
from qtrace.physics.sensing.squeezing import wineland_parameter

SEEDS = st.integers(0, 2**32 - 1)


def density(generator: np.random.Generator, size: int) -> np.ndarray:
    drawn = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    found = drawn @ drawn.conj().T
    return found / np.trace(found).real


@pytest.mark.parametrize("number", [1, 2, 5, 12])
def test_both_limits_are_reached(number: int) -> None:
    _, y, z = collective(number)
    coherent = twisted(number, 0.0)
    assert pure_fisher(coherent, y) == pytest.approx(separable_limit(number), rel=1e-9)
    cat = np.zeros(number + 1)
    cat[[0, -1]] = math.sqrt(0.5)
    expected = heisenberg_limit(number)
    assert pure_fisher(cat, z) == pytest.approx(expected, rel=1e-9)
    assert mixed_fisher(np.outer(cat, cat), z) == pytest.approx(expected, rel=1e-9)


@given(SEEDS)
def test_product_states_stay_below_the_separable_limit(seed: int) -> None:
    generator = np.random.default_rng(seed)
    state, total = np.array([1.0 + 0j]), np.zeros((1, 1))
    for _ in range(3):
        one = generator.normal(size=2) + 1j * generator.normal(size=2)
        state = np.kron(state, one / np.linalg.norm(one))
        half = np.diag([0.5, -0.5])
        total = np.kron(total, np.eye(2)) + np.kron(np.eye(total.shape[0]), half)
    assert pure_fisher(state, total) <= separable_limit(3) * (1.0 + 1e-9)


@given(SEEDS, st.floats(0.0, 1.0))
@settings(deadline=None)
def test_it_is_convex_and_below_four_variances(seed: int, share: float) -> None:
    generator = np.random.default_rng(seed)
    z = collective(3)[2]
    first, second = density(generator, 4), density(generator, 4)
    mixed = share * first + (1.0 - share) * second
    parts = share * mixed_fisher(first, z) + (1.0 - share) * mixed_fisher(second, z)
    found = mixed_fisher(mixed, z)
    assert found <= parts + 1e-9
    variance = np.trace(mixed @ z @ z).real - np.trace(mixed @ z).real ** 2
    assert found <= 4.0 * variance + 1e-9


@given(st.integers(2, 30), st.floats(1e-4, 0.5))
@settings(deadline=None)
def test_squeezing_shows_no_more_than_fisher(number: int, angle: float) -> None:
    """Pezze and Smerzi (2009): 1 / xi_R^2 <= F_Q / N, F_Q of the rotation that is squeezed."""
    state = twisted(number, angle)
    variance, length = least_variance(state, number)
    if length < 1e-3:
        return
    _, y, z = collective(number)
    pairs = [[np.vdot(state, (a @ b + b @ a) / 2.0 @ state).real for b in (y, z)] for a in (y, z)]
    largest = np.linalg.eigh(pairs)[1][:, 1]
    turned = pure_fisher(state, largest[0] * y + largest[1] * z)
    gain = 1.0 / float(wineland_parameter(number, variance, length=length))
    assert gain <= turned / number * (1.0 + 1e-6)


def test_a_qubit_by_hand() -> None:
    """Coherence c of an even qubit: eigenvalues (1 +- c)/2, so F_Q = c^2."""
    for c in (0.0, 0.3, 1.0):
        rho = np.array([[0.5, c / 2.0], [c / 2.0, 0.5]])
        assert mixed_fisher(rho, np.diag([0.5, -0.5])) == pytest.approx(c**2, abs=1e-12)


def test_the_bound_of_an_estimate() -> None:
    assert cramer_rao(16.0, 4) == 0.125
    assert cramer_rao(heisenberg_limit(50)) == pytest.approx(0.02)


Z = np.diag([0.5, -0.5])


@pytest.mark.parametrize(
    ("rho", "generator", "where"),
    [
        (np.diag([0.6, 0.6]), Z, "density"),
        (np.diag([1.2, -0.2]), Z, "density"),
        (np.array([[0.5, 0.3], [-0.3, 0.5]]), Z, "density"),
        (np.array([[math.nan, 0.0], [0.0, 1.0]]), Z, "density"),
        (np.ones((2, 3)), Z, "density"),
        (np.diag([0.5, 0.5]), np.eye(3), "generator"),
        (np.diag([0.5, 0.5]), np.array([[0.0, 1.0], [0.0, 0.0]]), "generator"),
    ],
)
def test_what_is_no_state_is_refused(rho: np.ndarray, generator: np.ndarray, where: str) -> None:
    with pytest.raises(InputError) as caught:
        mixed_fisher(rho, generator)
    assert caught.value.where == where


def test_what_is_no_vector_no_number_no_information_is_refused() -> None:
    for state in (np.array([1.0, 1.0]), np.eye(2), np.array([math.nan, 1.0])):
        with pytest.raises(InputError):
            pure_fisher(state, Z)
    for number in (0, -2, 1.5, math.nan):
        with pytest.raises(InputError):
            separable_limit(number)
        with pytest.raises(InputError):
            heisenberg_limit(number)
        with pytest.raises(InputError):
            cramer_rao(1.0, number)
    with pytest.raises(InputError):
        cramer_rao(0.0)
