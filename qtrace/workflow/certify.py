"""Decide under a scheme, seal the statement, record it, hand out the bundle.

Inside: `Certified`, `certify`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace import __version__
from qtrace.certification.case import CaseFile
from qtrace.certification.codec import encode
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.decision import DecisionWord
from qtrace.certification.shipped import scheme_digest
from qtrace.certification.statement import (
    PAYLOAD_DIGEST,
    Bundle,
    DocumentHead,
    statement_of,
    title_of,
)
from qtrace.certification.verification import CERTIFY, check_records, differences
from qtrace.errors import InputError, IntegrityError
from qtrace.exchange.key_files import read_signer
from qtrace.exchange.pack_files import load_rules
from qtrace.ledger.canonical import parse_canonical
from qtrace.ledger.envelope import Envelope, seal
from qtrace.ledger.signing import DocumentKind
from qtrace.metrics.catalogue import functions
from qtrace.registry.findings import DecisionRecord
from qtrace.registry.judgements import refuse_refuted
from qtrace.registry.run_records import load_case
from qtrace.registry.statements import StatementRecord
from qtrace.registry.texts import parse_time
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.workflow.workbench import Workbench

# Actions after which the same run may give other findings, as it should.
CHANGING = frozenset({"register", "calibrate", "withdraw", "recall", "recompute", "retire device"})


@dataclass(frozen=True, slots=True)
class Certified:
    """A decision with its sealed statement and the bundle to hand out."""

    head: DocumentHead
    case: CaseFile
    conclusions: Conclusions
    bundle: Bundle

    @property
    def refused(self) -> bool:
        """Return whether the decision is a refusal."""
        return self.conclusions.decision.word is DecisionWord.REFUSED


def certify(
    workbench: Workbench, link_id: str, *, scheme_id: str, key_name: str, run_id: str = ""
) -> Certified:
    """Decide on an assessed run, in one unit of work.

    Args:
        workbench: Settings and doors.
        link_id: The link.
        scheme_id: The scheme of the assessment.
        key_name: Name of the key that seals the statement; its public part must be on record.
        run_id: A run of the link, the latest where empty.

    Raises:
        InputError: unknown link, run, scheme or key; no assessment of that run under the scheme;
            the run rests on results that were recalled.
        SetupError: the key is not in the folder of keys.
        IntegrityError: the recorded findings are not those that follow now.
    """
    scheme, standards = load_rules(scheme_id)
    signer = read_signer(workbench.keys_folder, key_name)
    with workbench.write(CERTIFY, link_id) as unit:
        unit.statements.key(signer.key.key_id)
        case = load_case(
            unit,
            link_id,
            run_id=run_id,
            scheme=scheme,
            standards=standards,
            coverage_probability=workbench.coverage_probability,
        )
        refuse_refuted(unit, case)
        conclusions = conclude(case, functions())
        assessment = _assessment_of(unit, case, conclusions, asked=scheme_id)
        check_records(case, conclusions, functions())
        decision = conclusions.decision
        head = DocumentHead(
            f"QT-{unit.recorded_at[:4]}-{unit.sequence:05d}",
            decision.attestation_kind,
            title_of(decision.attestation_kind, decision.word),
            parse_time(unit.recorded_at),
            signer.key.person,
            signer.key.organisation,
            f"qtrace {__version__}",
            case.link.watermark,
        )
        envelope = seal(
            DocumentKind.DECISION_STATEMENT, statement_of(head, case, conclusions), signer
        )
        _record(unit, head, case, conclusions, envelope=envelope)
        unit.note(PAYLOAD_DIGEST, envelope.payload_digest)
        unit.note("document", head.number)
        unit.note("assessment", assessment)
    if unit.entry is None:
        raise IntegrityError("the decision has no ledger entry")
    return Certified(head, case, conclusions, Bundle(envelope, signer.key, unit.entry))


def _assessment_of(
    unit: UnitOfWork, case: CaseFile, conclusions: Conclusions, *, asked: str
) -> str:
    """Return the latest assessment of the run by these rules; it must say the same.

    `asked` is the scheme as it was asked for, by id or by path: so it must be asked for again.
    """
    again = f"qtrace assess {case.link.link_id} --scheme {asked}"
    rules = scheme_digest(case.scheme), {one.standard_id: one.digest for one in case.standards}
    notes = [
        parse_canonical(entry.content.encode())
        for entry in unit.ledger.entries(subject=case.link.link_id, action="assess")
    ]
    labels = [
        str(note["assessment"])
        for note in notes
        if note["run"] == case.run.run_id and (note["scheme_digest"], note["standards"]) == rules
    ]
    if not labels:
        raise InputError(
            f"run {case.run.run_id} has not been assessed under {case.scheme.scheme_id} as it "
            "and its standards are now",
            next_step=again,
        )
    label = labels[-1]
    recorded = [dict(one.content) for one in unit.findings.of_assessment(label)]
    found = differences(recorded, encode(conclusions.findings), "findings")
    if found and _changed_since(unit, label):
        raise InputError(
            f"the records changed since {label}: {found[0]}",
            where=label,
            next_step=again,
        )
    if found:
        raise IntegrityError(
            f"the findings of {label} do not follow from the records now: {found[0]}",
            where=label,
            next_step="assess again, then certify; `qtrace audit --all` tells what changed",
        )
    return label


def _record(
    unit: UnitOfWork,
    head: DocumentHead,
    case: CaseFile,
    conclusions: Conclusions,
    *,
    envelope: Envelope,
) -> None:
    """Store decision and statement."""
    decision = conclusions.decision
    unit.findings.add_decision(
        DecisionRecord(
            head.number,
            "link",
            case.link.link_id,
            case.scheme.scheme_id,
            decision.word.value,
            decision.attestation_kind.value,
            encode(decision),
        )
    )
    (sealed,) = envelope.signatures
    unit.statements.add(
        StatementRecord(
            head.number,
            envelope.payload.decode(),
            envelope.payload_type,
            envelope.payload_digest,
            sealed.key_id,
            sealed.value,
        )
    )


def _changed_since(unit: UnitOfWork, label: str) -> bool:
    """Return whether anything was recorded after an assessment that can bear on it."""
    after = False
    for entry in unit.ledger.entries():
        if after and entry.action in CHANGING:
            return True
        note = parse_canonical(entry.content.encode())
        after = after or note.get("assessment") == label
    return False
