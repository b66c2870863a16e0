"""Detection: efficiency by substitution, and what dead time does to a count rate.

Inside: `count_rate_per_s`, `substitution_efficiency`, `measured_rate_nonparalyzable_per_s`,
`true_rate_nonparalyzable_per_s`, `measured_rate_paralyzable_per_s`,
`true_rate_paralyzable_per_s`, `efficiency_at_photon_rate`.
Values are never clipped: an efficiency above 1 is for the evaluation to judge.
Source: NIST IR 8486r1 (2025), terms; Knoll, Radiation Detection and Measurement, chapter 4
(dead time models). The chapter was not at hand; the inverse pairs are tested on each other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


def count_rate_per_s(
    counts: Number, duration_s: Number, *, time_base_deviation: Number = 0.0
) -> Number:
    """Return a count rate, corrected for the fractional frequency deviation of the counter.

    Args:
        counts: Number of counts.
        duration_s: Counting time as the counter indicates it, in s.
        time_base_deviation: Fractional frequency deviation y of the time base; a clock that
            runs fast (y > 0) indicates more seconds than have passed.

    Returns:
        Counts per true second.

    Raises:
        InputError: a duration is not above zero.

    Source: indicated duration = true duration (1 + y), by the definition of y.
    """
    if not np.all(np.asarray(duration_s) > 0.0):
        raise InputError(
            f"the counting time {duration_s} s is not above zero",
            next_step="give the time during which the counter was open, in seconds",
        )
    return counts / duration_s * (1.0 + time_base_deviation)


def substitution_efficiency(
    count_rate_per_s: Number, dark_count_rate_per_s: Number, photon_rate_per_s: Number
) -> Number:
    """Return the system detection efficiency found by substitution.

    Args:
        count_rate_per_s: Rate with light, in counts per s.
        dark_count_rate_per_s: Rate with the input blocked, in counts per s.
        photon_rate_per_s: Photons per s in the reference plane.

    Returns:
        Efficiency, unclipped (a value above 1 is returned as it is).

    Raises:
        InputError: a photon rate is not above zero.

    Source: Reddy et al., APL Photonics 7, 051302 (2022), supplement, eta = (CR - DCR) / N.
    """
    if not np.all(np.asarray(photon_rate_per_s) > 0.0):
        raise InputError(
            f"the photon rate {photon_rate_per_s} /s is not above zero",
            next_step="check the power, the attenuations and the wavelength behind the rate",
        )
    return (count_rate_per_s - dark_count_rate_per_s) / photon_rate_per_s


def _check_dead_time(dead_time_s: Number) -> None:
    if not np.all(np.asarray(dead_time_s) >= 0.0):
        raise InputError(
            f"the dead time {dead_time_s} s is negative",
            next_step="give the dead time in seconds, zero where there is none",
        )


def measured_rate_nonparalyzable_per_s(true_rate_per_s: Number, dead_time_s: Number) -> Number:
    """Return the rate that a detector with non-paralyzable dead time shows.

    Source: m = n / (1 + n tau), Knoll, chapter 4.
    """
    _check_dead_time(dead_time_s)
    return true_rate_per_s / (1.0 + true_rate_per_s * dead_time_s)


def true_rate_nonparalyzable_per_s(measured_rate_per_s: Number, dead_time_s: Number) -> Number:
    """Return the rate without dead time, for a non-paralyzable detector.

    Args:
        measured_rate_per_s: Rate shown, in counts per s.
        dead_time_s: Dead time in s.

    Raises:
        InputError: rate times dead time reaches 1, which no such detector can show.

    Source: n = m / (1 - m tau), Knoll, chapter 4.
    """
    _check_dead_time(dead_time_s)
    busy = measured_rate_per_s * dead_time_s
    if not np.all(np.asarray(busy) < 1.0):
        raise InputError(
            f"the rate times the dead time is {busy}, and cannot reach 1",
            next_step="check the rate and the dead time: one of them is too large",
        )
    return measured_rate_per_s / (1.0 - busy)


def measured_rate_paralyzable_per_s(true_rate_per_s: Number, dead_time_s: Number) -> Number:
    """Return the rate that a detector with paralyzable dead time shows.

    Source: m = n exp(-n tau), Knoll, chapter 4.
    """
    _check_dead_time(dead_time_s)
    exponent = np.asarray(-true_rate_per_s * dead_time_s, dtype=np.float64)
    damped: Number = true_rate_per_s * np.exp(exponent)
    return damped


def true_rate_paralyzable_per_s(measured_rate_per_s: Number, dead_time_s: Number) -> Number:
    """Return the rate without dead time, for a paralyzable detector below its maximum.

    The relation has two solutions; this is the lower one (n tau below 1), the only one that
    goes over into the measured rate when the dead time goes to zero.

    Args:
        measured_rate_per_s: Rate shown, in counts per s.
        dead_time_s: Dead time in s.

    Raises:
        InputError: the rate is above 1 / (e tau), which no such detector can show.

    Source: n = -W0(-m tau) / tau, the inverse of m = n exp(-n tau) by Lambert's function.
    """
    _check_dead_time(dead_time_s)
    busy = np.asarray(measured_rate_per_s * dead_time_s, dtype=np.float64)
    if not np.all(busy <= math.exp(-1.0)):
        raise InputError(
            f"the rate times the dead time is {busy}, above 1/e",
            next_step="a paralyzable detector cannot show this rate: check rate and dead time",
        )
    lowest = np.asarray(lambertw((-busy).tolist()), dtype=np.complex128).real
    # W0(-x)/(-x) goes to 1 at x = 0, where the quotient itself is 0/0.
    stretch = np.where(busy > 0.0, np.divide(-lowest, np.where(busy > 0.0, busy, 1.0)), 1.0)
    true_rate: Number = measured_rate_per_s * stretch
    return true_rate


def efficiency_at_photon_rate(
    efficiency: Number, photon_rate_per_s: Number, *, dead_time_s: Number
) -> Number:
    """Return the efficiency that remains at a photon rate, dead time being non-paralyzable.

    Args:
        efficiency: Efficiency at a vanishing rate.
        photon_rate_per_s: Photons per s on the detector, arriving at random.
        dead_time_s: Dead time in s.

    Returns:
        Counts per photon at that rate.

    Source: m / N with m = eta N / (1 + eta N tau), Knoll, chapter 4; NIST IR 8486r1, terms.
    """
    _check_dead_time(dead_time_s)
    return efficiency / (1.0 + efficiency * photon_rate_per_s * dead_time_s)
