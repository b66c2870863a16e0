"""Intervals of figures that are a variance times powers of what is known with a normal u.

Inside: `BY_MOMENTS`, `SHARE`, `moment_interval`, `inverse_interval`, `with_moments`.

The variance has a chi-square interval. Each other argument with a u takes a small share of the
error, and its end joins that of the variance: whatever correlates them, the interval then covers
at least as often as it says.
Source: Bonferroni (1936); chi-square as in `qtrace.physics.sensing.variance_ends`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from qtrace.metrics.metric import Metric, SpreadInterval
from qtrace.physics.proportions import Interval
from qtrace.physics.sensing.variance_ends import normal_ends, variance_ends

SHARE = 0.05  # of the error, for each argument beside the variance
BY_MOMENTS = "chi-square of the variance, exact for normal shots; 5 % of the error for each other u"


def moment_interval(
    values: Mapping[str, float],
    spread: Mapping[str, float],
    probability: float,
    *,
    variance: str,
    powers: Mapping[str, int],
    factor: float = 1.0,
) -> Interval:
    """Return the interval of factor * variance * product of the other arguments to their powers.

    Args:
        values: Arguments by name.
        spread: Their standard uncertainties; one that is 0 is exact.
        probability: Two-sided.
        variance: Name of the variance.
        powers: Power of each other argument, positive ones.
        factor: Exact, above zero.

    Returns:
        An end that u of an argument leaves open is infinite.
    """
    tail = (1.0 - probability) / 2.0
    known = {name: power for name, power in powers.items() if spread.get(name, 0.0) > 0.0}
    own = tail * (1.0 - SHARE * len(known))
    low, high = variance_ends(values[variance], spread.get(variance, 0.0), tail=own)
    low, high = factor * low, factor * high
    for name, power in powers.items():
        least = most = values[name]
        if name in known:
            least, most = normal_ends(values[name], spread[name], tail=SHARE * tail)
        if power < 0:
            least, most = most, least
        low *= least**power
        high = math.inf if most == 0.0 else high * most**power
    return Interval(low, high, probability)


def inverse_interval(one: Interval) -> Interval:
    """Return the interval of one over a positive quantity."""
    return Interval(
        0.0 if math.isinf(one.high) else 1.0 / one.high,
        math.inf if one.low == 0.0 else 1.0 / one.low,
        one.probability,
    )


def with_moments(one: Metric, interval: SpreadInterval) -> Metric:
    """Return a metric with such an interval of its own."""
    return replace(one, spread_interval=interval, interval_by=BY_MOMENTS)
