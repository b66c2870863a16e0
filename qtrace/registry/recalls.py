"""Confirmed recalls, and decision events on documents that were issued.

Inside: `RecallRecord`, `DecisionEventRecord`, `Recalls`.
Their content is kept as canonical JSON; the rooms below say what stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from qtrace.registry.lookup import already_recorded
from qtrace.registry.session import Session
from qtrace.registry.tables import DECISION_EVENT, EVENT, RECALL
from qtrace.registry.texts import json_text, parse_json, parse_time, time_text

WITHDRAWN = "withdrawn"  # the cause that doubts no figure


@dataclass(frozen=True, slots=True)
class RecallRecord:
    """A recall of an event: why, what is thought to be right, and all that followed."""

    label: str
    event_label: str
    event_id: int
    cause: str
    reason: str
    correction: Mapping[str, object]
    content: Mapping[str, Any]
    recalled_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionEventRecord:
    """One decision event on a document; `recall` names the recall behind it, if one is."""

    document_number: str
    word: str
    reason: str
    decided_at: datetime
    recall: str = ""
    content: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Recalls:
    """Recalls and decision events inside one transaction."""

    session: Session

    def add(self, record: RecallRecord) -> None:
        """Record a recall.

        Raises:
            InputError: the event was recalled for that cause with that correction already.
        """
        correction = json_text(record.correction)
        query = select(RECALL.c.label).where(
            RECALL.c.event_id == record.event_id,
            RECALL.c.cause == record.cause,
            RECALL.c.correction_json == correction,
        )
        known = self.session.texts(query)
        if known:
            raise already_recorded(
                "the recall of",
                record.event_label,
                recorded_as=f"{known[0]}, for the same cause with the same correction",
                next_step="nothing is left to do; see `qtrace certificate list`",
            )
        self.session.add(
            RECALL,
            {
                "label": record.label,
                "event_id": record.event_id,
                "cause": record.cause,
                "reason": record.reason,
                "correction_json": correction,
                "content_json": json_text(record.content),
                "recalled_at": time_text(record.recalled_at, f"recall {record.label}"),
            },
        )

    def all(self) -> tuple[RecallRecord, ...]:
        """Return all recalls in the order of recording."""
        query = (
            select(RECALL, EVENT.c.label.label("event_label"))
            .join(EVENT, EVENT.c.id == RECALL.c.event_id)
            .where(self.session.visible(RECALL))
            .order_by(RECALL.c.id)
        )
        return tuple(
            RecallRecord(
                row.label,
                row.event_label,
                row.event_id,
                row.cause,
                row.reason,
                parse_json(row.correction_json),
                parse_json(row.content_json),
                parse_time(row.recalled_at),
            )
            for row in self.session.all(query)
        )

    def refuted(self) -> dict[str, str]:
        """Return the labels of results that a recall showed to be wrong, with the recall's label.

        A withdrawal shows no figure to be wrong; a result that was recorded later is another one.
        """
        return {
            str(one["label"]): record.label
            for record in self.all()
            if record.cause != WITHDRAWN
            for one in record.content["results"]
            if one["value_before"] != one["value_after"] or one["u_before"] != one["u_after"]
        }

    def add_decision_event(self, record: DecisionEventRecord) -> None:
        """Record what happens to an issued document; the document itself stays as it is."""
        self.session.add(
            DECISION_EVENT,
            {
                "document_number": record.document_number,
                "recall_label": record.recall or None,
                "word": record.word,
                "reason": record.reason,
                "content_json": json_text(record.content or {}),
                "decided_at": time_text(
                    record.decided_at, f"decision event on {record.document_number}"
                ),
            },
        )

    def decision_events(self, document_number: str = "") -> tuple[DecisionEventRecord, ...]:
        """Return all decision events, or those on one document, in the order of recording."""
        query = (
            select(DECISION_EVENT)
            .where(self.session.visible(DECISION_EVENT))
            .order_by(DECISION_EVENT.c.id)
        )
        if document_number:
            query = query.where(DECISION_EVENT.c.document_number == document_number)
        return tuple(
            DecisionEventRecord(
                row.document_number,
                row.word,
                row.reason,
                parse_time(row.decided_at),
                row.recall_label or "",
                parse_json(row.content_json),
            )
            for row in self.session.all(query)
        )
