"""Curves as they are on record: points or coefficients of one event, and values between them.

Inside: `CurvePart`, `Curve`, `CurveValue`, `curve_of`, `curve_value`, `fold_curves`.

A curve is read from its parts alone: the condition in which its points differ is the argument,
the version of their model names the interpolant. Coefficients of a fit say their power and where
the polynomial is expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qtrace.errors import InputError, IntegrityError
from qtrace.laboratory.curve_names import CURVE_POINT, POLYNOMIAL, curve_of_name, folded
from qtrace.laboratory.event import Event, RecordedResult
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.value import QuantityValue, parse_quantity
from qtrace.uncertainty.interpolation import interpolate, stencil
from qtrace.uncertainty.network import Network

AT_THE_EDGE = 1e-9  # relative: two texts of one argument, in whatever unit
RANGE_MARK = ".."
# Conditions that only coefficients have.
LACK_OF_FIT = "lack of fit"  # how a flag of a fit begins that rejects it, or was not tested
POWER, EXPANDED_AT = "coefficient_of_power", "expanded_at"


@dataclass(frozen=True, slots=True)
class CurvePart:
    """A point at its argument (SI), or a coefficient at its power; `result_id` 0 if unrecorded."""

    name: str
    at: float
    value: float
    result_id: int = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in ascending order of the argument, or the coefficients of a fit.

    `low` and `high` bound the calibrated range of the argument; all numbers are in SI units.
    `conditions` are those that all parts share. `argument_unit` is the unit of the arguments as
    written.
    """

    label: str
    kind: str
    unit: str
    argument: str
    argument_unit: str
    interpolant: str
    parts: tuple[CurvePart, ...]
    low: float
    high: float
    conditions: dict[str, str]
    x_origin: float = 0.0
    flags: tuple[str, ...] = ()  # what its uses must repeat

    @property
    def name(self) -> str:
        """Return the name inside the event."""
        return self.label.rpartition("/")[2]

    @property
    def is_fit(self) -> bool:
        """Return whether the parts are coefficients."""
        return self.interpolant == POLYNOMIAL


@dataclass(frozen=True, slots=True)
class CurveValue:
    """A value of a curve, with the weight of each part that it rests on, and the slope.

    `on_a_point` says that nothing had to be interpolated.
    """

    at: float
    value: float
    weights: tuple[tuple[CurvePart, float], ...]
    slope: float
    on_a_point: bool


def curve_value(curve: Curve, at: float) -> CurveValue:
    """Return the value of a curve at an argument.

    Args:
        curve: The curve.
        at: Argument in SI; one outside the range by rounding only is taken at its edge.

    Raises:
        InputError: outside the calibrated range.

    Source: `uncertainty.interpolation`; for a fit sum of p_j (x - x_0)^j, ISO/TS 28037:2010,
        clause 11 (clause from memory).
    """
    slack = AT_THE_EDGE * max(abs(curve.low), abs(curve.high))
    if not curve.low - slack <= at <= curve.high + slack:
        raise InputError(
            f"{curve.argument} {at:.8g} lies outside the calibrated range of {curve.label}, "
            f"{curve.low:.8g} to {curve.high:.8g} (SI units)",
            next_step="a curve is not extrapolated: have it calibrated there",
        )
    at = min(max(at, curve.low), curve.high)
    if curve.is_fit:
        place = at - curve.x_origin
        weights = tuple((part, place**part.at) for part in curve.parts)
        slope = sum(p.value * p.at * place ** (p.at - 1.0) for p in curve.parts if p.at > 0.0)
        return CurveValue(at, sum(p.value * w for p, w in weights), weights, slope, True)
    x = np.array([part.at for part in curve.parts])
    first, last = stencil(curve.interpolant, x, at=at)
    used = curve.parts[first:last]
    found = interpolate(curve.interpolant, x[first:last], [part.value for part in used], at=at)
    pairs = tuple(zip(used, found.weights.tolist(), strict=True))
    return CurveValue(at, found.value, pairs, found.slope, bool(np.any(x == at)))


def curve_of(points: Sequence[RecordedResult], network: Network) -> Curve:
    """Put a curve together from the records of its parts.

    Args:
        points: Points or coefficients of one curve, two points at least.
        network: Holds their values and models.

    Raises:
        IntegrityError: records that make no curve: they were changed, or written by others.
    """
    label = folded(points[0].label) if points else ""
    models = {network.result(one.result_id).model for one in points}
    if len(models) != 1 or any(folded(one.label) != label for one in points):
        raise IntegrityError("the points of a curve do not belong together", where=label)
    model = models.pop()
    if model.text == CURVE_POINT:
        return _of_points(points, network, label=label, interpolant=model.version)
    return _of_coefficients(points, network, label=label)


def _of_points(
    points: Sequence[RecordedResult], network: Network, *, label: str, interpolant: str
) -> Curve:
    stated = [dict(one.measurand.conditions) for one in points]
    differing = [name for name in stated[0] if len({one.get(name) for one in stated}) > 1]
    if len(differing) != 1 or len({frozenset(one) for one in stated}) != 1:
        raise IntegrityError(
            f"the points of a curve differ in {', '.join(differing) or 'nothing'}",
            where=label,
            next_step="they must differ in one condition, the argument",
        )
    argument = differing[0]
    at = [_amount(one[argument], label) for one in stated]
    parts = sorted(
        (
            CurvePart(one.name, x.si, network.result(one.result_id).value, one.result_id)
            for one, x in zip(points, at, strict=True)
        ),
        key=lambda part: part.at,
    )
    return Curve(
        label,
        points[0].measurand.kind,
        points[0].unit,
        argument,
        at[0].unit.code,
        interpolant,
        tuple(parts),
        parts[0].at,
        parts[-1].at,
        {name: text for name, text in stated[0].items() if name != argument},
    )


def _of_coefficients(points: Sequence[RecordedResult], network: Network, *, label: str) -> Curve:
    stated = [dict(one.measurand.conditions) for one in points]
    shared = {k: text for k, text in stated[0].items() if k != POWER}
    if any({k: text for k, text in one.items() if k != POWER} != shared for one in stated):
        raise IntegrityError("the coefficients of a fit do not belong together", where=label)
    ranges = [name for name, text in shared.items() if RANGE_MARK in text and _is_argument(text)]
    if len(ranges) != 1 or EXPANDED_AT not in shared:
        raise IntegrityError("a fit does not say its argument and range", where=label)
    low, _, high = shared[ranges[0]].partition(RANGE_MARK)
    ends = _amount(low.strip(), label), _amount(high.strip(), label)
    parts = sorted(
        (
            CurvePart(
                one.name,
                float(conditions[POWER]),
                network.result(one.result_id).value,
                one.result_id,
            )
            for one, conditions in zip(points, stated, strict=True)
        ),
        key=lambda part: part.at,
    )
    constant = next((one for one in points if one.name.endswith(".p0")), points[0])
    return Curve(
        label,
        points[0].measurand.kind,
        constant.unit,
        ranges[0],
        ends[0].unit.code,
        POLYNOMIAL,
        tuple(parts),
        ends[0].si,
        ends[1].si,
        {k: text for k, text in shared.items() if k not in {ranges[0], EXPANDED_AT}},
        _amount(shared[EXPANDED_AT], label).si,
        tuple(flag for flag in constant.flags if flag.startswith(LACK_OF_FIT)),
    )


def _amount(text: str, label: str) -> QuantityValue:
    try:
        return parse_quantity(text)
    except InputError as error:
        raise IntegrityError(f"{text!r} is no argument: {error.what}", where=label) from None


def _is_argument(text: str) -> bool:
    try:
        parse_quantity(text.partition(RANGE_MARK)[0].strip())
    except InputError:
        return False
    return True


def fold_curves(
    candidates: Iterable[tuple[RecordedResult, Event]], network: Network
) -> list[tuple[RecordedResult, Event]]:
    """Return calibrated results in which each curve stands as one, over its range.

    Args:
        candidates: Calibrated results with their events.
        network: Holds them.

    Returns:
        The same, where all parts of a curve are replaced by its first one, which is called like
        the curve and whose argument is the range "1549 nm .. 1552 nm".
    """
    found: list[tuple[RecordedResult, Event]] = []
    curves: dict[str, list[RecordedResult]] = {}
    for recorded, event in candidates:
        if not curve_of_name(recorded.name):
            found.append((recorded, event))
            continue
        label = folded(recorded.label)
        if label not in curves:
            found.append((recorded, event))
        curves.setdefault(label, []).append(recorded)
    return [
        (_as_one(curves[folded(one.label)], network), event)
        if curve_of_name(one.name)
        else (one, event)
        for one, event in found
    ]


def _as_one(points: Sequence[RecordedResult], network: Network) -> RecordedResult:
    curve = curve_of(points, network)
    span = dict(points[0].measurand.conditions).get(curve.argument, "")
    if not curve.is_fit:
        texts = {one.name: one.measurand.condition(curve.argument) for one in points}
        span = f"{texts[curve.parts[0].name]} {RANGE_MARK} {texts[curve.parts[-1].name]}"
    conditions = {**curve.conditions, curve.argument: span}
    return replace(
        points[0], name=curve.name, unit=curve.unit, measurand=Measurand.of(curve.kind, conditions)
    )
