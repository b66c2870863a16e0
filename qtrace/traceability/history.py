"""What consecutive calibrations of one device say: shifts as found minus as left, and gaps.

Inside: `CalibratedState`, `Shift`, `History`, `history_of`, `shift_covariance`,
`drift_of_history`, `covariance_left_rate`.

Found and left are results of one event, or two events; `pairing` says which belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.traceability.pairing import Gap, in_order, pair_states
from qtrace.traceability.states import affects, state_of
from qtrace.uncertainty.drift_rate import DriftRate, fit_drift_rate
from qtrace.uncertainty.network import Network, covariance
from qtrace.uncertainty.unknown import combination_uncertainty

DAY_S = 86400.0


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
    states = in_order(
        CalibratedState(
            one.result_id, one.label, event.label, state_of(one, event), event.performed_at,
            *values[one.result_id],
        )
        for one, event in series
    )  # fmt: skip
    active = [one for one in adjustments if one.label not in withdrawn and affects(one, kind)]
    pairs, gaps, notes = pair_states(states, active)
    shifts = tuple(_shift(network, left, found) for left, found in pairs)
    first = series[0][0]
    return History(
        device_id, kind, first.unit, first.measurand.conditions, tuple(states), shifts, gaps, notes
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
    return sorted(found, key=lambda pair: pair[0].result_id)


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
