"""What a proposal of a calibration interval is asked with, counts, and says.

Inside: `IntervalMethod`, `IntervalRequest`, `Observation`, `observations_of`, `Proposal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qtrace.traceability.history import History, Shift
from qtrace.traceability.tolerance import Tolerance
from qtrace.uncertainty.interval_a3 import A3Result
from qtrace.uncertainty.interval_s2 import S2Result
from qtrace.uncertainty.interval_variables import VariablesInterval, VariablesVersion

DOUBT = 1.96  # nearer to a limit than this many u, in or out of tolerance is not sure


class IntervalMethod(StrEnum):
    """How an interval is found."""

    A3 = "a3"  # tests the present interval by counts
    S2 = "s2"  # reliability models through counts after different times
    VARIABLES = "variables"  # measured drift and its uncertainty


@dataclass(frozen=True, slots=True)
class IntervalRequest:
    """What is asked: method, target reliability, and what the method needs.

    `u_target` (SI units) asks the variables method for growth of uncertainty instead of
    reliability. `present_days` is the present interval. `order` None chooses by the scatter.
    """

    method: IntervalMethod
    target: float = 0.95
    confidence: float | None = None
    tolerance: Tolerance | None = None
    present_days: float | None = None
    u_target: float | None = None
    order: int | None = None
    weighted: bool = False
    version: VariablesVersion = VariablesVersion.SUNCAL_1_7_1


@dataclass(frozen=True, slots=True)
class Observation:
    """One calibration as found, after a known time; values in SI units.

    `in_tolerance` is None without a tolerance; `doubtful` says that the limit lies within the
    uncertainty. `used` says whether the method counted it.
    """

    device_id: str
    left: str
    found: str
    found_on: datetime
    elapsed_days: float
    shift: float
    standard_uncertainty: float
    in_tolerance: bool | None
    doubtful: bool
    used: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """An interval in days and all that it rests on; None where the history gives none."""

    device_id: str
    kind: str
    unit: str
    method: IntervalMethod
    version: str
    target: float
    tolerance: str
    present_days: float | None
    proposed_days: float | None
    limits_days: tuple[float, float] | None
    confidence: str
    observations: tuple[Observation, ...]
    warnings: tuple[str, ...]
    a3: A3Result | None = None
    s2: S2Result | None = None
    variables: VariablesInterval | None = None


def observations_of(
    histories: Sequence[History], tolerance: Tolerance | None
) -> tuple[Observation, ...]:
    """Return every shift of some histories as one observation, judged as found.

    A calibration counts by its measured value, as the methods count; that the limit lies within
    its uncertainty is said beside it.
    """
    found = []
    for history in histories:
        for one in history.shifts:
            good, doubtful = None, False
            if tolerance is not None:
                low, high = tolerance.limits(one.left.value)
                value = one.found.value
                good = low <= value <= high
                # About the value left, what is judged is the shift; else the value found.
                u = one.standard_uncertainty
                if tolerance.nominal is not None:
                    u = one.found.standard_uncertainty
                doubtful = min(abs(value - low), abs(value - high)) < DOUBT * u
            found.append(_observation(history.device_id, one, in_tolerance=good, doubtful=doubtful))
    return tuple(found)


def _observation(
    device_id: str, one: Shift, *, in_tolerance: bool | None, doubtful: bool
) -> Observation:
    return Observation(
        device_id,
        one.left.event_label,
        one.found.event_label,
        one.found.performed_at,
        one.elapsed_days,
        one.shift,
        one.standard_uncertainty,
        in_tolerance,
        doubtful,
    )
