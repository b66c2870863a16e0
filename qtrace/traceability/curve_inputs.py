"""Inputs of a calibration file that take their value from a curve, recorded or of the same file.

Inside: `CurveOnRecord`, `NO_CURVES`, `with_curve_inputs`, `take_curve_uses`, `own_curve`,
`curve_flags`, `use_arguments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qtrace.errors import InputError, UnitError
from qtrace.laboratory.curve_draft import CurveUse
from qtrace.laboratory.curve_names import curve_of_name
from qtrace.laboratory.draft import InputDraft
from qtrace.laboratory.event import Event, Origin
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.condition_kinds import CONDITION_KINDS
from qtrace.quantity.dimension import Dimension, dimension_text
from qtrace.quantity.kinds import kind as find_kind
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.curve import Curve, curve_of, curve_value
from qtrace.traceability.curve_bend import bend_of, version_in_use, with_reach
from qtrace.traceability.curve_inverse import inverse_value
from qtrace.traceability.curve_use import (
    DRIFT_RATE,
    NO_ERROR_STATED,
    CurveAt,
    CurveInputs,
    curve_arguments,
    curve_inputs,
)
from qtrace.traceability.sheet import Sheet, Source
from qtrace.traceability.sheet_results import keep_result, say_more
from qtrace.traceability.validity import SAME_SESSION
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Model, ModelKind

INVERSE = "inverse_"  # in front of the interpolant, where the argument was asked for


@dataclass(frozen=True, slots=True)
class CurveOnRecord:
    """A curve with its event and what that event owns beside its points."""

    curve: Curve
    calibration: Event
    inputs: CurveInputs


NO_CURVES: Mapping[str, CurveOnRecord] = MappingProxyType({})


def with_curve_inputs(network: Network, curves: Mapping[str, CurveOnRecord]) -> Network:
    """Return a network that also holds interpolation errors and drift rates of curves."""
    extra: dict[int, InputQuantity] = {}
    for one in curves.values():
        for quantity in (*one.inputs.nodes.values(), one.inputs.drift):
            if quantity is not None:
                extra[quantity.input_id] = quantity
    return replace(network, inputs={**network.inputs, **extra})


def take_curve_uses(sheet: Sheet, curves: Mapping[str, CurveOnRecord]) -> None:
    """Give every input that stands for a curve at an argument its value and source.

    Raises:
        InputError: an argument outside the calibrated range, or one that is itself not known
            yet. UnitError: an argument of another dimension.
    """
    for one in sheet.draft.inputs:
        if one.curve is None:
            continue
        try:
            _take_use(sheet, one, one.curve, curves)
        except InputError as error:
            if error.where.startswith(sheet.draft.place.file):
                raise
            raise error.located(str(one.place)) from None


def own_curve(sheet: Sheet, name: str) -> CurveOnRecord:
    """Return a curve of the file that is being evaluated, under provisional ids."""
    points = [
        one for one in sheet.about.values() if _belongs(sheet, one.event_label, one.name, name)
    ]
    inputs = [replace(one, input_id=sheet.first_input + k) for k, one in enumerate(sheet.inputs)]
    curve = curve_of(points, sheet.network())
    return CurveOnRecord(curve, sheet.draft.event, curve_inputs(name, inputs))


def _belongs(sheet: Sheet, event_label: str, result_name: str, curve: str) -> bool:
    return event_label == sheet.draft.event.label and curve_of_name(result_name) == curve


def _take_use(
    sheet: Sheet, one: InputDraft, use: CurveUse, curves: Mapping[str, CurveOnRecord]
) -> None:
    found = curves[use.reference] if "/" in use.reference else own_curve(sheet, use.reference)
    curve = found.curve
    at, argument = _argument(sheet, one, use, curve)
    elapsed = _elapsed(sheet, one, found)
    if use.inverse:
        pinned = inverse_value(
            found.curve, at.value, network=sheet.network(), inputs=found.inputs, elapsed_s=elapsed
        )
        wanted = CONDITION_KINDS[curve.argument]
        unit, own_conditions = curve.argument_unit, {"of_value": at.text}
    else:
        place = curve_value(curve, at.value)
        pinned = curve_arguments(curve, place, found.inputs, elapsed_s=elapsed)
        pinned = with_reach(curve, pinned, at.value, at.u)
        wanted = curve.kind
        unit, own_conditions = curve.unit, {curve.argument: at.text}
    name = curve.interpolant.partition("/")[0]
    version = version_in_use(curve, 0.0 if use.inverse else at.u)
    result = NewResult(
        f"{one.name}_at_use",
        Measurand.of(wanted, {**curve.conditions, **own_conditions}),
        Model(ModelKind.LINEAR, f"{INVERSE if use.inverse else ''}{name}", version),
        pinned.value,
        unit,
        0.0,
        use_arguments(found, pinned, argument),
        flags=curve_flags(found),
    )
    kept = keep_result(sheet, result)
    bend = bend_of(
        curve,
        at.value,
        0.0 if use.inverse else at.u,
        network=sheet.network(),
        result_id=sheet.result_ids[kept.name],
        name=kept.name,
    )
    if bend.flag:
        sheet.warnings.append(f"{one.place}: {bend.flag}")
        kept = say_more(sheet, kept, bend.flag, bend.beside)
    sheet.sources[one.name] = Source(
        kept.value,
        find_kind(wanted).dimension,
        kept.standard_uncertainty,
        NewArgument(one.name, 0.0, own_result_name=kept.name),
        result_id=sheet.result_ids[kept.name],
    )


def curve_flags(found: CurveOnRecord) -> tuple[str, ...]:
    """Return what every use of a curve must say."""
    if found.inputs.nodes or found.curve.is_fit:
        return found.curve.flags
    return (*found.curve.flags, NO_ERROR_STATED)


def use_arguments(
    found: CurveOnRecord, pinned: CurveAt, argument: NewArgument | None
) -> tuple[NewArgument, ...]:
    """Return the arguments of a curve in use: parts, interpolation error, drift, argument.

    Parts and inputs are named by their ids where they are recorded, else as own ones.
    """
    recorded = {part.name: part.result_id for part in found.curve.parts}
    own = not found.calibration.event_id
    made: list[NewArgument] = []
    for name, weight in pinned.parts.items():
        made.append(
            NewArgument(name, weight, own_result_name=name)
            if own
            else NewArgument(name, weight, parent_id=recorded[name])
        )
    owned = {one.name: one for one in found.inputs.nodes.values()}
    sensitivities = [(name, name, c) for name, c in pinned.nodes.items()]
    if found.inputs.drift is not None and pinned.drift is not None:
        owned[found.inputs.drift.name] = found.inputs.drift
        sensitivities.append((DRIFT_RATE, found.inputs.drift.name, pinned.drift))
    for name, source, c in sensitivities:
        made.append(
            NewArgument(name, c, input_name=source)
            if own
            else NewArgument(name, c, input_id=owned[source].input_id)
        )
    if argument is not None:
        made.append(replace(argument, sensitivity=pinned.slope))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _At:
    """The argument of a use: its value and u in SI, and how it is written."""

    value: float
    text: str
    u: float


def _argument(
    sheet: Sheet, one: InputDraft, use: CurveUse, curve: Curve
) -> tuple[_At, NewArgument | None]:
    """Return the argument of a use, and what carries its uncertainty if anything does."""
    kind = curve.kind if use.inverse else CONDITION_KINDS[curve.argument]
    unit = curve.unit if use.inverse else curve.argument_unit
    wanted = find_kind(kind).dimension
    if use.at_name:
        source = sheet.sources.get(use.at_name)
        if source is None:
            raise InputError(
                f'"{use.at_name}" has no value yet where the curve is read',
                next_step="name an input of the file that stands before this one",
            )
        _check(use.at_name, source.dimension, wanted, kind)
        parsed = parse_unit(unit)
        code = "" if parsed.code in {"", "1"} else f" {parsed.code}"
        text = f"{decimal_text(in_unit(source.value, parsed))}{code}"
        named = replace(source.new_argument, name=curve.argument)
        return _At(source.value, text, source.uncertainty), named
    given = parse_unit(use.at_unit)
    _check(use.at_text, given.dimension, wanted, kind)
    if use.at_u == 0.0:
        return _At(use.at, use.at_text, 0.0), None
    name = f"{one.name}/{curve.argument}"
    sheet.inputs.append(InputQuantity(0, name, use.at, use.at_u, use.at_unit, text=use.at_text))
    if use.at_origin is not None and use.at_origin != Origin():
        sheet.added_origins[name] = use.at_origin
    return _At(use.at, use.at_text, use.at_u), NewArgument(curve.argument, 0.0, input_name=name)


def _check(what: str, found: Dimension, wanted: Dimension, kind: str) -> None:
    if found != wanted:
        raise UnitError(
            f"{what} has dimension {dimension_text(found)}; {dimension_text(wanted)} is expected, "
            f"that of {kind.replace('_', ' ')}",
            next_step="correct the unit, or name another input",
        )


def _elapsed(sheet: Sheet, one: InputDraft, found: CurveOnRecord) -> float:
    """Return the time since calibration; 0 within a session, or where no drift is stated."""
    elapsed = sheet.draft.event.performed_at - found.calibration.performed_at
    if abs(elapsed) <= SAME_SESSION:
        return 0.0
    if found.inputs.drift is None:
        days = elapsed.total_seconds() / 86400.0
        sheet.warnings.append(
            f"{one.place}: {found.curve.label} is used {days:.0f} days after its calibration, and "
            "its drift is not stated"
        )
    return elapsed.total_seconds()
