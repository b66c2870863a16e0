"""Compare the clocks of several links: adjust them as one network, and see whether loops close.

Inside: `close_loops`. Nothing is recorded.
"""

from __future__ import annotations

from qtrace.certification.closure_report import ClosureReport, ComparedRun, close_network
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.catalogue import protocol
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import ReadSession
from qtrace.workflow.workbench import Workbench

OFFSET, FREQUENCY = "clock_offset", "frequency_deviation"


def close_loops(
    workbench: Workbench, run_ids: tuple[str, ...], *, reference: str = ""
) -> ClosureReport:
    """Return what the latest recomputations of runs say of each other.

    Args:
        workbench: Settings and doors.
        run_ids: Runs that compare clocks; the endpoints of their links are the nodes.
        reference: The node whose clock is zero; empty for the first one of the first run.

    Raises:
        InputError: an unknown run, one that is named twice, compares no clocks or is not
            recomputed yet; a reference that is no node; nodes that are not connected.
    """
    twice = sorted({one for one in run_ids if run_ids.count(one) > 1})
    if twice:
        raise InputError(
            f"run {twice[0]} is named twice",
            where="RUN",
            next_step="name each run once: an offset is no second measurement of itself",
        )
    with workbench.read() as session:
        runs = tuple(_compared(session, run_id) for run_id in run_ids)
        wanted = [one.offset_id for one in runs]
        wanted += [one.frequency_id for one in runs if one.frequency_id is not None]
        dossier = load_dossier(session, wanted)
    return close_network(dossier, runs, reference=reference)


def _compared(session: ReadSession, run_id: str) -> ComparedRun:
    """Return a run with the results of its latest round."""
    run = session.links.run(run_id)
    if not run.protocol or not protocol(run.protocol).comparison:
        raise InputError(
            f"run {run_id} compares no clocks: it is no link of a network of clocks",
            where=f"run {run_id}",
            next_step="name runs of protocols time_...: `qtrace run list`",
        )
    events = [one for one in session.events.of_run(run_id) if one.kind is EventKind.RECOMPUTATION]
    if not events:
        raise InputError(
            f"run {run_id} is not recomputed yet",
            where=f"run {run_id}",
            next_step=f"qtrace recompute {run_id}",
        )
    latest = max(events, key=lambda one: round_of(one.label))
    ids = {one.name: one.result_id for one in session.events.results_of(latest.label)}
    if OFFSET not in ids:
        raise InputError(
            f"the latest round of run {run_id} has no clock offset: a calibration was missing",
            where=f"run {run_id}",
            next_step=f"`qtrace recompute {run_id}` says which one",
        )
    return ComparedRun(
        run_id,
        run.link_id,
        session.links.by_id(run.link_id).endpoints,
        run.provenance,
        ids[OFFSET],
        ids.get(FREQUENCY),
    )
