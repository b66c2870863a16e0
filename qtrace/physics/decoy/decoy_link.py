"""What counts a fibre link with decoy states would give: the model behind published figures.

Inside: `LIM_DETECTOR`, `GYS_DETECTOR`, `fibre_transmittance`, `detection_probability`,
`expected_cells`.
Source: Lim et al., PRA 89, 022307 (2014), section IV [read in a transcription: as printed the
error probability has the transmittance of the channel alone, with that of the system the figure
is met]; Gobby, Yuan and Shields, APL 84, 3762 (2004), as used by Ma et al., PRA 72, 012326 (2005)
[from memory].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

# InGaAs avalanche diodes of Lim et al. (2014), Fig. 1: two of them, dark counts per gate of each.
LIM_DETECTOR: Mapping[str, float] = MappingProxyType(
    {
        "attenuation_db_per_km": 0.2,
        "detection_efficiency": 0.1,
        "dark_count_probability": 6e-7,
        "misalignment": 5e-3,
        "afterpulse_probability": 4e-2,
    }
)
# Gobby, Yuan and Shields (2004) in Ma et al. (2005): background 1.7e-6 of both detectors together.
GYS_DETECTOR: Mapping[str, float] = MappingProxyType(
    {
        "attenuation_db_per_km": 0.21,
        "detection_efficiency": 0.045,
        "dark_count_probability": 0.85e-6,
        "misalignment": 0.033,
        "afterpulse_probability": 0.0,
    }
)


def fibre_transmittance(distance_km: Number, *, attenuation_db_per_km: Number) -> Array:
    """Return the transmittance of the fibre alone.

    Source: 10^(-a L / 10), Lim et al. (2014), section IV.
    """
    loss = np.asarray(attenuation_db_per_km, dtype=np.float64) * np.asarray(distance_km)
    if not np.all(loss >= 0.0):
        raise InputError(
            "the loss of the fibre is negative",
            where="distance",
            next_step="give a distance and an attenuation that are not negative",
        )
    return np.asarray(10.0 ** (-loss / 10.0))


def detection_probability(mean: Number, *, transmittance: Number, dark: Number) -> Array:
    """Return the probability that a pulse is detected, without after-pulses.

    Args:
        mean: Mean photon number at the output of the sender.
        transmittance: Of channel and receiver, detection efficiency included.
        dark: Dark counts per gate of each of two detectors.

    Source: Lim et al. (2014), section IV: D = 1 - (1 - 2 p_dc) exp(-eta k).
    """
    light = -np.expm1(-np.asarray(transmittance) * np.asarray(mean))
    return np.asarray(light + 2.0 * np.asarray(dark) * (1.0 - light))


def expected_cells(
    means: Sequence[Number],
    probabilities: Sequence[Number],
    *,
    pulses: Number,
    basis_probabilities: tuple[Number, Number],
    transmittance: Number,
    dark_count_probability: Number,
    misalignment: Number,
    afterpulse_probability: Number,
) -> tuple[tuple[tuple[Array, Array], ...], ...]:
    """Return expected errors and agreements of each intensity in the key and test basis.

    Args:
        means: Mean photon numbers.
        probabilities: How often each is sent.
        pulses: Pulses sent, all together.
        basis_probabilities: Probability that both sides choose the key basis, and the test basis.
        transmittance: Of channel and receiver, detection efficiency included.
        dark_count_probability: Dark counts per gate of each of two detectors.
        misalignment: Probability that a photon goes to the wrong detector.
        afterpulse_probability: After-pulses per detection; half of them are errors.

    Returns:
        For the key basis and for the test basis: (errors, agreements) of each intensity.

    Source: Lim et al. (2014), section IV: R = D (1 + p_ap),
        e = p_dc + e_mis (1 - exp(-eta k)) + p_ap D / 2, both per pulse.
    """
    eta, dark = np.asarray(transmittance), np.asarray(dark_count_probability)
    rows = []
    for basis in basis_probabilities:
        cells = []
        for mean, share in zip(means, probabilities, strict=True):
            sent = np.asarray(pulses) * np.asarray(basis) * np.asarray(share)
            detected = detection_probability(mean, transmittance=eta, dark=dark)
            light = -np.expm1(-eta * np.asarray(mean))
            wrong = dark + misalignment * light + 0.5 * afterpulse_probability * detected
            cells.append((sent * wrong, sent * (detected * (1.0 + afterpulse_probability) - wrong)))
        rows.append(tuple(cells))
    return tuple(rows)
