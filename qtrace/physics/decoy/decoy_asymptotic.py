"""Decoy BB84 in the limit of an infinitely long key: GLLP with vacuum and weak decoy.

Inside: `Gain`, `DecoyYields`, `vacuum_weak_yields`, `gllp_key_per_pulse`.
Gains are detections per pulse sent with that intensity, both sides in the same basis. Nothing
is clamped but the phase error at one half, where the entropy turns over.
Source: Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005), Eqs. 1, 18, 21, 25, 34, 37 [from memory; the
form without vacuum residue is that of the cases recomputed in tests, and of their peers].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]

WORST = 0.5


class Gain(NamedTuple):
    """Detections per pulse of one intensity, and wrong detections per pulse."""

    detected: Number
    wrong: Number


class DecoyYields(NamedTuple):
    """Bounds of what pulses of no photon, and of one, do in the channel."""

    vacuum_yield: Number
    single_yield: Number
    single_error_rate: Number


def vacuum_weak_yields(
    signal: Gain, weak: Gain, vacuum: Gain, *, means: tuple[Number, Number, Number]
) -> DecoyYields:
    """Return bounds of the yields of vacuum and of single photons, and of the latter's errors.

    Args:
        signal: Gain of the brightest intensity.
        weak: Gain of the weak decoy.
        vacuum: Gain of the weakest intensity, which need not be quite dark.
        means: Mean photon numbers of the three, in falling order.

    Returns:
        Yields, not below 0, and the error rate, which is one half where no yield is left.

    Raises:
        InputError: intensities out of order, or gains that are no probabilities.

    Source: Ma et al. (2005), Eqs. 18, 21 and 25; with mu3 = 0 they are Eqs. 34 and 37.
    """
    mu, nu1, nu2 = (np.asarray(one, dtype=np.float64) for one in means)
    if not (np.all(nu1 > nu2) and np.all(mu > nu1 + nu2)):
        raise InputError(
            "the mean photon numbers do not fall, or the first is not above the sum of the others",
            where="intensities",
            next_step="the bound needs mu1 > mu2 + mu3 and mu2 > mu3",
        )
    q_mu, q_nu1, q_nu2 = (
        np.asarray(gain.detected) * np.exp(mean)
        for gain, mean in zip((signal, weak, vacuum), (mu, nu1, nu2), strict=True)
    )
    y0 = np.maximum((nu1 * q_nu2 - nu2 * q_nu1) / (nu1 - nu2), 0.0)
    squares = nu1 * nu1 - nu2 * nu2
    y1 = mu / (mu * (nu1 - nu2) - squares) * (q_nu1 - q_nu2 - squares / (mu * mu) * (q_mu - y0))
    y1 = np.maximum(y1, 0.0)
    wrong = np.asarray(weak.wrong) * np.exp(nu1) - np.asarray(vacuum.wrong) * np.exp(nu2)
    left = y1 > 0.0
    rate = np.maximum(wrong, 0.0) / np.where(left, (nu1 - nu2) * y1, 1.0)
    error_rate = np.where(left, np.minimum(rate, WORST), WORST)[()]
    return DecoyYields(y0, y1, error_rate)


def gllp_key_per_pulse(
    signal: Gain,
    *,
    mean: Number,
    single_yield: Number,
    phase_error: Number,
    leak_per_pulse: Number,
    basis_probability: Number,
) -> Number:
    """Return secret bits per pulse of the signal intensity; not clamped.

    Args:
        signal: Gain of the signal in the key basis.
        mean: Its mean photon number.
        single_yield: Lower bound of the yield of single photons in the key basis.
        phase_error: Upper bound of the error rate of single photons in the test basis.
        leak_per_pulse: Bits told per pulse with matching bases: Q f h(E).
        basis_probability: Probability that both sides choose the key basis, q.

    Source: Gottesman, Lo, Lutkenhaus and Preskill, QIC 4, 325 (2004); Ma et al. (2005), Eq. 1:
        q (Q1 (1 - h(e1)) - Q f h(E)), Q1 = Y1 mu exp(-mu).
    """
    single = single_yield * np.asarray(mean) * np.exp(-np.asarray(mean))
    if not np.all(np.asarray(signal.detected) >= 0.0):
        raise InputError("a gain is negative", next_step="check the counts and the pulses sent")
    rate: Number = basis_probability * (
        single * (1.0 - binary_entropy(np.minimum(phase_error, WORST))) - leak_per_pulse
    )
    return rate
