"""Do the records of a case fit each other? A sealed lie often breaks one record only.

Inside: `CASE_CHECKS`, `case_faults`.

What is derived from other records (which figure is evidence for what, how a calibrated value came
to its use, which counts a run gave) is derived again. What only the issuer knows is not checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from qtrace.certification.assemble import documents_of, figures_of
from qtrace.certification.case import CaseFile
from qtrace.certification.comparison_faults import comparison_faults
from qtrace.certification.curve_consistency import curve_faults, use_faults
from qtrace.certification.figure_consistency import argument_faults, brought_by_use
from qtrace.certification.form_checks import form_faults
from qtrace.certification.linear_faults import drift_faults, linear_faults
from qtrace.certification.standards_faults import standards_faults
from qtrace.errors import QtraceError
from qtrace.laboratory.event import LATER_PARENTS, Event, EventKind, RecordedResult
from qtrace.laboratory.link import RoleUse
from qtrace.laboratory.run_labels import (
    recomputation_label,
    round_of,
    use_label,
)
from qtrace.metrics.calibrated_uses import INTENSITY
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.run_inputs import run_inputs
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.standards.evidence import Provenance
from qtrace.traceability.in_use import CALIBRATED, CLOSING, DRIFT_RATE, expected_use
from qtrace.traceability.use import condition_misfits, drift_input_name
from qtrace.uncertainty.quantiles import shape_fault
from qtrace.uncertainty.random_walk import random_walk_faults
from qtrace.uncertainty.results import ModelKind, Result

WATERMARKS = frozenset({"", "SYNTHETIC"})
KEY_DISPOSITIONS = frozenset({"discarded", "never_used", "live"})
# Unit conversions of texts are correctly rounded once; the other way costs the last bits.
TEXT_TOLERANCE = 1e-12


def case_faults(case: CaseFile) -> list[str]:
    """Return what in a case contradicts something else in it, empty where nothing does."""
    faults: list[str] = []
    for check in CASE_CHECKS:
        try:
            faults.extend(check(case))
        except QtraceError as error:
            faults.append(error.what)
        except (KeyError, IndexError) as error:
            faults.append(f"a record names {error}, which is not in the document")
        if faults:  # later checks rely on earlier ones
            break
    return faults


def _names(case: CaseFile) -> Iterator[str]:
    """Check that every record stands under its own name, and that what is named is there."""
    dossier, network = case.dossier, case.dossier.network
    yield from _misplaced("result", ((k, r.result_id) for k, r in network.results.items()))
    yield from _misplaced("input", ((k, q.input_id) for k, q in network.inputs.items()))
    yield from _misplaced("result", ((k, r.result_id) for k, r in dossier.results.items()))
    yield from _misplaced("event", ((k, e.label) for k, e in dossier.events.items()))
    yield from _misplaced(
        "laboratory", ((k, one.laboratory_id) for k, one in dossier.laboratories.items())
    )
    yield from _misplaced(
        "withdrawal", ((k, one.event_label) for k, one in dossier.withdrawals.items())
    )
    if set(network.results) != set(dossier.results):
        yield "results and their descriptions are not about the same ids"
    if set(network.inputs) != set(dossier.input_owner):
        yield "input quantities and their owners are not about the same ids"
    for recorded in dossier.results.values():
        if recorded.event_label not in dossier.events:
            yield f"result {recorded.label} belongs to an event that is not in the document"
        parse_unit(recorded.unit)
    for input_id, (label, name) in dossier.input_owner.items():
        if label not in dossier.events:
            yield f"input {name} belongs to event {label}, which is not in the document"
        elif input_id in network.inputs and network.inputs[input_id].name != name:
            yield f"input {input_id} is called {network.inputs[input_id].name} and {name}"
    yield from _instruments(case)


def _instruments(case: CaseFile) -> Iterator[str]:
    """Check that each instrument comes with the calibrations of it that are in the document."""
    dossier = case.dossier
    for device, listed in dossier.instrument_results.items():
        for one in listed:
            if dossier.results.get(one.result_id) != one:
                yield f"calibration {one.label} of {device} is not that of the records"
    named = {
        origin.instrument
        for event in dossier.events.values()
        for origin in event.origins.values()
        if origin.instrument
    }
    missing = sorted(named - set(dossier.instrument_results))
    if missing:
        yield f"nothing is said about the instruments {', '.join(missing)}"


def _misplaced(what: str, pairs: Iterable[tuple[object, object]]) -> Iterator[str]:
    for key, own in pairs:
        if key != own:
            yield f"{what} {own} stands in the place of {key}"


def _distributions(case: CaseFile) -> Iterator[str]:
    """Check that each input quantity is what its distribution says, with a u from zero on."""
    for input_id, quantity in case.dossier.network.inputs.items():
        u = quantity.standard_uncertainty
        # A u below zero would lower a bound that adds amounts.
        fault = shape_fault(quantity) if 0.0 <= u < math.inf else f"its u is {u:g}"
        if fault:
            yield f"input {'/'.join(case.dossier.input_owner[input_id])}: {fault}"
    yield from random_walk_faults(case.dossier.network)


def _models(case: CaseFile) -> Iterator[str]:
    """Check that each model has the form of its kind, and linear ones only in uses."""
    for result_id, result in case.dossier.network.results.items():
        label = case.dossier.results[result_id].label
        kind = result.model.kind
        if kind is ModelKind.LINEAR and result.model.text:
            yield from curve_faults(case.dossier, result_id)
            continue
        if kind is not ModelKind.FUNCTION and result.model.version:
            yield f"{label}: only metrics have versions"
        if kind is ModelKind.LINEAR:
            kind_of_event = case.dossier.event_of(result_id).kind
            if kind_of_event is not EventKind.USE:
                yield from linear_faults(case.dossier, result)


def _roles(case: CaseFile) -> Iterator[str]:
    """Check that link, run and devices agree on who took part."""
    run, link = case.run, case.link
    if run.link_id != link.link_id:
        yield f"run {run.run_id} belongs to link {run.link_id}, not {link.link_id}"
    if run.started > run.ended:
        yield f"run {run.run_id} ends before it starts"
    if run.provenance not in set(Provenance):
        yield f"run {run.run_id} has the unknown provenance {run.provenance!r}"
    if run.key_disposition not in KEY_DISPOSITIONS:
        yield f"run {run.run_id} has the unknown key disposition {run.key_disposition!r}"
    if link.watermark not in WATERMARKS:
        yield f"link {link.link_id} has the unknown watermark {link.watermark!r}"
    stated = [
        (one.role, "" if one.device is None else one.device.device_id, one.described_as)
        for one in case.devices
    ]
    if stated != [(one.role, one.device_id, one.described_as) for one in run.roles]:
        yield "the devices are not those of the run's roles"
    placed = {one.role: one.device_id for one in link.roles}
    for role in run.roles:
        if role.device_id and placed.get(role.role) != role.device_id:
            yield f"{role.role}: the link does not have {role.device_id} in this role"


def _declarations(case: CaseFile) -> Iterator[str]:
    """Check that declared limits are judged as they are printed."""
    for one in case.link.declarations:
        printed, unit = parse_quantity(one.text), parse_unit(one.unit)
        if printed.unit.dimension != unit.dimension or not math.isclose(
            printed.si, one.value, rel_tol=TEXT_TOLERANCE
        ):
            yield f"declared limit {one.name} reads {one.text} and is judged as {one.value!r}"


def _round(case: CaseFile) -> int:
    """Return the round of recomputation that the case rests on."""
    events = case.dossier.events.values()
    return max((round_of(e.label) for e in events if e.run_id == case.run.run_id), default=1)


def _uses(case: CaseFile) -> Iterator[str]:
    """Check each use: calibrated value of that device plus drift over the time since then."""
    number = _round(case)
    events = {
        use_label(case.run.run_id, role.role, number): role
        for role in case.run.roles
        if role.device_id
    }
    for result_id, recorded in case.dossier.results.items():
        event = case.dossier.events[recorded.event_label]
        if event.kind is not EventKind.USE:
            continue
        role = events.get(event.label)
        if role is None or event.run_id != case.run.run_id:
            yield f"{recorded.label}: no role of the run has this use"
            continue
        if (event.device_id, event.performed_at) != (role.device_id, case.run.started):
            yield f"{recorded.label}: device or time is not that of the run"
        used = dict(recorded.measurand.conditions)
        stated = _stated(case, role, recorded)
        if any(used.get(name) != text for name, text in stated.items()):
            yield f"{recorded.label}: its conditions are not those of the run"
        yield from use_faults(case.dossier, result_id, stated)
        yield from _drifted(case, case.dossier.network.results[result_id], event)


def _stated(case: CaseFile, role: RoleUse, used: RecordedResult) -> dict[str, str]:
    """Return the conditions of use that the run states: those of the role, and its intensity."""
    intensity = used.measurand.condition(INTENSITY)
    stated = dict(role.conditions)
    if intensity and intensity in case.run.choices.values():
        stated[INTENSITY] = intensity
    return stated


def _drifted(case: CaseFile, result: Result, use: Event) -> Iterator[str]:
    dossier = case.dossier
    own = dossier.results[result.result_id]
    if result.model.text:  # a curve
        return
    calibrated = {
        one.name: one.parent_id
        for one in result.arguments
        if one.name in {CALIBRATED, CLOSING} and one.parent_id is not None
    }
    if result.model.kind is not ModelKind.LINEAR or CALIBRATED not in calibrated:
        yield f"{own.label}: a use is the calibrated value and its drift, nothing else"
        return
    number = _round(case)
    role = next(
        one for one in case.run.roles if use.label == use_label(case.run.run_id, one.role, number)
    )
    for parent_id in calibrated.values():
        source = dossier.results[parent_id]
        calibration = dossier.events[source.event_label]
        # A linear source is another device's result, which that calibration only took over.
        linear = dossier.network.results[parent_id].model.kind is ModelKind.LINEAR
        about = (calibration.device_id, source.measurand.kind)
        if linear or about != (use.device_id, own.measurand.kind):
            yield f"{own.label}: {source.label} is no calibration of it"
        said = _stated(case, role, own)
        misfits = condition_misfits(dict(source.measurand.conditions), said)
        yield from (f"{own.label}: {line}" for line in misfits)
        if calibration.performed_at > use.performed_at and LATER_PARENTS not in use.flags:
            yield f"{own.label}: used before its calibration {source.label}"
    source = dossier.results[calibrated[CALIBRATED]]
    yield from drift_faults(dossier, result, source)
    drift = (source.event_label, drift_input_name(source.name))
    stated = {k for k, owner in dossier.input_owner.items() if owner == drift}
    found = {one.input_id for one in result.arguments if one.name == DRIFT_RATE}
    _, expected = expected_use(dossier, result.result_id)
    moved = any(expected[a.name] != a.sensitivity for a in result.arguments if a.name == DRIFT_RATE)
    if moved or (CLOSING not in calibrated and not stated <= found):
        yield f"{own.label}: its drift is not that of {source.label} over the time since"


def _counts(case: CaseFile) -> Iterator[str]:
    """Check that the figures of a run rest on the counts and parameters that the run states."""
    form = protocol(case.run.protocol) if case.run.protocol else None
    label = recomputation_label(case.run.run_id, _round(case))
    event = case.dossier.events[label]
    if event.kind is not EventKind.RECOMPUTATION or event.performed_at != case.run.ended:
        yield f"{label}: kind or time is not that of the run's recomputation"
    if form is not None and form.comparison:
        yield from comparison_faults(case, label, brought=brought_by_use(case, _round(case)))
        return
    wanted, origins = run_inputs(case.run, form)
    by_name = {one.name: one for one in wanted}
    for input_id, (owner, name) in case.dossier.input_owner.items():
        if owner != label:
            continue
        stored, said = case.dossier.network.inputs[input_id], by_name.get(name)
        facts = (
            stored.estimate,
            stored.standard_uncertainty,
            stored.distribution,
            stored.evaluation,
            stored.degrees_of_freedom,
        )
        if said is None or facts != (
            said.estimate,
            said.standard_uncertainty,
            said.distribution,
            said.evaluation,
            said.degrees_of_freedom,
        ):
            yield f"input {name} of {label} is not what the run states"
            continue
        if event.origins.get(name, origins[name]) != origins[name]:
            yield f"the origin of {name} of {label} is not what the run states"
    yield from argument_faults(case, label)


def _evidence(case: CaseFile) -> Iterator[str]:
    """Check that figures and documents are offered for what they are."""
    if case.figures != figures_of(case.dossier, case.run, case.link):
        yield "figures are offered for other items than the records say, or some are left out"
    if case.documents != documents_of(case.link):
        yield "documents are offered that the link does not name, or as attested by nobody it names"


CASE_CHECKS: tuple[Callable[[CaseFile], Iterable[str]], ...] = (
    _names,
    _distributions,
    _models,
    _roles,
    _declarations,
    _uses,
    form_faults,
    _counts,
    _evidence,
    standards_faults,
)
