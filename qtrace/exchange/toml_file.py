"""Opening a TOML file that a person wrote; whatever is wrong is said with its line.

Inside: `EnteredFloat`, `TomlFile`, `read_toml`. The only door of tomllib for whole files;
fields are read through `qtrace.exchange.toml_table`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Self

from qtrace.errors import InputError
from qtrace.exchange.toml_positions import (
    MAX_DEPTH,
    KeyPath,
    Positions,
    field_text,
    scan_positions,
)
from qtrace.laboratory.draft import Place
from qtrace.ledger.digest import file_digest

MAX_BYTES = 1_000_000
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Characters that make a text read otherwise than it is stored; the ledger refuses them too.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_POSITION = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")


class EnteredFloat(float):
    """A TOML float that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Build the float from its text, underscores between digits dropped."""
        number = super().__new__(cls, text)
        number.text = text.replace("_", "")
        return number


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file as read: plain `data`, the `lines` of its keys, SHA-256 of its bytes.

    `entered` is the same data in which floats are `EnteredFloat`. `folder` is where files that it
    names are looked for: beside it; None where only bytes were given.
    """

    name: str
    data: dict[str, object]
    lines: Mapping[KeyPath, int]
    digest: str = ""
    entered: dict[str, object] = field(default_factory=dict)
    folder: Path | None = None

    def place(self, path: KeyPath = ()) -> Place:
        """Return where a key stands; of a missing key, where the table around it begins."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Place(self.name, self.lines.get(known, 1), field_text(path))

    def error(self, path: KeyPath, what: str, *, next_step: str = "") -> InputError:
        """Build (not raise) an error about one field of this file."""
        return InputError(what, where=str(self.place(path)), next_step=next_step)


def read_toml(source: Path | bytes, *, name: str = "") -> TomlFile:
    """Read a TOML file, or the bytes of one.

    Args:
        source: A path, or the bytes themselves.
        name: What to call the file in messages; by default the path.

    Returns:
        The file with the line of each key.

    Raises:
        InputError: Missing or too large, not UTF-8, with a byte order mark or direction
            marks, not TOML, or with a key given twice (both lines are named).
    """
    name = name or (str(source) if isinstance(source, Path) else "bytes")
    folder = source.parent if isinstance(source, Path) else None
    data = _bytes_of(source, name)
    text = _text_of(data, name)
    try:
        entered = tomllib.loads(text, parse_float=EnteredFloat)
    except RecursionError:
        _refuse_depth(name, scan_positions(text))
    except ValueError as error:
        _refuse_syntax(name, text, str(error))
    positions = scan_positions(text)
    if positions.too_deep_line:
        _refuse_depth(name, positions)
    plain = {key: _plain(value) for key, value in entered.items()}
    return TomlFile(name, plain, positions.lines, file_digest(data), entered, folder)


def _bytes_of(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        try:
            with source.open("rb") as stream:
                source = stream.read(MAX_BYTES + 1)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(
                f"the file cannot be read: {reason}",
                where=name,
                next_step="check the path",
            ) from None
    if len(source) > MAX_BYTES:
        raise InputError(
            f"the file is larger than {MAX_BYTES} bytes",
            where=name,
            next_step="files that people write are small; split it",
        )
    return source


def _text_of(data: bytes, name: str) -> str:
    if data.startswith(_BYTE_ORDER_MARKS):
        raise InputError(
            "the file begins with a byte order mark",
            where=f"{name}, line 1, byte 0",
            next_step="save it as UTF-8 without byte order mark",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"the file is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            where=f"{name}, line {line}, byte {error.start}",
            next_step="save it as UTF-8; it may also be damaged or truncated",
        ) from None
    text = text.replace("\r\n", "\n")
    for number, line_text in enumerate(text.split("\n"), start=1):
        hidden = _BIDI.search(line_text)
        if hidden:
            raise InputError(
                f"invisible direction mark U+{ord(hidden.group()):04X}",
                where=f"{name}, line {number}, column {hidden.start() + 1}",
                next_step="delete the character; it makes the line read otherwise than it is",
            )
        if not unicodedata.is_normalized("NFC", line_text):
            raise InputError(
                "characters are composed in a form that is not the usual one (Unicode NFC)",
                where=f"{name}, line {number}",
                next_step="type the accented characters of this line again",
            )
    return text


def _refuse_syntax(name: str, text: str, message: str) -> NoReturn:
    """Raise for a text that tomllib refuses; a key given twice is told with both lines."""
    duplicate = scan_positions(text).duplicate
    # tomllib says "Cannot overwrite / declare / mutate ..." or "Duplicate ..." for these.
    if duplicate and message.startswith(("Cannot", "Can't", "Duplicate")):
        written = field_text(duplicate.path)
        raise InputError(
            f"{written} is given twice: in line {duplicate.first_line} "
            f"and in line {duplicate.second_line}",
            where=str(Place(name, duplicate.second_line, written)),
            next_step="keep one of the two",
        )
    position = _POSITION.search(message)
    reason = _POSITION.sub("", message)
    if position is None or position.group(1) is None:
        line = text.rstrip("\n").count("\n") + 1
        raise InputError(
            f"not readable as TOML: {reason} at the end of the file",
            where=f"{name}, line {line}",
            next_step="the file may be truncated: look for an open quote or bracket",
        )
    raise InputError(
        f"not readable as TOML: {reason}",
        where=f"{name}, line {position.group(1)}, column {position.group(2)}",
        next_step='texts and quantities stand in double quotes, e.g. value = "1550.5 nm"',
    )


def _refuse_depth(name: str, positions: Positions) -> NoReturn:
    raise InputError(
        f"values nest deeper than {MAX_DEPTH} levels",
        where=str(Place(name, positions.too_deep_line)),
        next_step="write the values in tables of their own",
    )


def _plain(value: object) -> object:
    """Return the value with ordinary floats."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, EnteredFloat) else value
