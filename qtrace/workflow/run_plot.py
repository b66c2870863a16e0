"""Look at a run that compares two clocks: reduce its raw files again and put the view together.

Inside: `view_run`. Nothing is recorded.
"""

from __future__ import annotations

import difflib

from qtrace.errors import InputError
from qtrace.exchange.pack_files import load_packs
from qtrace.exchange.run_record import read_intervals, read_record
from qtrace.laboratory.link import Link
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.timing.sync_view import DRAWN, LimitCurve, SyncView, view_of
from qtrace.quantity.units import parse_unit
from qtrace.standards.mask_curves import NamedMask, masks_of
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
    limits = _limits(masks, link)
    raw = workbench.raw_files()
    record = read_record(run, form, raw.checked, progress=workbench.progress)
    return view_of(
        run_id,
        link.title,
        provenance=run.provenance,
        record=record,
        limits=limits,
        intervals=read_intervals(run, raw.checked) if intervals else (),
    )


def _limits(masks: tuple[str, ...], link: Link) -> tuple[LimitCurve, ...]:
    """Return the limits of requirements, from the packs at hand.

    Raises:
        InputError: an unknown requirement, or a limit of what is not drawn.
    """
    if not masks:
        return ()
    known = masks_of(one.pack for one in load_packs())
    return tuple(_limit(name, known, link) for name in dict.fromkeys(masks))


def _limit(name: str, known: dict[str, NamedMask], link: Link) -> LimitCurve:
    found = known.get(name)
    if found is None:
        close = difflib.get_close_matches(name.upper(), known, n=3, cutoff=0.4)
        near = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"
        raise InputError(f"no requirement {name!r} has a mask", where="--mask", next_step=near)
    quantity = found.evidence_item.rpartition(".")[2]
    if quantity not in DRAWN:
        raise InputError(
            f"{name} limits {quantity.replace('_', ' ')}, which is not drawn",
            where="--mask",
            next_step=f"drawn are: {', '.join(one.replace('_', ' ') for one in DRAWN)}",
        )
    label = f"{found.standard_id} {found.requirement_id}"
    factor = float(parse_unit(found.unit).factor)
    declared = {one.name: one.value for one in link.declarations}.get(found.declaration)
    if declared is not None:
        # A mask with a declaration has one flat segment; the link's own limit takes its place.
        return LimitCurve(
            f"{label}, as the link declares",
            quantity,
            ((found.mask.start_s, found.mask.end_s, declared, 0.0),),
        )
    return LimitCurve(
        label,
        quantity,
        tuple(
            (one.above_s, one.up_to_s, one.limit * factor, one.slope * factor)
            for one in found.mask.segments
        ),
    )
