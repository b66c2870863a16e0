"""The case studies by name, how one is run, and the command demo.

Inside: `CASES`, `case_named`, `run_case`, `demo_command`.
"""

from __future__ import annotations

import time
from pathlib import Path

import typer

from qtrace.cli.demo import run_demo
from qtrace.cli.demo_cases import Case, Compared
from qtrace.cli.demo_qsdc_network import QSDC_NETWORK
from qtrace.cli.demo_sensor_network import SENSOR_NETWORK
from qtrace.cli.demo_smart_grid import SMART_GRID
from qtrace.cli.demo_sync_75km import SYNC_75KM
from qtrace.cli.demo_teleportation import TELEPORTATION
from qtrace.cli.demo_walk import Invoke, asked, close, inside, told, walk
from qtrace.cli.settings import emit
from qtrace.errors import InputError

CASES = (SYNC_75KM, SENSOR_NETWORK, SMART_GRID, QSDC_NETWORK, TELEPORTATION)


def demo_command(
    ctx: typer.Context, folder: Path | None, invoke: Invoke, *, case: str, listed: bool
) -> None:
    """Run the main demo or a case study, or list the case studies.

    Raises:
        InputError: no folder, one that is not new or empty, an unknown case.
        typer.Exit: with 1 where a step did not end as announced.
    """
    if listed:
        found = [{"name": one.name, "title": one.title} for one in CASES]
        emit(ctx, "demo-case-list/1", found, _listing)
        return
    chosen = case_named(case) if case else None
    if folder is None:
        raise InputError(
            "the demo wants a new or empty folder",
            where="FOLDER",
            next_step="name one: qtrace demo DIR, or list the case studies: qtrace demo --list",
        )
    raise typer.Exit(
        run_demo(folder, invoke) if chosen is None else run_case(chosen, folder, invoke)
    )


def _listing() -> str:
    from qtrace.report.text import listing

    rows = [(one.name, one.title) for one in CASES]
    return listing(("case", "what it shows"), rows)


def case_named(name: str) -> Case:
    """Return a case study.

    Raises:
        InputError: there is none of that name.
    """
    found = next((one for one in CASES if one.name == name), None)
    if found is None:
        raise InputError(
            f"{name!r} is no case study",
            where="--case",
            next_step=f"choose one of: {', '.join(one.name for one in CASES)}",
        )
    return found


def run_case(case: Case, folder: Path, invoke: Invoke) -> int:
    """Run a case study in a folder, and compare it with what was told.

    Args:
        case: From `CASES`.
        folder: New or empty.
        invoke: Runs one command line in this process and returns its exit code.

    Returns:
        0 if every step ended as announced, 1 otherwise.

    Raises:
        InputError: the folder is not new or empty.
    """
    began = time.monotonic()
    with inside(folder):
        told("CASE ", f"{case.name}: {case.title}")
        told("simulated: ", case.simulated)
        told("published: ", case.published)
        told("outcome:   ", "DEMONSTRATION at most, whatever the figures are")
        surprises = walk(case.examples, case.chapters, invoke)
        typer.echo(f"\n{'=' * 80}\nWhat was told, and what was found here\n{'=' * 80}")
        for one in () if surprises else case.compare(lambda line: asked(line, invoke)):
            _say(one)
    left = tuple(one for one in case.left if (folder / one[1]).exists())
    close(folder, surprises, left=left, seconds=time.monotonic() - began)
    return 1 if surprises else 0


def _say(one: Compared) -> None:
    """Print a figure of a publication beside what was found."""
    typer.echo(one.figure)
    for head, text in (("told", one.told), ("here", one.found), ("so", one.verdict)):
        told(f"  {head:6}", text)
