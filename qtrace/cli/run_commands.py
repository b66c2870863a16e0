"""Commands about runs: template, simulate, plan, add, list, show, key, net, compare.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.register_commands import DryRun, FileArgument, list_command
from qtrace.cli.settings import emit, workbench_of

RunArgument = Annotated[str, typer.Argument(help="Run id.")]


def run_show(ctx: typer.Context, run: RunArgument) -> None:
    """Show one run with its counts and parameters."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), "run", run)
    emit(ctx, "run/1", record, lambda: document_text(record))


def run_add(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Record one operation of a link; refused where a device or calibration does not fit."""
    from qtrace.workflow.register import add_run

    run = add_run(workbench_of(ctx), file, dry_run=dry_run)

    def text() -> str:
        from qtrace.report.text import key_values

        roles = ", ".join(f"{r.role}: {r.device_id or 'not on record'}" for r in run.roles)
        return key_values(
            (
                ("run", run.run_id),
                ("link", run.link_id),
                ("provenance", run.provenance),
                ("devices", roles),
                ("from memory", ", ".join(run.from_memory) or "nothing"),
            )
        )

    emit(ctx, "run/1", run, text)


def run_compare(ctx: typer.Context, run: RunArgument) -> None:
    """Compare a run's published figures with what its counts give, by every named bound."""
    from qtrace.report.comparison_text import comparison_text
    from qtrace.workflow.compare import compare

    done = compare(workbench_of(ctx), run)
    emit(ctx, "compare/1", done, lambda: comparison_text(done))


def run_template(
    ctx: typer.Context,
    protocol: Annotated[str, typer.Argument(help="Protocol, such as bb84_two_decoy.")],
) -> None:
    """Print a run file of a protocol, to be filled in."""
    from qtrace.workflow.plan import template

    text = template(protocol)
    emit(ctx, "template/1", {"protocol": protocol, "text": text}, text.rstrip)


def run_simulate(
    ctx: typer.Context,
    file: FileArgument,
    *,
    seed: Annotated[int, typer.Option(help="Of the generator: the same gives the same counts.")],
    out: Annotated[Path, typer.Option(help="Folder for the two files.")] = Path(),
) -> None:
    """Draw a run of a link that is known: a run file, and a truth file beside it."""
    from qtrace.workflow.simulate import simulate_run

    done = simulate_run(file, seed=seed, out=out)

    def text() -> str:
        from qtrace.report.text import key_values

        outside = [("DECLARED SET VIOLATED", one) for one in done.violations]
        return key_values(
            (
                ("run file", done.run_file),
                ("truth file", done.truth_file),
                ("provenance", f"simulated: {done.simulator}, seed {done.seed}"),
                ("true length", f"{done.true_length:.0f} bit"),
                ("bound", done.bound or "none chosen: judged as set_varying"),
                *(outside or [("declared set", "the true device lies in it")]),
            )
        )

    emit(ctx, "simulated/1", done, text)


def run_plan(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Record what will be run, and by which bound and rule it will be judged."""
    from qtrace.workflow.plan import record_plan

    plan = record_plan(workbench_of(ctx), file, dry_run=dry_run)

    def text() -> str:
        from qtrace.report.text import key_values

        return key_values(
            (
                ("plan", plan.plan_id),
                ("link", plan.link_id),
                ("bound", plan.bound or "none"),
                ("blocks", f"{plan.blocks} of {plan.block_size}"),
                ("stops", plan.stop_rule),
            )
        )

    emit(ctx, "plan/1", plan, text)


def run_sync(ctx: typer.Context, run: RunArgument) -> None:
    """Say what a recomputed run tells of two clocks: offset, UTC, stability, and their chains."""
    from qtrace.report.sync_text import sync_text
    from qtrace.workflow.sync_report import report_sync

    done = report_sync(workbench_of(ctx), run)
    emit(ctx, "sync-report/1", done, lambda: sync_text(done))


def run_plot(
    ctx: typer.Context,
    run: RunArgument,
    *,
    out: Annotated[Path, typer.Option(help="What to write: FILE.png, FILE.svg or FILE.html.")],
    mask: Annotated[
        list[str] | None, typer.Option(help="Requirement id whose limit is drawn; repeatable.")
    ] = None,
) -> None:
    """Draw a run that compares two clocks: peaks, offsets, TDEV, MTIE, times between tags.

    A page (HTML) also has what `run sync` says of the run, which must be recomputed for it.
    """
    from qtrace.report.files import check_writable, write_bytes
    from qtrace.report.panels import form_of
    from qtrace.report.sync_page import render_sync_page
    from qtrace.report.sync_picture import FORMATS, sync_picture
    from qtrace.workflow.run_plot import view_run
    from qtrace.workflow.sync_report import report_sync

    form = form_of(out, command="run plot", forms=FORMATS)
    check_writable(out)
    bench = workbench_of(ctx)
    report = report_sync(bench, run) if form == "html" else None
    view = view_run(bench, run, masks=tuple(mask or ()))
    data = sync_picture(view, form) if report is None else render_sync_page(view, report).encode()
    write_bytes(out, data)
    emit(ctx, "run-plot/1", {"run": run, "file": str(out)}, lambda: f"written: {out}")


def run_net(ctx: typer.Context, plan: Annotated[str, typer.Argument(help="Plan id.")]) -> None:
    """Add up all runs of a plan, aborted ones too: net key, epsilon, rate over the wall time."""
    from qtrace.report.key_text import planned_text
    from qtrace.workflow.plan import planned_key

    done = planned_key(workbench_of(ctx), plan)
    emit(ctx, "net/1", done, lambda: planned_text(done))


def run_key(ctx: typer.Context, run: RunArgument) -> None:
    """Say what a recomputed run proves of its key, for which devices, and what limits it."""
    from qtrace.report.key_text import key_text
    from qtrace.workflow.key_report import report_key

    done = report_key(workbench_of(ctx), run)
    emit(ctx, "key-report/1", done, lambda: key_text(done))


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    run = typer.Typer(help="Plans and recorded operations of links.", no_args_is_help=True)
    run.command("template")(run_template)
    run.command("simulate")(run_simulate)
    run.command("plan")(run_plan)
    run.command("plans")(list_command("plan"))
    run.command("add")(run_add)
    run.command("list")(list_command("run"))
    run.command("show")(run_show)
    run.command("key")(run_key)
    run.command("sync")(run_sync)
    run.command("plot")(run_plot)
    run.command("net")(run_net)
    run.command("compare")(run_compare)
    app.add_typer(run, name="run")
