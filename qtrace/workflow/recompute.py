"""Recompute a run: bring its devices' calibrations to the time of use, then its metrics.

Inside: `Recomputed`, `recompute`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.exchange.run_record import read_record
from qtrace.laboratory.event import Event, EventKind, Origin
from qtrace.laboratory.link import CALIBRATION_CHOICES, Run
from qtrace.laboratory.run_labels import recomputation_label, round_of
from qtrace.metrics.calibrated_uses import calibrated_uses
from qtrace.metrics.catalogue import functions, protocol
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.run_figures import Calibrated, pair_result, run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_readings import sync_readings
from qtrace.metrics.timing.sync_results import sync_results
from qtrace.registry.device_use import KINDS_IN_USE
from qtrace.registry.dossier import load_dossier
from qtrace.registry.role_use import record_use
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.workflow.workbench import Workbench

EFFICIENCY = KINDS_IN_USE[0]
PAIR_METRIC = "detector.efficiency_ratio"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a recomputation gave: results as printed, and what was left out, with the reason."""

    run_id: str
    results: tuple[ResultStatement, ...]
    left_out: tuple[str, ...]
    sequence: int


def recompute(workbench: Workbench, run_id: str, *, calibration: str = "") -> Recomputed:
    """Record in-use results and the metrics of a run, in one unit of work.

    Args:
        workbench: Settings and doors.
        run_id: The run; each recomputation is a new round, earlier ones stay.
        calibration: One of `CALIBRATION_CHOICES` for all roles; as the run says where empty.

    Raises:
        InputError: unknown run or choice; counts that give no figure.
    """
    if calibration not in {"", *CALIBRATION_CHOICES}:
        raise InputError(
            f"{calibration!r} says of no calibration which one serves",
            where="--calibration",
            next_step=f"choose one of: {', '.join(CALIBRATION_CHOICES)}",
        )
    record = _record(workbench, run_id)
    with workbench.write("recompute", run_id) as unit:
        run = unit.links.run(run_id)
        link = unit.links.by_id(run.link_id)
        left_out: list[str] = []
        ids: list[int] = []
        before = [round_of(event.label) for event in unit.events.of_run(run_id)]
        number = max(before, default=0) + 1
        efficiencies: dict[str, int] = {}
        arguments: dict[str, int] = {}
        for role in run.roles:
            used, limits = record_use(
                unit, run, role, number=number, left_out=left_out, calibration=calibration
            )
            ids.extend(used.values())
            if EFFICIENCY in limits:
                left_out.append(f"{role.role}: a limit of its efficiency enters no figure of pairs")
            elif EFFICIENCY in used:
                efficiencies[role.role] = used[EFFICIENCY]
            for use in calibrated_uses(_form(run), run, role):
                if use.name in used and use.name not in limits:
                    arguments[use.argument] = used[use.name]
        figures = _Figures(link.protocol, efficiencies, arguments, record)
        ids.extend(_record_metrics(unit, run, figures, number=number, left_out=left_out))
        dossier = load_dossier(unit, ids)
        statements = tuple(
            state_result(
                dossier,
                result_id,
                coverage_probability=workbench.coverage_probability,
                functions=functions(),
            )
            for result_id in ids
        )
        unit.note("left_out", left_out)
        return Recomputed(run_id, statements, tuple(left_out), unit.sequence)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What metrics are made from besides counts: results in use by role, and by argument."""

    protocol: str
    efficiencies: dict[str, int]
    arguments: dict[str, int]
    record: OffsetRecord | None = None


def _record(workbench: Workbench, run_id: str) -> OffsetRecord | None:
    """Return what the raw files of a run give; outside the ledger's lock, since it takes long."""
    with workbench.read() as session:
        run = session.links.run(run_id)
    form = _form(run)
    if form is None or not form.comparison:
        return None
    return read_record(run, form, workbench.raw_files().checked, progress=workbench.progress)


def _form(run: Run) -> Protocol | None:
    return protocol(run.protocol) if run.protocol else None


def _record_metrics(
    unit: UnitOfWork, run: Run, wanted: _Figures, *, number: int, left_out: list[str]
) -> list[int]:
    """Record the recomputation event: metrics from counts, and of the pair of receivers."""
    network = unit.network(wanted.arguments.values())
    calibrated = Calibrated(
        network, {name: (i, network.result(i).value) for name, i in wanted.arguments.items()}
    )
    if wanted.record is not None:
        inputs, origins, figures, skipped = sync_results(
            run, sync_readings(run, protocol(run.protocol), wanted.record), calibrated=calibrated
        )
    else:
        inputs, origins = run_inputs(run, _form(run))
        planned = None
        if run.plan_id:
            planned = unit.plans.by_id(run.plan_id), unit.plans.recorded_at(run.plan_id)
        figures, skipped = run_results(
            run, wanted.protocol, inputs, calibrated=calibrated, plan=planned
        )
    left_out.extend(skipped)
    results = list(figures)
    if len(wanted.efficiencies) == 2:
        (a, first), (b, second) = sorted(wanted.efficiencies.items())
        network = unit.network([first, second])
        results.append(
            pair_result(
                PAIR_METRIC,
                (a, first, network.result(first).value),
                (b, second, network.result(second).value),
                network=network,
            )
        )
    event = Event(
        0,
        recomputation_label(run.run_id, number),
        EventKind.RECOMPUTATION,
        "",
        "",
        run.ended,
        run_id=run.run_id,
        procedure="metrics of the catalogue from counts or tags and calibrated results in use",
        source=run.source,
        origins={name: origin for name, origin in origins.items() if origin != Origin()},
    )
    return list(unit.events.record(event, inputs, (), results).result_ids.values())
