"""What a run proves of its key.

Inside: `report_key`.
"""

from __future__ import annotations

from dataclasses import replace

from qtrace.certification.key_report import KeyReport, key_report
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.catalogue import protocol
from qtrace.registry.dossier import load_dossier
from qtrace.workflow.workbench import Workbench


def report_key(workbench: Workbench, run_id: str) -> KeyReport:
    """Return what the latest recomputation of a run proves of its key; nothing is recorded.

    Raises:
        InputError: unknown run, one that names no protocol, or one that is not recomputed yet.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        if not run.protocol:
            raise InputError(
                f"run {run_id} names no protocol, so no proof is known for it",
                next_step="a bbm92 run recorded without one: `qtrace run compare` shows its bounds",
            )
        events = [
            one for one in session.events.of_run(run_id) if one.kind is EventKind.RECOMPUTATION
        ]
        if not events:
            raise InputError(
                f"run {run_id} is not recomputed yet", next_step=f"qtrace recompute {run_id}"
            )
        latest = max(events, key=lambda one: round_of(one.label))
        ids = [one.result_id for one in session.events.results_of(latest.label)]
        dossier = load_dossier(session, ids)
    own = {i: one for i, one in dossier.results.items() if i in ids}
    rest = {
        i: one
        for i, one in dossier.results.items()
        if dossier.events[one.event_label].kind is not EventKind.RECOMPUTATION
    }
    return key_report(run, protocol(run.protocol), replace(dossier, results={**rest, **own}))
