"""The phase error rate of one basis from the bit errors of the other, by a selectable bound.

Inside: `Sampling`, `phase_error_rate`.

The numbers that go in are themselves bounds (single-photon events and errors), put in the place
of counts as in the papers. The failure probability of the sampling step is epsilon SQUARED for
all three bounds: epsilon is the smoothing parameter that the proof sums up, and a smooth entropy
needs the square below the root.
Source: Lim et al., PRA 89, 022307 (2014), Eqs. 5, B2 [read]; bounds of `qtrace.physics.sampling`.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.sampling import exact_tail_errors, gamma_deviation, serfling_deviation

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

WORST = 0.5  # the entropy turns over above one half, where more errors would give more key


class Sampling(StrEnum):
    """Which bound leads from the tested basis to the untested one."""

    GAMMA = "gamma"  # Lim 2014: from an expansion, not strict; needs errors
    SERFLING = "serfling"  # strict, for any error rate
    TAIL = "tail"  # exact hypergeometric tail; whole numbers, hence no derivative


def phase_error_rate(
    bound: Sampling, errors: Number, *, test: Number, key: Number, epsilon: Number
) -> Number:
    """Return an upper bound of the phase error rate of the single photons of the key basis.

    Clamps that belong to the bound: it is one half at most, and one half where a basis has no
    single photons left; the gamma bound is taken at one error at least, as it has no value at
    none and vanishes next to it.

    Args:
        bound: The sampling bound.
        errors: Upper bound of the errors of single photons in the test basis.
        test: Lower bound of the single-photon events of the test basis.
        key: Lower bound of the single-photon events of the key basis.
        epsilon: Smoothing parameter: the bound fails with probability epsilon squared.

    Returns:
        Rate in [0, 1/2], never NaN.

    Source: Lim et al. (2014), Eq. 5, with `gamma_deviation`; Tomamichel et al. (2012), Lemma 3,
        with `serfling_deviation`; the exact tail with `exact_tail_errors`.
    """
    v, s, d, eps = np.broadcast_arrays(
        *(np.asarray(one, dtype=np.float64) for one in (errors, test, key, epsilon))
    )
    if bound is Sampling.TAIL:
        return _by_tail(v, s, d, epsilon=eps)
    usable = (s > 1.0) & (d > 0.0)
    sample = np.where(usable, s, 2.0)
    untested = np.where(usable, d, 1.0)
    if bound is Sampling.GAMMA:
        rate = np.minimum(np.maximum(v, 1.0) / sample, WORST)
        deviation = gamma_deviation(eps, rate, sample=sample, untested=untested)
    else:
        rate = np.minimum(np.maximum(v, 0.0) / sample, WORST)
        deviation = serfling_deviation(eps, sample=sample, untested=untested)
    phase: Number = np.where(usable, np.minimum(rate + deviation, WORST), WORST)[()]
    return phase


def _by_tail(v: Array, s: Array, d: Array, *, epsilon: Array) -> Number:
    """Return the rate by the exact tail; numbers are rounded to the cautious side.

    Source: `exact_tail_errors`, with errors rounded up and both parts rounded down.
    """
    rates = np.full(v.shape, WORST)
    for index in np.ndindex(v.shape):
        sample, untested = math.floor(s[index]), math.floor(d[index])
        seen = max(0, math.ceil(v[index]))
        if sample > 0 and untested > 0 and seen < sample * WORST:
            allowed = exact_tail_errors(
                seen, sample=sample, untested=untested, epsilon=float(epsilon[index]) ** 2
            )
            rates[index] = min(allowed / untested, WORST)
    phase: Number = rates[()]
    return phase
