"""Recall a calibration: what rests on it, evaluated again; nothing changes until confirmed.

Inside: `read_request`, `recall`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qtrace.certification.codec import encode
from qtrace.certification.recalled import Recalled, impact_edges, remarks_on, result_impacts
from qtrace.certification.shipped import scheme_digest
from qtrace.errors import InputError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.pack_files import load_schemes, load_standards
from qtrace.laboratory.event import Withdrawal
from qtrace.metrics.catalogue import functions
from qtrace.registry.downstream import downstream, named_users, run_ids_of
from qtrace.registry.judgements import consequences
from qtrace.registry.recall_plan import RecallRequest, plan_recall
from qtrace.registry.recalls import DecisionEventRecord, RecallRecord
from qtrace.registry.unit_of_work import ReadSession, UnitOfWork
from qtrace.traceability.impact import SCREENING_RULE, RecallCause, ShiftModel, screen
from qtrace.traceability.reevaluate import reevaluate
from qtrace.workflow.workbench import Workbench


def read_request(
    cause: str,
    *,
    model: str = "worst",
    corrected: Path | None = None,
    **texts: str,
) -> RecallRequest:
    """Return a request from options as typed; `texts` are shift, value, u, result, input, found.

    Raises:
        InputError: unknown cause or model; a corrected file that is no calibration file.
    """
    for option, given, known in (("--cause", cause, RecallCause), ("--model", model, ShiftModel)):
        if given not in set(known):
            raise InputError(
                f"{given!r} is not known", where=option, next_step=f"one of: {', '.join(known)}"
            )
    draft = None if corrected is None else read_calibration(corrected)
    return RecallRequest(RecallCause(cause), ShiftModel(model), corrected=draft, **texts)


def recall(
    workbench: Workbench, label: str, request: RecallRequest, *, confirm: bool, reason: str = ""
) -> Recalled:
    """Work out what a recall does; record it and its decision events where confirmed.

    Args:
        workbench: Settings and doors.
        label: The recalled event.
        request: Cause and correction.
        confirm: Record it, in one unit of work; else only look.
        reason: Why, in words; needed to confirm.

    Raises:
        InputError: unknown event, a request that does not fit it, no reason, recalled already.
    """
    if not confirm:
        with workbench.read() as session:
            return _looked_at(session, label, request, workbench=workbench, reason=reason)
    if not reason.strip():
        raise InputError("a confirmed recall needs a reason", next_step="give --reason TEXT")
    with workbench.write("recall", label) as unit:
        found = _looked_at(unit, label, request, workbench=workbench, reason=reason)
        name = f"RECALL-{unit.sequence}"
        done = replace(found, confirmed=True, label=name, ledger_entry=unit.sequence)
        _record(unit, done, request.cause, workbench=workbench, reason=reason)
        return done


def _looked_at(
    session: ReadSession,
    label: str,
    request: RecallRequest,
    *,
    workbench: Workbench,
    reason: str,
) -> Recalled:
    event = session.events.by_label(label)
    plan = plan_recall(session, event, request)
    below = downstream(session, plan.start)
    judged = below.results if plan.judge_all or plan.change is None else below.judged()
    users_of_it = session.network(key[0] for key in plan.times)
    moved = dict.fromkeys(below.results, 0.0) | plan.screened(below.edges, users_of_it)
    kept = screen(moved, below.uncertainties, judged)
    network = session.network(kept)
    changes = plan.bounds(network, kept)
    linear = plan.first_order(below.edges, users_of_it, changes)
    about = session.events.recorded_results(below.results)
    worlds = [reevaluate(network, one, functions=functions()) for one in changes]
    withdrawal = None
    if request.cause is RecallCause.WITHDRAWN:
        withdrawal = Withdrawal(label, reason or "withdrawn", workbench.clock())
    users = named_users(session, event)
    inside = set(kept)
    left = [about[k].label for k in below.results if k not in inside]
    impacts = result_impacts(network, worlds, kept, about=about, runs=below.runs, linear=linear)
    remarks = list(remarks_on(impacts, about))
    if (
        plan.change is not None
        and not plan.doubt
        and not plan.judge_all
        and not any(any(one.values()) for one in linear)
    ):
        remarks.append("this correction moves nothing: what is on record is what it says")
    return Recalled(
        label,
        request.cause.value,
        request.model.value if plan.doubt else "",
        plan.correction,
        plan.doubt,
        plan.uses,
        plan.outside,
        impacts,
        tuple(left),
        SCREENING_RULE,
        users,
        consequences(
            session,
            plan,
            label,
            runs=frozenset(below.runs.values()) | run_ids_of(session, users),
            rules={scheme_digest(one): (one, load_standards(one)) for one in load_schemes()},
            withdrawal=withdrawal,
            coverage_probability=workbench.coverage_probability,
        ),
        impact_edges(network, kept, about),
        (*plan.warnings, *remarks),
    )


def _record(
    unit: UnitOfWork, done: Recalled, cause: RecallCause, *, workbench: Workbench, reason: str
) -> None:
    """Write the recall, the withdrawal that it may be, and one decision event per document."""
    now = workbench.clock()
    event = unit.events.by_label(done.calibration)
    unit.recalls.add(
        RecallRecord(
            done.label,
            event.label,
            event.event_id,
            cause.value,
            reason,
            done.correction,
            {"judgements": encode(done.judgements), "results": encode(done.results)},
            now,
        )
    )
    gone = {one.event_label for one in unit.events.withdrawals()}
    if cause is not RecallCause.OUT_OF_TOLERANCE_AS_FOUND and event.label not in gone:
        unit.events.withdraw(event.label, f"{done.label}, {cause}: {reason}", withdrawn_at=now)
    words = {}
    for one in done.judgements:
        if one.event:
            words[one.label] = one.event
            unit.recalls.add_decision_event(
                DecisionEventRecord(
                    one.label, one.event, f"{reason}: {one.reason}", now, done.label, encode(one)
                )
            )
    unit.note("recall", done.label)
    unit.note("cause", cause.value)
    unit.note("documents", words)
