"""One transaction as repositories see it: what is visible, and how rows are added.

Inside: `Session`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, insert, true


@dataclass(frozen=True, slots=True)
class Session:
    """A connection inside a transaction, with the bounds of what may be seen or written.

    `as_of` hides rows of later ledger entries. `sequence` is the ledger entry being written,
    0 in a reading session. `touched` collects the tables that got rows.
    """

    connection: Connection
    as_of: int | None = None
    sequence: int = 0
    touched: set[str] = field(default_factory=set)

    def visible(self, table: Table) -> ColumnElement[bool]:
        """Return the condition under which a row of the table may be seen."""
        if self.as_of is None:
            return true()
        return table.c.recorded_in <= self.as_of

    def all(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """Return all rows of a query; the query orders them."""
        return self.connection.execute(statement).all()

    def first(self, statement: Select[Any]) -> Row[Any] | None:
        """Return the first row of a query, or None."""
        return self.connection.execute(statement).first()

    def texts(self, statement: Select[Any]) -> tuple[str, ...]:
        """Return the first column of a query as texts."""
        return tuple(str(row[0]) for row in self.all(statement))

    def add(self, table: Table, values: Mapping[str, object]) -> int:
        """Insert one row of this ledger entry; return its id.

        Raises:
            RuntimeError: The session was opened for reading (a fault of the program).
        """
        self._prepare(table)
        result = self.connection.execute(insert(table), {**values, "recorded_in": self.sequence})
        key = result.inserted_primary_key
        return int(key[0]) if key is not None else 0

    def add_all(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert many rows of this ledger entry at once.

        Raises:
            RuntimeError: The session was opened for reading (a fault of the program).
        """
        self._prepare(table)
        if rows:
            values = [{**row, "recorded_in": self.sequence} for row in rows]
            self.connection.execute(insert(table), values)

    def _prepare(self, table: Table) -> None:
        if not self.sequence:
            raise RuntimeError(f"a reading session cannot write to {table.name}")
        self.touched.add(table.name)
