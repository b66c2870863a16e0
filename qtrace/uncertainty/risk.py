"""Specific risks: how likely one measured item does or does not conform.

Inside: `SpecificRisk`, `specific_risk`, `UncertainLimits`, `EXACT_LIMITS`, `check_limits`.

JCGM 106 takes tolerance limits as exact. Where a limit was itself measured or derived, what is
asked is the sign of Y - L, with u^2 = u_y^2 + u_L^2 - 2 cov: the same clause 7 with the difference
as measurand. That is an addition to the document and is flagged wherever it is used.
Source: JCGM 106:2012, clauses 7 and 9.3; GUM Eq. 16 (variance of a difference).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.posterior import Draws, Posterior, Shape, landmarks
from qtrace.uncertainty.quadrature import around, integrate

Array = NDArray[np.float64]
LIMIT_FLAG = "limit with its own uncertainty: judged by the difference, beyond JCGM 106"


@dataclass(frozen=True, slots=True)
class SpecificRisk:
    """Probabilities of one item, given its measurement.

    `conforms` is p_c: the producer's risk of rejecting it. `fails` is 1 - p_c with its digits:
    the consumer's risk of accepting it; `below` and `above` are its parts. `standard_error` is
    that of `fails` where it comes from draws, 0 else.
    """

    conforms: float
    fails: float
    below: float
    above: float
    basis: str
    standard_error: float = 0.0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UncertainLimits:
    """Standard uncertainties of the limits, and their covariances with the result.

    All in the unit of the limits (covariances in its square).
    """

    u_low: float = 0.0
    u_high: float = 0.0
    covariance_low: float = 0.0
    covariance_high: float = 0.0

    def __post_init__(self) -> None:
        for u, covariance in (
            (self.u_low, self.covariance_low),
            (self.u_high, self.covariance_high),
        ):
            if not (math.isfinite(u) and u >= 0.0 and math.isfinite(covariance)):
                raise InputError(
                    f"a limit with u = {u} and covariance {covariance} is none",
                    next_step="give u of the limit as a finite number that is not below 0",
                )
            if covariance and not u:
                raise InputError("an exact limit is correlated with nothing")

    @property
    def exact(self) -> bool:
        """Return whether both limits are exact, as JCGM 106 takes them."""
        return self.u_low == self.u_high == 0.0


EXACT_LIMITS = UncertainLimits()


def check_limits(low: float, high: float) -> None:
    """Refuse limits that enclose nothing.

    Raises:
        InputError: a limit is NaN, the limits are reversed or equal, or there is none at all.
    """
    if math.isnan(low) or math.isnan(high):
        raise InputError("a tolerance limit is not a number", next_step="give a finite number")
    if not low < high:
        raise InputError(
            f"the lower limit {low:g} is not below the upper limit {high:g}",
            next_step="swap the limits",
        )
    if low == -math.inf and high == math.inf:
        raise InputError("without a limit everything conforms", next_step="give a limit")


def specific_risk(
    posterior: Posterior, low: float, high: float, *, limits: UncertainLimits = EXACT_LIMITS
) -> SpecificRisk:
    """Return the conformance probability of one item, and what it lacks to one.

    Args:
        posterior: What is known of the measurand, in the unit and scale of the limits.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        limits: What is uncertain of them; nothing if not said.

    Returns:
        Specific risks; with two uncertain limits as the sum of both tails.

    Raises:
        InputError: no limits, reversed ones, or a covariance with a limit for a distribution
            that is neither normal nor t.

    Source: JCGM 106:2012, Eq. 8 (p_c = G(T_U) - G(T_L)), clause 9.3.2 (R*_C = 1 - p_c, R*_P =
    p_c); GUM Eq. 16 for limits with uncertainty.
    """
    check_limits(low, high)
    below, above = (
        _tail(posterior, low, u=limits.u_low, covariance=limits.covariance_low, upper=False),
        _tail(posterior, high, u=limits.u_high, covariance=limits.covariance_high, upper=True),
    )
    if isinstance(posterior, Draws) and math.isfinite(low) and math.isfinite(high):
        above = max(0.0, above - posterior.outside / posterior.n)  # lost draws fail once
    fails = min(1.0, below + above)
    conforms = 1.0 - fails
    if fails > 0.5 and limits.exact and not isinstance(posterior, Draws):
        conforms = _inside(posterior, low, high)
    return SpecificRisk(
        conforms,
        fails,
        below,
        above,
        f"specific; {posterior.basis}",
        posterior.standard_error(fails) if isinstance(posterior, Draws) else 0.0,
        () if limits.exact else (LIMIT_FLAG,),
    )


def _inside(posterior: Posterior, low: float, high: float) -> float:
    """Return P(low <= Y <= high) of an item that lies beyond a limit, with its digits."""
    at_most, beyond = posterior.tails(np.array([low, high]))
    # Subtract in the tail in which both numbers are small.
    if at_most[1] <= 0.5:
        return max(0.0, float(at_most[1] - at_most[0]))
    return max(0.0, float(beyond[0] - beyond[1]))


def _tail(posterior: Posterior, limit: float, *, u: float, covariance: float, upper: bool) -> float:
    """Return the probability beyond one limit, exact or uncertain."""
    if math.isinf(limit):
        return 0.0
    if u == 0.0:
        at_most, beyond = posterior.tails(np.array([limit]))
        if upper:
            return float(beyond[0])
        # A value exactly at the lower limit conforms.
        exact = isinstance(posterior, Shape) and posterior.standard_uncertainty == 0.0
        if exact and isinstance(posterior, Shape):
            return float(posterior.estimate < limit)
        return float(at_most[0])
    if isinstance(posterior, Shape) and posterior.symmetric:
        variance = posterior.standard_uncertainty**2 + u * u - 2.0 * covariance
        if variance < 0.0 or abs(covariance) > posterior.standard_uncertainty * u * (1 + 1e-9):
            raise InputError(
                f"the covariance {covariance:g} is more than u of result and limit allow"
            )
        widened = replace(posterior, standard_uncertainty=math.sqrt(variance))
        return _tail(widened, limit, u=0.0, covariance=0.0, upper=upper)
    if covariance:
        raise InputError(
            "a covariance between limit and result is known how to use for a normal or t only"
        )
    reach = around(limit, u)
    marks = landmarks(posterior)
    inside = marks[(marks > reach[0]) & (marks < reach[-1])]

    def weighted(x: Array) -> Array:
        at_most, beyond = posterior.tails(x)
        density = np.exp(-(((x - limit) / u) ** 2) / 2.0) / (u * math.sqrt(2.0 * math.pi))
        return density * (beyond if upper else at_most)

    return min(1.0, integrate(weighted, (*reach, *inside)))
