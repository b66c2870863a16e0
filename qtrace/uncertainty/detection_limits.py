"""Was anything seen? Decision threshold, detection limit, and what is known of what is not below 0.

Inside: `CharacteristicLimits`, `characteristic_limits`, `CountingMeasurement`,
`NonNegativeStatement`, `non_negative_statement`.

A result is detected where the primary estimate lies above the decision threshold: of nothing at
all that happens with probability alpha. The detection limit is the smallest true value that is
missed with no more than the probability beta.
Source: ISO 11929-1:2019 (clauses from memory); equations of threshold and limit also in the
documentation of UncertRadio, section 1.2.4; Weise et al., Radiat. Prot. Dosim. 121, 52 (2006).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from qtrace.errors import InputError

# The fixed point is met to this part of the limit; threshold and limit are printed to 2 digits.
STANDS_STILL = 1e-12
MOST_ROUNDS = 500
# Beyond this many u from zero the bound at zero changes nothing that a double can hold.
FAR_FROM_ZERO = 37.0


@dataclass(frozen=True, slots=True)
class CharacteristicLimits:
    """Decision threshold and detection limit, in the unit of the measurand.

    `alpha` is the probability of a false detection, `beta` that of missing the detection limit.
    """

    decision_threshold: float
    detection_limit: float
    alpha: float
    beta: float

    def detected(self, estimate: float) -> bool:
        """Return whether a primary estimate says that something is there.

        Source: ISO 11929-1:2019: the effect is recognised where y > y*.
        """
        return estimate > self.decision_threshold


def _error_probability(probability: float, name: str) -> float:
    if not 0.0 < probability <= 0.5:
        raise InputError(
            f"{name} is {probability:g}, the probability of an error that is to be rare",
            next_step="give a number above 0 and not above 0.5, for example 0.05",
        )
    return probability


def characteristic_limits(
    uncertainty_at: Callable[[float], float], *, alpha: float = 0.05, beta: float = 0.05
) -> CharacteristicLimits:
    """Return decision threshold and detection limit of a measurand that is not below zero.

    Args:
        uncertainty_at: u~(y~): the standard uncertainty that the estimate would have if the true
            value were y~; both in the unit of the measurand.
        alpha: Probability of a false detection, above 0, at most 0.5.
        beta: Probability of missing a true value at the detection limit.

    Returns:
        y* = k_(1-alpha) u~(0) and the smallest y# with y# = y* + k_(1-beta) u~(y#), by iteration
        from y*.

    Raises:
        InputError: alpha or beta is no rare error; u~ is negative or not finite; there is no
            detection limit, since u~ grows faster than the true value.

    Source: ISO 11929-1:2019, equations of threshold and limit (numbers from memory); as in
        UncertRadio, Eqs. 1.2.8 and 1.2.9.
    """
    k_alpha = float(ndtri(1.0 - _error_probability(alpha, "alpha")))
    k_beta = float(ndtri(1.0 - _error_probability(beta, "beta")))

    def u(true_value: float) -> float:
        found = uncertainty_at(true_value)
        if not (math.isfinite(found) and found >= 0.0):
            raise InputError(f"u is {found:g} for a true value of {true_value:g}")
        return found

    threshold = k_alpha * u(0.0)
    limit = threshold
    for _ in range(MOST_ROUNDS):
        # u~ does not fall with the true value, so the iteration from below rises to the smallest
        # fixed point; near slope 1 it creeps, and a step of Aitken helps it along.
        first = threshold + k_beta * u(limit)
        second = threshold + k_beta * u(first)
        step, next_step = first - limit, second - first
        if abs(next_step) <= STANDS_STILL * abs(second):
            return CharacteristicLimits(threshold, second, alpha, beta)
        slope = next_step / step if step != 0.0 else 0.0
        limit = first + next_step / (1.0 - slope) if 0.0 < slope < 1.0 else second
        if not math.isfinite(limit):
            break
    raise InputError(
        "there is no detection limit: u grows with the true value as fast as the value itself",
        next_step="know the calibration factor better, or allow a larger beta",
    )


@dataclass(frozen=True, slots=True)
class CountingMeasurement:
    """y = w (n_g / t_g - n_0 / t_0): gross counts, background counts and a calibration factor.

    Times are in s (or any one unit); `factor` is w, with its relative standard uncertainty.
    """

    gross_counts: float
    gross_time: float
    background_counts: float
    background_time: float
    factor: float = 1.0
    factor_relative_uncertainty: float = 0.0

    def __post_init__(self) -> None:
        counts = (self.gross_counts, self.background_counts)
        times = (self.gross_time, self.background_time, self.factor)
        if not all(math.isfinite(n) and n >= 0.0 for n in counts):
            raise InputError(f"counts of {counts[0]:g} and {counts[1]:g} are none")
        if not all(math.isfinite(t) and t > 0.0 for t in times):
            raise InputError(
                "counting times and calibration factor must be above zero",
                next_step="give both times in the same unit",
            )

    @property
    def estimate(self) -> float:
        """Return the primary estimate y, which may be negative."""
        rates = self.gross_counts / self.gross_time - self.background_counts / self.background_time
        return self.factor * rates

    @property
    def standard_uncertainty(self) -> float:
        """Return u(y).

        Source: ISO 11929-1:2019, u^2(y) = w^2 (n_g/t_g^2 + n_0/t_0^2) + y^2 u_rel^2(w).
        """
        return self._u(self.gross_counts / self.gross_time, self.estimate)

    def uncertainty_at(self, true_value: float) -> float:
        """Return u~: the gross rate is that which the true value and the background give.

        Source: ISO 11929-1:2019, u~^2 = w^2 ((y~/w + r_0)/t_g + r_0/t_0) + y~^2 u_rel^2(w).
        """
        background = self.background_counts / self.background_time
        return self._u(max(0.0, true_value / self.factor + background), true_value)

    def _u(self, gross_rate: float, value: float) -> float:
        background = self.background_counts / self.background_time
        counting = gross_rate / self.gross_time + background / self.background_time
        return math.hypot(
            self.factor * math.sqrt(counting), value * self.factor_relative_uncertainty
        )

    def limits(self, *, alpha: float = 0.05, beta: float = 0.05) -> CharacteristicLimits:
        """Return decision threshold and detection limit; arguments as `characteristic_limits`."""
        return characteristic_limits(self.uncertainty_at, alpha=alpha, beta=beta)


@dataclass(frozen=True, slots=True)
class NonNegativeStatement:
    """What is known of a measurand that is not below zero, in its unit.

    `best_estimate` and its u are mean and standard deviation of the normal distribution of the
    primary result, cut off at zero. `low`, `high` is its probabilistically symmetric interval;
    `shortest_low`, `shortest_high` its shortest.
    """

    best_estimate: float
    standard_uncertainty: float
    low: float
    high: float
    shortest_low: float
    shortest_high: float
    coverage_probability: float


def non_negative_statement(
    estimate: float, standard_uncertainty: float, *, coverage_probability: float = 0.95
) -> NonNegativeStatement:
    """Return best estimate and limits of the coverage interval of a non-negative measurand.

    Args:
        estimate: Primary result y; it may be negative and is not changed by this.
        standard_uncertainty: u(y), above zero, in the same unit.
        coverage_probability: 1 - gamma, between 0 and 1.

    Raises:
        InputError: u is not above zero, p is none, or y lies so far below zero that nothing is
            left above it.

    Source: ISO 11929-1:2019 (clauses from memory): omega = Phi(y/u), y^ = y + u exp(-y^2 / 2 u^2)
        / (omega sqrt(2 pi)), u^2(y^) = u^2 - (y^ - y) y^; limits y - k_p u with
        p = omega (1 - gamma/2) and y + k_q u with q = 1 - omega gamma / 2. Tested against
        integration of the density.
    """
    y, u, gamma = estimate, standard_uncertainty, 1.0 - coverage_probability
    if not (math.isfinite(y) and math.isfinite(u) and u > 0.0 and 0.0 < gamma < 1.0):
        raise InputError(f"{y:g} with u = {u:g} and p = {coverage_probability:g} gives no interval")
    z = y / u
    omega = float(ndtr(z))
    if z < -FAR_FROM_ZERO:
        raise InputError(
            f"the estimate lies {-z:.0f} u below zero, where nothing can be",
            next_step="find the error: background, unit, or uncertainty",
        )
    ratio = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / omega
    best = y + u * ratio
    variance = u * u - (best - y) * best
    low = y - float(ndtri(omega * (1.0 - gamma / 2.0))) * u
    high = y - float(ndtri(omega * gamma / 2.0)) * u
    half = -float(ndtri((1.0 - omega * (1.0 - gamma)) / 2.0)) * u
    shortest_low, shortest_high = y - half, y + half
    if shortest_low < 0.0:
        shortest_low, shortest_high = 0.0, y - float(ndtri(omega * gamma)) * u
    return NonNegativeStatement(
        best,
        math.sqrt(max(0.0, variance)),
        max(0.0, low),
        high,
        shortest_low,
        shortest_high,
        coverage_probability,
    )
