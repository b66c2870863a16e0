"""Baselines, and when each was recorded.

Inside: `RecordedBaseline`, `Baselines`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from qtrace.laboratory.baseline import Baseline
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import BASELINE, LEDGER_ENTRY
from qtrace.registry.texts import finite, json_text, parse_json, parse_time


@dataclass(frozen=True, slots=True)
class RecordedBaseline:
    """A baseline and when the ledger took it."""

    baseline: Baseline
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Baselines:
    """Baselines inside one transaction."""

    session: Session

    def add(self, baseline: Baseline, *, document_digest: str = "") -> None:
        """Record a baseline.

        Raises:
            InputError: one of that id is recorded, or a number is not finite.
        """
        where = f"baseline {baseline.baseline_id}"
        query = select(BASELINE).where(BASELINE.c.baseline_id == baseline.baseline_id)
        row = self.session.first(query)
        if row is not None:
            raise already_recorded(
                "baseline",
                baseline.baseline_id,
                recorded_as=f"'{row.title}'",
                next_step="a baseline is not changed: record another one under another id",
            )
        numbers = {
            name: None if number is None else finite(number, where)
            for name, number in (
                ("value", baseline.value),
                ("standard_uncertainty", baseline.standard_uncertainty),
            )
        }
        self.session.add(
            BASELINE,
            {
                "baseline_id": baseline.baseline_id,
                "item": baseline.item,
                "kind": baseline.kind,
                **numbers,
                "better": baseline.better,
                "compares": baseline.compares,
                "title": baseline.title,
                "source": baseline.source,
                "tag": baseline.tag,
                "conditions_json": json_text(dict(baseline.conditions)),
                "result_label": baseline.label,
                "text": baseline.text,
                "bound": baseline.bound,
                "document_digest": document_digest,
            },
        )

    def all(self) -> tuple[RecordedBaseline, ...]:
        """Return all baselines in order of recording."""
        query = (
            select(BASELINE, LEDGER_ENTRY.c.recorded_at)
            .join(LEDGER_ENTRY, LEDGER_ENTRY.c.sequence == BASELINE.c.recorded_in)
            .where(self.session.visible(BASELINE))
            .order_by(BASELINE.c.id)
        )
        return tuple(
            RecordedBaseline(_baseline(row), parse_time(row.recorded_at))
            for row in self.session.all(query)
        )

    def by_id(self, baseline_id: str) -> RecordedBaseline:
        """Return one baseline.

        Raises:
            InputError: it is unknown; close ids are named.
        """
        known = {one.baseline.baseline_id: one for one in self.all()}
        if baseline_id not in known:
            raise not_found(
                "baseline", baseline_id, known, next_step="record it: `qtrace baseline add FILE`"
            )
        return known[baseline_id]


def _baseline(row: Row[Any]) -> Baseline:
    return Baseline(
        row.baseline_id,
        row.item,
        row.kind,
        row.value,
        row.standard_uncertainty,
        row.better,
        row.title,
        row.source,
        row.tag,
        tuple(sorted(parse_json(row.conditions_json).items())),
        row.result_label,
        row.compares,
        row.text,
        bool(row.bound),
    )
