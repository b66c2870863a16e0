"""Classical bounds against a search over measurements, and sets that are not complete."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.states.classical_bounds import (
    BLOCH,
    CLASSICAL_BOUNDS,
    STATE_SETS,
    check_complete,
    classical_bound,
    measure_and_prepare_bound,
    no_cloning_bound,
)
from qtrace.physics.states.density import PAULI as AXES
from qtrace.physics.states.tomography_frame import POLARIZATIONS

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
FROM_STATES = ("six_states", "two_bases", "poles_equator")  # bounds without an assumption


def states(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the density matrices and weights of a set."""
    one = STATE_SETS[name]
    vectors = np.array([BLOCH[state] for state in one.states])
    rho = 0.5 * (np.eye(2) + np.einsum("ia,ajk->ijk", vectors, PAULI))
    return rho, np.array(one.weights)


def reached(rho: np.ndarray, q: np.ndarray, povm: list[np.ndarray]) -> float:
    """Return the best fidelity of measuring that and preparing the best state for each outcome."""
    total = 0.0
    for effect in povm:
        seen = q * np.einsum("ijk,kj->i", rho, effect).real
        total += float(np.max(np.linalg.eigvalsh(np.einsum("i,ijk->jk", seen, rho))))
    return total


def random_povm(generator: np.random.Generator, outcomes: int) -> list[np.ndarray]:
    kets = generator.normal(size=(outcomes, 2)) + 1j * generator.normal(size=(outcomes, 2))
    whole = np.einsum("mi,mj->ij", kets, kets.conj())
    values, vectors = np.linalg.eigh(whole)
    root = vectors @ np.diag(values**-0.5) @ vectors.conj().T
    return [np.outer(root @ k, (root @ k).conj()) for k in kets]


@pytest.mark.parametrize(
    ("name", "bound"),
    [("six_states", 2 / 3), ("two_bases", 3 / 4), ("poles_equator", 5 / 6)],
)
def test_the_bounds(name: str, bound: float) -> None:
    assert classical_bound(name) == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize("name", FROM_STATES)
def test_no_random_measurement_exceeds_a_bound(name: str) -> None:
    rho, q = states(name)
    generator = np.random.default_rng(5)
    best = max(reached(rho, q, random_povm(generator, 2 + i % 4)) for i in range(3000))
    assert best <= CLASSICAL_BOUNDS[name] + 1e-12
    assert best > CLASSICAL_BOUNDS[name] - 0.02, "the search comes near"


@pytest.mark.parametrize("name", FROM_STATES)
def test_a_measurement_along_the_best_axis_reaches_it(name: str) -> None:
    rho, q = states(name)
    vectors = np.array([BLOCH[state] for state in STATE_SETS[name].states])
    _, axes = np.linalg.eigh((q[:, None] * vectors).T @ vectors)
    along = np.einsum("a,ajk->jk", axes[:, -1], PAULI)
    povm = [0.5 * (np.eye(2) + sign * along) for sign in (1, -1)]
    assert reached(rho, q, povm) == pytest.approx(CLASSICAL_BOUNDS[name], rel=1e-12)


def test_the_assumed_equator_has_the_bound_of_the_whole_sphere() -> None:
    assert classical_bound("poles_equator_assumed") == pytest.approx(2 / 3)
    assert STATE_SETS["poles_equator_assumed"].assumption
    assert not STATE_SETS["poles_equator"].uniform


@settings(max_examples=50, deadline=None)
@given(angle=st.floats(0.0, math.pi / 2.0))
def test_two_bases_never_get_below_three_quarters(angle: float) -> None:
    """The bound grows as both bases come closer, to 1 where they are one."""
    vectors = np.array(
        [
            (0.0, 0.0, 1.0),
            (0.0, 0.0, -1.0),
            (math.sin(angle), 0.0, math.cos(angle)),
            (-math.sin(angle), 0.0, -math.cos(angle)),
        ]
    )
    found = measure_and_prepare_bound(vectors, np.full(4, 0.25))
    assert found == pytest.approx(0.5 * (1.0 + 0.5 * (1.0 + math.cos(angle))), abs=1e-12)
    assert found >= 0.75 - 1e-12


def test_cloning() -> None:
    assert no_cloning_bound("six_states") == pytest.approx(5 / 6)
    assert no_cloning_bound("two_bases") == pytest.approx(0.853553, abs=1e-6)
    with pytest.raises(InputError, match="no bound of cloning"):
        no_cloning_bound("poles_equator")


def test_missing_states_are_named() -> None:
    with pytest.raises(InputError, match="missing states: r, l") as caught:
        check_complete("six_states", ["h", "v", "d", "a"])
    assert caught.value.where == "state"
    with pytest.raises(InputError, match="does not have: r"):
        check_complete("two_bases", ["h", "v", "d", "a", "r"])
    check_complete("two_bases", ["a", "d", "v", "h"])


def test_unknown_sets_and_states_that_do_not_balance_are_refused() -> None:
    with pytest.raises(InputError, match="no set of states 'trine'"):
        classical_bound("trine")
    with pytest.raises(InputError, match="do not balance"):
        measure_and_prepare_bound(np.array([(0.0, 0.0, 1.0)]), np.ones(1))
    with pytest.raises(InputError, match="length 1"):
        measure_and_prepare_bound(np.array([(0.0, 0.0, 0.5), (0.0, 0.0, -0.5)]), np.full(2, 0.5))


@pytest.mark.parametrize("letter", list(BLOCH))
def test_letters_name_the_same_states_as_in_tomography(letter: str) -> None:
    """James et al. (2001), section II: L is H + i V, and R is H - i V."""
    state = np.array(POLARIZATIONS[letter.upper()])
    mean = [float((state.conj() @ AXES[axis] @ state).real) for axis in "xyz"]
    assert mean == pytest.approx(BLOCH[letter], abs=1e-12)
