"""Commands about single results: conformity, equivalence.

Inside: `add_to`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qtrace.cli.settings import NEGATIVE, emit, workbench_of

if TYPE_CHECKING:
    from qtrace.workflow.conformity import JointlyJudged


def conformity(
    ctx: typer.Context,
    result: Annotated[str, typer.Argument(help="EVENT/name.")],
    *,
    at_least: Annotated[str, typer.Option(help="Lower tolerance limit, with unit.")] = "",
    at_most: Annotated[str, typer.Option(help="Upper tolerance limit, with unit.")] = "",
    limit_u: Annotated[str, typer.Option(help="Standard uncertainty of the limits.")] = "",
    rule: Annotated[str, typer.Option(help="Decision rule.")] = "guard_band",
    risk: Annotated[
        str, typer.Option(help="Specific risk that an acceptance may have, e.g. 2%.")
    ] = "",
    global_risk: Annotated[
        str, typer.Option(help="Share of all items that may be wrongly accepted, e.g. 2%.")
    ] = "",
    prior_mean: Annotated[str, typer.Option(help="Mean of such items, with unit.")] = "",
    prior_u: Annotated[str, typer.Option(help="Standard deviation of such items.")] = "",
    prior_shape: Annotated[str, typer.Option(help="Distribution of such items.")] = "normal",
    in_tolerance: Annotated[str, typer.Option(help="Share of such items in tolerance.")] = "",
    observed: Annotated[
        bool, typer.Option("--observed/--true", help="That share is of measured or of true values.")
    ] = False,
    draws: Annotated[
        int, typer.Option("--monte-carlo", min=0, max=10_000_000, help="Judge from so many draws.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    others: Annotated[
        list[str] | None,
        typer.Option("--with", help='Judge also "EVENT/name at least 0.9", and all at once.'),
    ] = None,
) -> None:
    """Judge results against limits: zone, words, guard band, specific, global, joint risks.

    Nothing is recorded. Exit code 1 where the rule says that one fails.
    """
    from qtrace.workflow.conformity import ConformityRequest, judge_jointly, judge_result

    prior = (prior_mean, prior_u, prior_shape, in_tolerance, observed)
    request = ConformityRequest(
        at_least, at_most, limit_u, rule, risk, global_risk, *prior, draws, seed
    )
    if others:
        _emit_jointly(ctx, judge_jointly(workbench_of(ctx), result, request, others=tuple(others)))
        return
    answer = judge_result(workbench_of(ctx), result, request)

    def text() -> str:
        from qtrace.report.conformity_text import conformity_text

        return conformity_text(answer)

    emit(ctx, "conformity/1", answer, text)
    if answer.negative:
        raise typer.Exit(NEGATIVE)


def _emit_jointly(ctx: typer.Context, jointly: JointlyJudged) -> None:
    """Print the answers of several results and what they are together."""

    def text() -> str:
        from qtrace.report.joint_text import joint_conformity_text

        return joint_conformity_text(jointly.answers, jointly.joint)

    emit(ctx, "joint-conformity/1", jointly, text)
    if jointly.negative:
        raise typer.Exit(NEGATIVE)


def equivalence(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(help="EVENT/name.")],
    second: Annotated[str, typer.Argument(help="EVENT/name.")],
) -> None:
    """Compare two results of one quantity: difference, E_n, ratio, with what both share.

    Nothing is recorded. Exit code 1 where they do not agree.
    """
    from qtrace.workflow.equivalence import equivalence as run_equivalence

    done = run_equivalence(workbench_of(ctx), first, second)

    def text() -> str:
        from qtrace.report.conformity_text import equivalence_text

        return equivalence_text(done)

    emit(ctx, "equivalence/1", done, text)
    if not done.agree:
        raise typer.Exit(NEGATIVE)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("conformity")(conformity)
    app.command("equivalence")(equivalence)
