"""What a run says of two clocks.

Inside: `report_sync`.
"""

from __future__ import annotations

from qtrace.certification.sync_report import SyncReport, sync_report
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.catalogue import functions, protocol
from qtrace.registry.dossier import load_dossier
from qtrace.workflow.workbench import Workbench


def report_sync(workbench: Workbench, run_id: str) -> SyncReport:
    """Return what the latest recomputation of a run says of its clocks; nothing is recorded.

    Raises:
        InputError: unknown run, one that compares no clocks, or one that is not recomputed yet.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        if not run.protocol or not protocol(run.protocol).comparison:
            raise InputError(
                f"run {run_id} compares no clocks",
                where=f"run {run_id}",
                next_step=f"of a key run: `qtrace run key {run_id}`",
            )
        events = [
            one for one in session.events.of_run(run_id) if one.kind is EventKind.RECOMPUTATION
        ]
        if not events:
            raise InputError(
                f"run {run_id} is not recomputed yet", next_step=f"qtrace recompute {run_id}"
            )
        latest = max(events, key=lambda one: round_of(one.label))
        ids = tuple(one.result_id for one in session.events.results_of(latest.label))
        dossier = load_dossier(session, ids)
    return sync_report(
        run,
        dossier,
        ids,
        coverage_probability=workbench.coverage_probability,
        functions=functions(),
    )
