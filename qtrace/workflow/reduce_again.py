"""Reduce the raw files of recomputed runs again, and compare with the inputs on record.

Inside: `reduce_again`.
"""

from __future__ import annotations

from qtrace.certification.audit_findings import AuditFinding
from qtrace.errors import QtraceError
from qtrace.exchange.run_record import read_record
from qtrace.laboratory.event import Event, EventKind
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.timing.sync_readings import sync_readings
from qtrace.metrics.timing.sync_results import input_name
from qtrace.registry.unit_of_work import ReadSession
from qtrace.workflow.workbench import Workbench

# The same tags on another machine, with another library below: far below what u would notice.
MOST_IN_U = 1e-3
ROUNDING = 1e-12  # relative


def reduce_again(workbench: Workbench) -> tuple[int, tuple[AuditFinding, ...]]:
    """Return how many runs were reduced again, and what is not as it is on record.

    What cannot be reduced any more is a finding, too.
    """
    found: list[AuditFinding] = []
    done = 0
    with workbench.read() as session:
        for run in session.links.runs():
            events = [
                one
                for one in session.events.of_run(run.run_id)
                if one.kind is EventKind.RECOMPUTATION
            ]
            if not run.files or not events:
                continue
            done += 1
            latest = max(events, key=lambda one: round_of(one.label))
            found += [
                AuditFinding("reduction", 0, text)
                for text in _differences(workbench, session, run, latest)
            ]
    return done, tuple(found)


def _differences(workbench: Workbench, session: ReadSession, run: Run, event: Event) -> list[str]:
    """Compare each reading with the input that was recorded from it."""
    form = protocol(run.protocol)
    stored = {one.name: one for one in session.events.inputs_of(event.label)}
    try:
        record = read_record(run, form, workbench.raw_files().checked, progress=workbench.progress)
        readings = sync_readings(run, form, record)
    except QtraceError as error:
        return [f"{run.run_id}: cannot be reduced again: {error.what}"]
    wrong = []
    for reading in readings:
        for argument, (value, u, _) in reading.taken.items():
            name = input_name(reading, argument)
            if name not in stored:
                continue  # its figure was left out
            was = stored[name]
            allowed = MOST_IN_U * max(u, was.standard_uncertainty) + ROUNDING * abs(value)
            if abs(value - was.estimate) > allowed:
                wrong.append(
                    f"{event.label}, {name}: {was.estimate!r} on record, the raw files give "
                    f"{value!r}"
                )
    return wrong
