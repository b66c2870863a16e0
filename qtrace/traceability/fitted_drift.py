"""A drift rate fitted to the history of a device: as found minus as left of the time before.

Inside: `Shift`, `shifts_of`, `FittedDrift`, `fit_shifts`, `fitted_result`, `expected_fit`,
`SCATTER`.

Each shift is what the device did between two calibrations, adjustments taken out: as_found(n) -
as_left(n-1), never as_left to as_left. The rate is a linear result of all of them, so that it
keeps every correlation with the calibrations that it comes from (their common standards, and the
calibrated value that the rate will be added to). Scatter beyond what the calibrations' u explains
is one more input.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, RecordedResult
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.kinds import DRIFT_RATE, kind
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.chain import Dossier
from qtrace.traceability.pairing import ALIKE, in_order, pair_states
from qtrace.traceability.states import affects, state_of
from qtrace.uncertainty.drift_rate import fit_drift_rate
from qtrace.uncertainty.inputs import Evaluation, InputQuantity
from qtrace.uncertainty.network import Network, covariance, input_sensitivities, row_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind

FOUND = "as_found_"  # followed by the number of the shift, from 1
LEFT = "as_left_"
SCATTER = "scatter"  # argument: what the shifts scatter beyond their u
LEAST_SHIFTS = 2  # with one, nothing says that the rate is constant
SAME_VARIANCE = 1e-9  # libraries of linear algebra differ in the last digits


@dataclass(frozen=True, slots=True)
class Shift:
    """What a device did between two calibrations: `found` - `left`, over `elapsed_s`."""

    left: RecordedResult
    found: RecordedResult
    elapsed_s: float


def shifts_of(
    history: Iterable[tuple[RecordedResult, Event]],
    adjustments: Collection[Event],
    *,
    measurand: Measurand,
    withdrawn: Collection[str] = frozenset(),
) -> tuple[tuple[Shift, ...], tuple[str, ...]]:
    """Return the shifts of a measurand between its calibrations, and what was left out.

    Args:
        history: Calibrated results of one device with their events.
        adjustments: Adjustments on record.
        measurand: Kind and conditions; calibrations under other conditions are left out.
        withdrawn: Labels of events that no longer count.

    Returns:
        Shifts in order of time, and one line for each gap: an interval that ends with an
        adjustment before which nobody looked tells nothing of the drift.
    """
    own = in_order(
        _Calibrated(recorded, event)
        for recorded, event in history
        if recorded.measurand == measurand and event.label not in withdrawn
    )
    active = [
        one for one in adjustments if one.label not in withdrawn and affects(one, measurand.kind)
    ]
    pairs, gaps, notes = pair_states(own, active)
    shifts = tuple(
        Shift(
            left.recorded,
            found.recorded,
            (found.performed_at - left.performed_at).total_seconds(),
        )
        for left, found in pairs
    )
    lines = (f"{one.after} to {one.until}: {one.reason}" for one in gaps)
    return shifts, (*lines, *(note for note in notes if ALIKE not in note))


@dataclass(frozen=True, slots=True)
class _Calibrated:
    """A calibrated result with its event, as a dated state."""

    recorded: RecordedResult
    event: Event

    @property
    def event_label(self) -> str:
        return self.event.label

    @property
    def state(self) -> str:
        return state_of(self.recorded, self.event)

    @property
    def performed_at(self) -> datetime:
        return self.event.performed_at


@dataclass(frozen=True, slots=True)
class FittedDrift:
    """A constant rate through shifts, in the SI unit of the quantity per s.

    `standard_uncertainty` is that from the calibrations alone, `weights` are d(rate)/d(shift);
    `scatter` is the u of the rate that scatter adds beyond the u of the calibrations, with
    `degrees_of_freedom`; 0 where the shifts agree within their u.
    """

    rate: float
    standard_uncertainty: float
    weights: tuple[float, ...]
    chi_square: float
    degrees_of_freedom: int
    scatter: float


def fit_shifts(shifts: Sequence[Shift], network: Network) -> FittedDrift:
    """Return the rate that shifts over their times give, all their covariances kept.

    Args:
        shifts: Two or more.
        network: Holds their results with all ancestors.

    Raises:
        InputError: fewer than two shifts, or covariances that leave one combination exact.

    Source: ISO/TS 28037:2010, clause 9 (covariances), for shift = rate x time without
        intercept; excess scatter: the factor chi^2 / nu above 1 of its Annex E, of the rate's
        own variance.
    """
    if len(shifts) < LEAST_SHIFTS:
        raise InputError(
            f"{len(shifts)} interval{'s' if len(shifts) != 1 else ''} between calibrations "
            "cannot show a constant drift",
            next_step="state a bound, a rate or a random walk until there are three calibrations "
            "that tell how the device was found",
        )
    ids = sorted({i for one in shifts for i in (one.left.result_id, one.found.result_id)})
    place = {result_id: k for k, result_id in enumerate(ids)}
    rows = np.zeros((len(shifts), len(ids)))
    for k, one in enumerate(shifts):
        rows[k, place[one.found.result_id]] += 1.0
        rows[k, place[one.left.result_id]] -= 1.0
    matrix = rows @ covariance(network, ids) @ rows.T
    moved = rows @ np.array([network.result(i).value for i in ids])
    times = np.array([one.elapsed_s for one in shifts])
    # Units of the largest u and time: seconds and small u would look like a singular matrix.
    u, t = math.sqrt(float(np.max(np.diag(matrix)))), float(np.max(times))
    if u == 0.0:
        raise InputError(
            "the calibrations of the history have no uncertainty", next_step="state their budgets"
        )
    begin = np.zeros(len(shifts))  # the rate does not ask where its spans lie, only how long
    fit = fit_drift_rate(begin, times / t, moved / u, covariance=matrix / (u * u))
    own = (fit.stated_uncertainty or 0.0) * u / t
    return FittedDrift(
        fit.rate * u / t,
        own,
        tuple(float(w) / t for w in fit.sensitivities),
        fit.chi_square,
        fit.residual_degrees_of_freedom,
        math.sqrt(fit.factor - 1.0) * own,
    )


def fitted_result(
    name: str, measurand: Measurand, shifts: Sequence[Shift], *, network: Network
) -> tuple[InputQuantity, NewResult]:
    """Return the fitted rate as a linear result with its scatter as an input, unrecorded.

    Args:
        name: Name of the calibrated result; the rate has the same in its own event.
        measurand: What was calibrated.
        shifts: Its history.
        network: Holds the results of the history with all ancestors.
    """
    fit = fit_shifts(shifts, network)
    unit = kind(drift_kind(measurand.kind)).unit
    own = InputQuantity(
        0,
        f"{name}/{SCATTER}",
        0.0,
        fit.scatter,
        unit,
        evaluation=Evaluation.A,
        degrees_of_freedom=float(fit.degrees_of_freedom),
        text=f"chi^2 = {fit.chi_square:.3g} for {fit.degrees_of_freedom} degrees of freedom",
    )
    arguments = [NewArgument(SCATTER, 1.0, input_name=own.name)]
    for k, (one, weight) in enumerate(zip(shifts, fit.weights, strict=True), 1):
        arguments.append(NewArgument(f"{FOUND}{k}", weight, parent_id=one.found.result_id))
        arguments.append(NewArgument(f"{LEFT}{k}", -weight, parent_id=one.left.result_id))
    sweep: dict[int, float] = {}
    for argument in arguments:
        if argument.parent_id is not None:
            for input_id, c in input_sensitivities(network, argument.parent_id).items():
                sweep[input_id] = sweep.get(input_id, 0.0) + argument.sensitivity * c
    made = NewResult(
        name,
        Measurand(drift_kind(measurand.kind), measurand.conditions),
        Model(ModelKind.LINEAR),
        fit.rate,
        unit,
        math.hypot(row_uncertainty(network, sweep), fit.scatter),
        tuple(arguments),
    )
    return own, made


def drift_kind(kind_name: str) -> str:
    """Return the kind of the drift rate of a kind of quantity."""
    return f"{kind_name}{DRIFT_RATE}"


def expected_fit(dossier: Dossier, result_id: int) -> tuple[float, dict[str, float]]:
    """Return value and sensitivities that a fitted rate must have, from the history it names.

    Args:
        dossier: Network and events of the rate and of all behind it.
        result_id: A linear result with the argument "scatter".
    """
    network = dossier.network
    result = network.result(result_id)
    arguments = {one.name: one for one in result.arguments}
    expected = dict.fromkeys(arguments, math.nan)
    shifts = []
    for k in range(1, (len(arguments) - 1) // 2 + 1):
        pair = [arguments.get(f"{mark}{k}", Argument("", 0.0)).parent_id for mark in (LEFT, FOUND)]
        if pair[0] is None or pair[1] is None:
            return math.nan, expected
        left, found = (dossier.results[one] for one in (pair[0], pair[1]))
        times = [dossier.event_of(one.result_id).performed_at for one in (left, found)]
        shifts.append(Shift(left, found, (times[1] - times[0]).total_seconds()))
    fit = fit_shifts(shifts, network)
    expected[SCATTER] = 1.0
    own = arguments[SCATTER].input_id
    stated = math.nan if own is None else network.quantity(own).standard_uncertainty
    # Near zero a scatter is the root of a difference: only its square is known that well.
    if not abs(stated**2 - fit.scatter**2) <= SAME_VARIANCE * fit.standard_uncertainty**2:
        expected[SCATTER] = math.nan
    for k, weight in enumerate(fit.weights, 1):
        expected[f"{FOUND}{k}"], expected[f"{LEFT}{k}"] = weight, -weight
    return fit.rate, expected
