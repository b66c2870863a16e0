"""Paths through a network of few nodes.

Inside: `LinkType`, `Edge`, `MOST_NODES`, `simple_paths`, `checked_path`, `edges_along`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from qtrace.errors import InputError

# All simple paths are looked at: at most 1957 between two of eight nodes, a million of eleven.
MOST_NODES = 8


class LinkType(StrEnum):
    """What a link of a network gives to a path."""

    QKD = "qkd"
    SYNCHRONIZATION = "synchronization"
    SWAPPING = "swapping"


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two nodes; its figures are of the second less the first."""

    link_id: str
    nodes: tuple[str, str]
    type: LinkType

    def joins(self, one: str, other: str) -> bool:
        """Return whether it joins two nodes, in either direction."""
        return self.nodes in {(one, other), (other, one)}


def simple_paths(
    edges: Sequence[Edge], start: str, end: str, *, nodes: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield every path from one node to another that visits no node twice.

    Args:
        edges: Links of one type.
        start: First node.
        end: Last node.
        nodes: All nodes of the network.

    Raises:
        InputError: an unknown node, one node for both ends, or more nodes than are searched.
    """
    for name in (start, end):
        _known(name, nodes, "--from, --to")
    if start == end:
        raise InputError(f"{start} is both ends", where="--from, --to", next_step="name two nodes")
    if len(nodes) > MOST_NODES:
        raise InputError(
            f"all paths are looked at among {MOST_NODES} nodes at most, not {len(nodes)}",
            where="--from, --to",
            next_step="name the path itself: --path A,B,C",
        )
    yield from _onward(edges, (start,), end)


def _onward(edges: Sequence[Edge], path: tuple[str, ...], end: str) -> Iterator[tuple[str, ...]]:
    last = path[-1]
    if last == end:
        yield path
        return
    for edge in edges:
        if last in edge.nodes:
            other = edge.nodes[1] if edge.nodes[0] == last else edge.nodes[0]
            if other not in path:
                yield from _onward(edges, (*path, other), end)


def checked_path(
    path: Sequence[str], edges: Sequence[Edge], *, nodes: Sequence[str]
) -> tuple[str, ...]:
    """Return a path that somebody named.

    Args:
        path: Its nodes in order.
        edges: Links of all types.
        nodes: All nodes of the network.

    Raises:
        InputError: fewer than two nodes, an unknown one, a circle, or two that no link joins.
    """
    if len(path) < 2:
        raise InputError("a path has two nodes or more", where="--path", next_step="A,B,C")
    for k, name in enumerate(path):
        _known(name, nodes, "--path")
        if name in path[:k]:
            raise InputError(
                f"the path comes to {name} twice",
                where="--path",
                next_step="leave the circle out: it adds hops and gives nothing",
            )
    for one, other in pairwise(path):
        if not any(edge.joins(one, other) for edge in edges):
            raise InputError(
                f"no link joins {one} and {other}",
                where="--path",
                next_step="name neighbours, or add the link to the file",
            )
    return tuple(path)


def edges_along(path: Sequence[str], edges: Sequence[Edge]) -> tuple[Edge, ...] | None:
    """Return the links of one type along a path, None where one is missing."""
    found = []
    for one, other in pairwise(path):
        edge = next((edge for edge in edges if edge.joins(one, other)), None)
        if edge is None:
            return None
        found.append(edge)
    return tuple(found)


def _known(name: str, nodes: Sequence[str], where: str) -> None:
    if name not in nodes:
        raise InputError(
            f"there is no node {name!r}",
            where=where,
            next_step=f"choose from: {', '.join(nodes)}",
        )
