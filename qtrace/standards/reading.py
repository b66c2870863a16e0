"""Reading checked fields out of a table that a person wrote; every error names its place.

Inside: `Where`, `TableReader`. Files themselves are opened elsewhere; `Where` turns a field such
as "requirement[2].limit" (elements count from 1) into "file, line, field".
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, TypeVar

from qtrace.errors import InputError
from qtrace.quantity.value import QuantityValue, parse_quantity

Where: TypeAlias = Callable[[str], str]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class TableReader:
    """One table with its path; remembers which fields were read, so that others are refused."""

    table: Mapping[str, object]
    where: Where
    path: str = ""
    seen: set[str] = field(default_factory=set)

    def error(self, name: str, what: str, *, next_step: str = "") -> InputError:
        """Build (not raise) an error about one field."""
        return InputError(what, where=self.where(self.place(name)), next_step=next_step)

    def place(self, name: str) -> str:
        """Return the path of a field; of the table itself for an empty name."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a text; it must be there and not empty unless there is a default."""
        self.seen.add(name)
        value = self.table.get(name, default)
        if value is None:
            raise self.error(name, f"the field {name!r} is missing", next_step=f"add {name!r}")
        if not isinstance(value, str):
            raise self.error(name, f"{name!r} is {value!r}, not a text in quotes")
        if default is None and not value.strip():
            raise self.error(name, f"{name!r} is empty", next_step=f"say what {name!r} is")
        return value

    def choice(self, name: str, options: type[Choice], *, default: Choice | None = None) -> Choice:
        """Return a member of an enumeration, written as its value."""
        text = self.text(name, default=None if default is None else default.value)
        try:
            return options(text)
        except ValueError:
            known = [member.value for member in options]
            raise self.error(
                name, f"{name!r} is {text!r}", next_step=f"one of: {', '.join(known)}"
            ) from None

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts, empty where it is absent and not required."""
        self.seen.add(name)
        value = self.table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.error(name, f"{name!r} is {value!r}, not a list of texts")
        if required and not value:
            raise self.error(name, f"{name!r} is missing or empty", next_step="list one at least")
        if len(set(value)) != len(value):
            raise self.error(name, f"{name!r} names one thing twice")
        return tuple(value)

    def quantity(self, name: str) -> QuantityValue | None:
        """Return a number with its unit, written as text; None where it is absent."""
        self.seen.add(name)
        if name not in self.table:
            return None
        text = self.text(name)
        try:
            return parse_quantity(text)
        except InputError as error:
            raise error.located(self.where(self.place(name))) from error

    def inner(self, name: str) -> TableReader:
        """Return a reader of a table inside this one; it must be there."""
        self.seen.add(name)
        value = self.table.get(name)
        if not isinstance(value, Mapping):
            what = "is missing" if value is None else "is not a table"
            raise self.error(name, f"the table {name!r} {what}")
        return TableReader(value, self.where, self.place(name))

    def each(self, name: str) -> list[TableReader]:
        """Return readers of a list of tables, empty where it is absent."""
        self.seen.add(name)
        value = self.table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self.error(name, f"{name!r} is not a list of tables")
        return [
            TableReader(row, self.where, f"{self.place(name)}[{number}]")
            for number, row in enumerate(value, start=1)
        ]

    def finish(self, *, allowed: Iterable[str] = ()) -> None:
        """Refuse fields that nobody read: a misspelt limit must not vanish."""
        known = self.seen.union(allowed)
        for name in self.table:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {sorted(known)}"
                raise self.error(name, f"the field {name!r} is not known here", next_step=hint)
