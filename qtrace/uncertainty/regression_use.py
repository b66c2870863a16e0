"""Use of a fitted curve: forward, inverse, one correction for a range, lack of fit by replicates.

Inside: `CurveValues`, `evaluate_fit`, `invert_fit`, `MeanCorrection`, `mean_correction`,
`LackOfFit`, `lack_of_fit_of_replicates`.
Source: ISO/TS 28037:2010, clause 11 (clause from memory; formulas as in its published software);
GUM F.2.4.5 and H.3.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.regression import (
    Fit,
    Scale,
    checked_points,
    design,
    spread_uncertainty,
)

Array = NDArray[np.float64]
FIELLER_K = 1.96  # with less slope than this many u the inverse interval is unbounded
REAL_ROOT = 1e-9  # imaginary part, in units of the range of x


@dataclass(frozen=True, slots=True, eq=False)
class CurveValues:
    """Values of a curve, or abscissae found from it, at m arguments.

    `covariance` (m, m) holds what the parameters share and what each argument adds.
    `parameter_sensitivities` (m, p) and `argument_sensitivities` (m,) are the weights by which a
    use is a `linear` result of the parameters and of its own argument. `inside` says which
    arguments lie within the calibrated range of x: outside is extrapolation.
    """

    arguments: Array
    values: Array
    covariance: Array
    parameter_sensitivities: Array
    argument_sensitivities: Array
    inside: tuple[bool, ...]

    @property
    def standard_uncertainties(self) -> Array:
        """Return u of each value, shape (m,)."""
        return np.sqrt(np.diag(self.covariance))


def evaluate_fit(fit: Fit, x: ArrayLike, *, u_x: ArrayLike = 0.0) -> CurveValues:
    """Evaluate a fitted curve.

    Args:
        fit: The fit.
        x: Abscissae of use, shape (m,) or one number.
        u_x: Their standard uncertainties, independent of each other and of the fit.

    Returns:
        Values of y with their joint covariance.

    Raises:
        InputError: an abscissa or its uncertainty is not a finite number.

    Source: ISO/TS 28037:2010, clause 11.2 (clause from memory): u^2(y) = u^2(a) + x^2 u^2(b)
    + 2 x cov(a, b) + b^2 u^2(x), here for any powers.
    """
    at, _ = checked_points(x, x)
    u = spread_uncertainty(u_x, len(at), "u_x")
    rows = design(at, fit.powers, fit.origin)
    slopes = _slopes(fit, at)
    covariance = rows @ fit.covariance @ rows.T + np.diag((slopes * u) ** 2)
    return CurveValues(at, rows @ fit.parameters, covariance, rows, slopes, _inside(fit, at))


def invert_fit(fit: Fit, y: ArrayLike, *, u_y: ArrayLike = 0.0) -> CurveValues:
    """Find the abscissae at which a fitted curve takes given values.

    Args:
        fit: The fit, steeper than its uncertainty at the place.
        y: Indications, shape (m,) or one number.
        u_y: Their standard uncertainties, independent of each other and of the fit.

    Returns:
        Values of x with their joint covariance. A line is inverted wherever it is; a curve only
        inside the calibrated range.

    Raises:
        InputError: a curve takes the value not once inside its range, or its slope there is less
            than 1.96 of its own u, where the interval of x has no end (Fieller).

    Source: ISO/TS 28037:2010, clause 11.1 (clause from memory): derivatives -1/b, -(y - a)/b^2,
    1/b; Fieller, J. R. Stat. Soc. B 16, 175 (1954).
    """
    given, _ = checked_points(y, y)
    u = spread_uncertainty(u_y, len(given), "u_y")
    at = np.array([_abscissa(fit, float(value)) for value in given])
    slopes = _slopes(fit, at)
    slope_rows = _slope_rows(fit, at)
    slope_u = np.sqrt(np.einsum("mp,pq,mq->m", slope_rows, fit.covariance, slope_rows))
    if np.any(np.abs(slopes) <= FIELLER_K * slope_u):
        raise InputError(
            "the slope is not distinguished from zero: x has no bounded interval",
            next_step="calibrate over a wider range or with more readings",
        )
    rows = -design(at, fit.powers, fit.origin) / slopes[:, None]
    covariance = rows @ fit.covariance @ rows.T + np.diag((u / slopes) ** 2)
    return CurveValues(given, at, covariance, rows, 1.0 / slopes, _inside(fit, at))


def _slope_rows(fit: Fit, at: Array) -> Array:
    """Return d(power of x)/dx, shape (m, p)."""
    columns = [
        power * (at - fit.origin) ** (power - 1) if power > 0 else np.zeros_like(at)
        for power in fit.powers
    ]
    return np.stack(columns, axis=1)


def _slopes(fit: Fit, at: Array) -> Array:
    return np.asarray(_slope_rows(fit, at) @ fit.parameters, dtype=np.float64)


def _inside(fit: Fit, at: Array) -> tuple[bool, ...]:
    low, high = float(np.min(fit.x)), float(np.max(fit.x))
    return tuple(bool(low <= x <= high) for x in at)


def _abscissa(fit: Fit, y: float) -> float:
    """Return where the curve takes one value."""
    highest = max(fit.powers)
    coefficients = np.zeros(highest + 1)
    coefficients[list(fit.powers)] = fit.parameters
    coefficients[0] -= y
    if highest <= 1:
        if highest == 0 or coefficients[1] == 0.0:
            raise InputError("the curve is level: no abscissa follows from a value")
        return float(-coefficients[0] / coefficients[1]) + fit.origin
    low, high = float(np.min(fit.x)), float(np.max(fit.x))
    width = high - low
    roots = np.polynomial.polynomial.polyroots(coefficients) + fit.origin
    real = [float(r.real) for r in roots if abs(r.imag) <= REAL_ROOT * width]
    found = [r for r in real if low - REAL_ROOT * width <= r <= high + REAL_ROOT * width]
    if len(found) != 1:
        raise InputError(
            f"the curve takes the value {y:g} {len(found)} times between x = {low:g} and {high:g}",
            next_step="invert only where the curve is monotonic and calibrated",
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class MeanCorrection:
    """One correction for a whole range, in the unit of y.

    `spread` is the standard deviation of the curve over the range, `curve_uncertainty` the root
    of the mean of its u^2; `standard_uncertainty` joins them. The u of the reading that is
    corrected is not in it.
    """

    value: float
    standard_uncertainty: float
    spread: float
    curve_uncertainty: float


def mean_correction(fit: Fit, low: float, high: float) -> MeanCorrection:
    """Average a calibration curve over a range, for use as one correction with one u.

    Args:
        fit: The curve of corrections.
        low: Lower end of the range of use, in the unit of x.
        high: Upper end.

    Raises:
        InputError: the range is empty or not inside the calibrated one.

    Source: GUM F.2.4.5 (mean correction, its mean squared deviation, mean u^2 of the curve);
    integrals by Gauss-Legendre quadrature, exact for polynomials.
    """
    if not (low < high and _inside(fit, np.array([low, high])) == (True, True)):
        raise InputError(
            f"{low:g} ... {high:g} is no range inside the calibrated one",
            next_step="a curve is not averaged beyond its points",
        )
    nodes, weights = np.polynomial.legendre.leggauss(max(fit.powers) + 1)
    at = (low + high) / 2.0 + (high - low) / 2.0 * nodes
    share = weights / 2.0
    curve = evaluate_fit(fit, at)
    value = float(share @ curve.values)
    spread = float(share @ (curve.values - value) ** 2)
    own = float(share @ np.diag(curve.covariance))
    return MeanCorrection(value, math.sqrt(spread + own), math.sqrt(spread), math.sqrt(own))


@dataclass(frozen=True, slots=True)
class LackOfFit:
    """F test of a curve by readings repeated at the same x: small `p_value` rejects the curve."""

    f: float
    degrees_of_freedom: tuple[int, int]
    p_value: float


def lack_of_fit_of_replicates(fit: Fit) -> LackOfFit:
    """Compare the scatter around the curve with the scatter among readings of equal x.

    Needed where u of the readings comes from their scatter, so that chi-square tests nothing.

    Args:
        fit: An ordinary fit with some abscissae repeated exactly.

    Raises:
        InputError: no replicates, no degree of freedom for the curve, readings that agree
            exactly, or a fit whose readings are not alike.

    Source: Draper and Smith, Applied Regression Analysis, 3rd ed., section 2.1 (from memory);
    F = (SS_lof / (m - p)) / (SS_pe / (n - m)) for m distinct x.
    """
    from scipy.special import fdtrc

    if fit.scale is Scale.STATED:
        raise InputError("the fit states u of its readings: its chi-square is the test")
    if np.ptp(fit.u_y) > 0.0 or np.any(fit.u_x > 0.0):
        raise InputError("the replicate test holds for readings that are alike in u")
    distinct, place = np.unique(fit.x, return_inverse=True)
    sums = np.bincount(place, weights=fit.y)
    pure = float(np.sum((fit.y - (sums / np.bincount(place))[place]) ** 2))
    between, within = len(distinct) - len(fit.powers), len(fit.y) - len(distinct)
    if within < 1 or between < 1 or pure <= 0.0:
        raise InputError(
            "there are no replicates to test the curve with",
            next_step="repeat readings at some x, at more distinct x than parameters",
        )
    lack = max(0.0, float(np.sum(fit.residuals**2)) - pure)
    f = (lack / between) / (pure / within)
    return LackOfFit(f, (between, within), float(fdtrc(between, within, f)))
