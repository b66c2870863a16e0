"""Processes that die while they write: either everything of a unit is there, or nothing."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qtrace.ledger.verify import verify_entries
from qtrace.registry.database import Database
from qtrace.registry.verification import verify_rows

# Each unit records one class and three devices; the number is printed once it is committed.
WRITER = """
import os, sys
from datetime import UTC, datetime
from qtrace.laboratory.device import Device, DeviceClass
from qtrace.registry.database import Database

database = Database.open(sys.argv[1])
die_at = sys.argv[2]
number = 0
while True:
    number += 1
    with database.write(
        recorded_at=datetime(2022, 1, 1, tzinfo=UTC), actor="a", action="b", subject="c"
    ) as unit:
        unit.devices.add_class(DeviceClass(f"class-{number}", "t", ()))
        for letter in "xyz":
            if die_at == letter and number == 2:
                os._exit(9)
            unit.devices.add(Device(f"{number}{letter}", f"class-{number}", "m", "m", f"{number}{letter}"))
        if die_at == "commit" and number == 2:
            unit.close()
            os._exit(9)
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry.sqlite"
    Database.open(str(path), create=True)
    return path


def start(path: Path, die_at: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), die_at],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("device_class", "device", "ledger_entry")
        }


def check_whole(path: Path) -> None:
    database = Database.open(str(path))
    with database.read() as reader:
        assert verify_rows(reader.connection) == []
        assert verify_entries(reader.ledger.entries()) == []


@pytest.mark.parametrize("die_at", ["x", "y", "z", "commit"])
def test_a_process_that_dies_between_rows_leaves_nothing_of_its_unit(
    path: Path, die_at: str
) -> None:
    process = start(path, die_at)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 9, errors
    assert printed.split() == ["1"]
    assert counts(path) == {"device_class": 1, "device": 3, "ledger_entry": 1}
    check_whole(path)


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.2])
def test_a_killed_process_loses_nothing_that_it_acknowledged(path: Path, after_s: float) -> None:
    process = start(path, "never")
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    acknowledged = len((first + rest).split())
    found = counts(path)
    units = found["ledger_entry"]
    assert acknowledged >= 1
    # The last unit may be committed and not yet printed.
    assert units in {acknowledged, acknowledged + 1}
    assert found == {"device_class": units, "device": 3 * units, "ledger_entry": units}
    check_whole(path)


def test_work_goes_on_after_a_death(path: Path) -> None:
    start(path, "z").communicate(timeout=60)
    database = Database.open(str(path))
    with database.write(
        recorded_at=datetime(2022, 1, 2, tzinfo=UTC), actor="a", action="b", subject="c"
    ) as unit:
        assert unit.sequence == 2
    check_whole(path)
