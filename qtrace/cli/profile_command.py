"""Commands about attributes: profile of a run; what a network of links offers.

Inside: `profile`, `network_show`, `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit, note, workbench_of


def profile(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Recomputed run.")],
    *,
    confidence: Annotated[float, typer.Option(help="p of statements on baselines.")] = 0.95,
    baseline: Annotated[
        list[str] | None, typer.Option(help="Baseline on record; all if not given.")
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw it there.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one page there.")] = None,
) -> None:
    """Say of each attribute what the latest recomputation of a run shows of it, and what not.

    Accuracy, stability, sensitivity, synchronization, security, traceability: figures with
    interval, bias, baseline and chain. Nothing is recorded.
    """
    from qtrace.report.files import check_writable, write_text
    from qtrace.report.profile_page import render_profile_page
    from qtrace.report.profile_svg import draw_profile
    from qtrace.report.profile_text import profile_text
    from qtrace.workflow.profile import profile_run

    for path, suffix in ((svg, ".svg"), (html, "")):
        if path is not None:
            check_writable(path, suffix=suffix)
    done = profile_run(workbench_of(ctx), run, confidence=confidence, baselines=baseline or ())
    if svg is not None:
        write_text(svg, draw_profile(done))
    if html is not None:
        write_text(html, render_profile_page(done))
    for path in (svg, html):
        if path is not None:
            note(f"written: {path}")
    emit(ctx, "profile/1", done, lambda: profile_text(done))


def network_show(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Network file (TOML).")],
    *,
    start: Annotated[str, typer.Option("--from", help="First node.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last node.")] = "",
    path: Annotated[str, typer.Option(help="Or the path itself: A,B,C.")] = "",
) -> None:
    """Say what a network offers between two nodes: key, clocks, pairs, and who must be trusted.

    The best path of each kind, and which link limits it. Nothing is recorded.
    """
    from qtrace.report.network_text import network_text
    from qtrace.workflow.network import look_at_network

    done = look_at_network(workbench_of(ctx), file, start=start, end=end, path=path)
    emit(ctx, "network/1", done, lambda: network_text(done))


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("profile")(profile)
    network = typer.Typer(help="Networks of links.", no_args_is_help=True)
    network.command("show")(network_show)
    app.add_typer(network, name="network")
