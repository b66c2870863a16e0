"""Lines of the keys of a TOML text, which the standard parser does not tell.

Inside: `KeyPath`, `Duplicate`, `Positions`, `scan_positions`, `field_text`.
The scanner follows TOML 1.0 only as far as positions need; whether the text is TOML at all
is decided by `tomllib`. On a broken text it stops early and tells what it saw so far.
Source: TOML 1.0.0 (toml.io), sections Keys, String, Table, Inline Table, Array of Tables.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 64
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]+")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_SPACE = re.compile(r"[ \t]*")
# Longest first: three quotes also begin with one.
_STRINGS = (
    ('"""', re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL)),
    ("'''", re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL)),
    ('"', re.compile(r'"(?:[^"\\\n]|\\.)*"')),
    ("'", re.compile(r"'[^'\n]*'")),
)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key or table that is given twice."""

    path: KeyPath
    first_line: int
    second_line: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Lines (1-based) of keys, tables and array elements by path.

    `duplicate` is the first key given twice; `too_deep_line` is 0 unless values nest deeper
    than `MAX_DEPTH`.
    """

    lines: Mapping[KeyPath, int]
    duplicate: Duplicate | None = None
    too_deep_line: int = 0


def scan_positions(text: str) -> Positions:
    """Find the line of each key of a TOML text.

    Args:
        text: TOML with plain line feeds. It may be broken; then the scan stops early.

    Returns:
        The lines by key path; elements of arrays have their 0-based index in the path.
    """
    scanner = _Scanner(text)
    too_deep_line = 0
    try:
        scanner.scan()
    except _TooDeepError:
        too_deep_line = scanner.line()
    except _LostError:
        pass  # broken text: tomllib says how
    return Positions(scanner.lines, scanner.duplicate, too_deep_line)


def field_text(path: KeyPath) -> str:
    """Write a key path for people: result[2].conditions.wavelength; elements count from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else repr(part)
            text += f".{name}" if text else name
    return text


class _LostError(Exception):
    """The text is not TOML at this place."""


class _TooDeepError(Exception):
    """Values nest deeper than anybody writes."""


def _checked(path: KeyPath) -> KeyPath:
    if len(path) > MAX_DEPTH:
        raise _TooDeepError
    return path


class _Scanner:
    """Cursor over one text; collects lines and the first duplicate."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.duplicate: Duplicate | None = None
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        self._leaves: set[KeyPath] = set()
        self._tables: set[KeyPath] = set()
        self._last_element: dict[KeyPath, int] = {}

    def line(self) -> int:
        """Return the line of the cursor, 1-based."""
        return bisect.bisect_right(self._starts, self._at)

    def scan(self) -> None:
        """Walk the whole text: headers and key/value pairs."""
        prefix: KeyPath = ()
        while not self._at_end_after_blank():
            if self._text[self._at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _at_end_after_blank(self) -> bool:
        match = _BLANK.match(self._text, self._at)
        if match:
            self._at = match.end()
        return self._at >= len(self._text)

    def _next_character(self) -> str:
        """Return the character under the cursor after blanks; the end of text is an error."""
        if self._at_end_after_blank():
            raise _LostError
        return self._text[self._at]

    def _header(self) -> KeyPath:
        """Read [table] or [[table]] and return the path under which its keys stand."""
        line = self.line()
        is_element = self._text.startswith("[[", self._at)
        self._at += 2 if is_element else 1
        keys = self._dotted_key()
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end
        path = _checked((*self._resolved(_checked(keys[:-1]), line), keys[-1]))
        if is_element:
            if path in self._tables or path in self._leaves:
                self._report_duplicate(path, line)
            index = self._last_element.get(path, -1) + 1
            self._last_element[path] = index
            self.lines.setdefault(path, line)
            path = (*path, index)
        elif path in self._tables or path in self._leaves or path in self._last_element:
            self._report_duplicate(path, line)
        self._tables.add(path)
        self.lines[path] = line
        return path

    def _resolved(self, keys: KeyPath, line: int) -> KeyPath:
        """Return the path of a header's parents; an array of tables means its last element."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self._leaves:
                self._report_duplicate(path, line)
            if path in self._last_element:
                path = (*path, self._last_element[path])
            self.lines.setdefault(path, line)
        return path

    def _pair(self, prefix: KeyPath) -> None:
        line = self.line()
        path = _checked((*prefix, *self._dotted_key()))
        if not self._text.startswith("=", self._at):
            raise _LostError
        self._at += 1
        for length in range(len(prefix) + 1, len(path)):
            parent = path[:length]
            if parent in self._leaves:
                self._report_duplicate(parent, line)
            self._tables.add(parent)
            self.lines.setdefault(parent, line)
        if path in self.lines:
            self._report_duplicate(path, line)
        self._leaves.add(path)
        self.lines.setdefault(path, line)
        self._value(path)

    def _dotted_key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip_space()
            keys.append(self._simple_key())
            self._skip_space()
            if not self._text.startswith(".", self._at):
                return tuple(keys)
            self._at += 1

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _simple_key(self) -> str:
        quoted = self._string_end()
        match = _BARE_KEY.match(self._text, self._at)
        if quoted is None and match is None:
            raise _LostError
        start = self._at
        if quoted is None:
            self._at = match.end() if match else start
            return self._text[start : self._at]
        self._at = quoted
        try:
            return str(tomllib.loads(f"key = {self._text[start:quoted]}")["key"])
        except ValueError:
            raise _LostError from None

    def _string_end(self) -> int | None:
        """Return the end of the string under the cursor, or None if there is none."""
        for quotes, pattern in _STRINGS:
            if self._text.startswith(quotes, self._at):
                match = pattern.match(self._text, self._at)
                if match is None:
                    raise _LostError
                return match.end()
        return None

    def _value(self, path: KeyPath) -> None:
        first = self._next_character()
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            end = self._string_end()
            match = _BARE_VALUE.match(self._text, self._at)
            if end is None and match is None:
                raise _LostError
            self._at = end if end is not None else match.end() if match else self._at

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._next_character() != "]":
            element = _checked((*path, index))
            self.lines[element] = self.line()
            self._value(element)
            index += 1
            if self._next_character() == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._next_character() != "}":
            self._pair(path)
            if self._next_character() == ",":
                self._at += 1
        self._at += 1

    def _report_duplicate(self, path: KeyPath, line: int) -> None:
        if self.duplicate is None:
            self.duplicate = Duplicate(path, self.lines.get(path, line), line)
