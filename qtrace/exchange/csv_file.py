"""Tables of numbers as text, one row a line: strict, each refusal with line and column.

Inside: `CsvTable`, `CsvRow`, `read_csv`, `read_headed_csv`, `ENCODINGS`, `SEPARATORS`. Nothing is
guessed: the encoding, the first line of the data and the meaning of each column are told.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.laboratory.place import Place
from qtrace.ledger.digest import file_digest

MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
ENCODINGS = ("utf-8", "latin-1")
SEPARATORS: Mapping[str, str] = MappingProxyType({"comma": ",", "semicolon": ";", "tab": "\t"})


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The cells of one line, without the spaces around them."""

    file: str
    line: int
    cells: tuple[str, ...]

    def place(self, column: int) -> Place:
        """Return where a cell stands; columns count from 1."""
        return Place(self.file, self.line, f"column {column}")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of a file from the first line of its data on, and the SHA-256 of its bytes."""

    name: str
    digest: str
    rows: tuple[CsvRow, ...]


def read_headed_csv(path: Path) -> CsvTable:
    """Read a table whose first row names its columns, as programs export it: UTF-8, with commas.

    Lines without anything in them are left out, wherever they stand.

    Raises:
        InputError: as `read_csv`, and a row that has not a cell for each column.
    """
    name = path.name
    data = _bytes(path)
    text = _text(data, name, "utf-8", "save it as UTF-8")
    rows = [row for row in _rows(text, name, ",") if any(row.cells)]
    if not rows:
        raise InputError(
            "the table is empty", where=name, next_step="write the names of the columns, then rows"
        )
    _check_rows(rows, name, "write one cell for each column of the header, with commas between")
    return CsvTable(name, file_digest(data), tuple(rows))


def read_csv(
    path: Path, *, first_line: int = 1, separator: str = "comma", encoding: str = "utf-8"
) -> CsvTable:
    """Read a table of numbers.

    Args:
        path: The file.
        first_line: Line on which the data begin, from 1; what stands above is not read.
        separator: One of `SEPARATORS`.
        encoding: One of `ENCODINGS`.

    Raises:
        InputError: missing, too large, in another encoding (the byte and its line are named),
            rows of different lengths, an empty line between rows, or no rows at all.
    """
    name = path.name
    data = _bytes(path)
    advice = 'save it as UTF-8, or say encoding = "latin-1" if that is what it is'
    text = _text(data, name, encoding, advice)
    lines = _lines(text)
    rows = list(_rows(text, name, SEPARATORS[separator], first_line=first_line))
    if not rows:
        raise InputError(
            f"the table has {len(lines)} lines, and its data are said to begin on {first_line}",
            where=name,
            next_step="correct first_line",
        )
    _check_rows(rows, name, "correct the row, or first_line and separator")
    return CsvTable(name, file_digest(data), tuple(rows))


def _check_rows(rows: Sequence[CsvRow], name: str, advice: str) -> None:
    """Refuse too many rows, and rows of different lengths."""
    if len(rows) > MAX_ROWS:
        raise InputError(f"{len(rows)} rows, at most {MAX_ROWS} are read", where=name)
    for row in rows:
        if len(row.cells) != len(rows[0].cells):
            raise InputError(
                f"the row has {len(row.cells)} columns, that of line {rows[0].line} has "
                f"{len(rows[0].cells)}",
                where=str(Place(name, row.line)),
                next_step=advice,
            )


def _lines(text: str) -> list[str]:
    """Return the lines without those at the end that are empty."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _rows(text: str, name: str, separator: str, *, first_line: int = 1) -> Iterator[CsvRow]:
    """Yield the rows from a line on; cells may stand in double quotes."""
    for number, line in enumerate(_lines(text), start=1):
        if number < first_line:
            continue
        try:
            cells = next(csv.reader([line], delimiter=separator, strict=True), [""])
        except csv.Error as error:
            raise InputError(
                f"the row cannot be read: {error}",
                where=str(Place(name, number)),
                next_step="close each double quote on its line; write one inside a cell twice",
            ) from None
        yield CsvRow(name, number, tuple(cell.strip() for cell in cells) or ("",))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            f"the table cannot be read: {reason}",
            where=path.name,
            next_step="put it beside the file that names it",
        ) from None
    if len(data) > MAX_BYTES:
        raise InputError(f"the table is larger than {MAX_BYTES} bytes", where=path.name)
    return data


def _text(data: bytes, name: str, encoding: str, advice: str) -> str:
    """Decode; a byte order mark, which some programs write before UTF-8, says nothing."""
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise InputError(
            f"the table is not {encoding}: byte 0x{data[error.start]:02x}",
            where=f"{name}, line {line}, byte {column} of it",
            next_step=advice,
        ) from None
