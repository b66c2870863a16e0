"""Evaluate a calibration as written: values, sensitivities and uncertainties, unrecorded.

Inside: `EvaluatedCalibration`, `evaluate_calibration`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from qtrace.errors import InputError, QtraceError
from qtrace.laboratory.draft import CalibrationDraft, ResultDraft
from qtrace.laboratory.event import Event, RecordedResult
from qtrace.laboratory.recording import NewResult
from qtrace.quantity.kinds import kind as find_kind
from qtrace.traceability.drift import Ageing, coefficient_input, drift_inputs
from qtrace.traceability.impossible import beyond_bound
from qtrace.traceability.nonlinearity import nonlinearity
from qtrace.traceability.sheet import MetricModel, Sheet, check_dimension
from qtrace.uncertainty.evaluation import evaluate_model
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result


@dataclass(frozen=True, slots=True)
class EvaluatedCalibration:
    """A calibration ready to be recorded, and the network to look at it before that.

    `input_positions` of blocks are 1-based positions in `inputs`, as recording wants them.
    `result_ids` are the provisional ids in `network`.
    """

    event: Event
    inputs: tuple[InputQuantity, ...]
    blocks: tuple[CorrelationBlock, ...]
    results: tuple[NewResult, ...]
    network: Network
    about: Mapping[int, RecordedResult]
    result_ids: Mapping[str, int]
    warnings: tuple[str, ...] = ()


def evaluate_calibration(
    draft: CalibrationDraft,
    parents: Mapping[str, RecordedResult],
    *,
    network: Network,
    about: Mapping[int, RecordedResult],
    metrics: Mapping[str, MetricModel],
    ages: Mapping[int, Ageing],
    statements: Mapping[str, InputQuantity] | None = None,
) -> EvaluatedCalibration:
    """Evaluate all results of a calibration file, in their order of dependency.

    Args:
        draft: The file as read.
        parents: Referenced label to the recorded result.
        network: All parents with their ancestors.
        about: What the results of that network are about.
        metrics: Metric id to its model, for results that name a metric.
        ages: Parent's result id to what its calibration says of drift and conditions.
        statements: "EVENT/name" to the recorded input that a statement owns; their blocks are
            in the network.

    Raises:
        InputError: unknown names, wrong dimension or kind, correlation that cannot be, a value
            that is not finite; each with the place in the file.
    """
    sheet = Sheet(draft, parents, network, about, metrics, ages, statements or {})
    sheet.take_inputs()
    blocks = sheet.take_blocks()
    for result in draft.results:
        _take_result(sheet, result)
    origins = {one.name: one.origin for one in draft.inputs if one.origin is not None}
    event = replace(draft.event, origins={**origins, **sheet.added_origins})
    final = sheet.network()
    return EvaluatedCalibration(
        event,
        tuple(sheet.inputs),
        blocks,
        tuple(sheet.results),
        final,
        sheet.about,
        sheet.result_ids,
        tuple(sheet.warnings),
    )


def _take_result(sheet: Sheet, draft: ResultDraft) -> None:
    """Evaluate one result and make it available to the next ones."""
    try:
        _evaluate(sheet, draft)
    except QtraceError as error:
        if error.where.startswith(sheet.draft.place.file):
            raise
        raise error.located(str(draft.place)) from None


def _model_of(sheet: Sheet, draft: ResultDraft) -> tuple[Model, tuple[str, ...]]:
    """Return the model of a result and the names it uses; check units and kinds."""
    kind = find_kind(draft.measurand.kind)
    if draft.metric:
        metric = sheet.metrics[draft.metric]
        names = tuple(name for name in metric.argument_kinds if name in sheet.sources)
        missing = sorted(metric.required - set(names))
        if missing:
            raise InputError(
                f"metric {draft.metric} needs the inputs {', '.join(missing)}",
                next_step="name the inputs of the file as the arguments of the metric",
            )
        if metric.result_kind != kind.name:
            raise InputError(f"metric {draft.metric} gives {metric.result_kind}")
        for name in names:
            expected = find_kind(metric.argument_kinds[name]).dimension
            check_dimension(name, sheet.sources[name].dimension, expected)
        return Model(ModelKind.FUNCTION, draft.metric, metric.version), names
    expression = compile_expression(draft.expression, names=frozenset(sheet.sources))
    dimensions = {name: sheet.sources[name].dimension for name in expression.names}
    check_dimension(kind.name, expression.dimension(dimensions), kind.dimension)
    return Model(ModelKind.EXPRESSION, draft.expression), expression.names


def _evaluate(sheet: Sheet, draft: ResultDraft) -> None:
    """Compute value, sensitivities, u; add the result and its drift rate."""
    model, names = _model_of(sheet, draft)
    functions = {f"{k}@{m.version}": m.function for k, m in sheet.metrics.items()}
    value, gradient = evaluate_model(
        model,
        {name: sheet.sources[name].value for name in names},
        {name: sheet.sources[name].uncertainty for name in names},
        functions=functions,
    )
    if not math.isfinite(value):
        raise InputError(f"the model gives {value}, which is not a finite number")
    result_id = sheet.first_result + len(sheet.results)
    arguments = tuple(
        Argument(name, gradient[name], sheet.sources[name].result_id, sheet.sources[name].input_id)
        for name in names
    )
    sheet.own_results[result_id] = Result(result_id, value, model, arguments)
    network = sheet.network()
    u = standard_uncertainty(network, result_id)
    kind = find_kind(draft.measurand.kind)
    unit = draft.unit or kind.unit
    impossible = beyond_bound(kind, value, u)
    flags = (impossible,) if impossible else ()
    sheet.warnings.extend(f"{draft.place}: {flag}" for flag in flags)
    doubt = nonlinearity(network, result_id, unit=unit, functions=functions)
    if doubt:
        sheet.warnings.append(f"{draft.place}: {doubt}")
        flags = (*flags, f"model nonlinear: {doubt}")
    sheet.results.append(
        NewResult(
            draft.name,
            draft.measurand,
            model,
            value,
            unit,
            u,
            tuple(replace(sheet.sources[n].new_argument, sensitivity=gradient[n]) for n in names),
            flags=flags,
            state=draft.state,
        )
    )
    sheet.result_ids[draft.name] = result_id
    sheet.about[result_id] = RecordedResult(
        result_id, sheet.draft.event.label, draft.name, draft.measurand, unit, flags=flags
    )
    sheet.offer(draft, value, u, result_id=result_id)
    _changes(sheet, draft, value)


def _changes(sheet: Sheet, draft: ResultDraft, value: float) -> None:
    """Add drift and coefficients as inputs of the event, each shared by all later uses."""
    unit = find_kind(draft.measurand.kind).unit
    made = [
        coefficient_input(one, draft.name, value=value, unit=unit) for one in draft.coefficients
    ]
    if draft.drift is not None:
        made.extend(drift_inputs(draft.drift, draft.name, value=value, unit=unit))
    for quantity, origin in made:
        sheet.inputs.append(quantity)
        sheet.added_origins[quantity.name] = origin
