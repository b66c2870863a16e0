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
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.special import ndtr, stdtrit

from qtrace.metrics.timing.detectable import DETECTABLE_METRICS
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_results import Reading
from qtrace.physics.timing.delay_attack import BLIND_ROUND_TRIP, power_factor
from qtrace.physics.timing.delay_step import (
    LEAST_POINTS,
    StepTest,
    scatter_beside_step,
    strongest_step,
    u_of_step,
)

Array = NDArray[np.float64]

ALPHA = 0.05
POWER = 0.95
MARGIN = 1.0  # of the log-likelihood, by which a step must be better than a walk
WALKS = 10.0 ** np.arange(-6.0, 4.01, 0.25)  # variance of a step of the walk over the white one
LENIENT = 0.2  # alarms of a further step beside the strongest one: it only takes a name away
STEP = next(
    one for one in DETECTABLE_METRICS if one.metric_id == "timing.detectable_asymmetry_round_trip"
)
IN_THE_MIDDLE = (
    "for a step in the middle of the record at a time that is named beforehand; scatter taken as "
    "white, without a model of the temperature"
)
COLOURED = "the path wanders more than white noise: a step must be larger to be told from it"
WANDERS = (
    "the path wanders more than white noise: there and back by {size:.2g} ps or more (one point "
    "scatters by {sigma:.2g} ps), most of it near {when}; one step does not explain it better, so "
    "that the test of a step does not hold; look for its cause: temperature does this, and what "
    "grows in one direction alone moves the offset by half of it"
)


@dataclass(frozen=True, slots=True)
class PathChange:
    """The strongest step of the path, when it was (s from the start), the scatter of a point.

    `wanders`: one step in white noise is not what the record shows best, so the test is none.
    """

    test: StepTest
    elapsed_s: float
    sigma_s: float
    degrees_of_freedom: float
    points: int
    wanders: bool = False


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
    wanders = test.found and _wanders(points, test, sigma_s=sigma, dof=dof)
    return PathChange(test, float(np.mean(around)), sigma, dof, len(points), wanders)


def _wanders(points: Array, test: StepTest, *, sigma_s: float, dof: float) -> bool:
    """Return whether one step in white noise is not what the record shows best.

    It is not where the parts beside the strongest step hold a step, too, or where a random walk
    under the white noise makes the record about as likely.

    Source: binary segmentation, A. J. Scott and M. Knott, Biometrics 30, 507 (1974); Schwarz,
        Ann. Stat. 6, 461 (1978), two parameters of a step against one of a walk (from memory).
    """
    parts = (points[: test.index], points[test.index :])
    if any(
        strongest_step(part, sigma_s=sigma_s, degrees_of_freedom=dof, alpha=LENIENT / 2.0).found
        for part in parts
        if len(part) > 1
    ):
        return True
    n = len(points)
    rest = float(sum(np.sum(np.square(part - part.mean())) for part in parts))
    if not rest > 0.0:
        return False
    stepped = -0.5 * (n - 1) * math.log(rest)
    return stepped - _walk_likelihood(points) < 0.5 * math.log(n) + MARGIN


def _walk_likelihood(points: Array) -> float:
    """Return the largest log-likelihood of a random walk under white noise, without its mean.

    Source: without its mean a random walk is diagonal in cosines, of variances
        1 / (2 - 2 cos(pi k / n)): eigenvalues of the second difference with free ends.
    """
    n = len(points)
    squares = np.square(dct(points - points.mean(), norm="ortho")[1:])
    variances = 1.0 / (2.0 - 2.0 * np.cos(np.pi * np.arange(1, n) / n))
    spread = 1.0 + WALKS[:, None] * variances[None, :]
    chi = np.sum(squares / spread, axis=1)
    logs = -0.5 * np.sum(np.log(spread), axis=1) - 0.5 * (n - 1) * np.log(chi)
    return float(np.max(logs))


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
    if found.wanders:
        return (WANDERS.format(size=abs(size), sigma=found.sigma_s * 1e12, when=when),)
    return (
        f"the path changed: there and back by {size:+.4g} ps (u {u:.2g} ps) at {when}; look for "
        "its cause: what was added in one direction alone moved the offset by half of it; a drift "
        "with temperature looks like this, too",
    )


def path_readings(record: OffsetRecord) -> tuple[Reading, ...]:
    """Return the asymmetry that a step of the round trip would show; none without a path.

    The figure is for a time that is named; what the flag of the record sees, which seeks over all
    times, is said beside it.

    Source: u of the means of both halves, sigma/sqrt(n/2); u of sigma is sigma/sqrt(2 dof); sought,
        the threshold of the test takes the place of z_(1-alpha/2).
    """
    found = path_change(record)
    if found is None:
        return ()
    before = found.points // 2
    after = found.points - before
    u_step = u_of_step(found.sigma_s, before, points_after=after, u_model_s=0.0)
    threshold = found.test.threshold
    size = float(threshold + stdtrit(found.degrees_of_freedom, POWER)) * u_step
    share = float(ndtr(power_factor(alpha=ALPHA, power=POWER) - threshold))
    sought = (
        f"the flag on the offset seeks over all times: it sees {size * 1e12:.3g} ps in "
        f"{POWER:.0%}, and the size of this figure in {share:.0%} or more"
    )

    coloured = (COLOURED,) if found.test.found and found.wanders else ()

    def mean_of(points: int) -> tuple[float, float, float]:
        u = found.sigma_s / math.sqrt(points)
        dof = found.degrees_of_freedom
        return u, u / math.sqrt(2.0 * dof), dof

    return (
        Reading(
            "detectable_asymmetry_step",
            STEP,
            {"u_before": mean_of(before), "u_after": mean_of(after)},
            {
                "test": "step of the round trip at a named time, 5 % false alarms, 95 % seen",
                "averaging_time": f"{record.interval_s:.6g} s",
                "record_length": f"{record.length_s:.6g} s",
            },
            flags=(IN_THE_MIDDLE, sought, *coloured, BLIND_ROUND_TRIP),
            # No thermal model is used, and the flags say so: none is missing in the chain.
            left_at_default=frozenset({"u_model"}),
        ),
    )
