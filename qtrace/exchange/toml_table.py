"""Reading fields of a TOML table: each is checked, each error has file, line and field.

Inside: `TomlTable`, `root_table`. A table remembers which of its fields were asked for;
`finish` refuses the others, so that a misspelt field is never silently ignored.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

from qtrace.errors import InputError
from qtrace.exchange.toml_file import EnteredFloat, TomlFile
from qtrace.exchange.toml_positions import KeyPath
from qtrace.laboratory.draft import Place

Choice = TypeVar("Choice", bound=StrEnum)

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LIKE_CUTOFF = 0.6


class TomlTable:
    """One table of a file, with typed getters. A missing or wrong field is an `InputError`."""

    def __init__(self, file: TomlFile, data: Mapping[str, object], path: KeyPath = ()) -> None:
        self.file = file
        self.path = path
        self._data = data
        self._asked: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields in the order of the file."""
        return tuple(self._data)

    def has(self, key: str) -> bool:
        """Return whether the field is there."""
        self._asked.add(key)
        return key in self._data

    def place(self, key: str = "") -> Place:
        """Return where a field stands, or the table itself."""
        return self.file.place((*self.path, key) if key else self.path)

    def error(self, key: str, what: str, *, next_step: str = "") -> InputError:
        """Build (not raise) an error about a field, or about the table where key is empty."""
        return InputError(what, where=str(self.place(key)), next_step=next_step)

    def text(self, key: str) -> str:
        """Return a text that must be there and must not be blank."""
        value = self._required(key)
        if not isinstance(value, str):
            raise self._wrong_type(key, value, 'a text in double quotes, e.g. "..."')
        if not value.strip():
            raise self.error(key, f'field "{key}" is empty', next_step="write something or omit it")
        return value

    def optional_text(self, key: str, default: str = "") -> str:
        """Return a text, or the default where the field is missing; "" may be written."""
        if not self.has(key):
            return default
        return "" if self._data[key] == "" else self.text(key)

    def identifier(self, key: str) -> str:
        """Return an id: letters, digits, '.', '_', '-'; at most 80 characters."""
        value = self.text(key)
        if not _IDENTIFIER.fullmatch(value):
            raise self.error(
                key,
                f"{value!r} is not an id",
                next_step="begin with a letter or digit; then also '.', '_' and '-' are allowed",
            )
        return value

    def optional_identifier(self, key: str) -> str:
        """Return an id, or "" where the field is missing."""
        return self.identifier(key) if self.has(key) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the field is missing."""
        texts = []
        for index, value in enumerate(self._list(key)):
            if not isinstance(value, str) or not value.strip():
                raise self.file.error(
                    (*self.path, key, index),
                    f"not a text: {_shown(value)}",
                    next_step=f'write it like {key} = ["first", "second"]',
                )
            texts.append(value)
        return tuple(texts)

    def text_map(self, key: str) -> dict[str, str]:
        """Return a table of texts; a number stands for itself. Empty where missing."""
        if not self.has(key):
            return {}
        inner = self.table(key)
        texts = {name: inner.entered(name) for name in inner.keys}
        inner.finish()
        return texts

    def entered(self, key: str) -> str:
        """Return a text or a number exactly as it was written."""
        value = self._required(key)
        text = _as_entered(value)
        if text is None:
            raise self._wrong_type(key, value, 'a text or a number, e.g. "1550.5 nm" or 1.01375')
        return self.text(key) if isinstance(value, str) else text

    def integer(self, key: str, *, least: int | None = None) -> int:
        """Return a whole number, not below `least`."""
        value = self._required(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong_type(key, value, "a whole number without quotes, e.g. 10")
        if least is not None and value < least:
            raise self.error(key, f"{value} is below {least}", next_step="correct the number")
        return value

    def number(self, key: str) -> float:
        """Return a finite number without unit."""
        value = self._required(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong_type(key, value, "a number without quotes, e.g. 1.19")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.error(key, f"{_shown(value)} is not finite", next_step="correct the number")
        return number

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false; without default the field must be there."""
        if default is not None and not self.has(key):
            return default
        value = self._required(key)
        if not isinstance(value, bool):
            raise self._wrong_type(key, value, "true or false, without quotes")
        return value

    def moment(self, key: str) -> datetime:
        """Return a point in time in UTC; a time without zone is refused."""
        value = self._required(key)
        example = f"{key} = 2021-06-01T12:00:00Z, without quotes"
        if not isinstance(value, datetime):
            if isinstance(value, date | time):
                raise self.error(
                    key,
                    f"{_shown(value)} is not a point in time: date, time and zone are needed",
                    next_step=f"write it like {example}",
                )
            raise self._wrong_type(key, value, f"a point in time like {example}")
        if value.tzinfo is None:
            raise self.error(
                key,
                f"{_shown(value)} has no time zone",
                next_step=f"write it like {example}; Z is UTC, +02:00 an offset from it",
            )
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise self.error(
                key, f"{_shown(value)} is outside the calendar", next_step="correct the year"
            ) from None

    def choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        """Return a member of an enumeration; without default the field must be there."""
        if default is not None and not self.has(key):
            return default
        return choices(self.one_of(key, tuple(member.value for member in choices)))

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the given words; without default the field must be there."""
        if default is not None and not self.has(key):
            return default
        value = self._required(key)
        if not isinstance(value, str) or value not in words:
            raise self.error(
                key,
                f"{_shown(value)} is not one of the words known here{_did_you_mean(value, words)}",
                next_step="choose one of: " + ", ".join(f'"{word}"' for word in words),
            )
        return value

    def rows(self, key: str) -> list[list[str]]:
        """Return a list of lists of texts or numbers, each as it was written."""
        self._required(key)
        rows = []
        for i, row in enumerate(self._list(key)):
            texts = [_as_entered(value) for value in row] if isinstance(row, list) else [None]
            if None in texts:
                raise self.file.error(
                    (*self.path, key, i),
                    f"row {i + 1} is no list of numbers",
                    next_step=f"write {key} = [[1, 0.5], [0.5, 1]]",
                )
            rows.append([text for text in texts if text is not None])
        return rows

    def cells(self, key: str) -> list[str]:
        """Return a list of texts or numbers, each as written; one alone is a list of one."""
        value = self._required(key)
        texts = [_as_entered(cell) for cell in (value if isinstance(value, list) else [value])]
        found = [text for text in texts if text is not None]
        if len(found) < len(texts):
            raise self._wrong_type(key, value, f"a number or a list: {key} = [0.1, 0.2]")
        return found

    def table(self, key: str) -> TomlTable:
        """Return a table that must be there."""
        value = self._required(key)
        if not isinstance(value, dict):
            raise self._wrong_type(key, value, f"a table: [{key}] or {{ ... }}")
        return TomlTable(self.file, value, (*self.path, key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return the elements of an array of tables; empty where the field is missing."""
        found = []
        for index, value in enumerate(self._list(key)):
            path = (*self.path, key, index)
            if not isinstance(value, dict):
                raise self.file.error(
                    path, f"{_shown(value)} is not a table", next_step=f"write [[{key}]]"
                )
            found.append(TomlTable(self.file, value, path))
        return tuple(found)

    def named_tables(self, key: str) -> dict[str, TomlTable]:
        """Return the tables [key.NAME] by name; empty where there are none."""
        if not self.has(key):
            return {}
        outer = self.table(key)
        found = {}
        for name in outer.keys:
            if not isinstance(outer._data[name], dict):
                raise outer.error(
                    name,
                    f'"{key}" holds tables, and {name} is none',
                    next_step=f"write [{key}.{name}] with its fields below",
                )
            found[name] = outer.table(name)
        return found

    def finish(self) -> None:
        """Refuse fields that nobody asked for.

        Raises:
            InputError: There is one; the message names the field that it resembles.
        """
        for key in self._data:
            if key not in self._asked:
                known = tuple(sorted(self._asked))
                raise self.error(
                    key,
                    f'unknown field "{key}"{_did_you_mean(key, known)}',
                    next_step="fields known here: " + ", ".join(known),
                )

    def _required(self, key: str) -> object:
        if self.has(key):
            return self._data[key]
        unasked = [name for name in self._data if name not in self._asked]
        close = difflib.get_close_matches(key, unasked, n=1, cutoff=_LIKE_CUTOFF)
        if close:
            line = self.place(close[0]).line
            raise self.error(
                close[0],
                f'field "{key}" is missing; line {line} has "{close[0]}"',
                next_step=f'did you mean "{key}"?',
            )
        raise self.error(key, f'field "{key}" is missing', next_step=f"add {key} = ... there")

    def _list(self, key: str) -> list[object]:
        if not self.has(key):
            return []
        value = self._data[key]
        if not isinstance(value, list):
            raise self._wrong_type(key, value, f"a list: {key} = [ ... ] or [[{key}]]")
        return value

    def _wrong_type(self, key: str, value: object, wanted: str) -> InputError:
        return self.error(
            key, f'field "{key}" is {_shown(value)}', next_step=f"{wanted} is expected"
        )


def root_table(file: TomlFile) -> TomlTable:
    """Return the outermost table of a file, with nothing read yet."""
    return TomlTable(file, file.entered)


def _as_entered(value: object) -> str | None:
    """Return a text or number as written, None for anything else."""
    if isinstance(value, EnteredFloat):
        return value.text
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _did_you_mean(value: object, words: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(str(value), words, n=1, cutoff=_LIKE_CUTOFF)
    return f'; did you mean "{close[0]}"?' if close else ""


def _shown(value: object) -> str:
    """Write a value for a message, with its type in words where that is the point."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= 60 else value[:57] + "...")
        case EnteredFloat():
            return value.text
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return str(value)
