"""A fibre as a path of time: the numbers of a 75 km link, and laws that each formula obeys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import maxwell

from qtrace.errors import InputError
from qtrace.physics.timing.fibre_path import (
    chromatic_broadening_s,
    differential_group_delay_quantile_s,
    group_delay_s,
    group_velocity_dispersion,
    mean_differential_group_delay_s,
    nonlocal_correlation_width_s,
    polarization_asymmetry_s,
    temperature_delay_change_s,
    wavelength_asymmetry_drift_s,
    wavelength_asymmetry_s,
)
from qtrace.physics.timing.two_way import two_way_offset

ROUNDING = 1e-12  # relative
PRINTED = 0.01  # relative: the figures of the 75 km link are quoted to two or three digits

LENGTH_M = 75e3
PS = 1e-12
DISPERSION = 17e-6  # 17 ps/(nm km) in s/m^2
WAVELENGTH_M = 1550e-9

lengths = st.floats(1.0, 1e6)
dispersions = st.floats(-30e-6, 30e-6)
wavelengths = st.floats(1.2e-6, 1.7e-6)


def test_75_km_take_367_microseconds() -> None:
    assert group_delay_s(LENGTH_M, 1.468) == pytest.approx(367e-6, rel=PRINTED)


def test_75_km_grow_by_2_8_ns_in_each_kelvin() -> None:
    change = temperature_delay_change_s(LENGTH_M, 37e-15, temperature_change_k=1.0)
    assert change == pytest.approx(2.8e-9, rel=PRINTED)


def test_the_temperature_of_the_fibre_cancels_in_both_directions() -> None:
    change = temperature_delay_change_s(LENGTH_M, 37e-15, temperature_change_k=3.0)
    path = group_delay_s(LENGTH_M, 1.468) + change
    assert two_way_offset(delay_ab=path, delay_ba=path) == 0.0


def test_a_nanometre_spreads_over_1_28_ns() -> None:
    spread = chromatic_broadening_s(LENGTH_M, DISPERSION, spectral_width_m=1e-9)
    assert spread == pytest.approx(1.28e-9, rel=PRINTED)
    assert chromatic_broadening_s(LENGTH_M, -DISPERSION, spectral_width_m=1e-9) == spread


def test_a_picometre_of_mismatch_moves_a_two_way_offset_by_0_64_ps() -> None:
    asymmetry = wavelength_asymmetry_s(
        LENGTH_M,
        DISPERSION,
        wavelength_ab_m=WAVELENGTH_M + 1e-12,
        wavelength_ba_m=WAVELENGTH_M,
    )
    assert asymmetry == pytest.approx(1.275 * PS, rel=1e-6)  # the difference of wavelengths rounds
    path = group_delay_s(LENGTH_M, 1.468)
    uncorrected = two_way_offset(delay_ab=path + asymmetry, delay_ba=path)
    assert uncorrected == pytest.approx(0.64 * PS, rel=PRINTED)
    corrected = two_way_offset(delay_ab=path + asymmetry, delay_ba=path, asymmetry=asymmetry)
    assert corrected == pytest.approx(0.0, abs=1e-18)


@given(lengths, dispersions, wavelengths, wavelengths, st.floats(-1e3, 1e3))
def test_the_asymmetry_is_the_integral_of_the_dispersion(
    length: float, dispersion: float, ab: float, ba: float, slope: float
) -> None:
    def local(wavelength: float) -> float:
        return dispersion + slope * (wavelength - WAVELENGTH_M)

    found = wavelength_asymmetry_s(
        length,
        dispersion,
        wavelength_ab_m=ab,
        wavelength_ba_m=ba,
        slope_s_per_m3=slope,
        reference_wavelength_m=WAVELENGTH_M,
    )
    expected = length * quad(local, ba, ab)[0]
    scale = length * 1e-9  # s: dispersion times the span of wavelengths, at most
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


@given(lengths, dispersions, wavelengths, wavelengths)
def test_exchanging_the_wavelengths_turns_the_sign(
    length: float, dispersion: float, ab: float, ba: float
) -> None:
    there = wavelength_asymmetry_s(length, dispersion, wavelength_ab_m=ab, wavelength_ba_m=ba)
    back = wavelength_asymmetry_s(length, dispersion, wavelength_ab_m=ba, wavelength_ba_m=ab)
    assert there == -back


def test_the_asymmetry_of_a_channel_drifts_by_0_09_ps_in_each_kelvin() -> None:
    drift = wavelength_asymmetry_drift_s(
        LENGTH_M, -1.5e-9, wavelength_difference_m=0.8e-9, temperature_change_k=1.0
    )
    assert drift == pytest.approx(-0.09 * PS, rel=PRINTED)


def test_polarization_spreads_by_less_than_a_picosecond() -> None:
    coefficient = 0.1 * PS / math.sqrt(1000.0)  # 0.1 ps/km^(1/2)
    mean = mean_differential_group_delay_s(LENGTH_M, coefficient)
    assert mean == pytest.approx(0.87 * PS, rel=PRINTED)
    assert mean_differential_group_delay_s(4.0 * LENGTH_M, coefficient) == pytest.approx(2.0 * mean)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95, 0.99999])
def test_the_quantile_is_that_of_maxwells_distribution(probability: float) -> None:
    # scipy's own distribution of mean 1, which takes another way to the quantile.
    scale = 1.0 / maxwell.mean()
    expected = maxwell.ppf(probability, scale=scale)
    found = differential_group_delay_quantile_s(1.0, probability=probability)
    assert found == pytest.approx(expected, rel=1e-9)


def test_three_times_the_mean_is_passed_with_4_2e_5() -> None:
    # ITU-T G.691 and G.650.2 print this pair (numbers from memory).
    assert differential_group_delay_quantile_s(1.0, probability=1.0 - 4.2e-5) == pytest.approx(
        3.0, rel=1e-3
    )


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_polarization_never_makes_more_than_the_differential_delay(ab: float, ba: float) -> None:
    asymmetry = polarization_asymmetry_s(PS, projection_ab=ab, projection_ba=ba)
    assert abs(asymmetry) <= PS * (1.0 + ROUNDING)


def test_slow_one_way_and_fast_the_other_makes_the_whole_differential_delay() -> None:
    assert polarization_asymmetry_s(PS, projection_ab=1.0, projection_ba=-1.0) == PS


def test_silica_at_1550_nm_is_anomalous() -> None:
    # 17 ps/(nm km) is -21.7 ps^2/km: the pair that every book prints.
    beta2 = group_velocity_dispersion(DISPERSION, wavelength_m=WAVELENGTH_M)
    assert beta2 == pytest.approx(-21.7e-27, rel=PRINTED)


def test_dispersion_by_wavelength_and_by_frequency_agree() -> None:
    width_m = 0.1e-9
    width_rad_per_s = 2.0 * math.pi * 299_792_458.0 * width_m / WAVELENGTH_M**2
    beta2 = group_velocity_dispersion(DISPERSION, wavelength_m=WAVELENGTH_M)
    by_frequency = nonlocal_correlation_width_s(
        beta2, LENGTH_M, beta2_b_s2_per_m=beta2, length_b_m=0.0, bandwidth_rad_per_s=width_rad_per_s
    )
    by_wavelength = chromatic_broadening_s(LENGTH_M, DISPERSION, spectral_width_m=width_m)
    assert by_frequency == pytest.approx(by_wavelength, rel=ROUNDING)


@given(st.floats(-30e-27, 30e-27), st.floats(-30e-27, 30e-27), lengths, lengths)
def test_the_correlated_width_is_that_of_two_delayed_photons(
    beta_a: float, beta_b: float, length_a: float, length_b: float
) -> None:
    # Each pair has frequencies +Omega and -Omega about its centre; each photon is delayed by
    # beta_2 L times its own deviation. The scatter of the difference is the width.
    deviations = np.linspace(-1e12, 1e12, 201)
    delays = beta_b * length_b * -deviations - beta_a * length_a * deviations
    width = nonlocal_correlation_width_s(
        beta_a,
        length_a,
        beta2_b_s2_per_m=beta_b,
        length_b_m=length_b,
        bandwidth_rad_per_s=float(deviations.std()),
    )
    assert width == pytest.approx(float(delays.std()), rel=1e-6, abs=1e-22)


def test_dispersion_of_the_other_sign_on_the_other_photon_narrows_the_peak() -> None:
    width = nonlocal_correlation_width_s(
        -21.7e-27, 75e3, beta2_b_s2_per_m=127e-27, length_b_m=12_815.0, bandwidth_rad_per_s=1e12
    )
    assert abs(width) < 0.1 * PS


@pytest.mark.parametrize("length", [-1.0, math.nan])
def test_a_length_that_cannot_be_is_refused(length: float) -> None:
    with pytest.raises(InputError, match="length"):
        group_delay_s(length, 1.468)


def test_what_else_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="group index"):
        group_delay_s(LENGTH_M, 0.0)
    with pytest.raises(InputError, match="spectral width"):
        chromatic_broadening_s(LENGTH_M, DISPERSION, spectral_width_m=-1e-9)
    with pytest.raises(InputError, match="probability"):
        differential_group_delay_quantile_s(PS, probability=1.0)


def test_arrays_go_in_and_come_out() -> None:
    delays = group_delay_s(np.array([1e3, 2e3]), 1.5)
    assert isinstance(delays, np.ndarray)
    assert delays[1] == pytest.approx(2.0 * delays[0], rel=ROUNDING)
