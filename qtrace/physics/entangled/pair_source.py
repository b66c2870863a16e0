"""A source of photon pairs by parametric down-conversion: gain, errors, detected trials.

Inside: `coincidence_gain`, `coincidence_error_rate`, `fibre_transmittance`, `werner_trials`.
Arguments are probabilities and numbers of pairs; arrays broadcast.
Source: Ma, Fung and Lo, PRA 76, 012307 (2007), arXiv:quant-ph/0703122, gain and error rate of
the entangled source [abstract read, formulas from memory; two other programs give the same
numbers to 1e-11].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.entangled.chsh import PAIRS

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

RANDOM_ERROR = 0.5  # error rate of a coincidence that is not of one pair
DB_PER_DECADE = 10.0  # of a power


def coincidence_gain(
    half_mean_pairs: Number,
    *,
    transmittance_a: Number,
    transmittance_b: Number,
    background_a: Number,
    background_b: Number,
) -> Number:
    """Return the probability of a coincidence per pulse.

    Args:
        half_mean_pairs: lambda, half of the mean number of pairs per pulse.
        transmittance_a: Alice's, channel and detector together.
        transmittance_b: Bob's.
        background_a: Probability of a click without a photon at Alice's, all her detectors.
        background_b: The same at Bob's.

    Source: Ma, Fung and Lo (2007), the overall gain: 1 - (1-Y_A)/(1 + eta_A l)^2
        - (1-Y_B)/(1 + eta_B l)^2 + (1-Y_A)(1-Y_B)/(1 + eta_A l + eta_B l - eta_A eta_B l)^2.
    """
    dark_a, dark_b = 1.0 - background_a, 1.0 - background_b
    both = (transmittance_a + transmittance_b - transmittance_a * transmittance_b) * half_mean_pairs
    gain: Number = (
        1.0
        - dark_a / np.square(1.0 + transmittance_a * half_mean_pairs)
        - dark_b / np.square(1.0 + transmittance_b * half_mean_pairs)
        + dark_a * dark_b / np.square(1.0 + both)
    )
    return gain


def coincidence_error_rate(
    half_mean_pairs: Number,
    *,
    transmittance_a: Number,
    transmittance_b: Number,
    background_a: Number,
    background_b: Number,
    misalignment: Number,
) -> Number:
    """Return the error rate of the coincidences in matching bases.

    Args:
        half_mean_pairs: lambda, half of the mean number of pairs per pulse.
        transmittance_a: Alice's, channel and detector together.
        transmittance_b: Bob's.
        background_a: Probability of a click without a photon at Alice's.
        background_b: The same at Bob's.
        misalignment: Probability that a pair gives an error.

    Source: Ma, Fung and Lo (2007), the overall error rate: E Q = e_0 Q - 2 (e_0 - e_d) eta_A
        eta_B l (1 + l) / [(1 + eta_A l)(1 + eta_B l)(1 + eta_A l + eta_B l - eta_A eta_B l)].
    """
    gain = coincidence_gain(
        half_mean_pairs,
        transmittance_a=transmittance_a,
        transmittance_b=transmittance_b,
        background_a=background_a,
        background_b=background_b,
    )
    both = (transmittance_a + transmittance_b - transmittance_a * transmittance_b) * half_mean_pairs
    correlated = (transmittance_a * transmittance_b * half_mean_pairs * (1.0 + half_mean_pairs)) / (
        (1.0 + transmittance_a * half_mean_pairs)
        * (1.0 + transmittance_b * half_mean_pairs)
        * (1.0 + both)
    )
    return RANDOM_ERROR - 2.0 * (RANDOM_ERROR - misalignment) * correlated / gain


def fibre_transmittance(distance_km: Number, *, attenuation_db_per_km: Number) -> Number:
    """Return the power transmittance of a fibre.

    Source: 10^(-alpha L / 10), definition of the decibel for powers.
    """
    loss_db = np.asarray(attenuation_db_per_km) * distance_km
    transmittance: Number = np.power(10.0, -loss_db / DB_PER_DECADE)
    return transmittance


def werner_trials(
    trials_per_pair: Number,
    *,
    visibility: Number,
    transmittance_a: Number,
    transmittance_b: Number,
    key_trials: Number = 0.0,
) -> dict[str, Array]:
    """Return expected outcomes of trials with one pair each, no clicks included.

    At the best settings the four correlations are V / sqrt 2, the one at 12 negative; the key
    settings are equal on both sides, with correlation V.

    Args:
        trials_per_pair: Trials at each of the four pairs of settings.
        visibility: V of a Werner state.
        transmittance_a: Alice's, channel and detector together.
        transmittance_b: Bob's.
        key_trials: Trials at the key settings.

    Returns:
        Expected counts by cell and settings: pp_11, ..., nn_key.

    Source: Werner, PRA 40, 4277 (1989); Clauser et al., PRL 23, 880 (1969); loss independent
        of the setting.
    """
    a = np.asarray(transmittance_a, dtype=np.float64)
    b = np.asarray(transmittance_b, dtype=np.float64)
    v = np.asarray(visibility, dtype=np.float64)
    cells: dict[str, Array] = {}
    totals = dict.fromkeys(PAIRS, trials_per_pair) | {"key": key_trials}
    for name, total in totals.items():
        sign = {"12": -math.sqrt(0.5), "key": 1.0}.get(name, math.sqrt(0.5))
        n = np.asarray(total, dtype=np.float64)
        equal, different = n * a * b * (1.0 + sign * v) / 4.0, n * a * b * (1.0 - sign * v) / 4.0
        only_a, only_b = n * a * (1.0 - b) / 2.0, n * (1.0 - a) * b / 2.0
        cells |= {
            f"pp_{name}": equal,
            f"pm_{name}": different,
            f"mp_{name}": different,
            f"mm_{name}": equal,
            f"pn_{name}": only_a,
            f"mn_{name}": only_a,
            f"np_{name}": only_b,
            f"nm_{name}": only_b,
            f"nn_{name}": n * (1.0 - a) * (1.0 - b),
        }
    return cells
