"""Rate-dependent efficiency: dead time fitted to a scan of the count rate over the light.

Inside: `RateScan`, `fit_rate_scan`, `relative_efficiency`.
Source: Mueller, Nucl. Instrum. Methods 112, 47 (1973); Knoll, Radiation Detection and Measurement,
ch. 4 (chapter from memory).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc

from qtrace.errors import InputError
from qtrace.physics.tags.likelihood import weighted_squares
from qtrace.physics.tags.reduced import Reduced


@dataclass(frozen=True, slots=True)
class RateScan:
    """Dead time in s and rate of a transmittance of one, /s, with their covariance.

    `chi_square` with `degrees_of_freedom` and `p_value` judges the model; where it is refused the
    covariance is as it follows from the u given, not enlarged.
    """

    dead_time: Reduced
    rate_at_one: Reduced
    covariance: NDArray[np.float64]
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    paralysable: bool


def relative_efficiency(
    rate_per_s: float, *, dead_time_s: float, paralysable: bool = False
) -> float:
    """Return the efficiency at a rate of detectable photons over that without dead time.

    Args:
        rate_per_s: Rate n at which events would come without dead time.
        dead_time_s: tau.
        paralysable: Which kind.

    Source: 1 / (1 + n tau), or exp(-n tau) (Mueller 1973).
    """
    load = rate_per_s * dead_time_s
    return math.exp(-load) if paralysable else 1.0 / (1.0 + load)


def fit_rate_scan(
    transmittance: ArrayLike,
    rates_per_s: ArrayLike,
    *,
    u_rates_per_s: ArrayLike,
    paralysable: bool = False,
    background_per_s: float = 0.0,
) -> RateScan:
    """Fit m = f(n0 T + b): dead time from how the count rate bends over the light.

    Args:
        transmittance: Relative light of each point, (n,), from calibrated attenuation.
        rates_per_s: Count rates m, (n,).
        u_rates_per_s: Their u, (n,), independent of each other.
        paralysable: Whether events in the dead time prolong it.
        background_per_s: Rate b of events that are not light, before dead time.

    Raises:
        InputError: fewer than three points, u that is not above zero, or lengths that differ.

    Source: weighted least squares (JCGM 100:2008, 5.1.2, for the covariance) of m = n / (1 + n
        tau) or n exp(-n tau), n = n0 T + b.
    """
    light, m, u = (
        np.asarray(one, dtype=np.float64) for one in (transmittance, rates_per_s, u_rates_per_s)
    )
    if not (light.shape == m.shape == u.shape) or light.size < 3:
        raise InputError(
            f"{light.size} points of light and {m.size} rates",
            next_step="give at least three points, each with rate and u",
        )
    if not (np.all(u > 0.0) and np.all(light > 0.0)):
        raise InputError("light and u of every point must be above zero")
    scale = float(np.max(m / light))
    span = 1.0 / float(np.max(m))

    def model(point: NDArray[np.float64]) -> NDArray[np.float64]:
        n = scale * point[0] * light + background_per_s
        load = n * span * point[1]
        return np.asarray(n * np.exp(-load) if paralysable else n / (1.0 + load))

    found = weighted_squares(
        lambda p: np.asarray((model(p) - m) / u, dtype=np.float64), np.array([1.0, 0.1])
    )
    units = np.diag([scale, span])
    covariance = np.asarray(units @ found.covariance @ units, dtype=np.float64)
    chi_square = found.chi_square
    scan = (float(found.point[1]) * span, scale * float(found.point[0]))
    return _stated(scan, covariance, chi_square, light.size, paralysable=paralysable)


def _stated(
    values: tuple[float, float],
    covariance: NDArray[np.float64],
    chi_square: float,
    points: int,
    *,
    paralysable: bool,
) -> RateScan:
    """State dead time and rate, and what speaks against the model."""
    dof = points - 2
    p_value = float(gammaincc(dof / 2.0, chi_square / 2.0))
    kind = "paralysable" if paralysable else "non-paralysable"
    notes = [f"{kind} dead time from {points} rates"]
    if p_value < 0.01:
        notes.append(f"the model does not hold: chi-square {chi_square:.4g}, p = {p_value:.2g}")
    tau, rate = values
    if tau < 0.0:
        notes.append("the dead time is negative: reported as it is")
    stated = tuple(notes)
    return RateScan(
        Reduced(tau, math.sqrt(float(covariance[1, 1])), notes=stated),
        Reduced(rate, math.sqrt(float(covariance[0, 0])), notes=stated),
        covariance,
        chi_square,
        dof,
        p_value,
        paralysable,
    )
