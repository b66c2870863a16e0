"""What all decoy-state bounds take in: intensities, counts, bits told, terms of the epsilon.

Inside: `Intensities`, `BasisCounts`, `EpsilonTerms`, `LIM_2014`, `RUSCA_2018`, `WIESEMANN_2024`,
`EITHER_INTENSITY`, `PoissonWeights`, `poisson_weights`, `told_bits`, `error_rate_of`,
`security_bits`.
Source: Lim et al., PRA 89, 022307 (2014) [read in a transcription]; Rusca et al., APL 112, 171104
(2018), Appendix A [read in a transcription]; the constants of arXiv:2405.16578 in the code that
its authors publish [read], not in the paper.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]

# Derivatives and draws shift one probability at a time: by 2e-6 where it has no uncertainty.
SUM_TOLERANCE = 1e-5
# ... and reach a little below an intensity of zero and below an empty cell.
BELOW_ZERO_INTENSITY = 1e-3
BELOW_ZERO_COUNT = 1.0
LARGEST_COUNT = 2.0**53


class Intensities(NamedTuple):
    """Mean photon numbers in falling order, and how often each is sent."""

    means: tuple[Number, ...]
    probabilities: tuple[Number, ...]


class BasisCounts(NamedTuple):
    """Counts of one basis, per intensity in the order of `Intensities`; disjoint cells."""

    errors: tuple[Number, ...]
    agreements: tuple[Number, ...]

    @property
    def detections(self) -> tuple[Number, ...]:
        """Return the sifted counts of each intensity."""
        return tuple(m + a for m, a in zip(self.errors, self.agreements, strict=True))


@dataclass(frozen=True, slots=True)
class EpsilonTerms:
    """How a proof splits its secrecy parameter into equal terms, and what it subtracts for it.

    Subtracted: `factor` log2(`terms` / eps_sec) - `offset` bits; each one-sided bound fails with
    eps_sec / `terms`.
    """

    name: str
    terms: int
    factor: float
    offset: float
    source: str


LIM_2014 = EpsilonTerms("21 terms", 21, 6.0, 0.0, "Lim et al. (2014), Eqs. B3, B4 [read]")
RUSCA_2018 = EpsilonTerms("19 terms", 19, 6.0, 0.0, "Rusca et al. (2018), Eqs. A24, A25 [read]")
WIESEMANN_2024 = EpsilonTerms(
    "15 terms",
    15,
    4.0,
    1.0,
    "arXiv:2405.16578, in its authors' code [read]: 4 log2(15/(2^(1/4)eps))",
)
# As Rusca's 6 eps_1 + 4 eps_2, but with BOTH intensities bounded where the smaller of two vacuum
# bounds is taken: errors of the key basis 2, of the test basis 3 (one of them serves twice).
EITHER_INTENSITY = EpsilonTerms("20 terms", 20, 6.0, 0.0, "own count after Rusca et al., Eq. A24")


def check_intensities(intensities: Intensities, *, number: int) -> None:
    """Refuse intensities out of order, and probabilities that are none or do not sum to one.

    Source: Lim et al. (2014), section II: mu1 > mu2 + mu3, mu2 > mu3 >= 0.
    """
    means = [np.asarray(one, dtype=np.float64) for one in intensities.means]
    shares = [np.asarray(one, dtype=np.float64) for one in intensities.probabilities]
    if len(means) != number or len(shares) != number:
        raise InputError(
            f"{len(means)} intensities and {len(shares)} probabilities, where {number} are needed",
            where="intensities",
            next_step="give one row for each intensity",
        )
    if not all(np.all(np.isfinite(one)) for one in (*means, *shares)):
        raise InputError(
            "an intensity or its probability is not a number",
            where="intensities",
            next_step="give mean photon numbers per pulse, and how often each is sent",
        )
    ordered = all(np.all(a > b) for a, b in itertools.pairwise(means))
    if not ordered or not np.all(means[-1] >= -BELOW_ZERO_INTENSITY):
        raise InputError(
            "the mean photon numbers do not fall from the first to the last, or are negative",
            where="intensities",
            next_step="intensity 1 is the brightest; no two may be equal, nor their intervals meet",
        )
    if number == 3 and not np.all(means[0] > means[1] + means[2]):
        raise InputError(
            "the first intensity is not above the sum of the other two",
            where="intensities",
            next_step="the two-decoy bound needs mu1 > mu2 + mu3",
        )
    if not all(np.all((one > 0.0) & (one < 1.0)) for one in shares):
        raise InputError(
            "the probability of an intensity is not between 0 and 1",
            where="intensities",
            next_step="give how often each intensity is sent",
        )
    if not np.all(np.abs(sum(shares) - 1.0) <= SUM_TOLERANCE):
        raise InputError(
            "the probabilities of the intensities do not sum to one",
            where="intensities",
            next_step="give all intensities that are sent",
        )


def check_counts(counts: BasisCounts, *, basis: str, number: int) -> None:
    """Refuse negative or impossible counts, and rows that miss.

    Source: counts are numbers of events; beyond 2^53 they are not exact in double precision.
    """
    if len(counts.errors) != number or len(counts.agreements) != number:
        raise InputError(
            f"the {basis} basis has {len(counts.errors)} rows of counts, not {number}",
            where=f"counts, basis {basis}",
            next_step="give one row for each intensity",
        )
    for row, (errors, agreements) in enumerate(zip(*counts, strict=True), start=1):
        for name, cell in (("errors", errors), ("agreements", agreements)):
            cell_array = np.asarray(cell, dtype=np.float64)
            if not np.all((cell_array > -BELOW_ZERO_COUNT) & (cell_array < LARGEST_COUNT)):
                raise InputError(
                    f"{name}_{basis}_{row} is not a count from 0 to 2^53",
                    where=f"counts, basis {basis}, intensity {row}",
                    next_step="errors must not exceed the counts: agreements are the others",
                )


def check_epsilon(epsilon: Number, *, name: str) -> None:
    """Refuse what is no failure probability.

    Source: a probability of failure lies between 0 and 1, both excluded.
    """
    if not np.all((np.asarray(epsilon) > 0.0) & (np.asarray(epsilon) < 1.0)):
        raise InputError(
            f"{name} is {epsilon}, not between 0 and 1",
            where=name,
            next_step="give for example 1e-10",
        )


def check_block(
    key: BasisCounts,
    test: BasisCounts,
    intensities: Intensities,
    *,
    number: int,
    epsilon_secrecy: Number,
    epsilon_correctness: Number,
) -> None:
    """Refuse counts, intensities and failure probabilities of a block that cannot be.

    Source: as `check_intensities`, `check_counts` and `check_epsilon`.
    """
    check_intensities(intensities, number=number)
    check_counts(key, basis="key", number=number)
    check_counts(test, basis="test", number=number)
    check_epsilon(epsilon_secrecy, name="epsilon_secrecy")
    check_epsilon(epsilon_correctness, name="epsilon_correctness")


class PoissonWeights(NamedTuple):
    """What the intensities are to a decoy bound; computed once for both bases.

    `per_pulse` are e^k / p_k; `vacuum` and `single` the probabilities that a pulse of any
    intensity has no photon, or one.
    """

    per_pulse: tuple[Number, ...]
    vacuum: Number
    single: Number


def poisson_weights(intensities: Intensities) -> PoissonWeights:
    """Return the weights of the intensities, and how often pulses have no photon, or one.

    Source: Lim et al. (2014), below Eq. 2: e^k / p_k and tau_n = sum of p_k e^-k k^n / n!.
    """
    weights = tuple(
        np.exp(np.asarray(mean, dtype=np.float64)) / share
        for mean, share in zip(*intensities, strict=True)
    )
    return PoissonWeights(
        per_pulse=weights,
        vacuum=sum(1.0 / weight for weight in weights),
        single=sum(mean / weight for mean, weight in zip(intensities.means, weights, strict=True)),
    )


def error_rate_of(counts: BasisCounts) -> Number:
    """Return the error rate over all intensities of a basis; 0 where nothing was counted.

    Source: definition, errors over sifted counts.
    """
    errors = np.maximum(np.asarray(sum(counts.errors), dtype=np.float64), 0.0)
    total = np.asarray(sum(counts.detections), dtype=np.float64)
    rate: Number = np.minimum(errors / np.where(total > 0.0, total, 1.0), 1.0)[()]
    return rate


def told_bits(
    key: BasisCounts, *, leak_bits: Number, error_correction_efficiency: Number
) -> Number:
    """Return the bits told in error correction: measured, or modelled from the error rate.

    Args:
        key: Counts of the key basis.
        leak_bits: Measured bits; 0: not given.
        error_correction_efficiency: Leak over its Shannon limit; 0: not given.

    Raises:
        InputError: both are given, or none.

    Source: n f h(e); the printed "f h(e)" of Lim et al. (2014) lacks the factor n.
    """
    measured = np.asarray(leak_bits, dtype=np.float64) != 0.0
    modelled = np.asarray(error_correction_efficiency, dtype=np.float64) != 0.0
    if not np.all(measured ^ modelled):
        raise InputError(
            "exactly one of leak and error_correction_efficiency must be given",
            where="leak",
            next_step="give the bits told as measured, or the efficiency from which to model them",
        )
    if np.any(np.asarray(leak_bits) < 0.0) or np.any(np.asarray(error_correction_efficiency) < 0.0):
        raise InputError(
            "the bits told, or the error correction efficiency, are negative",
            where="leak",
            next_step="leak over n h(e) is 1 at the Shannon limit, about 1.05 to 1.22 in use",
        )
    limit = sum(key.detections) * binary_entropy(error_rate_of(key))
    return leak_bits + error_correction_efficiency * limit


def security_bits(
    terms: EpsilonTerms, *, epsilon_secrecy: Number, epsilon_correctness: Number
) -> Number:
    """Return the bits subtracted for secrecy and correctness.

    Source: Lim et al. (2014), Eq. 1: 6 log2(21 / eps_sec) + log2(2 / eps_cor), with the terms
        of the named proof.
    """
    secrecy = terms.factor * np.log2(terms.terms / np.asarray(epsilon_secrecy)) - terms.offset
    bits: Number = secrecy + np.log2(2.0 / np.asarray(epsilon_correctness))
    return bits
