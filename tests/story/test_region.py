"""The joint region of the two detectors, asked at the terminal."""

from __future__ import annotations

import pytest
from stranger import D1, D2, Laboratory


def test_the_region_of_both_detectors_needs_draws(own: Laboratory) -> None:
    plain = own.qtrace(f"region {D1} {D2}")
    assert plain.code == 0
    stated = plain.answer["stated"]
    assert stated["ellipse"] is None
    assert "more than one sample" in stated["reason"]
    assert float(stated["correlation"][0][1]) == pytest.approx(0.3954, abs=5e-5)
    drawn = own.qtrace(f"region {D1} {D2} --monte-carlo 20000").answer
    # Heavier tails than normal: wider than 2.448, and no moment of the draws enters.
    assert 2.448 < float(drawn["drawn_ellipse"]["factor"]) < 12.0
    text = own.qtrace(f"region {D1} {D2} --monte-carlo 20000", text=True).out
    assert "from 20000 draws, seed 1" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("line", [f"region {D1}", f"region {D1} {D1}", f"region {D1} NOTHING/x"])
def test_what_is_no_set_of_results_is_refused(own: Laboratory, line: str) -> None:
    assert own.qtrace(line).code == 2
