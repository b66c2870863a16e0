"""Evaluate a calibration as written: values, sensitivities and uncertainties, unrecorded.

Inside: `EvaluatedCalibration`, `evaluate_calibration`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qtrace.errors import InputError, QtraceError
from qtrace.laboratory.draft import CalibrationDraft, ResultDraft
from qtrace.laboratory.event import EndKind, Event, Origin, RecordedResult
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.kinds import kind as find_kind
from qtrace.quantity.units import has_level
from qtrace.traceability.curve_inputs import (
    NO_CURVES,
    CurveOnRecord,
    take_curve_uses,
    with_curve_inputs,
)
from qtrace.traceability.curve_sheet import take_curves
from qtrace.traceability.drift import Ageing, coefficient_input, drift_inputs
from qtrace.traceability.fit_sheet import take_fits
from qtrace.traceability.forms import StatedForm, refuse_as_parent, stated_form
from qtrace.traceability.impossible import beyond_bound
from qtrace.traceability.inherited_flags import inherited_flags
from qtrace.traceability.level_conversion import level_conversion
from qtrace.traceability.nonlinearity import nonlinearity
from qtrace.traceability.remainder import remainder, remainder_input
from qtrace.traceability.sheet import MetricModel, Sheet, check_dimension
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_model
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import (
    MODEL_NONLINEARITY,
    UNCORRECTED_BIAS,
    Argument,
    Model,
    ModelKind,
    Result,
)


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
    curves: Mapping[str, CurveOnRecord] = NO_CURVES,
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
        curves: Reference "EVENT/CURVE" to the recorded curve that an input takes a value from.
        statements: "EVENT/name" to the recorded input that a statement owns; their blocks are
            in the network.

    Raises:
        InputError: unknown names, wrong dimension or kind, correlation that cannot be, a value
            that is not finite; each with the place in the file.
    """
    sheet = Sheet(
        draft,
        parents,
        with_curve_inputs(network, curves),
        about,
        metrics,
        ages,
        statements or {},
    )
    sheet.take_inputs()
    blocks = (*sheet.take_blocks(), *take_curves(sheet), *take_fits(sheet))
    take_curve_uses(sheet, curves)
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
        _refuse_limits(sheet, names)
        return Model(ModelKind.FUNCTION, draft.metric, metric.version), names
    expression = compile_expression(draft.expression, names=frozenset(sheet.sources))
    dimensions = {name: sheet.sources[name].dimension for name in expression.names}
    check_dimension(kind.name, expression.dimension(dimensions), kind.dimension)
    _refuse_limits(sheet, expression.names)
    return Model(ModelKind.EXPRESSION, draft.expression), expression.names


def _refuse_limits(sheet: Sheet, names: Iterable[str]) -> None:
    """Refuse a result that is stated as a limit as argument of a model."""
    for name in names:
        refuse_as_parent(name, sheet.stated_as.get(name, "estimate"))


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
    kind = find_kind(draft.measurand.kind)
    unit = draft.unit or kind.unit
    known, beside = _beside_model(sheet, draft, result_id, unit=unit, functions=functions)
    network = sheet.network()
    u = standard_uncertainty(network, result_id)
    stated = _stated(sheet, draft, network, result_id, u=u, functions=functions)
    flags = _flags(sheet, draft, names, (*known, *stated.flags))
    sheet.results.append(
        NewResult(
            draft.name,
            draft.measurand,
            model,
            value,
            unit,
            u,
            (
                *(replace(sheet.sources[n].new_argument, sensitivity=gradient[n]) for n in names),
                *beside,
            ),
            stated.form,
            stated.interval,
            stated.method,
            flags=flags,
            state=draft.state,
        )
    )
    sheet.result_ids[draft.name] = result_id
    sheet.about[result_id] = RecordedResult(
        result_id,
        sheet.draft.event.label,
        draft.name,
        draft.measurand,
        unit,
        stated.form,
        stated.interval,
        stated.method,
        flags,
    )
    sheet.stated_as[draft.name] = stated.form
    sheet.offer(draft, value, u, result_id=result_id)
    _changes(sheet, draft, value)


def _flags(
    sheet: Sheet, draft: ResultDraft, names: Iterable[str], own: tuple[str, ...]
) -> tuple[str, ...]:
    """Warn of a result's own flags; return them with those it repeats of what it rests on."""
    sheet.warnings.extend(f"{draft.place}: {flag}" for flag in own)
    parents = [one for name in names if (one := sheet.sources[name].result_id) is not None]
    inputs = {one.name: one.quantity.flags for one in sheet.draft.inputs if one.quantity}
    direct = [sheet.about[one].flags for one in parents]
    return (*own, *inherited_flags([*direct, *(inputs.get(name, ()) for name in names)]))


def _beside_model(
    sheet: Sheet,
    draft: ResultDraft,
    result_id: int,
    *,
    unit: str,
    functions: Mapping[str, ModelFunction],
) -> tuple[tuple[str, ...], list[NewArgument]]:
    """Add what stands beside a model: what first order misses, and a declared known error."""
    flags: list[str] = []
    beside: list[NewArgument] = []
    doubt = nonlinearity(sheet.network(), result_id, unit=unit, functions=functions)
    if doubt:
        found = remainder(sheet.network(), result_id, functions=functions)
        made, said = remainder_input(
            found, draft.name, unit=find_kind(draft.measurand.kind).unit, shown_in=unit
        )
        flags.append(f"model nonlinear: {doubt}; {said}")
        if made is not None:
            beside.append(sheet.stand_beside(result_id, MODEL_NONLINEARITY, *made))
    if draft.uncorrected_bias is not None:
        bias = draft.uncorrected_bias
        flags.append(f"known error not corrected, U enlarged by it: {bias.text}")
        named = replace(bias, name=f"{draft.name}/{UNCORRECTED_BIAS}")
        origin = Origin(end=EndKind.ASSESSED_BOUND, statement=draft.bias_source)
        beside.append(sheet.stand_beside(result_id, UNCORRECTED_BIAS, named, origin))
    return tuple(flags), beside


def _stated(
    sheet: Sheet,
    draft: ResultDraft,
    network: Network,
    result_id: int,
    *,
    u: float,
    functions: Mapping[str, ModelFunction],
) -> StatedForm:
    """Return the form of a result, with its flags."""
    kind = find_kind(draft.measurand.kind)
    unit = draft.unit or kind.unit
    levels = frozenset(name for name, one in sheet.sources.items() if has_level(one.dimension))
    stated = stated_form(
        draft.stated, network, result_id, kind=kind, unit=unit, functions=functions
    )
    flags = (
        beyond_bound(kind, network.result(result_id).value, u),
        level_conversion(network, result_id, levels),
        *stated.flags,
    )
    return replace(stated, flags=tuple(flag for flag in flags if flag))


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
