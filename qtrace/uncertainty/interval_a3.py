"""Method A3: is the present calibration interval compatible with a target reliability?

Inside: `A3_VERSION`, `A3Limits`, `A3Result`, `assess_interval`.

One decision from counts: x of n calibrations at (about) the present interval were found in
tolerance. The observed share is compared with the target by the binomial distribution; only a
difference that chance does not explain moves the interval, and not by more than a factor.
Source: NCSLI RP-1 (2010), method A3 (document not at hand: formulas as implemented in suncal
1.7.1, whose figures are met); Clopper and Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import bdtr, xlog1py, xlogy

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson

A3_VERSION = "RP-1 A3 as in suncal 1.7.1"
LENGTHENING = (
    "more were in tolerance than asked for, but the pinned rule finds confidence for a longer "
    "interval only where all of them were"
)


@dataclass(frozen=True, slots=True)
class A3Limits:
    """What bounds a change: factor, days, shortest and longest interval (in days)."""

    largest_factor: float = 2.0
    least_change_days: float = 5.0
    shortest_days: float = 14.0
    longest_days: float = 1826.0


@dataclass(frozen=True, slots=True)
class A3Result:
    """Counts, the interval that the formula gives, and the one that is proposed, in days.

    `rejection_confidence` is the confidence with which the present interval is refused;
    `reliability` bounds the true in-tolerance probability at the confidence asked for, two-sided
    (one-sided where none or all were in tolerance). `changed` says whether the proposal differs.
    """

    in_tolerance: int
    n: int
    observed: float
    target: float
    present_days: float
    calculated_days: float
    proposed_days: float
    rejection_confidence: float
    confidence: float
    reliability: tuple[float, float]
    changed: bool
    note: str
    version: str = A3_VERSION


def assess_interval(
    in_tolerance: int,
    n: int,
    *,
    present_days: float,
    target: float,
    confidence: float = 0.5,
    limits: A3Limits | None = None,
) -> A3Result:
    """Test the present interval against a target reliability, and propose the next one.

    Args:
        in_tolerance: Calibrations found in tolerance after about the present interval.
        n: All calibrations after about that interval.
        present_days: The present interval, in days.
        target: Wanted probability of being in tolerance at the end of the interval.
        confidence: Rejection confidence from which the interval is changed.
        limits: Bounds of the change.

    Raises:
        InputError: counts, target, confidence, interval or limits that cannot be.

    Source: RP-1 (2010), method A3, as in suncal 1.7.1: with R0 = x/n and F the binomial
    distribution function at the target R, Q = 1 - 2 F(x) below the target, F(x) - 1 above, and
    1 - P(x) where x is 0 or n; factor 10^((R0 - R) Q) down, 10^((R0 - R)/(1 - Q)) up. The limits
    of the reliability are those of Clopper and Pearson; suncal 1.7.1 departs from them at x = 1
    and x = n.
    """
    bounds = limits or A3Limits()
    _check(in_tolerance, n, present_days=present_days, target=target, confidence=confidence)
    _check_limits(bounds)
    observed = in_tolerance / n
    q = _rejection(in_tolerance, n, target)
    factor = _factor(observed - target, q, bounds.largest_factor)
    calculated = factor * present_days
    proposed = present_days
    if q > confidence and abs(calculated - present_days) >= bounds.least_change_days:
        proposed = min(max(calculated, bounds.shortest_days), bounds.longest_days)
    note = ""
    if observed > target and in_tolerance < n:
        note = LENGTHENING
    elif q <= confidence:
        note = "the difference from the target may be chance: the interval stays"
    elif proposed == present_days:
        note = "the change is too small to be made"
    return A3Result(
        in_tolerance, n, observed, target, present_days, calculated, proposed,
        max(q, 0.0), confidence, _reliability(in_tolerance, n, confidence),
        proposed != present_days, note,
    )  # fmt: skip


def _check(x: int, n: int, *, present_days: float, target: float, confidence: float) -> None:
    if n < 1 or not 0 <= x <= n:
        raise InputError(
            f"{x} in tolerance of {n} calibrations cannot be",
            next_step="count calibrations that followed about the present interval",
        )
    for name, part in (("target reliability", target), ("confidence", confidence)):
        if not 0.0 < part < 1.0:
            raise InputError(f"a {name} lies between 0 and 1, not {part:g}")
    if not (present_days > 0.0 and math.isfinite(present_days)):
        raise InputError(f"an interval of {present_days:g} days is none")


def _check_limits(limits: A3Limits) -> None:
    if not limits.largest_factor > 1.0:
        raise InputError(f"a change by at most a factor {limits.largest_factor:g} is none")
    if not 0.0 < limits.shortest_days <= limits.longest_days:
        raise InputError(
            f"the shortest interval ({limits.shortest_days:g} d) is above the longest "
            f"({limits.longest_days:g} d), or not above 0"
        )


def _rejection(x: int, n: int, target: float) -> float:
    """Return Q; above the target it is not positive, and then nothing is rejected."""
    if x in {0, n}:
        return 1.0 - math.exp(float(xlogy(x, target) + xlog1py(n - x, -target)))
    below = float(bdtr(x, n, target))
    return below - 1.0 if x / n > target else 1.0 - 2.0 * below


def _factor(difference: float, q: float, largest: float) -> float:
    """Return by how much the interval is multiplied."""
    if difference > 0.0:
        spare = 1.0 - q
        # A rejection that is certain asks for as much as may be given.
        if spare * math.log10(largest) <= difference:
            return largest
        return float(min(10.0 ** (difference / spare), largest))
    return float(max(10.0 ** (difference * q), 1.0 / largest))


def _reliability(x: int, n: int, confidence: float) -> tuple[float, float]:
    if x == 0:
        return 0.0, 1.0 - (1.0 - confidence) ** (1.0 / n)
    if x == n:
        return (1.0 - confidence) ** (1.0 / n), 1.0
    exact = clopper_pearson(x, n, probability=confidence)
    return exact.low, exact.high
