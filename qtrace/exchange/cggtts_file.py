"""CGGTTS files: one clock against the satellites, track by track, each checksum verified.

Inside: `CggttsTrack`, `CggttsFile`, `read_cggtts`, `MAX_BYTES`. Signals, their calibration and the
ionosphere are in `cggtts_signal`, the header in `cggtts_header`.
Source: Defraigne and Petit, Metrologia 52 (2015) G1 (CGGTTS V2E): columns and units; widths and
checksums checked against files of a GTR51 receiver.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.exchange.cggtts_header import CggttsHeader, checksum, checksum_written, read_header
from qtrace.laboratory.place import Place
from qtrace.ledger.digest import file_digest

MAX_BYTES = 20_000_000  # a day of one receiver has 0.3 MB
DAY_S = 86_400
# Columns with their unit as printed below their names, factor to SI, and the least number of
# nines by which a receiver says that there is nothing; 0 where every track has the number.
_COLUMNS: Mapping[str, tuple[str, float, int]] = MappingProxyType(
    {
        "SAT": ("", 0.0, 0),
        "CL": ("", 0.0, 0),
        "MJD": ("", 0.0, 0),
        "STTIME": ("hhmmss", 0.0, 0),
        "TRKL": ("s", 1.0, 0),
        "ELV": (".1dg", 0.1, 0),
        "AZTH": (".1dg", 0.1, 0),
        "REFSV": (".1ns", 1e-10, 10),
        "SRSV": (".1ps/s", 1e-13, 5),
        "REFSYS": (".1ns", 1e-10, 10),
        "SRSYS": (".1ps/s", 1e-13, 5),
        "DSG": (".1ns", 1e-10, 4),
        "IOE": ("", 1.0, 3),
        "MDTR": (".1ns", 1e-10, 4),
        "SMDT": (".1ps/s", 1e-13, 4),
        "MDIO": (".1ns", 1e-10, 4),
        "SMDI": (".1ps/s", 1e-13, 4),
        "MSIO": (".1ns", 1e-10, 4),
        "SMSI": (".1ps/s", 1e-13, 4),
        "ISG": (".1ns", 1e-10, 3),
        "FR": ("", 1.0, 0),
        "HC": ("", 1.0, 0),
        "FRC": ("", 0.0, 0),
        "CK": ("", 0.0, 0),
    }
)
_MEASURED = ("MSIO", "SMSI", "ISG")  # a receiver of one frequency has none of them
_OLD_NAMES = MappingProxyType({"PRN": "SAT", "REFGPS": "REFSYS", "SRGPS": "SRSYS"})
_MAY_MISS = tuple(name for name, (_, _, nines) in _COLUMNS.items() if nines)
_NUMBER = re.compile(r"[+-]?\d+")
_LARGEST_ELEVATION, _LARGEST_AZIMUTH = 90.0, 360.0
_OLD_GLONASS = 100  # version 02 numbers GLONASS from 101 on


@dataclass(frozen=True, slots=True)
class CggttsTrack:
    """One track, in SI; what the receiver had no number for is NaN.

    `start_s` counts from MJD 0, 0 h UTC. `refsys_s` is the station's reference minus the time of
    the satellites' system, at the middle of the track, with the modelled ionosphere `mdio_s` taken
    off. Rates are in s/s. `line` is where it stands.
    """

    satellite: str
    common_view_class: str
    mjd: int
    start_s: int
    length_s: int
    elevation_deg: float
    azimuth_deg: float
    refsv_s: float
    srsv: float
    refsys_s: float
    srsys: float
    dsg_s: float
    ioe: float
    mdtr_s: float
    smdt: float
    mdio_s: float
    smdi: float
    msio_s: float
    smsi: float
    isg_s: float
    glonass_channel: int
    hardware_channel: int
    code: str
    line: int


@dataclass(frozen=True, slots=True)
class CggttsFile:
    """A file as read: `missing` counts the fields without data, by column."""

    name: str
    digest: str
    header: CggttsHeader
    tracks: tuple[CggttsTrack, ...]
    missing: Mapping[str, int]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the signals in the order in which they first appear."""
        return tuple(dict.fromkeys(track.code for track in self.tracks))


def read_cggtts(source: Path | bytes, *, name: str = "") -> CggttsFile:
    """Read a CGGTTS file of version 2E, or of version 02.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the name of the path.

    Raises:
        InputError: missing or too large; not CGGTTS or of another version; columns or units that
            are not those of the format; a line that is cut; a wrong checksum; a number out of its
            range; the same satellite, time and signal twice; no track at all. With the line.
    """
    name = name or (source.name if isinstance(source, Path) else "bytes")
    data = _bytes(source, name)
    lines = data.splitlines(keepends=True)
    header = read_header(lines, name=name)
    columns, first = _columns(lines, header.lines, name)
    missing: Counter[str] = Counter()
    tracks: list[CggttsTrack] = []
    seen: dict[tuple[str, int, str], int] = {}
    for number, line in enumerate(lines[first:], first + 1):
        if not line.strip():
            continue
        track = _track(line, columns, missing, place=Place(name, number))
        key = (track.satellite, track.start_s, track.code)
        if key in seen:
            raise InputError(
                f"{track.satellite} {track.code} at this time stands twice, also in line "
                f"{seen[key]}",
                where=str(Place(name, number)),
                next_step="the file was put together from others: keep one of the two tracks",
            )
        seen[key] = number
        tracks.append(track)
    if not tracks:
        raise InputError(
            "the file has no tracks", where=name, next_step="the file was cut: take it again"
        )
    return CggttsFile(name, file_digest(data), header, tuple(tracks), MappingProxyType(missing))


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        try:
            with source.open("rb") as stream:
                source = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError(
                f"the file cannot be read: {error.strerror or type(error).__name__}",
                where=name,
                next_step="put it beside the file that names it",
            ) from None
    if len(source) > MAX_BYTES:
        raise InputError(f"the file is larger than {MAX_BYTES} bytes", where=name)
    return source


def _columns(lines: Sequence[bytes], start: int, name: str) -> tuple[tuple[str, ...], int]:
    """Return the columns that the file has, and where its tracks begin; check their units."""
    number = start
    while number < len(lines) and not lines[number].strip():
        number += 1
    if number + 1 >= len(lines):
        raise InputError(
            "the file ends after its header",
            where=str(Place(name, len(lines))),
            next_step="the file was cut: take it again",
        )
    written = lines[number].decode("latin-1").split()
    columns = tuple(_OLD_NAMES.get(one, one) for one in written)
    wanted = tuple(_COLUMNS)
    if columns not in {wanted, tuple(one for one in wanted if one not in _MEASURED)}:
        odd = next((one for one in written if _OLD_NAMES.get(one, one) not in _COLUMNS), "")
        raise InputError(
            f"the columns are not those of CGGTTS{f': {odd!r} is none' if odd else ''}",
            where=str(Place(name, number + 1)),
            next_step="columns, in this order: " + " ".join(wanted),
        )
    units = "".join(lines[number + 1].decode("latin-1").split())
    expected = "".join(_COLUMNS[one][0] for one in columns)
    if units != expected:
        raise InputError(
            f"the units {units!r} are not those of CGGTTS",
            where=str(Place(name, number + 2)),
            next_step=f"they are {expected!r}: tenths of ns, ps/s and degrees",
        )
    return columns, number + 2


def _track(
    line: bytes, columns: Sequence[str], missing: Counter[str], *, place: Place
) -> CggttsTrack:
    """Read one line; its checksum comes first, so that nothing of a damaged line is used."""
    text = line.decode("latin-1").rstrip()
    cells = [text[:3].strip(), *text[3:].split()]
    if len(cells) != len(columns):
        raise InputError(
            f"the track has {len(cells)} fields, and there are {len(columns)} columns",
            where=str(place),
            next_step="the line was cut or edited: take the original again",
        )
    where = str(Place(place.file, place.line, "CK"))
    wanted = checksum_written(cells[-1], where)
    found = checksum(line.rstrip()[:-2])
    if found != wanted:
        raise InputError(
            f"the checksum of the track is {found:02X}, and {wanted:02X} is written",
            where=where,
            next_step="the line was changed after it was written: take the original again",
        )
    texts = dict(zip(columns, cells, strict=True))
    value = {
        one: _number(texts[one], one, missing, place=place) if one in texts else math.nan
        for one, (_, factor, _) in _COLUMNS.items()
        if factor
    }
    _range(value, "ELV", _LARGEST_ELEVATION, place)
    _range(value, "AZTH", _LARGEST_AZIMUTH, place)
    mjd = _whole(texts, "MJD", place, digits=5)
    return CggttsTrack(
        satellite=_satellite(texts["SAT"], place),
        common_view_class=texts["CL"],
        mjd=mjd,
        start_s=mjd * DAY_S + _time_of_day(texts["STTIME"], place),
        length_s=int(value["TRKL"]),
        elevation_deg=value["ELV"],
        azimuth_deg=value["AZTH"],
        refsv_s=value["REFSV"],
        srsv=value["SRSV"],
        refsys_s=value["REFSYS"],
        srsys=value["SRSYS"],
        dsg_s=value["DSG"],
        ioe=value["IOE"],
        mdtr_s=value["MDTR"],
        smdt=value["SMDT"],
        mdio_s=value["MDIO"],
        smdi=value["SMDI"],
        msio_s=value["MSIO"],
        smsi=value["SMSI"],
        isg_s=value["ISG"],
        glonass_channel=int(value["FR"]),
        hardware_channel=int(value["HC"]),
        code=texts["FRC"],
        line=place.line,
    )


def _number(text: str, column: str, missing: Counter[str], *, place: Place) -> float:
    """Return a number in SI, NaN where the receiver had none: stars, or nines all over."""
    _, factor, nines = _COLUMNS[column]
    digits = text.lstrip("+-")
    if column in _MAY_MISS and (
        set(digits) == {"*"} or (set(digits) == {"9"} and len(digits) >= nines)
    ):
        missing[column] += 1
        return math.nan
    if not _NUMBER.fullmatch(text):
        raise InputError(
            f"{text!r} is not a whole number",
            where=str(Place(place.file, place.line, column)),
            next_step="the line was edited: take the original again",
        )
    return int(text) * factor


def _range(value: Mapping[str, float], column: str, largest: float, place: Place) -> None:
    if not 0.0 <= value[column] <= largest:
        raise InputError(
            f"{value[column]:.1f} degrees are beyond 0 to {largest:.0f}",
            where=str(Place(place.file, place.line, column)),
            next_step="the column holds tenths of a degree",
        )


def _whole(texts: Mapping[str, str], column: str, place: Place, *, digits: int) -> int:
    text = texts[column]
    if not (text.isdecimal() and len(text) == digits):
        raise InputError(
            f"{text!r} are not {digits} digits",
            where=str(Place(place.file, place.line, column)),
            next_step="the line was edited: take the original again",
        )
    return int(text)


def _time_of_day(text: str, place: Place) -> int:
    seconds = -1
    if text.isdecimal() and len(text) == 6:
        hours, minutes, rest = int(text[:2]), int(text[2:4]), int(text[4:])
        if hours < 24 and minutes < 60 and rest < 60:
            seconds = hours * 3600 + minutes * 60 + rest
    if seconds < 0:
        raise InputError(
            f"{text!r} is no time of day, hhmmss",
            where=str(Place(place.file, place.line, "STTIME")),
            next_step="the line was edited: take the original again",
        )
    return seconds


def _satellite(text: str, place: Place) -> str:
    """Return a satellite as "G08"; version 02 writes bare numbers, and GLONASS from 101 on."""
    if text.isdecimal():
        number = int(text)
        return f"R{number - _OLD_GLONASS:02d}" if number > _OLD_GLONASS else f"G{number:02d}"
    rest = text[1:].strip()
    if not (text[:1].isalpha() and rest.isdecimal()):
        raise InputError(
            f"{text!r} is no satellite",
            where=str(Place(place.file, place.line, "SAT")),
            next_step="satellites are written like G08, E13, R24 or C05",
        )
    return f"{text[0]}{int(rest):02d}"
