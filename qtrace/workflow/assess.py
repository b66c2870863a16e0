"""Judge a recomputed run against standards: findings, recorded; no decision yet.

Inside: `Assessed`, `assess`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.shipped import scheme_digest
from qtrace.errors import InputError
from qtrace.exchange.pack_files import load_rules
from qtrace.metrics.catalogue import functions
from qtrace.registry.run_records import finding_records, load_case
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment: its label, the case, and everything concluded from it."""

    label: str
    case: CaseFile
    conclusions: Conclusions
    sequence: int


def assess(
    workbench: Workbench, link_id: str, *, scheme_id: str, run_id: str = "", explain: str = ""
) -> Assessed:
    """Judge the latest run of a link, or a named one, by the standards and rule of a scheme.

    Args:
        workbench: Settings and doors.
        link_id: The link.
        scheme_id: Id of a shipped scheme, or the path of a scheme file.
        run_id: One of the link's runs; the latest where empty.
        explain: A requirement that somebody wants explained; it must exist.

    Raises:
        InputError: unknown link, run, scheme or requirement; a run not recomputed yet.
    """
    scheme, standards = load_rules(scheme_id)
    known = {row.requirement_id for one in standards for row in one.requirements}
    if explain and explain not in known:
        raise InputError(
            f"the scheme has no requirement {explain!r}",
            where="--explain",
            next_step=f"one of: {', '.join(sorted(known))}",
        )
    with workbench.write("assess", link_id) as unit:
        case = load_case(
            unit,
            link_id,
            run_id=run_id,
            scheme=scheme,
            standards=standards,
            coverage_probability=workbench.coverage_probability,
        )
        conclusions = conclude(case, functions())
        label = f"ASSESSMENT-{unit.sequence}"
        unit.findings.add(label, finding_records(label, case, conclusions))
        unit.note("assessment", label)
        unit.note("run", case.run.run_id)
        unit.note("scheme", scheme.scheme_id)
        unit.note("scheme_digest", scheme_digest(scheme))
        unit.note("standards", {one.standard_id: one.digest for one in case.standards})
        return Assessed(label, case, conclusions, unit.sequence)
