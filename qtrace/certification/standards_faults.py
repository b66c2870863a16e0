"""Are the requirements of a case those of its scheme, and is it judged by a known rule?

Inside: `standards_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qtrace.certification.case import JUDGEMENTS, CaseFile
from qtrace.certification.scheme import LATER_KINDS, scheme_faults, unanswered_kinds


def standards_faults(case: CaseFile) -> Iterator[str]:
    """Check that the requirements are those of the scheme's standards, and the scheme sound."""
    yield from scheme_faults(case.scheme)
    if len(case.scheme.standards) != len(case.standards):
        yield "the standards are not those of the scheme"
    for asked, standard in zip(case.scheme.standards, case.standards, strict=False):
        answers = {standard.standard_id, standard.standard_id.partition(":")[0]}
        if asked not in answers and asked not in standard.edition_warning:
            yield f"the scheme names {asked}, the document applies {standard.standard_id}"
    rows = [row for standard in case.standards for row in standard.requirements]
    for kind in unanswered_kinds(case.scheme, rows):
        if kind in LATER_KINDS:
            yield f"the truth table does not answer for {kind}"
    for standard in case.standards:
        ids = [row.requirement_id for row in standard.requirements]
        if not ids or len(ids) != len(set(ids)):
            yield f"the requirements of {standard.standard_id} are missing or doubled"
        if any(row.standard_id != standard.standard_id for row in standard.requirements):
            yield f"requirements of another standard stand under {standard.standard_id}"
    if case.judgement not in JUDGEMENTS:
        yield f"nobody judges figures by {case.judgement!r}"
    if not 0.5 <= case.coverage_probability < 1.0:
        yield f"p = {case.coverage_probability} is no coverage probability"
