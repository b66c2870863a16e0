"""Commands about classical baselines: baseline add, baseline list, metric advantage.

Inside: `add_to`, `metric_advantage`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.register_commands import DryRun, list_command
from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, workbench_of


def baseline_add(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Baseline file, or the name of a shipped one.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Declare what classical methods do, before the run that is held against it.

    All baselines of the file are recorded, or none; the ledger keeps when.
    """
    from qtrace.workflow.baseline import add_baselines

    done = add_baselines(workbench_of(ctx), file, dry_run=dry_run)

    def text() -> str:
        ids = ", ".join(one.baseline_id for one in done.baselines)
        said = "checked, nothing written" if dry_run else "recorded"
        lines = [f"{len(done.baselines)} baselines {said}: {ids}"]
        if done.without_figure:
            lines.append(f"no metric gives such a figure yet: {', '.join(done.without_figure)}")
        return "\n".join(lines)

    emit(ctx, "baseline/1", done, text)


def metric_advantage(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Run id.")],
    *,
    confidence: Annotated[float, typer.Option(help="p of each statement, 0.5 to 1.")] = 0.95,
    baseline: Annotated[
        list[str] | None, typer.Option(help="Baseline id; repeatable, all if not given.")
    ] = None,
) -> None:
    """Say which figures of a run are better than a classical baseline, at which confidence.

    Nothing is recorded. Exit code 0 where all are better, 1 where any is worse or not shown, 5
    where all are better but a baseline was declared only after the run.
    """
    from qtrace.report.advantage_text import advantage_text
    from qtrace.workflow.advantage import state_advantages

    found = state_advantages(
        workbench_of(ctx), run, confidence=confidence, baselines=tuple(baseline or ())
    )
    emit(ctx, "metric-advantage/1", found, lambda: advantage_text(found))
    if not found.all_better or (baseline and found.not_compared):
        raise typer.Exit(NEGATIVE)
    if any(one.advantage.post_hoc for one in found.rows):
        raise typer.Exit(NOT_ESTABLISHED)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    group = typer.Typer(help="Classical baselines, declared before the run.", no_args_is_help=True)
    group.command("add")(baseline_add)
    group.command("list")(list_command("baseline"))
    app.add_typer(group, name="baseline")
