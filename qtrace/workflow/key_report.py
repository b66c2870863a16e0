"""What a run proves of its key.

Inside: `report_key`.
"""

from __future__ import annotations

from dataclasses import replace

from qtrace.certification.key_capacity import plob_of
from qtrace.certification.key_report import KeyReport, key_report
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of, use_label
from qtrace.metrics.capacity_figures import CHANNEL_ROLE
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
        number = round_of(latest.label)
        ids = [one.result_id for one in session.events.results_of(latest.label)]
        channel = use_label(run_id, CHANNEL_ROLE, number)
        used = session.events.results_of(channel) if session.events.has(channel) else ()
        dossier = load_dossier(session, [*ids, *(one.result_id for one in used)])
    own = {i: one for i, one in dossier.results.items() if i in ids}
    rest = {
        i: one
        for i, one in dossier.results.items()
        if dossier.events[one.event_label].kind is not EventKind.RECOMPUTATION
    }
    dossier = replace(dossier, results={**rest, **own})
    form = protocol(run.protocol)
    report = key_report(run, form, dossier)
    return replace(report, plob=plob_of(report, run, form, dossier=dossier, number=number))
