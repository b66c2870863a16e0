"""A calibrated result at a time and under conditions of use.

Inside: `condition_misfits`, `range_misfits`, `InUse`, `drift_input_name`, `resolve_use`.

x_use = x_cal + drift_rate * (t_use - t_cal). The drift rate is ONE input of the calibrated
result, shared by all uses, so that two uses of one calibration stay correlated. Adjustment
starts a new drift; extrapolation beyond the calibrated conditions is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.quantity.value import QuantityValue, parse_quantity
from qtrace.traceability.validity import ValidityState, validity

RELATIVE_MATCH = 1e-9  # two texts of one number, in whatever unit
RANGE_MARK = ".."
# Conditions that describe how a calibration was done, not under what it may be used.
NOT_CONDITIONS_OF_USE = frozenset({"reference_plane", "method", "photon_statistics"})
# Of those, a use that states another one has changed the measurand; silence has not.
NOT_CONTRADICTED = frozenset({"reference_plane"})
AS_FOUND = "as_found"  # closes a period of use; it never opens one


def _quantity(text: str) -> QuantityValue | None:
    try:
        return parse_quantity(text)
    except InputError:
        return None


def _span(text: str) -> tuple[QuantityValue, QuantityValue] | None:
    """Return the ends of a range "a .. b", or a quantity as a range of no width."""
    low_text, mark, high_text = text.partition(RANGE_MARK)
    low = _quantity(low_text.strip())
    high = _quantity(high_text.strip()) if mark else low
    return None if low is None or high is None else (low, high)


def _fits(calibrated: str, used: str) -> bool:
    """Return whether a condition of use lies in a calibrated condition: equal or within.

    Both may be a quantity, a range, or a word; a range of use lies within one of calibration.
    """
    outer, inner = _span(calibrated), _span(used)
    if outer is None or inner is None:
        return calibrated.strip() == used.strip()
    if len({end.unit.dimension for end in (*outer, *inner)}) != 1:
        return False
    slack = RELATIVE_MATCH * max(abs(end.si) for end in (*outer, *inner))
    return outer[0].si - slack <= inner[0].si and inner[1].si <= outer[1].si + slack


def condition_misfits(calibrated: Mapping[str, str], used: Mapping[str, str]) -> tuple[str, ...]:
    """Return why conditions of use leave the calibrated ones, one line per condition.

    Args:
        calibrated: Condition name to text of the calibrated measurand: a quantity, a range
            "1549 nm .. 1552 nm", or a word.
        used: Condition name to text at use. A condition that was calibrated but is not stated
            at use is a misfit: silence is not a match. Only how the calibration was done need
            not be stated; another reference plane than the calibrated one is still a misfit.
    """
    lines = []
    for name, text in sorted(calibrated.items()):
        if name in NOT_CONDITIONS_OF_USE and not (name in NOT_CONTRADICTED and name in used):
            continue
        label = name.replace("_", " ")
        if name not in used:
            lines.append(f"{label}: calibrated at {text}, not stated at use")
        elif not _fits(text, used[name]):
            lines.append(f"{label}: calibrated at {text}, used at {used[name]}")
    return tuple(lines)


def range_misfits(calibrated: Mapping[str, str], used: Mapping[str, str]) -> tuple[str, ...]:
    """Return which calibrated ranges a later calibration leaves, one line per condition.

    Between calibrations only a range binds, and only where the later one states the same
    condition: whether a single calibrated point serves nearby is a matter of its procedure.

    Args:
        calibrated: Condition name to text of the parent's measurand.
        used: Condition name to text of the measurand that was calibrated with it.
    """
    ranges = {n: text for n, text in calibrated.items() if n in used and RANGE_MARK in text}
    return condition_misfits(ranges, used)


@dataclass(frozen=True, slots=True)
class InUse:
    """How a calibrated result enters a use: the source and the drift since then.

    `elapsed_s` is the time from calibration to use; it is the sensitivity to the drift rate,
    an input of the calibration event named `<result>/drift_rate`.
    """

    source: RecordedResult
    calibration: Event
    elapsed_s: float
    due: str


def drift_input_name(result_name: str) -> str:
    """Return the name under which a calibration event owns the drift rate of a result."""
    return f"{result_name}/drift_rate"


def resolve_use(
    candidates: Iterable[tuple[RecordedResult, Event]],
    programmes: Iterable[CalibrationProgramme],
    *,
    device_id: str,
    kind: str,
    use: Event,
    conditions: Mapping[str, str],
    withdrawn: frozenset[str],
) -> tuple[InUse | None, tuple[str, ...]]:
    """Return the calibration that applies to a use, or the reasons why none does.

    The latest calibration before the use is taken that is not withdrawn, not an as-found
    state, and was done under the conditions of use. One that has expired, or that no programme
    covers, is used all the same: its chain then shows that as a named break.

    Args:
        candidates: Calibrated results of the device with their events.
        programmes: All calibration programmes on record.
        device_id: The device.
        kind: Kind of the quantity wanted.
        use: The event of use; its time counts.
        conditions: Conditions of use.
        withdrawn: Labels of withdrawn events.

    Returns:
        The use and no reasons, or None and one reason per line.
    """
    of_kind = [
        (recorded, event)
        for recorded, event in candidates
        if recorded.measurand.kind == kind
        and event.kind is EventKind.CALIBRATION
        and event.device_id == device_id
        and event.state != AS_FOUND
        and event.label not in withdrawn
    ]
    if not of_kind:
        return None, (f"no calibration of {kind.replace('_', ' ')} of {device_id} on record",)
    reasons: list[str] = []
    programme_list = tuple(programmes)
    for recorded, event in sorted(of_kind, key=lambda pair: pair[1].performed_at, reverse=True):
        state = validity(
            programme_list,
            device_id,
            kind=kind,
            calibrated_at=event.performed_at,
            used_at=use.performed_at,
        )
        misfits = list(condition_misfits(dict(recorded.measurand.conditions), conditions))
        if state.state is ValidityState.NOT_YET:
            misfits.insert(0, f"date: {state.reason}")
        if not misfits:
            elapsed = (use.performed_at - event.performed_at).total_seconds()
            due = "" if state.due is None else f"{state.due:%Y-%m-%d}"
            return InUse(recorded, event, elapsed, due), ()
        reasons.extend(f"{recorded.label}: {line}" for line in misfits)
    return None, tuple(reasons)
