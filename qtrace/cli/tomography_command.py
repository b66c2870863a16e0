"""Command about states and processes: metric tomography.

Inside: `metric_tomography`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit


def metric_tomography(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Tomography file.")],
    *,
    draws: Annotated[int, typer.Option(help="Draws of the bootstrap.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 20_010_052,
) -> None:
    """Estimate a state or process by maximum likelihood, with a direct witness beside it.

    Nothing is recorded. Says what the intervals cover, and by how much the fit is biased.
    """
    from qtrace.workflow.tomography import tomography

    done = tomography(file, draws=draws, seed=seed)

    def text() -> str:
        from qtrace.report.tomography_text import tomography_text

        return tomography_text(done)

    emit(ctx, "metric-tomography/1", done, text)
