"""What of a scaling fit is drawn: points with their u, the line, both limits.

Inside: `scaling_picture`.
"""

from __future__ import annotations

import math

from qtrace.metrics.sensing.scaling_statement import PointLevel, ScalingStatement
from qtrace.physics.sensing.scaling import HEISENBERG, INDEPENDENT
from qtrace.report.printable import printable
from qtrace.report.scaling_text import shown_sentences
from qtrace.report.scan_picture import Line, Picture, Place

MARGIN = 1.25
_BAR = 0.02  # half the width of the foot of a bar, of its N
_UNSTATED = 0.01  # half the height of a mark without an u


def scaling_picture(done: ScalingStatement) -> Picture:
    """Return what is drawn: equal ratios on both axes, so that a power is a straight line.

    Args:
        done: A fit with its points.
    """
    fit, series = done.fit, done.series
    first, last = (f(one.number for one in done.points) for f in (min, max))
    ends = _beyond(first, last)
    start = next(one for one in done.points if one.number == first)

    def power(exponent: float, at: float) -> tuple[Place, ...]:
        return tuple((n, at * (n / first) ** exponent) for n in ends)

    fitted = tuple((n, fit.prefactor * n**fit.exponent) for n in ends)
    lines = (
        Line("measured, with one standard uncertainty", _bars(done.points), style=1),
        Line(f"fit: N to the power of {fit.exponent:.3f} (u = {fit.exponent_u:.3f})", (fitted,)),
        Line(
            "as for independent probes, N^-1/2 from the first fitted point",
            (power(INDEPENDENT, start.fitted),),
            style=2,
        ),
        Line(
            "as at the Heisenberg limit, N^-1 from the first fitted point",
            (power(HEISENBERG, start.fitted),),
            style=3,
        ),
    )
    heights = [y for line in lines for piece in line.pieces for _, y in piece]
    unit = "" if series.unit in {"", "1"} else f" / {series.unit}"
    mark = "SIMULATED" if series.provenance == "simulated" else series.provenance
    return Picture(
        printable(f"{series.series_id}: {series.title}".removesuffix(": ")),
        printable(f"{mark}; {series.source}".removesuffix("; ")),
        f"number of {series.counted.value} N",
        f"{series.quantity.replace('_', ' ')}{unit}",
        True,
        True,
        ends,
        (min(heights) / MARGIN, max(heights) * MARGIN),
        lines,
        (),
        None,
        tuple(printable(one) for one in (*shown_sentences(done), *done.doubts)),
    )


def _beyond(first: float, last: float) -> tuple[float, float]:
    """Return the ends of the axis: past the outermost N, before a mark where no N is."""
    low, high = first / MARGIN, last * MARGIN
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [factor * 10.0**k for k in powers for factor in (1.0, 2.0, 5.0)]
    below = [one for one in marks if low <= one < first]
    above = [one for one in marks if last < one <= high]
    return (
        math.sqrt(first * max(below)) if below else low,
        math.sqrt(last * min(above)) if above else high,
    )


def _bars(points: tuple[PointLevel, ...]) -> tuple[tuple[Place, ...], ...]:
    """Return a bar with feet for each point; a short one where no u is stated."""
    pieces = []
    for one in points:
        half = _UNSTATED * one.uncertainty if one.u is None else min(one.u, 0.9 * one.uncertainty)
        left, right = one.number / (1.0 + _BAR), one.number * (1.0 + _BAR)
        low, high = one.uncertainty - half, one.uncertainty + half
        pieces += [
            ((one.number, low), (one.number, high)),
            ((left, low), (right, low)),
            ((left, high), (right, high)),
            ((left, one.uncertainty), (right, one.uncertainty)),
        ]
    return tuple(pieces)
