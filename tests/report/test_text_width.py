"""Text stays in its box: widths are upper estimates, lines break where readers expect it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.report.text_width import line_width, wrap_to_width

# Advance widths of Arial (= Helvetica, Liberation Sans) in 1/1000 em, from its AFM file.
ARIAL = {"W": 944, "i": 222, "m": 833, "0": 556, " ": 278, "@": 1015, "J": 500, "E": 667, "_": 556}


@pytest.mark.parametrize(("glyph", "advance"), ARIAL.items())
def test_an_estimate_is_not_below_the_common_face(glyph: str, advance: int) -> None:
    assert line_width(glyph, 1000.0) >= advance


@given(st.text(min_size=1, max_size=120), st.floats(30.0, 200.0))
def test_no_line_is_wider_than_asked_unless_it_is_one_character(text: str, width: float) -> None:
    for line in wrap_to_width(text, width, size=11.5):
        assert line_width(line, 11.5) <= width or len(line) == 1


@given(st.text(max_size=120), st.floats(30.0, 200.0))
def test_no_character_is_lost(text: str, width: float) -> None:
    lines = wrap_to_width(text, width, size=11.5)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_names_break_behind_their_joints() -> None:
    lines = wrap_to_width("RUN-1/use/receiver_a/efficiency", 110.0, size=12.0)
    assert all(line[-1] in "/_-" for line in lines[:-1])


def test_bold_is_wider() -> None:
    assert line_width("traceability", 12.0, bold=True) > line_width("traceability", 12.0)
