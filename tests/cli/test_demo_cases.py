"""Which case studies there are, and how they are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.cli.demo_command import CASES
from qtrace.cli.demo_walk import asked
from qtrace.exchange.package_files import data_folder

NAMES = [one.name for one in CASES]


def test_the_cases_are_listed_and_named_in_the_help(tmp_path: Path) -> None:
    bench = Laboratory(tmp_path)
    listed = bench.qtrace("demo --list", text=True)
    assert listed.code == 0
    assert max(map(len, listed.out.splitlines())) <= 80
    answer = bench.qtrace("demo --list").answer
    assert [one["name"] for one in answer] == NAMES
    shown = bench.qtrace("demo --help", text=True).said
    for name in NAMES:
        assert name in listed.out
        assert name in shown


def test_an_unknown_case_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = Laboratory(tmp_path).qtrace("demo here --case smart-gird", text=True)
    assert done.code == 2
    assert all(name in done.said for name in NAMES)
    assert not (tmp_path / "here").exists()


def test_a_folder_is_wanted_and_an_empty_one(tmp_path: Path) -> None:
    bench = Laboratory(tmp_path)
    assert bench.qtrace("demo", text=True).code == 2
    assert bench.qtrace("demo --case qsdc-network", text=True).code == 2
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("mine")
    done = bench.qtrace("demo full --case qsdc-network", text=True)
    assert done.code == 2
    assert "empty folder" in done.err


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_case_says_what_it_is_made_of_and_ends_as_all_do(case: object) -> None:
    from qtrace.cli.demo_cases import Case

    assert isinstance(case, Case)
    assert case.simulated
    assert "never computed from" in case.published
    for name in case.examples:
        assert (data_folder() / "examples" / name / "source.md").exists()
    lines = [step.line for chapter in case.chapters for step in chapter.steps]
    assert lines[0] == "init"
    assert lines[-1] == "audit --all"
    sealed = [line for line in lines if re.match(r"certify .* --bundle", line)]
    assert sealed
    assert any(line.startswith("certificate verify") for line in lines)


def test_what_a_command_answers_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def invoke(words: list[str]) -> int:
        assert words == ["--json", "run", "net", "PLAN"]
        print('{"answer": 3}')  # noqa: T201
        return 0

    assert asked("run net PLAN", invoke) == 3
    assert capsys.readouterr().out == ""
