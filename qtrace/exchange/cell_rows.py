"""Rows of numbers that stand in a TOML table, or in a CSV file beside it.

Inside: `Cell`, `CellRows`, `read_rows`, `amount`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError, QtraceError, UnitError
from qtrace.exchange.csv_file import ENCODINGS, SEPARATORS, CsvTable, read_csv
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.place import Place
from qtrace.quantity.units import Dimension, dimension_text
from qtrace.quantity.value import QuantityValue, parse_quantity

IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Cell:
    """One number as it was written, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class CellRows:
    """Rows of cells by the name of their column; `note` tells of the file they came from."""

    rows: tuple[dict[str, Cell], ...]
    note: str = ""


def read_rows(
    table: TomlTable, key: str, *, columns: Sequence[str], least: int, folder: Path | None
) -> CellRows:
    """Read rows from the field `key`, or from the file that the field `table` names.

    Args:
        table: A [[curve]] or [[fit]] table.
        key: Field with a list of rows, each a list of numbers in the order of `columns`.
        columns: Names that columns may have; those beyond `least` may be left out.
        least: How many columns there must be.
        folder: Where a named file is looked for; None where the text came from no file.

    Raises:
        InputError: both fields or none, a row of the wrong length, a column that is not told.
    """
    if table.has(key) == table.has("table"):
        both = "both" if table.has(key) else "neither of"
        raise table.error(
            key,
            f'{both} "{key}" and "table"',
            next_step=f'write {key} = [["1549 nm", 0.93, 0.004], ...] or table = "FILE.csv"',
        )
    if table.has("table"):
        return _from_file(table, columns=columns, least=least, folder=folder)
    found = []
    for index, row in enumerate(table.rows(key)):
        path = (*table.path, key, index)
        if not least <= len(row) <= len(columns):
            raise table.file.error(
                path,
                f"row {index + 1} has {len(row)} numbers",
                next_step=f"give {', '.join(columns[:least])}"
                + "".join(f"[, {name}]" for name in columns[least:]),
            )
        place = table.file.place(path)
        found.append({n: Cell(text, place) for n, text in zip(columns, row, strict=False)})
    return CellRows(tuple(found))


def amount(
    cell: Cell, unit: str, *, dimension: Dimension, like: str, least: float | None = None
) -> QuantityValue:
    """Return the quantity in a cell; a bare number has the unit of its column.

    Args:
        cell: The text and its place.
        unit: Unit of bare numbers.
        dimension: Dimension that it must have.
        like: What sets it, for the message.
        least: The smallest number allowed, in SI.

    Raises:
        InputError: no number, or below the least. UnitError: another dimension.
    """
    text = cell.text if " " in cell.text or unit in {"", "1"} else f"{cell.text} {unit}"
    try:
        read = parse_quantity(text)
    except QtraceError as error:
        raise type(error)(
            f"{error.what} in {cell.text!r}", where=str(cell.place), next_step=error.next_step
        ) from None
    if read.unit.dimension != dimension:
        raise UnitError(
            f"{read.text!r} has dimension {dimension_text(read.unit.dimension)}; "
            f"{dimension_text(dimension)} is expected, the dimension of {like}",
            where=str(cell.place),
            next_step="correct the unit of the number or of its column",
        )
    if least is not None and read.si < least:
        raise InputError(
            f"{like} is negative: {read.text}",
            where=str(cell.place),
            next_step="correct the number",
        )
    return read


def _from_file(
    table: TomlTable, *, columns: Sequence[str], least: int, folder: Path | None
) -> CellRows:
    """Read the rows of the file named by `table`."""
    name = table.text("table")
    if folder is None or Path(name).name != name or name.startswith("."):
        raise table.error(
            "table",
            f"{name!r} is no file beside this one",
            next_step="put the table into the same folder and give its name alone",
        )
    positions, ignored = _columns(table, columns, least)
    read = read_csv(
        folder / name,
        first_line=table.integer("first_line", least=1) if table.has("first_line") else 1,
        separator=table.one_of("separator", tuple(SEPARATORS), "comma"),
        encoding=table.one_of("encoding", ENCODINGS, "utf-8"),
    )
    _all_told(table, read, {*positions.values(), *ignored})
    rows = tuple(
        {
            column: Cell(row.cells[position - 1], row.place(position))
            for column, position in positions.items()
        }
        for row in read.rows
    )
    return CellRows(rows, f"table {read.name}, SHA-256 {read.digest}")


def _columns(
    table: TomlTable, columns: Sequence[str], least: int
) -> tuple[dict[str, int], tuple[int, ...]]:
    """Return where each column stands, and which are not read."""
    inner = table.table("columns")
    positions = {name: inner.integer(name, least=1) for name in columns if inner.has(name)}
    missing = [name for name in columns[:least] if name not in positions]
    if missing:
        raise inner.error(
            missing[0],
            f"the column of {missing[0]} is not told",
            next_step=f"write columns = {{ {columns[0]} = 1, {columns[1]} = 2, ... }}",
        )
    ignored: tuple[int, ...] = ()
    if inner.has(IGNORED):
        texts = inner.cells(IGNORED)
        if not all(text.isascii() and text.isdecimal() for text in texts):
            raise inner.error(IGNORED, "not a list of column numbers", next_step="write [4, 5]")
        ignored = tuple(int(text) for text in texts)
    told = [*positions.values(), *ignored]
    if len(set(told)) != len(told):
        raise inner.error("", "a column stands for two things", next_step="number each once")
    inner.finish()
    return positions, ignored


def _all_told(table: TomlTable, read: CsvTable, told: set[int]) -> None:
    """Refuse columns of the file that nothing is said about, and numbers beyond it."""
    width = len(read.rows[0].cells)
    place = read.rows[0].place(width)
    beyond = sorted(position for position in told if position > width)
    if beyond:
        raise InputError(
            f"the table has {width} columns, column {beyond[0]} is asked for",
            where=str(place),
            next_step=f"correct columns in {table.place('columns')}, or the separator",
        )
    stray = [str(k) for k in range(1, width + 1) if k not in told]
    if stray:
        raise InputError(
            f"nothing is said about column {', '.join(stray)}",
            where=str(read.rows[0].place(int(stray[0]))),
            next_step=f"add {IGNORED} = [{', '.join(stray)}] to columns, or name what it holds",
        )
