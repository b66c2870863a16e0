"""Every command answers in two forms: one JSON document, or text of at most 80 columns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from stranger import DEMONSTRATION, PUBLIC_KEY, STEPS, Laboratory, tables

READING = (
    *(
        f"{name} list"
        for name in (
            "laboratory",
            "device",
            "device-class",
            "programme",
            "calibration",
            "link",
            "run",
            "certificate",
            "key",
            "ledger",
            "metric",
            "standard",
            "scheme",
        )
    ),
    "laboratory show NIST-Boulder",
    "device show SNSPD-D1",
    "calibration show CAL-2022-D1",
    "link show LINK-SYNTHETIC",
    "run show RUN-SYNTHETIC",
    "ledger show 5",
    "metric show detector.photon_rate",
    "standard show NIST-IR-8486r1",
    "standard show NIST-IR-8486:2023",
    "scheme show strict-link",
    "trace SNSPD-D1",
    "trace CAL-2022-D1 --no-chain --lines 3",
    "trace LINK-SYNTHETIC --lines 3",
    "trace RUN-SYNTHETIC/recomputation/efficiency_ratio --monte-carlo 1000",
    "trace CAL-2022-D1 --no-chain --by step",
    "correlation CAL-2022-D1/photon_rate CAL-2022-D2/photon_rate --all-with CAL-2022-D1/photon_rate",
    "impact CAL-2022-METER",
    "impact CAL-2022-METER --widen 2 --top 1",
    "run compare RUN-YIN-2020",
    "run compare RUN-SYNTHETIC",
    "calibration add --dry-run input/nist_2022/comparison/d1_matrix.toml",
    f"certificate verify {DEMONSTRATION} --key {PUBLIC_KEY}",
    "audit --all",
    "ledger verify",
)
WRITING = (
    "init",
    "key create other --person Somebody --organisation Else",
    "assess LINK-SYNTHETIC --scheme strict-link",
    "assess LINK-SYNTHETIC --scheme strict-link --details",
    "assess LINK-SYNTHETIC --scheme strict-link --explain RX-02",
    "calibration withdraw CAL-2022-METER --reason because",
    "device retire SNSPD-D2 --reason old",
)


def one_document(out: str) -> dict[str, object]:
    assert out.endswith("\n")
    assert out.count("\n") == 1  # one line, one document
    document = json.loads(out)
    assert set(document) == {"schema", "answer"}
    assert document["schema"].startswith("qtrace/")
    assert document["schema"].rpartition("/")[2].isdecimal()
    found: dict[str, object] = document
    return found


def without_floats(value: object) -> bool:
    """Tell whether all numbers are decimal texts or whole numbers."""
    if isinstance(value, dict):
        return all(map(without_floats, value.values()))
    if isinstance(value, list):
        return all(map(without_floats, value))
    return not isinstance(value, float)


def narrow(text: str) -> bool:
    """Tell whether all lines fit; a path that a folder makes long cannot be broken."""
    return all(len(line) <= 80 or "pytest" in line for line in text.splitlines())


@pytest.mark.parametrize("line", READING)
def test_reading_commands_answer_in_both_forms_and_write_nothing(
    walked: Laboratory, line: str
) -> None:
    before = tables(walked)
    answer = walked.qtrace(line)
    assert answer.code == 0, answer.err
    assert without_floats(one_document(answer.out))
    text = walked.qtrace(line, text=True)
    assert text.code == 0
    assert text.out.strip()
    assert narrow(text.out + text.err)
    assert tables(walked) == before


@pytest.mark.parametrize("line", WRITING)
def test_writing_commands_answer_in_both_forms(
    own: Laboratory, tmp_path_factory: pytest.TempPathFactory, line: str
) -> None:
    twin = own.copy(tmp_path_factory.mktemp("twin"))
    answer = own.qtrace(line)
    assert answer.code == 0, answer.err
    assert without_floats(one_document(answer.out))
    text = twin.qtrace(line, text=True)
    assert text.code == 0
    assert narrow(text.out + text.err)


def test_every_step_of_the_path_gave_one_document(walked: Laboratory) -> None:
    schemas = {one_document(walked.answers[line].out)["schema"] for line, _ in STEPS}
    assert {"qtrace/calibration/1", "qtrace/recompute/1", "qtrace/decision/1"} <= schemas


def test_an_empty_database_lists_nothing_in_both_forms(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    assert laboratory.qtrace("init").code == 0
    for name in ("device", "calibration", "run", "certificate", "programme"):
        assert laboratory.qtrace(f"{name} list").answer == []
        assert laboratory.qtrace(f"{name} list", text=True).out == f"no {name} on record\n"


def test_a_superseded_edition_is_said_to_be_one(walked: Laboratory) -> None:
    answer = walked.qtrace("standard show NIST-IR-8486:2023")
    assert "superseded by NIST-IR-8486r1:2025" in answer.err
    assert answer.answer["standard_id"] == "NIST-IR-8486r1:2025"


HEAVY = ("numpy", "scipy", "pint", "sqlalchemy", "alembic", "jinja2", "cryptography", "rfc8785")


@pytest.mark.parametrize("line", ["--help", "trace --help", "certify --help", "--version"])
def test_help_imports_nothing_heavy(line: str) -> None:
    script = (
        "import sys\nfrom qtrace.cli.main import invoke\n"
        f"code = invoke({line.split()!r})\n"
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "0 []"
    assert all(len(row) <= 80 for row in done.stdout.splitlines())


def test_settings_come_from_options_first_then_from_the_environment(
    own: Laboratory, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = Laboratory(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("QTRACE_DATABASE", str(own.database))
    assert len(elsewhere.qtrace("device list").answer) == 10
    answer = elsewhere.qtrace("--database other.db device list")
    assert answer.code == 4
    assert not (elsewhere.folder / "other.db").exists()


def test_the_actor_is_written_into_the_ledger(own: Laboratory) -> None:
    done = own.qtrace("--actor inspector device retire SNSPD-D2 --reason old")
    assert done.code == 0
    assert own.ledger()[-1]["actor"] == "inspector"


def test_a_command_line_that_makes_no_sense_ends_with_2(walked: Laboratory) -> None:
    for line in ("frobnicate", "trace", "certify", "--jsn device list", "trace x --lines many"):
        answer = walked.qtrace(line, text=True)
        assert answer.code == 2
        assert "Traceback" not in answer.err


def test_a_fault_of_the_program_is_no_negative_judgement(
    walked: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 says that a judgement was made; a crash must not say that."""
    from qtrace.workflow import listing

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(listing.STORED, "device", broken)
    answer = walked.qtrace("device list")
    assert answer.code == 70
    assert answer.out == ""
    assert "ZeroDivisionError" in answer.err
    assert "qtrace audit --all" in answer.said
