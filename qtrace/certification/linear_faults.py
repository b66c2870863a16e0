"""Whether the arguments of linear results are what their names say, in a case by a stranger.

Inside: `linear_faults`, `drift_faults`.

Their numbers are derived again by `qtrace.certification.recheck`; here it is asked whether each
argument is taken from the record that it must come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from qtrace.laboratory.event import OF_HISTORY, EventKind, RecordedResult
from qtrace.traceability.chain import Dossier
from qtrace.traceability.drift import coefficient_prefix, drift_label
from qtrace.traceability.fitted_drift import SCATTER, drift_kind
from qtrace.traceability.in_use import (
    AT_USE,
    CALIBRATED,
    CLOSING,
    COEFFICIENT,
    DRIFT_RATE,
    DRIFT_WALK,
    NO_DRIFT,
    WALK_TO_CLOSING,
)
from qtrace.traceability.shared_part import OWN_PART
from qtrace.traceability.states import AS_FOUND, AS_LEFT, state_of
from qtrace.traceability.use import condition_span, drift_input_name
from qtrace.uncertainty.random_walk import walk_of
from qtrace.uncertainty.results import Argument, Result

SAME_WIDTH = 1e-12  # the same double, written out and read again


def linear_faults(dossier: Dossier, result: Result) -> Iterator[str]:
    """Yield what is wrong with a linear result outside a use.

    Args:
        dossier: All records behind it.
        result: The linear result: a parent brought to a calibration, a certificate made whole
            from its parts, or a drift fitted to a history.
    """
    own = dossier.results[result.result_id]
    event = dossier.events[own.event_label]
    names = {one.name for one in result.arguments}
    if CALIBRATED in names and event.kind is EventKind.CALIBRATION:
        yield from _taken_over(dossier, result, own)
    elif OWN_PART in names and event.kind is EventKind.CALIBRATION:
        yield from _whole(dossier, result, own)
    elif SCATTER in names and event.kind is EventKind.STATEMENT and OF_HISTORY in event.flags:
        yield from _fitted(dossier, result, own)
    else:
        yield f"{own.label}: a linear model belongs to a use"


def _taken_over(dossier: Dossier, result: Result, own: RecordedResult) -> Iterator[str]:
    """Check a calibrated parent brought to the date of a calibration: it and its drift."""
    parents = {one.name: one.parent_id for one in result.arguments}
    source = dossier.results[parents[CALIBRATED] or 0]
    same = source.measurand.kind == own.measurand.kind and {
        name for name, _ in source.measurand.conditions
    } <= {name for name, _ in own.measurand.conditions}
    if source.event_label == own.event_label or not same:
        yield f"{own.label}: {source.label} is no calibration of it"
    if CLOSING in parents:
        yield f"{own.label}: a linear model here is a calibrated value and its drift"
    yield from drift_faults(dossier, result, source)


def drift_faults(dossier: Dossier, result: Result, source: RecordedResult) -> Iterator[str]:
    """Yield what in a use is not the drift, walk or coefficient of the result that it used.

    Args:
        dossier: All records behind it.
        result: The result in use.
        source: The calibrated result, the opening one of two.
    """
    own = dossier.results[result.result_id]
    drifting = {one.name for one in result.arguments} & {CLOSING, DRIFT_RATE, DRIFT_WALK}
    if not drifting and NO_DRIFT not in own.flags:
        yield f"{own.label}: its drift is left out, and nothing says that none is stated"
    for one in result.arguments:
        if one.name in {CALIBRATED, CLOSING} and one.parent_id is not None:
            continue
        if one.name == DRIFT_RATE and not _is_rate(dossier, one, source):
            yield f"{own.label}: its drift is not that of {source.label} over the time since"
        elif one.name == DRIFT_RATE:
            continue
        elif one.input_id is None:
            yield f"{own.label}: a use is the calibrated value and its drift, nothing else"
        elif one.name in {DRIFT_WALK, WALK_TO_CLOSING}:
            name = walk_of(dossier.network.quantity(one.input_id))
            if (dossier.input_owner[one.input_id][0], name) != (
                own.event_label,
                f"{source.label}/{DRIFT_WALK}",
            ):
                yield f"{own.label}: its random walk is not that of {source.label}"
        elif one.name.startswith(COEFFICIENT):
            condition = one.name.removeprefix(COEFFICIENT)
            event, name = dossier.input_owner[one.input_id]
            wanted = f"{coefficient_prefix(source.name)}{condition}@"
            if event != source.event_label or not name.startswith(wanted):
                yield f"{own.label}: its coefficient of {condition} is not that of {source.label}"
        elif one.name.endswith(AT_USE):
            yield from _at_use(dossier, one, own)
        else:
            yield f"{own.label}: a use is the calibrated value and its drift, nothing else"


def _is_rate(dossier: Dossier, argument: Argument, source: RecordedResult) -> bool:
    """Return whether a rate is the stated one of a calibrated result, or the fitted one."""
    if argument.input_id is not None:
        wanted = (source.event_label, drift_input_name(source.name))
        return dossier.input_owner[argument.input_id] == wanted
    fitted = dossier.results[argument.parent_id or 0]
    return (fitted.event_label, fitted.name) == (drift_label(source.event_label), source.name)


def _at_use(dossier: Dossier, argument: Argument, own: RecordedResult) -> Iterator[str]:
    """Check that a condition is known at the use no better than the use says."""
    condition = argument.name.removesuffix(AT_USE)
    span = condition_span(own.measurand.condition(condition))
    quantity = dossier.network.quantity(argument.input_id or 0)
    half = math.nan if span is None else (span[1].si - span[0].si) / 2.0
    if dossier.input_owner[argument.input_id or 0][0] != own.event_label or not math.isclose(
        quantity.standard_uncertainty * math.sqrt(3.0), half, rel_tol=SAME_WIDTH
    ):
        yield f"{own.label}: its {condition} is not known as the use says"


def _whole(dossier: Dossier, result: Result, own: RecordedResult) -> Iterator[str]:
    """Check a certificate: its remainder is its own, every shared part that of a statement."""
    for one in result.arguments:
        owner = dossier.input_owner[one.input_id or 0][0]
        kind = dossier.events[owner].kind
        mine = one.name == OWN_PART
        if (owner == own.event_label) != mine or (not mine and kind is not EventKind.STATEMENT):
            yield f"{own.label}: {one.name} is not a part of the certificate"


def _fitted(dossier: Dossier, result: Result, own: RecordedResult) -> Iterator[str]:
    """Check a fitted drift: calibrations of one device and measurand, none on the wrong side."""
    device = dossier.events[own.event_label].device_id
    for one in result.arguments:
        if one.name == SCATTER and one.input_id is not None:
            if dossier.input_owner[one.input_id][0] != own.event_label:
                yield f"{own.label}: its scatter is not its own"
            continue
        recorded = dossier.results[one.parent_id or 0]
        event = dossier.events[recorded.event_label]
        wrong = AS_LEFT if one.name.startswith(AS_FOUND) else AS_FOUND
        about = (event.kind, event.device_id, drift_kind(recorded.measurand.kind))
        if (
            about != (EventKind.CALIBRATION, device, own.measurand.kind)
            or recorded.measurand.conditions != own.measurand.conditions
            or state_of(recorded, event) == wrong
        ):
            yield f"{own.label}: {recorded.label} is not {one.name} of this history"
