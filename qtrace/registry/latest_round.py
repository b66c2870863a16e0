"""The latest round of recomputation of a run.

Inside: `latest_round`.
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_labels import round_of
from qtrace.registry.unit_of_work import ReadSession


def latest_round(session: ReadSession, run_id: str) -> tuple[Run, tuple[int, ...]]:
    """Return a run and the results of its latest recomputation, in order.

    Raises:
        InputError: unknown run, or one that is not recomputed yet.
    """
    run = session.links.run(run_id)
    events = [one for one in session.events.of_run(run_id) if one.kind is EventKind.RECOMPUTATION]
    if not events:
        raise InputError(
            f"run {run_id} is not recomputed yet", next_step=f"qtrace recompute {run_id}"
        )
    latest = max(events, key=lambda one: round_of(one.label))
    return run, tuple(one.result_id for one in session.events.results_of(latest.label))
