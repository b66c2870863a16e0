"""The drawn chain: well formed, legible, the same every time, and honest about breaks."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from report.sample import nist_chain

from qtrace.laboratory.event import EndKind
from qtrace.report.chain_svg import CHAIN_WIDTH, draw_chain
from qtrace.report.text_width import line_width
from qtrace.traceability.chain import Break, BreakName, Chain, ChainEnd, ChainNode

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = 1200.0
HOSTILE = '<script>alert("x")</script> & \x1b[31m ]]> \u202e "'


def tree(chain: Chain) -> ET.Element:
    return ET.fromstring(draw_chain(chain))  # noqa: S314 - our own drawing


def small(*, title: str = "A/efficiency", reason: str = "no certificate") -> Chain:
    nodes = (
        ChainNode("result:A", "result", title, ("efficiency", "0.94(1)")),
        ChainNode("end:1", "end", "counting", (title,)),
        ChainNode("break:1", "break", "no calibration", ("METER", reason)),
    )
    return Chain(
        "A",
        nodes,
        (("result:A", "end:1"), ("result:A", "break:1")),
        (ChainEnd(EndKind.COUNTING, "A/n", "", "result:A"),),
        (Break(BreakName.NO_CALIBRATION, "METER", reason, "result:A"),),
    )


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_a_reader_finds_the_result_its_ends_and_its_breaks() -> None:
    said = " ".join(texts(tree(nist_chain())))
    for word in ("3 BREAKS", "COUNTER-1", "LASER-1", "METER-1", "certificate not available"):
        assert word in said
    for word in ("END", "counting", "ratio on one instrument", "0.9378(35)", "range factor"):
        assert word in said
    assert texts(tree(nist_chain())).count("BREAK") == 3


def test_it_is_an_image_with_a_title_for_those_who_do_not_see_it() -> None:
    root = tree(nist_chain())
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert "receiver_a/system_detection_efficiency: 3 BREAKS" in (root[0].text or "")


def test_the_same_chain_gives_the_same_bytes() -> None:
    assert draw_chain(nist_chain()) == draw_chain(nist_chain())


def test_it_stands_alone() -> None:
    drawing = draw_chain(nist_chain())
    assert not re.search(r"<script|<style|href|url\(|<image|<foreignObject", drawing)


def test_about_twenty_boxes_fit_a_screen() -> None:
    root = tree(nist_chain())
    assert float(root.get("width", "0")) <= WIDEST
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_no_text_leaves_its_box() -> None:
    root = tree(nist_chain())
    group = root.find(f"{SVG}g")
    assert group is not None
    box: tuple[float, float, float, float] | None = None
    checked = 0
    for element in group:
        if element.tag == f"{SVG}rect" and element.get("rx") is not None:
            x, y = float(element.get("x", "0")), float(element.get("y", "0"))
            box = (
                x,
                y,
                x + float(element.get("width", "0")),
                y + float(element.get("height", "0")),
            )
        elif element.tag == f"{SVG}text":
            assert box is not None
            size = float(element.get("font-size", "0"))
            width = line_width(element.text or "", size, bold="font-weight" in element.attrib)
            left, baseline = float(element.get("x", "0")), float(element.get("y", "0"))
            assert box[0] < left
            assert left + width < box[2]
            assert box[1] < baseline - 0.7 * size
            assert baseline + 0.2 * size < box[3]
            checked += 1
    assert checked > 50


@pytest.mark.parametrize("place", ["title", "reason"])
def test_texts_of_records_are_text_and_nothing_else(place: str) -> None:
    drawing = draw_chain(small(**{place: HOSTILE}))
    root = ET.fromstring(drawing)  # noqa: S314
    assert "<script" not in drawing
    assert "\x1b" not in drawing
    assert "\u202e" not in drawing
    assert not list(root.iter(f"{SVG}script"))
    assert any("<script>" in text for text in texts(root))


def test_a_break_is_red_and_says_so() -> None:
    drawing = draw_chain(small())
    assert "#b91c1c" in drawing
    assert ">BREAK<" in drawing
    assert "1 BREAK, 1 typed end" in drawing


def test_an_unbroken_chain_shows_no_break_at_all() -> None:
    whole = small()
    chain = Chain("A", whole.nodes[:2], whole.edges[:1], whole.ends, ())
    drawing = draw_chain(chain)
    assert "BREAK" not in drawing
    assert "unbroken, 1 typed end" in drawing


def test_forty_nodes_with_long_names_stay_within_the_width() -> None:
    long = "A-VERY-LONG-LABORATORY-NAME/with_a_long_result_name_number_"
    nodes = [ChainNode("result:T", "result", "T", ("kind", "1.0(1)"))]
    edges = []
    for k in range(40):
        nodes.append(ChainNode(f"n{k}", "result", f"{long}{k}", ("x" * 80, "calibration")))
        edges.append(("result:T" if k < 13 else f"n{k - 13}", f"n{k}"))
    root = tree(Chain("T", tuple(nodes), tuple(edges), (), ()))
    assert float(root.get("width", "0")) <= WIDEST
    assert float(root.get("width", "0")) >= CHAIN_WIDTH


def test_a_circle_and_an_empty_chain_are_drawn_too() -> None:
    nodes = tuple(ChainNode(f"result:{c}", "result", c) for c in "AB")
    circle = Chain("A", nodes, (("result:A", "result:B"), ("result:B", "result:A")), (), ())
    assert {"A", "B"} <= set(texts(tree(circle)))
    assert tree(Chain("A", (), (), (), ())).get("role") == "img"
