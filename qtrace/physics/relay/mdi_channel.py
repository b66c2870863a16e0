"""What two weak pulses with BB84 states give at a relay that measures Bell states.

Inside: `single_pair_yield`, `separating_gain`, `interfering_gain`: a model, never a bound.
Per pair of pulses in that basis, both announced Bell states together. Dark counts are per detector
and gate; the relay has four detectors. Gains without light are kept to full precision.
Source: Ma and Razavi, PRA 86, 062319 (2012), arXiv:1204.4856, Eqs. 21, 23, 30, 35, 39, 51 to 54
[read in a transcription]; the published case is recomputed in tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

TERMS = 60  # of the Bessel series: exact for arguments up to 20
LARGEST_ARGUMENT = 20.0


def _bessel_excess(argument: Array) -> Array:
    """Return I0(x) - 1 without cancellation. Source: DLMF 10.25.2."""
    if not np.all(argument <= LARGEST_ARGUMENT):
        raise InputError(
            "the pulses that arrive are too strong for this model",
            next_step="mean photon numbers at the relay above 20 are no weak pulses",
        )
    quarter = np.square(argument) / 4.0
    term, total = np.ones_like(quarter), np.zeros_like(quarter)
    for k in range(1, TERMS):
        term = term * quarter / (k * k)
        total = total + term
    return total


def single_pair_yield(
    transmittance_a: Number, transmittance_b: Number, *, dark: Number, misalignment: Number
) -> tuple[Array, Array]:
    """Return yield and error rate of pairs of single photons.

    Args:
        transmittance_a: From source a to a click, detector included.
        transmittance_b: From source b.
        dark: Dark count probability of one detector in one gate.
        misalignment: Error rate of signal without noise.

    Source: Ma and Razavi (2012), Eqs. 21 and 23: Y11 = (1 - d)^2 [ab/2 + (2a + 2b - 3ab) d
        + 4 (1 - a)(1 - b) d^2], e11 Y11 = Y11/2 - (1/2 - e_d)(1 - d^2) ab/2. The case recomputed
        has 1 - d^2 where (1 - d)^2 would weigh signal and noise alike: 2 d (1/2 - e_d) of error.
    """
    a, b, d = (np.asarray(x, dtype=np.float64) for x in (transmittance_a, transmittance_b, dark))
    signal = a * b / 2.0
    noise = (2.0 * a + 2.0 * b - 3.0 * a * b) * d + 4.0 * (1.0 - a) * (1.0 - b) * d * d
    pairs = (1.0 - d) ** 2 * (signal + noise)
    right = (0.5 - np.asarray(misalignment)) * (1.0 - d * d) * signal
    part = np.divide(right, pairs, out=np.zeros_like(pairs + right), where=pairs > 0.0)
    return pairs, 0.5 - part


def _arriving(
    arriving_a: Number, arriving_b: Number, dark: Number
) -> tuple[Array, Array, Array, Array]:
    a, b, d = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (arriving_a, arriving_b, dark))
    )
    return a, b, d, np.sqrt(a * b) / 2.0


def separating_gain(
    arriving_a: Number, arriving_b: Number, *, dark: Number, misalignment: Number
) -> tuple[Array, Array]:
    """Return gain and error gain in the basis in which the relay separates the states.

    Args:
        arriving_a: Mean photons of a's pulse that would click: intensity times transmittance.
        arriving_b: The same of b.
        dark: Dark count probability of one detector in one gate.
        misalignment: Error rate of signal without noise.

    Returns:
        Probability of an announcement, and of an announcement with an error.

    Source: Ma and Razavi (2012), Eqs. 51 to 54.
    """
    a, b, d, x = _arriving(arriving_a, arriving_b, dark)
    quiet = (1.0 - d) ** 2 * np.exp(-(a + b) / 2.0)
    click_a = -np.expm1(-a / 2.0) + d * np.exp(-a / 2.0)
    click_b = -np.expm1(-b / 2.0) + d * np.exp(-b / 2.0)
    right = 2.0 * quiet * click_a * click_b
    inner = _bessel_excess(2.0 * x) - np.expm1(-(a + b) / 2.0) + d * np.exp(-(a + b) / 2.0)
    wrong = 2.0 * d * quiet * inner
    e = np.asarray(misalignment, dtype=np.float64)
    return right + wrong, e * right + (1.0 - e) * wrong


def interfering_gain(
    arriving_a: Number, arriving_b: Number, *, dark: Number, misalignment: Number
) -> tuple[Array, Array]:
    """Return gain and error gain in the basis in which the pulses interfere.

    Weak pulses of a laser err here at 1/4 at least: two photons of one side look like a pair.

    Args:
        arriving_a: Mean photons of a's pulse that would click: intensity times transmittance.
        arriving_b: The same of b.
        dark: Dark count probability of one detector in one gate.
        misalignment: Error rate of signal without noise.

    Source: Ma and Razavi (2012), Eqs. 35 and 39: gain 2 y^2 [1 + 2 y^2 - 4 y I0(x) + I0(2x)],
        error gain half of it less 2 (1/2 - e_d) y^2 (I0(2x) - 1), y = (1 - d) exp(-(a + b) / 4).
    """
    a, b, d, x = _arriving(arriving_a, arriving_b, dark)
    quiet = (1.0 - d) * np.exp(-(a + b) / 4.0)
    gap = -np.expm1(-(a + b) / 4.0) + d * np.exp(-(a + b) / 4.0)  # 1 - y
    once, twice = _bessel_excess(x), _bessel_excess(2.0 * x)
    # The bracket with 1 - y for y: sums of small terms instead of differences of large ones.
    gain = 2.0 * quiet**2 * (2.0 * gap**2 + 4.0 * gap * once + _bessel_dip(x))
    e = np.asarray(misalignment, dtype=np.float64)
    return gain, 0.5 * gain - 2.0 * (0.5 - e) * quiet**2 * twice


def _bessel_dip(argument: Array) -> Array:
    """Return I0(2x) - 4 I0(x) + 3 without cancellation: its series starts with x^4."""
    quarter = np.square(argument) / 4.0
    term, total = np.ones_like(quarter), np.zeros_like(quarter)
    for k in range(1, TERMS):
        term = term * quarter / (k * k)
        total = total + (4.0**k - 4.0) * term
    return total
