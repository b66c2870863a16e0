"""Commands about files of time tags: tags show, tags convert.

Inside: `tags_show`, `tags_convert`, `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit, workbench_of
from qtrace.cli.tag_simulate_command import add_to_tags

TagFile = Annotated[Path, typer.Argument(help="A file of time tags; see docs/time_tags.md.")]
FormatOption = Annotated[
    str, typer.Option("--format", help="Its format; found out by suffix and first bytes if not.")
]
TimesOption = Annotated[str, typer.Option(help="Dataset, column or field of the times.")]
ChannelsOption = Annotated[
    str, typer.Option(help="The same of the channels; for NPY a second file.")
]
UnitOption = Annotated[int, typer.Option("--unit-ps", help="Unit of the times, whole ps.")]
OrderOption = Annotated[
    str, typer.Option("--word-order", help='S-Fifteen a1: "low first" or "high first" (X).')
]
NegativeOption = Annotated[
    bool, typer.Option("--negative", help="Negative channels of tables are meant.")
]


def tags_show(
    ctx: typer.Context,
    file: TagFile,
    *,
    format_name: FormatOption = "",
    times: TimesOption = "",
    channels: ChannelsOption = "",
    unit_ps: UnitOption = 1,
    word_order: OrderOption = "",
    negative: NegativeOption = False,
) -> None:
    """Say what a file of time tags holds: instrument, clock, channels, faults, digest.

    The whole file is read, part by part; nothing of it is stored anywhere.
    """
    from qtrace.workflow.tags import TagQuestion, show_tags

    question = TagQuestion(format_name, times, channels, unit_ps, word_order, negative)
    shown = show_tags(workbench_of(ctx), file, question)

    def text() -> str:
        from qtrace.report.tag_text import tags_text

        return tags_text(shown)

    emit(ctx, "tags/1", shown, text)


def tags_convert(
    ctx: typer.Context,
    file: TagFile,
    output: Annotated[Path, typer.Argument(help="A new file; nothing is overwritten.")],
    *,
    format_name: FormatOption = "",
    to: Annotated[str, typer.Option(help="Format of the output; else by its suffix.")] = "",
    positive_only: Annotated[
        bool, typer.Option("--positive-only", help="Leave out markers, syncs, falling edges.")
    ] = False,
    times: TimesOption = "",
    channels: ChannelsOption = "",
    unit_ps: UnitOption = 1,
    word_order: OrderOption = "",
    negative: NegativeOption = False,
) -> None:
    """Write the tags of a file in another format, in the order of time."""
    from qtrace.workflow.tags import TagQuestion, convert_tags

    question = TagQuestion(format_name, times, channels, unit_ps, word_order, negative)
    done = convert_tags(
        workbench_of(ctx), file, output, question, to=to, positive_only=positive_only
    )

    def text() -> str:
        from qtrace.report.tag_text import converted_text

        return converted_text(done)

    emit(ctx, "tags-converted/1", done, text)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    tags = typer.Typer(help="Files of time tags.", no_args_is_help=True)
    tags.command("show")(tags_show)
    tags.command("convert")(tags_convert)
    add_to_tags(tags)
    app.add_typer(tags, name="tags")
