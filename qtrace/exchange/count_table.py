"""Counts of a run as a table: rows in the run file, or a CSV or JSON file beside it.

Inside: `read_cells`.

Rows name what they count (basis, intensity, settings); the columns of a row are its disjoint
cells, or errors and sifted. Everything is refused with row and column. A table with a row per
event is not counts: bits of a key must never be written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.csv_file import read_headed_csv
from qtrace.exchange.run_consistency import COUNT_LIMIT, check_sum
from qtrace.exchange.toml_table import TomlTable
from qtrace.ledger.digest import file_digest
from qtrace.metrics.protocol import CountTable

ERRORS, AGREEMENTS, SIFTED = "errors", "agreements", "sifted"
# Columns that only a record bit by bit has.
BIT_COLUMNS = frozenset(
    {"bit", "bits", "key", "raw_key", "sifted_bit", "time", "timestamp", "time_tag", "channel"}
)
MAX_JSON_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Row:
    """Texts by column, and where the row and each of its columns stand."""

    texts: dict[str, str]
    where: str
    header: str  # where the names of the columns stand

    def error(self, column: str, what: str, next_step: str) -> InputError:
        return InputError(what, where=f"{self.where}, column {column}", next_step=next_step)


def read_cells(
    table: TomlTable, form: CountTable, *, names: Mapping[str, Mapping[str, str]], folder: Path
) -> tuple[dict[str, int], str]:
    """Return the disjoint cells of a count table, and where they were read from.

    Args:
        table: [counts] of a run file: `columns` with `rows`, or `file`.
        form: What the protocol counts.
        names: For each key column, what people write to the value in the names of cells.
        folder: Where `file` is looked for.

    Returns:
        Counts by cell, and the name and SHA-256 of the file, empty where the rows stand here.

    Raises:
        InputError: a row or column that is missing, unknown or repeated; counts that are not
            whole, negative or beyond 2^53; errors above sifted; a record bit by bit.
    """
    rows, origin = _rows(table, folder)
    if not rows:
        raise table.error("", "there are no rows of counts", next_step="write every row")
    columns = set().union(*(one.texts for one in rows))
    _check_columns(rows, columns, form)
    cells: dict[str, int] = {}
    for row in rows:
        key = "_".join(_value(row, one.name, names[one.name]) for one in form.keys)
        own = _cells_of(row, form)
        repeated = next((cell for cell in own if f"{cell}_{key}" in cells), None)
        if repeated is not None:
            raise row.error(
                form.keys[0].name,
                "a row for "
                + ", ".join(row.texts[one.name] for one in form.keys)
                + " stands twice",
                "give one row for each; bits or events one by one are not counts and are refused",
            )
        cells.update({f"{cell}_{key}": number for cell, number in own.items()})
    _check_complete(table, form, cells, names)
    check_sum(table, cells, first=form.keys[0].name, values=form.keys[0].values)
    return {name: cells[name] for name in form.names()}, origin


def _check_columns(rows: Sequence[_Row], columns: set[str], form: CountTable) -> None:
    keys = {one.name for one in form.keys}
    counted = {*form.cells, *({SIFTED} if set(form.cells) == {ERRORS, AGREEMENTS} else set())}
    bits = sorted(columns & BIT_COLUMNS)
    if bits:
        raise InputError(
            f'a column "{bits[0]}" belongs to a record bit by bit, which is refused',
            where=f"{rows[0].header}, column {bits[0]}",
            next_step="a recorded key is no secret any more: give counts for each basis and "
            "intensity",
        )
    unknown = sorted(columns - keys - counted)
    missing = sorted(keys - columns)
    if unknown or missing:
        wrong = unknown[0] if unknown else missing[0]
        raise InputError(
            f'the column "{wrong}" is ' + ("not known here" if unknown else "missing"),
            where=rows[0].header,
            next_step="columns, with commas between: "
            + ", ".join((*(k.name for k in form.keys), *sorted(counted))),
        )


def _value(row: _Row, column: str, names: Mapping[str, str]) -> str:
    written = row.texts.get(column, "")
    if not written:
        raise row.error(column, "the cell is empty", "choose one of: " + ", ".join(names))
    if written not in names:
        raise row.error(
            column, f"{written!r} is not known here", "choose one of: " + ", ".join(names)
        )
    return names[written]


def _cells_of(row: _Row, form: CountTable) -> dict[str, int]:
    if SIFTED not in row.texts or SIFTED in form.cells:
        return {cell: _count(row, cell) for cell in form.cells}
    if AGREEMENTS in row.texts:
        raise row.error(SIFTED, "sifted and agreements say the same twice", "keep one of the two")
    errors, sifted = _count(row, ERRORS), _count(row, SIFTED)
    if errors > sifted:
        raise row.error(
            ERRORS,
            f"{errors} errors among {sifted} sifted bits",
            "errors are among the sifted bits: correct one of the two",
        )
    return {ERRORS: errors, AGREEMENTS: sifted - errors}


def _count(row: _Row, column: str) -> int:
    text = row.texts.get(column, "")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise row.error(
            column,
            f"{text!r} is not a count" if text else "the count is missing",
            "write whole numbers in digits, such as 94571252; 0 where nothing was counted",
        )
    number = int(text) if len(digits) <= 20 else COUNT_LIMIT + 1
    if text.startswith("-"):
        raise row.error(column, f"the count {text} is negative", "correct the number")
    if number > COUNT_LIMIT:
        raise row.error(
            column, f"the count {text} is beyond 2^53", "split the run into blocks that are exact"
        )
    return number


def _check_complete(
    table: TomlTable,
    form: CountTable,
    cells: Mapping[str, int],
    names: Mapping[str, Mapping[str, str]],
) -> None:
    missing = [name for name in form.names() if name not in cells]
    if missing:
        _, _, key = missing[0].partition("_")
        written = [
            next((w for w, value in names[one.name].items() if value == part), part)
            for one, part in zip(form.keys, key.split("_"), strict=True)
        ]
        raise table.error(
            "",
            "there is no row for "
            + ", ".join(f"{one.name} {w}" for one, w in zip(form.keys, written, strict=True)),
            next_step="write every row; 0 where nothing was counted",
        )
    if not any(cells.values()):
        raise table.error("", "all counts are 0", next_step="a run without counts is not recorded")


# -- where the rows stand ------------------------------------------------------------------------


def _rows(table: TomlTable, folder: Path) -> tuple[tuple[_Row, ...], str]:
    if not table.has("file"):
        columns, head = table.texts("columns"), str(table.place("columns"))
        return tuple(
            _row(columns, cells, f"{table.place('rows')}, row {number}", head)
            for number, cells in enumerate(table.rows("rows"), 1)
        ), ""
    name = table.text("file")
    if table.has("rows") or table.has("columns"):
        raise table.error("file", "the counts stand here and in a file", next_step="keep one")
    if Path(name).name != name:
        raise table.error("file", f"{name!r} is not the name of a file beside this one")
    try:
        reader = _json_rows if name.endswith(".json") else _csv_rows
        rows, digest = reader(folder / name)
    except InputError as error:
        raise error.located(str(table.place("file"))) from None
    return rows, f"counts read from {name}, SHA-256 {digest}"


def _csv_rows(path: Path) -> tuple[tuple[_Row, ...], str]:
    found = read_headed_csv(path)
    header = found.rows[0]
    head = f"{header.file}, line {header.line}"
    rows = (
        _row(header.cells, row.cells, f"{row.file}, line {row.line}", head)
        for row in found.rows[1:]
    )
    return tuple(rows), found.digest


def _json_rows(path: Path) -> tuple[tuple[_Row, ...], str]:
    try:
        data = path.read_bytes()
        if len(data) > MAX_JSON_BYTES:
            raise InputError(f"the table is larger than {MAX_JSON_BYTES} bytes", where=path.name)
        rows = json.loads(data, object_pairs_hook=_once, parse_float=str, parse_constant=str)
    except OSError as error:
        raise InputError(
            f"the table cannot be read: {error.strerror}",
            where=path.name,
            next_step="put it beside the file that names it",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not JSON: {error}", where=path.name) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            "the counts are not a list of objects",
            where=path.name,
            next_step='write [{"basis": "x", "intensity": "signal", "sifted": 9, "errors": 0}]',
        )
    texts = [{str(k): str(v) for k, v in row.items()} for row in rows]
    places = [f"{path.name}, row {number}" for number in range(1, len(texts) + 1)]
    read = (_Row(row, place, place) for row, place in zip(texts, places, strict=True))
    return tuple(read), file_digest(data)


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the field {key!r} stands twice")
        found[key] = value
    return found


def _row(columns: Sequence[str], cells: Sequence[str], where: str, head: str) -> _Row:
    if len(set(columns)) != len(columns):
        raise InputError("a column stands twice", where=head, next_step="name every column once")
    if len(cells) != len(columns):
        raise InputError(
            f"the row has {len(cells)} cells for {len(columns)} columns",
            where=where,
            next_step="columns: " + ", ".join(columns),
        )
    return _Row(dict(zip(columns, cells, strict=True)), where, head)
