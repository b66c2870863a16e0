"""The comparison with published examples, for the terminal.

Inside: `validation_text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.validation_rows import (
    VERDICT_WORDS,
    CaseRows,
    ValidatedExamples,
    document_rows,
)
from qtrace.validation.judge import Verdict

HEADERS = ("figure", "printed", "ours", "differs by", "within", "verdict")
RIGHT = (1, 2, 3, 4)


def validation_text(validated: ValidatedExamples) -> str:
    """Return every figure: printed, ours, difference, tolerance, verdict; reasons below."""
    lines: list[str] = []
    for document in document_rows(validated):
        lines += ["", *wrapped(document.title, WIDTH), "=" * WIDTH]
        for case in document.cases:
            lines += _case_lines(case)
    return "\n".join([*lines[1:], "", *_summary_lines(validated)])


def _case_lines(case: CaseRows) -> list[str]:
    """Return one case: its head, its table, and what a reader must know."""
    about = "; ".join(filter(None, (case.source, case.procedure, case.draws)))
    rows: list[Sequence[str] | Note] = []
    for one in case.rows:
        name = f"{one.name}, {one.unit}" if one.unit else one.name
        cells = (name, one.printed, one.ours, one.difference, one.tolerance)
        rows.append((*cells, one.verdict.value))
        if one.reason:
            rows.append(Note(one.reason))
    lines = ["", *wrapped(f"{case.case_id}: {case.title}", WIDTH)]
    lines += [f"  {line}" for line in wrapped(about, WIDTH - 2)]
    known = "; ".join(dict.fromkeys(one.basis for one in case.rows))
    same = known == case.inputs
    how = f"inputs and figures {known}" if same else f"inputs {case.inputs}; figures {known}"
    lines += [f"  {line}" for line in wrapped(how, WIDTH - 2)]
    if case.note:
        lines += [f"  {line}" for line in wrapped(case.note, WIDTH - 2)]
    return [*lines, table(HEADERS, rows, right=RIGHT)]


def _summary_lines(validated: ValidatedExamples) -> list[str]:
    summary = validated.summary
    rows = [
        (verdict.value, str(summary.by_verdict[verdict.value]), VERDICT_WORDS[verdict])
        for verdict in Verdict
    ]
    ending = (
        "every difference is explained in the data"
        if summary.passed
        else "there are differences that nothing explains"
    )
    return [
        f"qtrace {validated.version}: {summary.cases} published examples, "
        f"{summary.figures} figures",
        table(("verdict", "figures", "meaning"), rows, right=(1,)),
        ending,
    ]
