"""Digests of the rows that one ledger entry wrote.

Inside: `row_text`, `rows_digest`, `stored_rows`, `digests_of`.

A row is canonical JSON of all its columns, in the order of the primary key; a binary value
stands as {"blob": hex}, so that it cannot pass for a text. Rows are joined by line feeds and
hashed under the domain "rows". What was stored is read back and hashed, not what was sent.
A column that a later migration added is left out where it holds its default, so that rows from
before keep the digests that the ledger has of them; any other content is part of the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, DefaultClause, Table

from qtrace.ledger.canonical import canonical_bytes
from qtrace.ledger.digest import digest_hex
from qtrace.registry.columns import METADATA


def row_text(row: Mapping[str, object]) -> str:
    """Return the canonical text of one stored row.

    Raises:
        InputError: The row holds what canonical JSON cannot.
    """
    plain = {
        str(name): {"blob": value.hex()} if isinstance(value, bytes) else value
        for name, value in row.items()
    }
    return canonical_bytes(plain, allow_floats=True).decode("utf-8")


def rows_digest(texts: Iterable[str]) -> str:
    """Return the digest of the rows of one table in one entry, in order of the primary key."""
    return digest_hex("rows", "\n".join(texts).encode("utf-8"))


def stored_rows(
    connection: Connection, table: Table, sequence: int | None = None
) -> Iterator[Mapping[str, object]]:
    """Return the rows of a table as the driver reads them, ordered by the primary key.

    A column added later is missing from the rows that hold its default.

    Args:
        connection: Inside a transaction.
        table: Any table of `RECORDED`.
        sequence: Only the rows of this ledger entry, where given.
    """
    # No SQLAlchemy types: they would read a flag of 7 as true and hide that it was changed.
    columns = ", ".join(column.name for column in table.columns)
    order = ", ".join(column.name for column in table.primary_key.columns)
    where = "" if sequence is None else f" WHERE recorded_in = {sequence:d}"
    query = f"SELECT {columns} FROM {table.name}{where} ORDER BY {order}"  # noqa: S608 - our names
    defaults = _later_defaults(table)
    for row in connection.exec_driver_sql(query).mappings():
        yield {
            str(name): value
            for name, value in row.items()
            if name not in defaults or value != defaults[name]
        }


def _later_defaults(table: Table) -> dict[str, str]:
    """Return the defaults of the columns that later migrations added."""
    return {
        column.name: str(column.server_default.arg)
        for column in table.columns
        if isinstance(column.server_default, DefaultClause)
    }


def digests_of(
    connection: Connection, sequence: int, *, tables: Iterable[str]
) -> dict[str, dict[str, object]]:
    """Return {table: {"count", "digest"}} of the rows that a ledger entry wrote.

    Args:
        connection: Inside the transaction that wrote the rows.
        sequence: Sequence of the entry.
        tables: Names of the tables that got rows.
    """
    digests: dict[str, dict[str, object]] = {}
    for name in sorted(tables):
        rows = stored_rows(connection, METADATA.tables[name], sequence)
        texts = [row_text(row) for row in rows]
        if texts:
            digests[name] = {"count": len(texts), "digest": rows_digest(texts)}
    return digests
