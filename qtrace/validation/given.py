"""The inputs of an example as plain values, read field by field with their place.

Inside: `CaseFileError`, `Given`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from qtrace.errors import InputError


class CaseFileError(InputError):
    """The data of an example are wrong, not the product. Exit code 2."""


class Given:
    """One table of inputs; `finish` refuses fields that nobody asked for.

    Args:
        data: Plain values: numbers, texts, lists, tables.
        where: Turns the path of a field into a place that a person finds.
        path: The path of this table.
    """

    def __init__(self, data: Mapping[str, object], where: Callable[[str], str], path: str) -> None:
        self._data = data
        self._where = where
        self._path = path
        self._asked: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields in their order."""
        return tuple(self._data)

    def error(self, key: str, what: str, *, next_step: str = "") -> CaseFileError:
        """Build (not raise) an error about one field, or about the table where key is empty."""
        path = f"{self._path}.{key}" if key else self._path
        return CaseFileError(what, where=self._where(path), next_step=next_step)

    def has(self, key: str) -> bool:
        """Return whether a field is there."""
        self._asked.add(key)
        return key in self._data

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number; infinity may be written as inf."""
        if default is not None and not self.has(key):
            return default
        return self._number(key, self._required(key))

    def integer(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        if default is not None and not self.has(key):
            return default
        value = self._required(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"{value!r:.40} is no whole number")
        return value

    def numbers(self, key: str) -> list[float]:
        """Return a list of numbers."""
        return [self._number(key, one) for one in self._list(key)]

    def spread(self, key: str, default: float = 0.0) -> float | list[float]:
        """Return a list of numbers, or one number for all."""
        if self.has(key) and isinstance(self._data[key], list):
            return self.numbers(key)
        return self.number(key, default)

    def rows(self, key: str) -> list[list[float]]:
        """Return a list of lists of numbers."""
        rows = []
        for one in self._list(key):
            if not isinstance(one, list):
                raise self.error(key, f"{one!r:.40} is no list of numbers")
            rows.append([self._number(key, value) for value in one])
        return rows

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        if default is not None and not self.has(key):
            return default
        value = self._required(key)
        if not isinstance(value, str):
            raise self.error(key, f"{value!r:.40} is no text")
        return value

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the given words."""
        value = self.text(key, default)
        if value not in words:
            raise self.error(
                key, f"{value!r:.40} is not known here", next_step=f"choose {', '.join(words)}"
            )
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; empty where the field is missing."""
        values = self._list(key) if self.has(key) else []
        for value in values:
            if not isinstance(value, str):
                raise self.error(key, f"{value!r:.40} is no text")
        return [str(value) for value in values]

    def table(self, key: str) -> Given:
        """Return a table within this one."""
        return self._table(key, self._required(key), f"{self._path}.{key}")

    def tables(self, key: str) -> list[Given]:
        """Return a list of tables; empty where the field is missing."""
        values = self._list(key) if self.has(key) else []
        return [
            self._table(key, value, f"{self._path}.{key}[{index}]")
            for index, value in enumerate(values, start=1)
        ]

    def finish(self) -> None:
        """Refuse fields that nobody asked for.

        Raises:
            CaseFileError: there is one.
        """
        for key in self._data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(key, f'unknown field "{key}"', next_step=f"known here: {known}")

    def _table(self, key: str, value: object, path: str) -> Given:
        if not isinstance(value, dict):
            raise self.error(key, f"{value!r:.40} is no table")
        return Given(value, self._where, path)

    def _required(self, key: str) -> object:
        if not self.has(key):
            raise self.error(key, f'field "{key}" is missing', next_step=f"add {key} = ...")
        return self._data[key]

    def _list(self, key: str) -> list[object]:
        value = self._required(key)
        if not isinstance(value, list):
            raise self.error(key, f"{value!r:.40} is no list")
        return value

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"{value!r:.40} is no number")
        if math.isnan(value):
            raise self.error(key, "nan is no number")
        return float(value)
