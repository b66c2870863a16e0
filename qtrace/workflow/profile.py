"""The attribute profile of a run.

Inside: `profile_run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qtrace.certification.assemble import figures_of
from qtrace.certification.key_report import KeyReport, key_report
from qtrace.certification.profile import Profile, RunContext, attribute_profile
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.link import Link, Run
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.advantage.statement import Advantage
from qtrace.metrics.catalogue import functions, protocol
from qtrace.metrics.protocol import Protocol
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier
from qtrace.workflow.workbench import Workbench

NO_PROTOCOL = "the run names no protocol, so no bound was chosen and no proof is known for it"


def profile_run(workbench: Workbench, run_id: str) -> Profile:
    """Return the attribute profile of the latest recomputation of a run; nothing is recorded.

    Raises:
        InputError: unknown run, or one that is not recomputed yet.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        link = session.links.by_id(run.link_id)
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
        items = _items(dossier, run, link, ids)
        advantages, why = _advantages(session, run, items)
    form = protocol(run.protocol) if run.protocol else None
    context = RunContext(
        run,
        dossier,
        functions(),
        workbench.coverage_probability,
        items,
        advantages,
        why,
    )
    return attribute_profile(
        context,
        link,
        ids,
        key=_key(run, form, dossier, ids),
        no_security=form.no_security_outcome if form else NO_PROTOCOL,
    )


def _advantages(
    _session: ReadSession, _run: Run, _items: Mapping[int, tuple[str, ...]]
) -> tuple[dict[int, tuple[Advantage, ...]], dict[int, str]]:
    """Return how results stand against the baselines on record, and why others do not.

    The one place where baselines enter. Without a register of them there is none on record.
    """
    return {}, {}


def _items(
    dossier: Dossier, run: Run, link: Link, ids: tuple[int, ...]
) -> dict[int, tuple[str, ...]]:
    """Return under which names of evidence a result is known."""
    found: dict[int, tuple[str, ...]] = {}
    for one in figures_of(dossier, run, link):
        if one.result_id in ids:
            found[one.result_id] = (*found.get(one.result_id, ()), one.item)
    return found


def _key(
    run: Run, form: Protocol | None, dossier: Dossier, ids: tuple[int, ...]
) -> KeyReport | None:
    """Return what a run proves of its key, None where no proof gave a figure."""
    if form is None:
        return None
    proven = {one.metric_id for one in form.proofs}
    if not any(dossier.network.result(one).model.text in proven for one in ids):
        return None
    own = {i: one for i, one in dossier.results.items() if i in ids}
    rest = {
        i: one
        for i, one in dossier.results.items()
        if dossier.events[one.event_label].kind is not EventKind.RECOMPUTATION
    }
    return key_report(run, form, replace(dossier, results={**rest, **own}))
