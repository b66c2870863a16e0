"""Schemes: which standards count, by which rule, and what each outcome does to the decision.

Inside: `AttestationKind`, `Effect`, `LATER_KINDS`, `Scheme`, `scheme_from_dict`,
`scheme_requirements`, `unanswered_kinds`, `scheme_faults`.
Source: ISO/IEC 17067:2013 (what a scheme is); ISO/IEC 17000:2020 (attestation, declaration,
certification).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.quantity.value import in_unit
from qtrace.standards.context import LimitBounds
from qtrace.standards.decision_rule import DECISION_RULES, DecisionRule
from qtrace.standards.finding import OUTCOME_CELLS, Finding
from qtrace.standards.pack import StandardPack, select_pack
from qtrace.standards.reading import TableReader, Where
from qtrace.standards.requirement import CriterionKind, Requirement


class AttestationKind(StrEnum):
    """What kind of statement a document is."""

    CALIBRATION_CERTIFICATE = "calibration_certificate"  # ISO/IEC 17025
    DECLARATION = "declaration"  # first party
    EVALUATION_REPORT = "evaluation_report"  # what was found, no decision
    CERTIFICATION = "certification"  # third party, under a scheme
    DEMONSTRATION = "DEMONSTRATION"  # shows how it works; proves nothing about a product


class Effect(StrEnum):
    """What an outcome does to the decision."""

    SUPPORTS = "supports"
    LISTED = "listed"  # printed as a condition, decides nothing
    REFUSES = "refuses"


# Kinds that came after the first schemes: a scheme answers for all their outcomes or for none,
# and where it answers for none it cannot judge by a standard that has them.
LATER_KINDS = frozenset({CriterionKind.MASK})

# Decisions are made for these two kinds only; the others have no GRANTED to give.
_DECIDED = frozenset({AttestationKind.CERTIFICATION, AttestationKind.DEMONSTRATION})


@dataclass(frozen=True, slots=True)
class Scheme:
    """The rules of a decision, fixed before anything is measured.

    `effects` answers for every pair of criterion kind and outcome; for kinds that came later only
    where the scheme judges by them. `bounds` are floors and
    ceilings of declared limits. `watermarks` are those that the scheme takes; a watermarked
    link is never more than a DEMONSTRATION.
    """

    scheme_id: str
    title: str
    edition: str
    attestation_kind: AttestationKind
    standards: tuple[str, ...]
    rule: DecisionRule
    effects: Mapping[tuple[CriterionKind, str], Effect]
    bounds: Mapping[str, LimitBounds] = field(default_factory=dict)
    watermarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def effect(self, finding: Finding) -> Effect:
        """Return what a finding does to the decision; what no cell answers for refuses."""
        return self.effects.get((finding.criterion_kind, finding.cell), Effect.REFUSES)

    def answers_for(self, kind: CriterionKind) -> bool:
        """Return whether the truth table has cells for a kind of criterion."""
        return any(one is kind for one, _ in self.effects)


def scheme_from_dict(data: Mapping[str, object], *, where: Where) -> Scheme:
    """Build a scheme from the table of a file; its truth table must be total and sound.

    Args:
        data: Tables `scheme`, `effects` and, if limits are bounded, `bounds`.
        where: Turns a field path into "file, line, field".

    Raises:
        InputError: a cell of the truth table is missing or unsound, or a field is wrong.
    """
    top = TableReader(data, where)
    head = top.inner("scheme")
    kind = head.choice("attestation_kind", AttestationKind)
    if kind not in _DECIDED:
        raise head.error(
            "attestation_kind",
            f"a scheme does not decide about a {kind}",
            next_step=f"one of: {', '.join(sorted(_DECIDED))}",
        )
    rule = head.text("rule")
    if rule not in DECISION_RULES:
        raise head.error(
            "rule", f"the decision rule {rule!r} is unknown", next_step=", ".join(DECISION_RULES)
        )
    scheme = Scheme(
        head.text("id"),
        head.text("title"),
        head.text("edition"),
        kind,
        head.texts("standards", required=True),
        DECISION_RULES[rule],
        MappingProxyType(_effects(top.inner("effects"), kind)),
        bounds=MappingProxyType(_bounds(top)),
        watermarks=head.texts("watermarks"),
        notes=head.texts("notes"),
    )
    head.finish()
    top.finish()
    return scheme


def scheme_requirements(
    scheme: Scheme, packs: Iterable[StandardPack]
) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    """Return the requirements that a scheme judges by, and warnings about editions.

    Raises:
        InputError: a standard has no pack, or the scheme comes to no requirement at all.
    """
    known = tuple(packs)
    requirements: list[Requirement] = []
    warnings: list[str] = []
    for name in scheme.standards:
        try:
            selected = select_pack(known, name)
        except InputError as error:
            raise error.located(f"scheme {scheme.scheme_id}") from error
        requirements.extend(selected.pack.requirements)
        warnings.extend(selected.warnings)
    if not requirements:
        raise InputError(
            "a scheme without requirements would let everything through",
            where=f"scheme {scheme.scheme_id}",
            next_step="name a standard that has requirements",
        )
    if unanswered := unanswered_kinds(scheme, requirements):
        raise InputError(
            f"the truth table does not answer for: {', '.join(unanswered)}",
            where=f"scheme {scheme.scheme_id}",
            next_step=f"add a table [effects.{unanswered[0]}]",
        )
    return tuple(dict.fromkeys(requirements)), tuple(warnings)


def unanswered_kinds(scheme: Scheme, requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Return the kinds of criterion that requirements have and the truth table has not."""
    kinds = dict.fromkeys(row.criterion.kind for row in requirements)
    return tuple(kind.value for kind in kinds if not scheme.answers_for(kind))


def scheme_faults(scheme: Scheme) -> list[str]:
    """Return why a scheme that came in a document is none: the checks of a file, once more."""
    faults = []
    if scheme.attestation_kind not in _DECIDED:
        faults.append(f"a scheme does not decide about a {scheme.attestation_kind}")
    if scheme.rule != DECISION_RULES.get(scheme.rule.rule_id):
        faults.append(f"the decision rule {scheme.rule.rule_id!r} is not the one of that name")
    for criterion in CriterionKind:
        if criterion in LATER_KINDS and not scheme.answers_for(criterion):
            continue
        for cell in OUTCOME_CELLS:
            effect = scheme.effects.get((criterion, cell))
            if effect is None:
                faults.append(f"the truth table does not answer for {criterion}.{cell}")
            elif why := _unsound(effect, cell, scheme.attestation_kind):
                faults.append(f"{criterion}.{cell}: {why}")
    faults.extend(
        f"floor and ceiling of {name} bound nothing"
        for name, bounds in scheme.bounds.items()
        if not bounds.floor <= bounds.ceiling
    )
    return faults


def _unsound(effect: Effect, cell: str, kind: AttestationKind) -> str:
    """Return why a cell would let a failure or an absence pass, empty where it does not."""
    if effect is Effect.SUPPORTS and cell != "met":
        return f"the outcome {cell} cannot support a decision"
    certifies = kind is AttestationKind.CERTIFICATION
    if certifies and cell not in {"met", "not_applicable"} and effect is not Effect.REFUSES:
        return f"a certification cannot stand on a requirement that is {cell}"
    return ""


def _effects(table: TableReader, kind: AttestationKind) -> dict[tuple[CriterionKind, str], Effect]:
    """Read the truth table; all missing cells are named at once."""
    effects: dict[tuple[CriterionKind, str], Effect] = {}
    missing: list[str] = []
    for criterion in CriterionKind:
        if criterion.value not in table.table:
            if criterion in LATER_KINDS:
                continue
            missing.extend(f"{criterion}.{cell}" for cell in OUTCOME_CELLS)
            continue
        row = table.inner(criterion.value)
        for cell in OUTCOME_CELLS:
            if cell not in row.table:
                missing.append(f"{criterion}.{cell}")
                continue
            effects[criterion, cell] = _sound(row, cell, kind)
        row.finish()
    if missing:
        raise table.error(
            "",
            f"the truth table does not answer for: {', '.join(missing)}",
            next_step="give each cell one of: supports, listed, refuses",
        )
    table.finish(allowed=[criterion.value for criterion in CriterionKind])
    return effects


def _sound(row: TableReader, cell: str, kind: AttestationKind) -> Effect:
    """Read one cell and refuse what would let a failure or an absence pass."""
    effect = row.choice(cell, Effect)
    if why := _unsound(effect, cell, kind):
        next_step = (
            "only what is met supports"
            if effect is Effect.SUPPORTS
            else "let it refuse, or make the scheme one of DEMONSTRATION"
        )
        raise row.error(cell, why, next_step=next_step)
    return effect


def _bounds(top: TableReader) -> dict[str, LimitBounds]:
    """Read floors and ceilings of declared limits."""
    if "bounds" not in top.table:
        return {}
    table = top.inner("bounds")
    bounds: dict[str, LimitBounds] = {}
    for name in table.table:
        row = table.inner(name)
        floor, ceiling = row.quantity("floor"), row.quantity("ceiling")
        if floor is None or ceiling is None:
            raise row.error("", f"the bounds of {name!r} want a floor and a ceiling")
        if floor.unit.dimension != ceiling.unit.dimension or floor.si > ceiling.si:
            raise row.error(
                "ceiling", f"floor {floor.text!r} and ceiling {ceiling.text!r} bound nothing"
            )
        unit = ceiling.unit
        bounds[name] = LimitBounds(
            in_unit(floor.si, unit), in_unit(ceiling.si, unit), unit.code, row.text("source")
        )
        row.finish()
    return bounds
