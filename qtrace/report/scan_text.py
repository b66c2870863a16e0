"""A scan for the terminal and as CSV: places, figures, PLOB, a bar in equal ratios.

Inside: `scan_text`, `scan_csv`.
"""

from __future__ import annotations

import csv
import io
import math

from qtrace.metrics.link_scan import Scan, ScanCurve, ScanPoint
from qtrace.quantity.notation import decimal_text
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.figures import percent
from qtrace.report.scan_picture import Picture, number_text

MOST_ROWS = 26
BAR = 22
NO_KEY = "no key"
CSV_HEADERS = ("curve", "x", "figure", "per_use", "plob", "share_of_plob", "reason")


def scan_text(scan: Scan, picture: Picture) -> str:
    """Return a table for each curve, with cut-offs, the run and what is held."""
    lines = _fold("", f"{picture.title} ({picture.subtitle})")
    for curve, line in zip(scan.curves, picture.lines, strict=True):
        lines += ["", *_fold("", line.words), _table(scan, curve, picture)]
        hidden = len(curve.points) - len(_shown(curve))
        if hidden:
            lines += _fold("", f"{hidden} more points: --csv FILE, --json")
    lines.append("")
    if picture.mark is not None:
        lines += _fold("", picture.mark.words)
    if scan.run is not None:
        for flag in scan.run.flags:
            lines += _fold("  note: ", flag)
    for note in picture.notes:
        lines += _fold("", note)
    return "\n".join(lines)


def scan_csv(scan: Scan) -> str:
    """Return all points as CSV, unclamped, numbers with all digits; empty where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADERS)
    for curve in scan.curves:
        for one in curve.points:
            share = None
            if one.limit and one.per_use is not None:
                share = one.per_use / one.limit
            numbers = (one.x, one.figure, one.per_use, one.limit, share)
            texts = ("" if value is None else decimal_text(value) for value in numbers)
            writer.writerow((curve.label, *texts, one.reason))
    return out.getvalue()


def _fold(head: str, text: str) -> list[str]:
    body = wrapped(text, WIDTH - len(head))
    return [f"{head if k == 0 else ' ' * len(head)}{line}" for k, line in enumerate(body)]


def _shown(curve: ScanCurve) -> tuple[ScanPoint, ...]:
    """Return at most so many points, evenly spaced, with the first and the last."""
    last = len(curve.points) - 1
    stride = max(1, math.ceil(last / (MOST_ROWS - 1)))
    return tuple(point for k, point in enumerate(curve.points) if k % stride == 0 or k == last)


def _table(scan: Scan, curve: ScanCurve, picture: Picture) -> str:
    with_limit = any(one.limit is not None for one in curve.points)
    heads = [scan.axis.replace("_", " "), scan.unit if scan.unit != "1" else "figure"]
    heads += ["PLOB", "share"] if with_limit else []
    rows = []
    for one in _shown(curve):
        value = one.per_use if scan.is_key else one.figure
        cells = [number_text(one.x), _value(value, is_key=scan.is_key)]
        if with_limit:
            share = None if value is None or not one.limit else max(value, 0.0) / one.limit
            cells += ["" if one.limit is None else number_text(one.limit)]
            cells += ["" if share is None else percent(float(f"{share:.3g}"))]
        rows.append((*cells, one.reason or _bar(value, picture)))
    return table((*heads, ""), rows, right=tuple(range(len(heads))))


def _value(value: float | None, *, is_key: bool) -> str:
    if value is None:
        return "none"
    if is_key and value <= 0.0:
        return f"{NO_KEY} ({number_text(value)})"
    return number_text(value)


def _bar(value: float | None, picture: Picture) -> str:
    """Return a bar over the range of the picture, in equal ratios where that is drawn so."""
    low, high = picture.y
    if value is None or (picture.log_y and value <= 0.0):
        return ""
    if picture.log_y:
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    share = (value - low) / (high - low) if high > low else 0.0
    return "#" * max(1, min(BAR, round(BAR * share)))
