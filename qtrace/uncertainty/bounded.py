"""The interval of a quantity that has a physical bound, beside the symmetric U that crosses it.

Inside: `BoundedInterval`, `bounded_interval`, `BOUNDED_METHOD`.

The estimate stays as measured. What is known beforehand, that the quantity lies within its bounds,
enters as a prior that is flat inside them and zero outside: the distribution of the measurement,
cut to the bounds. For one bound at zero this is the interval of ISO 11929.
Source: ISO 11929-1:2019 (bound at zero, symmetric limits; clause from memory); JCGM 101:2008,
6.1.4 (Bayes) (clause from memory); truncated distributions: Johnson, Kotz and Balakrishnan,
Continuous Univariate Distributions 1, 2nd ed., section 10.1 (from memory).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from qtrace.errors import InputError

BOUNDED_METHOD = "truncated to the physical range"
# Less than this part of the distribution inside its bounds is a contradiction, not knowledge.
LEAST_INSIDE = 1e-6


@dataclass(frozen=True, slots=True)
class BoundedInterval:
    """Probabilistically symmetric interval inside the bounds; `inside` is what lay there before."""

    low: float
    high: float
    coverage_probability: float
    inside: float


def _below(z: float, degrees_of_freedom: float) -> float:
    if math.isinf(degrees_of_freedom):
        return float(ndtr(z))
    return float(stdtr(degrees_of_freedom, z))


def _at(probability: float, degrees_of_freedom: float) -> float:
    if math.isinf(degrees_of_freedom):
        return float(ndtri(probability))
    return float(stdtrit(degrees_of_freedom, probability))


def bounded_interval(
    value: float,
    standard_uncertainty: float,
    *,
    lower: float | None,
    upper: float | None,
    coverage_probability: float = 0.95,
    degrees_of_freedom: float = math.inf,
) -> BoundedInterval | None:
    """Return the interval within physical bounds, None where next to nothing lies inside them.

    Args:
        value: Estimate as measured, possibly beyond a bound.
        standard_uncertainty: u, above zero, in the same unit.
        lower: Lower bound, None where there is none.
        upper: Upper bound, None where there is none.
        coverage_probability: p, between 0 and 1.
        degrees_of_freedom: Of u; infinite gives the normal distribution, finite gives t.

    Raises:
        InputError: u is not above zero, p is none, the bounds cross, no degrees of freedom.

    Source: F^-1(F(a) + (F(b) - F(a)) q) for q = (1 -+ p) / 2, F the distribution of the
        measurement, a and b its bounds; as ISO 11929-1:2019 for a = 0.
    """
    low = -math.inf if lower is None else lower
    high = math.inf if upper is None else upper
    u, nu = standard_uncertainty, degrees_of_freedom
    proper = math.isfinite(value) and 0.0 < u < math.inf and low < high and nu > 0.0
    if not (proper and 0.0 < coverage_probability < 1.0):
        raise InputError(f"{value:g} with u = {u:g} has no interval between {low:g} and {high:g}")
    # Mirrored where more lies above, so that probabilities near 1 lose no digits.
    sign = -1.0 if value - low > high - value else 1.0
    ends = sorted((sign * low, sign * high))
    a, b = ((end - sign * value) / u for end in ends)
    mirrored = a > 0.0
    if mirrored:
        a, b, sign = -b, -a, -sign
    at_a, at_b = _below(a, nu), _below(b, nu)
    inside = at_b - at_a
    if inside < LEAST_INSIDE:
        return None
    tail = (1.0 - coverage_probability) / 2.0
    found = sorted(value + sign * u * _at(at_a + inside * part, nu) for part in (tail, 1.0 - tail))
    return BoundedInterval(max(low, found[0]), min(high, found[1]), coverage_probability, inside)
