"""How the probability of being in tolerance falls with the time since calibration.

Inside: `ReliabilityModel`, `RELIABILITY_MODELS`.

Each model is a function of the time and of parameters that are zero or positive; the time may be
in any unit, rates are in its inverse.
Source: NCSLI RP-1 (2010), Appendix D (document not at hand: the functions as implemented in
suncal 1.7.1, Phi being the normal distribution function).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]
Reliability = Callable[[Array, Array], Array]
SHAPES = (0.3, 0.6, 1.0, 1.6, 3.0)  # exponents and widths: from early to late failures
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # per longest time observed


@dataclass(frozen=True, slots=True)
class ReliabilityModel:
    """A model by name: `function(t, theta)`, and where its fit starts.

    `starts` holds values to try for each parameter, for times in units of the longest one
    observed. `rates` says with which power of an inverse time each parameter scales.
    """

    name: str
    function: Reliability
    starts: tuple[tuple[float, ...], ...]
    rates: tuple[int, ...]


def _exponential(t: Array, p: Array) -> Array:
    return np.asarray(np.exp(-p[0] * t), dtype=np.float64)


def _weibull(t: Array, p: Array) -> Array:
    return np.asarray(np.exp(-((p[0] * t) ** p[1])), dtype=np.float64)


def _mixed_exponential(t: Array, p: Array) -> Array:
    return np.asarray((1.0 + p[0] * t) ** -p[1], dtype=np.float64)


def _within(variance: Array) -> Array:
    """Return the share of a centred normal within one limit, for its variance over limit^2."""
    return np.asarray(2.0 * ndtr(1.0 / np.sqrt(variance)) - 1.0, dtype=np.float64)


def _random_walk(t: Array, p: Array) -> Array:
    return _within(p[0] + p[1] * t)


def _restricted_walk(t: Array, p: Array) -> Array:
    return _within(p[0] - p[1] * np.expm1(-p[2] * t))


def _modified_gamma(t: Array, p: Array) -> Array:
    x = p[0] * t
    return np.asarray(np.exp(-x) * (1.0 + x + x**2 / 2.0 + x**3 / 6.0), dtype=np.float64)


def _mortality_drift(t: Array, p: Array) -> Array:
    return np.asarray(np.exp(-(p[0] * t + p[1] * t**2)), dtype=np.float64)


def _warranty(t: Array, p: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(p[0] * (t - p[1]))), dtype=np.float64)


def _drift(t: Array, p: Array) -> Array:
    return np.asarray(ndtr(p[0] + p[2] * t) + ndtr(p[1] - p[2] * t) - 1.0, dtype=np.float64)


def _log_normal(t: Array, p: Array) -> Array:
    return np.asarray(ndtr(-np.log(p[0] * t) / p[1]), dtype=np.float64)


_MARGINS = (0.5, 1.0, 2.0, 3.0, 5.0)  # of the drift model: limits in standard deviations

RELIABILITY_MODELS: tuple[ReliabilityModel, ...] = (
    ReliabilityModel("exponential", _exponential, (RATES,), (1,)),
    ReliabilityModel("weibull", _weibull, (RATES, SHAPES), (1, 0)),
    ReliabilityModel("mixed exponential", _mixed_exponential, (RATES, SHAPES), (1, 0)),
    ReliabilityModel("random walk", _random_walk, (RATES, RATES), (0, 1)),
    ReliabilityModel("restricted random walk", _restricted_walk, (RATES, RATES, SHAPES), (0, 0, 1)),
    ReliabilityModel("modified gamma", _modified_gamma, (RATES,), (1,)),
    ReliabilityModel("mortality drift", _mortality_drift, (RATES, RATES), (1, 2)),
    ReliabilityModel("warranty", _warranty, (RATES, SHAPES), (1, -1)),
    ReliabilityModel("drift", _drift, (_MARGINS, _MARGINS, RATES), (0, 0, 1)),
    ReliabilityModel("log normal", _log_normal, (RATES, SHAPES), (1, 0)),
)
