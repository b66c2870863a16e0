"""Judging a curve against a mask: several pieces of evidence, one for each tau.

Inside: `judge_mask`.
Source: what is judged (upper end of the interval, at least five degrees of freedom; a maximum
with the length of its record) is a rule of this project; degrees of freedom as in NIST SP 1065.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from qtrace.errors import InputError
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.standards.decision_rule import DecisionRule
from qtrace.standards.evidence import Evidence, Form
from qtrace.standards.figure import convert
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.mask import JudgedOn, Mask

RECORD_LENGTH = "record_length"
# Limits are sums and products of two doubles; a tie in the last places is a tie.
_TIE = 1.0 + 1e-12
# Two written times that differ by less are one time.
_SAME_TIME = 1e-9
_TIME = parse_unit("s").dimension
_RULES = {JudgedOn.UPPER_BOUND: "mask_upper_bound", JudgedOn.VALUE: "mask_value"}


class _Place(IntEnum):
    """Where a judged point lies, the worst last."""

    BELOW = 0
    ACROSS = 1  # the limit lies inside the interval
    ABOVE = 2


@dataclass(frozen=True, slots=True)
class _Point:
    """One tau of the curve, figures and limit in the unit of the mask; `why` not judged."""

    tau_s: float
    tau: str
    limit: float
    piece: Evidence
    value: float | None
    low: float
    high: float
    why: str = ""

    @property
    def place(self) -> _Place:
        if self.low > self.limit * _TIE:
            return _Place.ABOVE
        return _Place.BELOW if self.high <= self.limit * _TIE else _Place.ACROSS

    @property
    def badness(self) -> tuple[_Place, float]:
        """Return what the worst point is chosen by: the place, then the part of the limit used."""
        return self.place, self.high / self.limit


def judge_mask(
    base: Finding, curve: Sequence[Evidence], mask: Mask, *, unit: str, rule: DecisionRule
) -> Finding:
    """Judge a curve against a mask and write the outcome into a finding.

    Args:
        base: The finding as far as it is known.
        curve: One piece of evidence for each tau, which its attribute gives.
        mask: Limits in `unit`.
        unit: Unit of the limits.
        rule: Gives the probability that intervals must reach.

    Returns:
        The finding; figure and limit are those of the worst judged point.

    Raises:
        InputError: two points stand at one tau, a tau does not parse, or a unit does not fit;
            `what` is the reason.
    """
    points = [_point(piece, mask, unit, rule) for piece in curve]
    points.sort(key=lambda point: point.tau_s)
    for one, other in pairwise(points):
        if math.isclose(one.tau_s, other.tau_s, rel_tol=_SAME_TIME):
            raise InputError(f"two points of the curve stand at one {mask.over}, {one.tau}")
    judged = [point for point in points if not point.why]
    remarks = (*base.reasons, *_not_judged(points))
    missing = _missing(mask, judged)
    if not judged:
        return replace(base, unit=unit, reasons=("no point can be judged", *missing, *remarks))
    worst = max(judged, key=lambda point: point.badness)
    above = [point for point in judged if point.place is _Place.ABOVE]
    across = [point for point in judged if point.place is _Place.ACROSS]
    finding = _with_figures(base, worst, mask, unit)
    reasons = [
        _worst_words(worst, len(judged), unit, mask),
        *_how(mask, judged, rule),
        *_at("above the mask", above),
        *_at("the interval reaches across the mask", across),
    ]
    outcome, side = Outcome.MET, GuardSide.NONE
    if above:
        outcome = Outcome.NOT_MET
    elif missing:
        outcome = Outcome.NOT_EVALUABLE
    elif across:
        outcome = Outcome.WITHIN_GUARD_BAND
        inside = all(p.value is not None and p.value <= p.limit * _TIE for p in across)
        side = GuardSide.INSIDE if inside else GuardSide.OUTSIDE
    finding = replace(finding, outcome=outcome, guard_side=side)
    return replace(_with_risk(finding, judged, mask), reasons=(*reasons, *missing, *remarks))


def _point(piece: Evidence, mask: Mask, unit: str, rule: DecisionRule) -> _Point:
    """Read one piece of evidence as a point; what cannot be judged says why."""
    text = piece.attributes.get(mask.over.value, "")
    tau_s = _seconds(text, mask.over.value)
    value = None if piece.value is None else convert(piece.value, given=piece.unit, wanted=unit)
    limit = mask.limit_at(tau_s)
    why = "outside the mask" if limit is None else ""
    if mask.judged_on is JudgedOn.UPPER_BOUND:
        why = why or _why_no_bound(piece, mask, rule)
        low, high, _ = piece.interval or (0.0, 0.0, 0.0)
        low, high = (convert(end, given=piece.unit, wanted=unit) for end in (low, high))
    else:
        why = why or _why_no_maximum(piece, tau_s)
        low = high = value if value is not None else 0.0
    return _Point(tau_s, text, limit or math.inf, piece, value, low, high, why)


def _seconds(text: str, name: str) -> float:
    """Return a time that an attribute gives.

    Raises:
        InputError: it is absent, no time, or not positive.
    """
    if not text.strip():
        raise InputError(f"a point of the curve does not give its {name}")
    try:
        time = parse_quantity(text)
    except InputError as error:
        raise InputError(f"the {name} {text!r} cannot be read: {error.what}") from error
    if time.unit.dimension != _TIME or not time.si > 0.0:
        raise InputError(f"the {name} {text!r} is no positive time")
    return time.si


def _why_no_bound(piece: Evidence, mask: Mask, rule: DecisionRule) -> str:
    """Return why the upper end of a point cannot be judged, empty where it can."""
    if piece.form not in {Form.ESTIMATE, Form.INTERVAL_ONLY}:
        return f"given as {piece.form.replace('_', ' ')}"
    if piece.interval is None:
        return "no interval is stated"
    if piece.interval[2] < rule.coverage_probability:
        return (
            f"interval at p = {piece.interval[2]:g}, the rule wants {rule.coverage_probability:g}"
        )
    # No record is endless: what claims infinitely many has not been given any.
    if mask.least_dof and math.isinf(piece.degrees_of_freedom):
        return "no degrees of freedom are stated"
    if piece.degrees_of_freedom < mask.least_dof:
        return f"fewer than {mask.least_dof:g} degrees of freedom"
    return ""


def _why_no_maximum(piece: Evidence, tau_s: float) -> str:
    """Return why the maximum of a record cannot be judged, empty where it can."""
    if piece.value is None:
        return "no value is given"
    if piece.form != Form.ESTIMATE:
        return f"given as {piece.form.replace('_', ' ')}"
    try:
        length = _seconds(piece.attributes.get(RECORD_LENGTH, ""), RECORD_LENGTH)
    except InputError:
        return "the length of the record is not stated"
    return "longer than its record" if length < tau_s else ""


def _missing(mask: Mask, judged: Sequence[_Point]) -> tuple[str, ...]:
    """Return where the mask wants a judged point and has none."""
    reach = mask.end_s if mask.reach_s is None else mask.reach_s
    empty = [
        f"no judged point above {part.above_s:g} s"
        + ("" if math.isinf(part.up_to_s) else f", up to {part.up_to_s:g} s")
        for part in mask.segments
        if part.above_s < reach and not any(part.holds(point.tau_s) for point in judged)
    ]
    longest = max((point.tau_s for point in judged), default=0.0)
    if mask.reach_s is not None and longest < reach / _TIE:
        empty.append(f"the longest judged {mask.over} is {longest:g} s, {reach:g} s are asked for")
    return tuple(f"record too short or too sparse: {text}" for text in empty)


def _not_judged(points: Sequence[_Point]) -> tuple[str, ...]:
    """Return which points were not judged, grouped by why."""
    by_reason: dict[str, list[_Point]] = {}
    for point in points:
        if point.why:
            by_reason.setdefault(point.why, []).append(point)
    return tuple(f"not judged, {why}: {_taus(some)}" for why, some in by_reason.items())


def _at(what: str, points: Sequence[_Point]) -> tuple[str, ...]:
    return (f"{what} at {_taus(points)}",) if points else ()


def _taus(points: Iterable[_Point]) -> str:
    return ", ".join(point.tau for point in points)


def _worst_words(worst: _Point, judged: int, unit: str, mask: Mask) -> str:
    """Return the worst point in one line."""
    figure = f"{worst.high:.4g} {unit}"
    if mask.judged_on is JudgedOn.UPPER_BOUND:
        figure = f"upper bound {figure}"
    share = f"{worst.high / worst.limit:.3g} of the limit {worst.limit:.4g} {unit}"
    return f"worst of {judged} judged: {figure} at {worst.tau}, {share}"


def _how(mask: Mask, judged: Sequence[_Point], rule: DecisionRule) -> tuple[str, ...]:
    """Return on what the points were judged; a maximum names the length of its record."""
    if mask.judged_on is JudgedOn.UPPER_BOUND:
        return (
            f"judged on upper bounds at p = {rule.coverage_probability:g} or more, "
            f"{mask.least_dof:g} degrees of freedom or more",
        )
    lengths = dict.fromkeys(point.piece.attributes[RECORD_LENGTH] for point in judged)
    return (f"judged on the maximum of a record of {', '.join(lengths)}, no interval",)


def _with_figures(base: Finding, worst: _Point, mask: Mask, unit: str) -> Finding:
    """Write figure and limit of the worst point."""
    bounded = mask.judged_on is JudgedOn.UPPER_BOUND and worst.value is not None
    value = worst.value or 0.0
    return replace(
        base,
        result_label=worst.piece.result_label,
        rule_id=_RULES[mask.judged_on],
        measured_value=worst.value,
        expanded_uncertainty=max(worst.high - value, value - worst.low) if bounded else None,
        coverage_probability=worst.piece.interval[2] if worst.piece.interval and bounded else None,
        unit=unit,
        tolerance_high=worst.limit,
        margin=worst.limit - (value if worst.value is not None else worst.high),
    )


def _with_risk(finding: Finding, judged: Sequence[_Point], mask: Mask) -> Finding:
    """Bound the risk by the tails that the intervals leave; a maximum of a record has none."""
    if mask.judged_on is JudgedOn.VALUE:
        return replace(finding, risk_basis="none: the maximum of this record, no interval")
    tails = {
        point.tau: (1.0 - point.piece.interval[2]) / 2.0
        for point in judged
        if point.piece.interval is not None
    }
    if finding.outcome is Outcome.MET:
        bound = min(1.0, math.fsum(tails.values()))
        basis = f"specific; at most {bound:.3g}, the tails of {len(tails)} intervals together"
        return replace(finding, consumer_risk=bound, risk_basis=basis)
    if finding.outcome is Outcome.NOT_MET:
        bound = max(tails.values())
        basis = f"specific; at most {bound:.3g}, from the interval of one point"
        return replace(finding, producer_risk=bound, risk_basis=basis)
    return finding
