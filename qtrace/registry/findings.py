"""Findings of assessments and decisions on documents, as recorded.

Inside: `FindingRecord`, `DecisionRecord`, `Findings`.
Their content is kept as canonical JSON; the rooms below say what stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from qtrace.errors import InputError
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import DECISION, FINDING
from qtrace.registry.texts import json_text, parse_json


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One finding of an assessment; `subject_kind` is 'link', 'device' and the like."""

    assessment: str
    subject_kind: str
    subject_id: str
    standard_id: str
    scheme_id: str
    requirement_id: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision on a subject under a scheme, with the number of its document."""

    document_number: str
    subject_kind: str
    subject_id: str
    scheme_id: str
    word: str
    attestation_kind: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings and decisions inside one transaction."""

    session: Session

    def add(self, assessment: str, records: Sequence[FindingRecord]) -> None:
        """Record all findings of one assessment, in their order.

        Args:
            assessment: Label that is not taken.
            records: Findings of that assessment.

        Raises:
            InputError: The label is taken; a finding belongs to another assessment; there
                are no findings.
        """
        if assessment in self.assessments():
            raise already_recorded(
                "assessment",
                assessment,
                recorded_as="an assessment with findings",
                next_step="give the new assessment its own label",
            )
        if not records or any(record.assessment != assessment for record in records):
            raise InputError(
                "an assessment is recorded with its own findings, all at once",
                where=f"assessment {assessment}",
                next_step="assess against a standard that has requirements",
            )
        rows = [
            {
                "assessment": record.assessment,
                "subject_kind": record.subject_kind,
                "subject_id": record.subject_id,
                "standard_id": record.standard_id,
                "scheme_id": record.scheme_id,
                "requirement_id": record.requirement_id,
                "position": position,
                "content_json": json_text(record.content),
            }
            for position, record in enumerate(records, start=1)
        ]
        self.session.add_all(FINDING, rows)

    def assessments(self) -> tuple[str, ...]:
        """Return the labels of all assessments in the order of recording."""
        query = (
            select(FINDING.c.assessment)
            .where(self.session.visible(FINDING), FINDING.c.position == 1)
            .order_by(FINDING.c.id)
        )
        return self.session.texts(query)

    def of_assessment(self, assessment: str) -> tuple[FindingRecord, ...]:
        """Return the findings of one assessment in their order.

        Raises:
            InputError: The assessment is unknown; close labels are named.
        """
        found = self._findings(FINDING.c.assessment == assessment)
        if not found:
            raise not_found(
                "assessment",
                assessment,
                self.assessments(),
                next_step="make one: `qtrace assess LINK --standard ID`",
            )
        return found

    def of_subject(self, subject_kind: str, subject_id: str) -> tuple[FindingRecord, ...]:
        """Return all findings on a subject in the order of recording."""
        return self._findings(
            FINDING.c.subject_kind == subject_kind, FINDING.c.subject_id == subject_id
        )

    def add_decision(self, record: DecisionRecord) -> None:
        """Record a decision.

        Raises:
            InputError: The document number is taken.
        """
        query = select(DECISION).where(DECISION.c.document_number == record.document_number)
        row = self.session.first(query)
        if row is not None:
            raise already_recorded(
                "document",
                record.document_number,
                recorded_as=f"{row.word} for {row.subject_kind} {row.subject_id}",
                next_step="give the new document its own number",
            )
        self.session.add(
            DECISION,
            {
                "document_number": record.document_number,
                "subject_kind": record.subject_kind,
                "subject_id": record.subject_id,
                "scheme_id": record.scheme_id,
                "word": record.word,
                "attestation_kind": record.attestation_kind,
                "content_json": json_text(record.content),
            },
        )

    def decision(self, document_number: str) -> DecisionRecord:
        """Return the decision behind a document.

        Raises:
            InputError: The number is unknown; close ones are named.
        """
        known = {record.document_number: record for record in self.decisions()}
        if document_number not in known:
            raise not_found(
                "decision", document_number, known, next_step="list: `qtrace certificate list`"
            )
        return known[document_number]

    def decisions(self, *, subject_id: str = "") -> tuple[DecisionRecord, ...]:
        """Return all decisions, or those on one subject, in the order of recording."""
        query = select(DECISION).where(self.session.visible(DECISION)).order_by(DECISION.c.id)
        if subject_id:
            query = query.where(DECISION.c.subject_id == subject_id)
        return tuple(_decision(row) for row in self.session.all(query))

    def _findings(self, *conditions: ColumnElement[bool]) -> tuple[FindingRecord, ...]:
        query = (
            select(FINDING).where(self.session.visible(FINDING), *conditions).order_by(FINDING.c.id)
        )
        return tuple(_finding(row) for row in self.session.all(query))


def _finding(row: Row[Any]) -> FindingRecord:
    return FindingRecord(
        row.assessment,
        row.subject_kind,
        row.subject_id,
        row.standard_id,
        row.scheme_id,
        row.requirement_id,
        parse_json(row.content_json),
    )


def _decision(row: Row[Any]) -> DecisionRecord:
    return DecisionRecord(
        row.document_number,
        row.subject_kind,
        row.subject_id,
        row.scheme_id,
        row.word,
        row.attestation_kind,
        parse_json(row.content_json),
    )
