"""What was known of an item before it was measured, and what is known after.

Inside: `InTolerance`, `PRIOR_FAMILIES`, `normal_prior`, `prior_of_moments`,
`prior_of_in_tolerance`, `observed_spread`, `after_measurement`, `Bayes`.

An in-tolerance probability is *true* where it speaks of the items, and *observed* where it
speaks of what measuring them showed: sigma_obs^2 = sigma_p^2 + u^2. At a low ratio of tolerance
to uncertainty the two give very different risks, so it is always said which one is meant.
Source: JCGM 106:2012, clause 7.2 and Annex A (Bayes; numbering from memory); Mimbs, Using
Reliability to Meet Z540.3's 2 % Rule, NCSLI 2011 (observed in-tolerance probability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Draws, Posterior, Shape, landmarks, normal_shape
from qtrace.uncertainty.quadrature import around, integrate

Array = NDArray[np.float64]
# A measurement that the prior gives less than this part of its likelihood contradicts it.
LEAST_EVIDENCE = 1e-9
_BISECTIONS = 200
PRIOR_FAMILIES = tuple(
    one.value
    for one in (
        Distribution.NORMAL,
        Distribution.RECTANGULAR,
        Distribution.TRIANGULAR,
        Distribution.GAMMA,
        Distribution.BETA,
        Distribution.LOGNORMAL,
    )
)


class InTolerance(StrEnum):
    """Of what an in-tolerance probability speaks."""

    TRUE = "true"  # of the values of the items
    OBSERVED = "observed"  # of their measured values: measurement scatter is in it


def normal_prior(mean: float, u: float) -> Shape:
    """Return a normal prior.

    Raises:
        InputError: not finite, or without any spread.
    """
    if not (math.isfinite(mean) and 0.0 < u < math.inf):
        raise InputError(
            f"a prior of {mean} with u = {u} is none",
            next_step="give mean and standard deviation of such items, the latter above 0",
        )
    return normal_shape(mean, u)


def prior_of_moments(family: Distribution, mean: float, u: float) -> Shape:
    """Return the prior of a family that has this mean and standard deviation.

    Args:
        family: Normal, rectangular, triangular, gamma, beta or lognormal.
        mean: Of such items; above 0 for gamma and lognormal, inside (0, 1) for beta.
        u: Standard deviation, above 0, in the same unit.

    Raises:
        InputError: another family, or moments that it cannot have.

    Source: method of moments; gamma: shape (m/u)^2, rate m/u^2; beta: a + b = m (1 - m)/u^2 - 1.
    """
    normal_prior(mean, u)  # refuses what is no pair of moments
    parameters: tuple[float, ...] = ()
    match family:
        case Distribution.NORMAL | Distribution.RECTANGULAR | Distribution.TRIANGULAR:
            pass
        case Distribution.GAMMA | Distribution.LOGNORMAL if mean > 0.0:
            if family is Distribution.GAMMA:
                parameters = ((mean / u) ** 2, mean / u**2)
        case Distribution.BETA if 0.0 < mean < 1.0 and u * u < mean * (1.0 - mean):
            total = mean * (1.0 - mean) / u**2 - 1.0
            parameters = (mean * total, (1.0 - mean) * total)
        case _:
            raise InputError(
                f"no {family.value.replace('_', ' ')} prior has the mean {mean:g} and u = {u:g}",
                next_step=f"one of {', '.join(PRIOR_FAMILIES)}; gamma and lognormal lie above 0, "
                "beta between 0 and 1",
            )
    return Shape(family, mean, u, parameters)


def observed_spread(spread: float, u: float) -> float:
    """Return the standard deviation of measured values: sqrt(sigma_p^2 + u^2).

    Source: Mimbs, NCSLI 2011; variance of a sum of independent quantities.
    """
    return math.hypot(spread, u)


def prior_of_in_tolerance(
    probability: float, low: float, high: float, *, basis: InTolerance, u: float
) -> Shape:
    """Return the normal prior, in the middle of the tolerance, that an in-tolerance rate implies.

    Args:
        probability: Share of items in tolerance, inside (0, 1).
        low: Lower tolerance limit, finite.
        high: Upper tolerance limit, finite.
        basis: Whether the share is of true or of measured values.
        u: Standard uncertainty of the measurements behind an observed share.

    Raises:
        InputError: no share, a limit missing, or an observed share that u alone exceeds.

    Source: T = sigma Phi^-1((1 + p) / 2); sigma_p^2 = sigma_obs^2 - u^2 (Mimbs, NCSLI 2011).
    """
    from scipy.special import ndtri

    if not 0.0 < probability < 1.0:
        raise InputError(
            f"an in-tolerance probability lies between 0 and 1, not {probability}",
            next_step="write for example 0.95 or 95 %",
        )
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(
            "an in-tolerance probability places a prior between two limits only",
            next_step="give both limits, or a prior by its mean and u",
        )
    spread = (high - low) / 2.0 / float(ndtri((1.0 + probability) / 2.0))
    if basis is InTolerance.OBSERVED:
        if spread <= u:
            raise InputError(
                f"u = {u:g} alone scatters measured values more than {probability:.4g} observed "
                f"in tolerance allow (sigma {spread:.4g})",
                next_step="the observed share was seen with a smaller u, or is a true one",
            )
        spread = math.sqrt(spread**2 - u**2)
    return normal_prior((low + high) / 2.0, spread)


def after_measurement(prior: Posterior, value: float, u: float) -> Posterior:
    """Return what is known of an item after measuring it, given what was known before.

    Args:
        prior: Distribution of such items.
        value: Measured value, with a normal likelihood.
        u: Standard uncertainty of the measurement, above 0.

    Returns:
        A normal distribution for a normal prior, else one by quadrature.

    Raises:
        InputError: no measurement, or one that the prior excludes.

    Source: JCGM 106:2012, Eq. 1 (Bayes) and Annex A.4 (two normals: weights are inverse
    variances; numbering from memory).
    """
    if not (math.isfinite(value) and 0.0 < u < math.inf):
        raise InputError(f"{value} with u = {u} is no measurement that a prior can be joined with")
    normal = isinstance(prior, Shape) and prior.distribution is Distribution.NORMAL
    if normal and isinstance(prior, Shape) and math.isinf(prior.degrees_of_freedom):
        return _two_normals(prior, value, u)
    return Bayes.of(prior, value, u)


def _two_normals(prior: Shape, value: float, u: float) -> Shape:
    prior_variance, variance = prior.standard_uncertainty**2, u * u
    weight = prior_variance / (prior_variance + variance)
    mean = prior.estimate + weight * (value - prior.estimate)
    return normal_shape(mean, math.sqrt(weight * variance))


@dataclass(frozen=True, slots=True)
class Bayes:
    """A posterior by quadrature over the distribution function of the prior; use `Bayes.of`.

    With likelihood h(y) = exp(-(y - value)^2 / 2 u^2), partial integration gives
    E[h; Y <= x] = h(x) F(x) - int h' F dy: no density is needed, so draws and steps will do.
    Risks are right to 1e-15 over the evidence, absolutely: tinier ones are rounding.
    """

    prior: Posterior
    value: float
    u: float
    evidence: float
    marks: tuple[float, ...]

    @classmethod
    def of(cls, prior: Posterior, value: float, u: float) -> Bayes:
        """Join a prior with a measurement.

        Raises:
            InputError: the prior leaves next to nothing of the likelihood.
        """
        if isinstance(prior, Draws) and prior.outside:
            raise InputError("a prior of draws needs a value in every draw")
        marks = tuple(float(x) for x in landmarks(prior))
        bare = cls(prior, value, u, 1.0, marks)
        evidence = bare._mass(math.inf)
        if evidence < LEAST_EVIDENCE:
            raise InputError(
                f"the measured value {value:g} contradicts the prior: what both allow has a "
                f"share of {max(evidence, 0.0):.1g}",
                next_step="check the prior, or judge without one",
            )
        return cls(prior, value, u, evidence, marks)

    @property
    def basis(self) -> str:
        """Return from what it was joined."""
        return f"{self.prior.basis} prior with a normal measurement"

    def _mass(self, x: float, *, upper: bool = False) -> float:
        """Return E[h; Y <= x], or E[h; Y > x]."""
        start, *_, end = around(self.value, self.u)
        edge = min(max(x, start), end)
        one, other = (edge, end) if upper else (start, edge)
        cuts = [c for c in (*around(self.value, self.u), *self.marks) if one < c < other]

        def weighted(y: Array) -> Array:
            z = (y - self.value) / self.u
            at_most, beyond = self.prior.tails(y)
            return -z / self.u * np.exp(-z * z / 2.0) * (beyond if upper else at_most)

        at_most, beyond = self.prior.tails(np.array([edge]))
        height = math.exp(-(((edge - self.value) / self.u) ** 2) / 2.0)
        inner = integrate(weighted, (one, *cuts, other))
        if upper:
            return height * float(beyond[0]) + inner
        return height * float(at_most[0]) - inner

    def tails(self, limits: Array) -> tuple[Array, Array]:
        """Return both tails at each limit."""
        below = np.array([self._mass(float(x)) for x in limits]) / self.evidence
        above = np.array([self._mass(float(x), upper=True) for x in limits]) / self.evidence
        return np.clip(below, 0.0, 1.0), np.clip(above, 0.0, 1.0)

    def quantile(self, probability: float) -> float:
        """Return a quantile, by bisection."""
        if not 0.0 < probability < 1.0:
            raise InputError(f"a probability lies between 0 and 1, not {probability}")
        start, *_, end = (float(x) for x in around(self.value, self.u))
        for _ in range(_BISECTIONS):
            middle = (start + end) / 2.0
            if middle in {start, end}:
                break
            below = float(self.tails(np.array([middle]))[0][0])
            start, end = (middle, end) if below < probability else (start, middle)
        return end
