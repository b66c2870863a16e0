"""Writers at the same time, a database that is locked, a disk that is full."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qtrace.errors import QtraceError, SetupError
from qtrace.laboratory.device import DeviceClass
from qtrace.ledger.verify import verify_entries
from qtrace.registry import database as door
from qtrace.registry.database import Database
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.registry.verification import verify_rows

MOMENT = datetime(2022, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry.sqlite"
    Database.open(str(path), create=True)
    return path


def record(database: Database, name: str, *, title: str = "t") -> UnitOfWork:
    with database.write(recorded_at=MOMENT, actor="a", action="b", subject=name) as unit:
        unit.devices.classes()  # read, then write: the pattern that deferred locks fail on
        unit.devices.add_class(DeviceClass(name, title, ()))
    return unit


def test_concurrent_writers_all_succeed_one_after_the_other(path: Path) -> None:
    writers, units = 4, 15
    faults: list[BaseException] = []

    def work(writer: int) -> None:
        try:
            database = Database.open(str(path))
            for number in range(units):
                record(database, f"{writer}-{number}")
        except BaseException as error:  # noqa: BLE001 - reported below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    with Database.open(str(path)).read() as reader:
        entries = reader.ledger.entries()
        assert len(entries) == writers * units
        assert verify_entries(entries) == []
        assert verify_rows(reader.connection) == []


def test_databases_opened_at_once_by_two_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    faults: list[BaseException] = []

    def make() -> None:
        try:
            record(Database.open(str(path), create=True), threading.current_thread().name)
        except BaseException as error:  # noqa: BLE001 - reported below
            faults.append(error)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Database.open(str(path)).read() as reader:
        assert len(reader.devices.classes()) == 2
        assert verify_rows(reader.connection) == []


def test_a_lock_that_is_not_released_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_BUSY_TIMEOUT_S", 0.05)
    database = Database.open(str(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SetupError, match="another process keeps the database locked") as caught:
            record(database, "a")
        assert caught.value.exit_code == 4
        other.execute("ROLLBACK")
    assert record(database, "a").sequence == 1


def test_readers_are_not_kept_waiting_by_a_writer(path: Path) -> None:
    database = Database.open(str(path))
    record(database, "first")
    with database.write(recorded_at=MOMENT, actor="a", action="b", subject="c") as unit:
        unit.devices.add_class(DeviceClass("second", "t", ()))
        with database.read() as reader:
            assert [item.class_id for item in reader.devices.classes()] == ["first"]


def test_a_full_disk_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's page limit stands for the end of the disk: it raises the same error."""
    with closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    limit = f"PRAGMA max_page_count = {pages}"
    monkeypatch.setattr(door, "_PRAGMAS", (*door._PRAGMAS, limit))
    database = Database.open(str(path))
    with pytest.raises(SetupError, match="the disk is full") as caught:
        record(database, "big", title="x" * 1_000_000)
    assert "make room" in caught.value.next_step
    with database.read() as reader:
        assert reader.devices.classes() == ()
        assert reader.ledger.entries() == ()


def test_a_truncated_file_is_damage_or_no_database(path: Path) -> None:
    record(Database.open(str(path)), "first")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    codes = set()
    for length in (10, 100, 5000, len(whole) // 2):
        path.write_bytes(whole[:length])
        try:
            with Database.open(str(path)).read() as reader:
                codes.add("faults" if verify_rows(reader.connection) else "no fault")
        except QtraceError as error:
            codes.add(error.exit_code)
    assert codes <= {3, 4, "faults"}
