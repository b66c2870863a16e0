"""A step in a record of delays: tested at a time that was named, or sought over all times.

Inside: `StepTest`, `step_test`, `strongest_step`, `scatter_beside_step`, `u_of_step`,
`check_level`, `check_positive`.
Source: two-sample z-test with known variance; the cumulated sums of Page, Biometrika 41, 100
(1954), in the form of a likelihood ratio for one change of the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from qtrace.errors import InputError

Array = NDArray[np.float64]
LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class StepTest:
    """A step of the mean: its size and u in s, z, the threshold of |z|, and where it lies."""

    step_s: float
    u_s: float
    z: float
    threshold: float
    index: int
    found: bool


def step_test(
    before_s: Array,
    after_s: Array,
    *,
    sigma_s: float,
    u_model_s: float = 0.0,
    alpha: float = 0.05,
) -> StepTest:
    """Return whether the mean of a record has changed at a time that was named beforehand.

    Args:
        before_s: Points before, in s.
        after_s: Points after, in s.
        sigma_s: Standard deviation of one point in s, known and white.
        u_model_s: u of what the thermal model leaves between the two means.
        alpha: Probability of an alarm without a cause.

    Raises:
        InputError: an empty part, a negative uncertainty, or u of zero.

    Source: two-sample z-test with known variance.
    """
    before, after = _points(before_s), _points(after_s)
    u = u_of_step(sigma_s, before.size, points_after=after.size, u_model_s=u_model_s)
    if u <= 0.0:
        raise InputError("the u of the step is zero", next_step="give the scatter of one point")
    step = float(after.mean() - before.mean())
    threshold = float(ndtri(1.0 - 0.5 * check_level(alpha)))
    z = step / u
    return StepTest(step, u, z, threshold, before.size, abs(z) > threshold)


def strongest_step(
    points_s: Array,
    *,
    sigma_s: float,
    degrees_of_freedom: float = math.inf,
    alpha: float = 0.05,
) -> StepTest:
    """Return the strongest step of a record whose time is not known beforehand.

    Args:
        points_s: Points in order of time, in s, at least two.
        sigma_s: Standard deviation of one point in s, white.
        degrees_of_freedom: Of sigma; infinite where it is known.
        alpha: Probability of an alarm without a cause, over all places together.

    Raises:
        InputError: fewer than two points, or sigma not above zero.

    Source: largest |z| of the cumulated sums over all places, S_k/(sigma sqrt(k (n-k)/n)) with
        S_k = sum of the first k deviations from the mean; threshold by Bonferroni over n - 1
        places, which is cautious since neighbours agree; of Student's t where sigma is estimated.
    """
    points = _points(points_s)
    if points.size < 2 or not sigma_s > 0.0:
        raise InputError(
            f"{points.size} points with a scatter of {sigma_s} s show no step",
            next_step="give two points or more and their scatter above zero",
        )
    n = points.size
    k = np.arange(1, n)
    sums = np.cumsum(points - points.mean())[:-1]
    z = -sums / (sigma_s * np.sqrt(k * (n - k) / n))
    place = int(np.argmax(np.abs(z)))
    u = sigma_s * math.sqrt(1.0 / k[place] + 1.0 / (n - k[place]))
    tail = 0.5 * check_level(alpha) / (n - 1)
    known = math.isinf(degrees_of_freedom)
    threshold = float(-ndtri(tail) if known else -stdtrit(degrees_of_freedom, tail))
    strongest = float(z[place])
    return StepTest(
        strongest * u, u, strongest, threshold, int(k[place]), abs(strongest) > threshold
    )


def scatter_beside_step(points_s: Array) -> tuple[float, float]:
    """Return the standard deviation of one point and its degrees of freedom, a step left out.

    Args:
        points_s: Points in order of time, in s, at least four.

    Returns:
        Sigma in s from differences of neighbours, without those across the strongest step: so
        neither the step nor a slow drift is taken for scatter.

    Raises:
        InputError: fewer than four points.

    Source: mean square successive difference, von Neumann et al., Ann. Math. Stat. 12, 153 (1941)
        (from memory): sum d^2/2 of n points has the mean (n-1) sigma^2 and the variance
        (3n-4) sigma^4; degrees of freedom 2 mean^2/variance (tested here by drawing).
    """
    points = _points(points_s)
    if points.size < LEAST_POINTS:
        raise InputError(
            f"{points.size} points are too few for their scatter",
            next_step=f"give {LEAST_POINTS} points or more",
        )
    place = strongest_step(points, sigma_s=1.0).index
    total, differences, variance = 0.0, 0, 0.0
    for part in (points[:place], points[place:]):
        if part.size > 1:
            total += 0.5 * float(np.sum(np.square(np.diff(part))))
            differences += part.size - 1
            variance += 3.0 * part.size - 4.0
    return math.sqrt(total / differences), 2.0 * differences**2 / variance


def u_of_step(sigma_s: float, points_before: int, *, points_after: int, u_model_s: float) -> float:
    """Return the u of the difference of two means, in s.

    Args:
        sigma_s: Standard deviation of one point in s.
        points_before: Points before the step.
        points_after: Points after it.
        u_model_s: u of what the thermal model leaves between the means, in s.

    Raises:
        InputError: no points on one side, or a negative uncertainty.

    Source: sigma^2 (1/n1 + 1/n2) + u_model^2.
    """
    check_positive(sigma_s, u_model_s)
    if min(points_before, points_after) < 1:
        raise InputError(
            f"{points_before} points before and {points_after} after the step",
            next_step="give at least one point on each side",
        )
    return math.hypot(sigma_s * math.sqrt(1.0 / points_before + 1.0 / points_after), u_model_s)


def check_level(probability: float) -> float:
    """Return a probability that lies between 0 and 1, or raise InputError."""
    if not 0.0 < probability < 1.0:
        raise InputError(
            f"the probability {probability} is not between 0 and 1",
            next_step="give for example 0.05 for alpha",
        )
    return probability


def check_positive(*values: float) -> None:
    """Raise InputError where a value is negative or no number."""
    if not all(value >= 0.0 for value in values):
        raise InputError(
            f"one of {values} is negative or no number",
            next_step="give uncertainties and durations of zero or more",
        )


def _points(values_s: Array) -> Array:
    points = np.asarray(values_s, dtype=np.float64)
    if points.ndim != 1 or points.size == 0 or not np.all(np.isfinite(points)):
        raise InputError(
            f"points of shape {points.shape}, or points that are no numbers",
            next_step="give the delays in s as one row, gaps left out",
        )
    return points
