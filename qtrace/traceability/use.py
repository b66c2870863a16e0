"""A calibrated result at a time and under conditions of use.

Inside: `condition_span`, `condition_misfits`, `range_misfits`, `InUse`, `drift_input_name`,
`Wanted`, `resolve_use`.

x_use = x_cal + drift_rate * (t_use - t_cal). The drift rate is ONE input of the calibrated
result, shared by all uses, so that two uses of one calibration stay correlated. Adjustment
starts a new drift; extrapolation beyond the calibrated conditions is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.laboratory.link import AFTER, BEFORE
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.quantity.value import QuantityValue, parse_quantity
from qtrace.traceability.states import AS_FOUND, AS_LEFT, adjustment_between, state_of
from qtrace.traceability.validity import ValidityState, validity

RELATIVE_MATCH = 1e-9  # two texts of one number, in whatever unit
RANGE_MARK = ".."
AN_INSTANT = timedelta(microseconds=1)  # times are recorded no finer
# Conditions that describe how a calibration was done, not under what it may be used.
NOT_CONDITIONS_OF_USE = frozenset({"reference_plane", "method", "photon_statistics"})
# Of those, a use that states another one has changed the measurand; silence has not.
NOT_CONTRADICTED = frozenset({"reference_plane"})


def _quantity(text: str) -> QuantityValue | None:
    try:
        return parse_quantity(text)
    except InputError:
        return None


def condition_span(text: str) -> tuple[QuantityValue, QuantityValue] | None:
    """Return the ends of a range "a .. b", or a quantity as a range of no width; None for words."""
    low_text, mark, high_text = text.partition(RANGE_MARK)
    low = _quantity(low_text.strip())
    high = _quantity(high_text.strip()) if mark else low
    return None if low is None or high is None else (low, high)


def _fits(calibrated: str, used: str) -> bool:
    """Return whether a condition of use lies in a calibrated condition: equal or within.

    Both may be a quantity, a range, or a word; a range of use lies within one of calibration.
    """
    outer, inner = condition_span(calibrated), condition_span(used)
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

    `elapsed_s` is the time from calibration to use, negative where the calibration came after;
    it is the sensitivity to the drift rate, an input of the calibration event named
    `<result>/drift_rate`. Between two calibrations `closing` is the result of the later one, and
    `span_s` the time between both.
    """

    source: RecordedResult
    calibration: Event
    elapsed_s: float
    due: str
    closing: RecordedResult | None = None
    span_s: float = 0.0

    @property
    def weight(self) -> float:
        """Return the weight of the closing calibration: linear in time, 0 where there is none."""
        return 0.0 if self.closing is None else self.elapsed_s / self.span_s


def drift_input_name(result_name: str) -> str:
    """Return the name under which a calibration event owns the drift rate of a result."""
    return f"{result_name}/drift_rate"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a use asks for: a kind of quantity of a device at a time, under conditions."""

    device_id: str
    kind: str
    used_at: datetime
    conditions: Mapping[str, str]


def resolve_use(
    candidates: Iterable[tuple[RecordedResult, Event]],
    programmes: Iterable[CalibrationProgramme],
    wanted: Wanted,
    *,
    withdrawn: frozenset[str],
    adjustments: Iterable[Event] = (),
    choice: str = BEFORE,
) -> tuple[InUse | None, tuple[str, ...]]:
    """Return the calibration that applies to a use, or the reasons why none does.

    The latest calibration before the use is taken that is not withdrawn, not an as-found
    state, not from before an adjustment, and was done under the conditions of use. One that has
    expired, or that no programme covers, is used all the same: its chain then shows that as a
    named break. A closing calibration is the first one after the use that is no as-left state.

    Args:
        candidates: Calibrated results of the device with their events.
        programmes: All calibration programmes on record.
        wanted: Device, kind, time and conditions of the use.
        withdrawn: Labels of withdrawn events.
        adjustments: Adjustments on record.
        choice: One of `CALIBRATION_CHOICES`.

    Returns:
        The use and no reasons, or None and one reason per line.
    """
    of_kind = [
        (recorded, event)
        for recorded, event in candidates
        if recorded.measurand.kind == wanted.kind
        and event.kind is EventKind.CALIBRATION
        and event.device_id == wanted.device_id
        and event.label not in withdrawn
    ]
    valid = [one for one in adjustments if one.label not in withdrawn]
    opening: InUse | None = None
    if choice != AFTER:
        opening, reasons = _opening(of_kind, tuple(programmes), wanted, adjustments=valid)
        if choice == BEFORE or opening is None:
            return opening, reasons
    closing, reasons = _closing(of_kind, wanted, adjustments=valid)
    if closing is None or opening is None:
        return closing, reasons
    if opening.source.unit != closing.source.unit or opening.elapsed_s <= 0.0:
        return None, (f"{opening.source.label} and {closing.source.label} do not bracket the use",)
    span = opening.elapsed_s - closing.elapsed_s
    return replace(opening, closing=closing.source, span_s=span), ()


def _opening(
    candidates: list[tuple[RecordedResult, Event]],
    programmes: tuple[CalibrationProgramme, ...],
    wanted: Wanted,
    *,
    adjustments: Sequence[Event],
) -> tuple[InUse | None, tuple[str, ...]]:
    """Return the latest calibration before a use that fits it."""
    opening = [pair for pair in candidates if state_of(*pair) != AS_FOUND]
    if not opening:
        what = wanted.kind.replace("_", " ")
        return None, (f"no calibration of {what} of {wanted.device_id} on record",)
    reasons: list[str] = []
    for recorded, event in sorted(opening, key=lambda pair: pair[1].performed_at, reverse=True):
        state = validity(
            programmes,
            wanted.device_id,
            kind=wanted.kind,
            calibrated_at=event.performed_at,
            used_at=wanted.used_at,
        )
        misfits = list(condition_misfits(dict(recorded.measurand.conditions), wanted.conditions))
        adjusted = adjustment_between(
            adjustments,
            wanted.device_id,
            wanted.kind,
            after=event.performed_at,
            until=wanted.used_at,
        )
        if adjusted is not None:
            misfits.insert(0, f"adjusted {adjusted.performed_at:%Y-%m-%d} ({adjusted.label}) since")
        if state.state is ValidityState.NOT_YET:
            misfits.insert(0, f"date: {state.reason}")
        if not misfits:
            elapsed = (wanted.used_at - event.performed_at).total_seconds()
            due = "" if state.due is None else f"{state.due:%Y-%m-%d}"
            return InUse(recorded, event, elapsed, due), ()
        reasons.extend(f"{recorded.label}: {line}" for line in misfits)
    return None, tuple(reasons)


def _closing(
    candidates: list[tuple[RecordedResult, Event]],
    wanted: Wanted,
    *,
    adjustments: Sequence[Event],
) -> tuple[InUse | None, tuple[str, ...]]:
    """Return the first calibration after a use that still tells of the device as it was used."""
    reasons: list[str] = []
    later = [
        (recorded, event)
        for recorded, event in candidates
        if event.performed_at > wanted.used_at and state_of(recorded, event) != AS_LEFT
    ]
    for recorded, event in sorted(later, key=lambda pair: pair[1].performed_at):
        # An as-found state comes before the adjustment that has its time.
        adjusted = adjustment_between(
            adjustments,
            wanted.device_id,
            wanted.kind,
            after=wanted.used_at,
            until=event.performed_at - AN_INSTANT,
        )
        misfits = list(condition_misfits(dict(recorded.measurand.conditions), wanted.conditions))
        if adjusted is not None:
            misfits.insert(
                0, f"adjusted {adjusted.performed_at:%Y-%m-%d} ({adjusted.label}) in between"
            )
        if not misfits:
            elapsed = (wanted.used_at - event.performed_at).total_seconds()
            return InUse(recorded, event, elapsed, ""), ()
        reasons.extend(f"{recorded.label}: {line}" for line in misfits)
    what = wanted.kind.replace("_", " ")
    none = f"no closing calibration of {what} of {wanted.device_id} on record"
    return None, tuple(reasons) or (none,)
