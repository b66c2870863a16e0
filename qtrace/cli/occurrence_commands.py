"""Commands about what happens beside calibrations: calibration adjust, statement.

Inside: `calibration_adjust`, `add_to`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from qtrace.cli.register_commands import DryRun, FileArgument, list_command
from qtrace.cli.settings import emit, note, workbench_of

if TYPE_CHECKING:
    from qtrace.workflow.occurrence import Occurred


def _emit(ctx: typer.Context, schema: str, done: Occurred, *, dry_run: bool) -> None:
    for warning in done.warnings:
        note(f"warning: {warning}")

    def text() -> str:
        from qtrace.report.text import key_values

        recorded = "dry run, nothing written" if dry_run else f"ledger entry {done.sequence}"
        pairs = (
            (schema.partition("/")[0], done.label),
            ("device", done.device_id),
            ("changes", ", ".join(done.affects)),
            ("inputs", ", ".join(done.inputs)),
            ("recorded", recorded),
        )
        return key_values([pair for pair in pairs if pair[1]])

    emit(ctx, schema, done, text)


def calibration_adjust(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Record that a device was adjusted; no calibration from before serves after it."""
    from qtrace.workflow.occurrence import adjust

    done = adjust(workbench_of(ctx), file, dry_run=dry_run)
    _emit(ctx, "adjustment/1", done, dry_run=dry_run)


def statement_add(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Record quantities that several calibrations share, each once."""
    from qtrace.workflow.occurrence import state

    done = state(workbench_of(ctx), file, dry_run=dry_run)
    _emit(ctx, "statement/1", done, dry_run=dry_run)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    statement = typer.Typer(help="Quantities that outlive one event.", no_args_is_help=True)
    statement.command("add")(statement_add)
    statement.command("list")(list_command("statement"))
    app.add_typer(statement, name="statement")
