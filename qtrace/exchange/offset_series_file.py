"""Series of offsets in CSV: one row for each step, on an equal grid; what misses stays missing.

Inside: `OffsetSeries`, `read_offset_series`.

    time_s,offset_ns,u_ns
    0,12.31,0.05
    37,12.28,0.05
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.ledger.digest import file_digest

FACTORS = {"s": 0, "ms": 3, "us": 6, "ns": 9, "ps": 12, "fs": 15}
ON_GRID = 1e-3  # part of a step by which a time may miss the grid: it is written in decimals
MOST_STEPS = 50_000_000
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True)
class OffsetSeries:
    """Offsets on a grid: `elapsed_s`, `offset_s`, `u_s` float64 (n,); NaN where none is given."""

    elapsed_s: NDArray[np.float64]
    offset_s: NDArray[np.float64]
    u_s: NDArray[np.float64]
    digest: str
    given: int

    @property
    def missing(self) -> int:
        """Return the number of steps between first and last that are not in the file."""
        return len(self.offset_s) - self.given


def read_offset_series(path: Path, *, interval_s: float) -> OffsetSeries:
    """Read a series of offsets.

    Args:
        path: CSV with the columns time_s, offset_UNIT and, if known, u_UNIT; UNIT is one of s,
            ms, us, ns, ps, fs. Lines that begin with # are comments.
        interval_s: Step of the grid, s.

    Returns:
        The series on its grid; steps that are not in the file, or whose offset is empty, are NaN.

    Raises:
        InputError: other columns, numbers that are none, times off the grid or not rising, fewer
            than two rows; with the line.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is no text in UTF-8", where=str(path)) from None
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise InputError("the file is empty", where=str(path), next_step="export the series again")
    columns = _columns(lines[0], path)
    rows = [_row(one, columns, path) for one in lines[1:]]
    if len(rows) < 2:
        raise InputError(
            f"{len(rows)} offsets are no series", where=str(path), next_step="give two or more"
        )
    return _on_grid(rows, interval_s, path, file_digest(data))


def _columns(line: tuple[int, str], path: Path) -> list[tuple[str, int]]:
    """Return the columns with the power of ten of each."""
    found = []
    for name in next(csv.reader(io.StringIO(line[1]))):
        what, _, unit = name.strip().rpartition("_")
        if what not in {"time", "offset", "u"} or unit not in FACTORS:
            raise InputError(
                f"the column {name.strip()!r} is not known",
                where=f"{path}, line {line[0]}",
                next_step="columns: time_s, offset_ns, u_ns; units s, ms, us, ns, ps or fs",
            )
        found.append((what, FACTORS[unit]))
    names = [what for what, _ in found]
    if len(set(names)) != len(names) or not {"time", "offset"} <= set(names):
        raise InputError(
            "a series has the columns time and offset once each, and u where it is known",
            where=f"{path}, line {line[0]}",
        )
    return found


def _row(
    line: tuple[int, str], columns: list[tuple[str, int]], path: Path
) -> tuple[int, Fraction, float, float]:
    """Return line, time, offset and u of one row, in s."""
    number, text = line
    cells = [cell.strip() for cell in next(csv.reader(io.StringIO(text)))]
    where = f"{path}, line {number}"
    if len(cells) != len(columns):
        raise InputError(f"{len(cells)} cells for {len(columns)} columns", where=where)
    values: dict[str, float] = {"u": math.nan}
    time = Fraction(0)
    for cell, (what, power) in zip(cells, columns, strict=True):
        if not cell and what != "time":
            values[what] = math.nan
            continue
        if not _NUMBER.fullmatch(cell):
            raise InputError(
                f"{cell!r} is no number",
                where=where,
                next_step="write decimals; leave the cell empty where there is no offset",
            )
        exact = Fraction(cell) / 10**power
        values[what] = float(exact)
        if what == "time":
            time = exact
    if values["u"] < 0.0:
        raise InputError("u is below zero", where=where, next_step="correct the number")
    return number, time, values["offset"], values["u"]


def _on_grid(
    rows: list[tuple[int, Fraction, float, float]], interval_s: float, path: Path, digest: str
) -> OffsetSeries:
    """Put rows on the grid; a step that is not written stays empty."""
    first = rows[0][1]
    step = Fraction(repr(interval_s))  # 1 ms is a thousandth, not the double next to it
    places: list[int] = []
    for number, time, _, _ in rows:
        place = (time - first) / step
        nearest = round(place)
        where = f"{path}, line {number}"
        if abs(place - nearest) > ON_GRID:
            raise InputError(
                f"the time {float(time):g} s is not on the grid of {interval_s:g} s",
                where=where,
                next_step="give the interval of the series; an uneven series has no Allan variance",
            )
        if places and nearest <= places[-1]:
            raise InputError(
                f"the time {float(time):g} s does not come after the one before",
                where=where,
                next_step="sort the rows; no time stands twice",
            )
        places.append(nearest)
    steps = places[-1] + 1
    if steps > MOST_STEPS:
        raise InputError(f"{steps} steps are too many", where=str(path))
    offset, u = np.full(steps, math.nan), np.full(steps, math.nan)
    offset[places] = [row[2] for row in rows]
    u[places] = [row[3] for row in rows]
    elapsed = np.asarray(float(first) + interval_s * np.arange(steps), dtype=np.float64)
    given = int(np.count_nonzero(np.isfinite(offset)))
    if given < 2:
        raise InputError("the series holds fewer than two offsets", where=str(path))
    return OffsetSeries(elapsed, offset, u, digest, given)
