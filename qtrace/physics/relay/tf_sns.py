"""Twin-field key from sending or not sending: rate without limit of size, and its two bounds.

Inside: `single_yield_lower`, `phase_error_upper`, `key_per_window`.
All gains count announcements of either
detector; unlike the other twin-field protocol the two are not told apart.
Source: Wang, Yu and Hu, PRA 98, 062323 (2018), Eqs. 4, 44, 45 [read in two
transcriptions in public code, not in the paper].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]


def single_yield_lower(
    weak_gain: Number, strong_gain: Number, *, vacuum_gain: Number, weak: Number, strong: Number
) -> Array:
    """Return a lower bound of the yield of one photon sent by one side; clamped at 0.

    The clamp is part of the bound: a yield is not negative.

    Args:
        weak_gain: Gain where one side sends the weak decoy and the other nothing.
        strong_gain: The same with the stronger decoy.
        vacuum_gain: Gain where nobody sends.
        weak: Mean photon number of the weak decoy.
        strong: Mean photon number of the stronger decoy.

    Raises:
        InputError: decoys that are not 0 < weak < strong.

    Source: Eq. 44: [p2(s) (S_w - p0(w) s0) - p2(w) (S_s - p0(s) s0)] / [p2(s) p1(w) - p2(w) p1(s)].
    """
    w, s = np.asarray(weak, dtype=np.float64), np.asarray(strong, dtype=np.float64)
    if not np.all((w > 0.0) & (w < s)):
        raise InputError(
            f"decoys of {weak} and {strong} photons do not rise from above 0",
            next_step="give the weaker decoy first, both with light",
        )
    # Multiplied by exp(w + s): what is left are powers.
    of_weak = weak_gain * np.exp(w) - vacuum_gain
    of_strong = strong_gain * np.exp(s) - vacuum_gain
    least: Array = (s * s * of_weak - w * w * of_strong) / (w * s * (s - w))
    return np.maximum(least, 0.0)


def phase_error_upper(
    error_gain: Number, *, vacuum_gain: Number, weak: Number, single_yield: Number
) -> Array:
    """Return an upper bound of the phase error rate of single photons; between 0 and 1/2.

    Args:
        error_gain: Gain times error rate of windows in which both sent the weak decoy with
            phases that were found alike.
        vacuum_gain: Gain where nobody sends, a lower bound.
        weak: Mean photon number of that decoy on each side.
        single_yield: From `single_yield_lower`.

    Source: Eq. 45: (T - exp(-2w) s0 / 2) / (2 w exp(-2w) s1). The cut at 1/2 is part of the bound.
    """
    w, s1 = np.asarray(weak, dtype=np.float64), np.asarray(single_yield, dtype=np.float64)
    errors = np.asarray(error_gain * np.exp(2.0 * w) - np.asarray(vacuum_gain) / 2.0)
    pairs = 2.0 * w * s1
    rate = np.divide(errors, pairs, out=np.full(np.shape(errors + pairs), 0.5), where=pairs > 0.0)
    bound: Array = np.clip(rate, 0.0, 0.5)
    return bound


def key_per_window(
    single_yield: Number,
    phase_error: Number,
    *,
    signal: Number,
    send_probability: Number,
    gain: Number,
    error_rate: Number,
    error_correction_efficiency: Number,
) -> Number:
    """Return secret bits per key window; unclamped.

    Args:
        single_yield: Lower bound of the yield of one photon sent by one side.
        phase_error: Upper bound of the phase error rate.
        signal: Mean photon number of a pulse that is sent.
        send_probability: Probability of each side to send.
        gain: Gain of key windows, all four choices.
        error_rate: Part of these in which both or nobody sent.
        error_correction_efficiency: Leak over its Shannon limit.

    Source: Eq. 4: 2 p (1 - p) m exp(-m) s1 [1 - h(e_ph)] - S f h(E).
    """
    p, m = np.asarray(send_probability), np.asarray(signal)
    single = 2.0 * p * (1.0 - p) * m * np.exp(-m) * single_yield
    leak = gain * np.asarray(error_correction_efficiency) * binary_entropy(error_rate)
    rate: Number = single * (1.0 - binary_entropy(np.minimum(phase_error, 0.5))) - leak
    return rate
