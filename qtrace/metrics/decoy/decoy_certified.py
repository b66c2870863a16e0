"""The smallest figure over a box of constant but unknown device parameters.

Inside: `Worst`, `worst_in_box`.

A bound that holds at the true parameters holds at the smallest of its values over any set with
the true parameters in it. That the smallest value lies at a corner is not a theorem of the decoy
bounds; hence a grid with all corners, drawn together around its smallest values a few times. That
is a search: it gives a value at some point, and the least may lie below it. The parameters
are the same in every round here: what changes from pulse to pulse needs another bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

KEPT = 0.25  # of the width, to both sides of the smallest value: a round halves the box
ROWS = 512  # rows evaluated together, times the points of the grid


@dataclass(frozen=True, slots=True)
class Grid:
    """Points along each parameter (both ends among them), and how often it is drawn together.

    Along the last parameter, the weakest intensity, the first grid has `weakest` points; from
    each of its `starts` smallest the search goes on.
    """

    points: int = 5
    rounds: int = 8
    weakest: int = 129
    starts: int = 4


# For bounds that take milliseconds each.
COARSE = Grid(points=3, rounds=3, weakest=9, starts=1)


@dataclass(frozen=True, slots=True)
class Worst:
    """The smallest value, and the parameters at which it is taken."""

    value: Number
    at: Mapping[str, Number]


def worst_in_box(
    figure: Callable[..., Number],
    *,
    fixed: Mapping[str, Number],
    intervals: Mapping[str, tuple[Number, Number]],
    grid: Grid = Grid(),
) -> Worst:
    """Return the smallest value of a figure over intervals of some of its arguments.

    Args:
        figure: Takes all names by keyword; elementwise in arrays.
        fixed: Arguments that are known.
        intervals: Name to lower and upper edge.
        grid: Points, rounds and starts.

    Returns:
        Smallest value and where it is taken, of the common shape of all arguments.

    Raises:
        InputError: a lower edge above its upper edge, or what `figure` refuses in the box.
    """
    for name, (low, high) in intervals.items():
        if not np.all(np.asarray(low) <= np.asarray(high)):
            raise InputError(
                f"the lower edge of {name} is above its upper edge, or no number",
                where=name,
                next_step="give the interval as low and high",
            )
    flat, shape = _flat({**fixed, **_edges(intervals)})
    size = int(np.prod(shape))
    values = np.empty(size)
    places = {name: np.empty(size) for name in intervals}
    for start in range(0, size, ROWS):
        rows = slice(start, min(start + ROWS, size))
        part = {name: one[rows] if one.ndim else one for name, one in flat.items()}
        known = {name: part[name] for name in fixed}
        box = np.array(
            [
                [np.broadcast_to(part[f"{name} {edge}"], (rows.stop - start,)) for edge in EDGES]
                for name in intervals
            ]
        )
        values[rows], where = _drawn_together(figure, known, tuple(intervals), box=box, grid=grid)
        for name, place in zip(intervals, where, strict=True):
            places[name][rows] = place
    return Worst(
        values.reshape(shape)[()],
        {name: place.reshape(shape)[()] for name, place in places.items()},
    )


EDGES = ("low", "high")


def _edges(intervals: Mapping[str, tuple[Number, Number]]) -> dict[str, Number]:
    return {
        f"{name} {edge}": value
        for name, pair in intervals.items()
        for edge, value in zip(EDGES, pair, strict=True)
    }


def _flat(arguments: Mapping[str, Number]) -> tuple[dict[str, Array], tuple[int, ...]]:
    """Return all arguments as rows of one length, single numbers kept single."""
    arrays = {name: np.asarray(one, dtype=np.float64) for name, one in arguments.items()}
    shape = np.broadcast_shapes(*(one.shape for one in arrays.values()))
    return {
        name: one.reshape(()) if one.size == 1 else np.broadcast_to(one, shape).reshape(-1)
        for name, one in arrays.items()
    }, shape


def _drawn_together(
    figure: Callable[..., Number],
    known: Mapping[str, Array],
    names: tuple[str, ...],
    *,
    box: Array,
    grid: Grid,
) -> tuple[Array, Array]:
    """Return the smallest value of each row and its place; `box` is (parameter, edge, row)."""
    first = [np.linspace(0.0, 1.0, grid.points)] * (len(names) - 1)
    # The vacuum events are cut at 0 along a line that the weakest intensity crosses.
    every = np.array(list(product(*first, np.linspace(0.0, 1.0, grid.weakest))))
    local = np.array(list(product(*first, np.linspace(0.0, 1.0, grid.weakest // 4 + 1))))
    low, high = box[:, 0], box[:, 1]
    tried, found = _tried(figure, known, names, steps=every, low=low, high=high)
    rows = np.arange(box.shape[2])
    starts = np.argsort(found, axis=0, kind="stable")[: grid.starts]
    best, place = found[starts[0], rows], tried[starts[0], :, rows].T
    for start in starts:
        here, near = found[start, rows], tried[start, :, rows].T
        width = (high - low) * 1.0
        for _ in range(grid.rounds):
            inner, outer = (
                np.maximum(low, near - KEPT * width),
                np.minimum(high, near + KEPT * width),
            )
            points, values = _tried(figure, known, names, steps=local, low=inner, high=outer)
            least = np.argmin(values, axis=0)
            better = values[least, rows] < here
            here = np.where(better, values[least, rows], here)
            near = np.where(better, points[least, :, rows].T, near)
            width = width * 2.0 * KEPT
        place = np.where(here < best, near, place)
        best = np.minimum(here, best)
    return best, place


def _tried(
    figure: Callable[..., Number],
    known: Mapping[str, Array],
    names: tuple[str, ...],
    *,
    steps: Array,
    low: Array,
    high: Array,
) -> tuple[Array, Array]:
    """Return points at those steps between the edges, and the figure there."""
    tried = low + steps[:, :, None] * (high - low)
    # The upper edge itself, free of rounding.
    tried = np.where(steps[:, :, None] == 1.0, high, tried)
    found = np.asarray(
        figure(**known, **{name: tried[:, index] for index, name in enumerate(names)})
    )
    return tried, np.broadcast_to(found, (len(steps), low.shape[1]))
