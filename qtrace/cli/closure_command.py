"""The command about networks of clocks: metric closure.

Inside: `metric_closure`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, workbench_of


def metric_closure(
    ctx: typer.Context,
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Recomputed runs.")],
    *,
    reference: Annotated[
        str, typer.Option(help="Node whose clock is zero; else the first of the first run.")
    ] = "",
) -> None:
    """Adjust runs that compare clocks as one network, and see whether its loops close.

    Nothing is recorded. Exit code 1 where the closure fails at the 5 % level, 5 where there is no
    loop and so nothing is shown.
    """
    from qtrace.workflow.closure import close_loops

    done = close_loops(workbench_of(ctx), tuple(runs), reference=reference)

    def text() -> str:
        from qtrace.report.closure_text import closure_text

        return closure_text(done)

    emit(ctx, "metric-closure/1", done, text)
    if done.outcome.value == "SHOWS_NOTHING":
        raise typer.Exit(NOT_ESTABLISHED)
    if done.outcome.value == "FAILS":
        raise typer.Exit(NEGATIVE)
