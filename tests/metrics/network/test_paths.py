"""All simple paths, and only those; a named path is checked."""

from __future__ import annotations

from itertools import combinations

import pytest

from qtrace.errors import InputError
from qtrace.metrics.network.paths import (
    MOST_NODES,
    Edge,
    LinkType,
    checked_path,
    edges_along,
    simple_paths,
)


def edges(*pairs: str) -> tuple[Edge, ...]:
    return tuple(Edge(one, (one[0], one[1]), LinkType.QKD) for one in pairs)


SQUARE = edges("AB", "BC", "CD", "DA", "BD")
NODES = tuple("ABCD")


def test_all_simple_paths_of_a_small_network() -> None:
    found = {"".join(one) for one in simple_paths(SQUARE, "A", "C", nodes=NODES)}
    assert found == {"ABC", "ADC", "ABDC", "ADBC"}


def test_a_complete_network_has_as_many_paths_as_the_document_says() -> None:
    nodes = tuple("ABCDEFGH")
    assert len(nodes) == MOST_NODES
    whole = edges(*("".join(one) for one in combinations(nodes, 2)))
    assert sum(1 for _ in simple_paths(whole, "A", "H", nodes=nodes)) == 1957


def test_more_nodes_than_are_searched_are_refused() -> None:
    nodes = tuple("ABCDEFGHI")
    with pytest.raises(InputError, match="at most, not 9"):
        list(simple_paths(SQUARE, "A", "C", nodes=nodes))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("A", "two nodes or more"),
        ("AX", "there is no node 'X'"),
        ("ABDA", "comes to A twice"),
        ("AC", "no link joins A and C"),
    ],
)
def test_a_path_that_is_none(path: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked_path(tuple(path), SQUARE, nodes=NODES)


def test_both_ends_the_same_or_unknown() -> None:
    with pytest.raises(InputError, match="both ends"):
        list(simple_paths(SQUARE, "A", "A", nodes=NODES))
    with pytest.raises(InputError, match="there is no node 'Z'"):
        list(simple_paths(SQUARE, "A", "Z", nodes=NODES))


def test_links_along_a_path_are_found_in_either_direction() -> None:
    found = edges_along(("A", "D", "C"), SQUARE)
    assert found is not None
    assert [one.link_id for one in found] == ["DA", "CD"]
    assert edges_along(("A", "C"), SQUARE) is None
