"""Commands about standards: standard, scheme, assess.

Inside: `add_to`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from qtrace.cli.settings import echo, emit, emit_listing, workbench_of


def standard_list(ctx: typer.Context) -> None:
    """List the packs of requirements at hand."""
    from qtrace.workflow.listing import standards

    emit_listing(ctx, "standard", standards())


def standard_show(
    ctx: typer.Context,
    standard: Annotated[str, typer.Argument(help="NAME, NAME:EDITION or file.")],
) -> None:
    """Show the requirements of one standard; a superseded edition is said to be one."""
    from qtrace.report.standard_text import standard_text
    from qtrace.workflow.showing import show_standard

    record, warnings = show_standard(standard)
    for warning in warnings:
        echo(ctx, f"warning: {warning}")
    emit(ctx, "standard/1", record, lambda: standard_text(record))


def scheme_list(ctx: typer.Context) -> None:
    """List the schemes at hand."""
    from qtrace.workflow.listing import schemes

    emit_listing(ctx, "scheme", schemes())


def scheme_show(
    ctx: typer.Context, scheme: Annotated[str, typer.Argument(help="Scheme id or file.")]
) -> None:
    """Show one scheme with its truth table."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show_scheme

    record = show_scheme(scheme)
    emit(ctx, "scheme/1", record, lambda: document_text(record))


def assess(
    ctx: typer.Context,
    link: Annotated[str, typer.Argument(help="Link id.")],
    *,
    scheme: Annotated[str, typer.Option(help="Scheme: its standards, rule and bounds.")],
    run: Annotated[str, typer.Option(help="A run of the link; the latest if not given.")] = "",
    explain: Annotated[str, typer.Option(help="Explain one requirement in full.")] = "",
    details: Annotated[bool, typer.Option("--details", help="Explain all of them.")] = False,
) -> None:
    """Judge a recomputed run: findings, no decision.

    One finding per requirement and subject, recorded with the rule that was applied.
    """
    from qtrace.workflow.assess import assess as run_assess

    done = run_assess(workbench_of(ctx), link, scheme_id=scheme, run_id=run, explain=explain)
    for warning in done.conclusions.warnings:
        echo(ctx, f"warning: {warning}")
    findings = done.conclusions.findings
    chosen = tuple(f for f in findings if f.requirement_id == explain) if explain else findings

    def text() -> str:
        from qtrace.report.document_text import document_text
        from qtrace.report.documents import document_of
        from qtrace.report.text import findings_table

        if explain:
            return "\n\n".join(document_text(document_of(one)) for one in chosen)
        table = findings_table(findings, details=details)
        more = "" if details else "; reasons of all: --details, of one: --explain ID"
        return f"{table}\nrecorded: {done.label}, ledger entry {done.sequence}{more}"

    emit(ctx, "assessment/1", {"label": done.label, "findings": chosen}, text)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    standard = typer.Typer(help="Standards as data.", no_args_is_help=True)
    standard.command("list")(standard_list)
    standard.command("show")(standard_show)
    scheme = typer.Typer(help="Schemes: from findings to decisions.", no_args_is_help=True)
    scheme.command("list")(scheme_list)
    scheme.command("show")(scheme_show)
    app.add_typer(standard, name="standard")
    app.add_typer(scheme, name="scheme")
    app.command("assess")(assess)
