"""Exact interval and p-value of a weighted mean of fidelities, each from its own counts.

Inside: `fidelity_interval`, `mean_p_value`, `is_proved`, `SMALLEST_P`.
States have fidelities of their own, which nobody knows; the interval covers at least as often as
said whatever they are. With as many trials and the same weight for all states that is a theorem;
else the worst fidelities are searched (`is_proved` tells).
Source: Hoeffding, Ann. Math. Stat. 27, 713 (1956), Theorem 4 [M; checked in tests over random
fidelities]: of all independent trials with one mean number of successes, equal ones have the
largest tails from one count above that mean on, and down from one below it; Clopper and Pearson,
Biometrika 26, 404 (1934).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.mean_fidelity_search import least_mean, worst_tail
from qtrace.physics.states.mean_fidelity_tail import WeightedTail

Array = NDArray[np.float64]

LARGEST_PROBABILITY = 1.0 - 1e-9  # beyond it the tails are too small to be asked for
LEAST_PROBABILITY = 0.5  # below it no search was studied, and nobody needs the interval itself
SMALLEST_P = float(np.finfo(np.float64).tiny)
OUTWARD = 1e-9  # of the width to a value, for what rounding of the numbers may do


def _checked(
    successes: Sequence[int], trials: Sequence[int], weights: Sequence[float] | None
) -> tuple[Array, Array, Array]:
    """Return counts and weights that sum to 1.

    Raises:
        InputError: see `fidelity_interval`.
    """
    if not successes or len(successes) != len(trials):
        raise InputError(
            f"{len(successes)} numbers of successes for {len(trials)} numbers of trials",
            where="successes",
            next_step="give both for each state",
        )
    given = [1.0] * len(trials) if weights is None else [float(one) for one in weights]
    if len(given) != len(trials):
        raise InputError(
            f"{len(given)} weights for {len(trials)} states",
            where="weights",
            next_step="give one weight for each state",
        )
    for k, n in zip(successes, trials, strict=True):
        if n <= 0:
            raise InputError(
                "a state has no trials", where="trials", next_step="record every state of the set"
            )
        if not 0 <= k <= n:
            raise InputError(
                f"{k} successes of {n} trials is no proportion",
                where="successes",
                next_step="check which column is successes and which is all counts",
            )
        if k != int(k) or n != int(n):
            raise InputError("counts are not whole", where="successes", next_step="give counts")
    if not all(math.isfinite(one) and one > 0.0 for one in given):
        raise InputError(
            "a weight is not a positive number", where="weights", next_step="leave the state out"
        )
    total = math.fsum(given)
    return (
        np.array(successes, dtype=np.float64),
        np.array(trials, dtype=np.float64),
        np.array([one / total for one in given]),
    )


def _alike(n: Array, w: Array) -> bool:
    step = w / n
    return bool(np.max(step) - np.min(step) <= 1e-12 * np.max(step))


def is_proved(trials: Sequence[int], weights: Sequence[float] | None = None) -> bool:
    """Return whether the coverage is a theorem for these trials, and not a search.

    It is where weight over trials is the same for all states: the mean then is pooled counts
    over pooled trials.

    Source: Hoeffding (1956) is about equal weights of all trials.
    """
    _, n, w = _checked([0] * len(trials), trials, weights)
    return _alike(n, w)


def fidelity_interval(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    weights: Sequence[float] | None = None,
    probability: float,
) -> Interval:
    """Return the interval of a weighted mean of proportions, each with a probability of its own.

    Args:
        successes: Counts received as sent, for each state.
        trials: All counts of each state.
        weights: Of the states, positive, in any scale; alike where they are not given.
        probability: Two-sided coverage, above 0 and up to 1 - 1e-9; each tail has half of the
            rest. Below 0.5 the ends are those of 0.5, which cover more than was asked for.

    Returns:
        The interval, which covers at least `probability` at any fidelities of the states (see
        `is_proved` for whether that is a theorem or a search).

    Raises:
        InputError: no trials, more successes than trials, weights that are not positive, or a
            probability out of range.

    Source: inversion of one-sided tests, Clopper and Pearson (1934), at the worst fidelities,
        Hoeffding (1956); near an edge Markov's inequality, P(T >= t) <= mean / t.
    """
    k, n, w = _checked(successes, trials, weights)
    if not 0.0 < probability <= LARGEST_PROBABILITY:
        raise InputError(
            f"the coverage probability {probability} is not between 0 and 1 - 1e-9",
            where="probability",
            next_step="give for example 0.95",
        )
    counts = tuple(k.tolist()), tuple(n.tolist()), tuple(w.tolist())
    low, high = _limits(*counts, probability=max(probability, LEAST_PROBABILITY))
    return Interval(low, high, probability)


@lru_cache(maxsize=512)
def _limits(
    successes: tuple[float, ...],
    trials: tuple[float, ...],
    weights: tuple[float, ...],
    *,
    probability: float,
) -> tuple[float, float]:
    """Return both limits; they are asked for again by other figures of the same counts."""
    k, n, w = np.array(successes), np.array(trials), np.array(weights)
    low = _lower_limit(k, n, w, probability=probability)
    return low, 1.0 - _lower_limit(n - k, n, w, probability=probability)


def _lower_limit(k: Array, n: Array, w: Array, *, probability: float) -> float:
    """Return the largest mean at which so many successes, or more, are too rare.

    Source: where fewer than one step above the mean is asked for, equal trials are not the worst
        (Hoeffding's theorem starts one count above); Markov's inequality holds everywhere.
    """
    tail = 0.5 * (1.0 - probability)
    seen = float(np.sum(w * k / n))
    if seen == 0.0:
        return 0.0
    if _alike(n, w):
        pooled = clopper_pearson(round(np.sum(k)), round(np.sum(n)), probability=probability)
        found = pooled.low
    else:
        guess = max(_first_guess(n, w, seen, probability=probability), 1e-3 * seen)
        steps = WeightedTail(n, w / n, seen)
        found = least_mean(steps, w, level=tail, start=guess) * (1.0 - OUTWARD)
    return max(tail * seen, min(found, seen - float(np.max(w / n))), 0.0)


def _first_guess(n: Array, w: Array, seen: float, *, probability: float) -> float:
    """Return the exact limit of as many equal trials as have the same variance."""
    equal = max(1, round(1.0 / float(np.sum(w * w / n))))
    like = min(equal, max(1, round(seen * equal)))
    return clopper_pearson(like, equal, probability=probability).low


def mean_p_value(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    bound: float,
    weights: Sequence[float] | None = None,
) -> float:
    """Return how probable so large a mean is at most, if the true mean is no larger than a bound.

    One-sided; the fidelities of single states may be any with that mean. Where fewer than one
    count of the largest weight lies between the bound and what was seen, Markov's inequality is
    all that is used. A tail below 2.2e-308 is given as that, an upper limit.

    Args:
        successes: Counts received as sent, for each state.
        trials: All counts of each state.
        bound: Largest mean under the hypothesis, in (0, 1): a classical bound.
        weights: Of the states; alike where they are not given.

    Raises:
        InputError: as for `fidelity_interval`, or a bound outside (0, 1).

    Source: Hoeffding (1956) for the pooled binomial tail; else a search, see `worst_tail`.
    """
    k, n, w = _checked(successes, trials, weights)
    if not 0.0 < bound < 1.0:
        raise InputError(
            f"the bound {bound} is not between 0 and 1",
            where="bound",
            next_step="give the mean fidelity of the hypothesis, such as 2/3",
        )
    seen = float(np.sum(w * k / n))
    markov = min(1.0, bound / seen) if seen > 0.0 else 1.0
    if seen < bound + float(np.max(w / n)) * (1.0 - 1e-12):
        return markov if seen > bound else 1.0
    if _alike(n, w):
        pooled, total = float(np.sum(k)), float(np.sum(n))
        found = float(betainc(pooled, total - pooled + 1.0, bound))
    else:
        found = worst_tail(WeightedTail(n, w / n, seen), w, bound)[0]
    return max(min(markov, found), SMALLEST_P)
