"""Say of a run which figures are better than a classical baseline, at which confidence.

Inside: `state_advantages`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.certification.run_advantages import RunAdvantages, run_advantages
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of
from qtrace.registry.dossier import load_dossier
from qtrace.registry.held_baselines import held_baselines
from qtrace.registry.unit_of_work import ReadSession
from qtrace.workflow.workbench import Workbench


def state_advantages(
    workbench: Workbench, run_id: str, *, confidence: float = 0.95, baselines: Sequence[str] = ()
) -> RunAdvantages:
    """Return each figure of the latest recomputation against its baselines; nothing is recorded.

    Args:
        workbench: Settings and doors.
        run_id: A recomputed run.
        confidence: p of each statement, above 0.5 and below 1.
        baselines: Ids; all on record where empty.

    Raises:
        InputError: unknown run or baseline, a run that is not recomputed, no such confidence, or
            no baseline for any figure.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        link = session.links.by_id(run.link_id)
        ids = _latest(session, run_id)
        held = held_baselines(session, baselines)
        measured = {one.result_id for one in held if one.result_id}
        dossier = load_dossier(session, sorted(ids | measured))
    found = run_advantages(
        dossier,
        run,
        link,
        result_ids=ids,
        baselines=held,
        confidence=confidence,
        asked=bool(baselines),
    )
    if not found.rows and not found.not_compared:
        raise InputError(
            f"no baseline on record speaks of a figure of run {run_id}",
            where=f"run {run_id}",
            next_step="declare one: `qtrace baseline add FILE`; shipped: classical_2026",
        )
    return found


def _latest(session: ReadSession, run_id: str) -> frozenset[int]:
    """Return the results of the latest round of a run."""
    events = session.events.of_run(run_id)
    if not any(one.kind is EventKind.RECOMPUTATION for one in events):
        raise InputError(
            f"run {run_id} is not recomputed yet",
            where=f"run {run_id}",
            next_step=f"qtrace recompute {run_id}",
        )
    latest = max(round_of(one.label) for one in events)
    return frozenset(
        result.result_id
        for event in events
        if round_of(event.label) == latest
        for result in session.events.results_of(event.label)
    )
