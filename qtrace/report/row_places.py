"""How far from the left each item of a row stands: near its neighbours, never overlapping.

Inside: `Item`, `place_rows`.
Source: Barlow, Bartholomew, Bremner, Brunk, Statistical Inference under Order Restrictions
(1972) (pooling adjacent violators: least squares under an order).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qtrace.report.row_order import Neighbours

PASSES = 14
STIFFNESS = 4.0  # how much more a trunk insists on its place than a box


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a row; `stiff` items (points of a trunk) keep lines straight."""

    name: str
    width: float
    stiff: bool = False


def place_rows(
    rows: Sequence[Sequence[Item]], neighbours: Neighbours, *, width: float, gap: float
) -> tuple[dict[str, float], float]:
    """Place items in their given order.

    Args:
        rows: Items of each row, from left to right.
        neighbours: Lines between items of neighbouring rows.
        width: Width that is wanted, px.
        gap: Free space between two items, px.

    Returns:
        Centre of each item, px from the left, and the width that the rows need.
    """
    needed = max((_needed(row, gap) for row in rows), default=0.0)
    full = max(width, needed) if needed > 0.0 else width
    xs: dict[str, float] = {}
    for row in rows:
        left = (full - _needed(row, gap)) / 2.0
        for item in row:
            xs[item.name] = left + item.width / 2.0
            left += item.width + gap
    for number in range(PASSES):
        down = number % 2 == 0
        toward = neighbours.above if down else neighbours.below
        for row in rows if down else reversed(rows):
            _settle(row, toward, xs, full=full, gap=gap)
    return xs, full


def _needed(row: Sequence[Item], gap: float) -> float:
    return sum(item.width for item in row) + gap * max(0, len(row) - 1)


def _settle(
    row: Sequence[Item],
    toward: Mapping[str, list[str]],
    xs: dict[str, float],
    *,
    full: float,
    gap: float,
) -> None:
    """Move the items of one row as near to their neighbours as their order allows."""
    if not row:
        return
    # Offsets of a row packed from zero turn distances between centres into an order.
    offsets, reach = [], 0.0
    for item in row:
        offsets.append(reach + item.width / 2.0)
        reach += item.width + gap
    wishes = []
    for item, offset in zip(row, offsets, strict=True):
        others = toward.get(item.name)
        wish = sum(xs[one] for one in others) / len(others) if others else xs[item.name]
        weight = (STIFFNESS if item.stiff else 1.0) * (1.0 if others else 0.3)
        wishes.append((wish - offset, weight))
    slack = full - (reach - gap)
    for item, offset, start in zip(row, offsets, _pooled(wishes), strict=True):
        xs[item.name] = offset + min(max(start, 0.0), slack)


def _pooled(wishes: Sequence[tuple[float, float]]) -> list[float]:
    """Return the values nearest to the wishes (least squares) that never fall."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in wishes:
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (v0, w0, n0), (v1, w1, n1) = blocks[-2:]
            blocks[-2:] = [((v0 * w0 + v1 * w1) / (w0 + w1), w0 + w1, n0 + n1)]
    return [value for value, _, count in blocks for _ in range(count)]
