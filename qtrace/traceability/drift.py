"""Drift between a calibration and its use: the rate as one input, a parent brought to a date.

Inside: `DRIFT_UNITS`, `drift_rate_input`, `ParentAge`, `aged_parent`.

A calibrated result that is used in another calibration has aged, too: it enters with its
drift since then, exactly as it would in a link.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qtrace.laboratory.draft import DriftDraft
from qtrace.laboratory.event import EndKind, Event, Origin, RecordedResult
from qtrace.laboratory.recording import NewResult
from qtrace.traceability.in_use import in_use_result
from qtrace.traceability.use import InUse
from qtrace.traceability.validity import SAME_SESSION
from qtrace.uncertainty.inputs import Distribution, InputQuantity

# How a rate of change per second is written for kinds whose own unit has no symbol in front.
DRIFT_UNITS = {"1": "/s", "/s": "/s^2"}


def drift_rate_input(
    drift: DriftDraft, name: str, *, value: float, unit: str
) -> tuple[InputQuantity, Origin]:
    """Return the drift rate of a result as an input of its event, and where it comes from.

    Args:
        drift: The declared bound (half-width, per s; relative to the value where said).
        name: Name of the input.
        value: Value of the result, in SI units.
        unit: SI unit code of the result.

    Source: GUM 4.3.7 (rectangular, half-width a: u = a / sqrt(3)).
    """
    half = drift.half_width_per_s * (abs(value) if drift.relative else 1.0)
    rate = InputQuantity(
        0,
        name,
        0.0,
        half / math.sqrt(3.0),
        DRIFT_UNITS.get(unit, f"{unit}/s"),
        Distribution.RECTANGULAR,
        text=drift.text,
    )
    return rate, Origin(end=EndKind.ASSESSED_BOUND, statement=drift.source or drift.text)


@dataclass(frozen=True, slots=True)
class ParentAge:
    """The calibration behind a referenced result, and its drift rate if one is on record."""

    calibration: Event
    drift_rate: InputQuantity | None


def aged_parent(
    name: str, recorded: RecordedResult, age: ParentAge, user: Event, *, value: float, u: float
) -> tuple[NewResult | None, str]:
    """Return a parent brought to the date of the event that uses it, or why it is taken as is.

    Args:
        name: Name under which the file refers to it.
        recorded: The calibrated result.
        age: Its calibration and drift rate.
        user: The event that uses it.
        value: Its value, in SI units.
        u: Its standard uncertainty, in SI units.

    Returns:
        A linear result to be recorded, named NAME_at_use, and no warning; or None and a warning,
        empty where the use falls into the session of the calibration.
    """
    elapsed = user.performed_at - age.calibration.performed_at
    if abs(elapsed) <= SAME_SESSION:
        return None, ""
    if age.drift_rate is None:
        days = elapsed.total_seconds() / 86400.0
        return None, (
            f"{recorded.label} is used {days:.0f} days after its calibration, and its drift is "
            "not stated"
        )
    use = InUse(recorded, age.calibration, elapsed.total_seconds(), "")
    made = in_use_result(use, age.drift_rate, value=value, u=u, conditions={})
    # A limit is a parent only as its posterior, which drifts as an estimate does.
    posterior = replace(made, form="estimate", interval=None, interval_method="")
    return replace(posterior, name=f"{name}_at_use"), ""
