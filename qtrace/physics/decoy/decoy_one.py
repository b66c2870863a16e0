"""Decoy BB84 with two intensities (one decoy): finite key from counts.

Inside: `OneDecoyProof`, `RUSCA`, `WIESEMANN`, `one_decoy_proof`, `OneDecoyFigures`,
`one_decoy_figures`, `one_decoy_length`.
The vacuum events are bounded from above by errors, hence the key basis must give its errors per
intensity, after error correction. The length is not clamped; inside the bound the vacuum events
are not below 0, the phase error not above one half, and the secret bits before what is subtracted
not above the sifted bits.
Source: Rusca, Boaron, Grunenfelder, Martin and Zbinden, APL 112, 171104 (2018), Appendix A [read
in a transcription; its Eq. A18 lacks e^k/p_k, which its Eq. A10 has]; arXiv:2405.16578 in the code
that its authors publish [read].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.decoy.blocks import in_blocks
from qtrace.physics.decoy.concentration import Concentration, CountBounds
from qtrace.physics.decoy.decoy_source import (
    EITHER_INTENSITY,
    RUSCA_2018,
    WIESEMANN_2024,
    BasisCounts,
    EpsilonTerms,
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

INTENSITIES = 2


@dataclass(frozen=True, slots=True)
class OneDecoyProof:
    """A one-decoy bound: inequality, sampling, terms, and two choices in which papers differ.

    `clip`: bounds of counts and events are cut to lie between 0 and the total of their basis.
    `vacuum_key`: vacuum events give key.
    """

    concentration: Concentration
    sampling: Sampling
    terms: EpsilonTerms
    clip: bool = False
    vacuum_key: bool = True


RUSCA = OneDecoyProof(Concentration.HOEFFDING, Sampling.GAMMA, RUSCA_2018)
WIESEMANN = OneDecoyProof(
    Concentration.HOEFFDING, Sampling.SERFLING, WIESEMANN_2024, clip=True, vacuum_key=False
)


def one_decoy_proof(concentration: Concentration, sampling: Sampling) -> OneDecoyProof:
    """Return the one-decoy bound with that inequality and that sampling bound.

    By Hoeffding the 19 terms are those of the paper. By the other two, which are not in it,
    20 terms pay for taking the smaller of two vacuum bounds after the data are seen.

    Source: Rusca et al. (2018), Eq. A24; own count for the other two.
    """
    published = concentration is Concentration.HOEFFDING
    return OneDecoyProof(concentration, sampling, RUSCA_2018 if published else EITHER_INTENSITY)


class OneDecoyFigures(NamedTuple):
    """All numbers behind a length: events are bounds of counts, the last four are bits."""

    vacuum_key: Number
    vacuum_key_upper: Number
    single_key: Number
    single_test: Number
    single_errors_test: Number
    phase_error: Number
    secret_bits: Number
    leak_bits: Number
    security_bits: Number
    length_bits: Number


class _Basis(NamedTuple):
    """Bounds of the events of one basis."""

    vacuum: Number
    vacuum_upper: Number
    single: Number
    single_errors: Number


def _cut(value: Number, total: Number, proof: OneDecoyProof) -> Number:
    """Return a bound, cut to 0 and the total where the proof does so."""
    if not proof.clip:
        return value
    cut: Number = np.clip(value, 0.0, np.maximum(total, 0.0))
    return cut


def _bounds(
    counts: BasisCounts,
    means: tuple[Number, ...],
    weights: PoissonWeights,
    *,
    epsilon: Number,
    proof: OneDecoyProof,
) -> _Basis:
    """Return the bounds of the events of one basis.

    Source: Rusca et al. (2018), Eqs. A16, A17, A19, A22, with e^k/p_k in Eq. A18.
    """
    detections = counts.detections
    n, m = sum(detections), sum(counts.errors)
    mu1, mu2 = means
    (w1, w2), tau0, tau1 = weights
    events = CountBounds(proof.concentration, total=n, epsilon=epsilon)
    wrong = CountBounds(proof.concentration, total=m, epsilon=epsilon)
    bright = w1 * _cut(events.upper(detections[0]), n, proof)
    dim = w2 * _cut(events.lower(detections[1]), n, proof)
    vacuum = np.maximum(tau0 / (mu1 - mu2) * (mu1 * dim - mu2 * bright), 0.0)
    errors1, errors2 = (
        weight * _cut(wrong.upper(one), m, proof)
        for weight, one in zip((w1, w2), counts.errors, strict=True)
    )
    # Half of the vacuum events are errors, and each is one of the n events.
    halves = events.upper(tau0 * np.minimum(errors1, errors2))
    vacuum_upper = _cut(2.0 * halves, n, proof)
    squares = (mu2 / mu1) ** 2
    single = (
        tau1
        * mu1
        / (mu2 * (mu1 - mu2))
        * (dim - squares * bright - (1.0 - squares) * vacuum_upper / tau0)
    )
    single_errors = (
        tau1 / (mu1 - mu2) * (errors1 - w2 * _cut(wrong.lower(counts.errors[1]), m, proof))
    )
    return _Basis(
        _cut(vacuum, n, proof),
        vacuum_upper,
        _cut(single, n, proof),
        _cut(np.maximum(single_errors, 0.0), n, proof),
    )


def one_decoy_figures(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    epsilon_secrecy: Number,
    epsilon_correctness: Number,
    leak_bits: Number = 0.0,
    error_correction_efficiency: Number = 0.0,
    proof: OneDecoyProof = RUSCA,
) -> OneDecoyFigures:
    """Return the secret length and all bounds behind it.

    Args:
        key: Counts of the key basis (Z in the paper), two intensities.
        test: Counts of the test basis (X in the paper).
        intensities: Mean photon numbers in falling order, with their probabilities.
        epsilon_secrecy: eps_sec, split into the terms of the proof.
        epsilon_correctness: eps_cor.
        leak_bits: Bits told, measured; or else
        error_correction_efficiency: f of the model n f h(e).
        proof: The bound: `RUSCA`, `WIESEMANN`, or one of `one_decoy_proof`.

    Returns:
        Figures of the common shape; `length_bits` is not clamped and not rounded down.

    Raises:
        InputError: counts, intensities, probabilities or epsilons that cannot be.

    Source: Rusca et al. (2018), Eqs. A16 to A25.
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
        proof=proof,
    )


def _figures(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    security: tuple[Number, Number, Number, Number],
    proof: OneDecoyProof,
) -> OneDecoyFigures:
    """Return the figures of counts that are checked already.

    Source: as `one_decoy_figures`.
    """
    epsilon_secrecy, epsilon_correctness, leak_bits, efficiency = security
    epsilon = np.asarray(epsilon_secrecy, dtype=np.float64) / proof.terms.terms
    weights = poisson_weights(intensities)
    kept, tested = (
        _bounds(counts, intensities.means, weights, epsilon=epsilon, proof=proof)
        for counts in (key, test)
    )
    phase = phase_error_rate(
        proof.sampling, tested.single_errors, test=tested.single, key=kept.single, epsilon=epsilon
    )
    secret = kept.single * (1.0 - binary_entropy(phase))
    if proof.vacuum_key:
        secret = secret + kept.vacuum
    # A bound above all events of the basis has failed already: cut there, it is still a bound.
    secret = np.minimum(secret, sum(key.detections))
    leak = told_bits(key, leak_bits=leak_bits, error_correction_efficiency=efficiency)
    subtracted = security_bits(
        proof.terms, epsilon_secrecy=epsilon_secrecy, epsilon_correctness=epsilon_correctness
    )
    return OneDecoyFigures(
        vacuum_key=kept.vacuum,
        vacuum_key_upper=kept.vacuum_upper,
        single_key=kept.single,
        single_test=tested.single,
        single_errors_test=tested.single_errors,
        phase_error=phase,
        secret_bits=secret,
        leak_bits=leak,
        security_bits=subtracted,
        length_bits=secret - leak - subtracted,
    )


def one_decoy_length(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    epsilon_secrecy: Number,
    epsilon_correctness: Number,
    leak_bits: Number = 0.0,
    error_correction_efficiency: Number = 0.0,
    proof: OneDecoyProof = RUSCA,
) -> Number:
    """Return the secret length in bits alone, for many draws at once; not clamped.

    Arguments and errors as `one_decoy_figures`; long arrays are evaluated in blocks.

    Source: Rusca et al. (2018), Eqs. A16 to A25.
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
            BasisCounts(row[0:2], row[2:4]),
            BasisCounts(row[4:6], row[6:8]),
            Intensities(row[8:10], row[10:12]),
            security=(row[12], row[13], row[14], row[15]),
            proof=proof,
        ).length_bits

    security = (epsilon_secrecy, epsilon_correctness, leak_bits, error_correction_efficiency)
    return in_blocks(
        length, (*key[0], *key[1], *test[0], *test[1], *intensities[0], *intensities[1], *security)
    )
