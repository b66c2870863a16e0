"""A recall as people see it: every line fits, what changes is said in words, hostile text is tamed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qtrace.certification.consequence import Consequence, FindingChange
from qtrace.certification.recalled import Recalled, ResultImpact
from qtrace.report.recall_svg import MOST_BOXES, draw_recall
from qtrace.report.recall_text import recall_text
from qtrace.traceability.impact import SCREENING_RULE, Doubt

WIDTH = 80
FLIP = FindingChange(
    "STD", "REQ-1", "receiver_a", "title", "MET", "NOT_MET", "worse", "%", 93.8, 92.1, 0.4, 0.4
)


def judged(label: str, **changes: object) -> Consequence:
    made = Consequence(label, "document", "LINK", "RUN", "scheme", touched=True)
    usual = {"decision_before": "GRANTED", "decision_after": "GRANTED", "status_before": "GRANTED"}
    return replace(made, **{**usual, **changes})  # type: ignore[arg-type]


def impact(label: str, before: float, after: float, **changes: object) -> ResultImpact:
    made = ResultImpact(label, "RUN", "1", before, after, 0.004, 0.004, after - before)
    return replace(made, **changes)  # type: ignore[arg-type]


SUSPENDED = judged(
    "DOC-1", decision_after="REFUSED", event="SUSPENDED", reason="because", flips=(FLIP,)
)
STANDS = judged("DOC-2", event="MAINTAINED", reason="figures move, no outcome does")
APART = replace(judged("DOC-3"), touched=False)

RECALL = Recalled(
    "CAL",
    "error_in_certificate",
    "",
    {"result": "CAL/ratio", "said": "0.5 %", "shift_si": "0.005"},
    None,
    (),
    (),
    (impact("CAL/ratio", 1.0, 1.005), impact("USE/eta", 0.9, 0.9), impact("USE/x", 1.0, 1.2)),
    ("OTHER/result",),
    SCREENING_RULE,
    ("READ",),
    (SUSPENDED, STANDS, APART),
    (("USE/eta", "CAL/ratio"), ("USE/x", "CAL/ratio")),
)


def test_the_text_says_what_was_and_what_would_be() -> None:
    text = " ".join(recall_text(RECALL).split())
    for words in (
        "looked at only, nothing is recorded",
        "CAL/ratio: 0.5 %",
        "1.0000(40) 1.0050(40) +1.25",
        "not evaluated, by the screening (1): OTHER/result",
        "by name only: no number leads there, look at them (1): READ",
        "DOC-1 LINK GRANTED REFUSED SUSPENDED",
        "REQ-1 receiver_a: MET to NOT MET (93.8 to 92.1 %), worse",
        "untouched: - DOC-3 (LINK, GRANTED)",
        "1 of 3 judgements change",
    ):
        assert words in text


def test_first_order_is_mentioned_only_where_it_misleads() -> None:
    assert "first order" not in recall_text(RECALL)
    bent = replace(RECALL, results=(impact("R", 1.0, 1.10, linear=0.098),))
    assert "first order would shift it by 0.098, its model by 0.1" in recall_text(bent)
    straight = replace(RECALL, results=(impact("R", 1.0, 1.10, linear=0.0995),))
    assert "first order" not in recall_text(straight)


def test_a_result_without_value_is_said_to_have_none() -> None:
    lost = replace(RECALL, results=(impact("R", 1.0, 1.0, fault="its model has no value"),))
    assert "its model has no value" in recall_text(lost)
    assert "now its model has no value" in draw_recall(lost)


def test_the_period_of_doubt_is_shown() -> None:
    doubt = Doubt(
        datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC), "A", "B", 0.01, 0.001
    )
    worst = replace(RECALL, doubt=doubt, model="worst", uses=("USE",), warnings=("look here",))
    text = " ".join(recall_text(worst).split())
    assert "2021-01-01 00:00 (A) to 2022-01-01 00:00 (B)" in text
    assert "the worst counts" in text
    assert "note: look here" in text
    assert "growing evenly" in recall_text(replace(worst, model="linear"))


LONG = "EVENT-" + "x" * 90 + "/result \x1b[31m<script>"


@pytest.mark.parametrize(
    "recalled",
    [
        RECALL,
        replace(RECALL, confirmed=True, label="RECALL-9", ledger_entry=9),
        replace(RECALL, calibration=LONG, results=(impact(LONG, 1.0, 2.0),), edges=()),
        replace(RECALL, results=(), judgements=(), edges=()),
        replace(RECALL, cause="withdrawn", correction={"withdrawn": "CAL"}),
    ],
    ids=["looked at", "confirmed", "long and hostile", "nothing", "withdrawn"],
)
def test_whatever_is_recalled_fits_and_cannot_steer(recalled: Recalled) -> None:
    text = recall_text(recalled)
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert "\x1b" not in text
    drawing = draw_recall(recalled)
    assert "\x1b" not in drawing
    root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
    assert root.tag.endswith("svg")
    assert not [one for one in root.iter() if one.tag.endswith("script")]


def test_the_drawing_says_by_word_what_colour_says() -> None:
    drawing = draw_recall(RECALL)
    for words in ("RECALLED", "MOVES", "CHANGES", "STANDS", "UNTOUCHED", "GRANTED to REFUSED"):
        assert f">{words}<" in drawing or words in drawing
    assert drawing == draw_recall(RECALL)


def test_a_thousand_results_are_counted_and_not_drawn() -> None:
    many = tuple(impact(f"R/{k}", 1.0, 1.1) for k in range(1000))
    drawing = draw_recall(replace(RECALL, results=many, edges=()))
    assert f"{1000 - MOST_BOXES} more results" in drawing
