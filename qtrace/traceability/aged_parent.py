"""A calibrated result that another calibration uses: brought to the date of that calibration.

Inside: `aged_parent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qtrace.laboratory.event import Event, RecordedResult
from qtrace.traceability.drift import Ageing
from qtrace.traceability.in_use import UsedResult, in_use_result
from qtrace.traceability.use import InUse
from qtrace.traceability.validity import SAME_SESSION
from qtrace.uncertainty.network import Network


def aged_parent(
    name: str,
    recorded: RecordedResult,
    ageing: Ageing,
    user: Event,
    *,
    network: Network,
    conditions: Mapping[str, str],
) -> tuple[UsedResult | None, str]:
    """Return a parent brought to the date of the event that uses it, or why it is taken as is.

    Args:
        name: Name under which the file refers to it.
        recorded: The calibrated result.
        ageing: What its calibration says of drift and conditions.
        user: The event that uses it.
        network: Holds the result, and its fitted rate where there is one.
        conditions: Under which conditions it was used, where the file says so; a condition with
            a coefficient that is not stated lay anywhere in the calibrated range.

    Returns:
        A linear result to be recorded, named NAME_at_use, and no warning; or None and a warning,
        empty where the use falls into the session of the calibration.
    """
    elapsed = user.performed_at - ageing.calibration.performed_at
    if ageing.adjusted:
        return None, (
            f"{recorded.label} is from before the adjustment {ageing.adjusted}; taken as it is, "
            "and its chain will show a break"
        )
    if abs(elapsed) <= SAME_SESSION and not (conditions and ageing.coefficients):
        return None, ""
    if not ageing.stated and not ageing.coefficients:
        days = elapsed.total_seconds() / 86400.0
        return None, (
            f"{recorded.label} is used {days:.0f} days after its calibration, and its drift is "
            "not stated"
        )
    use = InUse(recorded, ageing.calibration, elapsed.total_seconds(), "")
    made = in_use_result(use, ageing, network=network, conditions=conditions)
    # A limit is a parent only as its posterior, which drifts as an estimate does.
    made.result = replace(
        made.result, name=f"{name}_at_use", form="estimate", interval=None, interval_method=""
    )
    return made, ""
