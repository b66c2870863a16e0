"""The command about what rests on a calibration that turned out wrong: recall.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, emit, note, workbench_of


def recall(
    ctx: typer.Context,
    calibration: Annotated[str, typer.Argument(help="Label of the calibration.")],
    *,
    cause: Annotated[
        str,
        typer.Option(help="error_in_certificate, out_of_tolerance_as_found or withdrawn."),
    ],
    shift: Annotated[str, typer.Option(help='How far it was off: "0.5 %" or "2 nW".')] = "",
    value: Annotated[str, typer.Option(help="What it should have said.")] = "",
    u: Annotated[str, typer.Option("--u", help="What u of the input should have been.")] = "",
    corrected: Annotated[Path | None, typer.Option(help="The corrected calibration file.")] = None,
    result: Annotated[str, typer.Option(help="Which result was wrong.")] = "",
    quantity: Annotated[str, typer.Option("--input", help="Which input was wrong.")] = "",
    found: Annotated[str, typer.Option(help="Calibration that shows what it was found at.")] = "",
    model: Annotated[str, typer.Option(help="Shift before the finding: worst, linear.")] = "worst",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Record it and its decisions.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    graph: Annotated[
        Path | None, typer.Option(help="Draw what rests on it as SVG into this file.")
    ] = None,
) -> None:
    """Work out what a wrong, shifted or withdrawn calibration does to all that rests on it.

    Nothing changes without --confirm. Exit code 1 where an outcome or a decision changes.
    """
    from qtrace.workflow.recall import read_request
    from qtrace.workflow.recall import recall as run_recall

    request = read_request(
        cause,
        model=model,
        corrected=corrected,
        shift=shift,
        value=value,
        u=u,
        result=result,
        input=quantity,
        found=found,
    )
    from qtrace.report.files import check_writable, write_text

    if graph is not None:
        check_writable(graph)  # what is confirmed stays, whatever happens to files
    done = run_recall(workbench_of(ctx), calibration, request, confirm=confirm, reason=reason)
    if graph is not None:
        from qtrace.report.recall_svg import draw_recall

        write_text(graph, draw_recall(done))
        note(f"recall drawn: {graph}")

    from qtrace.report.recall_text import recall_text

    emit(ctx, "recall/1", done, lambda: recall_text(done))
    if done.changes:
        raise typer.Exit(NEGATIVE)


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("recall")(recall)
