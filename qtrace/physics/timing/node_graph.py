"""The graph of nodes and links: which nodes are connected, and which independent loops there are.

Inside: `spanning_tree`, `loop_matrix`, `walk_of_loop`.
Source: fundamental cycles of a spanning tree (Kirchhoff; any book on graphs).
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
Pairs = tuple[tuple[str, str], ...]
# Node to (the node before it on the way from the reference, number of the link between).
Tree = dict[str, tuple[str, int]]


def spanning_tree(pairs: Pairs, reference: str) -> tuple[tuple[str, ...], Tree]:
    """Return the nodes, reference first, and the tree that reaches them by fewest links.

    Args:
        pairs: Links.
        reference: The node at the root.

    Raises:
        InputError: the reference is in no link, or a node cannot be reached from it.
    """
    known = dict.fromkeys(node for pair in pairs for node in pair)
    if reference not in known:
        raise InputError(
            f"the reference {reference!r} is in no link",
            next_step=f"choose one of: {', '.join(known)}",
        )
    tree: Tree = {}
    reached = {reference: None}
    waiting = deque([reference])
    while waiting:
        here = waiting.popleft()
        for number, pair in enumerate(pairs):
            if here not in pair:
                continue
            there = pair[1] if pair[0] == here else pair[0]
            if there not in reached:
                reached[there] = None
                tree[there] = (here, number)
                waiting.append(there)
    lost = [node for node in known if node not in reached]
    if lost:
        raise InputError(
            f"no link leads from the reference {reference!r} to {', '.join(lost)}",
            next_step="adjust each connected part by itself, with its own reference",
        )
    return tuple(reached), tree


def loop_matrix(pairs: Pairs, nodes: tuple[str, ...], tree: Tree) -> Array:
    """Return the independent loops, one for each link outside the tree.

    Returns:
        Shape (loops, links); 1 where a loop runs along a link, -1 against it, else 0.
    """
    inside = {number for _, number in tree.values()}
    outside = [number for number in range(len(pairs)) if number not in inside]
    loops = np.zeros((len(outside), len(pairs)))
    for row, number in enumerate(outside):
        first, second = pairs[number]
        loops[row, number] = 1.0
        # Back from the second node to the root, then out to the first: what both share cancels.
        loops[row] += _way_to(pairs, nodes[0], first, tree=tree)
        loops[row] -= _way_to(pairs, nodes[0], second, tree=tree)
    return loops


def walk_of_loop(pairs: Pairs, loop: Array) -> tuple[str, ...]:
    """Return the nodes of a loop in the order in which it runs; the first again at the end."""
    steps = {}
    for number in np.flatnonzero(loop):
        first, second = pairs[number] if loop[number] > 0 else pairs[number][::-1]
        steps[first] = second
    start = next(iter(steps))
    walk = [start, steps[start]]
    while walk[-1] != start:
        walk.append(steps[walk[-1]])
    return tuple(walk)


def _way_to(pairs: Pairs, root: str, node: str, *, tree: Tree) -> Array:
    """Return the links from the root to a node, with the direction in which they are passed."""
    way = np.zeros(len(pairs))
    while node != root:
        before, number = tree[node]
        way[number] += 1.0 if pairs[number] == (before, node) else -1.0
        node = before
    return way
