"""What a limited number of shots leaves open of a variance, and of a ratio of two.

Inside: `variance_uncertainty`, `variance_interval`, `variance_ratio_interval`, `LEAST_SHOTS`.
All of it holds for shots that are independent and normally distributed.
Source: s^2 nu / sigma^2 is chi-square with nu degrees of freedom, a ratio of two follows F
(Snedecor and Cochran, Statistical Methods; from memory); JCGM 100:2008, E.4.
"""

from __future__ import annotations

import math

from scipy.special import chdtri, fdtri

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval

LEAST_SHOTS = 2
# Below it the distribution of what a variance may be has no standard deviation.
LEAST_FOR_U = 6


def _degrees(shots: float, where: str) -> float:
    if not (math.isfinite(shots) and shots == math.floor(shots) and shots >= LEAST_SHOTS):
        raise InputError(
            f"{shots:g} shots give no variance",
            where=where,
            next_step="give a whole number, 2 or more",
        )
    return shots - 1.0


def _tail(probability: float) -> float:
    if not 0.0 < probability < 1.0:
        raise InputError(f"the coverage probability {probability} is not between 0 and 1")
    return (1.0 - probability) / 2.0


def variance_uncertainty(variance: float, shots: float) -> float:
    """Return u of a variance of `shots` values: that of what it may be, given the sample.

    Args:
        variance: Sample variance, with shots - 1 in the denominator.
        shots: Number of shots, 6 or more.

    Returns:
        s^2 nu / (nu - 2) sqrt(2 / (nu - 4)); for many shots s^2 sqrt(2 / nu).

    Raises:
        InputError: fewer than 6 shots: there is no such u, only an interval.

    Source: standard deviation of the scaled inverse chi-square distribution.
    """
    degrees = _degrees(shots, "shots")
    if shots < LEAST_FOR_U:
        raise InputError(
            f"{shots:g} shots give no u of a variance: it may be of any size",
            where="shots",
            next_step="take 6 shots or more",
        )
    return variance * degrees / (degrees - 2.0) * math.sqrt(2.0 / (degrees - 4.0))


def variance_interval(variance: float, shots: float, *, probability: float) -> Interval:
    """Return the exact interval of a variance.

    Args:
        variance: Sample variance.
        shots: Number of shots.
        probability: Two-sided coverage, in (0, 1).

    Raises:
        InputError: fewer than two shots, or no probability.

    Source: quantiles of chi-square.
    """
    degrees, tail = _degrees(shots, "shots"), _tail(probability)
    return Interval(
        float(variance * degrees / chdtri(degrees, tail)),
        float(variance * degrees / chdtri(degrees, 1.0 - tail)),
        probability,
    )


def variance_ratio_interval(
    ratio: float, shots: tuple[float, float], *, probability: float
) -> Interval:
    """Return the exact interval of a ratio of two variances.

    Args:
        ratio: Sample variance above, over that below.
        shots: Numbers of shots above and below.
        probability: Two-sided coverage, in (0, 1).

    Raises:
        InputError: fewer than two shots, or no probability.

    Source: quantiles of F with the degrees of freedom above and below.
    """
    above, below = (_degrees(n, "shots") for n in shots)
    tail = _tail(probability)
    return Interval(
        float(ratio / fdtri(above, below, 1.0 - tail)),
        float(ratio / fdtri(above, below, tail)),
        probability,
    )
