"""Commands about figures in use: metric supply, metric scan.

Inside: `metric_supply`, `metric_scan`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, workbench_of


def metric_supply(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Supply file.")],
    *,
    run: Annotated[str, typer.Option(help="Recomputed run whose certified key supplies.")] = "",
    rate: Annotated[str, typer.Option(help='A claimed supply instead, "1 kbit/s".')] = "",
) -> None:
    """Weigh the key that uses need against the key that a link supplies.

    Nothing is recorded. Exit code 1 where key or margin lacks, 5 where it would be enough, but
    nothing confirms the supply.
    """
    from qtrace.workflow.supply import weigh_supply

    done = weigh_supply(workbench_of(ctx), file, run_id=run, rate=rate)

    def text() -> str:
        from qtrace.report.supply_text import supply_text

        return supply_text(done)

    emit(ctx, "metric-supply/1", done, text)
    outcome = done.balance.outcome.value
    if outcome == "NOT_EVALUABLE":
        raise typer.Exit(NOT_ESTABLISHED)
    if outcome != "MET":
        raise typer.Exit(NEGATIVE)
