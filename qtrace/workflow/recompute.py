"""Recompute a run: bring its devices' calibrations to the time of use, then its metrics.

Inside: `Recomputed`, `recompute`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.laboratory.curve_names import MADE_HERE
from qtrace.laboratory.event import Event, EventKind, Origin
from qtrace.laboratory.link import RoleUse, Run
from qtrace.laboratory.run_labels import recomputation_label, round_of
from qtrace.metrics.catalogue import functions
from qtrace.metrics.run_figures import pair_result, run_inputs, run_results
from qtrace.registry.curves import curve_in_use
from qtrace.registry.device_use import KINDS_IN_USE, resolve_role, use_event
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.traceability.curve_in_use import stated_by
from qtrace.traceability.forms import ESTIMATE
from qtrace.traceability.in_use import in_use_result
from qtrace.traceability.use import drift_input_name
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import standard_uncertainty
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


def recompute(workbench: Workbench, run_id: str) -> Recomputed:
    """Record in-use results and the metrics of a run, in one unit of work.

    Raises:
        InputError: unknown run; counts that give no figure.
    """
    with workbench.write("recompute", run_id) as unit:
        run = unit.links.run(run_id)
        link = unit.links.by_id(run.link_id)
        left_out: list[str] = []
        ids: list[int] = []
        before = [round_of(event.label) for event in unit.events.of_run(run_id)]
        number = max(before, default=0) + 1
        efficiencies: dict[str, int] = {}
        for role in run.roles:
            used, limits = _record_use(unit, run, role, number=number, left_out=left_out)
            ids.extend(used.values())
            if EFFICIENCY in limits:
                left_out.append(f"{role.role}: a limit of its efficiency enters no figure of pairs")
            elif EFFICIENCY in used:
                efficiencies[role.role] = used[EFFICIENCY]
        ids.extend(
            _record_metrics(
                unit, run, link.protocol, efficiencies, number=number, left_out=left_out
            )
        )
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


def _record_use(
    unit: UnitOfWork, run: Run, role: RoleUse, *, number: int, left_out: list[str]
) -> tuple[dict[str, int], frozenset[str]]:
    """Record the use event of one role; return result ids by kind, and which are limits."""
    if not role.device_id:
        left_out.append(f"{role.role}: {role.described_as or 'device'} is not on record")
        return {}, frozenset()
    results = []
    stated: dict[str, InputQuantity] = {}  # conditions of use with their u, shared by all kinds
    for kind in KINDS_IN_USE:
        in_use, reasons = resolve_role(unit, run, role, kind=kind)
        left_out.extend(f"{role.role}: {reason}" for reason in reasons)
        if in_use is None:
            continue
        source = in_use.source
        network = unit.network([source.result_id])
        if network.result(source.result_id).model.text in MADE_HERE:
            results.append(curve_in_use(unit, in_use, role.conditions, stated))
            continue
        rates = {one.name: one for one in unit.events.inputs_of(source.event_label)}
        results.append(
            in_use_result(
                in_use,
                rates.get(drift_input_name(source.name)),
                value=network.result(source.result_id).value,
                u=standard_uncertainty(network, source.result_id),
                conditions=role.conditions,
            )
        )
    if not results:
        return {}, frozenset()
    event = replace(use_event(run, role, number), origins=stated_by(run.run_id, stated))
    recorded = unit.events.record(event, tuple(stated.values()), (), results)
    limits = frozenset(one.name for one in results if one.form != ESTIMATE)
    return dict(recorded.result_ids), limits


def _record_metrics(
    unit: UnitOfWork,
    run: Run,
    protocol: str,
    efficiencies: dict[str, int],
    *,
    number: int,
    left_out: list[str],
) -> list[int]:
    """Record the recomputation event: metrics from counts, and of the pair of receivers."""
    inputs, origins = run_inputs(run)
    figures, skipped = run_results(run, protocol, inputs)
    left_out.extend(skipped)
    results = list(figures)
    if len(efficiencies) == 2:
        (a, first), (b, second) = sorted(efficiencies.items())
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
        procedure="metrics of the catalogue from counts and calibrated results in use",
        source=run.source,
        origins={name: origin for name, origin in origins.items() if origin != Origin()},
    )
    return list(unit.events.record(event, inputs, (), results).result_ids.values())
