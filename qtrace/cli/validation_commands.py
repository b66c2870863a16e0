"""The command that evaluates the shipped published examples: validate.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import NEGATIVE, emit, note


def validate(
    ctx: typer.Context,
    *,
    only: Annotated[str, typer.Option(help="Id of a case or document, or a tag.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write the comparison as a page.")] = None,
) -> None:
    """Evaluate published examples again and compare with their print.

    Exit code 1 where a figure differs and the data do not explain it.
    """
    from qtrace.report.files import check_writable, write_text
    from qtrace.report.validation_rows import validation_document
    from qtrace.workflow.validate import validate as run_validate

    if html is not None:
        check_writable(html)
    done = run_validate(only=only, progress=note)
    if html is not None:
        from qtrace.report.validation_html import render_validation

        write_text(html, render_validation(done))
        note(f"page: {html}")

    def text() -> str:
        from qtrace.report.validation_text import validation_text

        return validation_text(done)

    emit(ctx, "validation/1", validation_document(done), text)
    if not done.summary.passed:
        raise typer.Exit(NEGATIVE)


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command("validate")(validate)
