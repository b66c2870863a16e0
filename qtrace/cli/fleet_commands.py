"""Commands about the whole fleet of results: correlation, impact.

Inside: `add_to`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from qtrace.cli.settings import emit, settings_of, workbench_of


def correlation(
    ctx: typer.Context,
    results: Annotated[
        list[str] | None, typer.Argument(help="Results EVENT/name, two or more.")
    ] = None,
    *,
    all_with: Annotated[
        str, typer.Option(help="Result whose correlation with every other is asked.")
    ] = "",
    top: Annotated[int, typer.Option(min=1, help="Results shown beside it.")] = 20,
) -> None:
    """Show how results move together because of what they share.

    The matrix of the results named, and those most correlated with one among all on record.
    """
    from qtrace.workflow.correlate import correlate

    answer = correlate(workbench_of(ctx), tuple(results or ()), all_with=all_with, top=top)

    def text() -> str:
        from qtrace.report.fleet_text import correlation_text

        return correlation_text(answer)

    emit(ctx, "correlation/1", answer, text)


def impact(
    ctx: typer.Context,
    event: Annotated[str, typer.Argument(help="Label of the event.")],
    *,
    shift: Annotated[
        str, typer.Option(help='Its values are wrong by "0.5 %", or by an amount with unit.')
    ] = "",
    widen: Annotated[str, typer.Option(help="Its uncertainty is that many times larger.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It no longer counts.")] = False,
    of: Annotated[str, typer.Option(help="Shift only this result of the event.")] = "",
    top: Annotated[int, typer.Option(min=1, help="Results shown; JSON holds all.")] = 20,
) -> None:
    """Show what a change of an event does to every result that rests on it.

    First order, from the stored sensitivities; nothing is written. One change: --shift, --widen
    or --withdraw, which is meant where none is said.
    """
    from qtrace.workflow.impact import impact as run_impact
    from qtrace.workflow.impact import parse_change

    change = parse_change(shift=shift, widen=widen, withdraw=withdraw)
    shown = 0 if settings_of(ctx).json_output else top
    answer = run_impact(workbench_of(ctx), event, change, of=of, top=shown)

    def text() -> str:
        from qtrace.report.fleet_text import impact_text

        return impact_text(answer)

    emit(ctx, "impact/1", answer, text)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("correlation")(correlation)
    app.command("impact")(impact)
