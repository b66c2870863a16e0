"""Compute points, coefficients and curves in use again from what is recorded of them.

Inside: `recheck_curve`, `close`.

The models of these results are their stored sensitivities. What those must be follows from other
records: the interpolant from the version, the weights from the arguments of the points, the
interpolation error from the grid that its inputs name, the drift from the dates, the coefficients
from the readings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from qtrace.errors import InputError, QtraceError
from qtrace.laboratory.curve_names import (
    CURVE_POINT,
    FIT_COEFFICIENT,
    common_name,
    curve_of_name,
    folded,
)
from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.value import parse_number, parse_quantity
from qtrace.traceability.chain import Dossier
from qtrace.traceability.curve import EXPANDED_AT, POWER, Curve, curve_of, curve_value
from qtrace.traceability.curve_bend import version_in_use
from qtrace.traceability.curve_inputs import INVERSE
from qtrace.traceability.curve_inverse import inverse_value
from qtrace.traceability.curve_sheet import COMMON, EFFECT, OWN
from qtrace.traceability.curve_use import (
    DRIFT_RATE,
    NO_ERROR_STATED,
    CurveAt,
    CurveInputs,
    curve_arguments,
    curve_inputs,
)
from qtrace.traceability.fit_rule import FitRule, run_fit
from qtrace.uncertainty.drawn_curve import is_drawn_curve, plain_version
from qtrace.uncertainty.inputs import BlockKind, InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import MODEL_NONLINEARITY, Argument, Result

# Weights are made by the same arithmetic; solving and the units of texts cost some digits.
WEIGHT_TOLERANCE = 1e-8
Wrong = tuple[str, float, float]  # what, stated, computed


def close(stated: float, computed: float, tolerance: float) -> bool:
    """Return whether two numbers agree within a relative tolerance; equal infinities agree."""
    if stated == computed:
        return True
    if not (math.isfinite(stated) and math.isfinite(computed)):
        return False
    return abs(stated - computed) <= tolerance * max(abs(stated), abs(computed))


def recheck_curve(dossier: Dossier, result_id: int) -> list[Wrong]:
    """Return (what, stated, computed) where a linear result is not what its records give.

    Args:
        dossier: Network and records.
        result_id: A linear result whose model has a text: point, coefficient, or a use.
    """
    result = dossier.network.result(result_id)
    recorded = dossier.results[result_id]
    check = {CURVE_POINT: _point, FIT_COEFFICIENT: _coefficient}.get(result.model.text, _use)
    try:
        return list(check(dossier, recorded, result))
    except QtraceError as error:
        return [(f"model ({error.what})", result.value, math.nan)]
    except (KeyError, ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError) as error:
        return [(f"model ({error!r})", result.value, math.nan)]


def _compare(
    result: Result, value: float, *groups: Mapping[str, float], slack: float = 0.0
) -> Iterator[Wrong]:
    """Compare value and sensitivities, by the names of the arguments, with what they must be.

    Each group holds sensitivities of one unit: one that is small is known against the largest of
    its group only. `slack` is that of the last group, in its unit.
    """
    if not close(result.value, value, WEIGHT_TOLERANCE):
        yield "value", result.value, value
    stated = {one.name: one.sensitivity for one in result.of_model}
    expected: dict[str, float] = {}
    for group in groups:
        scale = max((abs(c) for c in group.values()), default=0.0)
        floor = slack if group is groups[-1] else 0.0
        for name, other in group.items():
            expected[name] = other
            small = name in stated and (
                abs(stated[name] - other) <= WEIGHT_TOLERANCE * max(scale, floor)
            )
            if not small and not close(stated.get(name, 0.0), other, WEIGHT_TOLERANCE):
                yield f"sensitivity to {name}", stated.get(name, 0.0), other
    for name in sorted(set(stated) - set(expected)):
        yield f"sensitivity to {name}", stated[name], 0.0


def _owned(dossier: Dossier, argument: Argument) -> tuple[InputQuantity, str, str]:
    """Return the input behind an argument, with its owner and its name there."""
    if argument.input_id is None:
        raise InputError(f"{argument.name} is no input quantity")
    owner, name = dossier.input_owner[argument.input_id]
    return dossier.network.quantity(argument.input_id), owner, name


def _point(dossier: Dossier, recorded: RecordedResult, result: Result) -> Iterator[Wrong]:
    """A point is its own entered value; what it shares enters by the sensitivities it states."""
    arguments = {one.name: one for one in result.arguments}
    own, owner, name = _owned(dossier, arguments[OWN])
    if (owner, name) != (recorded.event_label, recorded.name):
        raise InputError(f"its own part is that of {owner}/{name}")
    expected = {OWN: 1.0}
    for flag in own.flags:
        if flag.startswith(EFFECT):
            effect, _, number = flag.removeprefix(EFFECT).partition(": ")
            expected[effect] = parse_number(number)
    if COMMON in arguments and COMMON not in expected:
        _, owner, name = _owned(dossier, arguments[COMMON])
        if (owner, name) == (recorded.event_label, common_name(curve_of_name(recorded.name))):
            expected[COMMON] = own.estimate
    yield from _compare(result, own.estimate, *({name: c} for name, c in expected.items()))


def _coefficient(dossier: Dossier, recorded: RecordedResult, result: Result) -> Iterator[Wrong]:
    """A coefficient follows from the readings by the method that its version names."""
    rule = FitRule.parse(result.model.version)
    conditions = dict(recorded.measurand.conditions)
    readings: dict[str, InputQuantity] = {}
    for argument in result.arguments:
        quantity, owner, name = _owned(dossier, argument)
        if owner != recorded.event_label or name.rpartition("/")[2] != argument.name:
            raise InputError(f"the reading {argument.name} is that of {owner}/{name}")
        readings[argument.name] = quantity
    count = len(readings) // 2
    y = [readings[f"y@{k + 1}"] for k in range(count)]
    x = [readings[f"x@{k + 1}"] for k in range(count)]
    fit = run_fit(
        rule,
        np.array([one.estimate for one in x]),
        np.array([one.estimate for one in y]),
        u_x=np.array([one.standard_uncertainty for one in x]),
        u_y=np.array([one.standard_uncertainty for one in y]),
        correlation=_correlation(dossier.network, [one.input_id for one in y]),
        x_origin=parse_quantity(conditions[EXPANDED_AT]).si,
    )
    row = fit.powers.index(int(conditions[POWER]))
    by_y = {f"y@{k + 1}": float(fit.sensitivities[row, k]) for k in range(count)}
    by_x = {f"x@{k + 1}": float(fit.sensitivities_x[row, k]) for k in range(count)}
    yield from _compare(result, float(fit.parameters[row]), by_y, by_x)
    if rule.scale == "scatter":
        for k, one in enumerate(y):
            if not close(one.standard_uncertainty, float(fit.u_y[k]), WEIGHT_TOLERANCE):
                yield f"u of y@{k + 1}", one.standard_uncertainty, float(fit.u_y[k])


def _correlation(
    network: Network, ids: list[int]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    matrix = np.eye(len(ids))
    for block in network.blocks:
        if block.kind is not BlockKind.UNKNOWN:
            places = {one: k for k, one in enumerate(block.input_ids)}
            for i, one in enumerate(ids):
                for j, other in enumerate(ids):
                    if one in places and other in places:
                        matrix[i, j] = block.correlation[places[one], places[other]]
    return matrix


def _use(dossier: Dossier, recorded: RecordedResult, result: Result) -> Iterator[Wrong]:
    """A curve in use follows from its points, from its grid, from the dates and its argument."""
    own_event = dossier.events[recorded.event_label]
    parts, rest = _parents(dossier, result)
    curve = curve_of(parts, dossier.network)
    name, inverse = result.model.text.removeprefix(INVERSE), INVERSE in result.model.text
    if f"{name}/{plain_version(result.model.version)}" != curve.interpolant:
        raise InputError(f"{curve.label} is interpolated by {curve.interpolant}")
    if is_drawn_curve(result.model) and (
        inverse or result.model.version != version_in_use(curve, 1.0)
    ):
        raise InputError(f"{curve.label} is not drawn {result.model.version!r}")
    inputs = _curve_inputs(dossier, curve, parts[0], rest)
    calibration = dossier.events[parts[0].event_label]
    has_drift = _names(rest, DRIFT_RATE)
    elapsed = (own_event.performed_at - calibration.performed_at).total_seconds()
    elapsed = elapsed if has_drift else 0.0
    at = _argument(dossier, curve, recorded, rest, inverse=inverse)
    if inverse:
        pinned = inverse_value(curve, at, network=dossier.network, inputs=inputs, elapsed_s=elapsed)
    else:
        whole = curve_of(_all_parts(dossier, parts[0]), dossier.network)
        place = curve_value(whole, at)
        pinned = curve_arguments(whole, place, inputs, elapsed_s=elapsed)
    if not (inverse or curve.is_fit or pinned.nodes or _silent(pinned, recorded)):
        raise InputError("it carries no interpolation error and does not say so")
    drift = {} if pinned.drift is None else {DRIFT_RATE: pinned.drift}
    slope = {curve.argument: pinned.slope} if _names(rest, curve.argument) else {}
    groups = ({name: c} for name, c in (*pinned.nodes.items(), *drift.items()))
    # A use that is drawn carries more points, of weight 0.
    weights = {**dict.fromkeys((part.name for part in curve.parts), 0.0), **pinned.parts}
    parts_of = {k: {k: c} for k, c in weights.items()} if curve.is_fit else {"": weights}
    # Where a curve is level its slope is a small difference of large numbers.
    slack = 0.0 if inverse else abs(pinned.value) / (curve.high - curve.low)
    yield from _compare(result, pinned.value, *parts_of.values(), *groups, slope, slack=slack)


def _silent(pinned: CurveAt, recorded: RecordedResult) -> bool:
    """Return whether a use may be without interpolation error: at a point, or as it says."""
    return NO_ERROR_STATED in recorded.flags or 1.0 in pinned.parts.values()


def _names(rest: list[Argument], name: str) -> bool:
    return any(one.name == name for one in rest)


def _parents(dossier: Dossier, result: Result) -> tuple[list[RecordedResult], list[Argument]]:
    """Return the points or coefficients of a use under their own names, and its other arguments."""
    parts, rest = [], []
    for argument in result.arguments:
        parent = None if argument.parent_id is None else dossier.results[argument.parent_id]
        if parent is not None and curve_of_name(parent.name) and parent.name == argument.name:
            parts.append(parent)
        else:
            rest.append(argument)
    if not parts:
        raise InputError("it rests on no point of a curve")
    return parts, rest


def _all_parts(dossier: Dossier, part: RecordedResult) -> list[RecordedResult]:
    """Return all points at hand of a curve: a use must rest on those next to its argument."""
    return [
        one
        for one in dossier.results.values()
        if one.event_label == part.event_label
        and curve_of_name(one.name)
        and folded(one.label) == folded(part.label)
    ]


def _curve_inputs(
    dossier: Dossier, curve: Curve, part: RecordedResult, rest: list[Argument]
) -> CurveInputs:
    """Return the inputs of a curve's event that a use names, and those that are at hand."""
    for argument in rest:
        if argument.input_id is None or argument.name in {curve.argument, MODEL_NONLINEARITY}:
            continue
        _, owner, name = _owned(dossier, argument)
        wanted = f"{curve.name}/{argument.name}" if argument.name == DRIFT_RATE else argument.name
        if (owner, name) != (part.event_label, wanted):
            raise InputError(f"{argument.name} is taken from {owner}/{name}")
    at_hand = [
        dossier.network.inputs[k]
        for k, (owner, _) in dossier.input_owner.items()
        if owner == part.event_label and k in dossier.network.inputs
    ]
    return curve_inputs(curve.name, at_hand)


def _argument(
    dossier: Dossier, curve: Curve, recorded: RecordedResult, rest: list[Argument], *, inverse: bool
) -> float:
    """Return the argument of a use: that of its source, where it has one, else as stated."""
    conditions = dict(recorded.measurand.conditions)
    stated = parse_quantity(conditions["of_value" if inverse else curve.argument]).si
    source = next((one for one in rest if one.name == curve.argument), None)
    if source is None:
        return stated
    network = dossier.network
    found = (
        network.quantity(source.input_id).estimate
        if source.input_id is not None
        else network.result(source.parent_id or 0).value
    )
    if not close(found, stated, WEIGHT_TOLERANCE):
        raise InputError(f"its {curve.argument} is {found:.8g} and is stated as {stated:.8g}")
    return found
