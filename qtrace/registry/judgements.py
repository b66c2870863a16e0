"""Judgements on record: issued documents with their standing, and assessments without one.

Inside: `JudgementRecord`, `judgement_records`, `load_judgement`, `statuses`,
`refuse_refuted`, `consequences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.certification.case import AppliedStandard, CaseFile
from qtrace.certification.codec import decode
from qtrace.certification.consequence import Consequence, Judgement, consequence
from qtrace.certification.scheme import Scheme
from qtrace.certification.standing import status_of
from qtrace.errors import InputError
from qtrace.laboratory.event import Withdrawal
from qtrace.ledger.canonical import parse_canonical
from qtrace.metrics.catalogue import functions
from qtrace.registry.recall_plan import RecallPlan
from qtrace.registry.run_records import load_case
from qtrace.registry.statement_bundles import stored_bundle
from qtrace.registry.unit_of_work import ReadSession
from qtrace.uncertainty.network import ancestors

DOCUMENT, ASSESSMENT = "document", "assessment"
# Digest of a scheme to the scheme with its standards as applied.
Rules = Mapping[str, tuple[Scheme, tuple[AppliedStandard, ...]]]


@dataclass(frozen=True, slots=True)
class JudgementRecord:
    """What the records say of a judgement before it is looked into."""

    label: str
    kind: str
    link_id: str
    run_id: str
    scheme_id: str
    scheme_digest: str
    sequence: int
    decided: str = ""
    status: str = ""


def statuses(session: ReadSession) -> dict[str, str]:
    """Return the status of every issued document, derived from its decision events."""
    events: dict[str, list[str]] = {}
    for one in session.recalls.decision_events():
        events.setdefault(one.document_number, []).append(one.word)
    return {
        one.document_number: status_of(one.word, events.get(one.document_number, ()))
        for one in session.findings.decisions()
    }


def judgement_records(session: ReadSession) -> tuple[JudgementRecord, ...]:
    """Return all documents, then of each run and scheme the latest assessment without one."""
    assessed = {
        str(note["assessment"]): (entry, note)
        for entry in session.ledger.entries(action="assess")
        for note in [parse_canonical(entry.content.encode())]
    }
    issued = {
        str(note["document"]): (entry, str(note["assessment"]))
        for entry in session.ledger.entries(action="certify")
        for note in [parse_canonical(entry.content.encode())]
    }
    now = statuses(session)
    found = []
    latest: dict[tuple[str, str], JudgementRecord] = {}
    for decision in session.findings.decisions():
        entry, assessment = issued[decision.document_number]
        note = assessed[assessment][1]
        made = JudgementRecord(
            decision.document_number,
            DOCUMENT,
            decision.subject_id,
            str(note["run"]),
            decision.scheme_id,
            str(note["scheme_digest"]),
            entry.sequence,
            decision.word,
            now[decision.document_number],
        )
        found.append(made)
    decided = {assessment for _, assessment in issued.values()}
    for label, (entry, note) in assessed.items():
        run, digest = str(note["run"]), str(note["scheme_digest"])
        latest[run, digest] = JudgementRecord(
            label, ASSESSMENT, entry.subject, run, str(note["scheme"]), digest, entry.sequence
        )
    found.extend(one for one in latest.values() if one.label not in decided)
    return tuple(found)


def load_judgement(
    session: ReadSession, record: JudgementRecord, rules: Rules, *, coverage_probability: float
) -> Judgement | None:
    """Return a judgement with its case file: of a document the sealed one.

    Returns:
        None for an assessment by a scheme that is not at hand.
    """
    if record.kind == DOCUMENT:
        sealed = stored_bundle(session, record.label).envelope.read_unverified()
        case = decode(CaseFile, sealed["case"])
        return Judgement(record.label, record.kind, case, record.decided, record.status)
    if record.scheme_digest not in rules:
        return None
    scheme, standards = rules[record.scheme_digest]
    case = load_case(
        ReadSession(session.connection, as_of=record.sequence),
        record.link_id,
        run_id=record.run_id,
        scheme=scheme,
        standards=standards,
        coverage_probability=coverage_probability,
    )
    return Judgement(record.label, record.kind, case)


def refuse_refuted(session: ReadSession, case: CaseFile) -> None:
    """Refuse to decide on figures that a confirmed recall showed to be wrong.

    Raises:
        InputError: with the results and the recalls.
    """
    refuted = session.recalls.refuted()
    network = case.dossier.network
    behind = ancestors(network, [one.result_id for one in case.figures])
    labels = [case.dossier.results[one].label for one in behind]
    wrong = [f"{label} ({refuted[label]})" for label in labels if label in refuted]
    if wrong:
        raise InputError(
            f"the run rests on results that were recalled: {', '.join(wrong[:3])}"
            + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""),
            where=f"run {case.run.run_id}",
            next_step="record what is right as a new calibration, evaluate with it what rests on "
            "the old one, recompute the run, assess and certify",
        )


def consequences(
    session: ReadSession,
    plan: RecallPlan,
    recalled: str,
    *,
    runs: frozenset[str],
    rules: Rules,
    withdrawal: Withdrawal | None,
    coverage_probability: float,
) -> tuple[Consequence, ...]:
    """Return what a recall does to every judgement on record.

    Those on runs that rest on what is recalled are drawn again from their case files; of the
    others documents are listed as untouched.

    Args:
        session: An open session.
        plan: The change.
        recalled: Label of the recalled event.
        runs: Runs with results or instruments that rest on it.
        rules: Schemes at hand, for assessments.
        withdrawal: The withdrawal that the records would show, None for none.
        coverage_probability: p of expanded uncertainties, for assessments.
    """
    found = []
    for record in judgement_records(session):
        near = record.run_id in runs
        judgement = None
        if near:
            judgement = load_judgement(
                session, record, rules, coverage_probability=coverage_probability
            )
        if judgement is not None:
            targets = [one.result_id for one in judgement.case.figures]
            changes = plan.bounds(judgement.case.dossier.network, targets)
            found.append(
                consequence(
                    judgement,
                    changes,
                    recalled=recalled,
                    withdrawal=withdrawal,
                    functions=functions(),
                )
            )
        elif near or record.kind == DOCUMENT:
            found.append(_untouched(record, "by rules that are not at hand" if near else ""))
    return tuple(found)


def _untouched(record: JudgementRecord, reason: str) -> Consequence:
    return Consequence(
        record.label,
        record.kind,
        record.link_id,
        record.run_id,
        record.scheme_id,
        touched=False,
        decision_before=record.decided,
        decision_after=record.decided,
        status_before=record.status,
        reason=reason,
    )
