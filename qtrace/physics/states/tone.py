"""A transferred calibration tone: a deviation of phase as frequency, time and lost fidelity.

Inside: `frequency_offset_hz`, `fractional_frequency`, `time_offset_s`, `averaging_time_s`,
`two_point_uncertainty`, `equatorial_fidelity`.
A phase alone is no frequency: the time over which it was gathered must be given.
Source: definitions, omega = d(phi)/dt and phi = 2 pi f t; IEEE Std 1139 for fractional frequency
and time error from phase [clause from memory].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]

TURN = 2.0 * math.pi


def _above_zero(value: Number | None, what: str, why: str) -> Number:
    if value is None:
        raise InputError(
            f"{why} without {what}", where=what.replace(" ", "_"), next_step=f"state the {what}"
        )
    if not np.all(np.asarray(value, dtype=np.float64) > 0.0):
        least = float(np.min(value))  # slopes and draws hand in arrays
        raise InputError(
            f"the {what} of {least:g} is not above zero",
            where=what.replace(" ", "_"),
            next_step="correct the number",
        )
    return value


def frequency_offset_hz(phase_rad: Number, averaging_time_s: Number | None) -> Number:
    """Return the frequency that gathers a phase over an averaging time, in Hz.

    Args:
        phase_rad: Phase gathered between the start and the end of the averaging time.
        averaging_time_s: That time; None is refused.

    Raises:
        InputError: A phase without averaging time, or a time that is not above zero.

    Source: f = d(phi) / (2 pi tau).
    """
    tau = _above_zero(averaging_time_s, "averaging time", "a phase is no frequency")
    found: Number = phase_rad / (TURN * tau)
    return found


def averaging_time_s(phase_rad: Number, frequency_hz: Number) -> Number:
    """Return the averaging time that a claimed phase and frequency imply, in s.

    Raises:
        InputError: A frequency that is not above zero.

    Source: as `frequency_offset_hz`.
    """
    found: Number = phase_rad / (TURN * _above_zero(frequency_hz, "frequency", "no time"))
    return found


def fractional_frequency(
    phase_rad: Number, averaging_time_s: Number | None, *, carrier_frequency_hz: Number
) -> Number:
    """Return the frequency offset over the carrier frequency.

    Raises:
        InputError: As `frequency_offset_hz`; a carrier frequency that is not above zero.

    Source: y = d(phi) / (2 pi f0 tau).
    """
    carrier = _above_zero(carrier_frequency_hz, "carrier frequency", "no fraction")
    found: Number = frequency_offset_hz(phase_rad, averaging_time_s) / carrier
    return found


def time_offset_s(phase_rad: Number, carrier_frequency_hz: Number) -> Number:
    """Return the time that a phase of the carrier is, in s; whole turns are not seen.

    Raises:
        InputError: A carrier frequency that is not above zero.

    Source: t = d(phi) / (2 pi f0).
    """
    carrier = _above_zero(carrier_frequency_hz, "carrier frequency", "a phase is no time")
    found: Number = phase_rad / (TURN * carrier)
    return found


def two_point_uncertainty(u_start: float, u_end: float, *, correlation: float = 0.0) -> float:
    """Return u of a gathered phase, the difference of a reading at the end and one at the start.

    Args:
        u_start: u of the reading at the start.
        u_end: u of that at the end, in the same unit.
        correlation: 0 for independent readings (sqrt 2 of one); 1 where all of u is an error
            that both share, a bias, which cancels.

    Raises:
        InputError: A negative u, or a correlation outside of -1 to 1.

    Source: GUM Eq. 16.
    """
    if u_start < 0.0 or u_end < 0.0 or not -1.0 <= correlation <= 1.0:
        raise InputError(
            "a u is negative, or the correlation is none",
            where="phase deviation",
            next_step="give both u and a correlation of -1 to 1",
        )
    variance = u_start**2 + u_end**2 - 2.0 * correlation * u_start * u_end
    return math.sqrt(max(variance, 0.0))


def equatorial_fidelity(rms_phase_rad: Number) -> Number:
    """Return the mean fidelity of equatorial states under a phase that scatters.

    Args:
        rms_phase_rad: Root mean square of a normally distributed phase of mean zero.

    Source: F = (1 + <cos phi>) / 2 = (1 + exp(-phi^2 / 2)) / 2. A fixed phase phi gives
        (1 + cos phi) / 2 instead, and poles lose nothing.
    """
    found: Number = 0.5 * (1.0 + np.exp(-0.5 * np.asarray(rms_phase_rad) ** 2))[()]
    return found
