"""Plans of runs, recorded before them; run files to fill in; what all runs of a plan come to.

Inside: `record_plan`, `template`, `PlannedKey`, `planned_key`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.certification.codec import encode
from qtrace.errors import InputError, QtraceError
from qtrace.exchange.plan_file import read_plan_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import ABORTED, Run
from qtrace.laboratory.run_plan import RunPlan
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.net_key import (
    AUTHENTICATION,
    FAILURES,
    VERIFICATION,
    Block,
    NetKey,
    disclosed_bits,
    net_key,
)
from qtrace.metrics.planned import plans_in_the_way
from qtrace.registry.unit_of_work import ReadSession
from qtrace.workflow.workbench import Workbench


def record_plan(workbench: Workbench, path: Path, *, dry_run: bool = False) -> RunPlan:
    """Record a plan; the ledger keeps when.

    Raises:
        InputError: anything wrong in the file; the link is unknown or runs another protocol; the
            plan is recorded already.
    """
    draft = read_plan_file(path)
    session = workbench.rehearse if dry_run else workbench.write
    with session("plan run", draft.plan.plan_id) as unit:
        try:
            link = unit.links.by_id(draft.plan.link_id)
            if link.protocol != draft.plan.protocol:
                raise InputError(
                    f"the plan is for {draft.plan.protocol}, {link.link_id} runs {link.protocol}",
                    next_step="correct the protocol of the plan, or its link",
                )
            rivals = plans_in_the_way(draft.plan, unit.plans.all(draft.plan.link_id))
            if rivals:
                raise InputError(
                    f"the time of the plan is that of {', '.join(rivals)} on the same link",
                    next_step="one plan at a time: of two, the better could be shown",
                )
            unit.plans.add(draft.plan, document_digest=draft.digest)
        except QtraceError as error:
            raise error.located(str(draft.place)) from None
        unit.note("plan", encode(draft.plan))
    return draft.plan


def template(name: str) -> str:
    """Return the text of a run file of a protocol, to be filled in.

    Raises:
        InputError: unknown protocol.
    """
    return run_template(protocol(name))


@dataclass(frozen=True, slots=True)
class PlannedKey:
    """All runs of a plan, or of a link without one, with their totals."""

    link_id: str
    plan_id: str
    bound: str
    stop_rule: str
    blocks: tuple[Block, ...]
    totals: NetKey
    not_proven: tuple[str, ...]


def planned_key(workbench: Workbench, plan_id: str) -> PlannedKey:
    """Return what all runs of a plan come to; nothing is recorded.

    Raises:
        InputError: unknown plan, or no run of it on record.
    """
    with workbench.read() as session:
        plan = session.plans.by_id(plan_id)
        runs = [one for one in session.links.runs(plan.link_id) if one.plan_id == plan_id]
        if not runs:
            raise InputError(
                f"no run of plan {plan_id} is on record",
                next_step=f'record one with plan = "{plan_id}": `qtrace run add FILE`',
            )
        blocks = tuple(_block(session, run, plan) for run in runs)
    flags = dict.fromkeys(
        flag for one in blocks if not one.aborted for flag in disqualifying(one.flags)
    )
    return PlannedKey(
        plan.link_id,
        plan_id,
        plan.bound,
        plan.stop_rule,
        blocks,
        net_key(blocks, planned_blocks=plan.blocks),
        tuple(flags),
    )


def _block(session: ReadSession, run: Run, plan: RunPlan) -> Block:
    """Return one run as a block, with its certified figure of the latest recomputation."""
    form = protocol(plan.protocol)
    proof = form.proof(plan.bound)
    wanted = proof.metric_id if proof else ""
    value: float | None = None
    epsilon = 0.0
    flags: tuple[str, ...] = ()
    for event in session.events.of_run(run.run_id):
        found = session.events.results_of(event.label)
        network = session.network([one.result_id for one in found])
        for one in found:
            model = network.result(one.result_id).model.text
            if model == wanted:
                value, flags = network.result(one.result_id).value, one.flags
            elif model == f"qkd.{form.name}.epsilon_total":
                epsilon = network.result(one.result_id).value
    return Block(
        run.run_id,
        run.started,
        run.ended,
        run.status == ABORTED,
        value,
        epsilon,
        run.parameters.get(AUTHENTICATION),
        run.parameters.get(VERIFICATION),
        disclosed_bits(run),
        flags,
        tuple((name, run.parameters[name]) for name in FAILURES if name in run.parameters),
    )
