"""Draw an attribute profile: one row per attribute, each with its standing as shape and word.

Inside: `draw_profile`, `PROFILE_WIDTH`.

No radar chart: its axes would need one scale, and picoseconds, bits and chains have none; its
area would be a number that means nothing. A row says how an attribute stands and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from qtrace.certification.profile import AttributeProfile, AttributeStanding, Profile
from qtrace.metrics.attributes import Attribute
from qtrace.report.chain_svg import FONTS
from qtrace.report.printable import printable
from qtrace.report.profile_lines import NO_BIAS, demonstration_line, figure_lines
from qtrace.report.svg_words import px, svg_text
from qtrace.report.text_width import wrap_to_width

PROFILE_WIDTH = 1000.0
MARGIN, LEADING, SIZE = 24.0, 16.0, 12.0
STANDING_X, WHY_X, FIGURE_X = 168.0, 372.0, 690.0
WHY_WIDTH, FIGURE_WIDTH = 296.0, 286.0
MOST_FIGURES, MOST_LINES = 3, 6
SOFT = "#4b5563"
GREEN = "#15803d"


@dataclass(frozen=True, slots=True)
class _Look:
    """How a standing is drawn: a shape for eyes without colour, its ink, its ground."""

    shape: str
    ink: str
    ground: str


LOOKS: Mapping[AttributeStanding, _Look] = MappingProxyType(
    {
        AttributeStanding.IMPROVED: _Look("up", GREEN, "#eaf7ee"),
        AttributeStanding.NOT_SHOWN: _Look("ring", "#92400e", "#fdf6e7"),
        AttributeStanding.WORSE: _Look("down", "#b91c1c", "#fdf0f0"),
        AttributeStanding.CATEGORICAL: _Look("square", "#1d4ed8", "#eef3fe"),
        AttributeStanding.SHOWN: _Look("disc", GREEN, "#eaf7ee"),
        AttributeStanding.BROKEN: _Look("cross", "#b91c1c", "#fdf0f0"),
        AttributeStanding.NOT_MEASURED: _Look("dash", "#6b7280", "#f3f4f6"),
    }
)


DEMONSTRATED = ("#475569", "#f1f5f9")  # ink and ground: a DEMONSTRATION is never green


def draw_profile(profile: Profile) -> str:
    """Return a profile as a stand-alone SVG document; the same profile gives the same bytes."""
    heading = printable(f"Attribute profile of {profile.run_id}")
    sub = f"link {profile.link_id}, protocol {profile.protocol or 'not named'}"
    body: list[str] = [
        svg_text(heading, MARGIN, 34.0, size=17.0, bold=True),
        svg_text(printable(f"{sub}, {profile.provenance} data"), MARGIN, 54.0, ink=SOFT),
    ]
    y = 66.0
    if line := demonstration_line(profile):
        body += _banner(line, y)
        y += 34.0
    for name, x in (("attribute", MARGIN + 10.0), ("standing", STANDING_X), ("because", WHY_X),
                    ("figures", FIGURE_X)):  # fmt: skip
        body.append(svg_text(name, x, y + 14.0, size=10.5, ink=SOFT))
    y += 22.0
    for one in profile.attributes:
        parts, height = _row(one, y, demonstration=bool(profile.demonstration))
        body += parts
        y += height + 8.0
    foot = "Rows have no common scale and are not added up; no shape stands for a size."
    body.append(svg_text(foot, MARGIN, y + 14.0, size=10.5, ink=SOFT))
    height = y + 30.0
    tally = "; ".join(f"{x.attribute.value} {x.standing.value}" for x in profile.attributes)
    title = f"{heading}: {tally}"
    inside = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
        f'width="{px(PROFILE_WIDTH)}" height="{px(height)}" '
        f'viewBox="0 0 {px(PROFILE_WIDTH)} {px(height)}" font-family="{FONTS}" '
        f'font-size="{px(SIZE)}">\n<title>{escape(title)}</title>\n'
        f'<rect width="{px(PROFILE_WIDTH)}" height="{px(height)}" fill="#ffffff"/>\n'
        f"{inside}\n</svg>\n"
    )


def _banner(line: str, y: float) -> list[str]:
    width = PROFILE_WIDTH - 2 * MARGIN
    return [
        f'<rect x="{px(MARGIN)}" y="{px(y)}" width="{px(width)}" height="24" '
        'fill="#fdf6e7" stroke="#92400e" stroke-width="1.5"/>',
        svg_text(line, MARGIN + 10.0, y + 16.5, ink="#92400e", bold=True),
    ]


def _row(one: AttributeProfile, y: float, *, demonstration: bool) -> tuple[list[str], float]:
    """Return one attribute as a band, and how high it is."""
    look = LOOKS[one.standing]
    if demonstration and look.ink == GREEN:
        look = _Look(look.shape, *DEMONSTRATED)
    why = _cut(wrap_to_width(printable(one.reason), WHY_WIDTH, size=SIZE), MOST_LINES)
    figures = _cut(
        [x for text in _figures(one) for x in wrap_to_width(text, FIGURE_WIDTH, size=SIZE)],
        MOST_LINES,
    )
    height = max(34.0, max(len(why), len(figures)) * LEADING + 16.0)
    width = PROFILE_WIDTH - 2 * MARGIN
    first = y + 21.0
    parts = [
        f'<rect x="{px(MARGIN)}" y="{px(y)}" width="{px(width)}" height="{px(height)}" '
        f'fill="{look.ground}"/>',
        f'<rect x="{px(MARGIN)}" y="{px(y)}" width="4" height="{px(height)}" fill="{look.ink}"/>',
        svg_text(one.attribute.value, MARGIN + 14.0, first, size=13.0, bold=True),
        _shape(look, STANDING_X + 7.0, first - 4.5),
        svg_text(one.standing.value, STANDING_X + 22.0, first, ink=look.ink, bold=True),
    ]
    for x, lines in ((WHY_X, why), (FIGURE_X, figures)):
        parts += [svg_text(text, x, first + k * LEADING) for k, text in enumerate(lines)]
    return parts, height


def _figures(one: AttributeProfile) -> list[str]:
    """Return the first figures of an attribute in words; of traceability how many are whole."""
    if one.attribute is Attribute.TRACEABILITY:
        whole = sum(row.unbroken for row in one.figures)
        return [f"{whole} of {len(one.figures)} chains unbroken"] if one.figures else []
    lines = figure_lines(one.figures)
    told = [f"{x.name}: {x.value}" for x in lines[:MOST_FIGURES]]
    if one.attribute is Attribute.ACCURACY:
        told = [f"{x.name}: u {x.u}, {_bias(x.bias)}" for x in lines[:MOST_FIGURES]]
    more = len(one.figures) - len(told)
    return [*told, f"and {more} more"] if more > 0 else told


def _bias(text: str) -> str:
    return "no known bias" if text == NO_BIAS else f"bias {text}"


def _cut(lines: list[str], most: int) -> list[str]:
    """Return lines, the last one open where there are more: the table has them whole."""
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} ..."]


def _shape(look: _Look, x: float, y: float) -> str:
    """Return a small shape around a place."""
    r, ink = 6.0, look.ink
    stroke = f'fill="none" stroke="{ink}" stroke-width="2"'
    shapes = {
        "up": f'<path d="M{px(x)} {px(y - r)} L{px(x + r)} {px(y + r - 1)} '
        f'L{px(x - r)} {px(y + r - 1)} Z" fill="{ink}"/>',
        "down": f'<path d="M{px(x)} {px(y + r)} L{px(x + r)} {px(y - r + 1)} '
        f'L{px(x - r)} {px(y - r + 1)} Z" fill="{ink}"/>',
        "ring": f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(r - 1)}" {stroke}/>',
        "disc": f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(r)}" fill="{ink}"/>',
        "square": f'<rect x="{px(x - r + 1)}" y="{px(y - r + 1)}" width="10" height="10" '
        f'fill="{ink}"/>',
        "cross": f'<path d="M{px(x - r)} {px(y - r)} L{px(x + r)} {px(y + r)} '
        f'M{px(x + r)} {px(y - r)} L{px(x - r)} {px(y + r)}" {stroke}/>',
        "dash": f'<path d="M{px(x - r)} {px(y)} L{px(x + r)} {px(y)}" {stroke}/>',
    }
    return shapes[look.shape]
