"""A fibre as a path of time: group delay, temperature, dispersion, polarization.

Inside: `group_delay_s`, `temperature_delay_change_s`, `chromatic_broadening_s`,
`wavelength_asymmetry_s`, `wavelength_asymmetry_drift_s`, `mean_differential_group_delay_s`,
`differential_group_delay_quantile_s`, `polarization_asymmetry_s`, `group_velocity_dispersion`,
`nonlocal_correlation_width_s`.
An asymmetry is the delay from A to B minus that from B to A. Half of it is the error of a two-way
or round-trip offset; that half is taken in `two_way`, never here.
Source: Agrawal, Fiber-Optic Communication Systems, 4th ed., sections 2.3 and 2.4 (sections from
memory) for delay and dispersion; Gordon and Kogelnik, PNAS 97, 4541 (2000), for polarization;
Franson, Phys. Rev. A 45, 3126 (1992), for correlated photons.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from qtrace.errors import InputError
from qtrace.physics.photons import SPEED_OF_LIGHT_M_PER_S

Number = float | NDArray[np.float64]


def group_delay_s(length_m: Number, group_index: Number) -> Number:
    """Return the time that a pulse takes through a fibre, in s.

    Args:
        length_m: Length of the fibre (not of the cable or the trench), in m.
        group_index: Group index n_g at the wavelength used.

    Raises:
        InputError: a length is negative or a group index not above zero.

    Source: tau = n_g L / c, Agrawal, section 2.3.
    """
    _check_length(length_m)
    if not np.all(np.asarray(group_index) > 0.0):
        raise InputError(
            f"the group index {group_index} is not above zero",
            next_step="give the group index of the fibre, about 1.468 for silica at 1550 nm",
        )
    return group_index * length_m / SPEED_OF_LIGHT_M_PER_S


def temperature_delay_change_s(
    length_m: Number, coefficient_s_per_m_k: Number, *, temperature_change_k: Number
) -> Number:
    """Return by how much the delay of a fibre grows with its temperature, in s.

    It is the same in both directions of one fibre at one wavelength: a two-way offset does not
    see it if both directions pass within a time that is short beside that of the change.

    Args:
        length_m: Length of the fibre in m.
        coefficient_s_per_m_k: Change of delay per length and temperature in s/(m K); of the
            order of 37e-15 (37 ps/(km K)), by make of the cable, so it wants its calibration.
        temperature_change_k: Temperature now minus that of the calibration, in K.

    Raises:
        InputError: a length is negative.

    Source: d tau = kappa L dT, first order; definition of the coefficient.
    """
    _check_length(length_m)
    return coefficient_s_per_m_k * length_m * temperature_change_k


def chromatic_broadening_s(
    length_m: Number, dispersion_s_per_m2: Number, *, spectral_width_m: Number
) -> Number:
    """Return the spread of arrival times of a spectrum, in s; rms for an rms width.

    Args:
        length_m: Length of the fibre in m.
        dispersion_s_per_m2: Dispersion D in s/m^2; 1 ps/(nm km) is 1e-6.
        spectral_width_m: Width in vacuum wavelength, in m; rms gives rms, FWHM gives FWHM.

    Raises:
        InputError: a length or a width is negative.

    Source: |D| L dlambda, Agrawal, Eq. 2.3.5 (number from memory).
    """
    _check_length(length_m)
    _check_length(spectral_width_m, what="spectral width")
    width: Number = np.abs(dispersion_s_per_m2) * length_m * spectral_width_m
    return width


def wavelength_asymmetry_s(
    length_m: Number,
    dispersion_s_per_m2: Number,
    *,
    wavelength_ab_m: Number,
    wavelength_ba_m: Number,
    slope_s_per_m3: Number = 0.0,
    reference_wavelength_m: Number = 0.0,
) -> Number:
    """Return the delay at the wavelength from A to B minus that at the one from B to A, in s.

    Args:
        length_m: Length of the fibre in m, the same in both directions.
        dispersion_s_per_m2: Dispersion D in s/m^2, at the reference wavelength if a slope is given.
        wavelength_ab_m: Vacuum wavelength of the light from A to B in m, its centre.
        wavelength_ba_m: That of the light from B to A.
        slope_s_per_m3: Dispersion slope S in s/m^3; 1 ps/(nm^2 km) is 1e3.
        reference_wavelength_m: Where D was measured, in m; without effect where the slope is 0.

    Returns:
        L times the integral of D from the wavelength of B to A to that of A to B.

    Raises:
        InputError: a length is negative.

    Source: d tau/d lambda = D L (definition of D, Agrawal, section 2.3.1), integrated with
        D + S (lambda - lambda_ref).
    """
    _check_length(length_m)
    above = wavelength_ab_m - reference_wavelength_m
    below = wavelength_ba_m - reference_wavelength_m
    curved = 0.5 * slope_s_per_m3 * (above + below)
    return length_m * (dispersion_s_per_m2 + curved) * (wavelength_ab_m - wavelength_ba_m)


def wavelength_asymmetry_drift_s(
    length_m: Number,
    dispersion_temperature_s_per_m2_k: Number,
    *,
    wavelength_difference_m: Number,
    temperature_change_k: Number,
) -> Number:
    """Return by how much the asymmetry of two wavelengths moves with temperature, in s.

    Args:
        length_m: Length of the fibre in m.
        dispersion_temperature_s_per_m2_k: dD/dT in s/(m^2 K); 1 ps/(nm km K) is 1e-6.
        wavelength_difference_m: Wavelength from A to B minus that from B to A, in m.
        temperature_change_k: Temperature now minus that of the calibration, in K.

    Raises:
        InputError: a length is negative.

    Source: derivative by T of D L (lambda_AB - lambda_BA).
    """
    _check_length(length_m)
    change = dispersion_temperature_s_per_m2_k * temperature_change_k
    return change * length_m * wavelength_difference_m


def mean_differential_group_delay_s(length_m: Number, coefficient_s_per_sqrt_m: Number) -> Number:
    """Return the mean differential group delay of a long fibre, in s.

    Args:
        length_m: Length in m, long beside the coupling length of the polarizations.
        coefficient_s_per_sqrt_m: PMD coefficient in s/m^(1/2); 0.1 ps/km^(1/2) is 3.16e-15.

    Raises:
        InputError: a length or the coefficient is negative.

    Source: <DGD> = D_PMD sqrt(L), Agrawal, Eq. 2.3.17 (number from memory); Gordon and Kogelnik
        (2000), section on the statistics.
    """
    _check_length(length_m)
    _check_length(coefficient_s_per_sqrt_m, what="coefficient of polarization mode dispersion")
    mean: Number = coefficient_s_per_sqrt_m * np.sqrt(length_m)
    return mean


def differential_group_delay_quantile_s(mean_s: Number, *, probability: float) -> Number:
    """Return the differential group delay that is not exceeded with a probability, in s.

    It bounds how much the delay can differ by direction through polarization alone: light in the
    fast state one way and in the slow state the other.

    Args:
        mean_s: Mean differential group delay in s.
        probability: Probability, above 0 and below 1.

    Raises:
        InputError: the mean is negative or the probability not between 0 and 1.

    Source: Maxwell's distribution (Gordon and Kogelnik, 2000) of mean 2 a sqrt(2/pi); its
        quantile is a sqrt(2 P^-1(3/2, p)), P the regularized incomplete gamma function.
    """
    _check_length(mean_s, what="mean differential group delay")
    if not 0.0 < probability < 1.0:
        raise InputError(
            f"the probability {probability} is not between 0 and 1",
            next_step="give for example 0.95 or 0.99999",
        )
    scale = math.sqrt(math.pi / 8.0) * math.sqrt(2.0 * float(gammaincinv(1.5, probability)))
    return mean_s * scale


def polarization_asymmetry_s(
    differential_group_delay_s: Number, *, projection_ab: Number = 0.0, projection_ba: Number = 0.0
) -> Number:
    """Return the delay asymmetry that polarization causes, in s.

    Args:
        differential_group_delay_s: Differential group delay in s.
        projection_ab: Projection of the Stokes vector of the light from A to B on the slow
            principal state, from -1 (all fast) to 1 (all slow), 0 for unpolarized light.
        projection_ba: That of the light from B to A. A state spread evenly over the sphere has a
            projection spread evenly over -1 to 1 (Archimedes).

    Source: mean delay of a state, tau_0 + (DGD/2) p.s, Gordon and Kogelnik (2000), Eq. 5.8
        (number from memory).
    """
    return 0.5 * differential_group_delay_s * (projection_ab - projection_ba)


def group_velocity_dispersion(dispersion_s_per_m2: Number, *, wavelength_m: Number) -> Number:
    """Return beta_2 in s^2/m from the dispersion by wavelength; of the opposite sign.

    Source: D = -2 pi c beta_2 / lambda^2, Agrawal, Eq. 2.3.5 (number from memory).
    """
    return (
        -dispersion_s_per_m2
        * wavelength_m
        * wavelength_m
        / (2.0 * math.pi * SPEED_OF_LIGHT_M_PER_S)
    )


def nonlocal_correlation_width_s(
    beta2_a_s2_per_m: Number,
    length_a_m: Number,
    *,
    beta2_b_s2_per_m: Number,
    length_b_m: Number,
    bandwidth_rad_per_s: Number,
) -> Number:
    """Return the width that dispersion gives to the delay of anti-correlated photons, in s.

    Dispersion of opposite sign on the other photon narrows the peak. Its position still follows
    the centre wavelengths of both photons.

    Args:
        beta2_a_s2_per_m: beta_2 on the path of photon a, in s^2/m.
        length_a_m: Length of that path in m.
        beta2_b_s2_per_m: beta_2 on the path of photon b, in s^2/m.
        length_b_m: Length of that path in m.
        bandwidth_rad_per_s: Width of the angular frequency of one photon, in rad/s; rms for rms.

    Raises:
        InputError: a length or the bandwidth is negative.

    Source: |beta_2a L_a + beta_2b L_b| domega, far beyond the coherence time: Franson (1992),
        where the sum in the exponent vanishes; each photon delayed by +-beta_2 L Omega.
    """
    _check_length(length_a_m)
    _check_length(length_b_m)
    _check_length(bandwidth_rad_per_s, what="bandwidth")
    together = beta2_a_s2_per_m * length_a_m + beta2_b_s2_per_m * length_b_m
    width: Number = np.abs(together) * bandwidth_rad_per_s
    return width


def _check_length(value: Number, *, what: str = "length") -> None:
    if not np.all(np.asarray(value) >= 0.0):
        raise InputError(
            f"the {what} {value} is negative or no number",
            next_step=f"give the {what} in SI units, zero or more",
        )
