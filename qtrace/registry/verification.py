"""Checks that the rows are those that the ledger speaks of, and the schema that of its migrations.

Inside: `RowFault`, `verify_rows`, `schema_faults`, `file_faults`, `digest_faults`.

Faults are collected, never raised. Whoever rewrites rows and ledger together is found only by
a digest of the ledger that was kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DatabaseError

from qtrace.errors import InputError
from qtrace.registry.columns import METADATA
from qtrace.registry.migration import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    current,
    expected_schema,
    head,
    schema_of,
)
from qtrace.registry.row_digests import row_text, rows_digest, stored_rows
from qtrace.registry.tables import RECORDED

# {sequence: {table: (count, digest)}} as the ledger says, or as the rows are.
_Digests = dict[int, dict[str, tuple[object, object]]]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong; `sequence` is 0 and `table` empty where it belongs to no entry or table."""

    sequence: int
    table: str
    what: str


def verify_rows(connection: Connection) -> list[RowFault]:
    """Check the whole database below the ledger's own chain.

    Args:
        connection: Inside a reading transaction.

    Returns:
        The faults of schema, file and rows; empty when there is none.
    """
    faults: list[RowFault] = []
    driver = connection.connection.driver_connection
    # A text that is no UTF-8 any more is a fault to report, not an error of the driver.
    driver.text_factory = _lenient_text  # type: ignore[union-attr]
    try:
        for check in CHECKS:
            try:
                faults += check(connection)
            except DatabaseError as error:
                faults.append(RowFault(0, "", f"the database cannot be read: {error.orig}"))
    finally:
        driver.text_factory = str  # type: ignore[union-attr]
    return faults


def schema_faults(connection: Connection) -> list[RowFault]:
    """Compare tables, indexes and triggers with what the migrations make."""
    faults = [
        RowFault(0, "", f"the file says {pragma} {found}, wanted {wanted}")
        for pragma, wanted in (
            ("application_id", APPLICATION_ID),
            ("user_version", SCHEMA_VERSION),
        )
        if (found := connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()) != wanted
    ]
    expected, found_schema = dict(expected_schema()), schema_of(connection)
    for name in sorted(expected.keys() | found_schema.keys()):
        if expected.get(name) == found_schema.get(name):
            continue
        if name not in found_schema:
            what = f"the {name} is missing"
        elif name not in expected:
            what = f"the {name} does not belong to the schema"
        else:
            what = f"the {name} was changed"
        faults.append(RowFault(0, _table_of(name), what))
    if "table alembic_version" in found_schema and current(connection) != head():
        faults.append(RowFault(0, "alembic_version", "it names another revision"))
    return faults


def file_faults(connection: Connection) -> list[RowFault]:
    """Let SQLite check the file: pages, indexes, constraints, references."""
    said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    faults = [RowFault(0, "", f"SQLite finds: {line}") for line in said if line != "ok"]
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        if row[2] != "ledger_entry":  # `digest_faults` names the sequence
            what = f"row {row[1]} refers to a row of {row[2]} that is missing"
            faults.append(RowFault(0, str(row[0]), what))
    return faults


def digest_faults(connection: Connection) -> list[RowFault]:
    """Compare the digests in the ledger with the rows, in both directions."""
    promised, faults = _promised(connection)
    found, unreadable = _found(connection)
    faults += unreadable
    skip = {(fault.sequence, fault.table) for fault in unreadable}
    for sequence in sorted(promised.keys() | found.keys(), key=_by_number):
        if sequence not in promised:
            faults += [
                RowFault(sequence, table, "rows name a ledger entry that does not exist")
                for table in sorted(found[sequence])
            ]
            continue
        said, are = promised[sequence], found.get(sequence, {})
        faults += [
            RowFault(sequence, table, what)
            for table in sorted(said.keys() | are.keys())
            if (sequence, table) not in skip
            and (what := _difference(said.get(table), are.get(table)))
        ]
    return faults


def _difference(said: tuple[object, object] | None, are: tuple[object, object] | None) -> str:
    """Return what differs between what the ledger says and what the rows are, empty for nothing."""
    if said == are:
        return ""
    if said is None:
        return "it has rows that the ledger entry does not mention"
    if are is None:
        return "its rows are missing"
    if said[0] != are[0]:
        return f"the ledger entry speaks of {said[0]} rows, there are {are[0]}"
    return "a row was changed after it was recorded"


def _promised(connection: Connection) -> tuple[_Digests, list[RowFault]]:
    promised: _Digests = {}
    faults: list[RowFault] = []
    query = "SELECT sequence, content FROM ledger_entry ORDER BY sequence"
    for sequence, content in connection.exec_driver_sql(query):
        promised[sequence] = {}
        try:
            rows = json.loads(content)["rows"]
            promised[sequence] = {
                str(name): (digest["count"], digest["digest"]) for name, digest in rows.items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            what = "the content of the entry does not say which rows it recorded"
            faults.append(RowFault(sequence, "ledger_entry", what))
    return promised, faults


def _found(connection: Connection) -> tuple[_Digests, list[RowFault]]:
    found: _Digests = {}
    faults: list[RowFault] = []
    present = {
        str(row[0])
        for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    for table in RECORDED:
        if table.name not in present:
            continue  # `schema_faults` names it
        for sequence, texts in _texts_by_entry(connection, table).items():
            bad = [text for text in texts if isinstance(text, InputError)]
            faults += [
                RowFault(sequence, table.name, f"a row cannot be read: {error.what}")
                for error in bad
            ]
            good = [text for text in texts if isinstance(text, str)]
            found.setdefault(sequence, {})[table.name] = (len(texts), rows_digest(good))
    return found, faults


def _texts_by_entry(connection: Connection, table: Table) -> dict[int, list[str | InputError]]:
    """Return the texts of a table's rows by ledger entry, each in order of the primary key."""
    texts: dict[int, list[str | InputError]] = {}
    rows = stored_rows(connection, table)
    for sequence, group in groupby(rows, key=lambda row: row["recorded_in"]):
        texts.setdefault(sequence, []).extend(_text_or_error(row) for row in group)
    return texts


def _text_or_error(row: Mapping[str, object]) -> str | InputError:
    try:
        return row_text(row)
    except InputError as error:
        return error


def _by_number(sequence: int) -> tuple[str, int]:
    # A damaged `recorded_in` may hold a text; types are kept apart so that sorting works.
    return type(sequence).__name__, sequence


def _lenient_text(data: bytes) -> str:
    # Lone surrogates stand for what does not decode; canonical JSON refuses them by row.
    return data.decode("utf-8", "surrogateescape")


def _table_of(name: str) -> str:
    """Return the table that a name such as "trigger device_refuses_update" belongs to."""
    thing = name.partition(" ")[2]
    for prefix in ("ix_", "uq_"):
        thing = thing.removeprefix(prefix)
    tables = [table for table in METADATA.tables if thing == table or thing.startswith(f"{table}_")]
    return max(tables, key=len, default="")


CHECKS: tuple[Callable[[Connection], list[RowFault]], ...] = (
    schema_faults,
    file_faults,
    digest_faults,
)
