"""What of a scan is drawn, before anything is drawn: lines, limits, marks, words.

Inside: `Line`, `Mark`, `Picture`, `picture_of`, `decades`, `number_text`.

Where the ordinate is key it is drawn in equal ratios: a figure at or below zero has no place
there, so its curve runs down to the lower edge at the cut-off, and the words say where that is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.metrics.link_scan import HALF_WIDTH, RunPoint, Scan, ScanCurve, ScanPoint
from qtrace.report.figures import percent
from qtrace.report.printable import printable

MOST_DECADES = 12
CONSTANT = 1e-9  # relative
FAR_ABOVE = 30.0  # a level limit that many times above all curves would only press them down
HOW_A_RUN_IS_DRAWN = (
    "the run: disc certified, ring nominal, bar between them the declared set, whiskers stability"
)
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve in pieces; `ends` are the places on the abscissa where key ends or begins.

    `style` numbers the ink: a limit has that of its curve, where limits differ.
    """

    words: str
    pieces: tuple[tuple[Place, ...], ...]
    ends: tuple[float, ...] = ()
    style: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """The run: certified and nominal figure with what lies between, and the interval."""

    x: float
    certified: float | None
    nominal: float | None
    interval: tuple[float, float] | None
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that SVG and PNG show, the same in both."""

    title: str
    subtitle: str
    abscissa: str
    ordinate: str
    log_x: bool
    log_y: bool
    x: tuple[float, float]
    y: tuple[float, float]
    lines: tuple[Line, ...]
    limits: tuple[Line, ...]
    mark: Mark | None
    notes: tuple[str, ...]


def number_text(value: float, digits: int = 4) -> str:
    """Write a number shortly: so many digits, a power of ten where it is far from one."""
    text = f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else text


def decades(low: float, high: float) -> list[float]:
    """Return the powers of ten within a range, at most eleven; with 2 and 5 where they are few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first > 2:
        step = math.ceil((last - first) / 10)
        return [10.0**k for k in range(first, last + 1, step)]
    found = [f * 10.0**k for k in range(first - 1, last + 1) for f in (1.0, 2.0, 5.0)]
    return [one for one in found if low * (1.0 - 1e-9) <= one <= high * (1.0 + 1e-9)]


def picture_of(scan: Scan) -> Picture:
    """Return what is drawn of a scan.

    Args:
        scan: At least one curve with at least two points.
    """
    log_y = scan.is_key
    limits, above = _limits(scan)
    mark = _mark(scan.run, scan) if scan.run is not None else None
    y = _range(_heights(scan, limits, mark), log=log_y)
    x = _abscissa(scan, mark)
    how = (HOW_A_RUN_IS_DRAWN,) if mark is not None else ()
    lines = tuple(_line(one, scan, floor=y[0]) for one in scan.curves)
    held = "; ".join(f"{name} = {number_text(value)}" for name, value in scan.held)
    said = [*how, *above, *([f"held: {held}"] if held else [])]
    said += [f"link model: {scan.source}", *scan.notes]
    unit = "" if scan.unit in {"", "1"} else f" / {scan.unit}"
    return Picture(
        printable(scan.title),
        printable(scan.metric_id),
        printable(scan.abscissa),
        printable(f"{scan.ordinate}{unit}"),
        scan.log_abscissa,
        log_y,
        x,
        y,
        lines,
        limits,
        mark,
        tuple(printable(one) for one in said),
    )


def _figure(point: ScanPoint, scan: Scan) -> float | None:
    return point.per_use if scan.is_key else point.figure


def _limits(scan: Scan) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Return PLOB once, or of each curve where they differ; and in words where it is far above."""
    found = [
        tuple((one.x, one.limit) for one in curve.points if one.limit is not None)
        for curve in scan.curves
    ]
    same = len(set(found)) == 1
    tops = [max(one.per_use or 0.0 for one in curve.points) for curve in scan.curves]
    lines, above = [], []
    for k, (curve, piece) in enumerate(
        zip(scan.curves, found[:1] if same else found, strict=False)
    ):
        if not piece:
            continue
        of = "" if same else f" at {_named(curve)}"
        heights = {y for _, y in piece}
        if len(heights) == 1 and max(heights) > FAR_ABOVE * (max(tops) if same else tops[k]):
            above.append(f"PLOB{of} is {number_text(max(heights))} {scan.unit}, above the picture")
        else:
            lines.append(Line(f"PLOB{of}, the most without a node in between", (piece,), (), k))
    return tuple(lines), tuple(above)


def _named(curve: ScanCurve) -> str:
    label = curve.label
    if label.startswith(HALF_WIDTH):
        label = f"half width of {label.removeprefix(HALF_WIDTH)}"
    return label.replace("_", " ")


def _heights(scan: Scan, limits: Iterable[Line], mark: Mark | None) -> list[float]:
    found = [
        value
        for curve in scan.curves
        for point in curve.points
        if (value := _figure(point, scan)) is not None
    ]
    found.extend(y for limit in limits for piece in limit.pieces for _, y in piece)
    if mark is not None:
        found.extend(one for one in (mark.certified, mark.nominal) if one is not None)
        found.extend(mark.interval or ())
    return found


def _range(values: Iterable[float], *, log: bool) -> tuple[float, float]:
    found = [one for one in values if math.isfinite(one) and (one > 0.0 or not log)]
    if not found:
        return (1e-9, 1.0) if log else (0.0, 1.0)
    low, high = min(found), max(found)
    if log:
        top = 10.0 ** math.ceil(math.log10(high) - 1e-9)
        bottom = 10.0 ** math.floor(math.log10(low) + 1e-9)
        return max(min(bottom, top / 10.0), top / 10.0**MOST_DECADES), top
    largest = max(abs(low), abs(high))
    # What differs in the last digits alone is a constant: its rounding is not drawn as a course.
    constant = high - low <= CONSTANT * largest
    margin = (0.05 * largest or 1.0) if constant else 0.05 * (high - low)
    return low - margin, high + margin


def _abscissa(scan: Scan, mark: Mark | None) -> tuple[float, float]:
    places = [point.x for curve in scan.curves for point in curve.points]
    if mark is not None and (mark.x > 0.0 or not scan.log_abscissa):
        places.append(mark.x)
    return min(places), max(places)


def _line(curve: ScanCurve, scan: Scan, *, floor: float) -> Line:
    """Return a curve; key that ends runs down to the floor at its cut-off."""
    pieces: list[list[Place]] = [[]]
    cuts = list(curve.cut_offs)
    for point in curve.points:
        value = _figure(point, scan)
        has_place = value is not None and (value > 0.0 or not scan.is_key)
        if has_place and value is not None:
            if not pieces[-1] and cuts and scan.is_key and point is not curve.points[0]:
                pieces[-1].append((cuts.pop(0), floor))
            pieces[-1].append((point.x, max(value, floor) if scan.is_key else value))
        elif pieces[-1]:
            if cuts and scan.is_key:
                pieces[-1].append((cuts.pop(0), floor))
            pieces.append([])
    return Line(_words(curve, scan), tuple(tuple(one) for one in pieces if one), curve.cut_offs)


def _words(curve: ScanCurve, scan: Scan) -> str:
    label = _named(curve) or scan.ordinate
    if not scan.is_key:
        return printable(label)
    figures = [_figure(point, scan) for point in curve.points]
    if not any(one is not None and one > 0.0 for one in figures):
        return printable(f"{label}: no key anywhere")
    _, _, unit = scan.abscissa.partition(" / ")
    ends = " and ".join(f"{number_text(one, 5)} {unit}".rstrip() for one in curve.cut_offs)
    return printable(f"{label}: cut-off at {ends}" if ends else f"{label}: key everywhere")


def _mark(run: RunPoint, scan: Scan) -> Mark:
    parts = [f"run {run.run_id} at {number_text(run.x)}"]
    for name, value in (("certified", run.certified), ("nominal", run.nominal)):
        if value is not None:
            none = " (no key)" if scan.is_key and value <= 0.0 else ""
            parts.append(f"{name} {number_text(value)}{none}")
    interval = None
    if run.interval is not None:
        low, high, p = run.interval
        interval = (low, high)
        parts.append(f"stability {number_text(low)} to {number_text(high)} at {percent(p)}")
    return Mark(run.x, run.certified, run.nominal, interval, printable(", ".join(parts)))
