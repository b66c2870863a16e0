from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection

from qtrace.errors import InputError, IntegrityError, SetupError
from qtrace.laboratory.device import DeviceClass
from qtrace.registry import migration
from qtrace.registry.database import Database
from qtrace.registry.tables import DEVICE_CLASS

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World


def test_a_missing_database_says_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    with pytest.raises(SetupError) as caught:
        Database.open(str(path))
    assert caught.value.exit_code == 4
    assert "there is no database" in caught.value.what
    assert f"qtrace --database {path} init" in caught.value.next_step
    assert not path.exists()


def test_a_url_and_a_path_name_the_same_file(world: World) -> None:
    again = Database.open(f"sqlite:///{world.path}")
    assert again.path == world.path


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://host/qtrace", "postgresql is not supported: SQLite only for now"),
        ("postgresql+psycopg://ann:secret@host/qtrace", "SQLite only for now"),
        ("sqlite://", "a registry lives in a file"),
        ("sqlite:///:memory:", "a registry lives in a file"),
        ("://", "is not the URL of a database"),
    ],
)
def test_only_sqlite_files_are_opened(url: str, message: str) -> None:
    with pytest.raises(SetupError, match=message) as caught:
        Database.open(url, create=True)
    assert "secret" not in caught.value.diagnostics()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="folder of the database does not exist"):
        Database.open(str(tmp_path / "no" / "registry.sqlite"), create=True)


def test_making_it_twice_changes_nothing(world: World) -> None:
    world.registers()
    Database.open(str(world.path), create=True)
    with world.database.read() as reader:
        assert len(reader.devices.all()) == 3


@pytest.mark.parametrize("create", [True, False])
def test_a_foreign_database_is_left_alone(tmp_path: Path, *, create: bool) -> None:
    path = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE diary (day TEXT)")
    before = path.read_bytes()
    with pytest.raises(SetupError, match="not a qtrace database"):
        Database.open(str(path), create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, *, create: bool) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("dear reader, " * 100)
    with pytest.raises(SetupError, match="not a qtrace database"):
        Database.open(str(path), create=create)
    assert path.read_text() == "dear reader, " * 100


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be opened"):
        Database.open(str(tmp_path))


def set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_an_old_schema_names_the_command(world: World) -> None:
    set_version(world.path, 0)
    with pytest.raises(SetupError, match="out of date: 0, wanted 7") as caught:
        Database.open(str(world.path))
    assert "init" in caught.value.next_step


@pytest.mark.parametrize("create", [True, False])
def test_a_newer_schema_is_refused(world: World, *, create: bool) -> None:
    """As a later qtrace leaves it: version and revision are unknown here."""
    set_version(world.path, 99)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(SetupError, match="written by a newer qtrace"):
        Database.open(str(world.path), create=create)


def test_a_migration_that_fails_leaves_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("power is out")

    path = tmp_path / "registry.sqlite"
    monkeypatch.setattr("qtrace.registry.database.upgrade", fails)
    with pytest.raises(RuntimeError, match="power is out"):
        Database.open(str(path), create=True)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    monkeypatch.undo()
    Database.open(str(path), create=True)  # the empty file that is left may be used


def test_a_migration_that_breaks_references_is_refused(world: World, tamper: Tamper) -> None:
    world.registers()
    tamper(world.path, "device_class", "DELETE FROM device_class")
    with pytest.raises(SetupError, match="refer to nothing"), world.database.read() as reader:
        migration.upgrade(reader.connection)


def test_writers_keep_what_they_acknowledged(world: World) -> None:
    with world.writes() as unit:
        settings = {
            name: unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "recursive_triggers",
                "trusted_schema",
            )
        }
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
    }


def test_readers_cannot_write_even_by_hand(world: World) -> None:
    world.registers()
    with pytest.raises(SetupError, match="cannot be written to"), world.database.read() as reader:
        reader.connection.exec_driver_sql("INSERT INTO model VALUES (1, 'a', 'b', 'c', 1)")


def test_a_database_opened_for_reading_refuses_units(world: World) -> None:
    world.registers()
    closed = Database.open(str(world.path), read_only=True)
    with closed.read() as reader:
        assert len(reader.devices.all()) == 3
    with (
        pytest.raises(SetupError, match="for reading only"),
        closed.write(recorded_at=world.now, actor="a", action="b", subject="c"),
    ):
        pass


def test_a_row_that_the_database_refuses_is_explained(world: World) -> None:
    with pytest.raises(InputError, match="the database refuses a row"), world.writes() as unit:
        unit.devices.session.add(DEVICE_CLASS, {"class_id": "a", "title": None})


def test_a_row_without_its_entry_cannot_be_committed(world: World) -> None:
    """The reference to the ledger is checked at COMMIT."""
    with closing(sqlite3.connect(world.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO model VALUES (1, 'linear', '', '', 77)")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("COMMIT")


def test_a_reader_sees_one_state_while_a_writer_works(world: World) -> None:
    with world.database.read() as reader:
        assert reader.devices.classes() == ()
        with world.writes() as unit:
            unit.devices.add_class(DeviceClass("snspd", "detector", ()))
        assert reader.devices.classes() == ()
    with world.database.read() as reader:
        assert len(reader.devices.classes()) == 1


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_path_with_odd_characters_is_a_path(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "lab 100%?mode=ro#ü.sqlite"
    Database.open(f"{prefix}{path}", create=True)
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    Database.open(f"{prefix}{path}")


def test_a_table_that_is_gone_is_damage(world: World) -> None:
    with closing(sqlite3.connect(world.path)) as connection:
        connection.execute("DROP TABLE finding")
    with pytest.raises(IntegrityError, match="no such table"), world.database.read() as reader:
        reader.findings.assessments()


def test_migrations_are_found_in_the_checkout_and_missed_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (migration.migrations_folder() / "script.py.mako").is_file()
    monkeypatch.setattr(migration, "files", lambda _: tmp_path / "qtrace")
    with pytest.raises(SetupError, match="migrations of the database are missing"):
        migration.migrations_folder()
    packaged = tmp_path / "qtrace" / "_data" / "migrations"
    packaged.mkdir(parents=True)
    (packaged / "env.py").touch()
    assert migration.migrations_folder() == packaged
