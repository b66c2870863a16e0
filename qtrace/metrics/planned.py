"""Whether a run is what was planned before it, and whether its bound was chosen before it.

Inside: `plan_differences`, `block_of`, `blocks_beyond`, `plans_in_the_way`, `runs_at_that_time`,
`post_hoc_reason`, `BLOCK_TOLERANCE`.

A bound, an epsilon or a set of devices that is chosen when the counts are known can be chosen so
that the answer pleases; so can the run, out of many. Hence all of it is in the ledger before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from qtrace.laboratory.figure_flags import POST_HOC
from qtrace.laboratory.link import ABORTED, Run
from qtrace.laboratory.run_plan import RunPlan
from qtrace.metrics.net_key import MEASURED_PER_RUN
from qtrace.metrics.protocol import Proof

BLOCK_TOLERANCE = 0.1  # a block is cut where enough bits are there, seldom at the very bit


def plan_differences(run: Run, plan: RunPlan) -> tuple[str, ...]:
    """Return where a run departs from its plan, one line each; empty where it does not."""
    lines = []
    for what, planned, found in (
        ("link", plan.link_id, run.link_id),
        ("protocol", plan.protocol, run.protocol),
        ("bound", plan.bound, run.choices.get("bound", "")),
    ):
        if planned != found:
            lines.append(f"{what}: planned {planned or 'none'}, run with {found or 'none'}")
    chosen = {name: word for name, word in run.choices.items() if name != "bound"}
    lines.extend(_changed(plan.choices, chosen))
    declared = {k: v for k, v in run.parameters.items() if k not in MEASURED_PER_RUN}
    planned_values = {k: v for k, v in plan.parameters.items() if k not in MEASURED_PER_RUN}
    lines.extend(_changed(planned_values, declared))
    lines.extend(_changed(plan.assumptions, run.assumptions))
    lines.extend(
        f"{name}: the run takes it as ideal, the plan does not"
        for name in run.ideal_because
        if name not in plan.ideal_because
    )
    if not plan.planned_from <= run.started <= run.ended <= plan.planned_until:
        lines.append("time: the run is not within the time span of the plan")
    size = block_of(run)
    if run.status != ABORTED and abs(size - plan.block_size) > BLOCK_TOLERANCE * plan.block_size:
        lines.append(f"block size: planned {plan.block_size}, run with {size:.0f}")
    return tuple(lines)


def block_of(run: Run) -> float:
    """Return the size of a block: sifted bits of the key basis, or symbols used for the key.

    Where no basis is that of the key alone, the larger of the bases counts.
    """
    if not run.counts:
        return run.parameters.get("symbols_key", 0.0)
    rows: dict[str, int] = {}
    for name, number in run.counts.items():
        row = name.partition("_")[2]
        basis = "key" if row == "key" or row.startswith("key_") else row
        rows[basis] = rows.get(basis, 0) + number
    return float(rows["key"] if "key" in rows else max(rows.values()))


def plans_in_the_way(plan: RunPlan, others: Iterable[RunPlan]) -> tuple[str, ...]:
    """Return the plans of the same link whose time overlaps: of two, the better could be shown."""
    return tuple(
        one.plan_id
        for one in others
        if one.link_id == plan.link_id
        and one.plan_id != plan.plan_id
        and one.planned_from < plan.planned_until
        and plan.planned_from < one.planned_until
    )


def runs_at_that_time(run: Run, others: Iterable[Run]) -> tuple[str, ...]:
    """Return the runs of the same link that overlap in time: a link runs once at a time."""
    return tuple(
        one.run_id
        for one in others
        if one.protocol
        and one.link_id == run.link_id
        and one.run_id != run.run_id
        and one.started < run.ended
        and run.started < one.ended
    )


def blocks_beyond(run: Run, plan: RunPlan, earlier: Iterable[Run]) -> tuple[str, ...]:
    """Return why a run is one too many for its plan, in one line; empty where it is not.

    Aborted runs are on record, but are no blocks: a link that aborts goes on.
    """
    done = sum(one.status != ABORTED for one in earlier)
    if run.status == ABORTED or done < plan.blocks:
        return ()
    return (f"blocks: {plan.blocks} were planned, {done} are on record",)


def _changed(planned: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    names = dict.fromkeys((*planned, *found))
    return [
        f"{name}: planned {planned.get(name, 'nothing')}, run with {found.get(name, 'nothing')}"
        for name in names
        if planned.get(name) != found.get(name)
    ]


def post_hoc_reason(
    run: Run, proof: Proof, plan: RunPlan | None, recorded_at: datetime | None
) -> str:
    """Return why a certified figure was chosen after its run; empty where it was before.

    Args:
        run: The run.
        proof: The proof whose figure is meant.
        plan: The plan that the run names, None where it names none.
        recorded_at: When the ledger took the plan.
    """
    if plan is None or recorded_at is None:
        return f"{POST_HOC}: no plan was on record before the run"
    if recorded_at > run.started:
        return f"{POST_HOC}: plan {plan.plan_id} was recorded after the run began"
    if plan.bound != proof.bound:
        return f"{POST_HOC}: the plan chose the bound {plan.bound}, not {proof.bound}"
    return ""
