"""From findings to a decision: a word, what kind of statement it is, and every reason.

Inside: `DecisionWord`, `CapKind`, `Cap`, `Coverage`, `Decision`, `caps_of_findings`, `decide`.
Source: ISO/IEC 17065:2012 (decision events).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qtrace.certification.scheme import AttestationKind, Effect, Scheme
from qtrace.errors import InputError
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.requirement import CriterionKind, Requirement, Scope
from qtrace.uncertainty.conformity import joint_conformance_lower_bound


class DecisionWord(StrEnum):
    """Events of a certification; a status is derived from them. `decide` gives three."""

    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    MAINTAINED = "MAINTAINED"
    EXTENDED = "EXTENDED"
    REDUCED = "REDUCED"
    SUSPENDED = "SUSPENDED"
    RESTORED = "RESTORED"
    WITHDRAWN = "WITHDRAWN"
    RENEWED = "RENEWED"
    DEMONSTRATED = "DEMONSTRATED"  # the only positive word of a DEMONSTRATION


class CapKind(StrEnum):
    """Why a statement can be no more than a DEMONSTRATION."""

    UNCONFIRMED_ROWS = "unconfirmed_rows"  # requirements that no source confirms
    SIMULATED = "simulated"
    PUBLISHED_ONLY = "published_only"  # figures from a publication, raw data not at hand
    FROM_MEMORY = "from_memory"  # figures that no source confirms
    UNTRACEABLE = "untraceable"  # a chain is broken or not known


@dataclass(frozen=True, slots=True)
class Cap:
    """One reason why the statement is capped at DEMONSTRATION."""

    kind: CapKind
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at, counted in requirements; printed beside every decision.

    `met_by_limit_origin` counts findings MET by where their limit comes from.
    `joint_conformity_at_least` bounds from below the probability that all figures found MET
    conform at once, whatever correlates them; None where no risk could be given.
    `joint_conformity` is that probability with the correlations of the chain; its `_error` is
    the standard error of the computation, and where `_bounded` figures entered by their bound
    only it is a lower bound, too. None where the case is judged without the chain.
    """

    evaluated: int
    applicable: int
    not_applicable: int
    outcomes: dict[str, int]
    met_by_limit_origin: dict[str, int]
    not_covered: tuple[str, ...]
    joint_conformity_at_least: float | None
    joint_conformity: float | None = None
    joint_conformity_error: float = 0.0
    joint_conformity_bounded: int = 0
    joint_conformity_method: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision by a scheme.

    `conditions` are what was listed and decided nothing; `not_applicable` says with its reason
    what was left out.
    """

    word: DecisionWord
    attestation_kind: AttestationKind
    scheme_id: str
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    caps: tuple[Cap, ...]
    coverage: Coverage
    not_applicable: tuple[str, ...] = ()


# Flags of evidence that begin so say that no source confirms a figure.
MEMORY_FLAG = "from memory"

_EVALUATED = frozenset({Outcome.MET, Outcome.NOT_MET, Outcome.WITHIN_GUARD_BAND})
_FIGURES = frozenset(
    {CriterionKind.LIMIT, CriterionKind.RANGE, CriterionKind.DECLARED, CriterionKind.MASK}
)
# Breaks of the chain are said first: without the chain no figure below them means much.
_READING_ORDER = (
    CriterionKind.CHAIN_UNBROKEN,
    CriterionKind.COMPLETE,
    CriterionKind.LIMIT,
    CriterionKind.RANGE,
    CriterionKind.DECLARED,
    CriterionKind.MASK,
    CriterionKind.DOCUMENTED,
)


def decide(
    findings: Sequence[Finding],
    scheme: Scheme,
    *,
    requirements: Sequence[Requirement],
    caps: Iterable[Cap] = (),
    watermark: str = "",
    subjects: Mapping[Scope, Sequence[str]] | None = None,
) -> Decision:
    """Decide by the truth table of a scheme.

    One refusing finding refuses. Nothing is granted on silence: a requirement without a finding
    refuses, and so does a set of findings in which nothing is MET.

    Args:
        findings: Of all requirements of the scheme.
        scheme: Truth table, kind of attestation, accepted watermarks.
        requirements: All requirements of the scheme, from `scheme_requirements`.
        caps: Reasons known outside the findings; those inside are found here.
        watermark: Of the link, empty for a real one.
        subjects: Those that each applicable requirement of a scope must have a finding about;
            give them as they were given to the evaluation, so that none can be left out.

    Returns:
        The decision with every reason, condition and cap.

    Raises:
        InputError: there are no requirements, or a finding belongs to none of them.
    """
    wanted = _wanted(findings, scheme, requirements)
    ordered = sorted(findings, key=lambda finding: _READING_ORDER.index(finding.criterion_kind))
    refusals = [_said(f) for f in ordered if scheme.effect(f) is Effect.REFUSES]
    supports = [_said(f) for f in ordered if scheme.effect(f) is Effect.SUPPORTS]
    refusals.extend(_absent(wanted, findings, subjects or {}))
    if watermark and watermark not in scheme.watermarks:
        refusals.append(f"the scheme takes no link that is watermarked {watermark}")
    if not supports:
        refusals.append("no requirement was shown to be met")
    all_caps = _unique([*_watermark_cap(watermark), *caps, *caps_of_findings(findings)])
    demonstrates = bool(all_caps) or scheme.attestation_kind is AttestationKind.DEMONSTRATION
    if refusals:
        word = DecisionWord.REFUSED
    else:
        word = DecisionWord.DEMONSTRATED if demonstrates else DecisionWord.GRANTED
    return Decision(
        word,
        AttestationKind.DEMONSTRATION if demonstrates else scheme.attestation_kind,
        scheme.scheme_id,
        tuple(refusals or supports),
        tuple(
            _said(f)
            for f in ordered
            if scheme.effect(f) is Effect.LISTED and f.outcome is not Outcome.NOT_APPLICABLE
        ),
        all_caps,
        _coverage(wanted.values(), findings),
        tuple(_said(f) for f in ordered if f.outcome is Outcome.NOT_APPLICABLE),
    )


def _wanted(
    findings: Sequence[Finding], scheme: Scheme, requirements: Sequence[Requirement]
) -> dict[tuple[str, str], Requirement]:
    """Return the requirements by standard and id; refuse findings that belong to none."""
    wanted = {(row.standard_id, row.requirement_id): row for row in requirements}
    if not wanted:
        raise InputError(
            "a decision without requirements would let everything through",
            where=f"scheme {scheme.scheme_id}",
        )
    for finding in findings:
        row = wanted.get((finding.standard_id, finding.requirement_id))
        if row is None or row.criterion.kind is not finding.criterion_kind:
            raise InputError(
                f"the finding on {_named(finding)} belongs to no requirement of the scheme",
                where=f"scheme {scheme.scheme_id}",
                next_step="assess again by the standards that the scheme names",
            )
    return wanted


def caps_of_findings(findings: Iterable[Finding]) -> tuple[Cap, ...]:
    """Return why these findings can carry no more than a DEMONSTRATION.

    Findings that do not apply or rest on no evidence say nothing about figures; an unconfirmed
    row caps whenever it applies.
    """
    applicable = [f for f in findings if f.outcome is not Outcome.NOT_APPLICABLE]
    rows: dict[str, list[str]] = {}
    for finding in applicable:
        if not finding.origin_confirmed:
            rows.setdefault(finding.origin_kind, []).append(finding.requirement_id)
    caps = [
        Cap(
            CapKind.UNCONFIRMED_ROWS,
            f"requirements whose origin is {origin}: {', '.join(dict.fromkeys(ids))}",
        )
        for origin, ids in sorted(rows.items())
    ]
    for kind, provenance in (
        (CapKind.SIMULATED, "simulated"),
        (CapKind.PUBLISHED_ONLY, "published"),
    ):
        items = [
            f"{f.evidence_item} ({f.subject})" for f in applicable if f.provenance == provenance
        ]
        if items:
            caps.append(Cap(kind, f"{provenance}: {', '.join(dict.fromkeys(items))}"))
    memory = [
        f"{f.evidence_item} ({f.subject})"
        for f in applicable
        if any(flag.startswith(MEMORY_FLAG) for flag in f.flags)
    ]
    if memory:
        caps.append(Cap(CapKind.FROM_MEMORY, f"from memory: {', '.join(dict.fromkeys(memory))}"))
    broken = [
        f"{f.evidence_item} ({f.subject})"
        for f in applicable
        if (f.breaks or (f.breaks is None and f.measured_value is not None))
    ]
    if broken:
        items = list(dict.fromkeys(broken))
        caps.append(Cap(CapKind.UNTRACEABLE, f"chain broken or not known: {', '.join(items)}"))
    return tuple(caps)


def _watermark_cap(watermark: str) -> list[Cap]:
    if not watermark:
        return []
    return [Cap(CapKind.SIMULATED, f"the link is watermarked {watermark}")]


def _unique(caps: Iterable[Cap]) -> tuple[Cap, ...]:
    return tuple(dict.fromkeys(caps))


def _named(finding: Finding) -> str:
    about = f" ({finding.subject})" if finding.subject else ""
    return f"{finding.standard_id} {finding.requirement_id}{about}"


def _said(finding: Finding) -> str:
    """Return a finding as one line."""
    side = f" ({finding.guard_side})" if finding.guard_side else ""
    why = f": {'; '.join(finding.reasons)}" if finding.reasons else ""
    return f"{_named(finding)}: {finding.outcome}{side}, {finding.title}{why}"


def _absent(
    wanted: Mapping[tuple[str, str], Requirement],
    findings: Sequence[Finding],
    subjects: Mapping[Scope, Sequence[str]],
) -> list[str]:
    """Return one refusal per requirement, or subject of it, that nobody looked at."""
    seen: dict[tuple[str, str], set[str]] = {}
    away: set[tuple[str, str]] = set()
    for finding in findings:
        key = (finding.standard_id, finding.requirement_id)
        seen.setdefault(key, set()).add(finding.subject)
        if finding.outcome is Outcome.NOT_APPLICABLE:
            away.add(key)
    absent = []
    for key, row in wanted.items():
        name = f"{key[0]} {key[1]}"
        if key not in seen:
            absent.append(f"{name}: not assessed")
        elif key not in away:
            missing = [one for one in subjects.get(row.scope, ()) if one not in seen[key]]
            absent.extend(f"{name} ({one}): not assessed" for one in missing)
    return absent


def _coverage(requirements: Iterable[Requirement], findings: Sequence[Finding]) -> Coverage:
    """Count what was evaluated; a requirement counts only if it was for every subject."""
    evaluated = applicable = not_applicable = 0
    not_covered: list[str] = []
    for row in requirements:
        own = [
            finding
            for finding in findings
            if finding.standard_id == row.standard_id
            and finding.requirement_id == row.requirement_id
        ]
        if own and all(finding.outcome is Outcome.NOT_APPLICABLE for finding in own):
            not_applicable += 1
            continue
        applicable += 1
        open_ones = [finding for finding in own if finding.outcome not in _EVALUATED]
        if own and not open_ones:
            evaluated += 1
        else:
            outcomes = ", ".join(dict.fromkeys(finding.outcome for finding in open_ones))
            not_covered.append(
                f"{row.standard_id} {row.requirement_id}: {row.title} "
                f"({outcomes or 'not assessed'})"
            )
    met = [finding for finding in findings if finding.outcome is Outcome.MET]
    risks = [f.consumer_risk for f in met if f.consumer_risk is not None]
    joint = joint_conformance_lower_bound(1.0 - risk for risk in risks) if risks else None
    return Coverage(
        evaluated,
        applicable,
        not_applicable,
        dict(Counter(finding.outcome.value for finding in findings)),
        dict(Counter(_limit_origin(finding) for finding in met)),
        tuple(not_covered),
        joint,
    )


def _limit_origin(finding: Finding) -> str:
    """Return the family of a limit's origin, for counting."""
    if finding.criterion_kind not in _FIGURES:
        return "no limit"
    if finding.limit_origin.startswith("declared by the applicant"):
        return "declared by the applicant"
    if finding.limit_origin.startswith("default"):
        return "default, nothing declared"
    return "the pack"
