"""Clock files of the tempo2 kind: one time scale against another, MJD and seconds.

Inside: `TimescaleHistory`, `read_timescale`, `read_direction`.
Source: Hobbs, Edwards and Manchester, MNRAS 369 (2006) 655 (tempo2: a clock file holds what is
added to the first scale to give the second, from memory); the sign was checked against BIPM
Circular T 201 and 229 for UTC(AUS).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.laboratory.place import Place
from qtrace.ledger.digest import file_digest

MAX_BYTES = 20_000_000
_SCALE = r"[A-Za-z][A-Za-z0-9_.]*(?:\([^()\s]+\))?[A-Za-z0-9_.]*"
_DIRECTION = re.compile(rf"\s*({_SCALE})\s+-\s+({_SCALE})\s*")
_HEADER = re.compile(rf"#\s*({_SCALE})\s+({_SCALE})(?:\s.*)?")
# Rows that stand for "for ever" and are no data.
_FIRST_MJD, _LAST_MJD = 15_020.0, 88_069.0  # years 1900 and 2100
_CLOSE_MJD = 1e-5  # about a second: what five decimals of a day resolve


@dataclass(frozen=True, slots=True)
class TimescaleHistory:
    """`minuend` minus `subtrahend` in s at each MJD, shape (n,) each.

    `declared` is the direction as the caller stated it; `in_header` whether the file names its
    two scales itself, in an order that agrees. `repeated` rows said again what the row before said.
    """

    name: str
    digest: str
    minuend: str
    subtrahend: str
    in_header: bool
    mjd: NDArray[np.float64]
    offset_s: NDArray[np.float64]
    repeated: int = 0

    @property
    def declared(self) -> str:
        """Return the direction in which the numbers were declared to stand."""
        return f"{self.minuend} - {self.subtrahend}"

    def offsets(self, direction: str) -> NDArray[np.float64]:
        """Return the numbers in a direction, with their sign turned where it is the other one.

        Raises:
            InputError: scales that are not the two of this file.
        """
        wanted = read_direction(direction)
        if wanted == (self.minuend, self.subtrahend):
            return self.offset_s
        if wanted == (self.subtrahend, self.minuend):
            return -self.offset_s
        raise InputError(
            f'"{direction}" is not about the scales of {self.name}',
            next_step=f"they are {self.minuend} and {self.subtrahend}",
        )

    def at(self, mjd: float, direction: str) -> float:
        """Return the number of one printed day, in a direction; nothing is interpolated.

        Raises:
            InputError: no such day; the nearest ones are named.
        """
        place = int(np.argmin(np.abs(self.mjd - mjd)))
        if abs(float(self.mjd[place]) - mjd) > _CLOSE_MJD:
            raise InputError(
                f"{self.name} has no value at MJD {mjd:g}",
                next_step=f"the nearest one is at {self.mjd[place]:g}; between them the scale is "
                "not known",
            )
        return float(self.offsets(direction)[place])


def read_direction(text: str) -> tuple[str, str]:
    """Return the two scales of "UTC - UTC(NIST)".

    Raises:
        InputError: it is no difference of two scales.
    """
    match = _DIRECTION.fullmatch(text)
    if match is None or match[1] == match[2]:
        raise InputError(
            f"{text!r} is no direction of a difference of two time scales",
            next_step='write it like "UTC - UTC(NIST)", with spaces around the minus',
        )
    return match[1], match[2]


def read_timescale(source: Path | bytes, *, direction: str, name: str = "") -> TimescaleHistory:
    """Read a clock file whose direction the caller declares.

    Args:
        source: A path, or the bytes of a file.
        direction: What its numbers are, like "UTC - UTC(NIST)". Where the file names its scales,
            "# A B", they are B - A, and another declaration is refused.
        name: What to call the file in messages; by default the name of the path.

    Raises:
        InputError: a direction that is none or not that of the file; a row that is no MJD with
            seconds; days that do not rise; no rows. With its line.
    """
    minuend, subtrahend = read_direction(direction)
    name = name or (source.name if isinstance(source, Path) else "bytes")
    data = _bytes(source, name)
    named: tuple[str, str] | None = None
    rows: list[tuple[float, float]] = []
    repeated = 0
    for number, line in enumerate(data.decode("latin-1").splitlines(), 1):
        text = line.strip()
        if number == 1 and text.startswith("#"):
            match = _HEADER.fullmatch(text)
            named = None if match is None else (match[2], match[1])
        elif text and not text.startswith("#"):
            row = _row(text, rows, Place(name, number))
            if rows and row == rows[-1]:
                repeated += 1
            else:
                rows.append(row)
    if named is not None and named != (minuend, subtrahend):
        turned = named == (subtrahend, minuend)
        raise InputError(
            f'the file holds {named[0]} - {named[1]}, and "{direction}" is declared',
            where=str(Place(name, 1)),
            next_step=("declare it so; `offsets` turns the sign" if turned else "correct the names")
            + ": the first line names A and B, the numbers are B - A",
        )
    if not rows:
        raise InputError("the file has no rows", where=name, next_step="MJD and seconds, one a row")
    mjd, offset = np.array(rows).T
    return TimescaleHistory(
        name, file_digest(data), minuend, subtrahend, named is not None, mjd, offset, repeated
    )


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        try:
            source = source.read_bytes()
        except OSError as error:
            raise InputError(
                f"the file cannot be read: {error.strerror or type(error).__name__}", where=name
            ) from None
    if len(source) > MAX_BYTES:
        raise InputError(f"the file is larger than {MAX_BYTES} bytes", where=name)
    return source


def _row(text: str, before: list[tuple[float, float]], place: Place) -> tuple[float, float]:
    cells = text.partition("#")[0].split()
    try:
        mjd, offset = (float(one) for one in cells)
    except ValueError:
        raise InputError(
            f"{text!r} is no MJD with an offset in seconds",
            where=str(place),
            next_step="two numbers stand on a row; the line was cut or edited",
        ) from None
    if not (math.isfinite(offset) and _FIRST_MJD <= mjd <= _LAST_MJD):
        raise InputError(
            f"MJD {mjd:g} with {offset:g} s is no reading of a clock",
            where=str(place),
            next_step="leave out rows that only stand for all time before or after",
        )
    if before and mjd <= before[-1][0] and (mjd, offset) != before[-1]:
        raise InputError(
            f"MJD {mjd:g} follows {before[-1][0]:g}: days do not rise, and the offset is another",
            where=str(place),
            next_step="keep one value for each day, in order",
        )
    return mjd, offset
