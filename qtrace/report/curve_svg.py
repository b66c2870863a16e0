"""Draw a curve as one stand-alone SVG: points with U, the interpolated line, its band.

Inside: `draw_curve`, `ticks`.

The band is the value plus and minus 2 u. What colour says is also said by shape and word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from qtrace.quantity.notation import decimal_text
from qtrace.report.chain_svg import FONTS
from qtrace.report.curve_text import CurveShown, ShownRow
from qtrace.report.printable import printable
from qtrace.report.svg_words import px, svg_text

WIDTH, HEIGHT = 880.0, 520.0  # px
LEFT, RIGHT, TOP, BOTTOM = 92.0, 24.0, 64.0, 78.0
BAND_K = 2.0
MOST_TICKS = 8
INK, SOFT, LINE, BAND, POINT, ASKED = (
    "#111827",
    "#64748b",
    "#1d4ed8",
    "#bfdbfe",
    "#1f2937",
    "#b45309",
)


def draw_curve(curve: CurveShown) -> str:
    """Return the drawing of a curve.

    Args:
        curve: With its band.

    Returns:
        An SVG document without scripts or anything from elsewhere; the same for the same curve.
    """
    frame = _Frame(curve)
    title = f"{printable(curve.label)}: {curve.kind.replace('_', ' ')}, {curve.interpolant}"
    parts = [*_axes(curve, frame), *_band(curve, frame), *_readings(curve, frame)]
    parts += [*_marks(curve, frame), *_legend(curve)]
    body = "\n".join(parts)
    size = f'width="{px(WIDTH)}" height="{px(HEIGHT)}" viewBox="0 0 {px(WIDTH)} {px(HEIGHT)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} {size} '
        f'font-family="{FONTS}" font-size="12">\n<title>{escape(title)}</title>\n'
        f'<rect width="{px(WIDTH)}" height="{px(HEIGHT)}" fill="#ffffff"/>\n'
        f"{svg_text(title, LEFT, 26.0, size=15.0, bold=True)}\n"
        f"{svg_text(_subtitle(curve), LEFT, 46.0, ink=SOFT)}\n{body}\n</svg>\n"
    )


def ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Return round numbers within a range: steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(f * power for f in (1.0, 2.0, 5.0, 10.0) if f * power >= rough * (1.0 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


class _Frame:
    """From the units of a curve to places on the sheet."""

    def __init__(self, curve: CurveShown) -> None:
        rows = [
            *((one.value, BAND_K * one.standard_uncertainty) for one in curve.band),
            *((one.value, BAND_K * one.standard_uncertainty) for one in curve.points),
            *((one.value, BAND_K * one.standard_uncertainty) for one in curve.readings),
            *((one.value, BAND_K * one.standard_uncertainty) for one in curve.asked),
        ]
        lows = [value - reach for value, reach in rows]
        highs = [value + reach for value, reach in rows]
        self.x = (curve.low, curve.high if curve.high > curve.low else curve.low + 1.0)
        low, high = min(lows), max(highs)
        margin = 0.04 * (high - low) or 0.05 * abs(high) or 1.0
        self.y = (low - margin, high + margin)

    def across(self, argument: float) -> float:
        """Return the x of an argument."""
        share = (argument - self.x[0]) / (self.x[1] - self.x[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def down(self, value: float) -> float:
        """Return the y of a value."""
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _axes(curve: CurveShown, frame: _Frame) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for value in ticks(*frame.y):
        y = frame.down(value)
        yield f'<path d="M{px(LEFT)} {px(y)}H{px(WIDTH - RIGHT)}" stroke="#e5e7eb"/>'
        yield svg_text(decimal_text(value), LEFT - 8.0, y + 4.0, anchor="end")
    for argument in ticks(*frame.x):
        x = frame.across(argument)
        yield f'<path d="M{px(x)} {px(bottom)}v6" stroke="{INK}"/>'
        yield svg_text(decimal_text(argument), x, bottom + 20.0, anchor="middle")
    yield (
        f'<path d="M{px(LEFT)} {px(TOP)}V{px(bottom)}H{px(WIDTH - RIGHT)}" fill="none" '
        f'stroke="{INK}"/>'
    )
    axis = f"{curve.argument.replace('_', ' ')} / {curve.argument_unit}"
    yield svg_text(axis, (LEFT + WIDTH - RIGHT) / 2.0, bottom + 40.0, anchor="middle")
    unit = "" if curve.unit in {"", "1"} else f" / {curve.unit}"
    middle = (TOP + bottom) / 2.0
    name = escape(f"{curve.kind.replace('_', ' ')}{unit}")
    yield (
        f'<text transform="translate(20 {px(middle)}) rotate(-90)" text-anchor="middle" '
        f'fill="{INK}">{name}</text>'
    )


def _band(curve: CurveShown, frame: _Frame) -> Iterator[str]:
    """Draw the band of 2 u and the line."""
    if not curve.band:
        return
    upper = [_place(frame, one, BAND_K) for one in curve.band]
    lower = [_place(frame, one, -BAND_K) for one in reversed(curve.band)]
    yield f'<path d="M{" L".join([*upper, *lower])}Z" fill="{BAND}" stroke="none"/>'
    line = " L".join(_place(frame, one, 0.0) for one in curve.band)
    yield f'<path d="M{line}" fill="none" stroke="{LINE}" stroke-width="1.6"/>'


def _place(frame: _Frame, one: ShownRow, k: float) -> str:
    value = one.value + k * one.standard_uncertainty
    return f"{px(frame.across(one.argument))} {px(frame.down(value))}"


def _readings(curve: CurveShown, frame: _Frame) -> Iterator[str]:
    """Draw the readings of a fit as open circles, each with 2 u of both coordinates."""
    for one in curve.readings:
        x, y = frame.across(one.argument), frame.down(one.value)
        ends = [frame.down(one.value + k * one.standard_uncertainty) for k in (BAND_K, -BAND_K)]
        sides = [frame.across(one.argument + k * one.u_argument) for k in (-BAND_K, BAND_K)]
        left, right = (min(max(side, LEFT), WIDTH - RIGHT) for side in sides)
        yield (
            f'<path d="M{px(x)} {px(ends[0])}V{px(ends[1])}M{px(left)} {px(y)}H{px(right)}" '
            f'stroke="{SOFT}"/>'
        )
        yield f'<circle cx="{px(x)}" cy="{px(y)}" r="3.2" fill="#ffffff" stroke="{POINT}"/>'


def _marks(curve: CurveShown, frame: _Frame) -> Iterator[str]:
    """Draw calibrated points as discs, asked values as diamonds, each with 2 u."""
    small = 1.8 if len(curve.points) > 60 else 3.2
    for rows, ink in ((curve.points, POINT), (curve.asked, ASKED)):
        for one in rows:
            x, y = frame.across(one.argument), frame.down(one.value)
            ends = [frame.down(one.value + k * one.standard_uncertainty) for k in (BAND_K, -BAND_K)]
            yield (
                f'<path d="M{px(x)} {px(ends[0])}V{px(ends[1])}" stroke="{ink}" '
                'stroke-width="1.2"/>'
            )
            if ink == ASKED:
                yield f'<path d="M{px(x)} {px(y - 5)}l5 5l-5 5l-5 -5Z" fill="{ink}"/>'
            else:
                yield f'<circle cx="{px(x)}" cy="{px(y)}" r="{small}" fill="{ink}"/>'


def _legend(curve: CurveShown) -> Iterator[str]:
    said = ["band and bars: value plus and minus 2 u"]
    if curve.points:
        said.append("discs: calibrated points")
    if curve.readings:
        said.append("open circles: readings of the fit")
    if curve.asked:
        said.append("diamonds: values asked for")
    yield svg_text("; ".join(said), LEFT, HEIGHT - 14.0, ink=SOFT)


def _subtitle(curve: CurveShown) -> str:
    stated = [f"{name.replace('_', ' ')} {text}" for name, text in sorted(curve.conditions.items())]
    return printable(
        "; ".join([f"{curve.device_id}, calibrated {curve.performed}", *stated, *curve.flags])
    )
