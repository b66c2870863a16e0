"""What a shift, a wider uncertainty or the withdrawal of an event does to all that rests on it.

Inside: `parse_change`, `impact`. First order, from the stored sensitivities; nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.registry.arrays import labels_of
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.fleet_answers import (
    Change,
    ChangedResult,
    ChangeKind,
    ImpactAnswer,
    parse_change,
)
from qtrace.uncertainty.effects import (
    effect_of_shift,
    entering_variance,
    share_of_variance,
    widened_uncertainty,
)
from qtrace.uncertainty.fleet import FleetArrays, Integers, Numbers
from qtrace.uncertainty.set_figures import set_uncertainties
from qtrace.uncertainty.sweeps import descendants
from qtrace.workflow.workbench import Workbench

__all__ = ("impact", "parse_change")

# Up to so many descendants u is computed again; beyond, the stored one is taken and said.
EXACT_UP_TO = 20_000
PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class _Effect:
    """What happens to every result: change of value and new u (None: none may be stated)."""

    shift: Numbers
    new_u: Numbers | None
    rank: Numbers


def impact(
    workbench: Workbench, label: str, change: Change, *, of: str = "", top: int = 0
) -> ImpactAnswer:
    """Return what a change of an event does to every result that rests on it.

    A shift moves all results of the event (or the one named; or, where it has none, its inputs)
    by that amount; what rests on them follows by its sensitivities. A wider uncertainty is that
    of the inputs which the event owns. After a withdrawal nothing may be stated any more; shown
    is how much each result hangs on the event.

    Args:
        workbench: Settings and doors.
        label: Label of the event.
        change: What happens to it.
        of: Name of one of its results, where only that is shifted.
        top: Descendants to name, 0 for all.

    Raises:
        InputError: no such event or result; an amount in another unit than its result; an event
            that brings in no uncertainty of its own is to be widened.
    """
    with workbench.read() as session:
        event = session.events.by_label(label)
        fleet = session.fleet()
        rows = np.flatnonzero(fleet.result_events == event.event_id)
        columns = np.flatnonzero(fleet.input_events == event.event_id)
        if of:
            wanted = session.events.result(f"{label}/{of}").result_id
            rows = rows[fleet.result_ids[rows] == wanted]
            columns = columns[:0]
        shifts = _shifts(session, fleet, rows, columns=columns, change=change)
        below = descendants(fleet, rows, columns)
        recorded = len(below) > EXACT_UP_TO
        u = fleet.result_uncertainties.copy()
        if not recorded:
            u[below] = set_uncertainties(fleet, below)[0]
        effect = _effect(fleet, change, shifts, u=u, columns=columns)
        others = below[~np.isin(below, rows)]
        order = others[np.lexsort((others, -effect.rank[others]))]
        return ImpactAnswer(
            label,
            change,
            _lines(session, fleet, rows, effect=effect, u=u),
            _lines(session, fleet, order[: top or None], effect=effect, u=u),
            len(others),
            recorded,
        )


def _shifts(
    session: ReadSession, fleet: FleetArrays, rows: Integers, *, columns: Integers, change: Change
) -> tuple[dict[int, float], dict[int, float]]:
    """Return the shifts of results and of inputs; one percent where nothing is shifted."""
    if not len(rows) and not len(columns):
        raise InputError("the event has neither results nor inputs: nothing rests on it")
    if change.kind is ChangeKind.WIDEN and not len(columns):
        raise InputError(
            "the event brings in no uncertainty of its own",
            where="--widen",
            next_step="widen the event that owns the input quantities; leave --of out",
        )
    part = change.amount if change.kind is ChangeKind.SHIFT else PERCENT
    if change.relative:
        if len(rows):
            return {int(row): part * float(fleet.values[row]) for row in rows}, {}
        return {}, {int(one): part * float(fleet.estimates[one]) for one in columns}
    if len(rows) != 1:
        raise InputError(
            f"the amount {change.text!r} fits one result only, and the event has {len(rows)}",
            where="--shift",
            next_step="name one with --of, or give a part in %",
        )
    ((_, unit),) = labels_of(session.connection, fleet.result_ids[rows].tolist()).values()
    if parse_quantity(change.text).unit.dimension != parse_unit(unit).dimension:
        raise InputError(
            f"{change.text!r} is no amount of a result in {unit}",
            where="--shift",
            next_step=f"give it in {unit}, or a part in %",
        )
    return {int(rows[0]): change.amount}, {}


def _effect(
    fleet: FleetArrays,
    change: Change,
    shifts: tuple[dict[int, float], dict[int, float]],
    *,
    u: Numbers,
    columns: Integers,
) -> _Effect:
    """Return what the change does to all results."""
    if change.kind is ChangeKind.WIDEN:
        entering = entering_variance(fleet, columns)
        wide = widened_uncertainty(u, entering, change.amount)
        return _Effect(np.zeros(fleet.size), wide, share_of_variance(u, entering))
    shift = effect_of_shift(fleet, *shifts)
    rank = np.full(fleet.size, np.inf)
    np.divide(np.abs(shift), u, out=rank, where=u > 0.0)
    rank[shift == 0.0] = 0.0
    return _Effect(shift, u if change.kind is ChangeKind.SHIFT else None, rank)


def _lines(
    session: ReadSession, fleet: FleetArrays, rows: Integers, *, effect: _Effect, u: Numbers
) -> tuple[ChangedResult, ...]:
    ids = fleet.result_ids[rows].tolist()
    labels = labels_of(session.connection, ids)
    lines = []
    for row, result_id in zip(rows.tolist(), ids, strict=True):
        value, shift = float(fleet.values[row]), float(effect.shift[row])
        new_u = None if effect.new_u is None else float(effect.new_u[row])
        withdrawn = effect.new_u is None
        lines.append(
            ChangedResult(
                *labels[result_id],
                value,
                float(u[row]),
                None if withdrawn else value + shift,
                new_u,
                shift if withdrawn else None,
                float(effect.rank[row]),
            )
        )
    return tuple(lines)
