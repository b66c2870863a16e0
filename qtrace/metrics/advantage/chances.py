"""The probability of being better, from a linear form or from exact intervals.

Inside: `Chance`, `linear_chance`, `exact_chance`, `stored_chance`, `magnitude_chance`.

All take gains: how much better than the baseline, in the direction that is better. An exact
interval gives a confidence: the largest one at which its one-sided end still beats the baseline.
Where the baseline is uncertain beside an exact interval, the error probability is divided between
both, one half each: whatever correlates them, "better" is then wrong at most that often.
Source: JCGM 106:2012, clause 7.3 (probability of a value beyond a limit); Clopper and Pearson,
Biometrika 26, 404 (1934) (one-sided ends); Bonferroni (1936) (division of the error).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scipy.special import ndtr, ndtri

from qtrace.metrics.advantage.compared import EndsFunction
from qtrace.physics.proportions import Interval
from qtrace.uncertainty.conformity import probability_at_most

SMALLEST = 1e-9  # error probabilities are not looked for below it
STEPS = 40  # at most; an interval costs up to a second, and about six are looked at
NEAR = 2e-3  # relative, of the smallest error probability; the larger end is taken
_MIDDLE = 0.4999  # the one-sided ends meet at 0.5; intervals of probability 0 are refused


@dataclass(frozen=True, slots=True)
class Chance:
    """Whether better or worse is shown at the confidence, and the probability of better.

    `probability` is None where an interval at one fixed probability leaves both open.
    `how` says what it rests on. `at_least` tells a probability that is a bound.
    """

    better: bool
    worse: bool
    probability: float | None
    how: str


@dataclass(frozen=True, slots=True)
class Level:
    """A baseline as an exact interval meets it; numbers in SI units."""

    value: float
    standard_uncertainty: float
    better: str
    known_bias: float = 0.0

    def reach(self, error: float) -> float:
        """Return how far the baseline may lie off at a one-sided error probability."""
        if self.standard_uncertainty == 0.0:
            return 0.0
        return -float(ndtri(error)) * self.standard_uncertainty

    def gains(self, found: Interval, error: float) -> tuple[float, float]:
        """Return the least and the largest gain that an interval and the baseline leave open."""
        off, bias = self.reach(error), abs(self.known_bias)
        low, high = found.low - bias - self.value, found.high + bias - self.value
        if self.better == "lower":
            low, high = -high, -low
        return low - off, high + off


def linear_chance(gain: float, u: float, *, degrees_of_freedom: float, confidence: float) -> Chance:
    """Return the chance of a gain above zero from its u, normal or t.

    Args:
        gain: In the direction that is better, SI unit.
        u: Its standard uncertainty; 0 makes it exact.
        degrees_of_freedom: Of u; finite gives t.
        confidence: p that "better" asks for.

    Source: JCGM 106:2012, clause 7.3 and A.2; t: JCGM 101:2008, clause 6.4.9.
    """
    if u == 0.0:
        if gain == 0.0:
            return Chance(better=False, worse=False, probability=None, how="equal and both exact")
        how = "both are exact: no uncertainty enters"
        return Chance(gain > 0.0, gain < 0.0, float(gain > 0.0), how)
    probability = probability_at_most(
        0.0, value=-gain, standard_uncertainty=u, degrees_of_freedom=degrees_of_freedom
    )
    # For an upper tail this loses no digits: 1 - p is the lower tail of the mirrored value.
    against = probability_at_most(
        0.0, value=gain, standard_uncertainty=u, degrees_of_freedom=degrees_of_freedom
    )
    shape = "normal" if math.isinf(degrees_of_freedom) else f"t, {degrees_of_freedom:.3g} degrees"
    error = 1.0 - confidence
    return Chance(against <= error, probability <= error, probability, shape)


def magnitude_chance(
    value: float, limit: float, u: float, *, degrees_of_freedom: float, confidence: float
) -> Chance:
    """Return the chance that |value| lies below a limit, from the u of value less limit.

    Args:
        value: Signed, without its known error.
        limit: What its magnitude is to stay below, not below zero.
        u: Of value less limit, as of value plus limit: they are independent.
        degrees_of_freedom: Of u.
        confidence: p that "better" asks for.

    Source: JCGM 106:2012, clause 7.4, Eq. 8.
    """
    if u == 0.0:
        return linear_chance(
            limit - abs(value), u, degrees_of_freedom=degrees_of_freedom, confidence=confidence
        )
    outside = sum(
        probability_at_most(
            0.0, value=gain, standard_uncertainty=u, degrees_of_freedom=degrees_of_freedom
        )
        for gain in (limit - value, limit + value)
    )
    outside = min(1.0, outside)
    error = 1.0 - confidence
    return Chance(outside <= error, 1.0 - outside <= error, 1.0 - outside, "of the magnitude")


def exact_chance(ends: EndsFunction, level: Level, *, confidence: float) -> Chance:
    """Return the chance of better from exact intervals at any probability.

    Args:
        ends: Two-sided probability to interval.
        level: The baseline.
        confidence: p that "better" asks for.

    Returns:
        As probability 1 - e, e the smallest error at which a one-sided end shows it; where
        "worse" can be shown instead, its e; 0.5 where neither can.
    """
    share = 0.5 if level.standard_uncertainty > 0.0 else 1.0

    @cache
    def gains(error: float) -> tuple[float, float]:
        own = min(share * error, _MIDDLE)
        return level.gains(ends(1.0 - 2.0 * own), own)

    error = 1.0 - confidence
    better, worse = gains(error)[0] > 0.0, gains(error)[1] < 0.0
    if gains(0.5)[0] > 0.0:
        probability = 1.0 - _smallest(lambda e: gains(e)[0])
    elif gains(0.5)[1] < 0.0:
        probability = _smallest(lambda e: -gains(e)[1])
    else:
        probability = 0.5
    return Chance(better, worse, probability, "one-sided end of the exact interval")


def _smallest(gain: Callable[[float], float]) -> float:
    """Return the smallest error probability at which a gain, above 0 at 0.5, is still above 0.

    The end that is returned has been looked at, so that a search that stops early errs towards
    the larger error. Gains are about linear in the normal quantile of the error, so that few
    intervals are needed.

    Source: regula falsi with halved ends (Illinois), Dowell and Jarratt, BIT 11, 168 (1971) [from
        memory]; halves where a step moves too little.
    """
    below = gain(SMALLEST)
    if below > 0.0:
        return SMALLEST
    low, high, above = float(ndtri(SMALLEST)), 0.0, gain(0.5)
    side = 0
    for step in range(STEPS):
        if math.isclose(float(ndtr(low)), float(ndtr(high)), rel_tol=NEAR):
            break
        middle = (low * above - high * below) / (above - below)
        # Beyond the root by half of what is allowed, so that both ends close in.
        room = 0.25 * NEAR / max(1.0, -middle)
        middle += room if side <= 0 else -room
        if step % 4 == 3 or not low < middle < high:
            middle = (low + high) / 2.0
        at = gain(float(ndtr(middle)))
        if at > 0.0:
            high, above = middle, at
            below = 0.5 * below if side > 0 else below
            side = 1
        else:
            low, below = middle, at
            above = 0.5 * above if side < 0 else above
            side = -1
    return float(ndtr(high))


def stored_chance(stored: Interval, level: Level, *, confidence: float) -> Chance:
    """Return the chance from an interval at one fixed probability.

    Its ends hold one-sided with half of the error; what the confidence leaves of the error is
    the baseline's. Where nothing is left, nothing is shown.
    """
    own, error = (1.0 - stored.probability) / 2.0, 1.0 - confidence
    rest = error - own
    spare = 1e-9 * error  # rounding of 1 - 0.95
    if rest < -spare or (rest <= spare and level.standard_uncertainty > 0.0):
        how = f"the interval stored at {stored.probability:g} does not reach this confidence"
        return Chance(better=False, worse=False, probability=None, how=how)
    least, most = level.gains(stored, max(rest, SMALLEST))
    how = f"end of the interval stored at {stored.probability:g}; a bound"
    if least > 0.0:
        return Chance(better=True, worse=False, probability=confidence, how=how)
    if most < 0.0:
        return Chance(better=False, worse=True, probability=error, how=how)
    how = f"the baseline lies within the interval stored at {stored.probability:g}"
    return Chance(better=False, worse=False, probability=None, how=how)
