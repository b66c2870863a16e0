"""Global risks: how often accepting and rejecting by a rule goes wrong, over many items.

Inside: `GlobalRisk`, `global_risk`.

The unconditional consumer's risk is the share of all items that do not conform and are accepted;
the conditional one is the share of the accepted items that do not conform. They differ by the
acceptance rate, and both are printed under their names.
Source: JCGM 106:2012, clause 9.5 (global risks, Eqs. 17 to 20; numbering from memory).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.posterior import Draws, Posterior, Shape, landmarks, normal_shape
from qtrace.uncertainty.quadrature import around, integrate
from qtrace.uncertainty.risk import check_limits

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """Probabilities before measuring, of an item from the prior and its measurement.

    `consumer` and `producer` are unconditional: of being wrongly accepted, wrongly rejected.
    `consumer_of_accepted` is the share of accepted items that fail, `producer_of_rejected` that
    of rejected ones that conform; each 0 where there are none. `in_tolerance` is the true share,
    `observed_in_tolerance` that of measured values within the tolerance.
    """

    consumer: float
    producer: float
    accepted: float
    in_tolerance: float
    observed_in_tolerance: float

    @property
    def consumer_of_accepted(self) -> float:
        """Return the conditional false-accept risk."""
        return self.consumer / self.accepted if self.accepted > 0.0 else 0.0

    @property
    def producer_of_rejected(self) -> float:
        """Return the conditional false-reject risk."""
        rejected = 1.0 - self.accepted
        return self.producer / rejected if rejected > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class _Acceptance:
    """P(measured value accepted | true value), and its slope; normal or t measurement."""

    low: float
    high: float
    error: Shape

    def of(self, y: Array) -> Array:
        """Return P(A_L < y + error <= A_U), from the tail with digits."""
        if self.low >= self.high:
            return np.zeros_like(y)
        upper, beyond_upper = self.error.tails(self.high - y)
        lower, beyond_lower = self.error.tails(self.low - y)
        return np.where(self.low > y, beyond_lower - beyond_upper, upper - lower)

    def slope(self, y: Array) -> Array:
        """Return its derivative by the true value."""
        found = np.zeros_like(y)
        if self.low >= self.high:
            return found
        for limit, sign in ((self.high, -1.0), (self.low, 1.0)):
            if math.isfinite(limit):
                found += sign * _density(self.error, limit - y)
        return found

    def edges(self) -> list[float]:
        """Return where the slope lives."""
        finite = [limit for limit in (self.low, self.high) if math.isfinite(limit)]
        u, heavy = self.error.standard_uncertainty, math.isfinite(self.error.degrees_of_freedom)
        far = landmarks(self.error) if heavy else np.empty(0)
        return [
            float(x)
            for limit in finite
            for x in (*around(limit, u), *(limit + far), *(limit - far))
        ]


def _density(error: Shape, x: Array) -> Array:
    """Return the density of a normal or t about 0."""
    u, nu = error.standard_uncertainty, error.degrees_of_freedom
    z = x / u
    if math.isinf(nu):
        return np.asarray(np.exp(-z * z / 2.0) / (u * math.sqrt(2.0 * math.pi)))
    scale = math.lgamma((nu + 1.0) / 2.0) - math.lgamma(nu / 2.0) - math.log(nu * math.pi) / 2.0
    return np.asarray(np.exp(scale - (nu + 1.0) / 2.0 * np.log1p(z * z / nu)) / u)


def global_risk(
    prior: Posterior,
    low: float,
    high: float,
    *,
    u: float,
    acceptance: tuple[float, float] | None = None,
    degrees_of_freedom: float = math.inf,
) -> GlobalRisk:
    """Return the risks of accepting and rejecting items of a population by measuring them.

    Args:
        prior: Distribution of the items; anything with a distribution function, draws too.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        u: Standard uncertainty of each measurement, above 0, in the same unit.
        acceptance: Acceptance limits; the tolerance limits (simple acceptance) where None.
            A lower one above the upper one accepts nothing.
        degrees_of_freedom: Of u: measured values scatter as a normal, or as t with these.

    Raises:
        InputError: no or reversed limits, or u not above zero.

    Source: JCGM 106:2012, 9.5: R_C = int over non-conforming, R_P = int over conforming of
    prior times measurement; by partial integration, int h dF = [h F] - int h' F.
    """
    check_limits(low, high)
    if not 0.0 < u < math.inf:
        raise InputError(
            f"with u = {u} of the measurements there is no global risk to compute",
            next_step="give a standard uncertainty above 0",
        )
    accept_low, accept_high = (low, high) if acceptance is None else acceptance
    if math.isnan(accept_low) or math.isnan(accept_high):
        raise InputError("an acceptance limit is not a number")
    error = normal_shape(0.0, u, degrees_of_freedom=degrees_of_freedom)
    rule, simple = _Acceptance(accept_low, accept_high, error), _Acceptance(low, high, error)
    below, above = _accepted(prior, rule, low)[0], _accepted(prior, rule, high)[1]
    inside = _between(prior, rule, low, high)
    at_most, beyond = prior.tails(np.array([low, high]))
    lost = prior.outside / prior.n if isinstance(prior, Draws) else 0.0
    conforming = max(0.0, 1.0 - float(at_most[0]) - float(beyond[1]) + lost)
    observed = sum(_accepted(prior, simple, low if math.isfinite(low) else high))
    return GlobalRisk(
        consumer=max(0.0, below + above),
        producer=max(0.0, conforming - inside),
        accepted=min(1.0, max(0.0, below + inside + above)),
        in_tolerance=conforming,
        observed_in_tolerance=min(1.0, max(0.0, observed)),
    )


def _between(prior: Posterior, rule: _Acceptance, low: float, high: float) -> float:
    """Return P(accepted and low < Y <= high)."""
    if math.isinf(low):
        return _accepted(prior, rule, high)[0]
    if math.isinf(high):
        return _accepted(prior, rule, low)[1]
    whole = sum(_accepted(prior, rule, low))
    return whole - _accepted(prior, rule, low)[0] - _accepted(prior, rule, high)[1]


def _accepted(prior: Posterior, rule: _Acceptance, limit: float) -> tuple[float, float]:
    """Return P(accepted and Y <= limit) and P(accepted and Y > limit)."""
    if isinstance(prior, Draws):
        shares = rule.of(prior.values)
        split = int(np.searchsorted(prior.values, limit, side="right"))
        return float(shares[:split].sum()) / prior.n, float(shares[split:].sum()) / prior.n
    if math.isinf(limit):
        # Both parts add up to the same whole wherever the line is drawn.
        finite = [one for one in (rule.low, rule.high) if math.isfinite(one)]
        whole = sum(_accepted(prior, rule, finite[0] if finite else 0.0))
        return (whole, 0.0) if limit > 0.0 else (0.0, whole)
    marks = landmarks(prior)
    edges = np.array([*rule.edges(), *marks, limit])
    start, end = float(edges.min()), float(edges.max())
    height = float(rule.of(np.array([limit]))[0])
    at_most, beyond = prior.tails(np.array([limit]))

    def falling(y: Array) -> Array:
        return rule.slope(y) * prior.tails(y)[0]

    def rising(y: Array) -> Array:
        return rule.slope(y) * prior.tails(y)[1]

    lower = height * float(at_most[0]) - integrate(falling, edges[edges <= limit])
    upper = height * float(beyond[0]) + integrate(rising, edges[edges >= limit])
    # Below all edges the slope is zero, so that nothing is left out there.
    return max(0.0, lower if start < limit else height * float(at_most[0])), max(
        0.0, upper if end > limit else height * float(beyond[0])
    )
