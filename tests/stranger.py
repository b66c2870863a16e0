"""A stranger at the terminal: types commands, reads what is printed, looks at the file.

Inside: `Answer`, `Laboratory`, `STEPS`, `walk`, `tables`.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qtrace.cli.main import invoke
from qtrace.exchange.package_files import data_folder

EXAMPLES = ("nist_2022", "yin_2020", "synthetic_link")
D1 = "CAL-2022-D1/system_detection_efficiency"
D2 = "CAL-2022-D2/system_detection_efficiency"
DEMONSTRATION = "bundles/synthetic-demonstration.json"
PUBLIC_KEY = "keys/lab.pub.json"

# The whole path as typed; each line ends with the exit code it must have.
STEPS: tuple[tuple[str, int], ...] = (
    ("init", 0),
    ("key create lab --person Tester --organisation Laboratory", 0),
    ("laboratory add input/nist_2022/register.toml", 0),
    *(
        (f"calibration add input/nist_2022/{name}.toml", 0)
        for name in (
            "meter",
            "switch",
            "range",
            *(f"att{k}_{d}" for d in ("d1", "d2") for k in (1, 2, 3)),
            "d1",
            "d2",
        )
    ),
    ("link add input/yin_2020/link.toml", 0),
    ("run add input/yin_2020/run.toml", 0),
    ("recompute RUN-YIN-2020", 0),
    ("assess LINK-YIN-2020 --scheme strict-link", 0),
    ("certify LINK-YIN-2020 --scheme strict-link --key lab --bundle bundles/yin.json", 1),
    ("link add input/synthetic_link/link.toml", 0),
    ("run add input/synthetic_link/run.toml", 0),
    ("recompute RUN-SYNTHETIC", 0),
    ("assess LINK-SYNTHETIC --scheme strict-link", 0),
    (
        "certify LINK-SYNTHETIC --scheme strict-link --key lab "
        "--bundle bundles/synthetic-strict.json --report reports/synthetic-strict.html",
        1,
    ),
    ("assess LINK-SYNTHETIC --scheme demonstration-link", 0),
    (
        "certify LINK-SYNTHETIC --scheme demonstration-link --key lab "
        f"--bundle {DEMONSTRATION} --report reports/synthetic-demonstration.html",
        0,
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command gave."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """Return the one JSON document on stdout; anything else there is an error."""
        whole = json.loads(self.out)
        assert set(whole) == {"schema", "answer"}
        return whole["answer"]

    @property
    def said(self) -> str:
        """Return everything printed on one line, as an eye reads over line breaks."""
        return re.sub(r"\s+", " ", f"{self.out} {self.err}")


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A folder with database, keys, input and bundles, and what the commands there gave."""

    folder: Path
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def qtrace(self, line: str, *more: str, text: bool = False) -> Answer:
        """Type one command in the folder; words with spaces go into `more`."""
        words = [*([] if text else ["--json"]), *line.split(), *more]
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = invoke(words)
        return Answer(code, out.getvalue(), err.getvalue())

    def write(self, name: str, text: str | bytes) -> str:
        """Write an input file and return its name for a command."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    @property
    def database(self) -> Path:
        return self.folder / "qtrace.db"

    def ledger(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.qtrace("ledger list").answer
        return found

    def copy(self, folder: Path) -> Laboratory:
        """Return a copy that may be broken."""
        for name in ("input", "keys", "bundles"):
            shutil.copytree(self.folder / name, folder / name)
        with (
            contextlib.closing(sqlite3.connect(self.database)) as source,
            contextlib.closing(sqlite3.connect(folder / "qtrace.db")) as target,
        ):
            source.backup(target)
        return Laboratory(folder, self.answers)


def tables(laboratory: Laboratory) -> dict[str, int]:
    """Return how many rows each table has."""
    with contextlib.closing(sqlite3.connect(laboratory.database)) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in names
        }


def input_files(folder: Path) -> None:
    """Copy the shipped examples into a folder."""
    for name in EXAMPLES:
        shutil.copytree(data_folder() / "examples" / name, folder / "input" / name)


def walk(folder: Path) -> Laboratory:
    """Walk the whole path in a folder; each step must end with its exit code."""
    input_files(folder)
    laboratory = Laboratory(folder)
    answers = {}
    for line, code in STEPS:
        answer = laboratory.qtrace(line)
        assert answer.code == code, f"{line}: {answer.code}\n{answer.err}{answer.out}"
        answers[line] = answer
    return Laboratory(folder, answers)


def tamper(laboratory: Laboratory, *statements: str) -> None:
    """Change rows behind the back of the program: triggers away, statements, triggers back."""
    with contextlib.closing(sqlite3.connect(laboratory.database)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount == 1, statement
        for _, text in triggers:
            connection.execute(text)
        connection.commit()


def one_value(laboratory: Laboratory, query: str) -> Any:
    """Return the first value of the first row of a query."""
    with contextlib.closing(sqlite3.connect(laboratory.database)) as connection:
        return connection.execute(query).fetchone()[0]


def entries_named(answer: Answer) -> set[int]:
    """Return the ledger entries that an audit names."""
    return {int(one["entry"]) for one in answer.answer["findings"]}
