"""Running the steps of a demo: printed as typed, run by the entry of typed commands, closed.

Inside: `Invoke`, `COPY`, `inside`, `walk`, `asked`, `told`, `close`.

Every printed line can be typed in the folder again. A step announces the exit code it should end
with.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import typer

from qtrace.cli.demo_cases import KEY
from qtrace.cli.demo_timing import Chapter, Step
from qtrace.errors import InputError

# Runs one command line in this process and returns its exit code.
Invoke = Callable[[list[str]], int]
COPY = "recalled.db"  # where the recall is confirmed
UNTIDY = ("QTRACE_ACTOR", "QTRACE_DATABASE", "QTRACE_KEYS")


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work inside a new or empty folder, free of settings of the caller's environment."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "the demo wants a new or empty folder", where=str(folder), next_step="name another one"
        )
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    kept = {name: os.environ.pop(name) for name in UNTIDY if name in os.environ}
    # Ledger entries name who acted and travel in bundles: not the login of whoever looks on.
    os.environ["QTRACE_ACTOR"] = "demo"
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        del os.environ["QTRACE_ACTOR"]
        os.environ.update(kept)


def walk(examples: tuple[str, ...], chapters: tuple[Chapter, ...], invoke: Invoke) -> list[str]:
    """Copy the input and run all steps; return the lines that did not end as announced."""
    from qtrace.workflow.examples import copy_examples

    surprises: list[str] = []
    copy_examples(Path("input"), examples)
    for chapter in chapters:
        typer.echo(f"\n{'=' * 80}\n{chapter.title}\n{'=' * 80}")
        surprises.extend(step.line for step in chapter.steps if not _run(step, invoke))
    return surprises


def asked(line: str, invoke: Invoke) -> object:
    """Return what a command answers in JSON, without showing it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        invoke(["--json", *shlex.split(line)])
    answer: object = json.loads(said.getvalue())["answer"]
    return answer


def told(head: str, text: str) -> None:
    """Print a text folded behind its head."""
    typer.echo(textwrap.fill(text, 80, initial_indent=head, subsequent_indent=" " * len(head)))


def _run(step: Step, invoke: Invoke) -> bool:
    """Print and run one step; return whether it ended as announced."""
    if step.needs and find_spec(step.needs) is None:
        typer.echo(f"# left out, {step.needs} is not installed: qtrace {step.line}")
        return True
    if step.why:
        typer.echo("")
        typer.echo(textwrap.fill(step.why, 80, initial_indent="# ", subsequent_indent="# "))
    typer.echo(_typed(step.line))
    if "tampered/" in step.line:
        _tamper()
    if COPY in step.line and not Path(COPY).exists():
        Path(COPY).write_bytes(Path("qtrace.db").read_bytes())
    if step.before is not None:
        step.before()
    code = invoke(shlex.split(step.line))
    if step.expect or code:
        announced = "as announced" if code == step.expect else f"ANNOUNCED WAS {step.expect}"
        typer.echo(f"[exit code {code}, {announced}]")
    return code == step.expect


def _typed(line: str) -> str:
    """Return a command as it would be typed, continued by a backslash before options."""
    words = f"$ qtrace {line}".split(" --")
    rows = [words[0]]
    for word in words[1:]:
        if len(rows[-1]) + len(word) + 5 <= 80:
            rows[-1] += f" --{word}"
        else:
            rows[-1] += " \\"
            rows.append(f"    --{word}")
    return "\n".join(rows)


def _tamper() -> None:
    """Change one byte of the sealed payload in a copy of the bundle."""
    data = bytearray(Path("bundles/synthetic-demonstration.json").read_bytes())
    place = data.index(b'"payload":"') + len(b'"payload":"') + 2000
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    Path("tampered").mkdir(exist_ok=True)
    Path("tampered/synthetic-demonstration.json").write_bytes(data)


def close(
    folder: Path, surprises: list[str], *, left: tuple[tuple[str, str], ...], seconds: float
) -> None:
    """Say where everything is; `left` holds (what, where) beyond what each demo leaves."""
    typer.echo(f"\n{'=' * 80}")
    typer.echo(f"left in {folder}:")
    for what, where in (
        ("database", "qtrace.db"),
        ("signed bundles (JSON)", "bundles/"),
        ("reports (HTML)", "reports/"),
        *left,
        ("input files", "input/"),
        ("public key", KEY),
    ):
        typer.echo(f"  {what:32}{folder / where}")
    if surprises:
        typer.echo("NOT AS ANNOUNCED:")
        for line in surprises:
            typer.echo(f"  qtrace {line}")
    else:
        typer.echo(f"every step ended as announced, in {seconds:.1f} s")
