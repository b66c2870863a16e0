"""Bring what is known of a device in a role to the time of a run, and record it as a use.

Inside: `record_use`.
"""

from __future__ import annotations

from dataclasses import replace

from qtrace.laboratory.curve_names import MADE_HERE
from qtrace.laboratory.link import RoleUse, Run
from qtrace.metrics.calibrated_uses import calibrated_uses
from qtrace.metrics.catalogue import protocol
from qtrace.registry.curves import curve_in_use
from qtrace.registry.device_use import KINDS_IN_USE, ageing, resolve_role, use_event
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.traceability.curve_in_use import stated_by
from qtrace.traceability.forms import ESTIMATE
from qtrace.traceability.in_use import UsedResult, in_use_result
from qtrace.uncertainty.inputs import InputQuantity


def record_use(
    unit: UnitOfWork,
    run: Run,
    role: RoleUse,
    *,
    number: int,
    left_out: list[str],
    calibration: str,
) -> tuple[dict[str, int], frozenset[str]]:
    """Record the use event of one role; return result ids by kind, and which are limits."""
    if not role.device_id:
        left_out.append(f"{role.role}: {role.described_as or 'device'} is not on record")
        return {}, frozenset()
    event = use_event(run, role, number, calibration=calibration)
    form = protocol(run.protocol) if run.protocol else None
    made: list[UsedResult] = []
    stated: dict[str, InputQuantity] = {}  # conditions of use with their u, shared by all kinds
    for use in calibrated_uses(form, run, role, always=KINDS_IN_USE):
        in_use, reasons = resolve_role(unit, run, role, use=use, calibration=calibration)
        left_out.extend(f"{role.role}: {reason}" for reason in reasons)
        if in_use is None:
            continue
        source = in_use.source
        if unit.network([source.result_id]).result(source.result_id).model.text in MADE_HERE:
            point = curve_in_use(unit, in_use, use.conditions, stated)
            made.append(UsedResult(replace(point, name=use.name)))
            continue
        # What came between is judged when the calibration is chosen.
        aged = replace(ageing(unit, in_use.source, event), adjusted="")
        needed = {one.result_id for one in (in_use.source, in_use.closing) if one is not None}
        network = unit.network(needed | ({aged.fitted} if aged.fitted is not None else set()))
        brought = in_use_result(in_use, aged, network=network, conditions=use.conditions)
        brought.result = replace(brought.result, name=use.name)
        made.append(brought)
    if not made:
        return {}, frozenset()
    origins = {name: origin for one in made for name, origin in one.origins.items()}
    origins.update(stated_by(run.run_id, stated))
    inputs = [*(quantity for one in made for quantity in one.inputs), *stated.values()]
    results = [one.result for one in made]
    event = replace(event, origins=origins)
    recorded = unit.events.record(event, inputs, (), results)
    limits = frozenset(one.name for one in results if one.form != ESTIMATE)
    return dict(recorded.result_ids), limits
