# ruff: noqa: S608 - statements are built from the names of our own tables
from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from qtrace.registry.migration import expected_schema, head, schema_of
from qtrace.registry.tables import APPEND_ONLY, METADATA, unique_keys
from qtrace.registry.triggers import trigger_statements

GOLDEN = Path(__file__).with_name("golden_schema.sql")

if TYPE_CHECKING:
    from tests.registry.conftest import World


@pytest.fixture
def file(full_world: World) -> Iterator[sqlite3.Connection]:
    """The file of a full registry, opened by a stranger without any of our settings."""
    with closing(sqlite3.connect(full_world.path, isolation_level=None)) as connection:
        yield connection


def test_migrations_make_the_golden_schema() -> None:
    """Renew it with tests/registry/renew_golden_schema.py and read the difference."""
    made = "".join(f"{statement};\n" for _, statement in expected_schema())
    assert made == GOLDEN.read_text(encoding="utf-8")


def test_a_new_database_has_the_golden_schema(world: World) -> None:
    with world.database.read() as reader:
        found = schema_of(reader.connection)
        revision = reader.connection.exec_driver_sql("SELECT * FROM alembic_version").scalar_one()
    assert "".join(f"{statement};\n" for statement in found.values()) == GOLDEN.read_text()
    assert revision == head() == "0007"


def test_tables_in_python_are_those_of_the_migrations() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for table in APPEND_ONLY:
            for statement in trigger_statements(table.name, unique_keys(table)):
                connection.exec_driver_sql(statement)
        made = schema_of(connection)
    engine.dispose()
    migrated = dict(expected_schema())
    del migrated["table alembic_version"]
    # The order of constraints inside CREATE TABLE carries no meaning and differs.
    assert {key: clauses(sql) for key, sql in made.items()} == {
        key: clauses(sql) for key, sql in migrated.items()
    }


def clauses(sql: str) -> list[str]:
    return sorted(re.split(r", (?=CONSTRAINT)| (?=\) WITHOUT ROWID$)| (?=\)$)", sql))


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
@pytest.mark.parametrize("recursive_triggers", ["ON", "OFF"])
def test_every_table_is_append_only(
    file: sqlite3.Connection, table: str, recursive_triggers: str
) -> None:
    file.execute(f"PRAGMA recursive_triggers = {recursive_triggers}")
    before = file.execute(f"SELECT * FROM {table}").fetchall()
    assert before, "a table without rows would prove nothing"
    column = file.execute(f"PRAGMA table_info({table})").fetchall()[-1][1]
    for statement, message in (
        (f"UPDATE {table} SET {column} = {column}", "UPDATE refused"),
        (f"DELETE FROM {table}", "DELETE refused"),
        (f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", "this key is recorded"),
        (f"INSERT OR IGNORE INTO {table} SELECT * FROM {table}", "this key is recorded"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only: {message}"):
            file.execute(statement)
    assert file.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.parametrize(
    ("table", "key"),
    [(table.name, key) for table in APPEND_ONLY for key in unique_keys(table)[1:]],
    ids=str,
)
def test_a_unique_key_is_not_replaced_under_a_new_id(
    file: sqlite3.Connection, table: str, key: str
) -> None:
    """INSERT OR REPLACE deletes the row that holds a unique key, whatever the primary key."""
    columns = [
        name if name in key else f"{name} || '-new'" if kind == "TEXT" else f"{name} + 1000"
        for _, name, kind, *_ in file.execute(f"PRAGMA table_info({table})")
    ]
    with pytest.raises(sqlite3.IntegrityError, match="this key is recorded"):
        file.execute(f"INSERT OR REPLACE INTO {table} SELECT {', '.join(columns)} FROM {table}")


def test_a_parent_must_be_recorded_before_its_child(file: sqlite3.Connection) -> None:
    for parent in (3, 4):  # result 3 itself, and a later one
        with pytest.raises(sqlite3.IntegrityError, match="ck_argument_recording_order"):
            file.execute(f"INSERT INTO argument VALUES (3, 99, 'x', {parent}, NULL, 1.0, 4)")


def test_an_argument_has_one_source(file: sqlite3.Connection) -> None:
    for sources in ("1, 1", "NULL, NULL"):
        with pytest.raises(sqlite3.IntegrityError, match="ck_argument_one_source"):
            file.execute(f"INSERT INTO argument VALUES (3, 99, 'x', {sources}, 1.0, 4)")


def test_an_uncertainty_is_a_number_that_is_not_negative(file: sqlite3.Connection) -> None:
    insert = "INSERT INTO input_quantity VALUES (99, 1, 'x', 1.0, {}, '1', 'n', 'B', {}, '', '[]', 4, '[]')"
    with pytest.raises(sqlite3.IntegrityError, match="ck_input_quantity_standard_uncertainty"):
        file.execute(insert.format("-0.1", "NULL"))
    # SQLite binds NaN as NULL.
    with pytest.raises(sqlite3.IntegrityError, match=r"NOT NULL.*standard_uncertainty"):
        file.execute(insert.format("?", "NULL"), (float("nan"),))
    with pytest.raises(sqlite3.IntegrityError, match="ck_input_quantity_degrees_of_freedom"):
        file.execute(insert.format("0.1", "0"))


def test_no_name_in_the_schema_speaks_of_signatures() -> None:
    """Only bundles carry that word; a search for it in the database must find nothing."""
    assert "signature" not in GOLDEN.read_text().lower()


def test_nothing_deletes_in_cascade() -> None:
    assert "CASCADE" not in GOLDEN.read_text().upper()
