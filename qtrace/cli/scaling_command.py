"""Command about scaling: metric scaling.

Inside: `metric_scaling`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit, note


def metric_scaling(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Scaling file.")],
    *,
    svg: Annotated[Path | None, typer.Option(help="Draw it there.")] = None,
) -> None:
    """Fit how the uncertainty of a sensor falls with the number of probes or nodes.

    Tells the exponent from -1/2 (independent probes) and -1 (Heisenberg limit); nothing is
    recorded.
    """
    from qtrace.workflow.scaling import scaling_of

    if svg is not None:
        from qtrace.report.files import check_writable

        check_writable(svg, suffix=".svg")
    done = scaling_of(file)
    if svg is not None:
        from qtrace.report.files import write_text
        from qtrace.report.scaling_picture import scaling_picture
        from qtrace.report.scan_svg import draw_scan

        write_text(svg, draw_scan(scaling_picture(done)))
        note(f"written: {svg}")

    def text() -> str:
        from qtrace.report.scaling_text import scaling_text

        return scaling_text(done)

    emit(ctx, "metric-scaling/1", done, text)
