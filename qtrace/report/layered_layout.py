"""Where boxes and lines of a layered drawing go: rows from the top down, few crossings.

Inside: `Box`, `Place`, `Segment`, `Layout`, `lay_out`.

Steps: turn edges that close a circle; depth by longest path; order within a depth by the mean
place of neighbours; split what is too wide into sub-rows; let long edges to one target share a
trunk of invisible points, so that no line runs behind a box; order again; place.
Source: Sugiyama, Tagawa, Toda, IEEE Trans. SMC 11, 109 (1981) (layers and barycentres); Barlow,
Bartholomew, Bremner, Brunk, Statistical Inference under Order Restrictions (1972) (pooling).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.report.row_order import Neighbours, order_rows
from qtrace.report.row_places import Item, place_rows

MARGIN = 16.0  # px around the drawing
GAP = 20.0  # px between two boxes of a row
TRUNK_WIDTH = 6.0  # px kept free for a trunk
# Parts of a row that boxes may fill, the rest is for trunks; tried until the rows fit.
TRUNK_ROOMS = (0.86, 0.7, 0.55)
LEVEL_GAP = 34.0  # px between rows, more where lines run far to the side
SIDEWAYS_PER_PX = 11.0
LARGEST_GAP = 96.0
PORT_SPREAD = 0.62  # part of a box's lower edge from which lines leave


@dataclass(frozen=True, slots=True)
class Box:
    """A box to be placed; px."""

    key: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """A placed box: centre in x, upper edge in y, size; px."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line between two rows, from a point down to another; px.

    It leaves straight down until `bend_from`, where the row of its start ends. `target` is the
    box that it leads to in the end; `ends` says that it is reached here. `turned` is true where
    the drawing runs against the edge, whose arrow then points up at its start.
    """

    x0: float
    y0: float
    bend_from: float
    x1: float
    y1: float
    straight_to: float
    source: str
    target: str
    starts: bool
    ends: bool
    turned: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of the drawing, places of all boxes, pieces of all lines; px."""

    width: float
    height: float
    places: Mapping[str, Place]
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """An edge between two neighbouring rows; `source` and `target` are item names."""

    source: str
    target: str
    leads_to: str
    turned: bool


def lay_out(
    boxes: Sequence[Box], edges: Iterable[tuple[str, str]], *, width: float, widest: float = 0.0
) -> Layout:
    """Place boxes in rows, every edge leading downwards.

    Args:
        boxes: Boxes with their sizes; the order settles ties.
        edges: Pairs of keys; those that close a circle are drawn upwards.
        width: Width that is wanted, px.
        widest: Width up to which trunks may widen the drawing before boxes make room for them;
            where even that does not help, the narrowest drawing found is wider.

    Raises:
        InputError: an edge leads to a box that is not there, or two boxes have one key.
    """
    by_key = {box.key: box for box in boxes}
    wanted = tuple(dict.fromkeys(edge for edge in edges if edge[0] != edge[1]))
    strangers = sorted({key for edge in wanted for key in edge} - set(by_key))
    if strangers or len(by_key) != len(boxes):
        raise InputError(
            f"an edge leads to {strangers[0]!r}, which is no box"
            if strangers
            else "two boxes have the same key",
            where="layered drawing",
            next_step="give each box once, and edges between boxes only",
        )
    keys = [box.key for box in boxes]
    downward = _turn_circles(keys, wanted)
    depth = _depths(keys, [edge for edge, _ in downward])
    layers = _layers(keys, depth, downward)
    found: list[Layout] = []
    for room in TRUNK_ROOMS:
        found.append(_fitted(by_key, layers, downward, width=width, room=room))
        if found[-1].width <= max(width, widest):
            break
    return min(found, key=lambda layout: layout.width)


def _fitted(
    by_key: Mapping[str, Box],
    layers: Sequence[Sequence[str]],
    edges: Sequence[tuple[tuple[str, str], bool]],
    *,
    width: float,
    room: float,
) -> Layout:
    """Place the boxes of all layers, filling rows up to a part of the width."""
    free = width - 2.0 * MARGIN
    rows, lines = _with_trunks(_split_rows(by_key, layers, free, room=room), edges)
    neighbours = Neighbours.of((line.source, line.target) for line in lines)
    rows = order_rows(rows, neighbours)
    items = [[_item(name, by_key) for name in row] for row in rows]
    xs, needed = place_rows(items, neighbours, width=free, gap=GAP)
    return _drawn(rows, lines, by_key, xs=xs, width=needed + 2.0 * MARGIN)


def _item(name: str, by_key: Mapping[str, Box]) -> Item:
    box = by_key.get(name)
    return Item(name, box.width) if box else Item(name, TRUNK_WIDTH, stiff=True)


def _turn_circles(
    keys: Sequence[str], edges: Sequence[tuple[str, str]]
) -> list[tuple[tuple[str, str], bool]]:
    """Return all edges, those that close a circle turned around (second item true)."""
    below: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in edges:
        below[source].append(target)
    state: dict[str, int] = {}  # 1 on the path, 2 done
    back: set[tuple[str, str]] = set()
    for root in keys:
        path = [(root, iter(below[root]))] if root not in state else []
        state.setdefault(root, 1)
        while path:
            key, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[key] = 2
                path.pop()
            elif following not in state:
                state[following] = 1
                path.append((following, iter(below[following])))
            elif state[following] == 1:
                back.add((key, following))
    # An edge and its opposite would fall together once one is turned.
    return [
        ((edge[1], edge[0]) if edge in back else edge, edge in back)
        for edge in edges
        if edge not in back or (edge[1], edge[0]) not in edges
    ]


def _depths(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the longest path from any root to each box."""
    below: dict[str, list[str]] = {key: [] for key in keys}
    open_above = dict.fromkeys(keys, 0)
    for source, target in edges:
        below[source].append(target)
        open_above[target] += 1
    depth = dict.fromkeys(keys, 0)
    ready = [key for key in keys if not open_above[key]]
    for key in ready:  # grows while it is read
        for target in below[key]:
            depth[target] = max(depth[target], depth[key] + 1)
            open_above[target] -= 1
            if not open_above[target]:
                ready.append(target)
    return depth


def _layers(
    keys: Sequence[str],
    depth: Mapping[str, int],
    edges: Sequence[tuple[tuple[str, str], bool]],
) -> list[list[str]]:
    """Return the boxes of each depth, ordered so that neighbours lie near each other."""
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in keys:
        layers[depth[key]].append(key)
    return order_rows(layers, Neighbours.of(edge for edge, _ in edges))


def _split_rows(
    by_key: Mapping[str, Box], layers: Sequence[Sequence[str]], width: float, *, room: float
) -> list[list[str]]:
    """Deal boxes that are too many for one row out to sub-rows, like bricks."""
    rows: list[list[str]] = []
    for layer in layers:
        needed = sum(by_key[key].width + GAP for key in layer) - GAP
        count = 1
        if needed > width:
            count = -int(-needed // (width * room))
        rows.extend(list(layer[k::count]) for k in range(min(count, len(layer))))
    return rows


def _with_trunks(
    rows: Sequence[Sequence[str]], edges: Sequence[tuple[tuple[str, str], bool]]
) -> tuple[list[list[str]], list[_Line]]:
    """Put invisible points into the rows that long edges cross; one trunk for each target."""
    row_of = {key: k for k, row in enumerate(rows) for key in row}
    filled = [list(row) for row in rows]
    lines: dict[_Line, None] = {}
    for (source, target), turned in edges:
        above = source
        for k in range(row_of[source] + 1, row_of[target]):
            point = f"{'up' if turned else 'down'} {k} {target}"
            if point not in filled[k]:
                filled[k].append(point)
            lines[_Line(above, point, target, turned)] = None
            above = point
        lines[_Line(above, target, target, turned)] = None
    return filled, list(lines)


def _drawn(
    rows: Sequence[Sequence[str]],
    lines: Sequence[_Line],
    by_key: Mapping[str, Box],
    *,
    xs: Mapping[str, float],
    width: float,
) -> Layout:
    """Give rows their heights and distances, and lines their points."""
    row_of = {name: k for k, row in enumerate(rows) for name in row}
    heights = [max((by_key[n].height for n in row if n in by_key), default=0.0) for row in rows]
    ports = _ports(lines, by_key, xs)
    aside = [0.0] * len(rows)
    for line in lines:
        k = row_of[line.source]
        aside[k] = max(aside[k], abs(xs[line.target] - xs[line.source] - ports[line]))
    tops, y = [], MARGIN
    for height, far in zip(heights, aside, strict=True):
        tops.append(y)
        y += height + min(LARGEST_GAP, LEVEL_GAP + far / SIDEWAYS_PER_PX)
    bottom = tops[-1] + heights[-1] if rows else MARGIN
    places = {
        key: Place(MARGIN + xs[key], tops[row_of[key]], box.width, box.height)
        for key, box in by_key.items()
    }
    segments = []
    for line in lines:
        k, box = row_of[line.source], by_key.get(line.source)
        end = row_of[line.target]
        segments.append(
            Segment(
                MARGIN + xs[line.source] + ports[line],
                tops[k] + (box.height if box else 0.0),
                tops[k] + heights[k],
                MARGIN + xs[line.target],
                tops[end],
                tops[end] + (0.0 if line.target in by_key else heights[end]),
                line.source,
                line.leads_to,
                starts=box is not None,
                ends=line.target in by_key,
                turned=line.turned,
            )
        )
    return Layout(width, bottom + MARGIN, places, tuple(segments))


def _ports(
    lines: Sequence[_Line], by_key: Mapping[str, Box], xs: Mapping[str, float]
) -> dict[_Line, float]:
    """Return how far from its middle each line leaves a box, in the order of its targets."""
    leaving: dict[str, list[_Line]] = {}
    for line in lines:
        leaving.setdefault(line.source, []).append(line)
    ports = dict.fromkeys(lines, 0.0)
    for source, group in leaving.items():
        if source not in by_key or len(group) == 1:
            continue
        step = by_key[source].width * PORT_SPREAD / (len(group) - 1)
        step = min(step, 24.0)
        ordered = sorted(group, key=lambda line: (xs[line.target], line.target))
        for k, line in enumerate(ordered):
            ports[line] = (k - (len(group) - 1) / 2.0) * step
    return ports
