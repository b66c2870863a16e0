"""Conformity of a measured value with tolerance limits, as pure numbers.

Inside: `Zone`, `zone_of`, `acceptance_limits`, `probability_at_most`,
`conformance_probability`, `nonconformance_probability`, `joint_conformance_lower_bound`.
Source: JCGM 106:2012, clauses 7, 8 and 9.3; ILAC-G8:09/2019, clause 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

from qtrace.errors import InputError


class Zone(StrEnum):
    """Where a measured value lies; exactly at a limit counts as within it."""

    ACCEPTED = "accepted"  # within the acceptance limits
    GUARD_INSIDE = "guard_inside"  # within tolerance, beyond an acceptance limit
    GUARD_OUTSIDE = "guard_outside"  # beyond tolerance, by no more than the guard band
    REJECTED = "rejected"  # beyond tolerance by more than the guard band


def acceptance_limits(
    low: float, high: float, *, guard_low: float, guard_high: float
) -> tuple[float, float]:
    """Move the tolerance limits inward by the guard bands.

    Args:
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        guard_low: Width w at the lower limit, in the same unit; negative moves it outward.
        guard_high: Width w at the upper limit.

    Returns:
        Lower and upper acceptance limit. The first exceeds the second where the uncertainty
        leaves nothing to accept.

    Source: JCGM 106:2012, clause 8.3.2; ILAC-G8:09/2019, clause 4.2.2 (AL = TL - w).
    """
    return low + guard_low, high - guard_high


def zone_of(value: float, low: float, high: float, *, guard_low: float, guard_high: float) -> Zone:
    """Place a measured value between, around or beyond two tolerance limits.

    Args:
        value: The measured value, in the unit of the limits.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        guard_low: Width of the guard band at the lower limit, not negative.
        guard_high: Width of the guard band at the upper limit, not negative.

    Raises:
        InputError: a number is NaN, a guard band negative, or the limits are reversed.

    Source: ILAC-G8:09/2019, clause 4.2.3 (four intervals of the non-binary statement).
    """
    if math.isnan(value) or not low <= high:
        raise InputError(f"cannot place {value} between the limits {low} and {high}")
    if not (guard_low >= 0.0 and guard_high >= 0.0):
        raise InputError(f"guard bands are not negative, got {guard_low} and {guard_high}")
    accept_low, accept_high = acceptance_limits(
        low, high, guard_low=guard_low, guard_high=guard_high
    )
    if accept_low <= value <= accept_high:
        return Zone.ACCEPTED
    if low <= value <= high:
        return Zone.GUARD_INSIDE
    if low - guard_low <= value <= high + guard_high:
        return Zone.GUARD_OUTSIDE
    return Zone.REJECTED


def probability_at_most(
    limit: float, *, value: float, standard_uncertainty: float, degrees_of_freedom: float = math.inf
) -> float:
    """Return the probability that the true value is at most a limit, given the measurement.

    Args:
        limit: The limit; -inf gives 0, +inf gives 1.
        value: Estimate, in the unit of the limit.
        standard_uncertainty: u of the estimate, in the same unit; 0 makes it a certainty.
        degrees_of_freedom: Of u; infinite gives the normal distribution, finite gives t.

    Raises:
        InputError: u is negative or not finite, the value is not finite, or no degrees of
            freedom are left.

    Source: JCGM 106:2012, clause 7.3 and A.2 (normal), with t for a u of finite degrees of
    freedom (JCGM 101:2008, clause 6.4.9).
    """
    from scipy.special import ndtr, stdtr

    if not (math.isfinite(value) and math.isfinite(standard_uncertainty)):
        raise InputError(f"no probability follows from {value} with u = {standard_uncertainty}")
    if standard_uncertainty < 0.0 or not degrees_of_freedom > 0.0:
        raise InputError(
            f"u = {standard_uncertainty} with {degrees_of_freedom} degrees of freedom is no "
            "uncertainty"
        )
    if math.isinf(limit):
        return 1.0 if limit > 0 else 0.0
    if standard_uncertainty == 0.0:
        return 1.0 if value <= limit else 0.0
    z = (limit - value) / standard_uncertainty
    if math.isinf(degrees_of_freedom):
        return float(ndtr(z))
    return float(stdtr(degrees_of_freedom, z))


def conformance_probability(
    low: float,
    high: float,
    *,
    value: float,
    standard_uncertainty: float,
    degrees_of_freedom: float = math.inf,
) -> float:
    """Return the probability that the true value lies within the tolerance limits.

    One minus it is the specific consumer's risk of an acceptance; it is itself the specific
    producer's risk of a rejection. No prior knowledge of the item enters.

    Args:
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        value: Estimate, in the unit of the limits.
        standard_uncertainty: u of the estimate; 0 makes it a certainty, limits included.
        degrees_of_freedom: Of u.

    Source: JCGM 106:2012, clause 7.4, Eq. 8 and clause 9.3.2.
    """
    below, above = _tails(
        low,
        high,
        value=value,
        standard_uncertainty=standard_uncertainty,
        degrees_of_freedom=degrees_of_freedom,
    )
    if standard_uncertainty == 0.0 or low <= value <= high:
        return 1.0 - below - above
    # Beyond a limit one tail is near 1: subtract two small numbers instead.
    mirrored = value < low
    near, far = (-low, -high) if mirrored else (high, low)
    centre = -value if mirrored else value
    reach, rest = (
        probability_at_most(
            limit,
            value=centre,
            standard_uncertainty=standard_uncertainty,
            degrees_of_freedom=degrees_of_freedom,
        )
        for limit in (near, far)
    )
    return max(0.0, reach - rest)


def nonconformance_probability(
    low: float,
    high: float,
    *,
    value: float,
    standard_uncertainty: float,
    degrees_of_freedom: float = math.inf,
) -> float:
    """Return the probability that the true value lies outside the limits, accurate when tiny.

    Args:
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        value: Estimate, in the unit of the limits.
        standard_uncertainty: u of the estimate; 0 makes it a certainty, limits included.
        degrees_of_freedom: Of u.

    Source: JCGM 106:2012, clause 9.3.2 (specific consumer's risk, 1 - p_c).
    """
    return min(
        1.0,
        sum(
            _tails(
                low,
                high,
                value=value,
                standard_uncertainty=standard_uncertainty,
                degrees_of_freedom=degrees_of_freedom,
            )
        ),
    )


def _tails(
    low: float,
    high: float,
    *,
    value: float,
    standard_uncertainty: float,
    degrees_of_freedom: float,
) -> tuple[float, float]:
    """Return the probabilities below the lower and above the upper limit."""
    if standard_uncertainty == 0.0:
        return float(value < low), float(value > high)
    below = probability_at_most(
        low,
        value=value,
        standard_uncertainty=standard_uncertainty,
        degrees_of_freedom=degrees_of_freedom,
    )
    # Mirrored, so that an upper tail is computed as a lower one and loses no digits near 1.
    above = probability_at_most(
        -high,
        value=-value,
        standard_uncertainty=standard_uncertainty,
        degrees_of_freedom=degrees_of_freedom,
    )
    return below, above


def joint_conformance_lower_bound(probabilities: Iterable[float]) -> float:
    """Bound from below the probability that all items conform at once, whatever correlates them.

    Args:
        probabilities: Conformance probability of each item, 0 to 1.

    Returns:
        max(0, 1 - sum of (1 - p)); 1 for no items.

    Raises:
        InputError: a number is no probability.

    Source: Bonferroni, Pubbl. R. Ist. Super. Sci. Econ. Comm. Firenze 8, 1 (1936).
    """
    missing = 0.0
    for probability in probabilities:
        if not 0.0 <= probability <= 1.0:
            raise InputError(f"{probability} is no probability")
        missing += 1.0 - probability
    return max(0.0, 1.0 - missing)
