"""Rows, table and page of the validation: nothing is cut off, nothing is executed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtrace.report.validation_html import render_validation
from qtrace.report.validation_rows import VERDICT_WORDS, document_rows
from qtrace.report.validation_text import validation_text
from qtrace.validation.case import PrintedFigure
from qtrace.validation.judge import Verdict
from qtrace.validation.procedures import run_case, summary_of
from qtrace.workflow.validate import Validated, validate


@pytest.fixture(scope="module")
def validated() -> Validated:
    return validate(only="gum-h.5")


def with_printed(validated: Validated, **changes: str) -> Validated:
    """Return the same with one figure printed otherwise."""
    (document,) = validated.documents
    (case,) = document.cases
    first = replace(case.printed[0], **changes)  # type: ignore[arg-type]
    case = replace(case, printed=(first, *case.printed[1:]))
    reports = {case.case_id: run_case(case)}
    return Validated(
        validated.version,
        (replace(document, cases=(case,)),),
        reports,
        summary_of(reports.values()),
    )


def test_rows_say_printed_ours_difference_and_source(validated: Validated) -> None:
    (document,) = document_rows(validated)
    (case,) = document.cases
    row = next(one for one in case.rows if one.name == "F")
    assert (row.printed, row.ours, row.difference) == ("2.25", "2.2615", "+0.0115")
    assert row.verdict is Verdict.EXPLAINED
    assert row.basis.startswith("read in sandialabs/suncal")
    assert "rounded pieces" in row.reason


def test_an_unexplained_difference_is_red_on_the_page_and_said_in_the_table(
    validated: Validated,
) -> None:
    broken = with_printed(validated, text="99")
    assert not broken.summary.passed
    text, html = validation_text(broken), render_validation(broken)
    assert "there are differences that nothing explains" in text
    assert "UNEXPLAINED DIFFERENCES" in html
    assert 'class="tag not_met">DIFF<' in html
    assert 'class="tag not_met">' not in render_validation(validated)


def test_texts_of_files_are_shown_and_not_executed(validated: Validated) -> None:
    hostile = with_printed(validated, unit="<b>uV</b>\x1b[31m", because="<script>1</script>")
    html, text = render_validation(hostile), validation_text(hostile)
    assert "<b>uV" not in html
    assert "<script" not in html
    assert "\x1b" not in html + text


def test_every_verdict_has_words() -> None:
    assert set(VERDICT_WORDS) == set(Verdict)


def test_what_was_refused_has_no_number(validated: Validated) -> None:
    (document,) = validated.documents
    (case,) = document.cases
    from qtrace.validation.judge import refused_figure
    from qtrace.validation.procedures import CaseReport

    figure: PrintedFigure = case.printed[0]
    reports = {case.case_id: CaseReport(case, (refused_figure(figure, "no scatter"),))}
    shown = validation_text(
        Validated("1", validated.documents, reports, summary_of(reports.values()))
    )
    assert "none" in shown
    assert "refused: no scatter" in shown
