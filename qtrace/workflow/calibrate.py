"""Record a calibration: read the file, resolve parents, evaluate, write it all or nothing.

Inside: `Calibrated`, `calibrate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.laboratory.curve_names import folded, is_point
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.metrics.catalogue import METRICS, functions
from qtrace.registry.calibration_records import (
    check_draft,
    record_companions,
    referenced,
)
from qtrace.registry.entered_twice import entered_twice
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier
from qtrace.traceability.evaluate import EvaluatedCalibration, evaluate_calibration
from qtrace.traceability.sheet import MetricModel
from qtrace.uncertainty.network import correlation
from qtrace.uncertainty.unknown import unstated_pairs
from qtrace.workflow.workbench import Workbench

AT_USE = "_at_use"  # ends the name of a value that was read off a curve
SAME = 1.0 - 1e-9  # a correlation of results that differ by nothing but their name


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration gave: its results as printed, and warnings for its author.

    `correlations` holds (label, label, r) for every pair of results, points of curves left out;
    `unstated` are the pairs whose r takes points of a certificate as independent that says
    nothing of their correlation.
    `sequence` is the ledger entry, 0 where nothing was recorded (a dry run).
    """

    label: str
    device_id: str
    results: tuple[ResultStatement, ...]
    correlations: tuple[tuple[str, str, float], ...]
    warnings: tuple[str, ...]
    sequence: int
    unstated: tuple[tuple[str, str], ...] = ()

    def alone(self) -> tuple[ResultStatement, ...]:
        """Return the results that are no points of a curve."""
        return tuple(one for one in self.results if not is_point(one.label))

    def same(self) -> tuple[tuple[str, str], ...]:
        """Return each value of a curve in use that is a result of the file itself, and which."""
        certain = {(a, b) for a, b, r in self.correlations if r > SAME}
        figures = {
            one.label: (one.value, one.standard_uncertainty, one.unit, one.flags)
            for one in self.alone()
        }
        found = {
            a: b
            for a, b in certain
            if a.endswith(AT_USE) and not b.endswith(AT_USE) and figures[a] == figures[b]
        }
        return tuple(sorted(found.items()))

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
    session = workbench.rehearse if dry_run else workbench.write
    with session("calibrate", draft.event.label) as unit:
        sequence = 0 if dry_run else unit.sequence
        evaluated, stated = _stated(unit, draft, sequence=sequence, workbench=workbench)
        unit.events.record(evaluated.event, evaluated.inputs, evaluated.blocks, evaluated.results)
        more = record_companions(unit, draft)
        unit.note("warnings", [*evaluated.warnings, *more])
    return replace(stated, warnings=(*stated.warnings, *more))


def _stated(
    session: ReadSession, draft: CalibrationDraft, *, sequence: int, workbench: Workbench
) -> tuple[EvaluatedCalibration, Calibrated]:
    """Resolve and evaluate a draft against what is on record."""
    check_draft(session, draft)
    found = referenced(session, draft)
    evaluated = evaluate_calibration(
        draft,
        found.parents,
        network=found.network,
        about=session.events.recorded_results(found.network.results),
        metrics=metric_models(),
        ages=found.ages,
        curves=found.curves,
        statements=found.statements,
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
        tuple(
            (alone[i].label, alone[j].label)
            for i, j in unstated_pairs(evaluated.network, [one.result_id for one in alone])
        ),
    )
