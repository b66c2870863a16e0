"""The command metric stability: deviations of a record in a file.

Inside: `metric_stability`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit


def metric_stability(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Series in CSV, numbers line by line, or .clk.")],
    *,
    interval: Annotated[str, typer.Option(help='Step of the record, "1 s".')],
    estimators: Annotated[
        str, typer.Option(help="adev, oadev, mdev, tdev, hdev, ohdev, totdev, mtie, tierms, ...")
    ] = "oadev,mdev,tdev,mtie",
    factors: Annotated[str, typer.Option(help="octave, decade, or 1,2,10.")] = "octave",
    data: Annotated[str, typer.Option(help="Of plain numbers: phase or frequency.")] = "phase",
    unit: Annotated[str, typer.Option(help="Of plain phases: s, ns, ps.")] = "s",
    direction: Annotated[str, typer.Option(help='Of a clock file: "UTC - UTC(NIST)".')] = "",
    since: Annotated[
        float | None, typer.Option(help="Of a clock file: first MJD that counts.")
    ] = None,
    gaps: Annotated[str, typer.Option(help="complete: whole terms only; refuse.")] = "complete",
) -> None:
    """Compute deviations of a record of phase or frequency, with intervals and noise.

    Nothing is recorded, and no database is needed.
    """
    from qtrace.report.sync_text import stability_text
    from qtrace.workflow.stability import StabilityQuestion, look_at_stability

    question = StabilityQuestion(
        interval,
        estimators,
        factors,
        data,
        unit,
        direction,
        -math.inf if since is None else since,
        gaps,
    )
    done = look_at_stability(file, question)
    emit(ctx, "metric-stability/1", done, lambda: stability_text(done))
