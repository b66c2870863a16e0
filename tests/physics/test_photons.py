"""Photons and power: the energy of a photon is fixed by two defined constants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from qtrace.errors import InputError
from qtrace.physics.photons import (
    PLANCK_CONSTANT_J_S,
    SPEED_OF_LIGHT_M_PER_S,
    photon_energy_j,
    photon_rate_per_s,
)

TEN_DIGITS = 5e-10  # relative: the reference is printed with ten digits
ROUNDING = 1e-15  # relative: two operations in double precision


def test_constants_are_those_of_the_si() -> None:
    assert constants.h == PLANCK_CONSTANT_J_S
    assert constants.c == SPEED_OF_LIGHT_M_PER_S


def test_a_photon_at_1550_nm_has_its_known_energy() -> None:
    assert photon_energy_j(1.55e-6) == pytest.approx(1.281577972e-19, rel=TEN_DIGITS)


@pytest.mark.parametrize(
    ("wavelength_m", "rate_of_one_picowatt_per_s"),
    [
        (1.55e-6, 7.802881e6),
        (1.5336e-6, 7.720321e6),
        (1.31e-6, 6.594693e6),
        (8.5e-7, 4.278999e6),
        (7.8e-7, 3.926611e6),
    ],
)
def test_one_picowatt_is_some_million_photons_per_second(
    wavelength_m: float, rate_of_one_picowatt_per_s: float
) -> None:
    seven_digits = 1e-7
    assert photon_rate_per_s(1e-12, wavelength_m) == pytest.approx(
        rate_of_one_picowatt_per_s, rel=seven_digits
    )


@given(st.floats(1e-18, 1.0), st.floats(1e-7, 1e-5), st.floats(0.1, 10.0))
def test_rate_is_proportional_to_power_and_to_wavelength(
    power_w: float, wavelength_m: float, factor: float
) -> None:
    rate = photon_rate_per_s(power_w, wavelength_m)
    assert photon_rate_per_s(power_w * factor, wavelength_m) == pytest.approx(
        rate * factor, rel=4 * ROUNDING
    )
    assert photon_rate_per_s(power_w, wavelength_m * factor) == pytest.approx(
        rate * factor, rel=4 * ROUNDING
    )


def test_arrays_keep_their_shape() -> None:
    rates = photon_rate_per_s(np.full((3, 1), 1e-12), np.array([1.31e-6, 1.55e-6]))
    assert np.shape(rates) == (3, 2)


@pytest.mark.parametrize("wavelength_m", [0.0, -1.55e-6, float("nan")])
def test_a_wavelength_must_be_above_zero(wavelength_m: float) -> None:
    with pytest.raises(InputError, match="not above zero"):
        photon_energy_j(wavelength_m)
