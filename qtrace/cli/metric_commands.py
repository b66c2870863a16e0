"""Commands about figures in use: metric supply, metric scan.

Inside: `metric_supply`, `metric_scan`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, note, workbench_of


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


def metric_scan(
    ctx: typer.Context,
    protocol: Annotated[str, typer.Argument(help="Protocol, as in qtrace metric list.")],
    *,
    metric: Annotated[str, typer.Option(help="Metric id of the protocol.")],
    over: Annotated[str, typer.Option(help="NAME=FIRST:LAST:STEP, in equal steps.")] = "",
    over_log: Annotated[str, typer.Option(help="NAME=FIRST:LAST:POINTS, in equal ratios.")] = "",
    curves: Annotated[str, typer.Option(help="NAME=V1,V2,...: one curve for each value.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, in SI units, held.")
    ] = None,
    run: Annotated[str, typer.Option(help="Recomputed run to show beside.")] = "",
    run_at: Annotated[float | None, typer.Option(help="Where on the axis the run lies.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw it there.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw it there; needs matplotlib.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write all points there.")] = None,
) -> None:
    """Scan a figure over distance, block size or the width of the declared set.

    On the link model of the protocol, with PLOB beside it; nothing is recorded.
    """
    from qtrace.report.files import check_writable, write_bytes, write_text
    from qtrace.report.scan_picture import picture_of
    from qtrace.report.scan_png import check_plot, scan_png
    from qtrace.report.scan_svg import draw_scan
    from qtrace.report.scan_text import scan_csv, scan_text
    from qtrace.workflow.scan import ScanQuestion, scan

    for path, suffix in ((svg, ".svg"), (png, ".png"), (csv, "")):
        if path is not None:
            check_writable(path, suffix=suffix)
    if png is not None:
        check_plot()
    question = ScanQuestion(
        protocol, metric, over, over_log, curves, tuple(settings or ()), run, run_at
    )
    done = scan(workbench_of(ctx), question)
    picture = picture_of(done)
    if svg is not None:
        write_text(svg, draw_scan(picture))
    if png is not None:
        write_bytes(png, scan_png(picture))
    if csv is not None:
        write_text(csv, scan_csv(done))
    for path in (svg, png, csv):
        if path is not None:
            note(f"written: {path}")
    emit(ctx, "metric-scan/1", done, lambda: scan_text(done, picture))
