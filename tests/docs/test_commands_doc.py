"""docs/commands.md names every command with its options and exit codes, and no other."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from qtrace.cli.main import EXIT_CODES, app, invoke

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docs" / "commands.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `qtrace ([^`]+)` \| (.+?) \| (\d(?:, \d)*) \|$", flags=re.MULTILINE)
# What stands for each placeholder when a documented command is tried.
EXAMPLES = {
    "FILE": "input/nist_2022/meter.toml",
    "FOLDER": "input",
    "BUNDLE": "bundles/nothing.json",
    "SUBJECT": "CAL-2022-D1",
    "SEQUENCE": "1",
    "METRIC": "detector.photon_rate",
    "PROTOCOL": "bbm92",
    "STANDARD": "NIST-IR-8486r1",
    "SCHEME": "strict-link",
    "KEYNAME": "nobody",
    "CAUSE": "withdrawn",
}
NEEDS_A_RUN_FILE = "run add"


@dataclass(frozen=True, slots=True)
class Row:
    """One documented command."""

    words: tuple[str, ...]
    arguments: tuple[str, ...]
    options: frozenset[str]
    exit_codes: frozenset[int]
    usage: str


def rows() -> list[Row]:
    found = []
    for usage, _what, codes in ROW.findall(TEXT):
        words = re.match(r"[a-z -]+?(?= [A-Z\[]| --|$)", usage)
        assert words is not None, usage
        rest = usage[words.end() :]
        options = frozenset(re.findall(r"--[a-z-]+", rest))
        valued = re.sub(r"\[?--[a-z/-]+( [A-Z.a-z]+)?\]?", "", rest)
        found.append(
            Row(
                tuple(words.group().split()),
                tuple(valued.split()),
                options,
                frozenset(int(code) for code in codes.split(", ")),
                usage,
            )
        )
    return found


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


APPLICATION = typer.main.get_command(app)
COMMANDS = dict(commands(APPLICATION))
ROWS = {row.words: row for row in rows()}


def options_of(command: Any) -> frozenset[str]:
    return frozenset(
        name
        for one in command.params
        if one.param_type_name == "option" and one.name != "help"
        for name in (*one.opts, *one.secondary_opts)
    )


def test_every_command_is_documented_once() -> None:
    assert set(ROWS) == set(COMMANDS)
    assert len(rows()) == len(ROWS)


@pytest.mark.parametrize("words", sorted(COMMANDS), ids=" ".join)
def test_options_and_arguments_are_those_of_the_command(words: tuple[str, ...]) -> None:
    command, row = COMMANDS[words], ROWS[words]
    assert row.options == options_of(command)
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    assert len(row.arguments) == len(arguments), row


def test_global_options_are_documented() -> None:
    shell = {"--install-completion", "--show-completion", "--help"}
    known = {name for one in APPLICATION.params for name in one.opts} - shell
    documented = set(re.findall(r"^\| `(--[a-z-]+)", TEXT, flags=re.MULTILINE))
    assert documented == known


def test_every_exit_code_is_explained_in_each_place() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    used = {code for row in rows() for code in row.exit_codes}
    for text in (TEXT, readme):
        assert {int(one) for one in re.findall(r"^\| (\d) \|", text, flags=re.MULTILINE)} == used
    assert {int(one) for one in re.findall(r"(?:^|[ :;\n])(\d) [a-z]", EXIT_CODES)} == used


def typed(row: Row) -> list[str]:
    """Return a row as somebody would type it, options left out where they may be."""
    needed = re.sub(r"\[[^\]]*\]", "", row.usage)
    words = [EXAMPLES.get(word, word) for word in shlex.split(needed)]
    if " ".join(row.words) == NEEDS_A_RUN_FILE:
        words[-1] = "input/synthetic_link/run.toml"
    if row.words in {
        ("laboratory", "add"),
        ("device", "add"),
        ("link", "add"),
        ("programme", "set"),
    }:
        words[-1] = "input/nist_2022/register.toml"
    return words


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: " ".join(row.words))
def test_without_a_database_the_code_is_4_where_documented(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(TOP / "data" / "examples", tmp_path / "input")
    monkeypatch.chdir(tmp_path)
    for name in ("QTRACE_DATABASE", "QTRACE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    before = {path for path in tmp_path.rglob("*") if not path.is_dir()}
    code = invoke(typed(row))
    message = capsys.readouterr().err
    if row.words == ("init",):
        assert code == 0
        return
    assert code in row.exit_codes, message
    if 4 in row.exit_codes and "--dry-run" not in row.options:
        assert code == 4, message
    assert "Traceback" not in message
    assert {path for path in tmp_path.rglob("*") if not path.is_dir()} == before


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: " ".join(row.words))
def test_a_word_too_many_is_bad_usage(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 in row.exit_codes
    assert invoke([*row.words, "--no-such-option"]) == 2
    assert capsys.readouterr().err
