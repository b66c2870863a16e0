"""The comparison with published examples as one HTML page.

Inside: `render_validation`. The page loads nothing and runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.report.html import template_environment
from qtrace.report.validation_rows import (
    VERDICT_WORDS,
    DocumentRows,
    ValidatedExamples,
    document_rows,
)
from qtrace.validation.judge import Verdict
from qtrace.validation.procedures import Summary

TEMPLATE = "validation.html"


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that the template reads."""

    version: str
    documents: tuple[DocumentRows, ...]
    summary: Summary
    words: tuple[tuple[str, int, str], ...]
    # The shared style prints this at the foot of each page of a decision; here it is empty.
    payload_digest: str = ""


def render_validation(validated: ValidatedExamples) -> str:
    """Return the comparison as one self-contained page.

    Raises:
        SetupError: the templates are missing.
    """
    summary = validated.summary
    words = tuple(
        (verdict.value, summary.by_verdict[verdict.value], VERDICT_WORDS[verdict])
        for verdict in Verdict
    )
    page = _Page(validated.version, document_rows(validated), summary, words)
    return template_environment().get_template(TEMPLATE).render(page=page)
