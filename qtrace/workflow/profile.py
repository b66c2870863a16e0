"""The attribute profile of a run.

Inside: `profile_run`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.certification.assemble import figures_of
from qtrace.certification.profile import Profile, RunContext, attribute_profile
from qtrace.certification.proven_key import proven_key
from qtrace.laboratory.link import Link, Run
from qtrace.metrics.advantage.statement import Advantage
from qtrace.metrics.catalogue import functions, protocol
from qtrace.registry.dossier import load_dossier
from qtrace.registry.latest_round import latest_round
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
        run, ids = latest_round(session, run_id)
        link = session.links.by_id(run.link_id)
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
        key=proven_key(run, dossier, ids),
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
