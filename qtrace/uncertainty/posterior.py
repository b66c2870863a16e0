"""What is known of a measurand, as a distribution that can be asked for risks.

Inside: `Posterior`, `Shape`, `Draws`, `Level`, `normal_shape`, `shape_of`, `limits_in_level`.

A risk is a probability of the distribution that belongs to the result: a gamma posterior of few
counts, a level that is normal in decibel, a skew set of draws. Putting value and u of these into
a normal distribution answers another question.
Source: JCGM 106:2012, clauses 6 (knowledge of a measurand) and 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.distribution_functions import Tails, distribution_function
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.quantiles import Distributed, quantile

Array = NDArray[np.float64]
# Where a distribution is looked at to place the nodes of a quadrature.
LANDMARKS = (1e-12, 1e-9, 1e-6, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999)
LEAST_DRAWS = 100  # fewer say nothing of a risk
_PER_DECADE = {"power": 10.0, "amplitude": 20.0}


class Posterior(Protocol):
    """A distribution of one measurand in one unit."""

    @property
    def basis(self) -> str:
        """What the distribution is, in words for a report."""

    def tails(self, limits: Array) -> Tails:
        """Return P(Y <= limit) and P(Y > limit), each of the shape of `limits`."""

    def quantile(self, probability: float) -> float:
        """Return the value that is not exceeded with a probability inside (0, 1)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A distribution with a formula: estimate, u and parameters in one unit.

    The same fields as an input quantity; `parameters` as said in `Distribution`.
    """

    distribution: Distribution
    estimate: float
    standard_uncertainty: float
    parameters: tuple[float, ...] = ()
    degrees_of_freedom: float = math.inf

    @property
    def basis(self) -> str:
        """Return the name of the distribution."""
        if self.standard_uncertainty == 0.0:
            return "an exact figure"
        finite = math.isfinite(self.degrees_of_freedom)
        if finite and self.distribution in {Distribution.NORMAL, Distribution.T}:
            return f"t with {self.degrees_of_freedom:.4g} degrees of freedom"
        return self.distribution.value.replace("_", " ")

    def tails(self, limits: Array) -> Tails:
        """Return both tails at each limit."""
        return distribution_function(self, limits)

    def quantile(self, probability: float) -> float:
        """Return a quantile."""
        _check_inside(probability)
        if self.standard_uncertainty == 0.0:
            return self.estimate
        return float(quantile(self, np.array([probability]))[0])

    @property
    def symmetric(self) -> bool:
        """Return whether it is a normal or a t: a location with a width, and nothing else."""
        return self.distribution in {Distribution.NORMAL, Distribution.T}


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of a measurand, kept in rising order; build it with `Draws.of`."""

    values: Array
    outside: int = 0

    @classmethod
    def of(cls, values: Array) -> Draws:
        """Sort draws; those without a value are counted as conforming to nothing.

        Raises:
            InputError: fewer than 100 draws, or half of them without a value.
        """
        drawn = np.asarray(values, dtype=np.float64).ravel()
        kept = np.sort(drawn[np.isfinite(drawn)])
        if len(kept) < LEAST_DRAWS or 2 * len(kept) < len(drawn):
            raise InputError(
                f"{len(kept)} of {len(drawn)} draws have a value: too few for a risk",
                next_step="draw 100000 or more, from a model that holds where it is drawn",
            )
        return cls(kept, len(drawn) - len(kept))

    @property
    def n(self) -> int:
        """Return the number of all draws."""
        return len(self.values) + self.outside

    @property
    def basis(self) -> str:
        """Return how many draws there are."""
        return f"{self.n} draws"

    def tails(self, limits: Array) -> Tails:
        """Return shares of draws; lost ones are in neither tail's complement but in both tails."""
        at_most = np.searchsorted(self.values, limits, side="right").astype(np.float64)
        above = len(self.values) - at_most
        return (at_most + self.outside) / self.n, (above + self.outside) / self.n

    def quantile(self, probability: float) -> float:
        """Return a quantile of the draws that have a value."""
        _check_inside(probability)
        return float(np.quantile(self.values, probability))

    def standard_error(self, probability: float) -> float:
        """Return the standard error of a share of these draws; a share of 0 counts as one draw.

        Source: binomial variance p (1 - p) / n.
        """
        p = min(max(probability, 1.0 / self.n), 1.0 - 1.0 / self.n)
        return math.sqrt(p * (1.0 - p) / self.n)


@dataclass(frozen=True, slots=True)
class Level:
    """A ratio that is known through its level in dB: limits on the ratio are taken to the level.

    `of_level` is the distribution of the level, in dB; a limit on a ratio of zero or below is
    minus infinity in dB.
    """

    of_level: Shape
    factor: Literal["power", "amplitude"]

    @property
    def basis(self) -> str:
        """Return the distribution and its scale."""
        return f"{self.of_level.basis} in dB ({self.factor})"

    def tails(self, limits: Array) -> Tails:
        """Return both tails at limits on the ratio."""
        return self.of_level.tails(limits_in_level(limits, self.factor))

    def quantile(self, probability: float) -> float:
        """Return a quantile of the ratio."""
        return float(10.0 ** (self.of_level.quantile(probability) / _PER_DECADE[self.factor]))


def limits_in_level(limits: Array, factor: Literal["power", "amplitude"]) -> Array:
    """Return limits on a ratio as levels, in dB.

    Source: ISO 80000-3:2006, annex C (L = 10 lg of a ratio of powers, 20 lg of amplitudes).
    """
    if factor not in _PER_DECADE:
        raise InputError(f"a level of {factor!r} is not known", next_step="power or amplitude")
    with np.errstate(divide="ignore"):
        return np.asarray(_PER_DECADE[factor] * np.log10(np.maximum(limits, 0.0)))


def normal_shape(value: float, u: float, *, degrees_of_freedom: float = math.inf) -> Shape:
    """Return the normal distribution of a result, or t where its degrees of freedom are finite.

    Raises:
        InputError: value or u not finite, u negative, or no degrees of freedom.

    Source: JCGM 106:2012, 7.2 and A.2; JCGM 101:2008, 6.4.9 (t).
    """
    if not (math.isfinite(value) and math.isfinite(u) and u >= 0.0 and degrees_of_freedom > 0.0):
        raise InputError(
            f"{value} with u = {u} and {degrees_of_freedom} degrees of freedom is no result"
        )
    kind = Distribution.NORMAL if math.isinf(degrees_of_freedom) else Distribution.T
    return Shape(kind, value, u, (), degrees_of_freedom)


def shape_of(quantity: Distributed) -> Shape:
    """Return the distribution of an input quantity, or of a type B evaluation, for itself."""
    return Shape(
        quantity.distribution,
        quantity.estimate,
        quantity.standard_uncertainty,
        quantity.parameters,
        quantity.degrees_of_freedom,
    )


def _check_inside(probability: float) -> None:
    if not 0.0 < probability < 1.0:
        raise InputError(f"a probability lies between 0 and 1, not {probability}")


def landmarks(posterior: Posterior) -> Array:
    """Return values between which a distribution function is smooth and slow, rising."""
    upper = [1.0 - p for p in LANDMARKS if p < 1e-4]
    places = sorted({*LANDMARKS, *upper})
    found = np.array(sorted({posterior.quantile(p) for p in places}))
    return np.asarray(found[np.isfinite(found)], dtype=np.float64)
