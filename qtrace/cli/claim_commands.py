"""Commands about published claims: claims check, claims list.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, note

app = typer.Typer(no_args_is_help=True, help="Check what publications claim.")


@app.command()
def check(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="Claims file, or the name of a shipped one.")],
    *,
    html: Annotated[Path | None, typer.Option(help="Write the claims as a page to print.")] = None,
) -> None:
    """Check claims: consistent, inconsistent, underdetermined, or of an unverified source.

    Exit code 1 where one is inconsistent, 5 where none is but not all are consistent.
    """
    from qtrace import __version__
    from qtrace.report.claim_rows import claims_document
    from qtrace.report.files import check_writable, write_text
    from qtrace.workflow.claims import check_claim_file, standing_of

    if html is not None:
        check_writable(html)
    checked = check_claim_file(file)
    if html is not None:
        from qtrace.report.claim_page import render_claims

        write_text(html, render_claims(checked, version=__version__))
        note(f"page: {html}")

    def text() -> str:
        from qtrace.report.claim_text import claims_text

        return claims_text(checked)

    emit(ctx, "claims/1", claims_document(checked), text)
    code = {"INCONSISTENT": NEGATIVE, "CONSISTENT": 0}.get(
        standing_of(checked).value, NOT_ESTABLISHED
    )
    if code:
        raise typer.Exit(code)


@app.command("list")
def list_files(ctx: typer.Context) -> None:
    """List the claims files that travel with qtrace."""
    from qtrace.workflow.claims import list_claim_files

    found = list_claim_files()

    def text() -> str:
        from qtrace.report.claim_text import claim_files_text

        return claim_files_text([(one.name, str(one.claims), one.publication) for one in found])

    emit(ctx, "claims-list/1", list(found), text)


def add_to(outer: typer.Typer) -> None:
    """Add these commands to the application."""
    outer.add_typer(app, name="claims")
