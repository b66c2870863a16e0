"""Draw a chain of entangled links as one stand-alone SVG: fidelity after each link.

Inside: `draw_chain_links`.
What colour says is also said by shape and word.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from qtrace.metrics.teleportation.chain_records import ChainOutcome
from qtrace.report.chain_svg import FONTS
from qtrace.report.printable import printable
from qtrace.report.svg_words import px, svg_text

WIDTH, HEIGHT = 880.0, 440.0  # px
LEFT, RIGHT, TOP, BOTTOM = 70.0, 40.0, 80.0, 110.0
LOWEST = 0.25  # white noise
SOFT, LINE, OWN, LIMIT = "#64748b", "#1d4ed8", "#94a3b8", "#b45309"
MOST_NAME = 16


def draw_chain_links(outcome: ChainOutcome) -> str:
    """Return the drawing of a chain.

    Args:
        outcome: With the fidelity so far after each link.

    Returns:
        An SVG document without scripts or anything from elsewhere; the same for the same chain.
    """
    chain = outcome.chain
    title = printable(f"{chain.chain_id}: fidelity along the chain")
    below = f"{chain.provenance}; model of Bell-diagonal links; limiting link {outcome.limiting}"
    body = "\n".join([*_axes(), *_steps(outcome)])
    size = f'width="{px(WIDTH)}" height="{px(HEIGHT)}" viewBox="0 0 {px(WIDTH)} {px(HEIGHT)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} {size} '
        f'font-family="{FONTS}" font-size="12">\n<title>{escape(title)}</title>\n'
        f'<rect width="{px(WIDTH)}" height="{px(HEIGHT)}" fill="#ffffff"/>\n'
        f"{svg_text(title, LEFT, 30.0, size=15.0, bold=True)}\n"
        f"{svg_text(printable(below), LEFT, 52.0, ink=SOFT)}\n{body}\n</svg>\n"
    )


def _y(fidelity: float) -> float:
    share = (max(fidelity, LOWEST) - LOWEST) / (1.0 - LOWEST)
    return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)


def _axes() -> list[str]:
    parts = []
    for value, word in ((0.25, "0.25"), (0.5, "0.50"), (0.75, "0.75"), (1.0, "1.00")):
        dash = ' stroke-dasharray="6 4"' if value == 0.5 else ""
        ink = LIMIT if value == 0.5 else "#e2e8f0"
        parts.append(
            f'<line x1="{px(LEFT)}" x2="{px(WIDTH - RIGHT)}" y1="{px(_y(value))}" '
            f'y2="{px(_y(value))}" stroke="{ink}"{dash}/>'
        )
        parts.append(svg_text(word, LEFT - 8.0, _y(value) + 4.0, anchor="end", ink=SOFT))
    last = _y(0.5) - 6.0
    parts.append(svg_text("1/2: entangled above", LEFT + 6.0, last, ink=LIMIT))
    return parts


def _steps(outcome: ChainOutcome) -> list[str]:
    count = len(outcome.links)
    room = (WIDTH - LEFT - RIGHT) / count
    parts = []
    before = 1.0
    for k, one in enumerate(outcome.links):
        x0, x1 = LEFT + k * room, LEFT + (k + 1) * room
        middle = (x0 + x1) / 2.0
        own, so_far = _y(one.after_wait), _y(one.so_far)
        width = min(room * 0.4, 60.0)
        parts.append(
            f'<rect x="{px(middle - width / 2.0)}" y="{px(own)}" width="{px(width)}" '
            f'height="{px(_y(LOWEST) - own)}" fill="none" stroke="{OWN}"/>'
        )
        parts.append(
            f'<path d="M {px(x0)} {px(_y(before))} L {px(x1)} {px(so_far)}" fill="none" '
            f'stroke="{LINE}" stroke-width="2"/>'
        )
        parts.append(f'<circle cx="{px(x1)}" cy="{px(so_far)}" r="4" fill="{LINE}"/>')
        parts.append(
            svg_text(f"{one.so_far:.3f}", x1, so_far - 10.0, anchor="end", ink=LINE, bold=True)
        )
        parts += _name(one.link_id, middle, limiting=one.link_id == outcome.limiting)
        label = f"F {one.after_wait:.3f}"
        parts.append(svg_text(label, middle, _y(LOWEST) + 38.0, anchor="middle", ink=SOFT))
        before = one.so_far
    foot = "box: a link alone, after its wait; line: end to end so far, measurements included"
    parts.append(svg_text(foot, LEFT, HEIGHT - 18.0, ink=SOFT))
    return parts


def _name(link_id: str, middle: float, *, limiting: bool) -> list[str]:
    name = printable(link_id)
    short = name if len(name) <= MOST_NAME else name[: MOST_NAME - 3] + "..."
    words = [svg_text(short, middle, _y(LOWEST) + 20.0, anchor="middle", bold=limiting)]
    if limiting:
        y = _y(LOWEST) + 56.0
        words.append(svg_text("costs most", middle, y, anchor="middle", ink=LIMIT))
    return words
