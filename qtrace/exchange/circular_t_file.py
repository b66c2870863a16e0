"""Rows of BIPM Circular T, copied into a small file: UTC - UTC(k) with u_A, u_B and u.

Inside: `CircularRow`, `read_circular_t`, `ROW_KEYS`.

    [[circular_t]]
    issue = "229"
    laboratory = "AOS"
    mjd = 54099
    utc_minus_utck = "-17.6 ns"       # sign as printed
    u_a = "1.5 ns"
    u_b = "5.1 ns"
    u = "5.3 ns"

or the same columns in a CSV file with their names in its first row.
Source: BIPM Circular T, section 1 (k = 1 uncertainties); layout read off issue 229.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError, QtraceError
from qtrace.exchange.csv_file import read_headed_csv
from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.quantity.kinds import kind
from qtrace.quantity.value import QuantityValue, parse_quantity

ROW_KEYS = ("issue", "laboratory", "mjd", "utc_minus_utck", "u_a", "u_b", "u")
# Each of the three is printed to 0.1 ns: they agree as squares to a digit and a half.
_ROUNDING_S = 0.15e-9


@dataclass(frozen=True, slots=True)
class CircularRow:
    """One printed value, in s: UTC minus UTC(k) at 0 h UTC of the day; uncertainties at k = 1."""

    issue: str
    laboratory: str
    mjd: int
    utc_minus_utck: QuantityValue
    u_a_s: float
    u_b_s: float
    u_s: float
    where: str

    def __post_init__(self) -> None:
        parts = math.hypot(self.u_a_s, self.u_b_s)
        if min(self.u_a_s, self.u_b_s, self.u_s) < 0.0 or self.u_s <= 0.0:
            raise InputError("an uncertainty is not above zero", where=self.where)
        if abs(parts - self.u_s) > _ROUNDING_S:
            raise InputError(
                f"u = {self.u_s * 1e9:.1f} ns is not what u_a and u_b give, {parts * 1e9:.1f} ns",
                where=self.where,
                next_step="copy the three again from the circular",
            )


def read_circular_t(path: Path) -> tuple[CircularRow, ...]:
    """Read a file of rows; one for each laboratory and day.

    Raises:
        InputError: a field that is missing, unknown or no time; uncertainties that contradict
            each other; the same laboratory and day twice; no rows.
    """
    rows = _from_csv(path) if path.suffix.lower() == ".csv" else _from_toml(path)
    if not rows:
        raise InputError(
            "the file has no rows", where=path.name, next_step="write [[circular_t]] for each"
        )
    seen: dict[tuple[str, int], str] = {}
    for row in rows:
        key = (row.laboratory, row.mjd)
        if key in seen:
            raise InputError(
                f"{row.laboratory} at MJD {row.mjd} stands twice, also at {seen[key]}",
                where=row.where,
                next_step="keep the row of the later circular",
            )
        seen[key] = row.where
    return rows


def _from_toml(path: Path) -> tuple[CircularRow, ...]:
    root = root_table(read_toml(path, name=path.name))
    rows = tuple(_of_table(table) for table in root.tables("circular_t"))
    root.finish()
    return rows


def _of_table(table: TomlTable) -> CircularRow:
    time = kind("offset_from_utc").dimension
    row = CircularRow(
        issue=table.text("issue"),
        laboratory=table.text("laboratory"),
        mjd=table.integer("mjd", least=1),
        utc_minus_utck=quantity(table, "utc_minus_utck", dimension=time, like="a time"),
        u_a_s=quantity(table, "u_a", dimension=time, like="a time").si,
        u_b_s=quantity(table, "u_b", dimension=time, like="a time").si,
        u_s=quantity(table, "u", dimension=time, like="a time").si,
        where=str(table.place()),
    )
    table.finish()
    return row


def _from_csv(path: Path) -> tuple[CircularRow, ...]:
    header, *rest = read_headed_csv(path).rows
    if set(header.cells) != set(ROW_KEYS) or len(header.cells) != len(ROW_KEYS):
        raise InputError(
            "the columns are not those of a file of Circular T",
            where=f"{path.name}, line {header.line}",
            next_step="columns: " + ", ".join(ROW_KEYS),
        )
    rows = []
    for row in rest:
        where = f"{path.name}, line {row.line}"
        cell = dict(zip(header.cells, row.cells, strict=True))
        if not cell["mjd"].isdecimal():
            raise InputError(f"{cell['mjd']!r} is no whole MJD", where=f"{where}, column mjd")
        times = {key: _time(cell[key], f"{where}, column {key}") for key in ROW_KEYS[3:]}
        rows.append(
            CircularRow(
                issue=cell["issue"],
                laboratory=cell["laboratory"],
                mjd=int(cell["mjd"]),
                utc_minus_utck=times["utc_minus_utck"],
                u_a_s=times["u_a"].si,
                u_b_s=times["u_b"].si,
                u_s=times["u"].si,
                where=where,
            )
        )
    return tuple(rows)


def _time(text: str, where: str) -> QuantityValue:
    try:
        read = parse_quantity(text)
    except QtraceError as error:
        raise type(error)(error.what, where=where, next_step=error.next_step) from None
    if read.unit.dimension != kind("offset_from_utc").dimension:
        raise InputError(f"{text!r} is no time", where=where, next_step='write it like "-17.6 ns"')
    return read
