"""A file of time tags for the terminal: what it is, what it holds, what is wrong with it.

Inside: `tags_text`, `converted_text`, `faults_text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qtrace.laboratory.time_tags import TagFaults, TagHeader
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.text import key_values

_NOT_STATED = "not stated by the file"


class CountText(Protocol):
    """What of a channel is printed."""

    @property
    def channel(self) -> int:
        """Its number."""

    @property
    def tags(self) -> int:
        """How many tags it has."""

    @property
    def rate_per_s(self) -> float | None:
        """Over the span of all tags."""


class SummaryText(Protocol):
    """What of a summary is printed."""

    @property
    def file(self) -> str:
        """The file."""

    @property
    def header(self) -> TagHeader:
        """What it says of itself."""

    @property
    def tags(self) -> int:
        """How many there are."""

    @property
    def first_ps(self) -> str:
        """Time of the first one."""

    @property
    def last_ps(self) -> str:
        """Time of the last one."""

    @property
    def span_s(self) -> float:
        """Between the two."""

    @property
    def channels(self) -> Sequence[CountText]:
        """Counts."""

    @property
    def faults(self) -> TagFaults:
        """What is wrong."""

    @property
    def sha256(self) -> str:
        """Digest of the file."""


class ConvertedText(Protocol):
    """What of a conversion is printed."""

    @property
    def file(self) -> str:
        """The input."""

    @property
    def output(self) -> str:
        """What was written."""

    @property
    def tags(self) -> int:
        """How many."""

    @property
    def left_out(self) -> int:
        """How many were left out."""

    @property
    def faults(self) -> TagFaults:
        """What was wrong with the input."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be kept."""


def tags_text(shown: SummaryText) -> str:
    """Return a summary; losses stand first and loud.

    Args:
        shown: The summary.
    """
    header = shown.header
    period = header.sync_period_ps
    pairs = (
        ("file", shown.file),
        ("format", header.format + (", SIMULATED" if header.simulated else "")),
        ("instrument", header.instrument or _NOT_STATED),
        ("started", header.started or _NOT_STATED),
        ("resolution", f"{header.resolution_ps:g} ps"),
        ("sync period", f"{period!r} ps" if period is not None else ""),
        ("clock", f"{header.stated_clock}; proves no lock" if header.stated_clock else _NOT_STATED),
        ("tags", f"{shown.tags}"),
        ("first", f"{shown.first_ps} ps" if shown.first_ps else ""),
        ("span", f"{shown.span_s:.9g} s"),
        ("sha256", shown.sha256),
    )
    rows = [
        (
            str(one.channel),
            str(one.tags),
            "" if one.rate_per_s is None else f"{one.rate_per_s:.6g}",
        )
        for one in shown.channels
    ]
    blocks = [
        *_warnings(shown.faults),
        key_values([pair for pair in pairs if pair[1]]),
        table(("channel", "tags", "per second"), rows, right=(0, 1, 2)) if rows else "no tags",
        key_values(faults_text(shown.faults)),
        *("\n".join(wrapped(f"note: {one}", WIDTH)) for one in header.notes),
    ]
    return "\n".join(blocks)


def converted_text(done: ConvertedText) -> str:
    """Return what a conversion wrote and what it could not keep.

    Args:
        done: The conversion.
    """
    pairs = (
        ("input", done.file),
        ("output", done.output),
        ("tags", str(done.tags)),
        ("left out", str(done.left_out) if done.left_out else ""),
    )
    notes = ("\n".join(wrapped(f"note: {one}", WIDTH)) for one in done.notes)
    return "\n".join(
        [*_warnings(done.faults), key_values([pair for pair in pairs if pair[1]]), *notes]
    )


def faults_text(faults: TagFaults) -> tuple[tuple[str, str], ...]:
    """Return names and numbers of faults, zeros too: that nothing is known is a statement.

    Args:
        faults: The faults.
    """
    return (
        ("overflows", f"{faults.overflows} stretches with losses of unknown number"),
        ("missed", f"{faults.missed} tags that the tagger counted as lost"),
        ("out of order", f"{faults.out_of_order} steps back in time, put in order"),
        ("truncated", f"{faults.truncated_bytes} bytes"),
        ("roll-overs", f"{faults.wraps} of the counter, unwrapped"),
    )


def _warnings(faults: TagFaults) -> list[str]:
    """Return the loud lines."""
    lines = []
    if faults.truncated_bytes:
        lines.append(
            f"WARNING: the file is TRUNCATED: {faults.truncated_bytes} bytes at its end are cut or"
            " missing; what follows is up to its last whole record"
        )
    if faults.overflows or faults.missed:
        lines.append(
            "WARNING: tags were LOST while recording; rates and dead times from this file are not"
            " to be trusted"
        )
    return ["\n".join(wrapped(one, WIDTH)) for one in lines]
