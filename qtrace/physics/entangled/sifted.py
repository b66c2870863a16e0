"""Sifted counts of two bases: cells, error rate, bits told, failure probabilities.

Inside: `Cells`, `EpsilonSplit`, `error_rate`, `told_bits`, `complementarity`.
Source: as named at each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]

BASES = 2  # Z and X, key from both


class Cells(NamedTuple):
    """Counts of one basis in disjoint cells, so that they are independent."""

    errors: Number
    agreements: Number

    @property
    def sifted(self) -> Number:
        """Return the sifted counts of the basis."""
        return self.errors + self.agreements


@dataclass(frozen=True, slots=True)
class EpsilonSplit:
    """Failure probabilities of ONE basis: sampling, correctness, privacy amplification."""

    sampling: float
    correctness: float
    privacy: float

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        for name in ("sampling", "correctness", "privacy"):
            value = getattr(self, name)
            if not 0.0 < value < 1.0:
                raise InputError(
                    f"the failure probability of {name} is {value}, not between 0 and 1",
                    where=f"epsilon_{name}",
                    next_step="give for example 1e-10",
                )

    @classmethod
    def summing_to(cls, total: float) -> EpsilonSplit:
        """Return the equal split whose plain sum over both bases is `total`.

        Source: union bound over three events in each of two bases.
        """
        share = total / (3 * BASES)
        return cls(share, share, share)

    @classmethod
    def summing_with_smoothing_to(cls, total: float) -> EpsilonSplit:
        """Return the equal split whose sum with smoothing over both bases is `total`.

        Source: union bound, the sampling failure p entering as 2 sqrt(p): see
            `total_with_smoothing`.
        """
        share = total / (3 * BASES)
        return cls((share / 2.0) ** 2, share, share)

    @property
    def total(self) -> float:
        """Return the plain sum over both bases.

        Source: union bound.
        """
        return BASES * (self.sampling + self.correctness + self.privacy)

    @property
    def total_with_smoothing(self) -> float:
        """Return the sum over both bases where the sampling failure enters as 2 sqrt(p).

        Entropic proofs smooth with the square root of the sampling failure, so the plain sum
        understates what such a proof would certify.

        Source: Tomamichel et al., Nat. Commun. 3, 634 (2012), Supplementary Notes 1 and 2
            (S9, S14) [read in a transcription].
        """
        return BASES * (2.0 * math.sqrt(self.sampling) + self.correctness + self.privacy)


def error_rate(errors: Number, agreements: Number) -> Number:
    """Return the quantum bit error rate from disjoint cells.

    Args:
        errors: Sifted counts where the two sides differ.
        agreements: Sifted counts where they agree.

    Raises:
        InputError: there are no counts.

    Source: definition, errors over sifted counts.
    """
    sifted = np.asarray(errors, dtype=np.float64) + np.asarray(agreements, dtype=np.float64)
    if not np.all(sifted > 0.0):
        raise InputError(
            "there are no sifted counts, hence no error rate",
            next_step="check the count table: errors and agreements of both bases",
        )
    return errors / sifted


def told_bits(
    *blocks: Cells, error_correction_efficiency: Number = 0.0, leak: Number = 0.0
) -> Number:
    """Return the bits told during error correction, as measured or by the model f n h(e).

    Args:
        blocks: Counts of each block that is corrected.
        error_correction_efficiency: Leak over its Shannon limit; 0: not given.
        leak: Bits told, measured, over all blocks; 0: not given.

    Raises:
        InputError: neither of both is given, or both are.

    Source: leak = f n h(e), Shannon's limit times the efficiency.
    """
    f, told = np.asarray(error_correction_efficiency, dtype=float), np.asarray(leak, dtype=float)
    if not np.all((f > 0.0) != (told > 0.0)) or np.any(f < 0.0) or np.any(told < 0.0):
        raise InputError(
            f"exactly one of leak and error_correction_efficiency is needed; {leak} and "
            f"{error_correction_efficiency} are given",
            where="leak",
            next_step="give the bits told, as measured; or the efficiency of a model, 1.05 to 1.22",
        )
    limit: Number = 0.0
    for one in blocks:
        limit = limit + one.sifted * binary_entropy(error_rate(one.errors, one.agreements))
    total: Number = told + f * limit
    return total


def complementarity(basis_overlap: Number) -> Number:
    """Return log2(1 / c): how complementary two bases are, 1 where c is 1/2.

    Args:
        basis_overlap: c, the largest overlap of an outcome of one basis with one of the other,
            from 1/2 to 1.

    Raises:
        InputError: an overlap outside 1/2 to 1.

    Source: Tomamichel and Renner, PRL 106, 110506 (2011), the term q of the uncertainty
        relation [from memory]; q in Tomamichel et al., Nat. Commun. 3, 634 (2012), Eq. 2.
    """
    c = np.asarray(basis_overlap, dtype=np.float64)
    if not np.all((c >= 0.5) & (c <= 1.0)):
        raise InputError(
            f"the overlap of the bases {basis_overlap} is outside 1/2 to 1",
            where="basis_overlap",
            next_step="give 0.5 for complementary bases; cos^2(45 deg - d) for an angle wrong by d",
        )
    q: Number = -np.log2(c)
    return q
