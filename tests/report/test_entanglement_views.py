"""A chain and a memory as people see them: 80 columns, one sound drawing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from qtrace.report.columns import display_width
from qtrace.report.entanglement_svg import draw_chain_links
from qtrace.report.entanglement_text import chain_links_text
from qtrace.report.storage_text import storage_text
from qtrace.workflow.chain import chain_from_file
from qtrace.workflow.storage import coherence_from_file

FOLDER = Path(__file__).parents[2] / "data" / "examples" / "entanglement_chain"


def test_the_chain_fits_a_terminal_and_says_what_it_is() -> None:
    text = chain_links_text(chain_from_file(FOLDER / "satellite_and_fibre.toml"))
    assert max(display_width(line) for line in text.splitlines()) <= 80
    assert "DEMONSTRATION" in text
    assert "limiting link: SATELLITE" in text
    assert "entanglement is left" in text
    assert "a model" in text


def test_the_memory_fits_a_terminal_and_finds_its_truth() -> None:
    done = coherence_from_file(FOLDER / "memory.toml")
    text = storage_text(done)
    assert max(display_width(line) for line in text.splitlines()) <= 80
    assert "DEMONSTRATION" in text
    assert abs(done.fit.coherence_time_s - 30.0) < 3.0 * done.fit.u_coherence_time_s
    assert all(one.low <= one.visibility <= one.high for one in done.points)


def test_the_drawing_is_sound_and_stays_inside() -> None:
    drawing = draw_chain_links(chain_from_file(FOLDER / "satellite_and_fibre.toml"))
    root = ET.fromstring(drawing)  # noqa: S314 (our own text)
    assert root.tag.endswith("svg")
    places = [float(one) for one in re.findall(r' (?:x|cx|x1|x2)="([^"]+)"', drawing)]
    assert 0.0 <= min(places) <= max(places) <= 880.0
    assert "costs most" in drawing
    assert "<script" not in drawing
