"""A curve of a device at the conditions of a run: the result of the use, before it is recorded.

Inside: `curve_at_use`, `stated_by`, `curve_uncertainty`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.errors import InputError
from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.value import parse_quantity
from qtrace.traceability.curve import curve_value
from qtrace.traceability.curve_bend import bend_of, version_in_use, with_reach
from qtrace.traceability.curve_inputs import (
    CurveOnRecord,
    curve_flags,
    use_arguments,
    with_curve_inputs,
)
from qtrace.traceability.curve_use import (
    CONDITION_OF_U,
    curve_arguments,
)
from qtrace.traceability.in_use import NO_DRIFT
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import MODEL_NONLINEARITY, Argument, Model, ModelKind, Result


def curve_at_use(
    found: CurveOnRecord,
    network: Network,
    conditions: Mapping[str, str],
    *,
    elapsed_s: float,
    stated: dict[str, InputQuantity],
) -> NewResult:
    """Return a curve at the conditions of use: points, interpolation error, drift, argument.

    Args:
        found: The recorded curve.
        network: Behind its points.
        conditions: Conditions of use; one of them is the argument, and its u may be stated.
        elapsed_s: Time since calibration, in s.
        stated: Conditions with their u as inputs of the use; that of the argument is added.

    Raises:
        InputError: the argument is not stated, is no single quantity, or lies outside.

    Source: GUM Eq. 10, with the weights of the interpolant and the slope as sensitivities.
    """
    curve = found.curve
    text = conditions.get(curve.argument, "")
    if not text:
        raise InputError(f"{curve.label}: {curve.argument} is not stated at use")
    place = curve_value(curve, parse_quantity(text).si)
    pinned = curve_arguments(curve, place, found.inputs, elapsed_s=elapsed_s)
    argument, u_at = _uncertain(curve.argument, conditions, stated)
    arguments = use_arguments(found, with_reach(curve, pinned, place.at, u_at), argument)
    model = Model(
        ModelKind.LINEAR, curve.interpolant.partition("/")[0], version_in_use(curve, u_at)
    )
    whole = with_curve_inputs(network, {curve.label: found})
    used, made = _with_use(whole, model, pinned.value, arguments, stated)
    name = f"{curve.kind}@{text.replace(' ', '')}"
    bend = bend_of(curve, place.at, u_at, network=used, result_id=made, name=name)
    flags = (*curve_flags(found), bend.flag) if bend.flag else curve_flags(found)
    if bend.beside is not None:
        beside, _ = bend.beside
        stated[beside.name] = beside
        arguments = (*arguments, NewArgument(MODEL_NONLINEARITY, 1.0, input_name=beside.name))
    u = curve_uncertainty(whole, arguments, stated)
    return NewResult(
        curve.kind,
        Measurand.of(curve.kind, {**curve.conditions, **conditions}),
        model,
        pinned.value,
        curve.unit,
        u,
        arguments,
        flags=flags if found.inputs.drift is not None else (*flags, NO_DRIFT),
    )


def _uncertain(
    name: str, conditions: Mapping[str, str], stated: dict[str, InputQuantity]
) -> tuple[NewArgument | None, float]:
    """Return what carries u of the argument of a use, None where none is stated, and that u."""
    u_text = conditions.get(f"{name}{CONDITION_OF_U}", "")
    if not u_text:
        return None, 0.0
    at, u_at = parse_quantity(conditions[name]), parse_quantity(u_text).si
    stated[name] = InputQuantity(0, name, at.si, u_at, at.unit.code, text=conditions[name])
    return NewArgument(name, 0.0, input_name=name), u_at


def curve_uncertainty(
    network: Network, arguments: tuple[NewArgument, ...], stated: Mapping[str, InputQuantity]
) -> float:
    """Return u of a curve in use that is not recorded yet.

    Args:
        network: Behind the points, with the other inputs of the curve.
        arguments: Of the use.
        stated: Inputs of the use event by name, without ids.

    Source: GUM Eq. 13.
    """
    whole, made = _with_use(network, Model(ModelKind.LINEAR), 0.0, arguments, stated)
    return standard_uncertainty(whole, made)


def _with_use(
    network: Network,
    model: Model,
    value: float,
    arguments: tuple[NewArgument, ...],
    stated: Mapping[str, InputQuantity],
) -> tuple[Network, int]:
    """Return the network with a use that is not recorded yet, and the id of the use there."""
    first = max(network.inputs, default=0) + 1
    own = {name: first + k for k, name in enumerate(stated)}
    inputs = {**network.inputs, **{own[name]: one for name, one in stated.items()}}
    made = max(network.results) + 1
    sources = tuple(
        Argument(
            one.name,
            one.sensitivity,
            one.parent_id,
            own[one.input_name] if one.input_name else one.input_id,
        )
        for one in arguments
    )
    result = Result(made, value, model, sources)
    return Network({**network.results, made: result}, inputs, network.blocks), made


def stated_by(run_id: str, stated: Mapping[str, InputQuantity]) -> dict[str, Origin]:
    """Return where the u of conditions comes from that a run states."""
    said = f"of use as run {run_id} states"
    return {
        name: Origin(
            end=EndKind.ASSESSED_BOUND,
            statement=f"curve against its slope: {one.text}"
            if name.endswith(MODEL_NONLINEARITY)
            else f"u of the {name} {said}",
        )
        for name, one in stated.items()
    }
