"""Inverse distribution functions of input quantities, for draws and for limits.

Inside: `Distributed`, `quantile`, `shape_fault`, `truncated_moments`.

One probability gives one value, monotonically: so a correlation of normal scores is carried to
any shape, and a seed names the same draws on every machine.
Source: JCGM 101:2008, clause 6.4 and Annex C.2 (inverse method), clauses from memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.student_quantiles import student_quantiles

Array = NDArray[np.float64]
# Estimate and u are stored beside parameters that imply them; decimal text keeps all digits.
MOMENT_TOLERANCE = 1e-9
# Below this share of the normal left, moments of a truncated one are differences of noise.
LEAST_SHARE = 1e-6
SMALLEST = 1e-150  # its square is a double still
SPLIT = 0.4
NEWTON_STEPS = 10  # six reach rounding from either start


class Distributed(Protocol):
    """What has a distribution: an `InputQuantity`, or a `TypeB` that is not recorded yet."""

    @property
    def distribution(self) -> Distribution:
        """Shape."""

    @property
    def estimate(self) -> float:
        """Estimate, in the SI unit."""

    @property
    def standard_uncertainty(self) -> float:
        """Standard uncertainty, in the SI unit."""

    @property
    def degrees_of_freedom(self) -> float:
        """Degrees of freedom of u."""

    @property
    def parameters(self) -> tuple[float, ...]:
        """Parameters of the shape, in SI units."""


def quantile(quantity: Distributed, probability: Array) -> Array:
    """Return the values below which a quantity lies with the given probabilities.

    Args:
        quantity: Estimate, u and parameters in SI units.
        probability: Inside (0, 1), ends excluded, shape (n,).

    Returns:
        Values in the SI unit of the quantity, shape (n,), not falling with the probability.

    Raises:
        IntegrityError: the parameters do not belong to the distribution.

    Source: JCGM 101:2008, 6.4 (shapes); 6.4.9 (finite degrees of freedom draw a t).
    """
    fault = shape_fault(quantity)
    if fault:
        raise IntegrityError(fault, next_step="run `qtrace audit --all`: a stored row was changed")
    return _INVERSE[quantity.distribution](quantity, probability)


def shape_fault(quantity: Distributed) -> str:
    """Return in words what is wrong with the parameters of a distribution, "" where nothing is.

    Explicit parameters imply the moments; a stored estimate or u that differs from them by more
    than rounding is a fault, so that budget and draws speak of one quantity.
    """
    found, x, u = quantity.parameters, quantity.estimate, quantity.standard_uncertainty
    name = quantity.distribution.value
    wanted = _PARAMETERS.get(quantity.distribution, 0)
    if len(found) != wanted:
        return f'the distribution "{name}" has {wanted} parameters, not {len(found)}'
    if any(math.isnan(one) for one in found):
        return f'a parameter of the distribution "{name}" is not a number'
    match quantity.distribution:
        case Distribution.TRAPEZOIDAL | Distribution.CURVILINEAR_TRAPEZOID:
            return "" if 0.0 <= found[0] <= 1.0 else f"a ratio of half-widths is {found[0]:g}"
        case Distribution.T:
            known = math.isfinite(quantity.degrees_of_freedom)
            return "" if known else "a t distribution without finite degrees of freedom"
        case Distribution.LOGNORMAL:
            return "" if x > 0.0 else f"a lognormal quantity is above zero, not {x:g}"
        case Distribution.EXPONENTIAL:
            return _differs(x, u, x, abs(x - found[0]), scale=abs(x))
        case Distribution.GAMMA | Distribution.BETA | Distribution.RANDOM_WALK:
            if not (quantity.distribution is Distribution.RANDOM_WALK or _positive(found)):
                return f'a parameter of the distribution "{name}" is not above zero'
            return _differs(x, u, *_moments(quantity.distribution, found))
        case Distribution.TRUNCATED_NORMAL:
            try:
                return _differs(x, u, *truncated_moments(*found))
            except InputError as error:
                return error.what
        case _:
            return ""


def _positive(parameters: tuple[float, ...]) -> bool:
    return all(0.0 < one < math.inf for one in parameters)


def _differs(x: float, u: float, mean: float, deviation: float, *, scale: float = 0.0) -> str:
    """Say where the stored moments are not those of the parameters."""
    slack = MOMENT_TOLERANCE * max(abs(mean), deviation, scale)
    if abs(x - mean) <= slack and abs(u - deviation) <= slack:
        return ""
    return (
        f"the parameters mean an estimate of {mean:.6g} with u = {deviation:.6g}, but "
        f"{x:.6g} with {u:.6g} is stated"
    )


def _moments(distribution: Distribution, parameters: tuple[float, ...]) -> tuple[float, float]:
    """Return mean and standard deviation of a gamma or beta distribution, or of a random walk."""
    first, second = parameters
    if distribution is Distribution.RANDOM_WALK:
        known = 0.0 <= first < math.inf and math.isfinite(second)
        return 0.0, math.sqrt(first * abs(second)) if known else math.nan
    if distribution is Distribution.GAMMA:
        return first / second, math.sqrt(first) / second
    total = first + second
    return first / total, math.sqrt(first * second / (total + 1.0)) / total


def truncated_moments(centre: float, u: float, lower: float, upper: float) -> tuple[float, float]:
    """Return mean and standard deviation of a normal distribution cut at its bounds.

    Args:
        centre: Expectation before truncation.
        u: Standard deviation before truncation, above 0.
        lower: Lower bound, or -infinity.
        upper: Upper bound, or infinity.

    Raises:
        InputError: bounds that leave nothing, or less than a millionth of the distribution.

    Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, 2nd ed.,
        section 10.1 (from memory; tested against numerical integration).
    """
    from scipy.special import ndtr

    if not lower < upper:
        raise InputError(
            f"the lower bound {lower:g} is not below the upper bound {upper:g}",
            next_step="swap or correct the bounds",
        )
    if not (u > 0.0 and math.isfinite(u) and math.isfinite(centre)):
        raise InputError("a truncated normal needs a finite centre and a u above zero")
    a, b = (lower - centre) / u, (upper - centre) / u
    share = float(ndtr(-a) - ndtr(-b)) if a > 0.0 else float(ndtr(b) - ndtr(a))
    if share < LEAST_SHARE:
        raise InputError(
            f"the bounds leave {share:.2g} of the normal distribution",
            next_step="the value contradicts its bounds: check both",
        )
    height_a, height_b = (math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi) for z in (a, b))
    moment = (height_a - height_b) / share
    edges = (a * height_a if math.isfinite(a) else 0.0) - (b * height_b if math.isfinite(b) else 0)
    return centre + u * moment, u * math.sqrt(max(0.0, 1.0 + edges / share - moment * moment))


def _normal(q: Distributed, p: Array) -> Array:
    from scipy.special import ndtri

    x, u, nu = q.estimate, q.standard_uncertainty, q.degrees_of_freedom
    standard = ndtri(p) if math.isinf(nu) else student_quantiles(nu, p)
    return np.asarray(x + u * standard, dtype=np.float64)


def _rectangular(q: Distributed, p: Array) -> Array:
    return q.estimate + q.standard_uncertainty * math.sqrt(3.0) * (2.0 * p - 1.0)


def _triangular(q: Distributed, p: Array) -> Array:
    half = q.standard_uncertainty * math.sqrt(6.0)
    low = np.sqrt(2.0 * p) - 1.0
    high = 1.0 - np.sqrt(2.0 * (1.0 - p))
    return q.estimate + half * np.where(p < 0.5, low, high)


def _u_shaped(q: Distributed, p: Array) -> Array:
    return q.estimate + q.standard_uncertainty * math.sqrt(2.0) * np.sin(math.pi * (p - 0.5))


def _trapezoidal(q: Distributed, p: Array) -> Array:
    """Flanks rise over (1 - beta) of the half-width; u^2 = a^2 (1 + beta^2) / 6 (GUM 4.3.9)."""
    beta = q.parameters[0]
    half = q.standard_uncertainty * math.sqrt(6.0 / (1.0 + beta * beta))
    tail = np.minimum(p, 1.0 - p)
    flank = 1.0 - np.sqrt(2.0 * tail * (1.0 - beta * beta))
    top = (1.0 + beta) * (0.5 - tail)
    size = np.where(tail < (1.0 - beta) / (2.0 * (1.0 + beta)), flank, top)
    return q.estimate + half * np.where(p < 0.5, -size, size)


def _curvilinear(q: Distributed, p: Array) -> Array:
    """Half-width W rectangular on a (1 +- r), value rectangular on +-W.

    P(y > Y) is (1 - Y E[1/W]) / 2 where Y < a (1 - r), and beyond it, with s = Y / (a (1 + r)),
    (1 + r) (1 - s + s ln s) / (4 r): both from integrating over W; the second is inverted by
    `_edge`.
    Source: JCGM 101:2008, 6.4.3; Kacker and Lawrence, Metrologia 46, 254 (2009).
    """
    r = q.parameters[0]
    if r == 0.0:
        return _rectangular(q, p)
    half = q.standard_uncertainty / math.sqrt(1.0 / 3.0 + r * r / 9.0)
    tail = np.minimum(p, 1.0 - p)
    mean_inverse = math.atanh(r) / r if r < 1.0 else math.inf
    size = (1.0 - 2.0 * tail) / mean_inverse
    shoulder = 0.5 * (1.0 - (1.0 - r) * mean_inverse) if r < 1.0 else 0.5
    outer = tail < shoulder
    size[outer] = (1.0 + r) * _edge(4.0 * r * tail[outer] / (1.0 + r))
    return q.estimate + half * np.where(p < 0.5, -size, size)


def _edge(c: Array) -> Array:
    """Return s in [0, 1] with 1 - s + s ln s = c, by Newton steps that never pass the root.

    Below c = 0.4 in 1 - s, where the start sqrt(2 c) lies beyond the root of a convex function;
    above it in s, from (1 - c)^2 / 2 below the root of a concave one. The lower branch of the
    Lambert function would say the same; the one at hand loses all digits at its branch point.
    """
    gap = np.sqrt(2.0 * np.clip(c, SMALLEST, SPLIT))
    s = np.clip(1.0 - c, SMALLEST, 1.0 - SPLIT) ** 2 / 2.0
    for _ in range(NEWTON_STEPS):
        logarithm = np.log1p(-gap)
        gap = gap + (gap + (1.0 - gap) * logarithm - np.clip(c, SMALLEST, SPLIT)) / logarithm
        logarithm = np.log(s)
        s = s + (s * (1.0 - logarithm) - np.clip(1.0 - c, SMALLEST, 1.0 - SPLIT)) / logarithm
    return np.where(c < SPLIT, 1.0 - gap, s)


def _exponential(q: Distributed, p: Array) -> Array:
    """Source: JCGM 101:2008, 6.4.10; mirrored where the bound is the upper one."""
    bound = q.parameters[0]
    distance = q.estimate - bound
    return bound - distance * (np.log1p(-p) if distance > 0.0 else np.log(p))


def _counts(q: Distributed, p: Array) -> Array:
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(q.estimate + 0.5, p), dtype=np.float64)


def _gamma(q: Distributed, p: Array) -> Array:
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(q.parameters[0], p) / q.parameters[1], dtype=np.float64)


def _beta(q: Distributed, p: Array) -> Array:
    from scipy.special import betaincinv

    a, b = q.parameters
    return np.asarray(betaincinv(a, b, p), dtype=np.float64)


def _truncated(q: Distributed, p: Array) -> Array:
    from scipy.special import ndtr, ndtri

    centre, u, lower, upper = q.parameters
    a, b = (lower - centre) / u, (upper - centre) / u
    if a > 0.0:  # mirrored: probabilities near 1 have no digits left, those near 0 have
        z = -ndtri(ndtr(-b) + (1.0 - p) * (ndtr(-a) - ndtr(-b)))
    else:
        z = ndtri(ndtr(a) + p * (ndtr(b) - ndtr(a)))
    return np.clip(centre + u * z, lower, upper)


def _lognormal(q: Distributed, p: Array) -> Array:
    from scipy.special import ndtri

    variance = math.log1p((q.standard_uncertainty / q.estimate) ** 2)
    middle = math.log(q.estimate) - variance / 2.0
    return np.asarray(np.exp(middle + math.sqrt(variance) * ndtri(p)), dtype=np.float64)


_INVERSE: Mapping[Distribution, Callable[[Distributed, Array], Array]] = MappingProxyType(
    {
        Distribution.NORMAL: _normal,
        Distribution.T: _normal,
        Distribution.RECTANGULAR: _rectangular,
        Distribution.TRIANGULAR: _triangular,
        Distribution.TRAPEZOIDAL: _trapezoidal,
        Distribution.CURVILINEAR_TRAPEZOID: _curvilinear,
        Distribution.U_SHAPED: _u_shaped,
        Distribution.EXPONENTIAL: _exponential,
        Distribution.COUNTS: _counts,
        Distribution.GAMMA: _gamma,
        Distribution.BETA: _beta,
        Distribution.TRUNCATED_NORMAL: _truncated,
        Distribution.LOGNORMAL: _lognormal,
        Distribution.RANDOM_WALK: _normal,
    }
)
# How many parameters each has; none where it is not listed.
_PARAMETERS: Mapping[Distribution, int] = MappingProxyType(
    {
        Distribution.TRAPEZOIDAL: 1,
        Distribution.CURVILINEAR_TRAPEZOID: 1,
        Distribution.EXPONENTIAL: 1,
        Distribution.GAMMA: 2,
        Distribution.BETA: 2,
        Distribution.TRUNCATED_NORMAL: 4,
        Distribution.RANDOM_WALK: 2,
    }
)
