"""Commands on the calendar of calibrations: due, history, interval.

Inside: `calibration_due`, `calibration_history`, `calibration_interval`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, emit, workbench_of

DeviceArgument = Annotated[str, typer.Argument(help="Device id.")]
KindArgument = Annotated[str, typer.Argument(help="Kind of quantity, as in its calibrations.")]
Like = Annotated[str, typer.Option(help="EVENT/name: the history under its conditions.")]
ToleranceOption = Annotated[
    str, typer.Option(help='Half-width: "0.5 %" is a part of the value, "2 mW" an amount.')
]
NominalOption = Annotated[
    str, typer.Option(help="Value that the tolerance is about; else the value left before.")
]


def calibration_due(
    ctx: typer.Context,
    *,
    within: Annotated[str, typer.Option(help='Only what is due by then, e.g. "90 d".')] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
) -> None:
    """List when calibrations are due by the owner's programmes, overdue ones first.

    With --overdue the exit code is 1 where anything is overdue or was never calibrated.
    """
    from qtrace.workflow.due import due

    rows = due(workbench_of(ctx), within=within, overdue_only=overdue)

    def text() -> str:
        from qtrace.report.calendar_text import due_text

        return due_text(rows)

    emit(ctx, "calibration-due/1", rows, text)
    if overdue and rows:
        raise typer.Exit(NEGATIVE)


def calibration_history(
    ctx: typer.Context,
    device: DeviceArgument,
    kind: KindArgument,
    *,
    like: Like = "",
    at: Annotated[str, typer.Option(help="Day to predict for; else the day it is due.")] = "",
    tolerance: ToleranceOption = "",
    nominal: NominalOption = "",
) -> None:
    """Show what a device did between its calibrations: shifts, gaps, drift rate."""
    from qtrace.workflow.history import show_history

    shown = show_history(
        workbench_of(ctx), device, kind, like=like, at=at, tolerance=tolerance, nominal=nominal
    )

    def text() -> str:
        from qtrace.report.calendar_text import history_text

        return history_text(shown)

    emit(ctx, "calibration-history/1", shown, text)


def calibration_interval(
    ctx: typer.Context,
    device: DeviceArgument,
    kind: KindArgument,
    *,
    method: Annotated[str, typer.Option(help="a3, s2 or variables.")],
    target: Annotated[float, typer.Option(help="Wanted reliability at the end.")] = 0.95,
    confidence: Annotated[
        float | None, typer.Option(help="a3: of a change (0.5); s2: of the limits (0.95).")
    ] = None,
    tolerance: ToleranceOption = "",
    nominal: NominalOption = "",
    present: Annotated[str, typer.Option(help="Present interval; else the programme's.")] = "",
    target_u: Annotated[
        str, typer.Option("--target-u", help="variables: largest u, instead of --target.")
    ] = "",
    order: Annotated[
        int | None, typer.Option(help="variables: order 1 to 3; else the one that scatters least.")
    ] = None,
    weighted: Annotated[
        bool, typer.Option("--weighted", help="variables: weight shifts by 1/u^2.")
    ] = False,
    form: Annotated[
        str, typer.Option(help="variables: criterion as in suncal 1.7.1 or 1.7.")
    ] = "1.7.1",
    like: Like = "",
    pooled: Annotated[
        list[str] | None, typer.Option("--with", help="Another device whose history counts.")
    ] = None,
) -> None:
    """Propose a calibration interval from the history; the programme stays as it is."""
    from qtrace.workflow.interval import IntervalQuestion, propose_interval

    question = IntervalQuestion(
        method=method,
        target=target,
        confidence=confidence,
        tolerance=tolerance,
        nominal=nominal,
        present=present,
        target_u=target_u,
        order=order,
        weighted=weighted,
        form=form,
        like=like,
        pooled=tuple(pooled or ()),
    )
    proposal = propose_interval(workbench_of(ctx), device, kind, question)

    def text() -> str:
        from qtrace.report.calendar_text import proposal_text

        return proposal_text(proposal)

    emit(ctx, "calibration-interval/1", proposal, text)
    if proposal.proposed_days is None:
        raise typer.Exit(NEGATIVE)
