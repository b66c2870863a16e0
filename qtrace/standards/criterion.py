"""The criterion kinds: one function each, in one table.

Inside: `Case`, `CRITERION_KINDS`, `resolve_declared`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.standards.context import DeclaredLimit, EvaluationContext
from qtrace.standards.decision_rule import DecisionRule
from qtrace.standards.evidence import Evidence
from qtrace.standards.figure import JudgedFigure, convert, judged_figure
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.judge import Limits, judge
from qtrace.standards.mask_judgement import judge_mask
from qtrace.standards.requirement import Comparison, Criterion, CriterionKind, Requirement


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one evaluation of one subject may look at; `base` is to be filled.

    `curve` holds all pieces about the subject, of which `evidence` is the first.
    """

    requirement: Requirement
    evidence: Evidence
    base: Finding
    rule: DecisionRule
    declarations: Mapping[str, DeclaredLimit]
    context: EvaluationContext
    curve: tuple[Evidence, ...] = ()


def _with(case: Case, outcome: Outcome, *reasons: str) -> Finding:
    return replace(case.base, outcome=outcome, reasons=case.base.reasons + reasons)


def _against(case: Case, limits: Limits) -> Finding:
    """Judge the figure of the evidence against limits."""
    figure = judged_figure(case.evidence, case.requirement.criterion, rule=case.rule)
    if case.requirement.criterion.comparison is Comparison.COMPATIBLE_AT_MOST:
        return _compatible(case, figure, limits)
    return judge(case.base, figure, limits, rule=case.rule)


def _limits_of(criterion: Criterion, limit: float, origin: str) -> Limits:
    """Turn one limit and its comparison into tolerance limits.

    Raises:
        InputError: the limit of a ratio is not between 0 and 1.
    """
    match criterion.comparison:
        case Comparison.AT_LEAST:
            return Limits(limit, math.inf, origin)
        case Comparison.RATIO_WITHIN:
            mismatch = convert(limit, given=criterion.unit, wanted="1")
            if not 0.0 <= mismatch < 1.0:
                raise InputError(f"a mismatch limit lies between 0 and 1, not at {mismatch:g}")
            low, high = 1.0 - mismatch, 1.0 / (1.0 - mismatch)
            return Limits(
                convert(low, given="1", wanted=criterion.unit),
                convert(high, given="1", wanted=criterion.unit),
                origin,
            )
        case _:
            return Limits(-math.inf, limit, origin)


def _compatible(case: Case, figure: JudgedFigure, limits: Limits) -> Finding:
    """Judge a bound of nature: a value beyond it is wrong only if U cannot explain it."""
    # What is compared with a natural upper bound (a probability) is not negative either.
    below = max(0.0, -figure.value)
    excess = below or figure.value - limits.high
    bound = "at least 0" if below else f"at most {limits.high:g}"
    finding = replace(
        case.base,
        measured_value=figure.value,
        standard_uncertainty=figure.standard_uncertainty,
        expanded_uncertainty=figure.below,
        coverage_factor=figure.coverage_factor,
        coverage_probability=figure.coverage_probability,
        unit=figure.unit,
        tolerance_high=limits.high,
        limit_origin=limits.origin,
        rule_id="compatibility",
        margin=-excess,
        reasons=case.base.reasons + figure.reasons,
    )
    if excess <= 0.0:
        return replace(finding, outcome=Outcome.MET)
    z = f" (z = {excess / figure.standard_uncertainty:.1f})" if figure.standard_uncertainty else ""
    if excess <= figure.below:
        reason = f"impossible value, compatible with {bound}{z}"
        side = GuardSide.OUTSIDE
        return replace(
            finding,
            outcome=Outcome.WITHIN_GUARD_BAND,
            guard_side=side,
            reasons=(*finding.reasons, reason),
        )
    reason = f"impossible value, not explained by its uncertainty{z}"
    return replace(finding, outcome=Outcome.NOT_MET, reasons=(*finding.reasons, reason))


def _limit(case: Case) -> Finding:
    """Judge a figure against the one limit of the requirement."""
    criterion = case.requirement.criterion
    if criterion.limit is None:
        raise InputError("the requirement has no limit")
    return _against(case, _limits_of(criterion, criterion.limit, case.requirement.limit_origin))


def _range(case: Case) -> Finding:
    """Judge a figure against a lower and an upper limit."""
    criterion = case.requirement.criterion
    if criterion.low is None or criterion.high is None:
        raise InputError("the requirement has no range")
    return _against(case, Limits(criterion.low, criterion.high, case.requirement.limit_origin))


def _declared(case: Case) -> Finding:
    """Judge a figure against a limit of the applicant, if it is bound."""
    limit, origin = resolve_declared(case.requirement, case.declarations, context=case.context)
    if limit is None:
        return _with(case, Outcome.NOT_EVALUABLE, origin)
    return _against(case, _limits_of(case.requirement.criterion, limit, origin))


def resolve_declared(
    requirement: Requirement,
    declarations: Mapping[str, DeclaredLimit],
    *,
    context: EvaluationContext,
) -> tuple[float | None, str]:
    """Return the limit that counts, in the unit of the criterion, and its origin.

    A scheme's floor and ceiling hold for every limit of that name. Without them a declared
    limit counts only where the recomputation of the key uses it.

    Returns:
        The limit and where it comes from, or None and the reason why none counts.

    Raises:
        UnitError: the declared limit is in a unit of another dimension.
    """
    criterion = requirement.criterion
    name = criterion.declaration
    declared = declarations.get(name)
    if declared is None and criterion.limit is None:
        return None, f"no limit {name!r} is declared, and the requirement has no default"
    if declared is None:
        limit = criterion.limit or 0.0
        origin = f"default, nothing declared: {requirement.limit_origin}"
    elif declared.post_hoc:
        return None, f"the limit {name!r} was declared after the data were seen"
    else:
        limit = convert(declared.value, given=declared.unit, wanted=criterion.unit)
        origin = f"declared by the applicant ({declared.source or 'source not stated'})"
    bounds = context.bounds.get(name)
    if bounds is not None:
        low = convert(bounds.floor, given=bounds.unit, wanted=criterion.unit)
        high = convert(bounds.ceiling, given=bounds.unit, wanted=criterion.unit)
        if not low <= limit <= high:
            return None, (
                f"limit unbound: {name} = {limit:g} {criterion.unit} lies outside the scheme's "
                f"floor {low:g} and ceiling {high:g}"
            )
        origin += f", within the scheme's floor {low:g} and ceiling {high:g}"
    elif declared is not None and not declared.bound_by:
        return None, (
            f"limit unbound: {name} is neither an input of the recomputed proof nor bounded by "
            "the scheme"
        )
    if declared is not None and declared.bound_by:
        origin += f", used by the recomputation as {declared.bound_by}"
    return limit, origin


def _documented(case: Case) -> Finding:
    """Look for a document and the attestation of its content; presence alone is not adequacy."""
    document, attestation = case.evidence.document, case.evidence.attestation
    if not document:
        if attestation:
            return _with(case, Outcome.NOT_EVALUABLE, "an attestation without its document")
        return _with(case, Outcome.NO_EVIDENCE, "no document is named")
    if not attestation:
        return _with(
            case,
            Outcome.NOT_EVALUABLE,
            f"presence is not adequacy: {document} is named, no evaluator has attested its content",
        )
    return _with(case, Outcome.MET, f"content of {document} attested: {attestation}")


def _chain_unbroken(case: Case) -> Finding:
    """Ask whether the chain behind a result reaches typed ends without a break."""
    evidence = case.evidence
    if evidence.breaks is None:
        return _with(case, Outcome.NOT_EVALUABLE, "no chain is known for this result")
    if evidence.breaks:
        return _with(case, Outcome.NOT_MET, *(f"chain break: {text}" for text in evidence.breaks))
    if not evidence.ends:
        return _with(case, Outcome.NOT_EVALUABLE, "the chain has no breaks but names no end")
    return _with(case, Outcome.MET, "chain ends: " + "; ".join(evidence.ends))


def _complete(case: Case) -> Finding:
    """Ask whether a statement gives everything that it needs to be read."""
    evidence = case.evidence
    stated = {name for name, text in evidence.attributes.items() if text.strip()}
    if evidence.standard_uncertainty is not None or evidence.interval is not None:
        stated.add("u")
    if evidence.coverage_factor is not None or evidence.interval is not None:
        stated.add("k")
    missing = [name for name in case.requirement.criterion.attributes if name not in stated]
    if evidence.value is None and evidence.interval is None:
        missing.insert(0, "value")
    if missing:
        return _with(case, Outcome.NOT_EVALUABLE, "not stated: " + ", ".join(missing))
    return _with(case, Outcome.MET)


def _mask(case: Case) -> Finding:
    """Judge a curve against a mask, or against the declared limit that takes its place."""
    criterion, base = case.requirement.criterion, case.base
    mask = criterion.mask
    if mask is None:
        raise InputError("the requirement has no mask")
    if criterion.declaration:
        limit, origin = resolve_declared(case.requirement, case.declarations, context=case.context)
        if limit is None:
            return _with(case, Outcome.NOT_EVALUABLE, origin)
        flat = tuple(replace(part, limit=limit, slope=0.0) for part in mask.segments)
        mask, base = replace(mask, segments=flat), replace(base, limit_origin=origin)
    return judge_mask(base, case.curve, mask, unit=criterion.unit, rule=case.rule)


CriterionFunction = Callable[[Case], Finding]

CRITERION_KINDS: Mapping[CriterionKind, CriterionFunction] = MappingProxyType(
    {
        CriterionKind.LIMIT: _limit,
        CriterionKind.RANGE: _range,
        CriterionKind.DECLARED: _declared,
        CriterionKind.DOCUMENTED: _documented,
        CriterionKind.CHAIN_UNBROKEN: _chain_unbroken,
        CriterionKind.COMPLETE: _complete,
        CriterionKind.MASK: _mask,
    }
)
