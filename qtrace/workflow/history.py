"""The calibrations of one quantity of one device: what it did between them, and how fast.

Inside: `ShownHistory`, `show_history`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qtrace.errors import InputError
from qtrace.quantity.kinds import kind as known_kind
from qtrace.registry.calendar import history_records
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.constancy import constancy_warning
from qtrace.traceability.due import programme_in_force
from qtrace.traceability.history import (
    History,
    covariance_left_rate,
    days_since,
    drift_of_history,
    history_of,
)
from qtrace.traceability.proposal import Observation, observations_of
from qtrace.traceability.tolerance import parse_tolerance
from qtrace.uncertainty.drift_rate import DriftRate, Prediction, predict
from qtrace.uncertainty.network import Network
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ShownHistory:
    """A history, the fitted drift rate (SI units a day), and a prediction at a date, if any.

    `observations` are its shifts, judged where a tolerance was given.
    """

    history: History
    tolerance: str
    observations: tuple[Observation, ...]
    drift: DriftRate | None
    predicted_at: datetime | None
    prediction: Prediction | None
    warnings: tuple[str, ...]


def show_history(
    workbench: Workbench,
    device: str,
    kind: str,
    *,
    like: str = "",
    at: str = "",
    tolerance: str = "",
    nominal: str = "",
) -> ShownHistory:
    """Return the history of a quantity of a device.

    Args:
        workbench: Settings and doors.
        device: Id of the device.
        kind: Kind of the quantity.
        like: EVENT/name of a result whose conditions choose among several histories.
        at: Day for which the value is predicted; by default the day when it is due.
        tolerance: Half-width within which the device should be found.
        nominal: Value that the tolerance is about; by default the value left before.

    Raises:
        InputError: unknown device, kind or result; no calibration; a day that is none.
    """
    with workbench.read() as session:
        about = known_kind(kind)
        limits = parse_tolerance(tolerance, about, nominal=nominal) if tolerance else None
        records = history_records(session, [device], kind)
        history = history_of(
            records.candidates[device],
            device_id=device,
            kind=kind,
            network=records.network,
            values=records.values,
            adjustments=records.adjustments[device],
            withdrawn=records.withdrawn,
            like=session.events.result(like) if like else None,
        )
        moment = _moment(at) if at else _due(session, workbench, history)
    drift, undriven = drift_of_history(records.network, history)
    prediction = _predict(records.network, history, drift, moment, workbench)
    return ShownHistory(
        history,
        "" if limits is None else limits.describe(),
        observations_of([history], limits),
        drift,
        moment if prediction is not None else None,
        prediction,
        (f"no drift rate: {undriven}",)
        if drift is None
        else constancy_warning(drift, _ahead(prediction), history.unit),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no date", where="--at", next_step="e.g. 2027-06-01"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _due(session: ReadSession, workbench: Workbench, history: History) -> datetime | None:
    """Return when the quantity is due for calibration, None without a programme."""
    ruling = programme_in_force(
        session.programmes.of_device(history.device_id),
        history.device_id,
        history.kind,
        at=workbench.as_of or workbench.clock(),
    )
    if ruling is None:
        return None
    return history.last.performed_at + timedelta(days=ruling.interval_days)


def _predict(
    network: Network,
    history: History,
    drift: DriftRate | None,
    moment: datetime | None,
    workbench: Workbench,
) -> Prediction | None:
    if drift is None or moment is None:
        return None
    last = history.last
    if moment < last.performed_at:
        raise InputError(
            f"{moment:%Y-%m-%d} lies before the last calibration ({last.performed_at:%Y-%m-%d})",
            where="--at",
            next_step="a prediction looks forward",
        )
    return predict(
        drift,
        days_since(last.performed_at, moment),
        left=last.value,
        u_left=last.standard_uncertainty,
        covariance_left_rate=covariance_left_rate(network, history, drift, last),
        coverage_probability=workbench.coverage_probability,
    )


def _ahead(prediction: Prediction | None) -> float | None:
    return None if prediction is None else prediction.elapsed or None
