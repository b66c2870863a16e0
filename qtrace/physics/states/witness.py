"""Fidelity and entanglement straight from correlations: no model, no fit, intervals that cover.

Inside: `Parity`, `parities`, `witness_fidelity`, `mean_interval`, `mean_p_value`,
`fidelity_interval_of`, `entanglement_p_value`.
The projector of a Bell state is a sum of three correlations, so that its fidelity needs only the
settings xx, yy and zz, and is linear in what was counted: unbiased, with exact intervals.
Source: Guehne and Toth, Phys. Rep. 474, 1 (2009), section 6, for the witness; Hoeffding, Ann. Math.
Stat. 27, 713 (1956), Theorem 4, and J. Am. Stat. Assoc. 58, 13 (1963) [both from memory].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betainc, betaincinv

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval
from qtrace.physics.states.density import bell_state

Array = NDArray[np.float64]
Number = float | Array

AXES = ("x", "y", "z")
# Signs of the correlations xx, yy, zz of each Bell state.
SIGNS: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "phi_plus": (1, -1, 1),
        "phi_minus": (-1, 1, 1),
        "psi_plus": (1, 1, -1),
        "psi_minus": (-1, -1, -1),
    }
)
SEPARABLE = 0.5  # no separable state has a larger fidelity with a Bell state
_LARGEST = 700.0  # exponents beyond it leave the range of a double


@dataclass(frozen=True, slots=True)
class Parity:
    """Of one setting, the pairs whose outcomes stand as in the Bell state, and all pairs."""

    agreeing: Number
    pairs: Number


def parities(target: str, counts: Mapping[str, Sequence[Number]]) -> tuple[Parity, ...]:
    """Return the parities of xx, yy and zz that a Bell state asks for.

    Args:
        target: Name of the Bell state.
        counts: For "xx", "yy" and "zz" the counts pp, pm, mp, mm.

    Raises:
        InputError: no Bell state of that name, a setting that is missing or without counts.

    Source: signs of the correlations of Bell states.
    """
    bell_state(target)
    found = []
    for axis, sign in zip(AXES, SIGNS[target], strict=True):
        if axis * 2 not in counts:
            raise InputError(
                f"the setting {axis * 2} is missing",
                where="settings",
                next_step="the witness needs xx, yy and zz",
            )
        pp, pm, mp, mm = counts[axis * 2]
        agreeing = pp + mm if sign > 0 else pm + mp
        pairs = pp + pm + mp + mm
        if np.any(np.asarray(pairs) <= 0.0):
            raise InputError(
                f"nothing was counted at the setting {axis * 2}",
                where=f"setting {axis * 2}",
                next_step="the witness needs counts at xx, yy and zz",
            )
        found.append(Parity(agreeing, pairs))
    return tuple(found)


def witness_fidelity(found: Sequence[Parity]) -> Number:
    """Return the fidelity with the Bell state, unbiased and not cut at 0 or 1.

    Source: F = (1 + s_x <xx> + s_y <yy> + s_z <zz>) / 4 with s the signs of the target; a
        correlation times its sign is 2 q - 1 with q the part that agrees: F = (sum q - 1) / 2.
    """
    total = sum(one.agreeing / one.pairs for one in found)
    return (total - 1.0) / 2.0


def mean_interval(
    successes: Sequence[float], trials: Sequence[float], *, probability: float
) -> Interval:
    """Return an interval of the mean of proportions that covers at least `probability`.

    Args:
        successes: Counts of the kind asked for, one for each proportion.
        trials: All counts of each.
        probability: Two-sided coverage.

    Raises:
        InputError: counts that are no proportion.

    Source: for equal trials the pooled interval of Clopper and Pearson, as a sum of Bernoulli
        variables has a tail below that of the binomial of the same mean (Hoeffding 1956); else
        the Chernoff bound, at its largest over all proportions of that mean (Hoeffding 1963).
    """
    _check(successes, trials)
    tail = (1.0 - probability) / 2.0
    low = _lower_limit(successes, trials, tail)
    mirrored = [n - k for k, n in zip(successes, trials, strict=True)]
    return Interval(low, 1.0 - _lower_limit(mirrored, trials, tail), probability)


def mean_p_value(successes: Sequence[float], trials: Sequence[float], *, bound: float) -> float:
    """Return the largest probability of so large a mean, where the true one is at most `bound`.

    Source: as `mean_interval`.
    """
    _check(successes, trials)
    if _mean(successes, trials) <= bound:
        return 1.0
    if _equal(trials):
        k, n = round(sum(successes)), round(sum(trials))
        # Hoeffding's theorem holds one count above the mean and beyond.
        return float(betainc(k, n - k + 1, bound)) if k >= n * bound + 1.0 else 1.0
    return math.exp(min(0.0, _log_chance(successes, trials, bound)))


def fidelity_interval_of(found: Sequence[Parity], *, probability: float) -> Interval:
    """Return the interval of the fidelity with the Bell state; it covers, and is not cut at 0.

    Source: F = (3 m - 1) / 2 with m the mean of the three parts that agree.
    """
    mean = mean_interval(*_both(found), probability=probability)
    return Interval((3.0 * mean.low - 1.0) / 2.0, (3.0 * mean.high - 1.0) / 2.0, probability)


def entanglement_p_value(found: Sequence[Parity]) -> float:
    """Return the p-value against every separable state, of trials that are alike.

    Source: F <= 1/2 for separable states (Guehne and Toth 2009); m <= 2/3.
    """
    return mean_p_value(*_both(found), bound=(2.0 * SEPARABLE + 1.0) / 3.0)


def _both(found: Sequence[Parity]) -> tuple[list[float], list[float]]:
    return [float(one.agreeing) for one in found], [float(one.pairs) for one in found]


def _check(successes: Sequence[float], trials: Sequence[float]) -> None:
    if any(not 0 <= k <= n or n <= 0 for k, n in zip(successes, trials, strict=True)):
        raise InputError(
            "these counts are no proportions",
            where="counts",
            next_step="each needs at least one trial, and no more successes than trials",
        )


def _equal(trials: Sequence[float]) -> bool:
    return max(trials) == min(trials)


def _mean(successes: Sequence[float], trials: Sequence[float]) -> float:
    return sum(k / n for k, n in zip(successes, trials, strict=True)) / len(trials)


def _lower_limit(successes: Sequence[float], trials: Sequence[float], tail: float) -> float:
    seen = _mean(successes, trials)
    if seen <= 0.0:
        return 0.0
    if _equal(trials):
        k, n = round(sum(successes)), round(sum(trials))
        if k == 1:
            return tail / n  # the union bound, as Hoeffding's theorem does not reach so low
        limit = float(betaincinv(k, n - k + 1.0, tail))
        return limit if k >= n * limit + 1.0 else 0.0
    goal = math.log(tail)
    floor = 1e-12 * seen
    if _log_chance(successes, trials, floor) > goal:
        return 0.0

    def beyond(mean: float) -> float:
        return _log_chance(successes, trials, mean) - goal

    return float(brentq(beyond, floor, seen, xtol=1e-12))


def _log_chance(successes: Sequence[float], trials: Sequence[float], mean: float) -> float:
    """Return the log of a bound of the chance of so large a mean, over all proportions of `mean`.

    Source: inf over t of -t x + max over p of sum n ln(1 - p + p e^(t / (K n))), Hoeffding (1963);
        any t gives a bound, and the inner maximum is concave in p.
    """
    seen = _mean(successes, trials)
    if seen <= mean:
        return 0.0
    number = np.asarray(trials, dtype=np.float64)
    reach = _LARGEST * len(trials) * float(number.min())

    def bound(log_t: float) -> float:
        t = math.exp(log_t)
        growth = np.expm1(t / (len(trials) * number))
        chance = _worst(number, growth, mean * len(trials))
        return float(number @ np.log1p(chance * growth)) - t * seen

    best = minimize_scalar(bound, bounds=(math.log(1e-6), math.log(reach)), method="bounded")
    return float(best.fun)


def _worst(number: Array, growth: Array, total: float) -> Array:
    """Return the proportions of sum `total` at which the moment is largest.

    Source: equal derivatives n g / (1 + p g) = l, each p kept within 0 and 1 (Karush, Kuhn and
        Tucker); l by bisection, as the sum falls with l.
    """
    low, high = -60.0, math.log(float(np.max(number * growth)))
    low = min(low, high - 1.0)
    for _ in range(200):
        middle = (low + high) / 2.0
        chance = np.clip(number * math.exp(-middle) - 1.0 / growth, 0.0, 1.0)
        if float(chance.sum()) > total:
            low = middle
        else:
            high = middle
    return np.asarray(np.clip(number * math.exp(-low) - 1.0 / growth, 0.0, 1.0))
