"""Triggers stop accidents; one that is gone or changed is itself a finding."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from stranger import Laboratory


def execute(own: Laboratory, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(own.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("statement", ["UPDATE result SET value = 1", "DELETE FROM finding"])
def test_a_plain_change_is_stopped_by_the_database(own: Laboratory, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        execute(own, statement)


@pytest.mark.parametrize("table", ["result", "ledger_entry", "statement"])
def test_a_dropped_trigger_is_found(own: Laboratory, table: str) -> None:
    execute(own, f"DROP TRIGGER {table}_refuses_update")
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    (one,) = audit.answer["findings"]
    assert one["what"] == f"{table}: the trigger {table}_refuses_update is missing"


def test_a_trigger_that_does_nothing_is_found(own: Laboratory) -> None:
    execute(
        own,
        "DROP TRIGGER result_refuses_delete",
        "CREATE TRIGGER result_refuses_delete BEFORE DELETE ON result BEGIN SELECT 1; END",
    )
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert "the trigger result_refuses_delete was changed" in audit.said


def test_a_schema_edited_in_place_is_found(own: Laboratory) -> None:
    execute(
        own,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'BEFORE', 'AFTER') "
        "WHERE name = 'device_refuses_update'",
        "PRAGMA writable_schema = RESET",
    )
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert "device_refuses_update was changed" in audit.said


def test_a_view_or_table_that_does_not_belong_is_found(own: Laboratory) -> None:
    execute(own, "CREATE TABLE extra (id INTEGER)", "CREATE INDEX odd ON device (notes)")
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert "table extra does not belong" in audit.said
    assert "index odd does not belong" in audit.said
