"""Judge a recomputed run against standards: findings, recorded; no decision yet.

Inside: `Assessed`, `assess`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.shipped import scheme_digest
from qtrace.exchange.pack_files import load_scheme, load_standards
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


def assess(workbench: Workbench, link_id: str, *, scheme_id: str, run_id: str = "") -> Assessed:
    """Judge the latest run of a link, or a named one, by the standards and rule of a scheme.

    Raises:
        InputError: unknown link, run or scheme; a run that has not been recomputed.
    """
    scheme = load_scheme(scheme_id)
    standards = load_standards(scheme)
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
