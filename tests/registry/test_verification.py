# ruff: noqa: S608 - statements are built from the names of our own tables
"""A registry that was changed behind its ledger's back: the table and the entry are named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtrace.registry.tables import RECORDED
from qtrace.registry.verification import RowFault, verify_rows

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World

COLUMNS = [
    (table.name, column.name)
    for table in RECORDED
    for column in table.columns
    if column.name != "recorded_in"
]


def faults_of(world: World) -> list[RowFault]:
    with world.database.read() as reader:
        return verify_rows(reader.connection)


def test_an_untouched_registry_has_no_fault(world: World, full_world: World) -> None:
    assert faults_of(world) == []
    assert faults_of(full_world) == []


def last_sequence(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT max(recorded_in) FROM {table}").fetchone()[0]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_a_change_of_any_column_is_found_and_its_entry_named(
    full_world: World, tamper: Tamper, table: str, column: str
) -> None:
    sequence = last_sequence(full_world.path, table)
    new = {
        "INTEGER": f"coalesce({column}, 0) + 1000",
        "BOOLEAN": f"{column} + 1",
        "DOUBLE": f"coalesce({column}, 0) + 1e-9",
        "BLOB": "x'00'",
        "TEXT": f"coalesce({column}, '') || '9'",
    }
    kind = next(str(item.columns[column].type) for item in RECORDED if item.name == table)
    key = "rowid" if table not in {"argument", "block_member"} else "position"
    tamper(
        full_world.path,
        table,
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE {table} SET {column} = {new[kind]} WHERE {key} = (SELECT max({key}) FROM {table})",
    )
    assert RowFault(sequence, table, "a row was changed after it was recorded") in faults_of(
        full_world
    )


@pytest.mark.parametrize("table", [table.name for table in RECORDED])
def test_removed_rows_are_found(full_world: World, tamper: Tamper, table: str) -> None:
    sequence = last_sequence(full_world.path, table)
    tamper(full_world.path, table, f"DELETE FROM {table} WHERE recorded_in = {sequence}")
    assert RowFault(sequence, table, "its rows are missing") in faults_of(full_world)


def test_one_row_of_several_removed_is_found(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "device", "DELETE FROM device WHERE device_id = 'D2'")
    what = "the ledger entry speaks of 3 rows, there are 2"
    assert RowFault(1, "device", what) in faults_of(full_world)


def test_an_added_row_is_found(full_world: World, tamper: Tamper) -> None:
    """Triggers allow a new key: an insertion by hand needs no trigger dropped."""
    insert = "INSERT INTO model VALUES (99, 'linear', 'x', 'y', {})"
    tamper(full_world.path, "model", insert.format(1))
    assert faults_of(full_world) == [
        RowFault(1, "model", "it has rows that the ledger entry does not mention")
    ]


def test_a_row_of_an_entry_that_does_not_exist_is_found(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "model", "INSERT INTO model VALUES (99, 'linear', 'x', 'y', 77)")
    assert faults_of(full_world) == [
        RowFault(77, "model", "rows name a ledger entry that does not exist")
    ]


def test_a_row_moved_to_another_entry_is_found_at_both(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "withdrawal", "UPDATE withdrawal SET recorded_in = 4")
    assert {(fault.sequence, fault.table) for fault in faults_of(full_world)} == {
        (4, "withdrawal"),
        (5, "withdrawal"),
    }


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE device SET notes = CAST(x'ff' AS TEXT) WHERE device_id = 'D1'", "cannot be read"),
        ("UPDATE device SET notes = 'a' || char(7) WHERE device_id = 'D1'", "cannot be read"),
        ("UPDATE device SET notes = x'6e6577' WHERE device_id = 'D1'", "was changed"),
        ("UPDATE device SET notes = 5 WHERE device_id = 'D1'", "was changed"),
    ],
)
def test_a_value_of_another_type_is_a_fault_and_no_crash(
    full_world: World, tamper: Tamper, statement: str, message: str
) -> None:
    tamper(full_world.path, "device", statement)
    (fault,) = faults_of(full_world)
    assert (fault.sequence, fault.table) == (1, "device")
    assert message in fault.what


def test_a_binary_value_does_not_pass_for_its_hexadecimal_text(
    full_world: World, tamper: Tamper
) -> None:
    digest = "cd" * 32
    tamper(full_world.path, "statement", f"UPDATE statement SET payload_digest = x'{digest}'")
    assert faults_of(full_world) == [
        RowFault(5, "statement", "a row was changed after it was recorded")
    ]


def test_an_infinite_value_is_a_fault_and_no_crash(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "result", "UPDATE result SET value = 9e999 WHERE id = 1")
    (fault,) = faults_of(full_world)
    assert (fault.sequence, fault.table) == (3, "result")


def test_a_text_as_sequence_is_a_fault_and_no_crash(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "model", "UPDATE model SET recorded_in = 'three' WHERE id = 1")
    assert {(fault.sequence, fault.table) for fault in faults_of(full_world)} >= {
        ("three", "model"),
        (3, "model"),
    }


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"rows":5}', '{"rows":{"device":5}}'])
def test_an_entry_that_no_longer_says_its_rows_is_named(
    full_world: World, tamper: Tamper, content: str
) -> None:
    tamper(
        full_world.path,
        "ledger_entry",
        f"UPDATE ledger_entry SET content = '{content}' WHERE sequence = 2",
    )
    faults = faults_of(full_world)
    assert any(fault.sequence == 2 and fault.table == "ledger_entry" for fault in faults)
    assert {fault.sequence for fault in faults} == {2}


@pytest.mark.parametrize(
    ("statement", "table", "what"),
    [
        (
            "DROP TRIGGER result_refuses_update",
            "result",
            "the trigger result_refuses_update is missing",
        ),
        ("DROP TABLE finding", "finding", "the table finding is missing"),
        (
            "DROP INDEX ix_result_measurand_id",
            "result",
            "the index ix_result_measurand_id is missing",
        ),
        ("ALTER TABLE run ADD COLUMN secret TEXT", "run", "the table run was changed"),
        ("CREATE TABLE diary (day TEXT)", "", "the table diary does not belong to the schema"),
        (
            "CREATE TRIGGER device_status_x AFTER INSERT ON device BEGIN SELECT 1; END",
            "device_status",
            "the trigger device_status_x does not belong to the schema",
        ),
        (
            "UPDATE alembic_version SET version_num = '0000'",
            "alembic_version",
            "it names another revision",
        ),
        ("PRAGMA user_version = 8", "", "the file says user_version 8, wanted 7"),
    ],
)
def test_a_changed_schema_is_a_fault(
    full_world: World, statement: str, table: str, what: str
) -> None:
    with closing(sqlite3.connect(full_world.path, isolation_level=None)) as connection:
        connection.execute(statement)
    assert RowFault(0, table, what) in faults_of(full_world)


def test_a_row_without_its_parent_is_a_fault(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "device_class", "DELETE FROM device_class")
    faults = faults_of(full_world)
    what = "row 1 refers to a row of device_class that is missing"
    assert RowFault(0, "device", what) in faults
    assert RowFault(1, "device_class", "its rows are missing") in faults


def test_a_value_that_the_schema_forbids_is_found_by_sqlite(
    full_world: World, tamper: Tamper
) -> None:
    tamper(
        full_world.path,
        "result",
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE result SET standard_uncertainty = -1 WHERE id = 1",
    )
    faults = faults_of(full_world)
    assert RowFault(0, "", "SQLite finds: CHECK constraint failed in result") in faults
    assert RowFault(3, "result", "a row was changed after it was recorded") in faults


@pytest.mark.parametrize("name", ["ix_result_measurand_id", "device"])
def test_a_broken_page_is_a_fault_and_no_crash(full_world: World, name: str) -> None:
    """The root page of an index or a table is overwritten."""
    with closing(sqlite3.connect(full_world.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()
    data = bytearray(full_world.path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xaa" * size
    full_world.path.write_bytes(data)
    assert any("cannot be read" in fault.what for fault in faults_of(full_world))


def test_checking_leaves_the_connection_as_it_was(full_world: World) -> None:
    with full_world.database.read() as reader:
        verify_rows(reader.connection)
        assert reader.devices.by_id("D1").notes == "new"
        assert reader.connection.connection.driver_connection.text_factory is str
