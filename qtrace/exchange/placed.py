"""A record with the place in the file that it was read from.

Inside: `Placed`, `refuse_repeated`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from qtrace.errors import InputError
from qtrace.laboratory.draft import Place

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Record]):
    """A record, where its table stands, and where its fields stand, for later refusals."""

    record: Record
    place: Place
    field_places: dict[str, Place] = field(default_factory=dict)

    def place_of(self, key: str) -> Place:
        """Return where a field stands, or the table where the field is not written."""
        return self.field_places.get(key, self.place)


def refuse_repeated(what: str, named: Iterable[tuple[str, Place]]) -> None:
    """Refuse a name that is given twice in one file.

    Args:
        what: What the names belong to, in words.
        named: Names with their places, in the order of the file.

    Raises:
        InputError: The second of two equal names; both lines are told.
    """
    seen: dict[str, Place] = {}
    for name, place in named:
        if name in seen:
            raise InputError(
                f"{what} {name!r} is given twice: in line {seen[name].line} "
                f"and in line {place.line}",
                where=str(place),
                next_step="keep one of the two, or correct one",
            )
        seen[name] = place
