"""Pictures and the page of two clocks: right format, same bytes, words beside the data."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from qtrace.certification.evidence import ResultStatement
from qtrace.certification.sync_report import StabilityRow, SyncFigure, SyncReport
from qtrace.errors import InputError, SetupError
from qtrace.metrics.timing.offset_record import OffsetRecord, Peak
from qtrace.metrics.timing.sync_view import IntervalHistogram, LimitCurve, SyncView, view_of
from qtrace.report.html import OVERCLAIMS
from qtrace.report.panels import beside, form_of, in_full
from qtrace.report.sync_page import render_sync_page
from qtrace.report.sync_picture import FORMATS, sync_picture

WITH_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None
NEEDED = pytest.mark.skipif(not WITH_MATPLOTLIB, reason="the extra [plot] is not installed")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LIMIT = LimitCurve("PACK:1 LIMIT-TDEV", "time_deviation", ((0.1, np.inf, 1e-9, 0.0),))
FAR = LimitCurve("PACK:1 FAR", "maximum_time_interval_error", ((1e6, 1e7, 1e-9, 0.0),))
LOW = LimitCurve("PACK:1 LOW", "low_passed_mtie", ((0.1, 1e3, 1e-8, 0.0),))
HOSTILE = f"<script>alert(1)</script> $x_1$ {OVERCLAIMS[2]}"


def view(n: int = 60, *, title: str = "a link", provenance: str = "simulated") -> SyncView:
    rng = np.random.default_rng(5)
    elapsed = np.arange(n) + 0.5
    offset = rng.normal(0.0, 4e-12, n) + 3e-9 * elapsed
    offset[7] = np.nan
    counts = np.array([1, 5, 30, 90, 32, 4, 2])
    peak = Peak(
        "A to B", 123456789012.4, -70.0, 20.0, counts, counts + 0.5, 123456789012.4, 0.64, 21.0,
        160.0, 1.0, 0.6,
    )  # fmt: skip
    record = OffsetRecord(
        1.0, elapsed, offset, np.full(n, 4e-12), base_s=0.1234567890124, peaks=(peak,)
    )
    edges = np.geomspace(1e-8, 1e-3, 40)
    interval = IntervalHistogram("station a: local, channel 1", edges, np.arange(39))
    return view_of(
        "RUN-1", title, provenance=provenance, record=record, limits=(LIMIT, FAR, LOW),
        intervals=(interval,),
    )  # fmt: skip


def report(text: str = "stated") -> SyncReport:
    statement = ResultStatement(
        7, "RUN-1/recomputation/clock_offset", "time_scale_difference", (("time_scales", "B - A"),),
        1.25e-6, "s", 2e-12, 4.2e-12, 2.1, 0.95, 17.0, "k by Welch-Satterthwaite", 2e-12,
    )  # fmt: skip
    figure = SyncFigure("clock_offset", statement, ("a delay: end missing",), ("counting",))
    rows = (
        StabilityRow("time_deviation", "1 s", 4e-12, "s", 3e-12, 5e-12, 40.0, "chi-square"),
        StabilityRow("time_deviation", "16 s", 4e-12, "s", 3e-12, 9e-12, 2.7, "chi-square"),
        StabilityRow("maximum_time_interval_error", "1 s", 4e-12, "s", None, None, None, ""),
    )
    return SyncReport(
        "RUN-1", "time_one_way", "simulated", (figure,), rows, (f"a.npy: {text}",), "",
        ("nothing here is about UTC",),
    )  # fmt: skip


def words_of(svg: bytes) -> str:
    root = ET.fromstring(svg)  # noqa: S314 - ours
    return "\n".join(
        "".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")
    )


@NEEDED
def test_each_format_begins_as_it_must_and_is_the_same_twice() -> None:
    one = view()
    assert sync_picture(one, "png").startswith(PNG_SIGNATURE)
    assert sync_picture(one, "svg").startswith(b"<?xml")
    for form in ("png", "svg"):
        assert sync_picture(one, form) == sync_picture(view(), form)


@NEEDED
def test_svg_has_its_words_as_text_with_every_digit_of_a_delay() -> None:
    words = words_of(sync_picture(view(), "svg"))
    assert "123 456 789 012.40 ps, u 0.64 ps" in words
    assert "PACK:1 LIMIT-TDEV" in words
    assert "SIMULATED" in words
    assert "PACK:1 FAR (from 1e+06 s to 1e+07 s: not in this picture)" in words
    assert "fewer than 5 degrees of freedom: not judged" in words
    assert "station a: times between successive tags" in words
    assert "1 of 60 steps have no offset" in words
    assert "less the line" in words


@NEEDED
def test_measured_data_is_not_called_simulated() -> None:
    assert "SIMULATED" not in words_of(sync_picture(view(provenance="measured"), "svg"))


@NEEDED
def test_limit_of_the_low_passed_error_brings_its_curve_or_says_why_not() -> None:
    assert "no limit of dTE_L can be drawn" in words_of(sync_picture(view(12), "svg"))
    assert "PACK:1 LOW" in words_of(sync_picture(view(400), "svg"))


@NEEDED
def test_long_series_is_drawn_as_a_range_and_stays_small() -> None:
    svg = sync_picture(view(5000), "svg")
    assert "range of each 10 offsets of 4 999" in words_of(svg)
    assert len(svg) < 600_000, "no mark for each of the points"
    assert b"<image" not in svg


@NEEDED
def test_strange_titles_are_words_and_nothing_else() -> None:
    assert HOSTILE in words_of(sync_picture(view(title=HOSTILE), "svg"))


@NEEDED
def test_page_says_what_the_report_says_and_loads_nothing() -> None:
    html = render_sync_page(view(), report())
    for text in (
        "<span>SIMULATED</span>", "a.npy: stated", "a delay: end missing", "k by Welch",
        "What is not said", "nothing here is about UTC", "<svg", "TDEV", "2.70*", "no certificate",
    ):  # fmt: skip
        assert text in html, text
    assert not re.search(r"<(?:script|link|img|iframe|object)\b", html)
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert "url(http" not in html
    assert render_sync_page(view(), report()) == html


@NEEDED
def test_page_repeats_no_overclaim_and_no_markup_of_others() -> None:
    html = render_sync_page(view(title=HOSTILE), report(HOSTILE))
    assert "<script" not in html
    assert not [one for one in OVERCLAIMS if one in html.lower()]
    assert "too much were left out" in html


def test_page_without_figures_is_a_page() -> None:
    if WITH_MATPLOTLIB:
        empty = replace(report(), figures=(), series=())
        assert "has no figure" in render_sync_page(view(), empty)


@pytest.mark.parametrize("name", ["p.gif", "p", "p.PDF"])
def test_other_suffix_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        form_of(Path(name), command="run plot", forms=FORMATS)
    assert caught.value.where == "--out"
    assert ".html" in caught.value.next_step


def test_missing_matplotlib_is_told_of_this_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SetupError) as caught:
        sync_picture(view())
    assert caught.value.where == "qtrace run plot"
    assert "--png" not in str(caught.value.diagnostics())
    with pytest.raises(SetupError, match="matplotlib"):
        form_of(Path("p.svg"), command="tags plot")


def test_numbers_keep_the_digits_that_their_u_asks_for() -> None:
    assert in_full(123456789012345, 0.123, 0.0064) == "123 456 789 012 345.1230"
    assert in_full(-98705433, -0.3, 0.63) == "-98 705 433.30"
    assert in_full(1000, 0.4, 12.0) == "1 000"
    assert beside(-0.3049, 0.63) == "-0.30, u 0.63"
