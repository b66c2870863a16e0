"""The command demo: which walk, where, and the list of case studies.

Inside: `demo_command`.
"""

from __future__ import annotations

from pathlib import Path

import typer

from qtrace.cli.demo import CASES, Invoke, case_named, run_case, run_demo
from qtrace.cli.settings import emit
from qtrace.errors import InputError


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
