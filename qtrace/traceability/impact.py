"""What a recall doubts: why, which uses, by how much, and which results are looked at exactly.

Inside: `RecallCause`, `ShiftModel`, `CalibrationState`, `UseOfResult`, `Doubt`,
`doubtful_period`, `effective_shift`, `parse_shift`, `sweep`, `felt`, `screen`,
`SCREENING_RULE`.

Three causes differ in what they doubt. An error in a certificate doubts every use of the event,
whenever it was. An instrument found out of tolerance doubts the uses since its last state that
was confirmed good, each by a shift that is only known to lie between nothing and what was found.
A withdrawal doubts no value: the path to the SI is gone.
Source: ISO/IEC 17025:2017, 6.4.9 and 7.10 (effect on earlier results; clauses from memory).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.traceability.states import AS_FOUND
from qtrace.uncertainty.inputs import Distribution, InputQuantity

AS_LEFT = "as_left"
# A state agrees with the one before it within its expanded uncertainty and the drift allowed for.
COVERAGE_OF_STATES = 2.0
NEGLIGIBLE = 0.01  # of u: below a hundredth it moves no guard band by a digit that is printed
SCREENING_RULE = (
    "evaluated exactly: every result of a run or behind one, and every other whose first-order "
    "shift exceeds 1 % of its u; the rest is named, not evaluated"
)
RELATIVE_UNITS = ("%", "ppm")


class RecallCause(StrEnum):
    """Why a calibration is recalled."""

    ERROR_IN_CERTIFICATE = "error_in_certificate"  # its figures were wrong from the first day
    OUT_OF_TOLERANCE_AS_FOUND = "out_of_tolerance_as_found"  # the device had moved when found
    WITHDRAWN = "withdrawn"  # nothing stands behind its figures any more


class ShiftModel(StrEnum):
    """How a shift is thought to have come between the last good state and the finding."""

    WORST = "worst"  # anything between 0 and all of it, for each time of use the worst
    LINEAR = "linear"  # growing evenly with time


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """A calibration of the same quantity of a device: what it was found or left at.

    `value` and the rest are in SI units. `u_of_change` is u of its difference from the recalled
    calibration, correlations kept; `allowance` the half-width of the drift allowed since then.
    """

    label: str
    state: str
    performed_at: datetime
    value: float
    u_of_change: float = 0.0
    allowance: float = 0.0


@dataclass(frozen=True, slots=True)
class UseOfResult:
    """A result that rests directly on the recalled one, and when it used it.

    `allowance` is the half-width of the drift that this use allowed for, in SI units.
    """

    result_id: int
    parent_id: int
    event_label: str
    used_at: datetime
    allowance: float = 0.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """The period that a finding throws doubt on, and the shift found at its end, in SI units."""

    start: datetime
    end: datetime
    opened_by: str
    found_by: str
    shift: float
    u_of_shift: float
    remarks: tuple[str, ...] = ()

    def covers(self, moment: datetime) -> bool:
        """Return whether a use at that time is doubted; both ends are."""
        return self.start <= moment <= self.end

    def share(self, moment: datetime) -> float:
        """Return the part of the period gone by at a time, 0 to 1."""
        whole = (self.end - self.start).total_seconds()
        return (moment - self.start).total_seconds() / whole if whole > 0.0 else 1.0


def doubtful_period(states: Iterable[CalibrationState], recalled: str, found: str) -> Doubt:
    """Return the period that a finding doubts: from the last state confirmed good, no further.

    That state is the last calibration as left; or a later one as found that was not adjusted
    and agrees with it within its U (k = 2) and the drift allowed for.

    Args:
        states: Calibrations of the device's quantity that are not withdrawn, in any order.
        recalled: Label of the calibration whose value was in use.
        found: Label of the calibration that shows the shift.

    Raises:
        InputError: one is not among the states; the finding is no later state as found; or
            between them another calibration opened a period of its own.
    """
    by_label = {one.label: one for one in states}
    opening, finding = _ends(by_label, recalled, found)
    between = sorted(
        (one for one in by_label.values() if _inside(one, opening, finding)),
        key=lambda one: one.performed_at,
    )
    later = [one.label for one in between if one.state != AS_FOUND]
    if later:
        raise InputError(
            f"{later[-1]} opened a new period between {recalled} and {found}: what was measured "
            "before it belongs to the recall of its own finding",
            where="CALIBRATION",
            next_step=f"recall {later[-1]} with --found {found}",
        )
    start, opened_by, remarks = opening.performed_at, opening.label, []
    for one in between:
        away = abs(one.value - opening.value)
        if away <= COVERAGE_OF_STATES * one.u_of_change + one.allowance:
            start, opened_by = one.performed_at, one.label
            remarks.append(f"{one.label} confirmed the state: uses before it are not doubted")
        else:
            remarks.append(f"{one.label} had been found off already, and nothing was adjusted")
    shift = finding.value - opening.value
    if abs(shift) <= COVERAGE_OF_STATES * finding.u_of_change + finding.allowance:
        remarks.append(
            f"{found} agrees with {recalled} within U (k = 2) and the drift allowed for: the "
            "shift is not significant"
        )
    return Doubt(
        start,
        finding.performed_at,
        opened_by,
        found,
        shift,
        finding.u_of_change,
        tuple(remarks),
    )


def _ends(
    by_label: Mapping[str, CalibrationState], recalled: str, found: str
) -> tuple[CalibrationState, CalibrationState]:
    """Return the state that was in use and the one that was found, if they can be these."""
    for label in (recalled, found):
        if label not in by_label:
            raise InputError(
                f"{label} is no calibration in force of the same quantity of the same device",
                where="--found" if label == found else "CALIBRATION",
                next_step=f"on record: {', '.join(sorted(by_label)) or 'none'}",
            )
    opening, finding = by_label[recalled], by_label[found]
    if opening.state == AS_FOUND:
        raise InputError(
            f"{recalled} is a state as found: nothing was measured with it",
            where="CALIBRATION",
            next_step="name the calibration whose value was in use, and this one as --found",
        )
    if finding.state == AS_LEFT or finding.performed_at <= opening.performed_at:
        raise InputError(
            f"{found} does not show what the device was found at after {recalled}",
            where="--found",
            next_step="name a later calibration with state as_found",
        )
    return opening, finding


def _inside(one: CalibrationState, first: CalibrationState, last: CalibrationState) -> bool:
    return first.performed_at < one.performed_at < last.performed_at


def drift_allowance(rate: InputQuantity, elapsed_s: float) -> float:
    """Return the half-width of the drift that a use allowed for, in SI units of the result.

    Args:
        rate: The drift rate, an input of the calibration, in the result's SI unit per s.
        elapsed_s: Time from the calibration to the use, in s.

    Source: GUM 4.3.7 (rectangular: a = u sqrt(3)); for other shapes U with k = 2.
    """
    k = math.sqrt(3.0) if rate.distribution is Distribution.RECTANGULAR else COVERAGE_OF_STATES
    return k * rate.standard_uncertainty * abs(elapsed_s)


def effective_shift(doubt: Doubt, use: UseOfResult, model: ShiftModel) -> float:
    """Return the largest shift to reckon with at a use, beyond the drift it allowed for.

    Args:
        doubt: Period and shift.
        use: Time of use and its allowance for drift.
        model: WORST takes all of the shift at any time, LINEAR the share of the time gone by.
    """
    full = doubt.shift * (doubt.share(use.used_at) if model is ShiftModel.LINEAR else 1.0)
    return math.copysign(max(0.0, abs(full) - use.allowance), full)


def parse_shift(text: str, *, value: float, unit: str) -> float:
    """Return a shift in SI units from text: relative with % or ppm, else in the unit.

    Args:
        text: "0.5 %", "-200 ppm", or an amount in a unit such as "2 nW".
        value: The value that is shifted, in SI units.
        unit: Its unit; its dimension counts.

    Raises:
        InputError: no number with a unit, or a unit of another dimension.
    """
    quantity = parse_quantity(text.strip().removeprefix("+"))
    if text.strip().endswith(RELATIVE_UNITS):
        return quantity.si * value
    if quantity.unit.dimension != parse_unit(unit).dimension:
        raise InputError(
            f"a shift of {text} does not fit a value in {unit}",
            where="--shift",
            next_step="give it in % of the value or in its unit",
        )
    return quantity.si


def sweep(edges: Iterable[tuple[int, int, float]], start: Mapping[int, float]) -> dict[int, float]:
    """Return first-order shifts of all descendants, by one forward pass.

    Args:
        edges: (result, parent, sensitivity) of all descendants, in recording order of the result.
        start: Result id to the shift that enters there, in SI units.

    Source: GUM Eq. 13 with the chain rule, a column of (I - A)^-1.
    """
    shifts = dict(start)
    for result_id, parent_id, sensitivity in edges:
        if parent_id in shifts:
            shifts[result_id] = shifts.get(result_id, 0.0) + sensitivity * shifts[parent_id]
    return shifts


def felt(
    edges: Sequence[tuple[int, int, float]],
    starts: Mapping[tuple[int, int], float],
    times: Mapping[tuple[int, int], object],
) -> dict[int, float]:
    """Return the largest first-order shifts where uses at different times saw different shifts.

    Uses at one time saw the same, and what they do may cancel; what uses at different times do
    is added in size.

    Args:
        edges: As for `sweep`.
        starts: Use (result, parent) to the shift of the result, in SI units.
        times: Use to what tells its time.

    Source: triangle inequality, on first-order shifts as of `sweep`.
    """
    groups: dict[str, dict[int, float]] = {}
    for key, shift in starts.items():
        group = groups.setdefault(str(times[key]), {})
        group[key[0]] = group.get(key[0], 0.0) + shift
    total: dict[int, float] = {}
    for group in groups.values():
        for result_id, shift in sweep(edges, group).items():
            total[result_id] = total.get(result_id, 0.0) + abs(shift)
    return total


def screen(
    shifts: Mapping[int, float], uncertainties: Mapping[int, float], judged: Iterable[int]
) -> tuple[int, ...]:
    """Return the results that are evaluated exactly, in recording order; see `SCREENING_RULE`.

    Args:
        shifts: Descendant to its first-order shift, in SI units.
        uncertainties: Their standard uncertainties, in SI units.
        judged: Those in or behind a run, whatever their shift.
    """
    always = set(judged)
    return tuple(
        sorted(
            one
            for one, shift in shifts.items()
            if one in always or not abs(shift) <= NEGLIGIBLE * uncertainties.get(one, 0.0)
        )
    )
