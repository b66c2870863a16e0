"""Findings as a reader follows them: grouped by standard, each with limit, risk and origin.

Inside: `FindingRow`, `FindingGroup`, `finding_groups`, `finding_row`, `listed_lines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtrace.certification.case import AppliedStandard, CaseFile
from qtrace.certification.scheme import Effect
from qtrace.report.figures import factor, measured, risk, span, uncertainty
from qtrace.report.grouped_findings import BREAK_PREFIX, grouped_lines
from qtrace.report.printable import printable
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.requirement import CriterionKind, Requirement

CLAUSE_UNVERIFIED = "clause unverified"
# What speaks against the subject, the gravest first; a reader must not have to look for it.
_ADVERSE = (Outcome.NOT_MET, Outcome.WITHIN_GUARD_BAND, Outcome.NOT_EVALUABLE)
# What a criterion asks for where it compares no figure.
ASKS = {
    CriterionKind.DOCUMENTED: "attested document",
    CriterionKind.CHAIN_UNBROKEN: "no break",
    CriterionKind.COMPLETE: "all particulars",
}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as texts; `effect` is what the scheme makes of it, empty without scheme."""

    requirement: str
    title: str
    subject: str
    outcome: str
    css: str
    conformity: str
    value: str
    expanded: str
    limit: str
    acceptance: str
    guard: str
    risk: str
    risk_basis: str
    reasons: tuple[str, ...]
    limit_origin: str
    row_origin: str
    row_source: str
    confirmed: bool
    clause: str
    effect: str
    evidence: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings on one standard."""

    standard: AppliedStandard
    rows: tuple[FindingRow, ...]


def finding_groups(case: CaseFile, findings: Sequence[Finding]) -> tuple[FindingGroup, ...]:
    """Return all findings of a case, grouped in the order of its standards."""
    groups = []
    for standard in case.standards:
        wanted = {row.requirement_id: row for row in standard.requirements}
        rows = tuple(
            finding_row(
                one,
                requirement=wanted.get(one.requirement_id),
                effect=case.scheme.effect(one).value,
            )
            for one in findings
            if one.standard_id == standard.standard_id
        )
        groups.append(FindingGroup(standard, rows))
    return tuple(groups)


def finding_row(
    finding: Finding, *, requirement: Requirement | None = None, effect: str = ""
) -> FindingRow:
    """Return a finding as texts.

    Args:
        finding: The finding.
        requirement: The row that it is about, to say who verified its clause.
        effect: What the scheme makes of it.
    """
    unit = finding.unit
    return FindingRow(
        finding.requirement_id,
        printable(finding.title),
        printable(finding.subject) or "–",
        outcome_words(finding),
        finding.outcome.value.lower(),
        printable(finding.conformity),
        measured(finding.measured_value, finding.standard_uncertainty, unit),
        _expanded(finding),
        _limit(finding),
        _acceptance(finding),
        uncertainty(finding.guard_band, unit) if finding.guard_band is not None else "–",
        _risk(finding),
        printable(finding.risk_basis),
        tuple(printable(one) for one in finding.reasons),
        printable(finding.limit_origin),
        _row_origin(finding),
        printable(requirement.origin.source) if requirement else "",
        finding.origin_confirmed,
        _clause(finding, requirement),
        effect,
        printable(
            finding.result_label or finding.document or f"no evidence of {finding.evidence_item}"
        ),
    )


def listed_lines(case: CaseFile, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what is not met, or cannot be said to be, and yet refuses nothing.

    One line per requirement. Breaks of chains are left out of the lines: many requirements meet
    the same break, and `named_breaks` says each once.

    Args:
        case: The case file; its scheme tells what is only listed.
        findings: All findings of the case.
    """
    listed = [
        replace(one, reasons=tuple(why for why in one.reasons if not why.startswith(BREAK_PREFIX)))
        for one in findings
        if case.scheme.effect(one) is Effect.LISTED
    ]
    return tuple(
        f"{standard.standard_id} {line}"
        for outcome in _ADVERSE
        for standard in case.standards
        for line in grouped_lines(
            one
            for one in listed
            if one.outcome is outcome and one.standard_id == standard.standard_id
        )
    )


def outcome_words(finding: Finding) -> str:
    """Return an outcome as words, with the side of the limit where in a guard band."""
    words = finding.outcome.value.replace("_", " ")
    if finding.outcome is Outcome.WITHIN_GUARD_BAND and finding.guard_side is not GuardSide.NONE:
        words += f", {finding.guard_side.value}"
    return words


def _expanded(finding: Finding) -> str:
    if finding.expanded_uncertainty is None:
        return "–"
    u = uncertainty(finding.expanded_uncertainty, finding.unit)
    return u if finding.coverage_factor is None else f"{u} (k = {factor(finding.coverage_factor)})"


def _limit(finding: Finding) -> str:
    asked = ASKS.get(finding.criterion_kind)
    if asked:
        return asked
    return span(finding.tolerance_low, finding.tolerance_high, finding.unit)


def _risk(finding: Finding) -> str:
    """Return the risk that goes with the outcome: of accepting, or else of rejecting."""
    bound = "≤ " if "at most" in finding.risk_basis else ""
    if finding.outcome is Outcome.MET and finding.consumer_risk is not None:
        return f"{bound}{risk(finding.consumer_risk)} of accepting"
    if finding.outcome is Outcome.NOT_MET and finding.producer_risk is not None:
        return f"{bound}{risk(finding.producer_risk)} of rejecting"
    if finding.consumer_risk is not None:
        return f"{bound}{risk(finding.consumer_risk)} if accepted"
    return "–"


def _row_origin(finding: Finding) -> str:
    """Return how well the row itself is known."""
    known = "confirmed" if finding.origin_confirmed else "NOT CONFIRMED"
    return f"{finding.origin_kind or 'unknown'}, {known}"


def _clause(finding: Finding, requirement: Requirement | None) -> str:
    clause = finding.clause or (requirement.clause if requirement else "")
    by = requirement.clause_verified_by if requirement else ""
    if not clause or (requirement is not None and not by):
        return CLAUSE_UNVERIFIED
    return printable(f"clause {clause}" + (f", verified by {by}" if by else ""))


def _acceptance(finding: Finding) -> str:
    """Return the acceptance limits, empty where no guard band was applied."""
    if finding.acceptance_low is None and finding.acceptance_high is None:
        return ""
    return span(finding.acceptance_low, finding.acceptance_high, finding.unit)
