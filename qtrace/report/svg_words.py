"""Words and coordinates of a drawing, as SVG.

Inside: `svg_text`, `px`, `INK`.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

INK = "#111827"  # of words


def svg_text(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 12.0,
    ink: str = INK,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    """Return a text at a place; the text may hold anything, it is escaped."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{px(x)}" y="{px(y)}" font-size="{px(size)}" fill="{ink}" '
        f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )


def px(number: float) -> str:
    """Write a coordinate shortly; a tenth of a px is finer than any screen."""
    return f"{number:.1f}".removesuffix(".0")
