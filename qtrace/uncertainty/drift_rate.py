"""A drift rate from shifts between calibrations, and whether it is one rate at all.

Inside: `SIGNIFICANCE`, `Curvature`, `DriftRate`, `fit_drift_rate`, `Prediction`, `predict`.

A shift is as found minus as left before, over the time from one to the other: adjustments fall
out of it. The rate is the generalised least squares estimate with the full covariance of the
shifts, so that a reference which stands behind all calibrations, and the end that two
neighbouring shifts share, count once. Without adjustments it is exactly the slope of a line with
intercept through the calibrated values: n values leave n - 2 degrees of freedom both ways.
Source: ISO/TS 28037:2010, clause 9 (Gauss-Markov regression; clause from memory); Aitken, Proc.
R. Soc. Edinb. 55, 42 (1935).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import coverage_factor
from qtrace.uncertainty.regression import checked_covariance, lower_root

Array = NDArray[np.float64]
SIGNIFICANCE = 0.05  # a rate is called not constant where chance does so once in twenty


@dataclass(frozen=True, slots=True)
class Curvature:
    """What a second term (t^2 in the age) finds beside the rate; per unit of time squared.

    `p_value` is the probability of so much curvature by chance at a constant rate; the smaller
    of two tests (stated covariance, own scatter), doubled because there are two. `rate_at_end`
    is the slope of the curve at the end of the history.
    """

    acceleration: float
    standard_uncertainty: float
    p_value: float
    rate_at_end: float

    @property
    def significant(self) -> bool:
        """Return whether the rate is not constant."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True, slots=True, eq=False)
class DriftRate:
    """A fitted rate, in the unit of the shifts per unit of time.

    `stated_uncertainty` follows from the covariance of the shifts (None where none was given),
    `scatter_uncertainty` from the residuals (None with one shift). The larger is
    `standard_uncertainty`, with its `degrees_of_freedom`. `factor` multiplies the given
    covariance where the scatter governs, else 1. `sensitivities` (n,) are d(rate)/d(shift).
    `p_value` is the probability of a larger chi-square if the rate is one and the covariance
    right; `curvature` is None where the history is too short for it.
    """

    starts: Array
    ends: Array
    shifts: Array
    rate: float
    standard_uncertainty: float
    degrees_of_freedom: float
    stated_uncertainty: float | None
    scatter_uncertainty: float | None
    factor: float
    shift_variance: float
    sensitivities: Array
    residuals: Array
    chi_square: float
    residual_degrees_of_freedom: int
    p_value: float | None
    curvature: Curvature | None

    @property
    def constant(self) -> bool | None:
        """Return whether a constant rate stands the tests; None where there is no test."""
        tests = [p for p in (self.p_value,) if p is not None]
        if self.curvature is not None:
            tests.append(self.curvature.p_value)
        return min(tests) >= SIGNIFICANCE if tests else None

    def ahead(self, elapsed: float) -> tuple[float, float | None]:
        """Return the shift expected after a further time: at the rate, and along the curve."""
        line = self.rate * elapsed
        if self.curvature is None:
            return line, None
        curve = self.curvature.rate_at_end * elapsed + self.curvature.acceleration * elapsed**2
        return line, curve


def fit_drift_rate(
    starts: ArrayLike, ends: ArrayLike, shifts: ArrayLike, *, covariance: ArrayLike | None = None
) -> DriftRate:
    """Fit one rate to shifts over known spans of time.

    Args:
        starts: When each span began (as left), shape (n,), on one time axis.
        ends: When it ended (as found), shape (n,), after the start.
        shifts: As found minus as left before, shape (n,).
        covariance: Of the shifts, shape (n, n), positive definite; None where only their scatter
            is known, taken as alike and independent.

    Raises:
        InputError: no shift, a span that does not last, a covariance that is none; one shift
            without a covariance, which says nothing of its own uncertainty.

    Source: rate = (d' V^-1 s)/(d' V^-1 d) with spans d and shifts s; chi-square of the residuals
    with n - 1 degrees of freedom (ISO/TS 28037:2010, clause 9).
    """
    begin, end, moved = (
        np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (starts, ends, shifts)
    )
    if not begin.shape == end.shape == moved.shape or begin.ndim != 1 or len(begin) == 0:
        raise InputError("give one start, one end and one shift for each span")
    if not np.all(np.isfinite([begin, end, moved])) or np.any(end <= begin):
        raise InputError("a span between calibrations does not last, or is not finite")
    n = len(begin)
    if covariance is None and n < 2:
        raise InputError(
            "one shift without uncertainty gives no uncertainty of the rate",
            next_step="state the uncertainty of the calibrations, or add a calibration",
        )
    matrix = np.eye(n) if covariance is None else checked_covariance(covariance, n, "covariance")
    root = lower_root(matrix, "covariance of the shifts")
    white = np.asarray(np.linalg.solve(root, moved), dtype=np.float64)
    columns = np.stack([end - begin, end**2 - begin**2], axis=1)
    column = np.linalg.solve(root, columns[:, 0])
    square = float(column @ column)
    rate = float(column @ white) / square
    residuals = moved - rate * columns[:, 0]
    chi_square = float(np.sum((white - rate * column) ** 2))
    nu = n - 1
    stated = None if covariance is None else 1.0 / math.sqrt(square)
    scatter = math.sqrt(chi_square / nu / square) if nu else None
    u, degrees, factor = _governing(stated, scatter, chi_square, nu)
    return DriftRate(
        begin, end, moved, rate, u, degrees, stated, scatter, factor,
        float(np.mean(np.diag(matrix))), np.linalg.solve(root.T, column) / square, residuals,
        chi_square, nu, _tail(chi_square, nu) if covariance is not None and nu else None,
        _curvature(root, columns, white, stated=covariance is not None, end=float(np.max(end))),
    )  # fmt: skip


def _governing(
    stated: float | None, scatter: float | None, chi_square: float, nu: int
) -> tuple[float, float, float]:
    """Return the larger u of the rate, its degrees of freedom and the factor of the covariance."""
    if scatter is not None and (stated is None or scatter > stated):
        return scatter, float(nu), chi_square / nu
    return (0.0 if stated is None else stated), math.inf, 1.0


def _tail(chi_square: float, nu: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(nu, chi_square))


def _curvature(
    root: Array, columns: Array, white: Array, *, stated: bool, end: float
) -> Curvature | None:
    """Fit rate and curvature together, in units that keep the two columns apart."""
    from scipy.special import ndtr, stdtr

    n = len(white)
    # Ages are counted from the middle of the history: rate and curvature then hardly correlate.
    middle = float(np.sum(columns[:, 1]) / (2.0 * np.sum(columns[:, 0])))
    second = columns[:, 1] - 2.0 * middle * columns[:, 0]
    spans = np.stack([columns[:, 0], second], axis=1)
    both = np.linalg.solve(root, spans)
    size = np.sqrt(np.sum(both**2, axis=0))
    if n < 2 or not np.all(size > 0.0):
        return None
    q, r = np.linalg.qr(both / size)
    if float(np.linalg.cond(r)) > 1e8:
        return None
    inverse = np.linalg.inv(r) / size[:, None]
    found = inverse @ (q.T @ white)
    u_stated = math.sqrt(float(inverse[1] @ inverse[1]))
    nu = n - 2
    rest = float(np.sum((white - both @ found) ** 2))
    acceleration = float(found[1])
    chances, u = [], 0.0
    if stated:
        u = u_stated
        chances.append(2.0 * float(ndtr(-abs(acceleration) / u_stated)))
    if nu > 0:
        own = u_stated * math.sqrt(rest / nu)
        u = max(u, own)
        t = math.inf if own == 0.0 else abs(acceleration) / own
        chances.append(2.0 * float(stdtr(nu, -t)) if acceleration != 0.0 else 1.0)
    if not chances:
        return None
    slope = float(found[0]) + 2.0 * acceleration * (end - middle)
    return Curvature(acceleration, u, min(1.0, len(chances) * min(chances)), slope)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A value expected some time after the last state left, with its interval (low, high, p)."""

    elapsed: float
    value: float
    standard_uncertainty: float
    degrees_of_freedom: float
    interval: tuple[float, float, float]


def predict(
    drift: DriftRate,
    elapsed: float,
    *,
    left: float,
    u_left: float,
    covariance_left_rate: float = 0.0,
    coverage_probability: float = 0.95,
) -> Prediction:
    """Predict the value of a device at a time after its last calibration, at the fitted rate.

    Args:
        drift: The fitted rate.
        elapsed: Time since the last state left, 0 or more.
        left: Value left then.
        u_left: Its standard uncertainty.
        covariance_left_rate: Covariance of that value with the rate, which rests on it.
        coverage_probability: Of the interval.

    Raises:
        InputError: a time before that state, or a probability outside (0, 1).

    Source: GUM Eq. 13 for left + rate * elapsed; where the scatter of the shifts is larger than
    stated, the part that is not explained, (factor - 1) times the mean variance of a shift, is
    added: the device itself moves by so much. k from t, GUM G.4.
    """
    if not (elapsed >= 0.0 and math.isfinite(elapsed)):
        raise InputError(f"a prediction looks forward, not over {elapsed:g}")
    variance = u_left**2 + (elapsed * drift.standard_uncertainty) ** 2
    variance += 2.0 * elapsed * covariance_left_rate
    own = (
        (drift.factor - 1.0) * drift.shift_variance if drift.stated_uncertainty is not None else 0.0
    )
    if drift.stated_uncertainty is None:
        own = drift.factor * drift.shift_variance
    u = math.sqrt(max(variance, 0.0) + max(own, 0.0))
    k = coverage_factor(coverage_probability, max(drift.degrees_of_freedom, 1.0))
    value = left + drift.rate * elapsed
    return Prediction(
        elapsed, value, u, drift.degrees_of_freedom,
        (value - k * u, value + k * u, coverage_probability),
    )  # fmt: skip
