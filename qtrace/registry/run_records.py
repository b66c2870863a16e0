"""Case files from the database, and findings into it.

Inside: `load_case`, `finding_records`.
"""

from __future__ import annotations

from qtrace.certification.assemble import assemble
from qtrace.certification.case import AppliedStandard, CaseFile
from qtrace.certification.codec import encode
from qtrace.certification.conclude import Conclusions
from qtrace.certification.scheme import Scheme
from qtrace.errors import InputError
from qtrace.laboratory.run_labels import round_of
from qtrace.registry.dossier import load_dossier
from qtrace.registry.findings import FindingRecord
from qtrace.registry.unit_of_work import ReadSession


def load_case(
    session: ReadSession,
    link_id: str,
    *,
    run_id: str,
    scheme: Scheme,
    standards: tuple[AppliedStandard, ...],
    coverage_probability: float,
) -> CaseFile:
    """Return the case file of a run of a link, the latest run where none is named.

    Args:
        session: An open reading or writing session.
        link_id: The link.
        run_id: One of its runs, or empty.
        scheme: Rules of the judgement.
        standards: The scheme's standards as applied.
        coverage_probability: p of expanded uncertainties.

    Raises:
        InputError: unknown link or run, a run of another link, or one not recomputed yet.
    """
    link = session.links.by_id(link_id)
    runs = session.links.runs(link_id)
    if not runs:
        raise InputError(f"link {link_id} has no run on record", next_step="qtrace run add FILE")
    if run_id:
        run = session.links.run(run_id)
        if run.link_id != link_id:
            raise InputError(f"run {run_id} belongs to link {run.link_id}, not {link_id}")
    else:
        run = runs[-1]
    events = session.events.of_run(run.run_id)
    latest = max((round_of(event.label) for event in events), default=1)
    results = [
        result.result_id
        for event in events
        if round_of(event.label) == latest
        for result in session.events.results_of(event.label)
    ]
    if not results:
        raise InputError(
            f"run {run.run_id} has not been recomputed",
            next_step=f"qtrace recompute {run.run_id}",
        )
    devices = {
        role.device_id: session.devices.by_id(role.device_id)
        for role in run.roles
        if role.device_id
    }
    return assemble(
        link,
        run,
        devices=devices,
        dossier=load_dossier(session, results),
        scheme=scheme,
        standards=standards,
        coverage_probability=coverage_probability,
    )


def finding_records(
    label: str, case: CaseFile, conclusions: Conclusions
) -> tuple[FindingRecord, ...]:
    """Return findings as they are stored under the label of an assessment."""
    return tuple(
        FindingRecord(
            label,
            "link",
            case.link.link_id,
            finding.standard_id,
            case.scheme.scheme_id,
            finding.requirement_id,
            encode(finding),
        )
        for finding in conclusions.findings
    )
