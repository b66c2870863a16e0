"""An attribute profile as one HTML page with its drawing.

Inside: `render_profile_page`. The page loads nothing and runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from qtrace.certification.profile import AttributeProfile, Profile
from qtrace.metrics.attributes import Attribute
from qtrace.report.html import no_overclaims, template_environment
from qtrace.report.profile_lines import (
    FigureLine,
    demonstration_line,
    figure_lines,
    security_lines,
)
from qtrace.report.profile_svg import draw_profile

TEMPLATE = "profile_page.html"


@dataclass(frozen=True, slots=True)
class _Section:
    """One attribute as the template shows it."""

    one: AttributeProfile
    accuracy: bool
    security: tuple[tuple[str, str], ...]
    traceability: bool
    figures: tuple[FigureLine, ...]
    conditions: tuple[FigureLine, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that the template reads."""

    profile: Profile
    words: tuple[str, ...]
    demonstration: str
    sections: tuple[_Section, ...]
    picture: Markup
    payload_digest: str = ""  # the shared style prints it at the foot of decisions


def render_profile_page(profile: Profile) -> str:
    """Return a profile as one self-contained page, with every point of every series.

    Returns:
        HTML with inline style and drawing; words that claim too much are left out of repeated
        texts, and the page says how many.

    Raises:
        SetupError: the templates are missing.
    """
    word = ("DEMONSTRATION",) if profile.demonstration else ()
    page = _Page(
        profile,
        tuple(dict.fromkeys(x for x in (profile.watermark, *word) if x)),
        demonstration_line(profile),
        tuple(_section(one, profile) for one in profile.attributes),
        # Every text in the drawing is escaped where it is drawn.
        Markup(draw_profile(profile)),  # noqa: S704
    )
    template = template_environment().get_template(TEMPLATE)
    return no_overclaims(lambda left_out: template.render(page=page, left_out=left_out))


def _section(one: AttributeProfile, profile: Profile) -> _Section:
    secure = one.attribute is Attribute.SECURITY
    return _Section(
        one,
        one.attribute is Attribute.ACCURACY,
        security_lines(profile.security) if secure else (),
        one.attribute is Attribute.TRACEABILITY,
        figure_lines(one.figures, whole=True),
        figure_lines(one.conditions, whole=True),
    )
