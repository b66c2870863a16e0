"""Weigh the key that uses need against what a run certified, or against a claim.

Inside: `WeighedSupply`, `weigh_supply`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError, QtraceError
from qtrace.exchange.supply_file import SupplyPlan, read_supply_file
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.net_key import disclosed_bits
from qtrace.metrics.supply.key_supply import Balance, Store, Supply, net_supply, weigh
from qtrace.quantity.kinds import kind
from qtrace.quantity.value import parse_quantity
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.walk import build_chain
from qtrace.workflow.workbench import Workbench

CERTIFIED, ESTIMATED = "key_length_certified", "key_length_finite"
CLAIM = "a claim: no run with counts stands behind it"


@dataclass(frozen=True, slots=True)
class WeighedSupply:
    """A balance, and the file that it is of; `run_id` is empty where the supply is a claim."""

    plan_id: str
    title: str
    run_id: str
    balance: Balance


def weigh_supply(
    workbench: Workbench, file: Path, *, run_id: str = "", rate: str = ""
) -> WeighedSupply:
    """Return demand against supply; nothing is recorded.

    Args:
        workbench: Settings and doors; the database is read only where a run is named.
        file: Supply file.
        run_id: A recomputed run whose certified length is the supply.
        rate: Or a rate that somebody claims, with its unit; else that of the file.

    Raises:
        InputError: both or none are given; an unknown run, or one without a finite length.
    """
    plan = read_supply_file(file)
    if run_id and rate:
        raise InputError(
            "a supply comes from a run or is a claim, not both",
            where="--run, --rate",
            next_step="leave one of the two out",
        )
    if run_id:
        with workbench.read() as session:
            supply = _of_run(session, run_id, plan)
    else:
        supply = _claimed(plan, rate)
    store = Store(plan.stored_bits, plan.bridge_s)
    return WeighedSupply(plan.plan_id, plan.title, run_id, weigh(supply, plan.uses, store=store))


def _claimed(plan: SupplyPlan, rate: str) -> Supply:
    """Return a rate that is only said."""
    if rate:
        try:
            read = parse_quantity(rate)
        except QtraceError as error:
            raise error.located("--rate") from None
        if read.unit.dimension != kind("count_rate").dimension or read.si < 0.0:
            raise InputError(
                f"{rate!r} is no rate of key",
                where="--rate",
                next_step='write --rate "1 kbit/s"',
            )
        return Supply(read.si, f"{read.text}, typed with the question", (CLAIM,))
    if plan.rate_bits_per_s is None:
        raise InputError(
            "nothing says what is supplied",
            where=f"supply {plan.plan_id}",
            next_step='name a run with --run, or a claim with --rate "1 kbit/s"',
        )
    origin = f"stated in the file: {plan.source or 'no source named'}"
    return Supply(plan.rate_bits_per_s, origin, (CLAIM,))


def _of_run(session: ReadSession, run_id: str, plan: SupplyPlan) -> Supply:
    """Return what the last recomputation of a run certified, per wall time."""
    run = session.links.run(run_id)
    events = session.events.of_run(run_id)
    rounds = [(round_of(one.label), one.label) for one in events if one.kind == "recomputation"]
    found = session.events.results_of(max(rounds)[1]) if rounds else ()
    lengths = [one for one in found if one.measurand.kind == CERTIFIED]
    doubts: list[str] = []
    if not lengths:
        lengths = [one for one in found if one.measurand.kind == ESTIMATED]
        doubts.append("not certified: the length at nominal values, not the least of a proof's set")
    if not lengths:
        raise InputError(
            f"run {run_id} has no finite key length on record",
            where=f"run {run_id}",
            next_step=f"compute it first: qtrace recompute {run_id}",
        )
    bits, label = _smallest(session, lengths)
    own_s = (run.ended - run.started).total_seconds()
    wall_s = own_s if plan.wall_time_s is None else plan.wall_time_s
    if wall_s < own_s:
        raise InputError(
            f"the wall time of {wall_s:g} s is shorter than the run itself, {own_s:g} s",
            where=f"supply {plan.plan_id}, wall_time",
            next_step="give all time from one block to the next, with pauses and aborted blocks",
        )
    told = disclosed_bits(run)
    per_s, flags = net_supply(bits, wall_s, spent_bits=(plan.spent_bits or 0.0) + told)
    doubts.extend(_doubts(run, plan))
    doubts.extend(_breaks(session, found))
    doubts.extend(dict.fromkeys(f for one in lengths for f in disqualifying(one.flags)))
    several = f", the smallest of {len(lengths)} bounds" if len(lengths) > 1 else ""
    spent = f" less {plan.spent_bits:.6g} bit spent" if plan.spent_bits else ""
    spent += f" less {told:.0f} bit told by its error counts" if told else ""
    origin = f"{label}{several}: {bits:.6g} bit{spent} in {wall_s:g} s of wall time"
    return Supply(per_s, "; ".join([origin, *flags]), tuple(doubts), wall_s)


def _breaks(session: ReadSession, found: Sequence[RecordedResult]) -> list[str]:
    """Return where the chains behind the length at calibrated values break, each once."""
    ids = [one.result_id for one in found if one.measurand.kind == ESTIMATED]
    if not ids:
        return []
    dossier = load_dossier(session, ids)
    lines = (f"chain: {one}" for i in ids for one in build_chain(dossier, i).breaks)
    return list(dict.fromkeys(lines))


def _smallest(session: ReadSession, lengths: Sequence[RecordedResult]) -> tuple[float, str]:
    """Return the smallest length: choosing the largest afterwards would be post hoc."""
    values = session.events.stored_values(one.result_id for one in lengths)
    least = min(lengths, key=lambda one: values[one.result_id][0])
    return values[least.result_id][0], least.label


def _doubts(run: Run, plan: SupplyPlan) -> list[str]:
    """Return why a run's length per time may be more than the link supplies."""
    doubts = []
    if plan.wall_time_s is None:
        doubts.append("gross: time of the run alone, without aborts, dead and calibration time")
    if plan.spent_bits is None:
        doubts.append("gross: key spent on authentication and verification is not subtracted")
    if run.provenance != "measured":
        doubts.append(f"the run is {run.provenance}, not measured here")
    if run.from_memory:
        doubts.append(f"from memory: {', '.join(run.from_memory)}")
    if not (run.planned or run.protocol):  # of the others the flags of the figure tell
        doubts.append("post hoc: bound and blocks were not planned before the run")
    return doubts
