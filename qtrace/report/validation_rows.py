"""The comparison with published examples as rows for table, JSON and page.

Inside: `ValidatedExamples`, `FigureRow`, `CaseRows`, `DocumentRows`, `document_rows`,
`validation_document`, `VERDICT_WORDS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from qtrace.report.printable import printable
from qtrace.validation.case import Basis, Case, ReferenceDocument
from qtrace.validation.judge import Comparison, Verdict
from qtrace.validation.procedures import CaseReport, Summary

MOST_DIGITS = 15
VERDICT_WORDS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.PASS: "within the tolerance of a figure read in the source that is named",
        Verdict.PASS_MEMORY: "within it, but the figure is known from memory of the document only",
        Verdict.PASS_COMPUTED: "agrees with another computation; the figure is not in print",
        Verdict.EXPLAINED: "differs exactly as the data say, for the reason given",
        Verdict.DIFF: "differs, and nothing explains it",
    }
)
BASIS_WORDS: Mapping[Basis, str] = MappingProxyType(
    {
        Basis.READ: "read in",
        Basis.MEMORY: "from memory of the document",
        Basis.COMPUTED: "another computation",
    }
)


class ValidatedExamples(Protocol):
    """What of a validation is shown."""

    @property
    def version(self) -> str:
        """Version of the product."""

    @property
    def documents(self) -> tuple[ReferenceDocument, ...]:
        """Documents with the cases that were run."""

    @property
    def reports(self) -> Mapping[str, CaseReport]:
        """Reports by case."""

    @property
    def summary(self) -> Summary:
        """Counts."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure in words."""

    name: str
    unit: str
    printed: str
    ours: str
    difference: str
    tolerance: str
    verdict: Verdict
    basis: str
    reason: str

    @property
    def mood(self) -> str:
        """Return how the verdict is coloured."""
        if self.verdict is Verdict.PASS:
            return "met"
        return "not_met" if self.verdict is Verdict.DIFF else "no_evidence"


@dataclass(frozen=True, slots=True)
class CaseRows:
    """One case in words."""

    case_id: str
    title: str
    source: str
    procedure: str
    inputs: str
    draws: str
    note: str
    passed: bool
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """One document with its cases."""

    document_id: str
    title: str
    cases: tuple[CaseRows, ...]


def document_rows(validated: ValidatedExamples) -> tuple[DocumentRows, ...]:
    """Return everything that is shown, in the order of the files."""
    return tuple(
        DocumentRows(
            document.document_id,
            printable(document.title),
            tuple(_case_rows(validated.reports[case.case_id]) for case in document.cases),
        )
        for document in validated.documents
    )


def _case_rows(report: CaseReport) -> CaseRows:
    case = report.case
    drawn = f"{case.draws:,} draws, seed {case.seed}".replace(",", " ") if case.draws else ""
    return CaseRows(
        case.case_id,
        printable(case.title),
        printable(case.source),
        case.procedure,
        _inputs_known(case),
        drawn,
        printable(case.note),
        report.passed,
        tuple(_figure_row(one) for one in report.comparisons),
    )


def _known(basis: Basis, source: str) -> str:
    joint = " " if basis is Basis.READ else ": "
    return joint.join(filter(None, (BASIS_WORDS[basis], printable(source))))


def _inputs_known(case: Case) -> str:
    """Return how the inputs are known; those of a closed form are what they are."""
    if case.inputs_basis is Basis.COMPUTED:
        return "as stated in the data"
    return _known(case.inputs_basis, case.inputs_from)


def _figure_row(one: Comparison) -> FigureRow:
    printed = one.printed
    step = one.tolerance / 10.0
    return FigureRow(
        printable(printed.name),
        printable(printed.unit),
        printed.text,
        "none" if one.ours is None else _number(one.ours, step),
        "" if one.difference is None else _number(one.difference, step, signed=True),
        f"{one.tolerance:.2g}",
        one.verdict,
        _known(printed.basis, printed.read_in),
        printable(one.reason),
    )


def _number(value: float, step: float, *, signed: bool = False) -> str:
    """Write a number with digits down to a step, never more than a double holds."""
    sign = "+" if signed else ""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:{sign}g}" if value else "0"
    digits = MOST_DIGITS
    if step > 0.0:
        digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1
    return f"{value:{sign}.{min(max(digits, 1), MOST_DIGITS)}g}"


def validation_document(validated: ValidatedExamples) -> dict[str, object]:
    """Return the comparison as plain values for JSON; the numbers keep all digits."""
    return {
        "version": validated.version,
        "passed": validated.summary.passed,
        "summary": validated.summary,
        "verdicts": {verdict.value: words for verdict, words in VERDICT_WORDS.items()},
        "documents": [
            {
                "id": document.document_id,
                "title": document.title,
                "file_digest": document.digest,
                "cases": [
                    _case_document(case, validated.reports[case.case_id]) for case in document.cases
                ],
            }
            for document in validated.documents
        ],
    }


def _case_document(case: Case, report: CaseReport) -> dict[str, object]:
    return {
        "id": case.case_id,
        "title": case.title,
        "source": case.source,
        "procedure": case.procedure,
        "tags": case.tags,
        "inputs_basis": case.inputs_basis,
        "inputs_from": case.inputs_from,
        "draws": case.draws,
        "seed": case.seed,
        "printed_draws": case.printed_draws,
        "note": case.note,
        "passed": report.passed,
        "figures": [
            {
                "figure": one.printed.name,
                "printed": one.printed.text,
                "unit": one.printed.unit,
                "basis": one.printed.basis,
                "read_in": one.printed.read_in,
                "ours": one.ours,
                "difference": one.difference,
                "tolerance": one.tolerance,
                "of_that_scatter_of_draws": one.scatter,
                "verdict": one.verdict,
                "reason": one.reason,
            }
            for one in report.comparisons
        ],
    }
