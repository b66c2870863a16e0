"""The variables method: a calibration interval from measured drift, not from pass and fail.

Inside: `VARIABLES_VERSION`, `VariablesVersion`, `Growth`, `fit_growth`, `distinct_times`,
`VariablesInterval`,
`uncertainty_interval`, `reliability_interval_of_growth`.

Shifts since the calibration before are fitted by a polynomial in the time since then, which is
zero at zero. The interval ends where the predicted uncertainty, or the probability of being out
of tolerance, grows too large. The two published forms of the second criterion give different
intervals from the same data: which one was used is part of the answer.
Source: Castrup, variables method of NCSLI RP-1 (2010); NASA-HDBK-8739.19-5 (2010), chapter 7
(documents not at hand: formulas as in suncal 1.7 and 1.7.1, whose figures are met).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.first_crossing import first_fall
from qtrace.uncertainty.regression import Fit, Scale, fit_ordinary, fit_weighted
from qtrace.uncertainty.regression_use import evaluate_fit

Array = NDArray[np.float64]
ORDERS = (1, 2, 3)
APART = 0.1  # of the longest time: nearer ones do not tell a curve from a line
REACH = 10.0  # intervals are sought up to this many times the longest time observed


class VariablesVersion(StrEnum):
    """Which published form of the reliability criterion."""

    # probability inside the limits from t with u^2 = u0^2 + t'Ct and Welch-Satterthwaite
    SUNCAL_1_7_1 = "variables method as in suncal 1.7.1"
    # y +- k u inside the limits, k from t of the fit, with u^2 = u0^2 + s_yx^2 + t'Ct
    SUNCAL_1_7 = "variables method as in suncal 1.7 (NASA-HDBK-8739.19-5)"


VARIABLES_VERSION = VariablesVersion.SUNCAL_1_7_1


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Fitted growth of a deviation since calibration: delta(t) = b1 t + ... + bm t^m.

    `residual_deviation` is s_yx, in the unit of the shifts; `degrees_of_freedom` n - m.
    """

    fit: Fit
    residual_deviation: float
    degrees_of_freedom: int

    @property
    def order(self) -> int:
        """Return m."""
        return len(self.fit.powers)

    @property
    def longest(self) -> float:
        """Return the longest time observed."""
        return float(np.max(self.fit.x))

    def shift(self, t: Array) -> Array:
        """Return the expected shift at times, shape (m,)."""
        return evaluate_fit(self.fit, t).values

    def curve_uncertainty(self, t: Array) -> Array:
        """Return u of the expected shift at times, shape (m,)."""
        return evaluate_fit(self.fit, t).standard_uncertainties


def fit_growth(
    times: ArrayLike,
    shifts: ArrayLike,
    *,
    order: int | None = None,
    u_shifts: ArrayLike | None = None,
) -> Growth:
    """Fit shifts against the time since the calibration before, without an intercept.

    Args:
        times: Time since the calibration before, shape (n,), above 0.
        shifts: As found minus as left before, shape (n,).
        order: 1, 2 or 3; None takes the order with the smallest residual deviation among those
            that the times tell apart (`distinct_times`).
        u_shifts: Weights them by 1/u^2, with one common factor from the scatter; None weights
            all alike, as the published method does.

    Raises:
        InputError: too few shifts for the order, or a time that is not above 0.

    Source: RP-1 variables method as in suncal 1.7.1: ordinary least squares, s_yx^2 = RSS/(n - m),
    covariance s_yx^2 (T'T)^-1; order by the smallest s_yx. Our own: calibrations that all
    followed about the same time are not given a curve; suncal 1.7.1 gives them one.
    """
    at = np.atleast_1d(np.asarray(times, dtype=np.float64))
    if np.any(at <= 0.0):
        raise InputError("a time between calibrations is not above 0")
    if order is not None and order not in ORDERS:
        raise InputError(f"order {order} is none of 1, 2 and 3")
    if len(at) < (order or 1) + 1:
        raise InputError(
            f"{len(at)} shifts leave no scatter to judge order {order or 1} by",
            next_step="calibrate more often, or take a lower order",
        )
    orders = [m for m in ORDERS if m <= distinct_times(at)] if order is None else [order]
    fits = [
        _growth(at, shifts, m, u_shifts=u_shifts)
        for m in orders
        if len(at) > m and len(np.unique(at)) >= m
    ]
    if not fits:
        raise InputError(
            f"the shifts followed too few different times for order {order}",
            next_step="take order 1",
        )
    return min(fits, key=lambda one: one.residual_deviation)


def distinct_times(times: ArrayLike) -> int:
    """Return how many times stand apart from each other by a tenth of the longest or more."""
    ordered = np.sort(np.atleast_1d(np.asarray(times, dtype=np.float64)))
    return 1 + int(np.sum(np.diff(ordered) > APART * ordered[-1]))


def _growth(at: Array, shifts: ArrayLike, order: int, *, u_shifts: ArrayLike | None) -> Growth:
    powers = tuple(range(1, order + 1))
    if u_shifts is None:
        fit = fit_ordinary(at, shifts, powers=powers)
    else:
        fit = fit_weighted(at, shifts, u_y=u_shifts, powers=powers, scale=Scale.SCATTER)
    nu = fit.residual_degrees_of_freedom
    # In the unit of the shifts, also where they were weighted.
    return Growth(fit, math.sqrt(float(np.mean(fit.u_y**2))), nu)


@dataclass(frozen=True, slots=True)
class VariablesInterval:
    """An interval, in the unit of the times; None where the criterion is met as far as sought.

    At the end of it: `shift` expected since calibration, its `standard_uncertainty` with the
    calibration's own, and `degrees_of_freedom`. `interval` is 0 where the criterion fails from
    the start. `extrapolated` says that it is longer than any time observed.
    """

    interval: float | None
    criterion: str
    target: float
    order: int
    shift: float | None
    standard_uncertainty: float | None
    degrees_of_freedom: float | None
    extrapolated: bool
    sought_up_to: float
    version: str


def uncertainty_interval(growth: Growth, *, u_start: float, u_target: float) -> VariablesInterval:
    """Return when the uncertainty of the predicted value reaches a target.

    Args:
        growth: The fitted growth.
        u_start: Standard uncertainty of the value left by the calibration.
        u_target: Largest standard uncertainty that is wanted.

    Raises:
        InputError: uncertainties that are negative, or a target that is not above 0.

    Source: RP-1 variables method, uncertainty target, as in suncal 1.7.1: u0^2 + t'Ct = u_target^2
    (suncal 1.7 and the NASA handbook add s_yx^2: give u_start with it, root sum of squares).
    """
    if not (u_start >= 0.0 and u_target > 0.0 and math.isfinite(u_start + u_target)):
        raise InputError("uncertainties are not negative, and the target is above 0")

    def spare(t: Array) -> Array:
        return np.asarray(-np.hypot(growth.curve_uncertainty(t), u_start), dtype=np.float64)

    found = first_fall(spare, -u_target, upto=REACH * growth.longest)
    return _answer(
        growth, found, criterion="uncertainty", target=u_target, u_start=u_start,
        nu_start=math.inf, version=VARIABLES_VERSION,
    )  # fmt: skip


def reliability_interval_of_growth(
    growth: Growth,
    *,
    start: float,
    u_start: float,
    low: float | None,
    high: float | None,
    target: float,
    nu_start: float = math.inf,
    version: VariablesVersion = VARIABLES_VERSION,
) -> VariablesInterval:
    """Return when the probability of being inside the limits falls to a target.

    Args:
        growth: The fitted growth.
        start: Value left by the calibration.
        u_start: Its standard uncertainty.
        low: Lower limit, None for none.
        high: Upper limit, None for none.
        target: Wanted probability of being inside at the end of the interval.
        nu_start: Degrees of freedom of `u_start`.
        version: The published form; they differ.

    Raises:
        InputError: no limit, limits in the wrong order, a target outside (0, 1).

    Source: as the versions say; Welch-Satterthwaite: GUM G.2b.
    """
    if (low is None and high is None) or (low is not None and high is not None and low >= high):
        raise InputError("give a lower limit, an upper limit, or both in that order")
    if not 0.0 < target < 1.0:
        raise InputError(f"a target reliability lies between 0 and 1, not {target:g}")
    lower = -math.inf if low is None else low
    upper = math.inf if high is None else high
    if version is VariablesVersion.SUNCAL_1_7_1:

        def spare(t: Array) -> Array:
            u, nu = _combined(growth, t, u_start=u_start, nu_start=nu_start)
            y = start + growth.shift(t)
            return _inside(lower, upper, y, u=u, nu=nu)

        level = target
    else:
        k = _one_version_k(growth, low=low, high=high, target=target)

        def spare(t: Array) -> Array:
            u = np.sqrt(
                growth.curve_uncertainty(t) ** 2 + u_start**2 + growth.residual_deviation**2
            )
            y = start + growth.shift(t)
            return np.minimum(upper - (y + k * u), (y - k * u) - lower)

        level = 0.0
    found = first_fall(spare, level, upto=REACH * growth.longest)
    return _answer(
        growth, found, criterion="reliability", target=target, u_start=u_start,
        nu_start=nu_start, version=version,
    )  # fmt: skip


def _one_version_k(
    growth: Growth, *, low: float | None, high: float | None, target: float
) -> float:
    from scipy.special import stdtrit

    one_sided = low is None or high is None
    part = target if one_sided else (1.0 + target) / 2.0
    return float(stdtrit(growth.degrees_of_freedom, part))


def _combined(growth: Growth, t: Array, *, u_start: float, nu_start: float) -> tuple[Array, Array]:
    """Return u of the predicted value at times and its effective degrees of freedom."""
    curve = growth.curve_uncertainty(t)
    u = np.hypot(curve, u_start)
    parts = curve**4 / growth.degrees_of_freedom + u_start**4 / nu_start
    nu = np.where(parts > 0.0, u**4 / np.where(parts > 0.0, parts, 1.0), math.inf)
    return np.asarray(u, dtype=np.float64), np.asarray(nu, dtype=np.float64)


def _inside(lower: float, upper: float, y: Array, *, u: Array, nu: Array) -> Array:
    """Return the probability inside the limits; without uncertainty it is 0 or 1."""
    from scipy.special import ndtr, stdtr

    safe = np.where(u > 0.0, u, 1.0)
    above, below = (upper - y) / safe, (lower - y) / safe
    large = nu > 1e12
    degrees = np.where(large, 1.0, nu)
    part = np.where(large, ndtr(above) - ndtr(below), stdtr(degrees, above) - stdtr(degrees, below))
    certain = ((y >= lower) & (y <= upper)).astype(np.float64)
    return np.asarray(np.where(u > 0.0, part, certain), dtype=np.float64)


def _answer(
    growth: Growth,
    found: float | None,
    *,
    criterion: str,
    target: float,
    u_start: float,
    nu_start: float,
    version: VariablesVersion,
) -> VariablesInterval:
    sought = REACH * growth.longest
    if found is None:
        return VariablesInterval(
            None, criterion, target, growth.order, None, None, None, True, sought, version.value
        )
    t = np.array([found])
    u, nu = _combined(growth, t, u_start=u_start, nu_start=nu_start)
    return VariablesInterval(
        found, criterion, target, growth.order, float(growth.shift(t)[0]), float(u[0]),
        float(nu[0]), found > growth.longest, sought, version.value,
    )  # fmt: skip
