"""Records of phase or frequency from files that people have: for looking at their stability.

Inside: `PhaseData`, `read_phase`, `DATA`.

Three forms: a series of offsets in CSV (`offset_series_file`); one number in each line, as counters
and other programs write them, with `nan` where one is missing; a clock file of two time scales
(`timescale_file`), whose direction is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.offset_series_file import read_offset_series
from qtrace.exchange.timescale_file import read_timescale
from qtrace.ledger.digest import file_digest
from qtrace.physics.timing.phase_gaps import phase_of_frequency

PHASE, FREQUENCY = "phase", "frequency"
DATA = (PHASE, FREQUENCY)
CLOCK_FILE = ".clk"
DAY_S = 86400.0
ON_GRID = 1e-3  # of a step
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class PhaseData:
    """A record of time errors in s, float64 (n,), NaN where missing, in equal steps."""

    name: str
    digest: str
    phase_s: NDArray[np.float64]
    interval_s: float
    note: str = ""


def read_phase(
    path: Path,
    *,
    interval_s: float,
    data: str = PHASE,
    unit_s: float = 1.0,
    direction: str = "",
    since_mjd: float = -np.inf,
) -> PhaseData:
    """Read a record.

    Args:
        path: The file.
        interval_s: Step of the record, s.
        data: What the numbers of a file without columns are: "phase" or "frequency".
        unit_s: Unit of phases in a file without columns, s.
        direction: Of a clock file: "UTC - UTC(NIST)".
        since_mjd: Of a clock file: days before are left out.

    Raises:
        InputError: no such file, a line that is no number, a time off the grid, a clock file
            whose direction is not told.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    if path.suffix == CLOCK_FILE:
        return _clock_file(path, interval_s, direction, since_mjd)
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig", "replace")
    first = next((s for line in text.splitlines() if (s := line.split("#")[0].strip())), "")
    if first.startswith("time_"):
        series = read_offset_series(path, interval_s=interval_s)
        return PhaseData(path.name, series.digest, series.offset_s, interval_s)
    values = _column(text, path)
    if data == FREQUENCY:
        phase = phase_of_frequency(values, interval_s=interval_s)
        return PhaseData(path.name, file_digest(raw), phase, interval_s, "phase from frequency")
    return PhaseData(path.name, file_digest(raw), values * unit_s, interval_s)


def _column(text: str, path: Path) -> NDArray[np.float64]:
    """Return one number for each line; comments after # and empty lines do not count."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        cell = line.split("#")[0].strip()
        if not cell:
            continue
        if cell.lower() == "nan":
            found.append(np.nan)
        elif _NUMBER.fullmatch(cell):
            found.append(float(cell))
        else:
            raise InputError(
                f"{cell[:40]!r} is no number",
                where=f"{path}, line {number}",
                next_step="write one number in each line, nan where one is missing; or a CSV with "
                "the columns time_s and offset_ns",
            )
    if len(found) < 3:
        raise InputError(f"{len(found)} numbers are no record", where=str(path))
    return np.array(found, dtype=np.float64)


def _clock_file(path: Path, interval_s: float, direction: str, since_mjd: float) -> PhaseData:
    """Put the days of a clock file on the grid; days that are not printed stay empty."""
    if not direction:
        raise InputError(
            "a clock file does not say which scale is subtracted from which",
            where=str(path),
            next_step='tell it: --direction "UTC - UTC(NIST)"',
        )
    history = read_timescale(path, direction=direction)
    wanted = history.mjd >= since_mjd
    mjd, offset = history.mjd[wanted], history.offset_s[wanted]
    if len(mjd) < 3:
        raise InputError(f"{len(mjd)} days are no record", where=str(path))
    step = interval_s / DAY_S
    places = (mjd - mjd[0]) / step
    near = np.rint(places).astype(np.int64)
    on = np.abs(places - near) <= ON_GRID
    phase = np.full(int(near[on][-1]) + 1, np.nan)
    phase[near[on]] = offset[on]
    left = int(np.count_nonzero(~on))
    note = f"{history.declared}, MJD {mjd[0]:g} to {mjd[-1]:g}"
    if left:
        note += f"; {left} days are off the grid of {step:g} d and left out"
    return PhaseData(path.name, history.digest, phase, interval_s, note)
