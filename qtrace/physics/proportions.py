"""Exact intervals for counts: proportions and Poisson means, zero counts included.

Inside: `Interval`, `clopper_pearson`, `jeffreys`, `poisson_interval`,
`jeffreys_poisson`, `poisson_upper_limit`.
Source: Clopper and Pearson, Biometrika 26, 404 (1934); Brown, Cai and DasGupta, Statistical
Science 16, 101 (2001); Garwood, Biometrika 28, 437 (1936).
"""

from __future__ import annotations

from typing import NamedTuple

from scipy.special import betaincinv, gammaincinv

from qtrace.errors import InputError


class Interval(NamedTuple):
    """An interval with its probability: `low` and `high` in the unit of the quantity."""

    low: float
    high: float
    probability: float


def _check_counts(successes: int, trials: int) -> None:
    if successes < 0 or trials <= 0:
        raise InputError(
            f"{successes} of {trials} is no proportion",
            next_step="counts are not negative, and there must be at least one trial",
        )
    if successes > trials:
        raise InputError(
            f"{successes} errors are more than {trials} counts",
            next_step="check which column is errors and which is all counts",
        )


def _half_tail(probability: float) -> float:
    if not 0.0 < probability < 1.0:
        raise InputError(
            f"the coverage probability {probability} is not between 0 and 1",
            next_step="give for example 0.95",
        )
    return (1.0 - probability) / 2.0


def clopper_pearson(successes: int, trials: int, *, probability: float) -> Interval:
    """Return the exact interval of a proportion; it covers at least `probability`.

    Args:
        successes: Counts of the kind asked for (errors).
        trials: All counts.
        probability: Two-sided coverage, in (0, 1).

    Raises:
        InputError: successes above trials, negative counts, or no probability.

    Source: Clopper and Pearson, Biometrika 26, 404 (1934), by quantiles of the beta
        distribution.
    """
    _check_counts(successes, trials)
    tail = _half_tail(probability)
    failures = trials - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1.0, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1.0, failures, 1.0 - tail))
    return Interval(low, high, probability)


def jeffreys(successes: int, trials: int, *, probability: float) -> Interval:
    """Return the interval of a proportion from the Jeffreys prior; covers on average.

    Source: Brown, Cai and DasGupta, Statistical Science 16, 101 (2001), section 3.1.2: at zero
        successes the lower end is 0, at zero failures the upper end is 1.
    """
    _check_counts(successes, trials)
    tail = _half_tail(probability)
    a, b = successes + 0.5, trials - successes + 0.5
    low = 0.0 if successes == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if successes == trials else float(betaincinv(a, b, 1.0 - tail))
    return Interval(low, high, probability)


def poisson_interval(counts: int, *, probability: float) -> Interval:
    """Return the exact central interval of a Poisson mean.

    Source: Garwood, Biometrika 28, 437 (1936), by quantiles of the gamma distribution.
    """
    if counts < 0:
        raise InputError(f"{counts} counts are negative", next_step="check the column read")
    tail = _half_tail(probability)
    low = 0.0 if counts == 0 else float(gammaincinv(counts, tail))
    return Interval(low, float(gammaincinv(counts + 1.0, 1.0 - tail)), probability)


def jeffreys_poisson(counts: int, *, probability: float) -> Interval:
    """Return the interval of a Poisson mean from the Jeffreys prior; covers on average.

    Source: quantiles of the gamma posterior with shape n + 1/2 (Brown, Cai and DasGupta,
        Statistica Sinica 13, 19 (2003); from memory); at zero counts the lower end is 0, as for
        a proportion.
    """
    if counts < 0:
        raise InputError(f"{counts} counts are negative", next_step="check the column read")
    tail = _half_tail(probability)
    low = 0.0 if counts == 0 else float(gammaincinv(counts + 0.5, tail))
    return Interval(low, float(gammaincinv(counts + 0.5, 1.0 - tail)), probability)


def poisson_upper_limit(counts: int, *, probability: float) -> float:
    """Return the one-sided upper limit of a Poisson mean: what zero counts still allow.

    Source: Garwood, Biometrika 28, 437 (1936); for zero counts it is -ln(1 - p).
    """
    if counts < 0:
        raise InputError(f"{counts} counts are negative", next_step="check the column read")
    _half_tail(probability)
    return float(gammaincinv(counts + 1.0, probability))
