"""What consecutive calibrations of one device say: shifts as found minus as left, and gaps.

Inside: `CalibratedState`, `Shift`, `Gap`, `History`, `history_of`, `shift_covariance`,
`drift_of_history`, `covariance_left_rate`.

A file holds one state: a calibration that was adjusted is recorded as two events, one as found
and one as left. A calibration that states neither is taken as found and left alike. A shift goes
from the state left to the next state found; between two states left nothing can be said, because
an adjustment may lie between them: that is a gap, and it is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.traceability.states import AS_FOUND
from qtrace.uncertainty.drift_rate import DriftRate, fit_drift_rate
from qtrace.uncertainty.network import Network, covariance
from qtrace.uncertainty.unknown import combination_uncertainty

AS_LEFT = "as_left"
# As found and as left of one visit: an adjustment and its calibration take days or weeks.
SAME_VISIT = timedelta(days=60)
DAY_S = 86400.0
ALIKE = "states neither as_found nor as_left: taken as found and left alike"
NOT_ADJUSTED = "as found without an as-left: taken as left as it was found"


@dataclass(frozen=True, slots=True)
class CalibratedState:
    """One calibrated state of the device; value and u in SI units."""

    result_id: int
    label: str
    event_label: str
    state: str
    performed_at: datetime
    value: float
    standard_uncertainty: float


@dataclass(frozen=True, slots=True)
class Shift:
    """What a device moved between two calibrations: found minus left, u with covariance of both.

    `naive_uncertainty` is what taking both ends as independent would claim.
    """

    left: CalibratedState
    found: CalibratedState
    shift: float
    standard_uncertainty: float
    naive_uncertainty: float

    @property
    def elapsed_days(self) -> float:
        """Return the time between both states, in days."""
        return (self.found.performed_at - self.left.performed_at).total_seconds() / DAY_S


@dataclass(frozen=True, slots=True)
class Gap:
    """A time over which nothing can be said, and why."""

    after: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """The calibrations of one kind of quantity of one device, in the order of their dates."""

    device_id: str
    kind: str
    unit: str
    conditions: tuple[tuple[str, str], ...]
    states: tuple[CalibratedState, ...]
    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]

    @property
    def last(self) -> CalibratedState:
        """Return the last state; one as found without an as-left is how the device was left."""
        return self.states[-1]


def history_of(
    candidates: Iterable[tuple[RecordedResult, Event]],
    *,
    device_id: str,
    kind: str,
    network: Network,
    values: Mapping[int, tuple[float, float]],
    adjustments: Sequence[Event] = (),
    withdrawn: frozenset[str] = frozenset(),
    like: RecordedResult | None = None,
) -> History:
    """Return the history of one kind of quantity of one device.

    Args:
        candidates: Calibrated results of the device with their events.
        device_id: The device.
        kind: Kind of the quantity.
        network: Holds the results and all their ancestors.
        values: Result id to (value, standard uncertainty), in SI units.
        adjustments: Adjustment events of the device.
        withdrawn: Labels of withdrawn events; they do not count.
        like: A result whose conditions choose among several series.

    Raises:
        InputError: no calibration of that kind, or several series under different conditions.
    """
    series = _series(candidates, device_id=device_id, kind=kind, withdrawn=withdrawn, like=like)
    states = tuple(
        CalibratedState(
            one.result_id, one.label, event.label, event.state, event.performed_at,
            *values[one.result_id],
        )
        for one, event in series
    )  # fmt: skip
    active = [one for one in adjustments if one.label not in withdrawn]
    pairs, gaps, notes = _pairs(states, active)
    shifts = tuple(_shift(network, left, found) for left, found in pairs)
    first = series[0][0]
    return History(
        device_id, kind, first.unit, first.measurand.conditions, states, shifts, gaps, notes
    )


def _series(
    candidates: Iterable[tuple[RecordedResult, Event]],
    *,
    device_id: str,
    kind: str,
    withdrawn: frozenset[str],
    like: RecordedResult | None,
) -> list[tuple[RecordedResult, Event]]:
    """Return the calibrations of one measurand, by date."""
    found = [
        (one, event)
        for one, event in candidates
        if one.measurand.kind == kind
        and event.kind is EventKind.CALIBRATION
        and event.device_id == device_id
        and event.label not in withdrawn
    ]
    if like is not None:
        found = [pair for pair in found if pair[0].measurand == like.measurand]
    if not found:
        raise InputError(
            f"no calibration of {kind.replace('_', ' ')} of {device_id} on record",
            next_step="list them: `qtrace calibration list`",
        )
    kinds = {one.measurand: one.label for one, _ in found}
    if len(kinds) > 1:
        raise InputError(
            f"{kind} of {device_id} was calibrated under {len(kinds)} sets of conditions, which "
            "are histories of their own",
            next_step="name a result of the one that is meant: --like "
            + " or --like ".join(sorted(kinds.values())),
        )
    # As found comes before as left where both carry one date.
    found.sort(
        key=lambda pair: (pair[1].performed_at, pair[1].state != AS_FOUND, pair[0].result_id)
    )
    return found


def _pairs(
    states: Sequence[CalibratedState], adjustments: Sequence[Event]
) -> tuple[list[tuple[CalibratedState, CalibratedState]], tuple[Gap, ...], tuple[str, ...]]:
    """Walk the states by date; join each state left to the next one found."""
    pairs: list[tuple[CalibratedState, CalibratedState]] = []
    gaps: list[Gap] = []
    notes: list[str] = []
    for before, after in pairwise(states):
        if after.performed_at <= before.performed_at and after.state != AS_LEFT:
            gaps.append(Gap(before.event_label, after.event_label, "no time lies between them"))
            continue
        if after.state == AS_LEFT:
            close = after.performed_at - before.performed_at <= SAME_VISIT
            if before.state == AS_FOUND and close:
                continue
            reason = "as left without as found: an adjustment between would make a shift a lie"
            gaps.append(Gap(before.event_label, after.event_label, reason))
            continue
        between = [
            one.label
            for one in adjustments
            if before.performed_at < one.performed_at < after.performed_at
        ]
        if between:
            reason = f"adjusted between ({', '.join(between)}) and not calibrated as left"
            gaps.append(Gap(before.event_label, after.event_label, reason))
            continue
        if before.state == AS_FOUND:
            notes.append(f"{before.event_label}: {NOT_ADJUSTED}")
        pairs.append((before, after))
    unstated = [one.event_label for one in states if not one.state]
    if unstated:
        notes.append(f"{', '.join(unstated)}: {ALIKE}")
    return pairs, tuple(gaps), tuple(notes)


def _shift(network: Network, left: CalibratedState, found: CalibratedState) -> Shift:
    weights = {found.result_id: 1.0, left.result_id: -1.0}
    return Shift(
        left,
        found,
        found.value - left.value,
        combination_uncertainty(network, weights),
        float(np.hypot(left.standard_uncertainty, found.standard_uncertainty)),
    )


def shift_covariance(network: Network, shifts: Sequence[Shift]) -> NDArray[np.float64]:
    """Return the covariance of shifts, shared standards and shared ends kept; shape (n, n).

    Where a certificate does not state the correlation of its points, the variance of each shift
    is raised to its bound; the covariances stay those that are known.

    Source: JCGM 102:2011, clause 6.2, for D x with D the differences found minus left.
    """
    ids = sorted({one.result_id for pair in shifts for one in (pair.left, pair.found)})
    place = {result_id: k for k, result_id in enumerate(ids)}
    differences = np.zeros((len(shifts), len(ids)))
    for row, one in enumerate(shifts):
        differences[row, place[one.found.result_id]] += 1.0
        differences[row, place[one.left.result_id]] -= 1.0
    matrix = differences @ covariance(network, ids) @ differences.T
    bound = np.array([one.standard_uncertainty**2 for one in shifts])
    known = np.diag(matrix)
    raised = np.maximum(bound - known, 0.0)
    # Rounding of a sum is no bound.
    raised[raised <= 1e-9 * np.maximum(bound, known)] = 0.0
    return np.asarray((matrix + matrix.T) / 2.0 + np.diag(raised), dtype=np.float64)


def days_since(origin: datetime, moment: datetime) -> float:
    """Return the time from one moment to another, in days."""
    return (moment - origin).total_seconds() / DAY_S


def drift_of_history(network: Network, history: History) -> tuple[DriftRate | None, str]:
    """Fit one drift rate, in SI units a day, to the shifts of a history.

    Returns:
        The rate and no words; or None and why there is none: no shift, or a covariance that is
        not positive definite, by which some combination of calibrations would be exact.
    """
    if not history.shifts:
        return None, "no as-found follows an as-left"
    origin = history.states[0].performed_at
    try:
        drift = fit_drift_rate(
            [days_since(origin, one.left.performed_at) for one in history.shifts],
            [days_since(origin, one.found.performed_at) for one in history.shifts],
            [one.shift for one in history.shifts],
            covariance=shift_covariance(network, history.shifts),
        )
    except InputError as error:
        return None, f"{error.what} ({error.where})"
    return drift, ""


def covariance_left_rate(
    network: Network, history: History, drift: DriftRate, left: CalibratedState
) -> float:
    """Return the covariance of a state left with the fitted rate, in SI units squared a day."""
    weights: dict[int, float] = {}
    for one, share in zip(history.shifts, drift.sensitivities, strict=True):
        weights[one.found.result_id] = weights.get(one.found.result_id, 0.0) + float(share)
        weights[one.left.result_id] = weights.get(one.left.result_id, 0.0) - float(share)
    ids = sorted({*weights, left.result_id})
    matrix = covariance(network, ids)
    column = matrix[ids.index(left.result_id)]
    return float(sum(column[k] * weights.get(one, 0.0) for k, one in enumerate(ids)))
