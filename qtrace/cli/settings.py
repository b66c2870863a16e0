"""The global options of an invocation, and how they become a workbench.

Inside: `Settings`, `workbench_of`, `echo`, `note`, `folded`, `emit`,
`emit_listing`.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from qtrace.workflow.listing import Listing
    from qtrace.workflow.workbench import Workbench

NEGATIVE = 1
NOT_ESTABLISHED = 5
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Settings:
    """Global options as typed."""

    database: str
    keys: str
    actor: str
    as_of: str
    json_output: bool


def settings_of(ctx: typer.Context) -> Settings:
    """Return the global options of this invocation."""
    settings = ctx.obj
    if not isinstance(settings, Settings):
        raise TypeError("commands are run through the application")
    return settings


def workbench_of(ctx: typer.Context) -> Workbench:
    """Build the workbench from the global options."""
    from qtrace.workflow.workbench import open_workbench, parse_as_of, system_clock

    settings = settings_of(ctx)
    return open_workbench(
        settings.database,
        actor=settings.actor,
        keys=settings.keys,
        as_of=parse_as_of(settings.as_of, now=system_clock()),
        progress=note,
    )


def echo(ctx: typer.Context, text: str) -> None:
    """Print text for people: on stdout, or on stderr where stdout carries JSON."""
    typer.echo(folded(text), err=settings_of(ctx).json_output)


def note(text: str) -> None:
    """Print progress and warnings, on stderr."""
    typer.echo(folded(text), err=True)


def folded(text: str) -> str:
    """Fold long lines at 80 columns, keeping each line's indent."""
    lines = []
    for line in text.splitlines():
        if len(line) <= WIDTH:
            lines.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        lines.extend(
            textwrap.wrap(
                line,
                WIDTH,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words=False,
            )
            or [""]
        )
    return "\n".join(lines)


def emit(ctx: typer.Context, schema: str, document: object, text: Callable[[], str]) -> None:
    """Print one answer: as JSON where asked for, else as text.

    Args:
        ctx: The invocation.
        schema: Name of the JSON form, e.g. "trace/1".
        document: A record, or plain values; numbers become decimal strings.
        text: Makes the text for people.
    """
    if settings_of(ctx).json_output:
        from qtrace.report.documents import document_of

        whole = {"schema": f"qtrace/{schema}", "answer": document_of(document)}
        sys.stdout.write(json.dumps(whole, sort_keys=True, ensure_ascii=False, allow_nan=False))
        sys.stdout.write("\n")
    else:
        typer.echo(folded(text()))


def emit_listing(ctx: typer.Context, name: str, found: Listing) -> None:
    """Print a listing."""

    def text() -> str:
        from qtrace.report.text import listing

        return listing(found.headers, found.rows) if found.rows else f"no {name} on record"

    emit(ctx, f"{name}-list/1", list(found.records), text)
