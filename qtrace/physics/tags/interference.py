"""Visibility of Hong-Ou-Mandel interference, from two counts or from a scan of the dip.

Inside: `Dip`, `visibility`, `fit_dip`.
Source: Hong, Ou and Mandel, Phys. Rev. Lett. 59, 2044 (1987): V = (R_outside - R_dip) / R_outside.
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
class Dip:
    """A Gaussian dip: visibility, centre and rms width in the unit of the delays, level in counts.

    `covariance` (5, 5) is that of level, slope (relative, per unit), visibility, centre, width.
    """

    visibility: Reduced
    centre: Reduced
    width: Reduced
    level: Reduced
    covariance: NDArray[np.float64]
    chi_square: float
    degrees_of_freedom: int
    p_value: float


def visibility(
    dip: int,
    outside: int,
    *,
    accidentals_dip: float = 0.0,
    accidentals_outside: float = 0.0,
    u_accidentals: float = 0.0,
    exposure_ratio: float = 1.0,
) -> Reduced:
    """Return the visibility from the coincidences at zero delay and far outside of the dip.

    Args:
        dip: Coincidences at zero delay.
        outside: Coincidences outside.
        accidentals_dip: Expected accidentals among `dip`; 0 leaves the visibility raw.
        accidentals_outside: The same outside.
        u_accidentals: u of each of them, independent.
        exposure_ratio: Time (or pump pulses) at the dip over that outside.

    Returns:
        V = 1 - (dip - a) / (q (outside - b)); above 1 or below 0 it is not clipped.

    Raises:
        InputError: nothing outside after subtraction, negative counts.

    Source: Hong, Ou and Mandel (1987); u from Poisson counts n + 1/2.
    """
    level = exposure_ratio * (outside - accidentals_outside)
    if dip < 0 or outside < 0 or level <= 0.0:
        raise InputError(
            f"{dip} coincidences in the dip, {outside} outside",
            next_step="there must be coincidences outside beyond the accidentals",
        )
    rest = (dip - accidentals_dip) / level
    u = math.sqrt(
        (dip + 0.5 + u_accidentals**2) / level**2
        + (rest * exposure_ratio / level) ** 2 * (outside + 0.5 + u_accidentals**2)
    )
    raw = accidentals_dip == 0.0 and accidentals_outside == 0.0
    notes = ["raw" if raw else "accidentals subtracted"]
    if not 0.0 <= 1.0 - rest <= 1.0:
        notes.append("outside of 0 to 1: reported as it is")
    return Reduced(1.0 - rest, u, notes=tuple(notes))


def fit_dip(delays: ArrayLike, counts: ArrayLike) -> Dip:
    """Fit a Gaussian dip in a level that may slope to a scan of coincidences.

    Args:
        delays: Delay of each point, (n,), any unit.
        counts: Coincidences of each, (n,), equal times.

    Raises:
        InputError: fewer than 7 points, counts below zero, a fit that does not end.

    Source: N = L (1 + s x)(1 - V exp(-(x - c)^2 / (2 w^2))); weighted least squares with Poisson
        weights from the model, iterated.
    """
    x = np.asarray(delays, dtype=np.float64)
    n = np.asarray(counts, dtype=np.float64)
    if x.shape != n.shape or x.size < 7 or float(np.min(n)) < 0.0:
        raise InputError(
            f"{x.size} delays and {n.size} counts",
            next_step="give at least 7 points with counts that are not negative",
        )
    middle, span = float(np.mean(x)), float(np.ptp(x))
    z = (x - middle) / span
    level = float(np.quantile(n, 0.8))

    def model(p: NDArray[np.float64]) -> NDArray[np.float64]:
        hole = np.exp(-0.5 * ((z - p[3]) / p[4]) ** 2)
        return np.asarray(level * p[0] * (1.0 + p[1] * z) * (1.0 - p[2] * hole))

    point = np.array([1.0, 0.0, 1.0 - float(np.min(n)) / level, z[int(np.argmin(n))], 0.1])
    sigma = np.sqrt(n + 1.0)

    def residuals(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((model(p) - n) / sigma, dtype=np.float64)

    found = weighted_squares(residuals, point)
    for _ in range(3):  # weights from the model: those from the counts favour low points
        sigma = np.sqrt(np.maximum(model(found.point), 0.5))
        found = weighted_squares(residuals, found.point)
    if not found.converged:
        raise InputError("the fit of the dip does not end", next_step="scan further outside")
    units = np.diag([level, 1.0 / span, 1.0, span, span])
    covariance = np.asarray(units @ found.covariance @ units, dtype=np.float64)
    u = np.sqrt(np.diag(covariance))
    chi_square = found.chi_square
    dof = x.size - 5
    p_value = float(gammaincc(dof / 2.0, chi_square / 2.0))
    notes: tuple[str, ...] = ("Gaussian dip, raw counts",)
    if p_value < 0.01:
        notes = (*notes, f"the model does not hold: chi-square {chi_square:.4g} for {dof}")
    values = (
        (float(found.point[2]), float(u[2])),
        (middle + span * float(found.point[3]), float(u[3])),
        (span * abs(float(found.point[4])), float(u[4])),
        (level * float(found.point[0]), float(u[0])),
    )
    a, b, c, d = (Reduced(value, own, notes=notes) for value, own in values)
    return Dip(a, b, c, d, covariance, chi_square, dof, p_value)
