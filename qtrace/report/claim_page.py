"""Checked claims as one HTML page to print: a poster of verdicts, then the arithmetic.

Inside: `render_claims`. The page loads nothing and runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.claims.check import CheckedFile
from qtrace.claims.claim import Publication, Source
from qtrace.claims.verdict import PRECEDENCE, Verdict
from qtrace.report.claim_rows import CONVENTIONS, TAG_WORDS, VERDICT_WORDS, TopicRows, claim_rows
from qtrace.report.html import template_environment

TEMPLATE = "claims.html"


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that the template reads."""

    version: str
    publication: Publication
    topics: tuple[TopicRows, ...]
    total: int
    words: tuple[tuple[str, str, int, str], ...]
    conventions: str
    sources: tuple[tuple[Source, str], ...]
    # The shared style prints this at the foot of each page of a decision; here it is empty.
    payload_digest: str = ""


def render_claims(checked: CheckedFile, *, version: str) -> str:
    """Return the claims as one self-contained page.

    Raises:
        SetupError: the templates are missing.
    """
    words = tuple(
        (verdict.value, _mood(verdict), checked.count(verdict), VERDICT_WORDS[verdict])
        for verdict in PRECEDENCE
    )
    sources = tuple((one, TAG_WORDS[one.tag]) for one in checked.file.sources.values())
    page = _Page(
        version,
        checked.file.publication,
        claim_rows(checked),
        len(checked.claims),
        words,
        CONVENTIONS,
        sources,
    )
    return template_environment().get_template(TEMPLATE).render(page=page)


def _mood(verdict: Verdict) -> str:
    return verdict.value.lower().replace(" ", "_")
