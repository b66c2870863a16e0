"""Commands about files of time tags: tags show, tags convert, tags plot.

Inside: `tags_show`, `tags_convert`, `tags_plot`, `add_to`.
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


def tags_plot(
    ctx: typer.Context,
    file: TagFile,
    *,
    channel: Annotated[int, typer.Option(help="Channel that is looked at.")],
    out: Annotated[Path, typer.Option(help="What to write: FILE.png or FILE.svg.")],
    sync: Annotated[
        int | None, typer.Option(help="Channel of the sync or herald, for start-stop delays.")
    ] = None,
    format_name: FormatOption = "",
    times: TimesOption = "",
    channels: ChannelsOption = "",
    unit_ps: UnitOption = 1,
    word_order: OrderOption = "",
    negative: NegativeOption = False,
) -> None:
    """Draw one channel: times between tags with dead time and after-pulses, rate, start-stop."""
    from qtrace.report.files import check_writable, write_bytes
    from qtrace.report.panels import form_of
    from qtrace.report.tag_picture import TagLabels, tag_picture
    from qtrace.workflow.tag_plot import view_tags
    from qtrace.workflow.tags import TagQuestion

    form = form_of(out, command="tags plot")
    check_writable(out)
    question = TagQuestion(format_name, times, channels, unit_ps, word_order, negative)
    view, stream = view_tags(
        workbench_of(ctx),
        file,
        channel=channel,
        sync=sync,
        format=question.format,
        options=question.options(digest=False),
    )
    labels = TagLabels(file.name, channel, sync, stream.header.simulated, stream.faults)
    write_bytes(out, tag_picture(view, labels, form))
    emit(ctx, "tags-plot/1", {"file": str(file), "out": str(out)}, lambda: f"written: {out}")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    tags = typer.Typer(help="Files of time tags.", no_args_is_help=True)
    tags.command("show")(tags_show)
    tags.command("convert")(tags_convert)
    tags.command("plot")(tags_plot)
    add_to_tags(tags)
    app.add_typer(tags, name="tags")
