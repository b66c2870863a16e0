"""Decoy BB84 with three intensities (two decoys): finite key from counts.

Inside: `TwoDecoyFigures`, `single_photon_events`, `single_photon_errors`,
`two_decoy_figures`, `two_decoy_length`.
All intensities of the key basis give key. The length is not clamped; inside the bound the vacuum
events are not below 0, the phase error not above one half, and the secret bits before what is
subtracted not above the sifted bits.
Source: Lim, Curty, Walenta, Xu and Zbinden, PRA 89, 022307 (2014), Eqs. 1 to 5 [read in a
transcription]. As printed the leak lacks a factor n_X; see `told_bits`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.decoy.blocks import in_blocks
from qtrace.physics.decoy.concentration import Concentration, CountBounds
from qtrace.physics.decoy.decoy_source import (
    LIM_2014,
    BasisCounts,
    Intensities,
    PoissonWeights,
    check_block,
    poisson_weights,
    security_bits,
    told_bits,
)
from qtrace.physics.decoy.phase_error import Sampling, phase_error_rate
from qtrace.physics.entropy import binary_entropy

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
    means: tuple[Number, ...],
    weights: PoissonWeights,
    *,
    epsilon: Number,
    concentration: Concentration,
) -> tuple[Number, Number]:
    """Return lower bounds of the vacuum and single-photon events of one basis.

    Args:
        detections: Sifted counts of the three intensities.
        means: Their mean photon numbers, in falling order.
        weights: What `poisson_weights` gives for them.
        epsilon: Probability of failure of each one-sided bound.
        concentration: The inequality.

    Returns:
        Vacuum events, not below 0, and single-photon events, which may come out negative.

    Source: Lim et al. (2014), Eqs. 2 and 3.
    """
    mu1, mu2, mu3 = means
    bounds = CountBounds(concentration, total=sum(detections), epsilon=epsilon)
    bright = weights.per_pulse[0] * bounds.upper(detections[0])
    middle, middle_above = (
        weights.per_pulse[1] * one(detections[1]) for one in (bounds.lower, bounds.upper)
    )
    dim, dim_above = (
        weights.per_pulse[2] * one(detections[2]) for one in (bounds.lower, bounds.upper)
    )
    vacuum = np.maximum(weights.vacuum * (mu2 * dim - mu3 * middle_above) / (mu2 - mu3), 0.0)
    squares = mu2 * mu2 - mu3 * mu3
    multi = squares / (mu1 * mu1) * (bright - vacuum / weights.vacuum)
    single: Number = (
        weights.single * mu1 * (middle - dim_above - multi) / (mu1 * (mu2 - mu3) - squares)
    )
    return vacuum, single


def single_photon_errors(
    errors: tuple[Number, ...],
    means: tuple[Number, ...],
    weights: PoissonWeights,
    *,
    epsilon: Number,
    concentration: Concentration,
) -> Number:
    """Return an upper bound of the errors of single photons in one basis, not below 0.

    Args:
        errors: Errors of the three intensities.
        means: Their mean photon numbers, in falling order.
        weights: What `poisson_weights` gives for them.
        epsilon: Probability of failure of each one-sided bound.
        concentration: The inequality.

    Source: Lim et al. (2014), Eq. 4.
    """
    bounds = CountBounds(concentration, total=sum(errors), epsilon=epsilon)
    above = weights.per_pulse[1] * bounds.upper(errors[1])
    below = weights.per_pulse[2] * bounds.lower(errors[2])
    clamped: Number = np.maximum(weights.single * (above - below) / (means[1] - means[2]), 0.0)
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
    check_block(
        key,
        test,
        intensities,
        number=INTENSITIES,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )
    return _figures(
        key,
        test,
        intensities,
        security=(epsilon_secrecy, epsilon_correctness, leak_bits, error_correction_efficiency),
        bounds=(concentration, sampling),
    )


def _figures(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    security: tuple[Number, Number, Number, Number],
    bounds: tuple[Concentration, Sampling],
) -> TwoDecoyFigures:
    """Return the figures of counts that are checked already.

    Source: as `two_decoy_figures`.
    """
    epsilon_secrecy, epsilon_correctness, leak_bits, efficiency = security
    concentration, sampling = bounds
    epsilon = np.asarray(epsilon_secrecy, dtype=np.float64) / LIM_2014.terms
    weights, means = poisson_weights(intensities), intensities.means
    (vacuum_key, single_key), (vacuum_test, single_test) = (
        single_photon_events(
            counts.detections, means, weights, epsilon=epsilon, concentration=concentration
        )
        for counts in (key, test)
    )
    errors = single_photon_errors(
        test.errors, means, weights, epsilon=epsilon, concentration=concentration
    )
    phase = phase_error_rate(sampling, errors, test=single_test, key=single_key, epsilon=epsilon)
    # A bound above all events of the basis has failed already: cut there, it is still a bound.
    secret = np.minimum(
        vacuum_key + single_key * (1.0 - binary_entropy(phase)), sum(key.detections)
    )
    leak = told_bits(key, leak_bits=leak_bits, error_correction_efficiency=efficiency)
    subtracted = security_bits(
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
        security_bits=subtracted,
        length_bits=secret - leak - subtracted,
    )


def two_decoy_length(
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
) -> Number:
    """Return the secret length in bits alone, for many draws at once; not clamped.

    Arguments and errors as `two_decoy_figures`; long arrays are evaluated in blocks.

    Source: Lim et al. (2014), Eqs. 1 to 5.
    """
    check_block(
        key,
        test,
        intensities,
        number=INTENSITIES,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )

    def length(*row: Number) -> Number:
        return _figures(
            BasisCounts(row[0:3], row[3:6]),
            BasisCounts(row[6:9], row[9:12]),
            Intensities(row[12:15], row[15:18]),
            security=(row[18], row[19], row[20], row[21]),
            bounds=(concentration, sampling),
        ).length_bits

    security = (epsilon_secrecy, epsilon_correctness, leak_bits, error_correction_efficiency)
    return in_blocks(
        length, (*key[0], *key[1], *test[0], *test[1], *intensities[0], *intensities[1], *security)
    )
