"""In which order the items of each row stand, so that lines between rows cross seldom.

Inside: `Neighbours`, `order_rows`, `crossings`.
Source: Sugiyama, Tagawa, Toda, IEEE Trans. SMC 11, 109 (1981) (barycentre sweeps); Barth,
Juenger, Mutzel, J. Graph Algorithms Appl. 8, 179 (2004) (crossings are inversions).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 24  # down and up; the best order seen is kept


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who is joined to whom: items above and below each item."""

    above: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, edges: Iterable[tuple[str, str]]) -> Neighbours:
        """Build it from (upper, lower) pairs."""
        built = cls()
        for upper, lower in edges:
            built.below.setdefault(upper, []).append(lower)
            built.above.setdefault(lower, []).append(upper)
        return built


def crossings(upper: Sequence[str], lower: Sequence[str], below: Mapping[str, list[str]]) -> int:
    """Return how many pairs of straight lines between two rows cross.

    Args:
        upper: Items of the upper row, from left to right.
        lower: Items of the lower row.
        below: Items below each item; those of other rows are passed over.
    """
    place = {name: k for k, name in enumerate(lower)}
    seen: list[int] = []
    total = 0
    for name in upper:
        ends = sorted(place[one] for one in below.get(name, ()) if one in place)
        for end in ends:
            total += len(seen) - bisect_right(seen, end)
        for end in ends:
            insort(seen, end)
    return total


def order_rows(rows: Sequence[Sequence[str]], neighbours: Neighbours) -> list[list[str]]:
    """Return the rows with their items reordered; ties keep the given order.

    Args:
        rows: Items of each row, from the top down.
        neighbours: Lines between items, of any rows.
    """
    current = [list(row) for row in rows]
    best, fewest = [list(row) for row in current], _total(current, neighbours)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        toward = neighbours.above if down else neighbours.below
        order = range(1, len(current)) if down else range(len(current) - 2, -1, -1)
        place = _relative_places(current)
        for k in order:
            current[k] = _by_mean_place(current[k], toward, place)
            place.update(_relative_places([current[k]]))
        count = _total(current, neighbours)
        if count < fewest:
            best, fewest = [list(row) for row in current], count
    return best


def _total(rows: Sequence[Sequence[str]], neighbours: Neighbours) -> int:
    return sum(crossings(upper, lower, neighbours.below) for upper, lower in pairwise(rows))


def _relative_places(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return where in its row each item stands, from 0 to 1."""
    return {name: (k + 0.5) / len(row) for row in rows for k, name in enumerate(row)}


def _by_mean_place(
    row: Sequence[str], toward: Mapping[str, list[str]], place: Mapping[str, float]
) -> list[str]:
    """Sort a row by the mean place of each item's neighbours; others keep theirs."""
    mean = {}
    for name in row:
        others = toward.get(name)
        mean[name] = sum(place[one] for one in others) / len(others) if others else place[name]
    return sorted(row, key=lambda name: mean[name])
