"""Evaluating requirements: one finding per requirement and subject, always.

Inside: `evaluate`, `evaluate_all`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qtrace.errors import InputError
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.standards.context import DeclaredLimit, EvaluationContext
from qtrace.standards.criterion import CRITERION_KINDS, Case
from qtrace.standards.decision_rule import DecisionRule
from qtrace.standards.evidence import Evidence, Provenance
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.requirement import CriterionKind, Requirement

OFFSET_FROM_UTC = "timing.offset_from_utc"
_WEAKNESS = (Provenance.MEASURED, Provenance.PUBLISHED, Provenance.SIMULATED)


def evaluate(
    requirement: Requirement,
    evidence: Sequence[Evidence],
    *,
    rule: DecisionRule,
    declarations: Mapping[str, DeclaredLimit],
    context: EvaluationContext,
) -> tuple[Finding, ...]:
    """Judge one requirement about every subject that it concerns.

    Absence never passes: a subject without evidence gets a finding NO_EVIDENCE. Bad data are
    no error either; they give NOT_EVALUABLE with the reason. Evidence that is there is judged,
    whatever the tags say: a wrong protocol name must not hide a figure.

    Args:
        requirement: The demand.
        evidence: Everything known; what belongs to other items is ignored.
        rule: Decision rule for figures.
        declarations: Limits that the applicant declares, by name.
        context: Subjects, tags, bounds, exclusions.

    Returns:
        At least one finding, in the order of the subjects.
    """
    about = [piece for piece in evidence if piece.item == requirement.evidence_item]
    wanted = context.subjects.get(requirement.scope, ())
    subjects = tuple(dict.fromkeys([*wanted, *(piece.subject for piece in about)]))
    remarks: tuple[str, ...] = ()
    exclusion = context.exclusions.get(requirement.requirement_id)
    if exclusion is not None:
        if exclusion.attestation:
            reason = f"excluded: {exclusion.reason} (attested: {exclusion.attestation})"
            return (_finding(requirement, "", Outcome.NOT_APPLICABLE, reason),)
        remarks = ("an exclusion without a signed attestation was ignored",)
    if not about and not _applies(requirement, context):
        reason = (
            f"concerns {', '.join(requirement.applies_to)}; this is "
            f"{', '.join(sorted(context.tags))}"
        )
        return (_finding(requirement, "", Outcome.NOT_APPLICABLE, reason),)
    if not subjects:
        reason = f"no subject and no evidence of {requirement.evidence_item}"
        return (_finding(requirement, "", Outcome.NO_EVIDENCE, reason, *remarks),)
    findings = []
    known = {piece.subject for piece in evidence if _is_figure(piece, requirement.needs)}
    for subject in subjects:
        if requirement.needs and subject not in known:
            reason = _needs_reason(requirement.needs)
            finding = _finding(requirement, subject, Outcome.NOT_APPLICABLE, reason, *remarks)
            findings.append(finding)
            continue
        pieces = [piece for piece in about if piece.subject == subject]
        finding = _about_subject(
            requirement, subject, pieces, rule=rule, declarations=declarations, context=context
        )
        findings.append(replace(finding, reasons=finding.reasons + remarks))
    return tuple(findings)


def evaluate_all(
    requirements: Iterable[Requirement],
    evidence: Sequence[Evidence],
    *,
    rule: DecisionRule,
    declarations: Mapping[str, DeclaredLimit],
    context: EvaluationContext,
) -> tuple[Finding, ...]:
    """Judge several requirements; findings come in the order of the requirements."""
    return tuple(
        finding
        for requirement in requirements
        for finding in evaluate(
            requirement, evidence, rule=rule, declarations=declarations, context=context
        )
    )


def _applies(requirement: Requirement, context: EvaluationContext) -> bool:
    """Return whether tags concern the requirement; unknown tags exempt from nothing."""
    if not requirement.applies_to or not context.tags:
        return True
    concerned = {tag.casefold() for tag in requirement.applies_to}
    return not concerned.isdisjoint(tag.casefold() for tag in context.tags)


def _is_figure(piece: Evidence, item: str) -> bool:
    """Return whether a piece gives a figure of an item; a document about it is none."""
    return piece.item == item and (piece.value is not None or piece.interval is not None)


def _needs_reason(needs: str) -> str:
    reason = f"needs {needs}, of which there is no figure"
    if needs == OFFSET_FROM_UTC:
        reason += ": what compares two clocks says nothing against UTC"
    return reason


def _about_subject(
    requirement: Requirement,
    subject: str,
    pieces: list[Evidence],
    *,
    rule: DecisionRule,
    declarations: Mapping[str, DeclaredLimit],
    context: EvaluationContext,
) -> Finding:
    """Judge one subject on the one piece of evidence that there must be, or on its curve."""
    firmware = context.firmware.get(subject, "")
    usable = [
        piece for piece in pieces if not firmware or piece.attributes.get("firmware") == firmware
    ]
    if not usable:
        reasons = [f"no evidence of {requirement.evidence_item} about {subject}"]
        if pieces:
            reasons.append(f"evidence of another firmware than {firmware} does not count")
        if remark := context.remarks.get(subject, ""):
            reasons.append(remark)
        return _finding(requirement, subject, Outcome.NO_EVIDENCE, *reasons)
    if len(usable) > 1 and requirement.criterion.kind is not CriterionKind.MASK:
        labels = ", ".join(piece.result_label or piece.document or "unnamed" for piece in usable)
        reason = f"{len(usable)} pieces of evidence and no word which counts: {labels}"
        return _finding(requirement, subject, Outcome.NOT_EVALUABLE, reason)
    piece = usable[0]
    base = replace(
        _finding(requirement, subject, Outcome.NOT_EVALUABLE),
        result_label=piece.result_label,
        document=piece.document,
        provenance=_weakest_provenance(usable),
        breaks=_all_breaks(usable),
        flags=tuple(dict.fromkeys(flag for one in usable for flag in one.flags)),
    )
    # A figure that nothing proves, or that was chosen afterwards, meets nothing, whatever it says.
    if refused := disqualifying(base.flags):
        return replace(base, reasons=(*base.reasons, *refused))
    case = Case(requirement, piece, base, rule, declarations, context, curve=tuple(usable))
    try:
        return CRITERION_KINDS[requirement.criterion.kind](case)
    except InputError as error:
        return replace(base, reasons=(*base.reasons, error.what))


def _weakest_provenance(pieces: Sequence[Evidence]) -> str:
    """Return the provenance of a curve: that of its weakest point."""
    return str(max((piece.provenance for piece in pieces), key=_WEAKNESS.index))


def _all_breaks(pieces: Sequence[Evidence]) -> tuple[str, ...] | None:
    """Return the breaks of all chains, each once; None where one chain is not known."""
    breaks: list[str] = []
    for piece in pieces:
        if piece.breaks is None:
            return None
        breaks.extend(piece.breaks)
    return tuple(dict.fromkeys(breaks))


def _finding(requirement: Requirement, subject: str, outcome: Outcome, *reasons: str) -> Finding:
    """Return a finding with what the requirement alone says."""
    return Finding(
        requirement.requirement_id,
        requirement.standard_id,
        subject,
        outcome,
        requirement.criterion.kind,
        title=requirement.title,
        side=requirement.side,
        evidence_item=requirement.evidence_item,
        limit_origin=requirement.limit_origin,
        reasons=reasons,
        origin_kind=requirement.origin.kind.value,
        origin_confirmed=requirement.origin.confirmed,
        confidence=requirement.confidence,
        clause=requirement.clause if requirement.clause_verified_by else "",
    )
