"""The header of a CGGTTS file: receiver, antenna, delays with their calibration, checksum.

Inside: `CggttsHeader`, `SystemDelay`, `read_header`, `checksum`, `DELAY_KINDS`.
Source: Defraigne and Petit, Metrologia 52 (2015) G1 (CGGTTS V2E), header lines (clause from
memory; lines and checksum checked against files of a GTR51 receiver).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qtrace.errors import InputError
from qtrace.laboratory.place import Place

VERSIONS = ("2E", "02")
# What a stated delay holds: the receiver alone, with its antenna cable, with all to the clock.
DELAY_KINDS = ("INT", "SYS", "TOT")
NS = 1e-9
_TITLE = re.compile(r"(?:CGGTTS|GGTTS)\b.*VERSION\s*=\s*(\S+)\s*")
_KEYS = (
    "REV DATE", "RCVR", "CH", "IMS", "LAB", "X", "Y", "Z", "FRAME", "COMMENTS", "INT DLY",
    "SYS DLY", "TOT DLY", "CAB DLY", "REF DLY", "REF", "CKSUM",
)  # fmt: skip
_NEEDED = ("RCVR", "LAB", "X", "Y", "Z", "FRAME", "REF", "CKSUM")
_LINE = re.compile(rf"({'|'.join(_KEYS)})\s*=\s*(.*)")
_COORDINATE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*m(?:\s*\(\w+\))?")
_DELAY = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]+)(?:\s*\(([A-Za-z]+)\s+([A-Za-z0-9]+)\))?[\s,]*"
)
_CAL_ID = re.compile(r"CAL_ID\s*=\s*(.*)")
_CALIBRATION = re.compile(r"(?!9999)\d[\w]*-\d{4}")  # number of the BIPM, then the year
_MOST_LINES = 60  # a header has about seventeen


@dataclass(frozen=True, slots=True)
class SystemDelay:
    """A stated delay of one signal; `kind` is INT, SYS or TOT, `code` is like "GPS P1"."""

    kind: str
    code: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class CggttsHeader:
    """What stands above the tracks. Delays in s, coordinates of the antenna in m.

    `calibration_id` is as written, and `""` where none is named or a filler stands (9999-9999,
    xxxx-xxxx, NA). `lines` is how many lines of the file the header has.
    """

    version: str
    revised: str
    receiver: str
    channels: int
    ionosphere_receiver: str
    laboratory: str
    x_m: float
    y_m: float
    z_m: float
    frame: str
    reference: str
    delays: Mapping[str, SystemDelay] = field(default_factory=dict)
    calibration_id: str = ""
    cable_delay_s: float | None = None
    reference_delay_s: float | None = None
    comments: str = ""
    lines: int = 0


def checksum(data: bytes) -> int:
    """Return the sum of the bytes modulo 256, ends of lines left out.

    Source: Metrologia 52 (2015) G1: header to the "CKSUM = " before the two digits, track to the
    character before its CK; reproduced on real files.
    """
    return sum(data.replace(b"\r", b"").replace(b"\n", b"")) % 256


def checksum_written(text: str, where: str) -> int:
    """Return a checksum of two hexadecimal digits.

    Raises:
        InputError: it is no such number.
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{2}", text):
        raise InputError(
            f"the checksum {text!r} is not two hexadecimal digits",
            where=where,
            next_step="the file was cut or edited: take the original again",
        )
    return int(text, 16)


def read_header(lines: Sequence[bytes], *, name: str) -> CggttsHeader:
    """Read the header.

    Args:
        lines: The lines of the file, each with its end.
        name: What to call the file in messages.

    Raises:
        InputError: not CGGTTS, another version, a line missing, repeated or malformed, a delay
            not in ns, or a checksum that is not that of the lines.
    """
    texts = [line.decode("latin-1").rstrip("\r\n") for line in lines[:_MOST_LINES]]
    for number, text in enumerate(texts, 1):
        if not text.replace("\t", " ").isprintable():
            raise _error("the line holds bytes that are no text", name, number, "")
    version = _version(texts, name)
    found: dict[str, tuple[str, int]] = {}
    last = ""
    for number, text in enumerate(texts[1:], 2):
        match = _LINE.fullmatch(text.strip())
        if match is not None:
            last = match[1]
            if last in found:
                raise _error(f'the header line "{last}" stands twice', name, number, last)
            found[last] = (match[2].strip(), number)
        elif last == "COMMENTS" and text.strip():
            found[last] = (f"{found[last][0]} {text.strip()}", found[last][1])
        elif text.strip():
            raise _error("this is no line of a CGGTTS header", name, number, "")
        if last == "CKSUM":
            break
    for key in _NEEDED:
        if key not in found:
            raise _error(f'the header has no line "{key}"', name, len(texts), key)
    _verify(lines, found["CKSUM"], name)
    delays, calibration_id = _delays(found, name)
    return CggttsHeader(
        version=version,
        revised=found.get("REV DATE", ("", 0))[0],
        receiver=found["RCVR"][0],
        channels=_channels(found, name),
        ionosphere_receiver=found.get("IMS", ("", 0))[0],
        laboratory=found["LAB"][0],
        x_m=_coordinate(found, "X", name),
        y_m=_coordinate(found, "Y", name),
        z_m=_coordinate(found, "Z", name),
        frame=found["FRAME"][0],
        reference=found["REF"][0],
        delays=delays,
        calibration_id=calibration_id,
        cable_delay_s=_one_delay(found, "CAB DLY", name),
        reference_delay_s=_one_delay(found, "REF DLY", name),
        comments=found.get("COMMENTS", ("", 0))[0],
        lines=found["CKSUM"][1],
    )


def _error(what: str, name: str, line: int, column: str) -> InputError:
    return InputError(
        what,
        where=str(Place(name, line, column)),
        next_step="take the file as the receiver or its laboratory published it",
    )


def _version(texts: Sequence[str], name: str) -> str:
    match = _TITLE.fullmatch(texts[0].strip()) if texts else None
    if match is None:
        raise _error("this is no CGGTTS file: its first line does not say so", name, 1, "")
    if match[1] not in VERSIONS:
        raise InputError(
            f"CGGTTS version {match[1]} is not read here",
            where=str(Place(name, 1)),
            next_step="convert it to version 2E",
        )
    return match[1]


def _verify(lines: Sequence[bytes], written: tuple[str, int], name: str) -> None:
    text, number = written
    where = str(Place(name, number, "CKSUM"))
    wanted = checksum_written(text, where)
    above = b"".join(lines[: number - 1])
    last = lines[number - 1].rstrip()
    found = checksum(above + last[: len(last) - 2])
    if found != wanted:
        raise InputError(
            f"the checksum of the header is {found:02X}, and {wanted:02X} is written",
            where=where,
            next_step="the header was changed after it was written: take the original again",
        )


def _channels(found: Mapping[str, tuple[str, int]], name: str) -> int:
    text, line = found.get("CH", ("0", 0))
    if not text.isdecimal():
        raise _error(f"{text!r} is no number of channels", name, line, "CH")
    return int(text)


def _coordinate(found: Mapping[str, tuple[str, int]], key: str, name: str) -> float:
    text, line = found[key]
    match = _COORDINATE.fullmatch(text)
    if match is None:
        raise _error(f"the coordinate {text!r} is not a number in m", name, line, key)
    return float(match[1])


def _one_delay(found: Mapping[str, tuple[str, int]], key: str, name: str) -> float | None:
    if key not in found:
        return None
    text, line = found[key]
    match = _DELAY.fullmatch(text)
    if match is None or match[2] != "ns":
        raise _error(f"the delay {text!r} is not a number in ns", name, line, key)
    return float(match[1]) * NS


def _delays(found: Mapping[str, tuple[str, int]], name: str) -> tuple[dict[str, SystemDelay], str]:
    """Read the line of the delays of the signals, and the calibration that it names."""
    kinds = [kind for kind in DELAY_KINDS if f"{kind} DLY" in found]
    if len(kinds) != 1:
        raise _error(
            "the header states " + (" and ".join(kinds) or "no INT, SYS or TOT") + " DLY: one of "
            "the three is needed", name, found["CKSUM"][1], "INT DLY",
        )  # fmt: skip
    kind = kinds[0]
    text, line = found[f"{kind} DLY"]
    named = _CAL_ID.search(text)
    written = named[1].strip() if named is not None else ""
    stated = text[: named.start()].strip() if named is not None else text
    delays: dict[str, SystemDelay] = {}
    position = 0
    for match in _DELAY.finditer(stated):
        code = f"{match[3]} {match[4]}" if match[3] else ""
        if match.start() != position or match[2] != "ns":
            break
        if code in delays:
            raise _error(f"the delay of {code or 'all signals'} stands twice", name, line, kind)
        delays[code] = SystemDelay(kind, code, float(match[1]) * NS)
        position = match.end()
    if position != len(stated) or not delays:
        raise _error(
            f"the delays {stated!r} are not numbers in ns with their signals", name, line, kind
        )
    return delays, written if _CALIBRATION.fullmatch(written) else ""
