"""Draw the chain of a result as one stand-alone SVG: results, typed ends, breaks.

Inside: `draw_chain`, `CHAIN_WIDTH`, and `Look`, `Drawing`, `draw` for other drawings of boxes.

The result that is asked for stands on top, and every arrow leads to what a step rests on. What
colour says is also said by shape and word. The drawing depends on the chain alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from qtrace.report.layered_layout import MARGIN, Box, Layout, Place, Segment, lay_out
from qtrace.report.printable import printable
from qtrace.report.text_width import line_width, wrap_to_width
from qtrace.traceability.chain import Chain, ChainNode

CHAIN_WIDTH = 1080.0  # px
WIDEST_CHAIN = 1200.0  # px, what a screen shows without making it smaller
FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
WIDEST_TEXT = 168.0  # px; boxes are as wide as their widest line, up to this
PADDING = 10.0
SIZE, TITLE_SIZE, TAG_SIZE, HEAD_SIZE = 11.5, 12.0, 9.5, 15.0
LEADING = 1.32
ARROW_LENGTH, ARROW_HALF = 8.0, 4.2
TARGET, STEP, INSTRUMENT, END, BREAK = "target", "result", "instrument", "end", "break"


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of box is drawn; `meaning` stands in the legend, a `banner` fills the tag."""

    fill: str
    stroke: str
    stroke_width: float
    radius: float
    ink: str
    line: str
    tag: str
    meaning: str
    dashed: bool = False
    banner: bool = False


LOOKS: Mapping[str, Look] = {
    TARGET: Look("#e8edf3", "#1f2937", 2.4, 5, "#111827", "#64748b", "RESULT", "result asked for"),
    STEP: Look("#ffffff", "#64748b", 1.2, 5, "#111827", "#64748b", "", "result it rests on"),
    INSTRUMENT: Look(
        "#f8fafc",
        "#64748b",
        1.2,
        5,
        "#111827",
        "#64748b",
        "INSTRUMENT",
        "instrument on record",
        dashed=True,
    ),
    END: Look("#eaf7ee", "#15803d", 1.6, 16, "#14532d", "#2f9e56", "END", "typed end of a path"),
    BREAK: Look(
        "#fdf0f0",
        "#b91c1c",
        2.2,
        0,
        "#7f1d1d",
        "#c93a3a",
        "BREAK",
        "missing step",
        banner=True,
    ),
}
WEAKEST = "adds most of the uncertainty"
WEAKEST_INK = "#92400e"


@dataclass(frozen=True, slots=True)
class _Words:
    """The lines of one box, wrapped, with size and weight; the tag is in the tag line."""

    tag: str
    lines: tuple[tuple[str, float, bool, str], ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in rows with arrows between them, under a headline; `sound` gives it its colour.

    `kinds` maps the key of each node to one of `looks`. `arrows` says what an arrow means.
    """

    heading: str
    tally: str
    sound: bool
    nodes: tuple[ChainNode, ...]
    edges: tuple[tuple[str, str], ...]
    kinds: Mapping[str, str]
    looks: Mapping[str, Look]
    arrows: str
    weakest: str = ""


def draw_chain(chain: Chain) -> str:
    """Return the drawing of a chain.

    Args:
        chain: Nodes, edges, ends and breaks, from `build_chain`.

    Returns:
        An SVG document, without scripts, styles of its own scope or anything from elsewhere;
        the same for the same chain.

    Raises:
        InputError: an edge leads to a node that is not there.
    """
    target = f"result:{chain.target}"
    kinds = {
        node.key: TARGET if node.key == target else node.kind if node.kind in LOOKS else STEP
        for node in chain.nodes
    }
    return draw(
        Drawing(
            f"Chain of {printable(chain.target)}",
            _tally(chain),
            chain.unbroken,
            chain.nodes,
            chain.edges,
            kinds,
            LOOKS,
            "an arrow leads to what a step rests on",
            chain.weakest_step,
        )
    )


def draw(drawing: Drawing) -> str:
    """Return a drawing as a stand-alone SVG document.

    Raises:
        InputError: an edge leads to a node that is not there.
    """
    looks, kinds = drawing.looks, drawing.kinds
    words = {
        node.key: _words(node, looks[kinds[node.key]], drawing.weakest) for node in drawing.nodes
    }
    boxes = [Box(key, one.width, one.height) for key, one in words.items()]
    layout = lay_out(boxes, drawing.edges, width=CHAIN_WIDTH, widest=WIDEST_CHAIN)
    head = wrap_to_width(drawing.heading, layout.width - 2 * MARGIN, size=HEAD_SIZE, bold=True)
    head_height = len(head) * HEAD_SIZE * LEADING + 26.0
    used = {kind: look for kind, look in looks.items() if kind in kinds.values()}
    parts = [
        *_headline(drawing, head),
        f'<g transform="translate(0 {_n(head_height)})">',
        *_lines(layout, {key: looks[kind].line for key, kind in kinds.items()}),
        *(
            part
            for node in drawing.nodes
            for part in _box(layout.places[node.key], words[node.key], looks[kinds[node.key]])
        ),
        "</g>",
        *_legend(head_height + layout.height + 6.0, used, drawing.arrows),
    ]
    height = head_height + layout.height + 40.0
    return _document(drawing, parts, width=layout.width, height=height)


def _document(drawing: Drawing, parts: Sequence[str], *, width: float, height: float) -> str:
    title = f"{drawing.heading}: {drawing.tally}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
        f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'font-family="{FONTS}" font-size="{_n(SIZE)}">\n<title>{escape(title)}</title>\n'
        f'<rect width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _tally(chain: Chain) -> str:
    ends = f"{len(chain.ends)} typed end{'' if len(chain.ends) == 1 else 's'}"
    if chain.unbroken:
        return f"unbroken, {ends}"
    return f"{len(chain.breaks)} BREAK{'' if len(chain.breaks) == 1 else 'S'}, {ends}"


def _headline(drawing: Drawing, head: Sequence[str]) -> Iterator[str]:
    y = MARGIN
    for line in head:
        y += HEAD_SIZE * LEADING
        yield _text(line, MARGIN, y, size=HEAD_SIZE, ink="#111827", bold=True)
    ink = "#15803d" if drawing.sound else "#b91c1c"
    y += SIZE * LEADING + 2.0
    yield _text(drawing.tally, MARGIN, y, size=SIZE + 1.0, ink=ink, bold=not drawing.sound)


def _words(node: ChainNode, look: Look, weakest: str) -> _Words:
    """Wrap the texts of a node and size its box to them."""
    texts = [(printable(node.title), TITLE_SIZE, True, look.ink)]
    for k, line in enumerate(node.lines):
        # The subject of a break says what is missing, so it is set like a title.
        strong = look.banner and k == 0
        texts.append((printable(line), SIZE, strong, look.ink if strong else "#334155"))
    if node.kind == STEP and node.title == weakest:
        texts.append((WEAKEST, SIZE, True, WEAKEST_INK))
    lines = tuple(
        (piece, size, bold, ink)
        for text, size, bold, ink in texts
        for piece in wrap_to_width(text, WIDEST_TEXT, size=size, bold=bold)
    )
    widest = max((line_width(text, size, bold=bold) for text, size, bold, _ in lines), default=0)
    height = sum(size * LEADING for _, size, _, _ in lines) + 2.0 * PADDING - 3.0
    tag = TAG_SIZE * LEADING + 3.0 if look.tag else 0.0
    return _Words(look.tag, lines, max(widest, 64.0) + 2.0 * PADDING, height + tag)


def _box(place: Place, words: _Words, look: Look) -> Iterator[str]:
    """Draw one box with its text."""
    left, y = place.x - place.width / 2.0, place.y
    dash = ' stroke-dasharray="5 3"' if look.dashed else ""
    yield (
        f'<rect x="{_n(left)}" y="{_n(y)}" width="{_n(place.width)}" height="{_n(place.height)}" '
        f'rx="{_n(look.radius)}" fill="{look.fill}" stroke="{look.stroke}" '
        f'stroke-width="{_n(look.stroke_width)}"{dash}/>'
    )
    if words.tag:
        band = TAG_SIZE * LEADING + 6.0
        ink = look.stroke
        if look.banner:
            yield (
                f'<rect x="{_n(left)}" y="{_n(y)}" width="{_n(place.width)}" '
                f'height="{_n(band)}" fill="{look.stroke}"/>'
            )
            ink = "#ffffff"
        yield _text(
            words.tag, left + PADDING, y + band - 5.5, size=TAG_SIZE, ink=ink, bold=True, spread=0.9
        )
        y += TAG_SIZE * LEADING + 3.0
    y += PADDING - 3.0
    for text, size, bold, ink in words.lines:
        y += size * LEADING
        yield _text(text, left + PADDING, y - size * 0.22, size=size, ink=ink, bold=bold)


def _lines(layout: Layout, inks: Mapping[str, str]) -> Iterator[str]:
    """Draw all lines, then their arrowheads, each once."""
    drawn: dict[str, None] = {}
    for segment in layout.segments:
        ink = inks[segment.target]
        dash = ' stroke-dasharray="6 4"' if segment.turned else ""
        drawn[
            f'<path d="{_path(segment)}" fill="none" stroke="{ink}" stroke-width="1.5" '
            f'stroke-linejoin="round"{dash}/>'
        ] = None
    for segment in layout.segments:
        head = _arrow(segment)
        if head:
            drawn[f'<path d="{head}" fill="{inks[segment.target]}"/>'] = None
    yield from drawn


def _path(segment: Segment) -> str:
    """Return a smooth path: straight out of the row, over, straight into the next."""
    start = segment.y0 + (ARROW_LENGTH if segment.turned and segment.starts else 0.0)
    end = segment.y1 - (ARROW_LENGTH - 1.0 if segment.ends and not segment.turned else 0.0)
    bend = max(start, segment.bend_from)
    reach = (end - bend) * 0.55
    path = f"M{_n(segment.x0)} {_n(start)}"
    if bend > start:
        path += f"V{_n(bend)}"
    path += (
        f"C{_n(segment.x0)} {_n(bend + reach)} {_n(segment.x1)} {_n(end - reach)} "
        f"{_n(segment.x1)} {_n(end)}"
    )
    return path + (f"V{_n(segment.straight_to)}" if segment.straight_to > segment.y1 else "")


def _arrow(segment: Segment) -> str:
    """Return the arrowhead at the end of an edge, empty where this piece has none."""
    if segment.turned:
        if not segment.starts:
            return ""
        x, tip, foot = segment.x0, segment.y0 + 1.0, segment.y0 + ARROW_LENGTH + 1.0
    else:
        if not segment.ends:
            return ""
        x, tip, foot = segment.x1, segment.y1 - 0.5, segment.y1 - ARROW_LENGTH - 0.5
    return f"M{_n(x)} {_n(tip)}L{_n(x - ARROW_HALF)} {_n(foot)}L{_n(x + ARROW_HALF)} {_n(foot)}Z"


def _legend(y: float, looks: Mapping[str, Look], arrows: str) -> Iterator[str]:
    """Draw a swatch and its meaning for each kind of box in the drawing."""
    x = MARGIN
    for kind, look in looks.items():
        dash = ' stroke-dasharray="4 2"' if look.dashed else ""
        yield (
            f'<rect x="{_n(x)}" y="{_n(y)}" width="22" height="14" rx="{_n(min(7, look.radius))}" '
            f'fill="{look.fill}" stroke="{look.stroke}" stroke-width="1.5"{dash}/>'
        )
        if look.banner:
            yield f'<rect x="{_n(x)}" y="{_n(y)}" width="22" height="6" fill="{look.stroke}"/>'
        said = f"{look.tag}: {look.meaning}" if kind == END or look.banner else look.meaning
        yield _text(said, x + 29.0, y + 11.0, size=SIZE, ink="#334155")
        x += 29.0 + line_width(said, SIZE) + 22.0
    yield f'<path d="M{_n(x)} {_n(y + 7)}H{_n(x + 20)}" stroke="#64748b" stroke-width="1.5"/>'
    tip = x + 24.0
    yield f'<path d="M{_n(tip)} {_n(y + 7)}l-8 -4.2v8.4Z" fill="#64748b"/>'
    yield _text(arrows, x + 31.0, y + 11.0, size=SIZE, ink="#334155")


def _text(
    text: str, x: float, y: float, *, size: float, ink: str, bold: bool = False, spread: float = 0.0
) -> str:
    weight = ' font-weight="700"' if bold else ""
    spacing = f' letter-spacing="{_n(spread)}"' if spread else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{ink}"{weight}{spacing}>'
        f"{escape(text)}</text>"
    )


def _n(number: float) -> str:
    """Write a coordinate shortly; a tenth of a px is finer than any screen."""
    return f"{number:.1f}".removesuffix(".0")
