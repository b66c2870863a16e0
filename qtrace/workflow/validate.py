"""Evaluate the shipped published examples again and compare.

Inside: `Validated`, `validate`. Nothing is recorded; no database is needed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from qtrace import __version__
from qtrace.errors import InputError
from qtrace.exchange.reference_files import load_reference_documents
from qtrace.validation.case import Case, ReferenceDocument
from qtrace.validation.procedures import CaseReport, Summary, run_case, summary_of


@dataclass(frozen=True, slots=True)
class Validated:
    """Documents with the cases that were run, the reports of these by case, and the count."""

    version: str
    documents: tuple[ReferenceDocument, ...]
    reports: dict[str, CaseReport]
    summary: Summary


def validate(
    *,
    only: str = "",
    folder: Path | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Validated:
    """Run the examples at hand.

    Args:
        only: Id of a case, of a document, or a tag; all where empty.
        folder: Where the files lie; the shipped ones where None.
        progress: Told what is run.

    Raises:
        InputError: nothing has that id or tag, or the data are wrong.
    """
    documents = _chosen(load_reference_documents(folder), only)
    total = sum(len(document.cases) for document in documents)
    reports: dict[str, CaseReport] = {}
    for document in documents:
        progress(f"{len(reports)} of {total} cases: {document.title}")
        for case in document.cases:
            reports[case.case_id] = run_case(case)
    progress(f"{total} of {total} cases")
    return Validated(__version__, documents, reports, summary_of(reports.values()))


def _chosen(documents: tuple[ReferenceDocument, ...], only: str) -> tuple[ReferenceDocument, ...]:
    """Return the documents with the cases that are meant."""
    if not only:
        return documents

    def meant(case: Case) -> bool:
        return only in {case.case_id, case.document, *case.tags}

    kept = [replace(one, cases=tuple(filter(meant, one.cases))) for one in documents]
    kept = [one for one in kept if one.cases]
    if kept:
        return tuple(kept)
    known = {
        name
        for one in documents
        for case in one.cases
        for name in (one.document_id, case.case_id, *case.tags)
    }
    close = difflib.get_close_matches(only, sorted(known), n=3, cutoff=0.4)
    raise InputError(
        f"no case, document or tag is called {only!r}",
        next_step=f"did you mean {' or '.join(close)}?" if close else "run it without --only",
    )
