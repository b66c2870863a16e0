"""Commands about calibrations and chains: calibration, trace, region.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.interval_commands import (
    calibration_due,
    calibration_history,
    calibration_interval,
)
from qtrace.cli.occurrence_commands import calibration_adjust
from qtrace.cli.register_commands import DryRun, FileArgument, list_command
from qtrace.cli.settings import emit, folded, note, workbench_of


def calibration_add(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Record the calibration of a file: readings, budget, results, correlations."""
    from qtrace.workflow.calibrate import calibrate

    done = calibrate(workbench_of(ctx), file, dry_run=dry_run)
    for warning in done.warnings:
        note(f"warning: {warning}")

    def text() -> str:
        from qtrace.report.text import key_values, results_table
        from qtrace.report.trace_text import UNSTATED

        recorded = "dry run, nothing written" if dry_run else f"ledger entry {done.sequence}"
        same = dict(done.same())
        alone = [one for one in done.alone() if one.label not in same]
        lines = [
            key_values((("calibration", done.label), ("device", done.device_id))),
            *([results_table(alone)] if alone else []),
            *(
                f"curve {label}: {count} points; `qtrace calibration curve {label}`"
                for label, count in done.curves()
            ),
        ]
        own = f"{done.label}/"
        lines.extend(
            folded(f"{a.removeprefix(own)} is {b.removeprefix(own)}, read off its curve")
            for a, b in same.items()
        )
        lines.extend(
            f"{_unrounded(one.form)} {one.label.removeprefix(own)}: {one.value:.12g}, "
            f"u = {one.standard_uncertainty:.10g} {one.unit.removeprefix('1')}".rstrip()
            for one in alone
        )
        lines.extend(
            folded(
                f"r({a.removeprefix(own)}, {b.removeprefix(own)}) = {r:.4f}"
                f"{UNSTATED if (a, b) in done.unstated else ''}"
            )
            for a, b, r in done.correlations
            if not {a, b} & same.keys() and (abs(r) > 5e-5 or (a, b) in done.unstated)
        )
        return "\n".join([*lines, f"recorded: {recorded}"])

    emit(ctx, "calibration/1", done, text)


def _unrounded(form: str) -> str:
    """Name the unrounded figures: those of a limit are of the posterior behind it."""
    return "unrounded" if form == "estimate" else "posterior of"


def calibration_show(
    ctx: typer.Context, label: Annotated[str, typer.Argument(help="Label of the calibration.")]
) -> None:
    """Show one calibration with its inputs and results."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), "calibration", label)
    emit(ctx, "calibration-event/1", record, lambda: document_text(record))


def calibration_curve(
    ctx: typer.Context,
    curve: Annotated[str, typer.Argument(help="EVENT/CURVE.")],
    *,
    at: Annotated[
        list[str] | None, typer.Option(help="Argument with its unit; may be repeated.")
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the curve into this file.")] = None,
) -> None:
    """Show a curve: its points or coefficients, values with u where asked, a drawing."""
    from qtrace.workflow.curve import show_curve

    shown = show_curve(workbench_of(ctx), curve, at=tuple(at or ()), with_band=svg is not None)
    if svg is not None:
        from qtrace.report.curve_svg import draw_curve
        from qtrace.report.files import write_text

        write_text(svg, draw_curve(shown))
        note(f"curve drawn: {svg}")

    def text() -> str:
        from qtrace.report.curve_text import curve_text

        return curve_text(shown)

    emit(ctx, "curve/1", shown, text)


def calibration_withdraw(
    ctx: typer.Context,
    label: Annotated[str, typer.Argument(help="Label of the calibration.")],
    *,
    reason: Annotated[str, typer.Option(help="Why it no longer counts.")],
) -> None:
    """Withdraw a calibration; what rests on it shows a break from now on."""
    from qtrace.workflow.withdraw import withdraw

    done = withdraw(workbench_of(ctx), label, reason)

    def text() -> str:
        from qtrace.report.text import key_values

        return key_values(
            (
                ("withdrawn", f"{label}, ledger entry {done.sequence}"),
                ("rests on it", ", ".join(done.events) or "nothing"),
                ("runs", ", ".join(done.runs) or "none"),
                ("documents", ", ".join(done.documents) or "none"),
            )
        )

    document = {
        "calibration": label,
        "reason": reason,
        "ledger_entry": done.sequence,
        "events": done.events,
        "runs": done.runs,
        "documents": done.documents,
    }
    emit(ctx, "withdrawal/1", document, text)


def trace(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(help="EVENT/name, an event, a device or a link.")],
    *,
    correlate: Annotated[
        list[str] | None, typer.Option("--with", help="Result whose correlation is asked.")
    ] = None,
    graph: Annotated[
        Path | None, typer.Option(help="Draw the chain as SVG into this file.")
    ] = None,
    draws: Annotated[str, typer.Option("--monte-carlo", help="Number of draws, or adaptive.")] = "",
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    interval: Annotated[
        str, typer.Option(help="Interval of the draws: symmetric or shortest.")
    ] = "symmetric",
    lines: Annotated[int, typer.Option(min=1, help="Budget lines shown.")] = 12,
    chain: Annotated[bool, typer.Option(help="Show the chain.")] = True,
    by: Annotated[
        str, typer.Option(help="Gather the budget by input, device, laboratory or step.")
    ] = "",
) -> None:
    """Follow a result to the SI.

    Shows the chain with its typed ends and named breaks, the flattened budget, correlations;
    with draws also whether the linear interval agrees with them (JCGM 101, clause 8).
    """
    from qtrace.workflow.trace import parse_draws, parse_grouping
    from qtrace.workflow.trace import trace as run_trace

    request = parse_draws(draws, seed=seed, interval=interval)
    traced = run_trace(
        workbench_of(ctx),
        subject,
        with_results=tuple(correlate or ()),
        draws=request,
        by=parse_grouping(by),
    )
    if graph is not None:
        from qtrace.report.chain_svg import draw_chain
        from qtrace.report.files import write_text

        write_text(graph, draw_chain(traced[0].chain))
        note(f"chain drawn: {graph}")

    def text() -> str:
        from qtrace.report.trace_text import trace_text

        return "\n\n".join(trace_text(one, lines=lines, with_chain=chain) for one in traced)

    emit(ctx, "trace/1", traced, text)


def region(
    ctx: typer.Context,
    labels: Annotated[list[str], typer.Argument(help="Two or more results EVENT/name.")],
    *,
    draws: Annotated[
        int, typer.Option("--monte-carlo", min=0, max=10_000_000, help="Number of draws.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
) -> None:
    """Give the joint region of several results (JCGM 102), correlations kept."""
    from qtrace.workflow.region import region as run_region

    asked = run_region(workbench_of(ctx), tuple(labels), draws=draws, seed=seed)

    def text() -> str:
        from qtrace.report.region_text import region_text

        return region_text(asked)

    emit(ctx, "region/1", asked, text)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    calibration = typer.Typer(
        help="Calibrations: record, show, withdraw, what is due.", no_args_is_help=True
    )
    calibration.command("add")(calibration_add)
    calibration.command("list")(list_command("calibration"))
    calibration.command("show")(calibration_show)
    calibration.command("curve")(calibration_curve)
    calibration.command("adjust")(calibration_adjust)
    calibration.command("withdraw")(calibration_withdraw)
    calibration.command("due")(calibration_due)
    calibration.command("history")(calibration_history)
    calibration.command("interval")(calibration_interval)
    app.add_typer(calibration, name="calibration")
    app.command("trace")(trace)
    app.command("region")(region)
