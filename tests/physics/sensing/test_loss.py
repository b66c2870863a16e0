"""Loss against sums over all sets of lost probes, and against the best state that there is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb
from spins import site_operators, subsets

from qtrace.errors import InputError
from qtrace.physics.sensing.fisher import mixed_fisher
from qtrace.physics.sensing.loss import (
    dephased_superposition_fisher,
    intact_superposition_fisher,
    lossy_bound,
    most_gain_with_loss,
    squeezing_after_loss,
    wineland_after_loss,
    wineland_at_contrast,
)


@pytest.mark.parametrize("eta", [0.3, 0.8, 1.0])
def test_squeezing_falls_as_the_sum_over_all_losses_says(eta: float) -> None:
    number = 5
    x, y, z = site_operators(number)
    whole = [sum(one[1:], one[0]) for one in (x, y, z)]
    state = np.linalg.eigh(whole[0])[1][:, -1]
    state = np.exp(-0.25j * np.diag(whole[2]).real ** 2) * state
    # The squeezed direction in the y-z plane, before any loss.
    pairs = [
        [np.vdot(state, (a @ b + b @ a) / 2.0 @ state).real for b in whole[1:]] for a in whole[1:]
    ]
    values, vectors = np.linalg.eigh(pairs)
    sites = [vectors[0, 0] * b + vectors[1, 0] * c for b, c in zip(y, z, strict=True)]
    length = np.vdot(state, whole[0] @ state).real
    second, first, left = 0.0, 0.0, 0.0
    for stays in subsets(number):
        chance = math.prod(eta if one else 1.0 - eta for one in stays)
        kept = sum((s * one for s, one in zip(stays, sites, strict=True)), 0.0 * sites[0])
        second += chance * np.vdot(kept @ state, kept @ state).real
        first += chance * np.vdot(state, kept @ state).real
        along = sum((s * one for s, one in zip(stays, x, strict=True)), 0.0 * x[0])
        left += chance * np.vdot(state, along @ state).real
    variance = second - first**2
    before = 4.0 * values[0] / number
    assert 4.0 * variance / (eta * number) == pytest.approx(
        squeezing_after_loss(before, eta), rel=1e-9
    )
    assert left == pytest.approx(eta * length, rel=1e-9)
    seen = 2.0 * length / number
    found = wineland_after_loss(number * values[0] / length**2, eta, contrast=seen)
    assert eta * number * variance / left**2 == pytest.approx(found, rel=1e-9)


@given(st.floats(0.0, 1.0), st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.floats(0.1, 1.0))
def test_more_loss_is_never_better_for_what_is_squeezed(
    xi: float, first: float, second: float, seen: float
) -> None:
    low, high = sorted((first, second))
    assert squeezing_after_loss(xi, low) >= squeezing_after_loss(xi, high) - 1e-12
    wineland = wineland_at_contrast(xi, seen)
    # Over the number before the loss, as the phase goes.
    phases = [wineland_after_loss(wineland, eta, contrast=seen) / eta for eta in (low, high)]
    assert phases[0] >= phases[1] * (1.0 - 1e-9)
    assert intact_superposition_fisher(7, low) <= intact_superposition_fisher(7, high)
    assert lossy_bound(7, low) >= lossy_bound(7, high)


@given(st.floats(0.0, 1.0), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_two_losses_are_one(xi: float, first: float, second: float) -> None:
    twice = squeezing_after_loss(squeezing_after_loss(xi, first), second)
    assert twice == pytest.approx(squeezing_after_loss(xi, first * second), abs=1e-12)


def lossy_state(amplitudes: np.ndarray, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """Return density matrix and generator of a two-mode state of N photons after loss.

    Amplitudes are those of |n, N - n>; both arms lose alike. Basis: (n, m) with n + m <= N.
    """
    total = amplitudes.size - 1
    basis = [(n, m) for n in range(total + 1) for m in range(total + 1 - n)]
    place = {one: k for k, one in enumerate(basis)}
    rho = np.zeros((len(basis), len(basis)))
    for a in range(total + 1):
        for b in range(total + 1 - a):
            kept = np.zeros(len(basis))
            for n, c in enumerate(amplitudes):
                m = total - n
                if a <= n and b <= m:
                    chance = comb(n, a) * comb(m, b) * eta ** (total - a - b)
                    kept[place[n - a, m - b]] = c * math.sqrt(chance * (1.0 - eta) ** (a + b))
            rho += np.outer(kept, kept)
    return rho, np.diag([(n - m) / 2.0 for n, m in basis])


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("eta", [0.4, 0.9, 1.0])
def test_noon_states_after_loss(number: int, eta: float) -> None:
    amplitudes = np.zeros(number + 1)
    amplitudes[[0, -1]] = math.sqrt(0.5)
    found = mixed_fisher(*lossy_state(amplitudes, eta))
    assert found == pytest.approx(intact_superposition_fisher(number, eta), rel=1e-9)


@pytest.mark.parametrize("number", [1, 3, 8])
@pytest.mark.parametrize("eta", [0.5, 0.9])
def test_no_state_is_better_than_the_bound(number: int, eta: float) -> None:
    """Climbed from several starts; the best of 8 photons comes within a factor of two of it."""
    generator = np.random.default_rng(number)
    best = 0.0
    for _ in range(3):
        state = np.abs(generator.normal(size=number + 1)) + 0.1
        state /= np.linalg.norm(state)
        value, step = mixed_fisher(*lossy_state(state, eta)), 0.3
        for _ in range(60):
            tried = np.abs(state + step * generator.normal(size=number + 1))
            tried /= np.linalg.norm(tried)
            if (now := mixed_fisher(*lossy_state(tried, eta))) > value:
                state, value = tried, now
            else:
                step = max(0.01, step * 0.98)
        best = max(best, value)
    least = lossy_bound(number, eta)
    assert 1.0 / math.sqrt(best) >= least * (1.0 - 1e-9)
    if number == 8 and eta == 0.5:
        assert 1.0 / math.sqrt(best) < 2.0 * least


def test_dephasing_by_hand() -> None:
    """The two outer levels of a GHZ state of three, coherence 0.9^3, generator of width 3."""
    rho = np.array([[0.5, 0.9**3 / 2.0], [0.9**3 / 2.0, 0.5]])
    found = mixed_fisher(rho, np.diag([1.5, -1.5]))
    assert dephased_superposition_fisher(3, 0.9) == pytest.approx(found, rel=1e-9)


def test_the_most_that_can_be_gained() -> None:
    assert most_gain_with_loss(0.9) == pytest.approx(10.0)
    eta, number = 0.9, 100.0
    assert 1.0 / (eta * number) / lossy_bound(number, eta) ** 2 == pytest.approx(10.0)
    with pytest.raises(InputError, match="without loss"):
        most_gain_with_loss(1.0)


@pytest.mark.parametrize("eta", [0.0, -0.1, 1.1, math.nan])
def test_what_is_no_transmittance_is_refused(eta: float) -> None:
    for call in (
        lambda: squeezing_after_loss(0.5, eta),
        lambda: lossy_bound(4, eta),
        lambda: intact_superposition_fisher(4, eta),
        lambda: wineland_after_loss(0.5, eta, contrast=1.0),
        lambda: wineland_after_loss(0.5, 0.5, contrast=eta),
        lambda: dephased_superposition_fisher(3, eta),
    ):
        with pytest.raises(InputError):
            call()


def test_negative_parameters_and_parts_of_probes_are_refused() -> None:
    with pytest.raises(InputError, match="not negative"):
        squeezing_after_loss(-3.0, 0.5)
    for number in (0.0, 2.5, math.nan):
        with pytest.raises(InputError):
            lossy_bound(number, 0.5)
