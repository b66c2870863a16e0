"""Random sampling: what the errors of a tested half say about the untested half.

Inside: `exact_tail_errors`, `gamma_deviation`, `serfling_deviation`. Bounds are in natural
logarithms.
Source: Lim et al., PRA 89, 022307 (2014), Eq. 5; Tomamichel et al., Nat. Commun. 3, 634
(2012), Supplementary Note 2; Serfling, Ann. Stat. 2, 39 (1974). That the tail itself may be
used instead of a bound on it: Sakakibara and Matsumoto, IEICE ComEx 3, 68 (2014) [abstract
read]. The closed form of Lim et al., PRL 126, 100501 (2021), is in
`qtrace.physics.entangled.small_block`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from qtrace.errors import InputError
from qtrace.physics.hypergeometric import hypergeometric_lower_tail

Number = float | NDArray[np.float64]

STEPS = 8  # of the fixed point that gives the first guess of a tail's inversion
FIRST_REACH = 0.01  # of the guessed excess, to either side; reaches are widened until they hold


def _check_epsilon(epsilon: Number) -> None:
    if not np.all((np.asarray(epsilon) > 0.0) & (np.asarray(epsilon) < 1.0)):
        raise InputError(
            f"the failure probability {epsilon} is not between 0 and 1",
            next_step="give for example 1e-10",
        )


def exact_tail_errors(sample_errors: int, *, sample: int, untested: int, epsilon: float) -> int:
    """Return the largest number of errors in the untested part that the sample still allows.

    With any true number of errors, the untested part has more than this with probability at
    most `epsilon` (the lower tail of the exact distribution, inverted).

    Args:
        sample_errors: Errors seen in the tested sample.
        sample: Size of the tested sample.
        untested: Size of the untested part.
        epsilon: Probability of failure, in (0, 1).

    Returns:
        The largest j with P(X <= sample_errors | population, sample_errors + j) > epsilon.

    Raises:
        InputError: errors above counts, negative sizes, or no probability.

    Source: Neyman construction on the hypergeometric distribution; form of the case
        recomputed in tests. Compare Mannalath, Zapatero and Curty, arXiv:2410.04095 (2024).
    """
    _check_epsilon(epsilon)
    if not 0 <= sample_errors <= sample or sample == 0 or untested <= 0:
        raise InputError(
            f"{sample_errors} errors in a sample of {sample}, {untested} untested, cannot be",
            next_step="errors must not exceed the sample, and both parts must not be empty",
        )
    population = sample + untested

    def is_allowed(errors: int) -> bool:
        tail = hypergeometric_lower_tail(
            sample_errors, population=population, marked=sample_errors + errors, drawn=sample
        )
        return tail > epsilon

    # Between these two the answer lies: no errors are always allowed, more than all never.
    allowed, refused = 0, untested + 1
    guess = _normal_guess(sample_errors, sample=sample, untested=untested, epsilon=epsilon)
    reach = 1 + math.ceil(FIRST_REACH * abs(guess - sample_errors * untested / sample))
    place = min(max(math.floor(guess), 0), untested)
    while allowed < place < refused:
        if is_allowed(place):
            allowed, place = place, place + reach
        else:
            refused, place = place, place - reach
        reach *= 2
    while refused - allowed > 1:
        middle = (allowed + refused) // 2
        if is_allowed(middle):
            allowed = middle
        else:
            refused = middle
    return allowed


def _normal_guess(sample_errors: int, *, sample: int, untested: int, epsilon: float) -> float:
    """Return about how many errors the untested part may have, by a normal distribution.

    Source: hypergeometric variance s p (1 - p) u / (s + u - 1), solved for p by iteration.
    """
    reach = -float(ndtri(epsilon))
    population = sample + untested
    rate = (sample_errors + 0.5) / sample
    for _ in range(STEPS):
        part = min(max(rate, 0.0), 1.0)
        variance = part * (1.0 - part) * untested / (sample * (population - 1.0))
        rate = (sample_errors + 0.5) / sample + reach * math.sqrt(variance)
    return min(rate, 1.0) * population - sample_errors


def gamma_deviation(
    epsilon: Number, sample_error_rate: Number, *, sample: Number, untested: Number
) -> Number:
    """Return how far the untested error rate may lie above that of the sample (Lim 2014).

    It comes from an expansion of the tail and is not strict where errors are few; without any
    error it vanishes, hence it is refused there. The printed form divides by log 2 under the
    root, which is kept; at 70 errors of 1550 it is more cautious than the exact tail.

    Args:
        epsilon: Probability of failure; Lim et al. put eps_sec / 21 here.
        sample_error_rate: Error rate seen in the sample, in (0, 1).
        sample: Size of the sample.
        untested: Size of the untested part.

    Returns:
        Deviation of the error rate, not negative.

    Raises:
        InputError: an error rate of 0 or 1, empty parts, or no probability.

    Source: Lim et al., PRA 89, 022307 (2014), below Eq. 5 [read]; after Fung, Ma and Chau,
        PRA 81, 012318 (2010). Limits: Tupkary et al., arXiv:2502.10340 [second hand].
    """
    _check_epsilon(epsilon)
    b = np.asarray(sample_error_rate, dtype=np.float64)
    c = np.asarray(sample, dtype=np.float64)
    d = np.asarray(untested, dtype=np.float64)
    if not np.all((b > 0.0) & (b < 1.0)):
        raise InputError(
            f"the gamma bound has no value at an error rate of {sample_error_rate}",
            next_step="use the exact tail, which holds for zero errors too",
        )
    if not np.all((c > 0.0) & (d > 0.0)):
        raise InputError(
            "the gamma bound needs counts in both bases", next_step="check the count table"
        )
    spread = (c + d) / (c * d)
    logarithm = np.log2(spread / ((1.0 - b) * b) / np.square(np.asarray(epsilon, dtype=float)))
    # A negative logarithm means that even no deviation fails less often than epsilon.
    deviation: Number = np.sqrt(spread * (1.0 - b) * b / math.log(2.0) * np.maximum(logarithm, 0.0))
    return deviation


def serfling_deviation(epsilon: Number, *, sample: Number, untested: Number) -> Number:
    """Return how far the untested error rate may lie above that of the sample (Serfling).

    Holds for any error rate; the price is that it does not shrink where errors are few.
    P(untested rate >= sample rate + deviation) is at most epsilon squared: epsilon is the
    smoothing parameter of an entropic proof, not the probability itself.

    Args:
        epsilon: Smoothing parameter, in (0, 1).
        sample: Size of the tested sample, k.
        untested: Size of the untested part, n.

    Source: Tomamichel et al., Nat. Commun. 3, 634 (2012), Supplementary Note 2, Lemma 3:
        sqrt((n + k)(k + 1) / (n k^2) ln(1 / epsilon)) [read in a transcription].
    """
    _check_epsilon(epsilon)
    n = np.asarray(untested, dtype=np.float64)
    k = np.asarray(sample, dtype=np.float64)
    if not np.all((n > 0.0) & (k > 0.0)):
        raise InputError(
            "the sampling bound needs counts in both parts", next_step="check the count table"
        )
    logarithm = -np.log(np.asarray(epsilon, dtype=np.float64))
    deviation: Number = np.sqrt((n + k) * (k + 1.0) / (n * k * k) * logarithm)
    return deviation
