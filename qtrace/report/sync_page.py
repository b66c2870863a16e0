"""What a run says of two clocks as one HTML page with its picture.

Inside: `render_sync_page`. The page loads nothing and runs nothing.

Source: ISO/IEC 17025:2017, 7.8 (what reports say), in own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from qtrace.certification.sync_report import StabilityRow, SyncFigure, SyncReport
from qtrace.metrics.timing.sync_view import SyncView
from qtrace.report.case_rows import ResultRow, result_rows
from qtrace.report.figures import degrees
from qtrace.report.html import no_overclaims, template_environment
from qtrace.report.printable import printable, spaced
from qtrace.report.sync_picture import sync_picture
from qtrace.report.sync_text import FEW_DOF, TITLES

TEMPLATE = "sync_page.html"
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure: its row, and where its chain ends or breaks."""

    row: ResultRow
    breaks: tuple[str, ...]
    ends: str


@dataclass(frozen=True, slots=True)
class _Point:
    """One point of a series over averaging time; `first` of its quantity."""

    first: bool
    title: str
    tau: str
    value: str
    low: str
    high: str
    dof: str
    few: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that the template reads."""

    report: SyncReport
    title: str
    words: tuple[str, ...]
    figures: tuple[_Figure, ...]
    points: tuple[_Point, ...]
    few: bool
    limits: tuple[str, ...]
    notes: tuple[str, ...]
    picture: Markup
    # The shared style prints this at the foot of each page of a decision; here it is empty.
    payload_digest: str = ""


def render_sync_page(view: SyncView, report: SyncReport) -> str:
    """Return a run of two clocks as one self-contained page.

    Args:
        view: What is drawn.
        report: What the latest recomputation says.

    Returns:
        HTML with inline style and drawing; words that claim too much are left out of repeated
        texts, and the page says how many.

    Raises:
        SetupError: matplotlib or the templates are missing.
    """
    points = _points(report.series)
    page = _Page(
        report,
        printable(view.title),
        ("SIMULATED",) if report.provenance == "simulated" else (),
        tuple(_figure(one) for one in report.figures),
        points,
        any(one.few for one in points),
        tuple(f"{one.label} ({spaced(one.quantity)})" for one in view.limits),
        tuple(printable(one) for one in view.notes),
        _inline(sync_picture(view, "svg").decode()),
    )
    template = template_environment().get_template(TEMPLATE)
    return no_overclaims(lambda left_out: template.render(page=page, left_out=left_out))


def _inline(svg: str) -> Markup:
    """Return a drawing of ours without what only a file of its own needs."""
    # matplotlib escapes every text; nothing in it comes from elsewhere unescaped.
    return Markup(_METADATA.sub("", _PROLOGUE.sub("", svg, count=1)))  # noqa: S704


def _figure(figure: SyncFigure) -> _Figure:
    (row,) = result_rows((figure.statement,))
    ends = ", ".join(spaced(one) for one in figure.ends)
    return _Figure(row, tuple(printable(one) for one in figure.breaks), ends)


def _points(series: tuple[StabilityRow, ...]) -> tuple[_Point, ...]:
    found: list[_Point] = []
    last = ""
    for one in series:
        nu = one.degrees_of_freedom
        found.append(
            _Point(
                one.name != last,
                TITLES.get(one.name, spaced(one.name)),
                printable(one.seconds),
                f"{one.value:.4g}",
                "" if one.low is None else f"{one.low:.4g}",
                "" if one.high is None else f"{one.high:.4g}",
                "" if nu is None else degrees(float(f"{nu:.3g}")),
                nu is not None and nu < FEW_DOF,
            )
        )
        last = one.name
    return tuple(found)
