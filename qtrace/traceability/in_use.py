"""The result of using a calibrated result: value, drift, correction for conditions, sensitivities.

Inside: `CALIBRATED`, `CLOSING`, `UsedResult`, `in_use_result`, `expected_use`.

x_use = x_cal + drift(t_use - t_cal) + c (q_use - q_cal), or between two calibrations
x_use = (1 - w) x_opening + w x_closing with w = (t_use - t_opening) / (t_closing - t_opening),
which no constant rate of drift moves. All of it is one linear result whose arguments say by
their names what they are, so that anyone can derive its sensitivities again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.chain import Dossier
from qtrace.traceability.drift import Ageing, coefficient_point
from qtrace.traceability.forms import drift_reach, form_at_use
from qtrace.traceability.use import InUse, condition_span
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.random_walk import WALK_MARK, walk_input, with_random_walks
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

CALIBRATED = "calibrated"  # the argument that is the calibrated value
CLOSING = "closing"  # that of the calibration after the use
DRIFT_RATE = "drift_rate"
DRIFT_WALK = "drift_walk"
WALK_TO_CLOSING = "drift_walk_to_closing"
COEFFICIENT = "coefficient_"  # followed by the condition
AT_USE = "_at_use"  # after the condition: how well it was known at the use
NO_DRIFT = "drift not stated by the calibration"


@dataclass(slots=True)
class UsedResult:
    """A result in use that is to be recorded, with the inputs that its use owns.

    `inputs` (where the walk stands then, conditions known within a range) have `origins`.
    """

    result: NewResult
    inputs: list[InputQuantity] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)


def in_use_result(
    in_use: InUse, ageing: Ageing, *, network: Network, conditions: Mapping[str, str]
) -> UsedResult:
    """Return a calibrated value brought to its use, as a linear result to be recorded.

    Args:
        in_use: Which calibrated result, or which two, and the time since calibration in s.
        ageing: What the (opening) calibration says of drift and conditions.
        network: Holds calibrated results and fitted rate with all their ancestors.
        conditions: Conditions of use, added to those of the calibration.

    Source: x_use = x_cal + r t (GUM Eq. 10 with c_r = t); random walk: u^2 = q t; bracket:
        linear interpolation, its walk being W(t) - w W(T), a Brownian bridge.
    """
    source = in_use.source
    weight = in_use.weight
    made = UsedResult(_bare(in_use, conditions))
    arguments = [NewArgument(CALIBRATED, 1.0 - weight, parent_id=source.result_id)]
    value = (1.0 - weight) * network.result(source.result_id).value
    if in_use.closing is not None:
        arguments.append(NewArgument(CLOSING, weight, parent_id=in_use.closing.result_id))
        value += weight * network.result(in_use.closing.result_id).value
    elif ageing.rate is not None:
        elapsed = in_use.elapsed_s
        arguments.append(NewArgument(DRIFT_RATE, elapsed, input_id=ageing.rate.input_id))
        value += elapsed * ageing.rate.estimate
    elif ageing.fitted is not None:
        elapsed = in_use.elapsed_s
        arguments.append(NewArgument(DRIFT_RATE, elapsed, parent_id=ageing.fitted))
        value += elapsed * network.result(ageing.fitted).value
    arguments.extend(_walk(in_use, ageing, made))
    for condition, point, coefficient in ageing.coefficients:
        step, own = _condition(made, condition, point, coefficient=coefficient, source=source.label)
        arguments.extend(own)
        value += step * coefficient.estimate
    flags = () if ageing.stated or in_use.closing is not None else (NO_DRIFT,)
    reach = in_use.elapsed_s * drift_reach(ageing.rate) if in_use.closing is None else 0.0
    stated = form_at_use(source, reach)
    made.result = replace(
        made.result,
        value=value,
        arguments=tuple(arguments),
        form=stated.form,
        interval=stated.interval,
        interval_method=stated.method,
        flags=(*source.flags, *flags, *stated.flags),
    )
    u = used_uncertainty(made, ageing, network)
    made.result = replace(made.result, standard_uncertainty=u)
    return made


def _bare(in_use: InUse, conditions: Mapping[str, str]) -> NewResult:
    source = in_use.source
    kind = source.measurand.kind
    measurand = Measurand.of(kind, {**dict(source.measurand.conditions), **conditions})
    return NewResult(kind, measurand, Model(ModelKind.LINEAR), 0.0, source.unit, 0.0, ())


def _walk(in_use: InUse, ageing: Ageing, made: UsedResult) -> list[NewArgument]:
    """Add where the random walk stands at the use, and at the closing calibration."""
    if ageing.walk is None:
        return []
    q, unit = ageing.walk.parameters[0], ageing.walk.unit
    name = f"{in_use.source.label}/{DRIFT_WALK}"
    times = [(DRIFT_WALK, name, in_use.elapsed_s, 1.0)]
    if in_use.closing is not None:
        closing = f"{name}{WALK_MARK}{in_use.closing.label}"
        times.append((WALK_TO_CLOSING, closing, in_use.span_s, -in_use.weight))
    arguments = []
    for argument, own, time_s, sensitivity in times:
        made.inputs.append(walk_input(own, q, time_s, unit=unit, text=ageing.walk.text))
        made.origins[own] = Origin(
            end=EndKind.ASSESSED_BOUND,
            statement=f"random walk stated by {in_use.calibration.label}",
        )
        arguments.append(NewArgument(argument, sensitivity, input_name=own))
    return arguments


def _condition(
    made: UsedResult, condition: str, point: float, *, coefficient: InputQuantity, source: str
) -> tuple[float, list[NewArgument]]:
    """Return q_use - q_cal, and the arguments that correct for it."""
    step, half = _step(made.result.measurand, condition, point)
    arguments = [
        NewArgument(f"{COEFFICIENT}{condition}", step, input_id=coefficient.input_id),
    ]
    if half > 0.0:
        own = f"{source}/{condition}{AT_USE}"
        text = made.result.measurand.condition(condition)
        u = half / math.sqrt(3.0)
        made.inputs.append(InputQuantity(0, own, step, u, "", Distribution.RECTANGULAR, text=text))
        made.origins[own] = Origin(
            end=EndKind.ASSESSED_BOUND, statement=f"{condition} at use: {text}"
        )
        arguments.append(NewArgument(f"{condition}{AT_USE}", coefficient.estimate, input_name=own))
    return step, arguments


def _step(measurand: Measurand, condition: str, point: float) -> tuple[float, float]:
    """Return (middle of a condition of use - calibrated point, half-width), in SI units."""
    span = condition_span(measurand.condition(condition))
    if span is None:
        return math.nan, 0.0
    low, high = span[0].si, span[1].si
    return (low + high) / 2.0 - point, (high - low) / 2.0


def used_uncertainty(made: UsedResult, ageing: Ageing, network: Network) -> float:
    """Return u of a result in use, all correlations between its arguments kept."""
    known = {one.input_id: one for one in ageing.inputs}
    inputs = {**network.inputs, **known}
    first = max(inputs, default=0) + 1
    own = {one.name: first + k for k, one in enumerate(made.inputs)}
    result_id = max(network.results, default=0) + 1
    arguments = tuple(
        Argument(a.name, a.sensitivity, a.parent_id, own.get(a.input_name, a.input_id))
        for a in made.result.arguments
    )
    result = Result(result_id, made.result.value, made.result.model, arguments)
    whole = replace(
        network,
        results={**network.results, result_id: result},
        inputs={**inputs, **{own[one.name]: one for one in made.inputs}},
    )
    return standard_uncertainty(with_random_walks(whole), result_id)


def expected_use(dossier: Dossier, result_id: int) -> tuple[float, dict[str, float]]:
    """Return value and sensitivities that a result in use must have, from what it rests on.

    Args:
        dossier: Network and events of the result and of all behind it.
        result_id: A linear result with the argument "calibrated".

    Returns:
        The value, and sensitivity by argument; NaN for an argument that no use has.
    """
    network = dossier.network
    arguments = {one.name: one for one in network.result(result_id).arguments}
    own = dossier.results[result_id]
    used = dossier.events[own.event_label].performed_at
    opening = arguments[CALIBRATED].parent_id or 0
    opened = dossier.event_of(opening).performed_at
    elapsed = (used - opened).total_seconds()
    weight, span = 0.0, 0.0
    value = network.result(opening).value
    closing = arguments.get(CLOSING)
    if closing is not None and closing.parent_id is not None:
        span = (dossier.event_of(closing.parent_id).performed_at - opened).total_seconds()
        weight = elapsed / span if span else math.nan
        value = (1.0 - weight) * value + weight * network.result(closing.parent_id).value
    expected = dict.fromkeys(arguments, math.nan)
    expected[CALIBRATED] = 1.0 - weight
    for name, one in arguments.items():
        if name == CLOSING:
            expected[name] = weight
        elif name == DRIFT_RATE and closing is None:
            expected[name] = elapsed
            value += elapsed * _estimate(network, one)
        elif name in {DRIFT_WALK, WALK_TO_CLOSING} and one.input_id is not None:
            expected[name] = _walk_sensitivity(network, one, elapsed=elapsed, span=span)
        elif name.startswith(COEFFICIENT) and one.input_id is not None:
            quantity = network.quantity(one.input_id)
            condition, point = coefficient_point(quantity.name)
            step, _ = _step(own.measurand, condition, point)
            expected[name] = step
            value += step * quantity.estimate
            if f"{condition}{AT_USE}" in arguments:
                expected[f"{condition}{AT_USE}"] = quantity.estimate
    return value, expected


def _estimate(network: Network, argument: Argument) -> float:
    if argument.parent_id is not None:
        return network.result(argument.parent_id).value
    return network.quantity(argument.input_id or 0).estimate


def _walk_sensitivity(
    network: Network, argument: Argument, *, elapsed: float, span: float
) -> float:
    """Return the sensitivity to a walk, NaN where it does not stand at the time that it must."""
    quantity = network.quantity(argument.input_id or 0)
    to_closing = argument.name == WALK_TO_CLOSING
    if quantity.parameters[1:] != ((span if to_closing else elapsed),):
        return math.nan
    return -elapsed / span if to_closing else 1.0
