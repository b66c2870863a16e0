"""Random sampling: what the errors of a tested half say about the untested half.

Inside: `hypergeometric_lower_tail`, `exact_tail_errors`, `gamma_deviation`,
`serfling_deviation`. Concentration bounds are in natural logarithms.
Source: Lim et al., PRA 89, 022307 (2014), Eq. 5; Tomamichel et al., Nat. Commun. 3, 634
(2012), Supplementary Note 2; Serfling, Ann. Stat. 2, 39 (1974). That the tail itself may be
used instead of a bound on it: Sakakibara and Matsumoto, IEICE ComEx 3, 68 (2014) [abstract
read]. The closed form of Lim et al., PRL 126, 100501 (2021), is in `qtrace.physics.small_block`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from qtrace.errors import InputError

Number = float | NDArray[np.float64]

NEGLIGIBLE = 1e-20  # relative weight of the terms of a tail that are left out


def _check_epsilon(epsilon: Number) -> None:
    if not np.all((np.asarray(epsilon) > 0.0) & (np.asarray(epsilon) < 1.0)):
        raise InputError(
            f"the failure probability {epsilon} is not between 0 and 1",
            next_step="give for example 1e-10",
        )


def hypergeometric_lower_tail(seen: int, *, population: int, marked: int, drawn: int) -> float:
    """Return the probability to see at most `seen` marked items in a sample.

    Args:
        seen: Marked items in the sample.
        population: All items.
        marked: Marked items among all.
        drawn: Size of the sample, drawn without replacement.

    Returns:
        P(X <= seen); tails below 1e-300 come out as 0.

    Source: hypergeometric distribution, summed term by term from the largest downwards.
    """
    lowest, highest = max(0, drawn + marked - population), min(marked, drawn)
    if seen < lowest:
        return 0.0
    if seen >= highest:
        return 1.0
    # Ratio of the term below the last one: the tail falls at least geometrically from there.
    ratio = seen * (population - marked - drawn + seen) / ((marked - seen + 1) * (drawn - seen + 1))
    terms = seen - lowest + 1
    if 0.0 < ratio < 1.0:
        terms = min(terms, math.ceil(math.log(NEGLIGIBLE) / math.log(ratio)) + 1)
    x = np.arange(seen - terms + 1, seen + 1, dtype=np.float64)
    log_terms = (
        _log_choose(float(marked), x)
        + _log_choose(float(population - marked), drawn - x)
        - _log_choose(float(population), np.array([float(drawn)]))
    )
    return min(1.0, float(np.exp(log_terms).sum()))


def _log_choose(n: float, k: NDArray[np.float64]) -> NDArray[np.float64]:
    chosen: NDArray[np.float64] = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return chosen


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
    allowed, refused = 0, untested + 1
    while refused - allowed > 1:
        middle = (allowed + refused) // 2
        tail = hypergeometric_lower_tail(
            sample_errors, population=population, marked=sample_errors + middle, drawn=sample
        )
        if tail > epsilon:
            allowed = middle
        else:
            refused = middle
    return allowed


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
