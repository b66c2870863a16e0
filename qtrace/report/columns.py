"""Tables for a terminal: at most 80 columns, long cells wrapped, nothing cut off.

Inside: `WIDTH`, `Note`, `table`, `wrapped`, `display_width`.
Source: Unicode Standard Annex 11 (East Asian width: wide characters take two columns).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from qtrace.report.printable import printable

WIDTH = 80
GAP = 2  # columns between two cells
NARROWEST = 4
# Long words break behind these, which stay at the end of the line.
_JOINTS = re.compile(r"(?<=[/_\-.:,;=+@])")


@dataclass(frozen=True, slots=True)
class Note:
    """A line below a row, over the whole width, indented."""

    text: str


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` columns.

    Lines break at spaces, inside long words behind joints such as "/", else anywhere.
    """
    lines: list[str] = []
    line = ""
    for word in printable(text).split():
        joined = f"{line} {word}" if line else word
        if display_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, width)
        lines.extend(full)
    return [*lines, line] if line else (lines or [""])


def _broken(word: str, width: int) -> list[str]:
    pieces: list[str] = []
    for part in _JOINTS.split(word):
        if display_width(part) <= width:
            pieces.append(part)
        else:
            pieces.extend(part)
    lines = [""]
    for piece in pieces:
        if lines[-1] and display_width(lines[-1] + piece) > width:
            lines.append(piece)
        else:
            lines[-1] += piece
    return lines


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str] | Note],
    *,
    right: Sequence[int] = (),
    width: int = WIDTH,
) -> str:
    """Return a table as text.

    Args:
        headers: Heads of the columns.
        rows: Cells of each row; a `Note` says something about the row above it.
        right: Indices of the columns that are set flush right.
        width: Columns of the terminal.

    Returns:
        Lines without trailing spaces, each at most `width` wide.
    """
    cells = [tuple(printable(cell) for cell in row) for row in rows if not isinstance(row, Note)]
    widths = _column_widths(tuple(headers), cells, width - GAP * (len(headers) - 1))
    flush = frozenset(right)
    lines = _row_lines(headers, widths, flush)
    lines.append((" " * GAP).join("-" * one for one in widths))
    for row in rows:
        if isinstance(row, Note):
            lines.extend(f"    {line}" for line in wrapped(row.text, width - 4))
        else:
            lines.extend(_row_lines(row, widths, flush))
    return "\n".join(lines)


def _row_lines(cells: Sequence[str], widths: Sequence[int], flush: frozenset[int]) -> list[str]:
    """Return the lines of one row; short cells are followed by blanks."""
    columns = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for k in range(max((len(column) for column in columns), default=0)):
        parts = []
        for index, (column, width) in enumerate(zip(columns, widths, strict=True)):
            text = column[k] if k < len(column) else ""
            blank = " " * (width - display_width(text))
            parts.append(blank + text if index in flush else text + blank)
        lines.append((" " * GAP).join(parts).rstrip())
    return lines


def _column_widths(
    headers: tuple[str, ...], rows: Sequence[tuple[str, ...]], room: int
) -> list[int]:
    """Give each column what it wants, and take what is too much from the widest ones."""
    everything = [headers, *rows]
    wanted = [
        max(NARROWEST, *(display_width(row[k]) for row in everything)) for k in range(len(headers))
    ]
    while sum(wanted) > room:
        widest = max(range(len(wanted)), key=lambda k: (wanted[k], -k))
        if wanted[widest] <= 1:
            break
        wanted[widest] -= 1
    return wanted
