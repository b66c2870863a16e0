"""Layered drawings: nothing overlaps, every line leads down, few lines cross."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.report.layered_layout import Box, Layout, lay_out
from qtrace.report.row_order import Neighbours, crossings, order_rows

ROUNDING = 1e-6  # px; places are sums of a few doubles
WIDTH = 1080.0


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[tuple[str, str]]]:
    n = draw(st.integers(1, 25))
    sizes = st.floats(40.0, 190.0)
    boxes = [Box(f"b{k}", draw(sizes), draw(sizes)) for k in range(n)]
    nodes = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(nodes, nodes), max_size=60))
    return boxes, [(f"b{a}", f"b{b}") for a, b in pairs]


def sides(layout: Layout, key: str) -> tuple[float, float, float, float]:
    place = layout.places[key]
    half = place.width / 2.0
    return place.x - half, place.y, place.x + half, place.y + place.height


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_never_overlap_and_stay_on_the_canvas(
    graph: tuple[list[Box], list[tuple[str, str]]],
) -> None:
    boxes, edges = graph
    layout = lay_out(boxes, edges, width=WIDTH)
    for box in boxes:
        left, top, right, bottom = sides(layout, box.key)
        assert left >= -ROUNDING
        assert top >= -ROUNDING
        assert right <= layout.width + ROUNDING
        assert bottom <= layout.height + ROUNDING
    for one, other in itertools.combinations(boxes, 2):
        a, b = sides(layout, one.key), sides(layout, other.key)
        apart_across = a[2] <= b[0] + ROUNDING or b[2] <= a[0] + ROUNDING
        apart_down = a[3] <= b[1] + ROUNDING or b[3] <= a[1] + ROUNDING
        assert apart_across or apart_down


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_lines_lead_down_and_never_behind_a_box(
    graph: tuple[list[Box], list[tuple[str, str]]],
) -> None:
    boxes, edges = graph
    layout = lay_out(boxes, edges, width=WIDTH)
    for segment in layout.segments:
        assert segment.y0 <= segment.bend_from <= segment.y1 <= segment.straight_to
        if segment.ends:
            continue
        for box in boxes:  # the straight piece of a trunk passes between the boxes of its row
            left, top, right, bottom = sides(layout, box.key)
            beside = segment.x1 <= left or segment.x1 >= right
            assert beside or segment.straight_to <= top or segment.y1 >= bottom


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_every_edge_is_drawn_from_its_start_to_its_target(
    graph: tuple[list[Box], list[tuple[str, str]]],
) -> None:
    boxes, edges = graph
    layout = lay_out(boxes, edges, width=WIDTH)
    steps: dict[str, set[str]] = {}
    arrives: dict[tuple[str, bool], set[str]] = {}
    for one in layout.segments:
        if one.starts:
            steps.setdefault(one.source, set()).add(one.target)
        arrives.setdefault((one.target, one.turned), set()).add(one.source)
    for a, b in edges:
        assert a == b or b in steps.get(a, set()) or a in steps.get(b, set())


def test_rows_follow_the_longest_path() -> None:
    boxes = [Box(key, 80.0, 40.0) for key in "abc"]
    layout = lay_out(boxes, [("a", "b"), ("b", "c"), ("a", "c")], width=WIDTH)
    assert layout.places["a"].y < layout.places["b"].y < layout.places["c"].y


def test_what_is_too_wide_for_a_row_wraps_into_sub_rows() -> None:
    boxes = [Box("top", 100.0, 40.0), *(Box(f"n{k}", 180.0, 40.0) for k in range(12))]
    layout = lay_out(boxes, [("top", f"n{k}") for k in range(12)], width=WIDTH)
    rows = {place.y for place in layout.places.values()}
    assert layout.width == pytest.approx(WIDTH)
    assert len(rows) >= 4  # the top, and at least three rows of at most five


def test_a_circle_is_drawn_with_one_line_upwards() -> None:
    boxes = [Box(key, 80.0, 40.0) for key in "abc"]
    layout = lay_out(boxes, [("a", "b"), ("b", "c"), ("c", "b")], width=WIDTH)
    assert [one.turned for one in layout.segments].count(False) == 2


def test_an_edge_to_nowhere_and_a_double_box_are_refused() -> None:
    box = Box("a", 80.0, 40.0)
    with pytest.raises(InputError, match="no box"):
        lay_out([box], [("a", "b")], width=WIDTH)
    with pytest.raises(InputError, match="same key"):
        lay_out([box, box], [], width=WIDTH)


@given(
    st.permutations(list("abcde")),
    st.permutations(list("vwxyz")),
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), max_size=15),
)
def test_crossings_are_those_counted_pair_by_pair(
    upper: list[str], lower: list[str], pairs: list[tuple[str, str]]
) -> None:
    lines = [(upper.index(a), lower.index(b)) for a, b in pairs]
    expected = sum(
        (a0 - a1) * (b0 - b1) < 0 for (a0, b0), (a1, b1) in itertools.combinations(lines, 2)
    )
    assert crossings(upper, lower, Neighbours.of(pairs).below) == expected


def test_ordering_undoes_a_crossing_that_is_not_needed() -> None:
    edges = [("a", "y"), ("b", "x"), ("a", "z")]
    rows = order_rows([["a", "b"], ["x", "y", "z"]], Neighbours.of(edges))
    assert crossings(rows[0], rows[1], Neighbours.of(edges).below) == 0


def test_trunks_may_widen_a_drawing_up_to_what_a_screen_shows() -> None:
    boxes = [Box("top", 100.0, 40.0), *(Box(f"n{k}", 180.0, 40.0) for k in range(15))]
    edges = [("top", f"n{k}") for k in range(15)]
    narrow = lay_out(boxes, edges, width=WIDTH)
    wide = lay_out(boxes, edges, width=WIDTH, widest=1200.0)
    assert narrow.width <= WIDTH + ROUNDING
    assert WIDTH <= wide.width <= 1200.0
    assert wide.height <= narrow.height
