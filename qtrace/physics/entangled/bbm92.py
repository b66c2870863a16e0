"""BBM92: secret key of an entanglement-based link from counts, asymptotic and of finite length.

Inside: `asymptotic_key_fraction`, `threshold_qber`, `basis_length_gamma`,
`finite_length_gamma`, `basis_length_tail`, `tail_phase_error`, `finite_length_tail`; and what
`qtrace.physics.entangled.sifted` holds.
Lengths and fractions are NOT clamped at zero: a failing key keeps its value and derivatives.
A basis is called "key" where its bits are kept and "test" where its errors bound the phase
error of the other; both bases play both parts.
Source: Koashi and Preskill, PRL 90, 057902 (2003); Ma, Fung and Lo, PRA 76, 012307 (2007);
Yin et al., Nature 582, 501 (2020), Methods. Of the last, the page with the form of the rate in
the two bases was read, the page with the finite-key terms was not: the finite length is the
form of the case recomputed in tests, and its constants are not confirmed in the paper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entangled.sifted import (
    Cells,
    EpsilonSplit,
    complementarity,
    error_rate,
    told_bits,
)
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.sampling import exact_tail_errors, gamma_deviation

__all__ = [
    "Cells",
    "EpsilonSplit",
    "asymptotic_key_fraction",
    "basis_length_gamma",
    "basis_length_tail",
    "complementarity",
    "error_rate",
    "finite_length_gamma",
    "finite_length_tail",
    "tail_phase_error",
    "threshold_qber",
    "told_bits",
]

Number = float | NDArray[np.float64]


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
    from scipy.optimize import brentq  # slow to import, and few figures need it

    _check_efficiency(error_correction_efficiency)

    def margin(rate: float) -> float:
        return 1.0 - (1.0 + error_correction_efficiency) * float(binary_entropy(rate))

    return float(brentq(margin, 1e-12, 0.5, xtol=1e-15))


def _secret(
    key: Cells, phase_error: Number, security: tuple[Number, Number], basis_overlap: Number
) -> Number:
    """Return what one basis holds before error correction; phase errors are cut at 1/2."""
    correctness, privacy = security
    cost = np.log2(2.0 / np.asarray(correctness)) + 2.0 * np.log2(1.0 / (2.0 * np.asarray(privacy)))
    entropy = complementarity(basis_overlap) - binary_entropy(np.minimum(phase_error, 0.5))
    secret: Number = key.sifted * entropy - cost
    return secret


def basis_length_gamma(
    key: Cells,
    test: Cells,
    *,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
    basis_overlap: Number = 0.5,
) -> Number:
    """Return what the gamma bound leaves of one basis, the told bits not yet subtracted.

    Source: as `finite_length_gamma`.
    """
    tested = error_rate(test.errors, test.agreements)
    phase_error = tested + gamma_deviation(
        epsilon_sampling, tested, sample=test.sifted, untested=key.sifted
    )
    return _secret(key, phase_error, (epsilon_correctness, epsilon_privacy), basis_overlap)


def finite_length_gamma(
    z: Cells,
    x: Cells,
    *,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
    error_correction_efficiency: Number = 0.0,
    leak: Number = 0.0,
    basis_overlap: Number = 0.5,
) -> Number:
    """Return the secret length from both bases by the gamma bound of Lim 2014.

    The cut of the phase error at 1/2 is part of the bound; the length is not clamped.

    Args:
        z: Counts of basis Z.
        x: Counts of basis X.
        epsilon_sampling: Failure of the sampling bound, each basis (1/eps, not 21/eps).
        epsilon_correctness: Failure of the check of equality, each basis.
        epsilon_privacy: Failure of privacy amplification, each basis.
        error_correction_efficiency: Leak over its Shannon limit, or 0.
        leak: Bits told for both bases together, or 0.
        basis_overlap: See `complementarity`.

    Returns:
        Length in bits, as a real number.

    Source: sum over bases of n (1 - h(phi) - f h(e)) - log2(2/eps_cor) - 2 log2(1/(2 eps_PA)),
        phi = e_test + gamma(eps, e_test, n_test, n_key); gamma of Lim et al., PRA 89, 022307
        (2014), below Eq. 5 [read]; the sum as in the case recomputed (see module).
    """
    epsilons = {
        "epsilon_sampling": epsilon_sampling,
        "epsilon_correctness": epsilon_correctness,
        "epsilon_privacy": epsilon_privacy,
    }
    length = basis_length_gamma(z, x, **epsilons, basis_overlap=basis_overlap)
    length = length + basis_length_gamma(x, z, **epsilons, basis_overlap=basis_overlap)
    told = told_bits(z, x, error_correction_efficiency=error_correction_efficiency, leak=leak)
    return length - told


def basis_length_tail(
    key: Cells,
    test: Cells,
    *,
    split: EpsilonSplit,
    error_correction_efficiency: float = 0.0,
    leak: float = 0.0,
    basis_overlap: float = 0.5,
) -> float:
    """Return the secret length from one basis by the exact hypergeometric tail.

    The bound on the phase errors is a whole number, hence the length steps with the counts
    and has no derivative. The epsilon of the tail is the probability of failure itself; see
    `EpsilonSplit.total_with_smoothing` for what that means in an entropic proof.

    Args:
        key: Counts of the basis whose bits are kept, whole numbers.
        test: Counts of the other basis, whole numbers.
        split: Failure probabilities of one basis.
        error_correction_efficiency: Leak over its Shannon limit, or 0.
        leak: Bits told for this basis, or 0.
        basis_overlap: See `complementarity`.

    Returns:
        Length in bits, not clamped, as a real number.

    Raises:
        InputError: counts that are not whole numbers, or empty bases.

    Source: as `finite_length_gamma` with phi = j / n_key, j of `exact_tail_errors`.
    """
    told = told_bits(key, error_correction_efficiency=error_correction_efficiency, leak=leak)
    phase_error = tail_phase_error(key, test, epsilon=split.sampling)
    security = (split.correctness, split.privacy)
    return float(_secret(key, phase_error, security, basis_overlap) - told)


def tail_phase_error(key: Cells, test: Cells, *, epsilon: float) -> float:
    """Return the phase error rate that the exact tail allows in the key basis.

    Source: `exact_tail_errors` over the size of the key basis.
    """
    n_key = _whole(key.errors) + _whole(key.agreements)
    errors = exact_tail_errors(
        _whole(test.errors),
        sample=_whole(test.errors) + _whole(test.agreements),
        untested=n_key,
        epsilon=epsilon,
    )
    return errors / n_key


def finite_length_tail(
    z: Cells,
    x: Cells,
    *,
    split: EpsilonSplit,
    error_correction_efficiency: float = 0.0,
    leak: float = 0.0,
    basis_overlap: float = 0.5,
) -> float:
    """Return the secret length from both bases by the exact tail: see `basis_length_tail`.

    Args:
        z: Counts of basis Z, whole numbers.
        x: Counts of basis X, whole numbers.
        split: Failure probabilities of each basis.
        error_correction_efficiency: Leak over its Shannon limit, or 0.
        leak: Bits told for both bases together, or 0.
        basis_overlap: See `complementarity`.

    Source: as `finite_length_gamma` with phi = j / n_key, j of `exact_tail_errors`.
    """
    security = (split.correctness, split.privacy)
    secret = sum(
        float(
            _secret(
                key, tail_phase_error(key, test, epsilon=split.sampling), security, basis_overlap
            )
        )
        for key, test in ((z, x), (x, z))
    )
    told = told_bits(z, x, error_correction_efficiency=error_correction_efficiency, leak=leak)
    return secret - float(told)


def _whole(count: Number) -> int:
    if not float(count).is_integer():
        raise InputError(
            f"the exact tail takes whole counts, not {count}",
            next_step="evaluate this figure at the counts only: it has no derivative",
        )
    return int(count)
