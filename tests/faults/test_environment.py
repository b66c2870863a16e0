"""An environment that is not ready, and processes that die: exit code 4, or nothing at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from stranger import Laboratory, input_files, tables


@pytest.mark.parametrize(
    "line",
    [
        "device list",
        "audit --all",
        "trace CAL-2022-D1",
        "calibration add input/nist_2022/meter.toml",
        "key create k --person P --organisation O",
    ],
)
def test_without_a_database_the_next_step_is_init(tmp_path: Path, line: str) -> None:
    input_files(tmp_path)
    answer = Laboratory(tmp_path).qtrace(line)
    assert answer.code == 4
    assert re.search(r"make one: `qtrace .*init`", answer.said)
    assert not (tmp_path / "qtrace.db").exists()
    assert not (tmp_path / "keys").exists()


def test_verifying_needs_no_database(walked: Laboratory, tmp_path: Path) -> None:
    bundle = walked.folder / "bundles/yin.json"
    answer = Laboratory(tmp_path).qtrace("certificate verify", str(bundle))
    assert answer.code == 5
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_said_before_anything_is_written(own: Laboratory) -> None:
    (own.folder / "keys/lab.pem").unlink()
    before = tables(own)
    answer = own.qtrace(
        "certify LINK-SYNTHETIC --scheme demonstration-link --key lab --bundle b.json"
    )
    assert answer.code == 4
    assert "qtrace key create" in answer.said
    assert tables(own) == before
    assert not (own.folder / "b.json").exists()


def test_a_key_that_is_not_on_record_signs_nothing(own: Laboratory) -> None:
    """A key made for another database has no place in this ledger."""
    other = Laboratory(own.folder / "other")
    other.folder.mkdir()
    assert other.qtrace("init").code == 0
    assert other.qtrace("key create foreign --person P --organisation O").code == 0
    before = tables(own)
    answer = own.qtrace(
        "--keys other/keys certify LINK-SYNTHETIC --scheme demonstration-link --key foreign"
    )
    assert answer.code in {2, 4}
    assert tables(own) == before


@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        ("PRAGMA user_version = 99", "newer qtrace"),
        ("PRAGMA user_version = 0", "out of date"),
        ("PRAGMA application_id = 7", "not a qtrace database"),
    ],
)
def test_a_database_of_another_schema_is_left_alone(
    own: Laboratory, pragma: str, words: str
) -> None:
    with contextlib.closing(sqlite3.connect(own.database)) as connection:
        connection.execute(pragma)
    before = own.database.read_bytes()
    for line in ("device list", "device retire SNSPD-D1 --reason x", "audit --all"):
        answer = own.qtrace(line)
        assert answer.code == 4
        assert words in answer.said
    assert own.database.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "qtrace.db").write_text("my diary\n" * 100)
    for line in ("device list", "init", "audit --all"):
        answer = Laboratory(tmp_path).qtrace(line)
        assert answer.code == 4, answer
    assert (tmp_path / "qtrace.db").read_text() == "my diary\n" * 100


@pytest.mark.parametrize("option", ["--bundle", "--report"])
def test_a_place_that_cannot_be_written_to_stops_before_the_decision(
    own: Laboratory, option: str
) -> None:
    own.write("file", "no folder")
    before = tables(own)
    answer = own.qtrace(
        f"certify LINK-SYNTHETIC --scheme demonstration-link --key lab {option} file/out"
    )
    assert answer.code == 4
    assert "file/out" in answer.said
    assert tables(own) == before


def test_a_folder_without_rights_is_said(own: Laboratory) -> None:
    """Rights do not bind root; a file in the way of the folder does the same for everybody."""
    own.write("file", "no folder")
    for line in (
        "certificate export {number} --output file/b.json",
        "trace CAL-2022-D1/photon_rate --graph file/chain.svg",
        "--database file/q.db init",
    ):
        number = own.qtrace("certificate list").answer[0]["document_number"]
        answer = own.qtrace(line.format(number=number))
        assert answer.code == 4, answer
        assert set(json.loads(answer.out)) == {"schema", "error"}
    if os.geteuid() != 0:
        own.folder.chmod(0o500)
        try:
            assert own.qtrace("device retire SNSPD-D1 --reason x").code == 4
        finally:
            own.folder.chmod(0o700)


def test_the_demo_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    answer = Laboratory(tmp_path).qtrace("demo", str(tmp_path), text=True)
    assert answer.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    answer = Laboratory(tmp_path).qtrace("demo", str(tmp_path / "thesis.tex"), text=True)
    assert answer.code == 2


DYING = """
import os, signal, sys
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.cli.main import invoke

def die(self):
    # All rows are written, their ledger entry is not, nothing is committed.
    os.kill(os.getpid(), signal.SIGKILL)

UnitOfWork.close = die
invoke(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "line",
    [
        "recompute RUN-AGAIN",
        "certify LINK-SYNTHETIC --scheme demonstration-link --key lab --bundle dead.json",
        "calibration withdraw CAL-2022-D1 --reason x",
    ],
)
def test_a_process_killed_in_the_middle_leaves_nothing(own: Laboratory, line: str) -> None:
    run = own.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", "RUN-AGAIN")
    run = run.replace("2021-07-01", "2021-07-02")
    assert own.qtrace(f"run add {own.write('again.toml', run)}").code == 0
    if line.startswith("certify"):
        line += " --run RUN-SYNTHETIC"
    before = tables(own)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DYING), *line.split()],
        cwd=own.folder,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert tables(own) == before
    assert not (own.folder / "dead.json").exists()
    audit = own.qtrace("audit --all")
    assert (audit.code, audit.answer["findings"]) == (0, [])
    assert own.qtrace(line).code == 0  # the same command does it now
