"""Tables of numbers as text, one row a line: strict, each refusal with line and column.

Inside: `CsvTable`, `CsvRow`, `read_csv`, `ENCODINGS`, `SEPARATORS`. Nothing is guessed: the
encoding, the first line of the data and the meaning of each column are told.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    text = _text(data, name, encoding)
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    rows = [
        CsvRow(name, number, tuple(cell.strip() for cell in line.split(SEPARATORS[separator])))
        for number, line in enumerate(lines, start=1)
        if number >= first_line
    ]
    if not rows:
        raise InputError(
            f"the table has {len(lines)} lines, and its data are said to begin on {first_line}",
            where=name,
            next_step="correct first_line",
        )
    if len(rows) > MAX_ROWS:
        raise InputError(f"{len(rows)} rows, at most {MAX_ROWS} are read", where=name)
    for row in rows:
        if len(row.cells) != len(rows[0].cells):
            raise InputError(
                f"the row has {len(row.cells)} columns, that of line {rows[0].line} has "
                f"{len(rows[0].cells)}",
                where=str(Place(name, row.line)),
                next_step="correct the row, or first_line and separator",
            )
    return CsvTable(name, file_digest(data), tuple(rows))


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


def _text(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise InputError(
            f"the table is not {encoding}: byte 0x{data[error.start]:02x}",
            where=f"{name}, line {line}, byte {column} of it",
            next_step='save it as UTF-8, or say encoding = "latin-1" if that is what it is',
        ) from None
