"""Twin-field key with coherent states for the key and random phases for the test.

Inside: `phase_error_bound`, `key_per_use`, `amplitude_limits`.
Everything is per announced detector; rates of the two detectors are added.
Source: Curty, Azuma and Lo, npj Quantum Information 5, 64 (2019), arXiv:1807.07667 [abstract read;
the formula as in the published case, recomputed in tests].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.photon_classes import photon_interval

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

HOPELESS = 1e3  # a sum of amplitudes that no key survives


def amplitude_limits(low: float, high: float, largest: int) -> Array:
    """Return upper limits of c_n = exp(-m/2) m^(n/2) / sqrt(n!), n from 0, over an interval of m.

    Args:
        low: Lower limit of the intensity m of the key pulses.
        high: Upper limit.
        largest: Largest photon number.

    Source: c_n^2 is Poisson's law, whose largest value over m lies at m = n or at an end.
    """
    photons = np.arange(largest + 1, dtype=np.float64)
    most = photon_interval(np.array([low]), np.array([high]), photons)[1][0]
    limits: Array = np.sqrt(most / np.exp(gammaln(photons + 1.0)))
    return limits


def phase_error_bound(
    yields: Array, amplitudes_a: Array, amplitudes_b: Array, gain: Number
) -> Array:
    """Return the upper bound of the phase error rate; cut at 1/2, where h turns over.

    Photon numbers beyond those given take a yield of 1: nothing is left out.

    Args:
        yields: Upper limits of Y_nm of this detector, shape (..., n, m).
        amplitudes_a: c_n of a, shape (..., n), from `amplitude_limits`.
        amplitudes_b: c_m of b.
        gain: Gain of the key pulses at this detector, shape (...).

    Raises:
        InputError: tables of different sizes.

    Source: Curty, Azuma and Lo (2019): e_Z p_XX <= sum over j = 0, 1 of
        [sum over n, m of parity j of c_n c_m sqrt(Y_nm)]^2.
    """
    n, m = yields.shape[-2:]
    if (amplitudes_a.shape[-1], amplitudes_b.shape[-1]) != (n, m):
        raise InputError(
            f"{n} x {m} yields do not fit the amplitudes",
            next_step="give the amplitudes of as many photon numbers as there are yields",
        )
    total: Array = np.zeros(yields.shape[:-2])
    for parity in (0, 1):
        a, b = amplitudes_a[..., parity::2], amplitudes_b[..., parity::2]
        known = np.sqrt(np.clip(yields[..., parity::2, parity::2], 0.0, 1.0))
        inside = np.einsum("...n,...m,...nm->...", a, b, known)
        rest_a, rest_b = _rest(amplitudes_a, parity), _rest(amplitudes_b, parity)
        beyond = rest_a * (b.sum(-1) + rest_b) + a.sum(-1) * rest_b
        total = total + np.square(inside + beyond)
    p = np.asarray(gain, dtype=np.float64)
    return np.where(p > 0.0, np.minimum(total / np.where(p > 0.0, p, 1.0), 0.5), 0.5)


def _rest(amplitudes: Array, parity: int) -> Array:
    """Return a bound of the sum of c_n over photon numbers of that parity beyond those given.

    c_(n+2) / c_n = m / sqrt((n+1)(n+2)) falls with n, hence the rest is below a geometric series.
    Where the last ratio is not below 1 the pulses are too strong for the numbers given: a sum
    that ends in a phase error of 1/2.
    """
    chosen = amplitudes[..., parity::2]
    if chosen.shape[-1] < 2:
        return np.full(amplitudes.shape[:-1], HOPELESS)
    last, before = chosen[..., -1], chosen[..., -2]
    ratio = np.divide(last, before, out=np.zeros_like(last), where=before > 0.0)
    safe = np.where(ratio < 1.0, ratio, 0.0)
    return np.where(ratio < 1.0, last * safe / (1.0 - safe), HOPELESS)


def key_per_use(
    gain: Number, error_rate: Number, phase_error: Number, *, error_correction_efficiency: Number
) -> Number:
    """Return secret bits per pair of key pulses from one detector; unclamped.

    Args:
        gain: Probability that this detector clicks alone.
        error_rate: Bit error rate of these clicks.
        phase_error: From `phase_error_bound`.
        error_correction_efficiency: Leak over its Shannon limit.

    Source: Curty, Azuma and Lo (2019): p_XX [1 - f h(e_X) - h(e_Z)].
    """
    leak = np.asarray(error_correction_efficiency) * binary_entropy(error_rate)
    phase = binary_entropy(np.minimum(phase_error, 0.5))
    rate: Number = gain * (1.0 - leak - phase)
    return rate
