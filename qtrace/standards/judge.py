"""Judging a figure against tolerance limits by a decision rule.

Inside: `Limits`, `judge`.
Source: JCGM 106:2012, clauses 7 to 9; ILAC-G8:09/2019, clause 4.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qtrace.standards.decision_rule import DecisionRule, RuleKind
from qtrace.standards.evidence import Form
from qtrace.standards.figure import JudgedFigure
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.guard import figure_risk, guard_widths
from qtrace.standards.requirement import ValueIs
from qtrace.uncertainty.conformity import (
    Zone,
    acceptance_limits,
    zone_of,
)

# An exact figure is a short sum of doubles; a difference from the limit in the last few places
# comes from adding, not from the thing judged.
EXACT_ROUNDING = 1e-12
# Guard bands of a specified risk are solved for; at the acceptance limit the risk is the agreed.
_SOLVED = 1.0 + 1e-6

_OUTCOMES = {
    Zone.ACCEPTED: (Outcome.MET, GuardSide.NONE),
    Zone.GUARD_INSIDE: (Outcome.WITHIN_GUARD_BAND, GuardSide.INSIDE),
    Zone.GUARD_OUTSIDE: (Outcome.WITHIN_GUARD_BAND, GuardSide.OUTSIDE),
    Zone.REJECTED: (Outcome.NOT_MET, GuardSide.NONE),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Tolerance limits in one unit, infinite where there is none, and where they come from."""

    low: float
    high: float
    origin: str


def judge(base: Finding, figure: JudgedFigure, limits: Limits, *, rule: DecisionRule) -> Finding:
    """Judge a figure against tolerance limits and write the outcome into a finding.

    Args:
        base: The finding as far as it is known.
        figure: The figure, in the unit of the limits.
        limits: Tolerance limits.
        rule: Decision rule, agreed before.

    Returns:
        The finding with outcome, words, limits, guard band, margin, risks and reasons.
    """
    finding = replace(
        base,
        measured_value=figure.value if figure.form != Form.INTERVAL_ONLY else None,
        standard_uncertainty=figure.standard_uncertainty,
        expanded_uncertainty=max(figure.below, figure.above) or None,
        coverage_factor=figure.coverage_factor,
        coverage_probability=figure.coverage_probability,
        unit=figure.unit,
        tolerance_low=_finite(limits.low),
        tolerance_high=_finite(limits.high),
        limit_origin=limits.origin,
        reasons=base.reasons + figure.reasons,
    )
    if figure.form == Form.INTERVAL_ONLY:
        return _judge_interval(finding, figure, limits)
    finding = replace(finding, margin=min(figure.value - limits.low, limits.high - figure.value))
    if figure.form != Form.ESTIMATE:
        return _judge_one_sided(finding, figure, limits)
    return _judge_estimate(finding, figure, limits, rule=rule)


def _judge_estimate(
    finding: Finding, figure: JudgedFigure, limits: Limits, *, rule: DecisionRule
) -> Finding:
    """Judge an estimate by the zone in which it lies."""
    value = figure.value
    if figure.below == figure.above == 0.0:
        value = _at_limit(value, limits)
    guard_low, guard_high = guard_widths(figure, limits.low, limits.high, rule=rule)
    zone = zone_of(value, limits.low, limits.high, guard_low=guard_low, guard_high=guard_high)
    accept_low, accept_high = acceptance_limits(
        limits.low, limits.high, guard_low=guard_low, guard_high=guard_high
    )
    consumer, producer, basis = _risks(value, figure, limits)
    too_risky = rule.kind is RuleKind.SPECIFIC_RISK and (consumer or 0.0) > rule.risk * _SOLVED
    if zone is Zone.ACCEPTED and too_risky:
        zone = Zone.GUARD_INSIDE  # both tails of a skew distribution together
    outcome, side = _OUTCOMES[zone]
    return replace(
        finding,
        outcome=outcome,
        guard_side=side,
        conformity=rule.words(zone),
        rule_id=rule.rule_id,
        acceptance_low=_finite(accept_low),
        acceptance_high=_finite(accept_high),
        guard_band=max(
            guard_low if math.isfinite(limits.low) else 0.0,
            guard_high if math.isfinite(limits.high) else 0.0,
        ),
        consumer_risk=consumer,
        producer_risk=producer,
        risk_basis=basis,
        reasons=finding.reasons + _zone_reason(zone),
    )


def _judge_one_sided(finding: Finding, figure: JudgedFigure, limits: Limits) -> Finding:
    """Judge an upper or lower limit, or nothing seen: it can show one side and no other."""
    lower = figure.form == Form.LOWER_LIMIT
    speaks = math.isinf(limits.high) if lower else math.isinf(limits.low)
    held = figure.value >= limits.low if lower else figure.value <= limits.high
    if speaks and held:
        reason = f"judged as {figure.form.replace('_', ' ')}: the whole statement is within"
        met = replace(finding, outcome=Outcome.MET, reasons=(*finding.reasons, reason))
        if figure.interval_probability is None:
            return met
        wrong = 1.0 - figure.interval_probability
        basis = f"specific; at most {wrong:.3g}, from the stated limit"
        return replace(met, consumer_risk=wrong, risk_basis=basis)
    if speaks and figure.value_is is ValueIs.PROVEN_BOUND:
        # What counts is what is proven: there is no true value beyond it to leave open.
        reason = "proven bound: it misses the limit, and no more than it is proven"
        return replace(finding, outcome=Outcome.NOT_MET, reasons=(*finding.reasons, reason))
    reason = f"a figure given as {figure.form.replace('_', ' ')} cannot show this limit"
    return replace(finding, outcome=Outcome.NOT_EVALUABLE, reasons=(*finding.reasons, reason))


def _judge_interval(finding: Finding, figure: JudgedFigure, limits: Limits) -> Finding:
    """Judge an interval in which no value is preferred: wholly in, wholly out, or neither."""
    low, high = figure.value - figure.below, figure.value + figure.above
    if limits.low <= low and high <= limits.high:
        return replace(finding, outcome=Outcome.MET)
    if high < limits.low or low > limits.high:
        return replace(finding, outcome=Outcome.NOT_MET)
    reason = "the interval reaches across a limit and prefers no value"
    return replace(finding, outcome=Outcome.NOT_EVALUABLE, reasons=(*finding.reasons, reason))


def _risks(
    value: float, figure: JudgedFigure, limits: Limits
) -> tuple[float | None, float | None, str]:
    """Return the specific risks of accepting and of rejecting, and what they rest on."""
    if figure.value_is is ValueIs.PROVEN_BOUND:
        return None, None, "none: a proven bound, its failure probability is the proof's epsilon"
    if figure.interval_probability is not None and figure.posterior is None:
        sides = math.isfinite(limits.low) + math.isfinite(limits.high)
        bound = (1.0 - figure.interval_probability) * sides / 2.0
        basis = f"specific; at most {bound:.3g}, from the exact interval"
        if limits.low <= value - figure.below and value + figure.above <= limits.high:
            return bound, None, basis
        if value + figure.above < limits.low or value - figure.below > limits.high:
            return None, bound, basis
        return None, None, "specific; not bounded, the exact interval reaches across the limit"
    risk = figure_risk(figure, value, limits.low, limits.high)
    return risk.fails, risk.conforms, risk.basis


def _zone_reason(zone: Zone) -> tuple[str, ...]:
    if zone is Zone.GUARD_INSIDE:
        return ("within tolerance, but nearer to the limit than the guard band",)
    if zone is Zone.GUARD_OUTSIDE:
        return ("beyond tolerance, by no more than the guard band",)
    return ()


def _at_limit(value: float, limits: Limits) -> float:
    """Take an exact figure that misses a limit by rounding only as lying on it."""
    for limit in (limits.low, limits.high):
        if math.isfinite(limit) and math.isclose(value, limit, rel_tol=EXACT_ROUNDING):
            return limit
    return value


def _finite(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None
