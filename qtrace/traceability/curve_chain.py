"""Curves in a chain: their points stand as one box, and their range is checked.

Inside: `with_curves_as_one`, `parts_in_words`, `is_curve_in_use`, `parent_misfits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qtrace.errors import QtraceError
from qtrace.laboratory.curve_names import (
    MADE_HERE,
    curve_of_name,
    folded,
)
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.quantity.value import parse_quantity
from qtrace.traceability.chain import Dossier
from qtrace.traceability.curve import AT_THE_EDGE, EXPANDED_AT, POWER, Curve, curve_of
from qtrace.traceability.use import condition_misfits, range_misfits
from qtrace.uncertainty.results import Model, ModelKind


def with_curves_as_one(dossier: Dossier, target: int) -> dict[int, RecordedResult]:
    """Return the records of a dossier in which the parts of each curve are called like the curve.

    Args:
        dossier: All records.
        target: The result that is asked for, which keeps its own name.
    """
    return {
        k: one
        if k == target or not curve_of_name(one.name)
        else replace(one, name=curve_of_name(one.name))
        for k, one in dossier.results.items()
    }


def parts_in_words(dossier: Dossier, recorded: RecordedResult) -> str:
    """Say how many parts of a curve a chain rests on, empty where a result is no curve."""
    if dossier.results[recorded.result_id].name == recorded.name:
        return ""
    text = dossier.network.result(recorded.result_id).model.text
    count = len(_parts(dossier, dossier.results[recorded.result_id]))
    return f"curve, {count} {'points' if 'point' in text else 'coefficients'}"


def is_curve_in_use(model: Model) -> bool:
    """Return whether a model takes a value from a curve at an argument."""
    return model.kind is ModelKind.LINEAR and bool(model.text) and model.text not in MADE_HERE


def _parts(dossier: Dossier, part: RecordedResult) -> list[RecordedResult]:
    """Return all parts on record of the curve that a part belongs to."""
    label = folded(part.label)
    return [
        one
        for one in dossier.results.values()
        if one.event_label == part.event_label
        and curve_of_name(one.name)
        and folded(one.label) == label
    ]


def parent_misfits(
    dossier: Dossier, child: RecordedResult, recorded: RecordedResult, event: Event
) -> tuple[str, ...]:
    """Return which conditions of a parent its use leaves, one line per condition.

    Args:
        dossier: Network and records.
        child: The result that uses it.
        recorded: The parent, under the name of its curve where it is a part of one.
        event: The event of the child.
    """
    part = dossier.results[recorded.result_id]
    calibrated, used = dict(part.measurand.conditions), dict(child.measurand.conditions)
    lines: tuple[str, ...] = ()
    if part.name != recorded.name or curve_of_name(part.name):
        if not is_curve_in_use(dossier.network.result(child.result_id).model):
            return ()  # nothing is interpolated: the point itself is used, as the file says
        lines, argument = _outside(dossier, child, part)
        calibrated = {
            k: text for k, text in calibrated.items() if k not in {argument, POWER, EXPANDED_AT}
        }
    if event.kind is EventKind.USE:
        return (*lines, *condition_misfits(calibrated, used))
    return (*lines, *range_misfits(calibrated, used))


def _outside(
    dossier: Dossier, child: RecordedResult, part: RecordedResult
) -> tuple[tuple[str, ...], str]:
    """Return whether a use lies outside the parts that it rests on, and the argument's name."""
    own = {one.parent_id for one in dossier.network.result(child.result_id).arguments}
    label = folded(part.label)
    parts = [
        dossier.results[k]
        for k in own
        if k is not None and folded(dossier.results[k].label) == label
    ]
    try:
        curve = curve_of(parts, dossier.network)
        at = _argument_of(dossier, curve, child)
    except QtraceError as error:
        return (f"{label}: {error.what}",), ""
    slack = AT_THE_EDGE * max(abs(curve.low), abs(curve.high))
    if curve.low - slack <= at <= curve.high + slack:
        return (), curve.argument
    name = curve.argument.replace("_", " ")
    return (
        f"outside calibrated range: {name} {curve.low:.8g} to {curve.high:.8g}, used at {at:.8g} "
        "(SI units)",
    ), curve.argument


def _argument_of(dossier: Dossier, curve: Curve, child: RecordedResult) -> float:
    """Return where on a curve a result was taken: as it says, or its value for an inverse."""
    conditions: Mapping[str, str] = dict(child.measurand.conditions)
    if curve.argument in conditions:
        return parse_quantity(conditions[curve.argument]).si
    return dossier.network.result(child.result_id).value
