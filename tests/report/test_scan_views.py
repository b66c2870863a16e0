"""Pictures of scans: cut-offs instead of minus infinity, units on axes, nothing but words and paths."""

from __future__ import annotations

import csv
import importlib.util
import io
import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from qtrace.errors import SetupError
from qtrace.metrics.link_scan import RunPoint, Scan, ScanCurve, ScanPoint
from qtrace.report.scan_picture import MOST_DECADES, Picture, decades, number_text, picture_of
from qtrace.report.scan_png import check_plot, scan_png
from qtrace.report.scan_svg import draw_scan
from qtrace.report.scan_text import MOST_ROWS, scan_csv, scan_text

WITH_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def point(x: float, per_use: float | None, limit: float | None = None) -> ScanPoint:
    figure = None if per_use is None else 1e6 * per_use
    return ScanPoint(x, figure, per_use, limit, "" if per_use is not None else "too few <counts>")


ENDING = ScanCurve(
    "block = 1e5",
    (point(0, 1e-3), point(50, 1e-4, 0.1), point(100, 1e-6, 0.01), point(150, -1e-6, 0.001)),
    (120.5,),
)
BEGINNING = ScanCurve("x", (point(1, None), point(10, -1e-5), point(100, 1e-4)), (30.0,))
SCAN = Scan(
    "toy", "qkd.toy.length", "length of <a toy> & more", "distance_km", "distance / km",
    "secret key", "bit per use", False, True, (ENDING,), (("pulses", 1e6),), "made up",
    ("PLOB: per use and mode",),
)  # fmt: skip
RUN = RunPoint("RUN-1", 60.0, 5e-5, 2e-5, (4e-5, 6e-5, 0.95), ("few counts",))


def words_of(svg: str) -> str:
    root = ET.fromstring(svg)  # noqa: S314 - ours
    return "\n".join(
        "".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")
    )


def test_key_that_ends_runs_down_to_the_edge_at_its_cut_off() -> None:
    picture = picture_of(SCAN)
    (line,) = picture.lines
    assert line.pieces == (((0, 1e-3), (50, 1e-4), (100, 1e-6), (120.5, picture.y[0])),)
    assert line.words == "block = 1e5: cut-off at 120.5 km"
    assert picture.y == (1e-6, 0.1), "of what has a place there: no zero, no negative figure"


def test_key_that_begins_comes_up_from_the_edge() -> None:
    scan = replace(SCAN, curves=(BEGINNING,), log_abscissa=True, abscissa="counts")
    picture = picture_of(scan)
    assert picture.lines[0].pieces == (((30.0, picture.y[0]), (100, 1e-4)),)
    assert picture.lines[0].words == "x: cut-off at 30"


def test_no_key_anywhere_is_said_and_drawn_without_a_line() -> None:
    none = ScanCurve("", (point(0, -1e-3), point(1, None)))
    picture = picture_of(replace(SCAN, curves=(none,)))
    assert picture.lines[0].pieces == ()
    assert "no key anywhere" in words_of(draw_scan(picture))


def test_a_figure_that_is_no_key_is_drawn_as_it_is() -> None:
    below = ScanCurve(
        "", (ScanPoint(0, -1.0), ScanPoint(1, None, reason="none"), ScanPoint(2, 3.0))
    )
    scan = replace(SCAN, is_key=False, unit="1", curves=(below,), ordinate="a figure")
    picture = picture_of(scan)
    assert picture.lines[0].pieces == (((0, -1.0),), ((2, 3.0),))
    assert picture.y[0] < -1.0
    assert picture.limits == ()
    assert "none" in scan_text(scan, picture)


@pytest.mark.parametrize("level", [2.37, -1e-9, 0.0])
def test_rounding_of_a_constant_is_no_course(level: float) -> None:
    steps = [ScanPoint(float(k), level * (1.0 + k * 4e-16)) for k in range(3)]
    flat = replace(SCAN, is_key=False, unit="1", curves=(ScanCurve("", tuple(steps)),))
    picture = picture_of(flat)
    assert picture.y[1] - picture.y[0] > 0.05 * abs(level)
    text = scan_text(flat, picture)
    bars = {line.count("#") for line in text.splitlines() if "#" in line}
    assert len(bars) == 1, text


@pytest.mark.parametrize("log", [False, True])
def test_the_drawing_names_axes_with_units_and_escapes_words(*, log: bool) -> None:
    picture = picture_of(replace(SCAN, run=RUN))
    if log:
        moved = tuple(replace(one, x=one.x + 1.0) for one in ENDING.points)
        scan = replace(SCAN, run=RUN, log_abscissa=True, curves=(replace(ENDING, points=moved),))
        picture = picture_of(scan)
    svg = draw_scan(picture)
    words = words_of(svg)
    for wanted in ("distance / km", "secret key / bit per use", "held: pulses = 1e6", "PLOB",
                   "length of <a toy> & more", "run RUN-1 at 60, certified 2e-5"):  # fmt: skip
        assert wanted in words, wanted
    assert svg == draw_scan(picture)
    for banned in ("script", "href", "nan", "inf"):
        assert banned not in svg.lower().replace("infer", "")


def test_everything_lies_on_the_sheet() -> None:
    far = replace(RUN, x=60.0, nominal=1e9, certified=-5.0, interval=(-1.0, 1e12, 0.95))
    for scan in (SCAN, replace(SCAN, run=RUN), replace(SCAN, run=far)):
        svg = draw_scan(picture_of(scan))
        width, height = (
            float(one) for one in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
        )
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", svg):
            assert -1.0 <= float(x) <= width
            assert -1.0 <= float(y) <= height
    assert "(no key)" in words_of(draw_scan(picture_of(replace(SCAN, run=far))))


def test_limits_that_differ_are_drawn_each_and_level_ones_far_above_are_said() -> None:
    level = [
        ScanCurve(f"d = {k}", tuple(point(x, 1e-3, limit) for x in (1.0, 2.0)))
        for k, limit in enumerate((0.01, 0.5))
    ]
    picture = picture_of(replace(SCAN, curves=tuple(level)))
    assert [one.words for one in picture.limits] == [
        "PLOB at d = 0, the most without a node in between"
    ]
    assert picture.notes[0] == "PLOB at d = 1 is 0.5 bit per use, above the picture"
    same = picture_of(replace(SCAN, curves=(level[0], replace(level[0], label="again"))))
    assert len(same.limits) == 1


def test_decades_and_numbers() -> None:
    assert decades(1e-7, 10.0) == [10.0**k for k in range(-7, 2)]
    assert len(decades(1e-30, 1.0)) <= 11
    assert decades(1e-5, 1e-4) == pytest.approx([1e-5, 2e-5, 5e-5, 1e-4])
    assert [number_text(x) for x in (0.0, 1e9, 1.5e-7, 60.0, 123456.0)] == [
        "0", "1e9", "1.5e-7", "60", "1.235e5",
    ]  # fmt: skip
    deep = ScanCurve("", (point(0, 1.0), point(1, 1e-300)))
    low, high = picture_of(replace(SCAN, curves=(deep,))).y
    assert high / low == pytest.approx(10.0**MOST_DECADES)
    flat = picture_of(replace(SCAN, curves=(ScanCurve("", (point(0, 1e-3), point(1, 1e-3))),)))
    assert flat.y[0] < 1e-3 <= flat.y[1]


def test_the_table_fits_and_says_what_it_leaves_out() -> None:
    many = ScanCurve("", tuple(point(float(x), 10.0 ** (-x / 40.0), 1.0) for x in range(201)))
    scan = replace(SCAN, curves=(many, ENDING), run=RUN)
    text = scan_text(scan, picture_of(scan))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "no key (-1e-6)" in text
    assert "note: few counts" in text
    rows = [line for line in text.splitlines() if re.match(r"^ +\d+ ", line)]
    assert len(rows) <= MOST_ROWS + 1 + len(ENDING.points)
    assert "more points" in text
    bars = [line.count("#") for line in rows[:20]]
    assert bars == sorted(bars, reverse=True)


def test_csv_keeps_every_point_unclamped_with_all_digits() -> None:
    third = replace(ENDING.points[1], figure=1.0 / 3.0)
    scan = replace(SCAN, curves=(replace(ENDING, points=(third, ENDING.points[3])), BEGINNING))
    rows = list(csv.DictReader(io.StringIO(scan_csv(scan))))
    assert len(rows) == 5
    assert float(rows[0]["figure"]) == 1.0 / 3.0
    assert float(rows[0]["share_of_plob"]) == pytest.approx(1e-3)
    assert float(rows[1]["per_use"]) == -1e-6
    assert rows[2]["figure"] == ""
    assert rows[2]["reason"] == "too few <counts>"


def test_without_matplotlib_a_png_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SetupError) as caught:
        check_plot()
    assert "qtrace-metrology[plot]" in caught.value.next_step
    with pytest.raises(SetupError):
        scan_png(picture_of(SCAN))


@pytest.mark.skipif(not WITH_MATPLOTLIB, reason="matplotlib, the extra [plot], is not installed")
@pytest.mark.parametrize("run", [None, RUN, replace(RUN, certified=-1.0, nominal=None)])
def test_a_png_is_drawn_and_is_the_same_again(run: RunPoint | None) -> None:
    dollars = replace(SCAN, title="costs $1 and $2_", run=run)
    for scan in (dollars, replace(SCAN, curves=(ENDING, replace(BEGINNING, label="begins")))):
        picture: Picture = picture_of(scan)
        drawn = scan_png(picture)
        assert drawn.startswith(PNG_SIGNATURE)
        assert 20_000 < len(drawn) < 300_000
        assert drawn == scan_png(picture)


def test_a_scan_without_a_limit_has_none() -> None:
    bare = tuple(replace(one, limit=None) for one in ENDING.points)
    scan = replace(SCAN, curves=(replace(ENDING, points=bare),), notes=())
    picture = picture_of(scan)
    assert picture.limits == ()
    assert "PLOB" not in scan_text(scan, picture)
    assert math.isclose(picture.y[1], 1e-3)
