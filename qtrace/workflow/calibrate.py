"""Record a calibration: read the file, resolve parents, evaluate, write it all or nothing.

Inside: `Calibrated`, `calibrate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.laboratory.curve_names import folded, is_point
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.laboratory.event import RecordedResult
from qtrace.metrics.catalogue import METRICS, functions
from qtrace.registry.curves import curves_named
from qtrace.registry.entered_twice import entered_twice
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier
from qtrace.traceability.drift import ParentAge
from qtrace.traceability.evaluate import EvaluatedCalibration, evaluate_calibration
from qtrace.traceability.sheet import MetricModel
from qtrace.traceability.use import drift_input_name
from qtrace.uncertainty.network import correlation
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration gave: its results as printed, and warnings for its author.

    `correlations` holds (label, label, r) for every pair of results, points of curves left out.
    `sequence` is the ledger entry, 0 where nothing was recorded (a dry run).
    """

    label: str
    device_id: str
    results: tuple[ResultStatement, ...]
    correlations: tuple[tuple[str, str, float], ...]
    warnings: tuple[str, ...]
    sequence: int

    def alone(self) -> tuple[ResultStatement, ...]:
        """Return the results that are no points of a curve."""
        return tuple(one for one in self.results if not is_point(one.label))

    def curves(self) -> tuple[tuple[str, int], ...]:
        """Return the label of each curve and how many points it has."""
        points = [folded(one.label) for one in self.results if is_point(one.label)]
        return tuple((label, points.count(label)) for label in dict.fromkeys(points))


def metric_models() -> Mapping[str, MetricModel]:
    """Return the catalogue in the form in which calibrations name metrics."""
    return {
        one.metric_id: MetricModel(
            one.version,
            one.result_kind,
            {argument.name: argument.kind for argument in one.arguments},
            frozenset(a.name for a in one.arguments if a.default is None),
            one.function,
        )
        for one in METRICS
        if one.differentiable
    }


def calibrate(workbench: Workbench, path: Path, *, dry_run: bool = False) -> Calibrated:
    """Read, resolve, evaluate and record one calibration file.

    Args:
        workbench: Settings and doors.
        path: The calibration file.
        dry_run: Evaluate only; nothing is written.

    Raises:
        InputError: anything wrong in the file, or with what it refers to; nothing is written.
    """
    draft = read_calibration(path)
    if draft.event.performed_at > workbench.clock():
        raise InputError(
            f"performed {draft.event.performed_at:%Y-%m-%dT%H:%M:%SZ} lies after its recording",
            where=str(draft.field_places.get("performed", draft.place)),
            next_step="check the date and its zone",
        )
    if dry_run:
        with workbench.read() as session:
            return _stated(session, draft, sequence=0, workbench=workbench)[1]
    with workbench.write("calibrate", draft.event.label) as unit:
        evaluated, stated = _stated(unit, draft, sequence=unit.sequence, workbench=workbench)
        unit.events.record(evaluated.event, evaluated.inputs, evaluated.blocks, evaluated.results)
        unit.note("warnings", list(evaluated.warnings))
    return stated


def _age(session: ReadSession, recorded: RecordedResult) -> ParentAge:
    """Return the calibration behind a parent, with the drift rate that it declares."""
    rates = {one.name: one for one in session.events.inputs_of(recorded.event_label)}
    calibration = session.events.by_label(recorded.event_label)
    return ParentAge(calibration, rates.get(drift_input_name(recorded.name)))


def _stated(
    session: ReadSession, draft: CalibrationDraft, *, sequence: int, workbench: Workbench
) -> tuple[EvaluatedCalibration, Calibrated]:
    """Resolve and evaluate a draft against what is on record."""
    _on_record(session, draft)
    parents = _parents(session, draft)
    curves = curves_named(session, draft)
    points = [part.result_id for one in curves.values() for part in one.curve.parts]
    ids = [*(recorded.result_id for recorded in parents.values()), *points]
    network = session.network(ids)
    about = session.events.recorded_results(network.results)
    evaluated = evaluate_calibration(
        draft,
        parents,
        network=network,
        about=about,
        metrics=metric_models(),
        ages={one.result_id: _age(session, one) for one in parents.values()},
        curves=curves,
    )
    dossier = Dossier(evaluated.network, evaluated.about, {}, {})
    ordered = [evaluated.result_ids[result.name] for result in evaluated.results]
    statements = tuple(
        state_result(
            dossier,
            result_id,
            coverage_probability=workbench.coverage_probability,
            functions=functions(),
        )
        for result_id in ordered
    )
    alone = [one for one in statements if not is_point(one.label)]
    correlations = tuple(
        (one.label, other.label, correlation(evaluated.network, one.result_id, other.result_id))
        for one, other in combinations(alone, 2)
    )
    return evaluated, Calibrated(
        draft.event.label,
        draft.event.device_id,
        statements,
        correlations,
        (*evaluated.warnings, *entered_twice(session, draft)),
        sequence,
    )


def _on_record(session: ReadSession, draft: CalibrationDraft) -> None:
    """Check that device and laboratory are on record and the label is free."""
    for name, find, wanted in (
        ("device", session.devices.by_id, draft.event.device_id),
        ("laboratory", session.laboratories.by_id, draft.event.laboratory_id),
    ):
        try:
            find(wanted)
        except InputError as error:
            place = draft.field_places.get(name, draft.place)
            raise InputError(error.what, where=str(place), next_step=error.next_step) from None
    device = session.devices.by_id(draft.event.device_id)
    possible = session.devices.class_by_id(device.class_id).kinds
    for measurand, place in draft.measurands():
        if measurand.kind not in possible:
            raise InputError(
                f"{measurand.kind} cannot be calibrated on a {device.class_id}",
                where=str(place),
                next_step=f"a {device.class_id} has: {', '.join(possible)}",
            )
    if session.events.has(draft.event.label):
        raise InputError(
            f"an event called {draft.event.label!r} is recorded already",
            where=str(draft.field_places.get("id", draft.place)),
            next_step="a new calibration needs a new id; a wrong one is withdrawn",
        )


def _parents(session: ReadSession, draft: CalibrationDraft) -> dict[str, RecordedResult]:
    """Find every referenced result; errors name the place in the file."""
    own = {result.name for result in draft.results}
    parents: dict[str, RecordedResult] = {}
    for one in draft.inputs:
        if one.reference and one.reference not in own:
            try:
                parents[one.reference] = session.events.result(one.reference)
            except InputError as error:
                raise error.located(str(one.place)) from None
    return parents
