"""What a relay that interferes two fields announces: a model of yields and gains, never a bound.

Inside: `pair_yield`, `coherent_gain`, `phase_random_gain`, `interference`.
One of two detectors clicks alone; each function gives the probability for one named detector. Arms
may differ; the transmittance of an arm includes the detector.
Source: Curty, Azuma and Lo, npj Quantum Information 5, 64 (2019), arXiv:1807.07667, channel model
[from memory; its published case is recomputed in tests]. Yields of photon numbers: normal ordering
of exp(-d+ d), here in closed form and tested by summing over coherent states.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]


def interference(phase_mismatch: Number, polarization_mismatch: Number) -> Number:
    """Return the visibility of the fields: cos(phase) cos(polarization), angles in rad.

    Source: Curty, Azuma and Lo (2019), Omega(phi, theta) [from memory].
    """
    overlap: Number = np.cos(phase_mismatch) * np.cos(polarization_mismatch)
    return overlap


def pair_yield(
    photons_a: int,
    photons_b: int,
    *,
    transmittance_a: Number,
    transmittance_b: Number,
    dark: Number,
    polarization_mismatch: Number = 0.0,
) -> Array:
    """Return the probability that one named detector clicks alone, for given photon numbers.

    Args:
        photons_a: Photons sent by a.
        photons_b: Photons sent by b.
        transmittance_a: From a to a click.
        transmittance_b: From b to a click.
        dark: Dark count probability of one detector in one gate.
        polarization_mismatch: Angle between the polarizations, in rad.

    Source: the other detector is silent with probability
        sum_k C(n, k) C(m, k) (1 - a/2)^(n-k) (1 - b/2)^(m-k) (a b cos^2 / 4)^k, both with
        (1 - a)^n (1 - b)^m; normal ordering, as in the module.
    """
    a, b, d = (np.asarray(x, dtype=np.float64) for x in (transmittance_a, transmittance_b, dark))
    swap = a * b * np.square(np.cos(polarization_mismatch)) / 4.0
    silent = sum(
        math.comb(photons_a, k)
        * math.comb(photons_b, k)
        * (1.0 - a / 2.0) ** (photons_a - k)
        * (1.0 - b / 2.0) ** (photons_b - k)
        * swap**k
        for k in range(min(photons_a, photons_b) + 1)
    )
    neither = (1.0 - a) ** photons_a * (1.0 - b) ** photons_b
    return np.asarray((1.0 - d) * (silent - (1.0 - d) * neither), dtype=np.float64)


def coherent_gain(
    arriving_a: Number, arriving_b: Number, *, dark: Number, visibility: Number
) -> tuple[Array, Array]:
    """Return gain and error gain of one named detector for equal or opposite phases.

    Args:
        arriving_a: Mean photons of a's pulse that would click.
        arriving_b: The same of b.
        dark: Dark count probability of one detector in one gate.
        visibility: From `interference`.

    Returns:
        Probability of that click alone over both bit values, and of its being an error.

    Source: Curty, Azuma and Lo (2019), p_XX and e_X, with sqrt(a b) for the common intensity.
    """
    a, b, d = (np.asarray(x, dtype=np.float64) for x in (arriving_a, arriving_b, dark))
    mean, cross = (a + b) / 2.0, np.sqrt(a * b) * np.asarray(visibility, dtype=np.float64)
    # Light at the other detector is mean - cross for the right bit, mean + cross for the wrong.
    quiet = np.log1p(-d) - mean
    right = (1.0 - d) * np.exp(-mean) * _gap(cross, quiet)
    wrong = (1.0 - d) * np.exp(-mean) * _gap(-cross, quiet)
    return (right + wrong) / 2.0, wrong / 2.0


def _gap(upper: Array, lower: Array) -> Array:
    """Return exp(upper) - exp(lower) without cancellation."""
    difference: Array = np.exp(lower) * np.expm1(upper - lower)
    return difference


def phase_random_gain(
    arriving_a: Number, arriving_b: Number, *, dark: Number, polarization_mismatch: Number = 0.0
) -> Array:
    """Return the gain of one named detector for two pulses with random phases.

    Args:
        arriving_a: Mean photons of a's pulse that would click.
        arriving_b: The same of b.
        dark: Dark count probability of one detector in one gate.
        polarization_mismatch: Angle between the polarizations, in rad.

    Source: `coherent_gain` averaged over the phase: exp(c cos x) averages to I0(c), DLMF 10.32.1.
    """
    a, b, d = (np.asarray(x, dtype=np.float64) for x in (arriving_a, arriving_b, dark))
    mean, cross = (a + b) / 2.0, np.sqrt(a * b) * np.cos(polarization_mismatch)
    averaged = ive(0, cross) * np.exp(cross)
    return np.asarray((1.0 - d) * np.exp(-mean) * (averaged - (1.0 - d) * np.exp(-mean)))
