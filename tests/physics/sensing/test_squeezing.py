"""Squeezing parameters against states whose moments are computed from matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spins import collective, least_variance, twisted

from qtrace.errors import InputError
from qtrace.physics.sensing.squeezing import (
    checked_moments,
    contrast,
    heisenberg_floor,
    kitagawa_ueda_parameter,
    least_wineland,
    phase_uncertainty,
    wineland_parameter,
)

ROUNDING = 1e-12


@pytest.mark.parametrize("number", [1, 2, 7, 40])
def test_a_coherent_state_is_the_unit_of_all(number: int) -> None:
    variance, length = least_variance(twisted(number, 0.0), number)
    assert wineland_parameter(number, variance, length=length) == pytest.approx(1.0, rel=1e-10)
    assert kitagawa_ueda_parameter(number, variance) == pytest.approx(1.0, rel=1e-10)
    assert contrast(number, length) == pytest.approx(1.0, rel=1e-10)
    assert phase_uncertainty(number, 1.0) == pytest.approx(1.0 / math.sqrt(number))


@pytest.mark.parametrize(("number", "angle"), [(20, 0.05), (20, 0.1), (60, 0.03)])
def test_one_axis_twisting_has_the_closed_form(number: int, angle: float) -> None:
    """Kitagawa and Ueda (1993), Eq. 3 and 5, with mu = 2 angle."""
    mu = 2.0 * angle
    a = 1.0 - math.cos(mu) ** (number - 2)
    b = 4.0 * math.sin(mu / 2.0) * math.cos(mu / 2.0) ** (number - 2)
    expected = 1.0 + (number - 1.0) / 4.0 * (a - math.sqrt(a**2 + b**2))
    variance, length = least_variance(twisted(number, angle), number)
    found = kitagawa_ueda_parameter(number, variance)
    assert found == pytest.approx(expected, rel=1e-9)
    assert length == pytest.approx(number / 2.0 * math.cos(angle) ** (number - 1), rel=1e-9)
    assert found < wineland_parameter(number, variance, length=length) < 1.0


@pytest.mark.parametrize("number", range(1, 25))
def test_spin_squeezing_ends_at_its_least(number: int) -> None:
    """The edge of all (<J_x>, Var J_z) of a spin comes from ground states of J_z^2 - lambda J_x."""
    x, _, z = collective(number)
    best = math.inf
    for pull in np.geomspace(1e-3, 1e3, 61):
        state = np.linalg.eigh(z @ z - pull * x)[1][:, 0]
        variance, length = least_variance(state, number)
        spread = float(np.vdot(state, z @ z @ state).real)  # its mean J_z is zero
        best = min(best, float(wineland_parameter(number, spread, length=length)))
        assert variance <= spread + 1e-9
    assert best >= least_wineland(number) * (1.0 - 1e-9)
    assert best >= heisenberg_floor(number)
    if number % 2 == 0:
        assert best == pytest.approx(least_wineland(number), rel=1e-3)


@given(
    st.floats(1.0, 1e9), st.floats(1e-6, 1e6), st.floats(1e-3, 1.0), st.sampled_from([1e-3, 1.0])
)
def test_wineland_is_never_below_kitagawa_ueda(
    number: float, noise: float, seen: float, scale: float
) -> None:
    variance, length = noise * scale * number / 4.0, seen * number / 2.0
    wineland = wineland_parameter(number, variance, length=length)
    plain = kitagawa_ueda_parameter(number, variance)
    assert wineland >= plain * (1.0 - ROUNDING)
    assert wineland == pytest.approx(plain / contrast(number, length) ** 2, rel=1e-9)


@pytest.mark.parametrize(
    ("number", "variance", "length", "where"),
    [
        (100.0, -1.0, 40.0, "spin_variance"),
        (100.0, math.nan, 40.0, "spin_variance"),
        (100.0, 0.0, 40.0, "spin_variance"),
        (100.0, 25.0, 50.1, "spin_length"),
        (100.0, 25.0, math.inf, "spin_length"),
        (100.0, 25.0, 0.0, "spin_length"),
        (0.5, 25.0, 0.2, "atom_number"),
        (math.nan, 25.0, 40.0, "atom_number"),
    ],
)
def test_impossible_moments_are_refused_by_name(
    number: float, variance: float, length: float, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        checked_moments(number, variance, length=length)
    assert caught.value.where == where


def test_moments_at_their_limit_pass_and_just_beyond_are_refused() -> None:
    checked_moments(100.0, 5.0, length=50.0)
    with pytest.raises(InputError):
        checked_moments(100.0, 5.0, length=50.1)
