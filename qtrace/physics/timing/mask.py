"""Masks over averaging times, and what a record can say about them.

Inside: `TimeMask`, `TimeLimit`, `mask_value`, `PointOutcome`, `MaskOutcome`, `MaskPoint`,
`MaskComparison`, `compare_with_mask`.
Deviations are judged on the upper end of their interval and only where enough degrees of freedom
are behind them; MTIE on the maximum of the record, whose length goes with it. What the record
is too short for is named, not passed over.
Source: our own rule; masks are data (`qtrace.exchange.mask_file`), each with its source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Deviations, JudgedDeviations, Numbers

LEAST_DOF = 5.0
# Neighbouring averaging times may lie this far apart (1, 2, 4, 10 do) and still judge what is
# between them.
WIDEST_STEP = 2.5
# Quantities without an interval of their own: judged on the maximum of the record.
RECORD_MAXIMA = frozenset({"maximum_time_interval_error"})


class PointOutcome(StrEnum):
    """How one averaging time compares."""

    BELOW = "below"  # the upper bound is at or under the mask
    ABOVE = "above"  # the lower bound is over the mask
    UNDECIDED = "undecided"  # the mask lies inside the interval
    NOT_JUDGED = "not judged"
    OUTSIDE = "outside the mask"


class MaskOutcome(StrEnum):
    """How the record compares as a whole."""

    BELOW = "below"
    ABOVE = "above"
    UNDECIDED = "undecided"
    NOT_EVALUABLE = "not evaluable"  # nothing above, but the record does not cover the mask


@dataclass(frozen=True, slots=True)
class TimeMask:
    """Limit a + b tau in s (or of unit one for frequency deviations) by averaging time.

    Each segment is (tau_low, tau_high, a, b) and holds for tau_low < tau <= tau_high, the first
    one from tau_low itself; tau_high may be infinite.
    """

    name: str
    quantity: str
    segments: tuple[tuple[float, float, float, float], ...]
    source: str
    reference: str = ""  # what the clock must be compared with, e.g. "UTC"
    confidence: str = ""  # how well the numbers are known to be those of the source
    conditions: str = ""  # filters and spacing that the source demands


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One limit without averaging time, in s."""

    name: str
    quantity: str
    limit_s: float
    source: str
    reference: str = ""
    confidence: str = ""
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class MaskPoint:
    """One averaging time against the mask."""

    tau_s: float
    value: float
    low: float
    high: float
    dof: float
    limit: float
    outcome: PointOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MaskComparison:
    """What a record says about a mask.

    `missing` lists the ranges of averaging time of the mask that no judged point covers.
    """

    mask: TimeMask
    points: tuple[MaskPoint, ...]
    missing: tuple[tuple[float, float], ...]
    outcome: MaskOutcome
    record_s: float
    least_dof: float
    probability: float


def mask_value(mask: TimeMask, tau_s: ArrayLike) -> Numbers:
    """Return the limit at averaging times; NaN outside the mask.

    Args:
        mask: The mask.
        tau_s: Averaging times in s, any shape.

    Source: a + b tau in each segment.
    """
    tau = np.asarray(tau_s, dtype=np.float64)
    limit = np.full(tau.shape, math.nan)
    for place, (low, high, a, b) in enumerate(mask.segments):
        within = (tau > low) & (tau <= high)
        if place == 0:
            within |= tau == low
        limit[within] = a + b * tau[within]
    return limit


def compare_with_mask(
    deviations: Deviations, mask: TimeMask, *, least_dof: float = LEAST_DOF
) -> MaskComparison:
    """Compare deviations, or the MTIE of a record, with a mask.

    Args:
        deviations: With intervals (`with_intervals`), or MTIE.
        mask: Of the same quantity.
        least_dof: Degrees of freedom below which a deviation is not judged.

    Raises:
        InputError: Another quantity, or deviations without intervals.

    Source: our own; upper bound so that a pass is no luck of a few terms.
    """
    if deviations.quantity != mask.quantity:
        raise InputError(
            f"{deviations.kind} estimates {deviations.quantity}, mask {mask.name} is of "
            f"{mask.quantity}",
            next_step=f"compute {mask.quantity}",
        )
    maximum = mask.quantity in RECORD_MAXIMA
    if not maximum and not isinstance(deviations, JudgedDeviations):
        raise InputError(
            "a deviation without interval is not compared with a mask",
            next_step="use with_intervals first",
        )
    limits = mask_value(mask, deviations.tau_s)
    points = tuple(
        _point(deviations, place, float(limits[place]), least_dof=least_dof)
        for place in np.argsort(deviations.tau_s, kind="stable").tolist()
    )
    judged = [p for p in points if p.outcome not in {PointOutcome.NOT_JUDGED, PointOutcome.OUTSIDE}]
    missing = _missing(mask, [point.tau_s for point in judged])
    outcomes = {point.outcome for point in judged}
    if PointOutcome.ABOVE in outcomes:
        outcome = MaskOutcome.ABOVE
    elif PointOutcome.UNDECIDED in outcomes:
        outcome = MaskOutcome.UNDECIDED
    elif missing or not judged:
        outcome = MaskOutcome.NOT_EVALUABLE
    else:
        outcome = MaskOutcome.BELOW
    return MaskComparison(
        mask,
        points,
        missing,
        outcome,
        deviations.record_s,
        least_dof,
        deviations.probability if isinstance(deviations, JudgedDeviations) else math.nan,
    )


def _point(deviations: Deviations, place: int, limit: float, *, least_dof: float) -> MaskPoint:
    """Judge one averaging time."""
    value = float(deviations.value[place])
    low = high = value
    dof = math.nan
    outcome, reason = PointOutcome.BELOW, ""
    if isinstance(deviations, JudgedDeviations):
        low, high = float(deviations.low[place]), float(deviations.high[place])
        dof = float(deviations.dof[place])
    if math.isnan(limit):
        outcome, reason = PointOutcome.OUTSIDE, "the mask says nothing at this averaging time"
    elif not deviations.terms[place]:
        outcome, reason = PointOutcome.NOT_JUDGED, "no complete term between the gaps"
    elif isinstance(deviations, JudgedDeviations) and not dof >= least_dof:
        outcome = PointOutcome.NOT_JUDGED
        reason = f"dof: {dof:.3g} degrees of freedom, {least_dof:g} are needed"
    elif low > limit:
        outcome = PointOutcome.ABOVE
    elif high > limit:
        outcome, reason = PointOutcome.UNDECIDED, "the mask lies inside the interval"
    return MaskPoint(float(deviations.tau_s[place]), value, low, high, dof, limit, outcome, reason)


def _missing(mask: TimeMask, taus: list[float]) -> tuple[tuple[float, float], ...]:
    """Return ranges of the mask without a judged averaging time near enough; taus ascend.

    What lies within a step beyond the shortest and longest tau counts as judged, and so does all
    beyond the longest where the mask goes on for ever.
    """
    edges = [0.0, *taus, math.inf]
    found = []
    for low, high, _, _ in mask.segments:
        for left, right in pairwise(edges):
            start, end = max(low, left), min(high, right)
            if start >= end:
                continue
            if left == 0.0:
                bare = start > 0.0 and end / start > WIDEST_STEP
            elif math.isinf(right):
                bare = (start if math.isinf(high) else end) / left > WIDEST_STEP
            else:
                bare = right / left > WIDEST_STEP
            if bare or not taus:
                found.append((start, end))
    return tuple(found)
