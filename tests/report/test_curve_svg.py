"""The drawing of a curve: round ticks, everything inside the sheet, words escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.report.curve_svg import HEIGHT, WIDTH, draw_curve, ticks
from qtrace.report.curve_text import curve_text


@dataclass(frozen=True)
class Row:
    argument: float
    value: float
    standard_uncertainty: float
    slope: float = 0.0


@dataclass(frozen=True)
class Reading:
    argument: float
    u_argument: float
    value: float
    standard_uncertainty: float


@dataclass(frozen=True)
class Coefficient:
    label: str
    value: float
    standard_uncertainty: float
    unit: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    label: str = "CAL-<1>/eta"
    device_id: str = "D & E"
    performed: str = "2021-06-01"
    kind: str = "system_detection_efficiency"
    unit: str = "1"
    argument: str = "wavelength"
    argument_unit: str = "nm"
    interpolant: str = "linear/1"
    conditions: dict[str, str] = field(default_factory=lambda: {"polarization": "maximum"})
    low: float = 1540.0
    high: float = 1560.0
    points: tuple[Row, ...] = (Row(1540.0, 0.92, 0.002), Row(1560.0, 0.94, 0.002))
    asked: tuple[Row, ...] = ()
    readings: tuple[Reading, ...] = ()
    band: tuple[Row, ...] = (Row(1540.0, 0.92, 0.002), Row(1560.0, 0.94, 0.002))
    coefficients: tuple[Coefficient, ...] = ()
    correlations: tuple[tuple[str, str, float], ...] = ()
    flags: tuple[str, ...] = ()


def test_ticks_are_round() -> None:
    assert ticks(350.0, 1100.0) == [400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0, 1100.0]
    assert ticks(0.0, 0.07) == [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]
    assert ticks(3.0, 3.0) == [3.0]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_lie_in_the_range_and_are_few(low: float, width: float) -> None:
    found = ticks(low, low + width)
    slack = 1e-6 * (abs(low) + width)
    assert all(low - slack <= one <= low + width + slack for one in found)
    assert len(found) <= 9


@pytest.mark.parametrize("asked", [(), (Row(1550.0, 0.93, 0.001),)])
def test_the_drawing_is_one_sheet_that_parses(asked: tuple[Row, ...]) -> None:
    drawing = draw_curve(Shown(asked=asked))
    root = ET.fromstring(drawing)  # noqa: S314 - our own text
    assert root.attrib["width"] == f"{WIDTH:.0f}"
    assert "CAL-<1>/eta" in "".join(root.itertext())
    numbers = [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", drawing)]
    assert all(0.0 <= x <= WIDTH and 0.0 <= y <= HEIGHT for x, y in numbers)
    assert drawing.count("<circle") == 2
    assert ("diamonds" in drawing) is bool(asked)


def test_a_level_curve_without_uncertainty_is_drawn() -> None:
    flat = (Row(1540.0, 0.0, 0.0), Row(1560.0, 0.0, 0.0))
    assert "<svg" in draw_curve(Shown(points=flat, band=flat))


def test_text_shows_points_or_coefficients() -> None:
    assert "1540" in curve_text(Shown())
    fit = Shown(
        points=(),
        coefficients=(Coefficient("C/eta.p0", 1.0, 0.1, "1", ("wls of order 1",)),),
        correlations=(("eta.p0", "eta.p1", -0.5),),
    )
    text = curve_text(fit)
    assert "eta.p0" in text
    assert "wls of order 1" in text
    assert "r(eta.p0, eta.p1) = -0.5" in text


def test_readings_of_a_fit_are_drawn_within_the_sheet() -> None:
    readings = (Reading(1540.0, 3.0, 0.90, 0.02), Reading(1555.0, 0.0, 0.97, 0.01))
    drawn = draw_curve(Shown(points=(), readings=readings))
    circles = re.findall(r'<circle cx="([^"]+)" cy="([^"]+)" r="3.2" fill="#ffffff"', drawn)
    assert len(circles) == 2
    assert all(0.0 < float(x) < WIDTH and 0.0 < float(y) < HEIGHT for x, y in circles)
    assert "open circles: readings of the fit" in drawn
    # The bars of 2 u lie within the axes as well.
    places = [float(n) for n in re.findall(r"[MVH](-?[0-9.]+)", drawn)]
    assert all(0.0 <= n <= WIDTH for n in places)
    assert "open circles" not in draw_curve(Shown())
