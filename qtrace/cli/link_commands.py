"""Commands about links, recomputation and metrics: link, recompute, metric.

Inside: `add_to`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from qtrace.cli.baseline_commands import metric_advantage
from qtrace.cli.closure_command import metric_closure
from qtrace.cli.metric_commands import metric_scan, metric_supply
from qtrace.cli.register_commands import list_command, register_file
from qtrace.cli.scaling_command import metric_scaling
from qtrace.cli.settings import emit, emit_listing, folded, workbench_of
from qtrace.cli.stability_command import metric_stability
from qtrace.cli.state_commands import metric_chain, metric_memory
from qtrace.cli.tomography_command import metric_tomography

RunArgument = Annotated[str, typer.Argument(help="Run id.")]


def link_show(ctx: typer.Context, link: Annotated[str, typer.Argument(help="Link id.")]) -> None:
    """Show one link with its roles and declared limits."""
    _show(ctx, "link", link)


def _show(ctx: typer.Context, what: str, name: str) -> None:
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), what, name)
    emit(ctx, f"{what}/1", record, lambda: document_text(record))


def recompute(
    ctx: typer.Context,
    run: RunArgument,
    *,
    calibration: Annotated[
        str, typer.Option(help="Which calibration serves: before, after or bracketed.")
    ] = "",
) -> None:
    """Recompute a run from its counts, or from its raw files.

    Brings its devices to the time of use, then computes every metric of its protocol. A closing
    calibration, or both around the run, may serve instead; each time is a new round.
    """
    from qtrace.workflow.recompute import recompute as run_recompute

    done = run_recompute(workbench_of(ctx), run, calibration=calibration)

    def text() -> str:
        from qtrace.report.sync_text import split_series
        from qtrace.report.text import results_table

        series, single = split_series(done.results)
        lines = [results_table(single)]
        if series:
            lines.append(folded(f"{len(series)} points of stability: qtrace run sync {run}"))
        lines.extend(folded(f"left out: {line}") for line in done.left_out)
        return "\n".join([*lines, f"recorded: ledger entry {done.sequence}"])

    emit(ctx, "recompute/1", done, text)


def metric_list(ctx: typer.Context) -> None:
    """List all metrics and which calibrations can influence each."""
    from qtrace.workflow.listing import metrics

    emit_listing(ctx, "metric", metrics())


def metric_show(
    ctx: typer.Context, metric: Annotated[str, typer.Argument(help="Metric id.")]
) -> None:
    """Show one metric: arguments, unit, source."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show_metric

    record = show_metric(metric)
    emit(ctx, "metric/1", record, lambda: document_text(record))


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    link = typer.Typer(help="Links, their roles and security targets.", no_args_is_help=True)
    link.command("add")(register_file)
    link.command("list")(list_command("link"))
    link.command("show")(link_show)
    metric = typer.Typer(help="The catalogue of metrics.", no_args_is_help=True)
    metric.command("list")(metric_list)
    metric.command("show")(metric_show)
    metric.command("scan")(metric_scan)
    metric.command("scaling")(metric_scaling)
    metric.command("supply")(metric_supply)
    metric.command("chain")(metric_chain)
    metric.command("memory")(metric_memory)
    metric.command("stability")(metric_stability)
    metric.command("closure")(metric_closure)
    metric.command("advantage")(metric_advantage)
    metric.command("tomography")(metric_tomography)
    app.add_typer(link, name="link")
    app.command("recompute")(recompute)
    app.add_typer(metric, name="metric")
