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
from qtrace.traceability.curve_inputs import (
    CurveOnRecord,
    curve_flags,
    use_arguments,
    with_curve_inputs,
)
from qtrace.traceability.curve_use import (
    CONDITION_OF_U,
    bend_flag,
    curve_arguments,
)
from qtrace.traceability.in_use import NO_DRIFT
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result


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
    argument = None
    u_text = conditions.get(f"{curve.argument}{CONDITION_OF_U}", "")
    if u_text:
        at = parse_quantity(text)
        stated[curve.argument] = InputQuantity(
            0, curve.argument, at.si, parse_quantity(u_text).si, at.unit.code, text=text
        )
        argument = NewArgument(curve.argument, 0.0, input_name=curve.argument)
    arguments = use_arguments(found, pinned, argument)
    name, _, version = curve.interpolant.partition("/")
    whole = with_curve_inputs(network, {curve.label: found})
    u = curve_uncertainty(whole, arguments, stated)
    u_at = parse_quantity(u_text).si if u_text else 0.0
    doubt = bend_flag(curve, place.at, u_at, u=u)
    flags = (*curve_flags(found), doubt) if doubt else curve_flags(found)
    return NewResult(
        curve.kind,
        Measurand.of(curve.kind, {**curve.conditions, **conditions}),
        Model(ModelKind.LINEAR, name, version),
        pinned.value,
        curve.unit,
        u,
        arguments,
        flags=flags if found.inputs.drift is not None else (*flags, NO_DRIFT),
    )


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
    result = Result(made, 0.0, Model(ModelKind.LINEAR), sources)
    whole = Network({**network.results, made: result}, inputs, network.blocks)
    return standard_uncertainty(whole, made)


def stated_by(run_id: str, stated: Mapping[str, InputQuantity]) -> dict[str, Origin]:
    """Return where the u of conditions comes from that a run states."""
    return {
        name: Origin(
            end=EndKind.ASSESSED_BOUND, statement=f"u of the {name} of use as run {run_id} states"
        )
        for name in stated
    }
