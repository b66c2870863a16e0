"""Look at files of time tags, and convert them; nothing of their content is stored.

Inside: `TagSummary`, `ChannelCount`, `ConvertedTags`, `TagQuestion`, `show_tags`, `convert_tags`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.time_tags.channels import tenths
from qtrace.exchange.time_tags.reading import TagReader, open_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.exchange.time_tags.survey import survey_tags
from qtrace.exchange.time_tags.tag_writers import write_chunks
from qtrace.laboratory.time_tags import TagChunk, TagFaults, TagHeader
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class TagQuestion:
    """What the command line says of a file that does not say it itself."""

    format: str = ""
    times: str = ""
    channels: str = ""
    unit_ps: int = 1
    word_order: str = ""
    negative: bool = False

    def options(self, *, digest: bool, markers: bool = True) -> TagOptions:
        """Return the options of the reader."""
        return TagOptions(
            times=self.times,
            channels=self.channels,
            unit_ps=self.unit_ps,
            word_order=self.word_order,
            negative_channels=self.negative,
            markers=markers,
            digest=digest,
        )


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """Tags of one channel; the rate is over the span of all tags, None where that is zero."""

    channel: int
    tags: int
    rate_per_s: float | None


@dataclass(frozen=True, slots=True)
class TagSummary:
    """What a file of time tags holds; times as text, as they exceed what JSON readers keep."""

    file: str
    header: TagHeader
    tags: int
    first_ps: str
    last_ps: str
    span_s: float
    channels: tuple[ChannelCount, ...]
    faults: TagFaults
    sha256: str


@dataclass(frozen=True, slots=True)
class ConvertedTags:
    """What was written, and what could not be kept."""

    file: str
    output: str
    tags: int
    left_out: int
    faults: TagFaults
    notes: tuple[str, ...]


def show_tags(workbench: Workbench, file: Path, question: TagQuestion) -> TagSummary:
    """Read a file once, part by part, and say what it holds.

    Args:
        workbench: Takes progress; no database is opened.
        file: The file.
        question: What the file does not say of itself.

    Raises:
        InputError: the file is damaged, mislabelled or of no known format.
        SetupError: its format needs a library that is not installed.
    """
    survey = survey_tags(
        file,
        format=question.format,
        options=question.options(digest=True),
        progress=tenths(file, workbench.progress),
    )
    span_s = survey.span_s
    return TagSummary(
        str(file),
        survey.header,
        sum(survey.tags.values()),
        "" if survey.first_ps is None else str(survey.first_ps),
        "" if survey.last_ps is None else str(survey.last_ps),
        span_s,
        tuple(
            ChannelCount(number, count, count / span_s if span_s > 0.0 else None)
            for number, count in survey.tags.items()
        ),
        survey.faults,
        survey.digest,
    )


def convert_tags(
    workbench: Workbench,
    file: Path,
    output: Path,
    question: TagQuestion,
    *,
    to: str = "",
    positive_only: bool = False,
) -> ConvertedTags:
    """Write the tags of a file in another format, in the order of time.

    Args:
        workbench: Takes progress; no database is opened.
        file: The file.
        output: Where to; nothing is there yet.
        question: What the file does not say of itself.
        to: Format of the output; by its suffix where empty.
        positive_only: Leave out markers, sync events and falling edges (negative channels).

    Raises:
        InputError: as `show_tags`; something is at `output`, or its format cannot hold the tags.
        SetupError: a format needs a library that is not installed, or the folder takes no file.
    """
    if output.exists():
        raise InputError(
            "there is a file already; nothing is overwritten",
            where=str(output),
            next_step="choose another name",
        )
    reader = open_tags(file, format=question.format, options=question.options(digest=True))
    tally = [0, 0]
    chunks = _counted(reader, tenths(file, workbench.progress), tally, positive_only=positive_only)
    header = replace(reader.header, notes=(f"converted from {file.name}", *reader.header.notes))
    notes = write_chunks(output, header, chunks=chunks, format=to)
    return ConvertedTags(
        str(file), str(output), tally[0], tally[1], reader.faults, (*notes, *_lost(reader))
    )


def _lost(reader: TagReader) -> tuple[str, ...]:
    """Return what the tags alone do not tell: the output has no place for faults."""
    if not reader.faults.lost:
        return ()
    return ("the input had lost tags (see its faults); the output does not say so",)


def _counted(
    reader: TagReader,
    progress: Callable[[float], None],
    tally: list[int],
    *,
    positive_only: bool,
) -> Iterator[TagChunk]:
    for chunk in reader.chunks(progress=progress):
        kept = chunk
        if positive_only:
            some = chunk.channels >= 0
            kept = TagChunk(chunk.times_ps[some], chunk.channels[some], chunk.faults)
        tally[0] += kept.times_ps.size
        tally[1] += chunk.times_ps.size - kept.times_ps.size
        yield kept
