"""BBM92: secret key of an entanglement-based link from counts, asymptotic and of finite length.

Inside: `Cells`, `EpsilonSplit`, `error_rate`, `asymptotic_key_fraction`, `threshold_qber`,
`finite_length_gamma`, `basis_length_tail`, `finite_length_tail`.
Lengths and fractions are NOT clamped at zero: a failing key keeps its value and derivatives.
A basis is called "key" where its bits are kept and "test" where its errors bound the phase
error of the other; both bases play both parts.
Source: Koashi and Preskill, PRL 90, 057902 (2003); Ma, Fung and Lo, PRA 76, 012307 (2007);
Yin et al., Nature 582, 501 (2020), Methods. Of the last, the page with the form of the rate in
the two bases was read, the page with the finite-key terms was not: the finite length is the
form of the case recomputed in tests, and its constants are not confirmed in the paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.sampling import exact_tail_errors, gamma_deviation

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


def asymptotic_key_fraction(
    key: Cells, test: Cells, *, error_correction_efficiency: Number
) -> Number:
    """Return secret bits per sifted bit of the key basis, for an infinitely long key.

    Args:
        key: Counts of the basis whose bits are kept.
        test: Counts of the other basis, which bound the phase error.
        error_correction_efficiency: Leak over its Shannon limit, at least 1.

    Returns:
        Fraction, not clamped: below zero there is no key.

    Raises:
        InputError: no counts, or an efficiency of error correction below 1.

    Source: Ma, Fung and Lo, PRA 76, 012307 (2007), key rate 1 - f h(e_bit) - h(e_phase) per
        sifted bit [from memory; the form with f = 1 per basis read in Yin et al., Methods].
    """
    _check_efficiency(error_correction_efficiency)
    bit = binary_entropy(error_rate(key.errors, key.agreements))
    phase = binary_entropy(error_rate(test.errors, test.agreements))
    return 1.0 - error_correction_efficiency * bit - phase


def _check_efficiency(error_correction_efficiency: Number) -> None:
    if not np.all(np.asarray(error_correction_efficiency) > 0.0):
        raise InputError(
            f"the error correction efficiency {error_correction_efficiency} is not above zero",
            next_step="give leak over n h(e): 1 at the Shannon limit, about 1.05 to 1.22 in use",
        )


def threshold_qber(error_correction_efficiency: float) -> float:
    """Return the error rate at which the asymptotic key vanishes, equal in both bases.

    Args:
        error_correction_efficiency: Leak over its Shannon limit.

    Source: 1 = (1 + f) h(e), solved by Brent's method to 1e-15.
    """
    _check_efficiency(error_correction_efficiency)

    def margin(rate: float) -> float:
        return 1.0 - (1.0 + error_correction_efficiency) * float(binary_entropy(rate))

    return float(brentq(margin, 1e-12, 0.5, xtol=1e-15))


def _length(
    key: Cells, phase_error: Number, epsilon_correctness: Number, epsilon_privacy: Number, f: Number
) -> Number:
    """Return the length from one basis; the phase error is cut at 1/2, where h turns over."""
    bit = binary_entropy(error_rate(key.errors, key.agreements))
    phase = binary_entropy(np.minimum(phase_error, 0.5))
    security = np.log2(2.0 / np.asarray(epsilon_correctness)) + 2.0 * np.log2(
        1.0 / (2.0 * np.asarray(epsilon_privacy))
    )
    length: Number = key.sifted * (1.0 - phase - f * bit) - security
    return length


def finite_length_gamma(
    z: Cells,
    x: Cells,
    *,
    error_correction_efficiency: Number,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
) -> Number:
    """Return the secret length from both bases by the gamma bound of Lim 2014.

    The cut of the phase error at 1/2 is part of the bound; the length is not clamped.

    Args:
        z: Counts of basis Z.
        x: Counts of basis X.
        error_correction_efficiency: Leak over its Shannon limit.
        epsilon_sampling: Failure of the sampling bound, each basis (1/eps, not 21/eps).
        epsilon_correctness: Failure of the check of equality, each basis.
        epsilon_privacy: Failure of privacy amplification, each basis.

    Returns:
        Length in bits, as a real number.

    Source: sum over bases of n (1 - h(phi) - f h(e)) - log2(2/eps_cor) - 2 log2(1/(2 eps_PA)),
        phi = e_test + gamma(eps, e_test, n_test, n_key); gamma of Lim et al., PRA 89, 022307
        (2014), below Eq. 5 [read]; the sum as in the case recomputed (see module).
    """
    _check_efficiency(error_correction_efficiency)
    length: Number = 0.0
    for key, test in ((z, x), (x, z)):
        tested = error_rate(test.errors, test.agreements)
        phase_error = tested + gamma_deviation(
            epsilon_sampling, tested, sample=test.sifted, untested=key.sifted
        )
        length = length + _length(
            key, phase_error, epsilon_correctness, epsilon_privacy, error_correction_efficiency
        )
    return length


def basis_length_tail(
    key: Cells, test: Cells, *, error_correction_efficiency: float, split: EpsilonSplit
) -> float:
    """Return the secret length from one basis by the exact hypergeometric tail.

    The bound on the phase errors is a whole number, hence the length steps with the counts
    and has no derivative. The epsilon of the tail is the probability of failure itself; see
    `EpsilonSplit.total_with_smoothing` for what that means in an entropic proof.

    Args:
        key: Counts of the basis whose bits are kept, whole numbers.
        test: Counts of the other basis, whole numbers.
        error_correction_efficiency: Leak over its Shannon limit.
        split: Failure probabilities of one basis.

    Returns:
        Length in bits, not clamped, as a real number.

    Raises:
        InputError: counts that are not whole numbers, or empty bases.

    Source: as `finite_length_gamma` with phi = j / n_key, j of `exact_tail_errors`.
    """
    _check_efficiency(error_correction_efficiency)
    n_key = _whole(key.errors) + _whole(key.agreements)
    errors = exact_tail_errors(
        _whole(test.errors),
        sample=_whole(test.errors) + _whole(test.agreements),
        untested=n_key,
        epsilon=split.sampling,
    )
    return float(
        _length(key, errors / n_key, split.correctness, split.privacy, error_correction_efficiency)
    )


def finite_length_tail(
    z: Cells, x: Cells, *, error_correction_efficiency: float, split: EpsilonSplit
) -> float:
    """Return the secret length from both bases by the exact tail: see `basis_length_tail`.

    Args:
        z: Counts of basis Z, whole numbers.
        x: Counts of basis X, whole numbers.
        error_correction_efficiency: Leak over its Shannon limit.
        split: Failure probabilities of each basis.
    """
    return sum(
        basis_length_tail(
            key, test, error_correction_efficiency=error_correction_efficiency, split=split
        )
        for key, test in ((z, x), (x, z))
    )


def _whole(count: Number) -> int:
    if not float(count).is_integer():
        raise InputError(
            f"the exact tail takes whole counts, not {count}",
            next_step="evaluate this figure at the counts only: it has no derivative",
        )
    return int(count)
