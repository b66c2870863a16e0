"""The path of a link watched by its round trip: did it change, and which change would show.

Inside: `PathChange`, `path_change`, `path_flags`, `path_readings`.

There and back together, the offset of the clocks cancels: what is left is the path. A step in it
says that something was done to the fibre or to a station, not what and not by whom; a path that
does not change says nothing about what is added to one direction and taken from the other.
Source: tests of `qtrace.physics.timing.delay_step`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from qtrace.metrics.timing.detectable import DETECTABLE_METRICS
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_results import Reading
from qtrace.physics.timing.delay_attack import BLIND_ROUND_TRIP
from qtrace.physics.timing.delay_step import (
    LEAST_POINTS,
    StepTest,
    scatter_beside_step,
    strongest_step,
)

ALPHA = 0.05
STEP = next(
    one for one in DETECTABLE_METRICS if one.metric_id == "timing.detectable_asymmetry_round_trip"
)
IN_THE_MIDDLE = (
    "for a step in the middle of the record at a time that is named beforehand; scatter taken as "
    "white, without a model of the temperature"
)


@dataclass(frozen=True, slots=True)
class PathChange:
    """The strongest step of the path, when it was (s from the start), the scatter of a point."""

    test: StepTest
    elapsed_s: float
    sigma_s: float
    degrees_of_freedom: float
    points: int


def path_change(record: OffsetRecord) -> PathChange | None:
    """Return the strongest step of the path; None where the path was not measured, or too short.

    The scatter of a point is that of neighbours, or what the fits state where that is more.
    """
    given = np.isfinite(record.path_s)
    points = record.path_s[given]
    if len(points) < LEAST_POINTS:
        return None
    sigma, dof = scatter_beside_step(points)
    stated = float(np.sqrt(np.mean(np.square(record.u_path_s[given]))))
    sigma = max(sigma, stated)
    if not sigma > 0.0:
        return None
    test = strongest_step(points, sigma_s=sigma, degrees_of_freedom=dof, alpha=ALPHA)
    around = record.elapsed_s[given][test.index - 1 : test.index + 1]
    return PathChange(test, float(np.mean(around)), sigma, dof, len(points))


def path_flags(record: OffsetRecord, *, started: datetime | None = None) -> tuple[str, ...]:
    """Return what a reader of the offset must know of the path.

    Args:
        record: Its path is tested.
        started: The start of the run, for the time of day.
    """
    found = path_change(record)
    if found is None or not found.test.found:
        return ()
    when = f"{found.elapsed_s:.6g} s from the start"
    if started is not None:
        when = f"{started + timedelta(seconds=found.elapsed_s):%Y-%m-%dT%H:%M:%S}Z, {when}"
    size, u = found.test.step_s * 1e12, found.test.u_s * 1e12
    return (
        f"the path changed: there and back by {size:+.4g} ps (u {u:.2g} ps) at {when}; look for "
        "its cause: what was added in one direction alone moved the offset by half of it; a drift "
        "with temperature looks like this, too",
    )


def path_readings(record: OffsetRecord) -> tuple[Reading, ...]:
    """Return the asymmetry that a step of the round trip would show; none without a path.

    Source: u of the means of both halves, sigma/sqrt(n/2); u of sigma is sigma/sqrt(2 dof).
    """
    found = path_change(record)
    if found is None:
        return ()
    before = found.points // 2

    def mean_of(points: int) -> tuple[float, float, float]:
        u = found.sigma_s / math.sqrt(points)
        dof = found.degrees_of_freedom
        return u, u / math.sqrt(2.0 * dof), dof

    return (
        Reading(
            "detectable_asymmetry_step",
            STEP,
            {"u_before": mean_of(before), "u_after": mean_of(found.points - before)},
            {
                "test": "step of the round trip, 5 % false alarms, 95 % seen",
                "averaging_time": f"{record.interval_s:.6g} s",
                "record_length": f"{record.length_s:.6g} s",
            },
            flags=(IN_THE_MIDDLE, BLIND_ROUND_TRIP),
        ),
    )
