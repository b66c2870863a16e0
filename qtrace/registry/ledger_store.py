"""The ledger in the database: entries in order, the head, the sequence at a time.

Inside: `LedgerStore`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select

from qtrace.errors import InputError
from qtrace.ledger.entry import Entry
from qtrace.registry.session import Session
from qtrace.registry.tables import LEDGER_ENTRY
from qtrace.registry.texts import time_text

_COLUMNS = (
    "sequence",
    "recorded_at",
    "actor",
    "action",
    "subject",
    "content",
    "previous",
    "digest",
)


@dataclass(frozen=True, slots=True)
class LedgerStore:
    """Reads and appends ledger entries inside one transaction."""

    session: Session

    def head(self) -> Entry | None:
        """Return the last entry, or None while the ledger is empty."""
        query = select(LEDGER_ENTRY).order_by(LEDGER_ENTRY.c.sequence.desc()).limit(1)
        if self.session.as_of is not None:
            query = query.where(LEDGER_ENTRY.c.sequence <= self.session.as_of)
        row = self.session.first(query)
        return None if row is None else _entry(row)

    def entries(self, *, subject: str = "", action: str = "") -> tuple[Entry, ...]:
        """Return all entries in order, or those about a subject or of an action."""
        query = select(LEDGER_ENTRY).order_by(LEDGER_ENTRY.c.sequence)
        if self.session.as_of is not None:
            query = query.where(LEDGER_ENTRY.c.sequence <= self.session.as_of)
        if subject:
            query = query.where(LEDGER_ENTRY.c.subject == subject)
        if action:
            query = query.where(LEDGER_ENTRY.c.action == action)
        return tuple(_entry(row) for row in self.session.all(query))

    def entry(self, sequence: int) -> Entry:
        """Return one entry.

        Raises:
            InputError: There is no entry of that sequence.
        """
        row = self.session.first(select(LEDGER_ENTRY).where(LEDGER_ENTRY.c.sequence == sequence))
        if row is None:
            raise InputError(
                f"the ledger has no entry {sequence}", next_step="list it: `qtrace ledger show`"
            )
        return _entry(row)

    def sequence_at(self, moment: datetime) -> int:
        """Return the greatest sequence recorded at or before a time, 0 where there is none.

        The sequence decides what was known, so a clock that was set back cannot hide rows.
        """
        text = time_text(moment, "as-of date")
        query = select(func.max(LEDGER_ENTRY.c.sequence)).where(LEDGER_ENTRY.c.recorded_at <= text)
        row = self.session.first(query)
        return int(row[0]) if row is not None and row[0] is not None else 0

    def append(self, entry: Entry) -> None:
        """Append an entry; the unit of work alone calls this."""
        values = {name: getattr(entry, name) for name in _COLUMNS}
        self.session.connection.execute(insert(LEDGER_ENTRY), values)


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(**{name: row._mapping[name] for name in _COLUMNS})
