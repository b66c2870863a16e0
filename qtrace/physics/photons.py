"""Photons and power: the energy of one photon, and how many make up an optical power.

Inside: `PLANCK_CONSTANT_J_S`, `SPEED_OF_LIGHT_M_PER_S`, `photon_energy_j`, `photon_rate_per_s`.
Source: SI Brochure, 9th edition (2019), section 2.2 (defining constants, exact).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]

PLANCK_CONSTANT_J_S: Final = 6.62607015e-34  # exact, SI Brochure (2019), Table 1
SPEED_OF_LIGHT_M_PER_S: Final = 299_792_458.0  # exact, SI Brochure (2019), Table 1


def photon_energy_j(wavelength_m: Number) -> Number:
    """Return the energy of one photon.

    The wavelength is the one in vacuum: taking the one in air errs by 2.7e-4.

    Args:
        wavelength_m: Vacuum wavelength in m; a number or an array of any shape.

    Returns:
        Energy in J, of the same shape.

    Raises:
        InputError: a wavelength is not above zero.

    Source: E = h c / lambda, with the constants of the SI Brochure (2019).
    """
    if not np.all(np.asarray(wavelength_m) > 0.0):
        raise InputError(
            f"the wavelength {wavelength_m} m is not above zero",
            next_step="give the vacuum wavelength in metres, for example 1550 nm as 1.55e-6",
        )
    return PLANCK_CONSTANT_J_S * SPEED_OF_LIGHT_M_PER_S / wavelength_m


def photon_rate_per_s(power_w: Number, wavelength_m: Number) -> Number:
    """Return the mean number of photons per second in an optical power.

    Args:
        power_w: Optical power in W.
        wavelength_m: Vacuum wavelength in m.

    Returns:
        Photons per second, of the common shape of the arguments.

    Source: Phi = P lambda / (h c).
    """
    return power_w / photon_energy_j(wavelength_m)
