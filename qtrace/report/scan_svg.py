"""Draw a scan as one stand-alone SVG: curves, PLOB, the run with its set and interval.

Inside: `draw_scan`, and `limit_inks` for other drawings of scans.

What colour says is also said by the dashes of a line and by words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from qtrace.quantity.notation import decimal_text
from qtrace.report.chain_svg import FONTS
from qtrace.report.columns import wrapped
from qtrace.report.curve_svg import ticks
from qtrace.report.scan_picture import Line, Mark, Picture, decades, number_text
from qtrace.report.svg_words import px, svg_text

WIDTH, PLOT_HEIGHT = 880.0, 420.0  # px
LEFT, RIGHT, TOP, AXIS = 92.0, 24.0, 64.0, 56.0
ROW = 18.0
COLUMNS = 126  # of a line of words below the plot
INK, SOFT, GRID, LIMIT, RUN = "#111827", "#64748b", "#e5e7eb", "#6b7280", "#b45309"
# Ink and dashes of the curves, in order.
STYLES = (
    ("#1d4ed8", ""),
    ("#b91c1c", "9 4"),
    ("#15803d", "3 3"),
    ("#7c3aed", "12 3 3 3"),
    ("#0e7490", "6 2 2 2 2 2"),
    ("#a16207", "1 4"),
)
LIMIT_DASH = "2 5"


def draw_scan(picture: Picture) -> str:
    """Return the drawing of a scan.

    Args:
        picture: What `picture_of` gave.

    Returns:
        An SVG document without scripts or anything from elsewhere; the same for the same scan.
    """
    frame = _Frame(picture)
    words = list(_legend(picture))
    height = TOP + PLOT_HEIGHT + AXIS + ROW * len(words) + 12.0
    parts = [*_axes(picture, frame), *_curves(picture, frame)]
    if picture.mark is not None:
        parts.extend(_run(picture.mark, frame))
    start = TOP + PLOT_HEIGHT + AXIS
    for k, (swatch, text) in enumerate(words):
        y = start + ROW * k
        parts.append(swatch.format(y=px(y - 4.0)))
        parts.append(svg_text(text, LEFT, y, ink=INK if swatch else SOFT))
    body = "\n".join(part for part in parts if part)
    size = f'width="{px(WIDTH)}" height="{px(height)}" viewBox="0 0 {px(WIDTH)} {px(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label={quoteattr(picture.title)} {size} font-family="{FONTS}" font-size="12">\n'
        f"<title>{escape(picture.title)}</title>\n"
        f'<rect width="{px(WIDTH)}" height="{px(height)}" fill="#ffffff"/>\n'
        f"{svg_text(picture.title, LEFT, 26.0, size=_title_size(picture.title), bold=True)}\n"
        f"{svg_text(picture.subtitle, LEFT, 46.0, ink=SOFT)}\n{body}\n</svg>\n"
    )


def limit_inks(picture: Picture) -> list[tuple[Line, str]]:
    """Return the limits with their ink: grey for all curves, else that of its curve."""
    if len(picture.limits) == 1:
        return [(picture.limits[0], LIMIT)]
    return [(one, STYLES[one.style][0]) for one in picture.limits]


def _title_size(title: str) -> float:
    """Return the size at which a title fits; bold letters are about 0.56 of it wide."""
    return max(8.0, min(15.0, (WIDTH - LEFT - RIGHT) / (0.56 * max(1, len(title)))))


class _Frame:
    """From places of the picture to places on the sheet; outside is cut at the edge."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def across(self, x: float) -> float:
        """Return the x of an abscissa."""
        share = _share(x, self.picture.x, log=self.picture.log_x)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def down(self, y: float) -> float:
        """Return the y of an ordinate; what has no place there lies on the lower edge."""
        share = _share(y, self.picture.y, log=self.picture.log_y)
        return TOP + (1.0 - share) * PLOT_HEIGHT


def _share(value: float, ends: tuple[float, float], *, log: bool) -> float:
    low, high = ends
    if high <= low:
        return 0.5
    if log:
        if value <= 0.0:
            return 0.0
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _marks(ends: tuple[float, float], *, log: bool) -> list[tuple[float, str]]:
    if not log:
        return [(one, decimal_text(one)) for one in ticks(*ends)]
    found = decades(*ends)
    if all(one == 10.0 ** round(math.log10(one)) for one in found):
        return [(one, f"1e{round(math.log10(one))}") for one in found]
    return [(one, number_text(one)) for one in found]


def _axes(picture: Picture, frame: _Frame) -> Iterator[str]:
    bottom = TOP + PLOT_HEIGHT
    for value, words in _marks(picture.y, log=picture.log_y):
        y = frame.down(value)
        yield f'<path d="M{px(LEFT)} {px(y)}H{px(WIDTH - RIGHT)}" stroke="{GRID}"/>'
        yield svg_text(words, LEFT - 8.0, y + 4.0, anchor="end")
    for value, words in _marks(picture.x, log=picture.log_x):
        x = frame.across(value)
        yield f'<path d="M{px(x)} {px(bottom)}v6" stroke="{INK}"/>'
        yield svg_text(words, x, bottom + 20.0, anchor="middle")
    yield (
        f'<path d="M{px(LEFT)} {px(TOP)}V{px(bottom)}H{px(WIDTH - RIGHT)}" fill="none" '
        f'stroke="{INK}"/>'
    )
    yield svg_text(picture.abscissa, (LEFT + WIDTH - RIGHT) / 2.0, bottom + 38.0, anchor="middle")
    middle = TOP + PLOT_HEIGHT / 2.0
    yield (
        f'<text transform="translate(22 {px(middle)}) rotate(-90)" text-anchor="middle" '
        f'fill="{INK}">{escape(picture.ordinate)}</text>'
    )


def _curves(picture: Picture, frame: _Frame) -> Iterator[str]:
    for limit, ink in limit_inks(picture):
        yield from _drawn(limit, frame, ink=ink, dash=LIMIT_DASH)
    bottom = TOP + PLOT_HEIGHT
    for line, (ink, dash) in zip(picture.lines, STYLES, strict=False):
        yield from _drawn(line, frame, ink=ink, dash=dash)
        for end in line.ends:
            x = frame.across(end)
            yield (
                f'<path d="M{px(x - 4)} {px(bottom - 4)}l8 8m0 -8l-8 8" stroke="{ink}" '
                'stroke-width="1.6"/>'
            )


def _drawn(line: Line, frame: _Frame, *, ink: str, dash: str) -> Iterator[str]:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    for piece in line.pieces:
        places = " L".join(f"{px(frame.across(x))} {px(frame.down(y))}" for x, y in piece)
        yield f'<path d="M{places}" fill="none" stroke="{ink}" stroke-width="1.8"{dashed}/>'


def _run(mark: Mark, frame: _Frame) -> Iterator[str]:
    """Draw the interval as whiskers, the set as a bar, certified as a disc, nominal as a ring."""
    x = frame.across(mark.x)
    if mark.interval is not None:
        low, high = (frame.down(one) for one in mark.interval)
        yield (
            f'<path d="M{px(x - 5)} {px(low)}h10m-5 0V{px(high)}m-5 0h10" fill="none" '
            f'stroke="{RUN}" stroke-width="1.2"/>'
        )
    if mark.certified is not None and mark.nominal is not None:
        ends = (frame.down(mark.certified), frame.down(mark.nominal))
        yield f'<path d="M{px(x)} {px(ends[0])}V{px(ends[1])}" stroke="{RUN}" stroke-width="4"/>'
    if mark.nominal is not None:
        y = frame.down(mark.nominal)
        yield (
            f'<circle cx="{px(x)}" cy="{px(y)}" r="4.5" fill="#ffffff" stroke="{RUN}" '
            'stroke-width="1.8"/>'
        )
    if mark.certified is not None:
        yield f'<circle cx="{px(x)}" cy="{px(frame.down(mark.certified))}" r="4.5" fill="{RUN}"/>'


def _legend(picture: Picture) -> Iterator[tuple[str, str]]:
    """Yield lines of words, each with its swatch; `{y}` is where the line runs."""
    swatch = '<path d="M40 {{y}}h44" stroke="{ink}" stroke-width="1.8"{dash}/>'

    def lines(head: str, text: str) -> Iterator[tuple[str, str]]:
        for k, part in enumerate(wrapped(text, COLUMNS)):
            yield (head if k == 0 else ""), part

    for line, (ink, dash) in zip(picture.lines, STYLES, strict=False):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        yield from lines(swatch.format(ink=ink, dash=dashed), line.words)
    for limit, ink in limit_inks(picture):
        dashed = f' stroke-dasharray="{LIMIT_DASH}"'
        yield from lines(swatch.format(ink=ink, dash=dashed), limit.words)
    if picture.mark is not None:
        disc = f'<circle cx="62" cy="{{y}}" r="4.5" fill="{RUN}"/>'
        yield from lines(disc, picture.mark.words)
    for note in picture.notes:
        yield from lines("", note)
