"""Decoy BB84 with three intensities (two decoys): finite key from counts.

Inside: `TwoDecoyFigures`, `single_photon_events`, `two_decoy_figures`, `two_decoy_length`.
All intensities of the key basis give key. The length is not clamped; inside the bound the vacuum
events are not below 0, and the phase error is not above one half.
Source: Lim, Curty, Walenta, Xu and Zbinden, PRA 89, 022307 (2014), Eqs. 1 to 5 [read in a
transcription]. As printed the leak lacks a factor n_X; see `told_bits`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.concentration import Concentration, expected_lower, expected_upper
from qtrace.physics.decoy_source import (
    LIM_2014,
    BasisCounts,
    Intensities,
    check_counts,
    check_epsilon,
    check_intensities,
    per_pulse,
    photon_number_probability,
    security_bits,
    told_bits,
)
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.phase_error import Sampling, phase_error_rate

Number = float | NDArray[np.float64]

INTENSITIES = 3


class TwoDecoyFigures(NamedTuple):
    """All numbers behind a length: events are bounds of counts, the last four are bits."""

    vacuum_key: Number
    single_key: Number
    vacuum_test: Number
    single_test: Number
    single_errors_test: Number
    phase_error: Number
    secret_bits: Number
    leak_bits: Number
    security_bits: Number
    length_bits: Number


def single_photon_events(
    detections: tuple[Number, ...],
    intensities: Intensities,
    *,
    epsilon: Number,
    concentration: Concentration,
) -> tuple[Number, Number]:
    """Return lower bounds of the vacuum and single-photon events of one basis.

    Args:
        detections: Sifted counts of the three intensities.
        intensities: Mean photon numbers and probabilities.
        epsilon: Probability of failure of each one-sided bound.
        concentration: The inequality.

    Returns:
        Vacuum events, not below 0, and single-photon events, which may come out negative.

    Source: Lim et al. (2014), Eqs. 2 and 3.
    """
    total = sum(detections)
    mu1, mu2, mu3 = (np.asarray(one, dtype=np.float64) for one in intensities.means)
    weight1, weight2, weight3 = per_pulse(intensities)

    def lower(row: int) -> Number:
        return expected_lower(concentration, detections[row], total=total, epsilon=epsilon)

    def upper(row: int) -> Number:
        return expected_upper(concentration, detections[row], total=total, epsilon=epsilon)

    tau0 = photon_number_probability(intensities, 0)
    tau1 = photon_number_probability(intensities, 1)
    vacuum = tau0 * (mu2 * weight3 * lower(2) - mu3 * weight2 * upper(1)) / (mu2 - mu3)
    vacuum = np.maximum(vacuum, 0.0)
    multi = (mu2**2 - mu3**2) / mu1**2 * (weight1 * upper(0) - vacuum / tau0)
    single: Number = (
        tau1
        * mu1
        * (weight2 * lower(1) - weight3 * upper(2) - multi)
        / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)
    )
    return vacuum, single


def single_photon_errors(
    errors: tuple[Number, ...],
    intensities: Intensities,
    *,
    epsilon: Number,
    concentration: Concentration,
) -> Number:
    """Return an upper bound of the errors of single photons in one basis, not below 0.

    Source: Lim et al. (2014), Eq. 4.
    """
    total = sum(errors)
    mu2, mu3 = intensities.means[1], intensities.means[2]
    weights = per_pulse(intensities)
    above = expected_upper(concentration, errors[1], total=total, epsilon=epsilon)
    below = expected_lower(concentration, errors[2], total=total, epsilon=epsilon)
    tau1 = photon_number_probability(intensities, 1)
    bound = tau1 * (weights[1] * above - weights[2] * below) / (mu2 - mu3)
    clamped: Number = np.maximum(bound, 0.0)
    return clamped


def two_decoy_figures(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    epsilon_secrecy: Number,
    epsilon_correctness: Number,
    leak_bits: Number = 0.0,
    error_correction_efficiency: Number = 0.0,
    concentration: Concentration = Concentration.HOEFFDING,
    sampling: Sampling = Sampling.GAMMA,
) -> TwoDecoyFigures:
    """Return the secret length and all bounds behind it.

    Args:
        key: Counts of the key basis (X in the paper), three intensities.
        test: Counts of the test basis (Z in the paper).
        intensities: Mean photon numbers in falling order, with their probabilities.
        epsilon_secrecy: eps_sec, split into 21 equal terms.
        epsilon_correctness: eps_cor.
        leak_bits: Bits told, measured; or else
        error_correction_efficiency: f of the model n f h(e).
        concentration: Bound from counts to expectations; Hoeffding is that of the paper.
        sampling: Bound of the phase error; gamma is that of the paper.

    Returns:
        Figures of the common shape; `length_bits` is not clamped and not rounded down.

    Raises:
        InputError: counts, intensities, probabilities or epsilons that cannot be.

    Source: Lim et al. (2014), Eqs. 1 to 5.
    """
    check_intensities(intensities, number=INTENSITIES)
    check_counts(key, basis="key", number=INTENSITIES)
    check_counts(test, basis="test", number=INTENSITIES)
    check_epsilon(epsilon_secrecy, name="epsilon_secrecy")
    check_epsilon(epsilon_correctness, name="epsilon_correctness")
    epsilon = np.asarray(epsilon_secrecy, dtype=np.float64) / LIM_2014.terms
    vacuum_key, single_key = single_photon_events(
        key.detections, intensities, epsilon=epsilon, concentration=concentration
    )
    vacuum_test, single_test = single_photon_events(
        test.detections, intensities, epsilon=epsilon, concentration=concentration
    )
    errors = single_photon_errors(
        test.errors, intensities, epsilon=epsilon, concentration=concentration
    )
    phase = phase_error_rate(
        sampling, errors, test=single_test, key=single_key, epsilon=epsilon
    )
    secret = vacuum_key + single_key * (1.0 - binary_entropy(phase))
    leak = told_bits(
        key, leak_bits=leak_bits, error_correction_efficiency=error_correction_efficiency
    )
    security = security_bits(
        LIM_2014, epsilon_secrecy=epsilon_secrecy, epsilon_correctness=epsilon_correctness
    )
    return TwoDecoyFigures(
        vacuum_key=vacuum_key,
        single_key=single_key,
        vacuum_test=vacuum_test,
        single_test=single_test,
        single_errors_test=errors,
        phase_error=phase,
        secret_bits=secret,
        leak_bits=leak,
        security_bits=security,
        length_bits=secret - leak - security,
    )
