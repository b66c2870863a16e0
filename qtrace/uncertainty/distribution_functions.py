"""Distribution functions of input quantities: the inverse of `qtrace.uncertainty.quantiles`.

Inside: `distribution_function`.

Both tails are computed for themselves, so that a small risk keeps its digits: one minus the
other tail would not.
Source: JCGM 101:2008, clause 6.4 (the shapes; clauses from memory); each is tested to be the
inverse of its quantile function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.quantiles import Distributed, shape_fault

Array = NDArray[np.float64]
Tails = tuple[Array, Array]


def distribution_function(quantity: Distributed, limits: Array) -> Tails:
    """Return the probabilities that a quantity is at most, and that it is above, each limit.

    Args:
        quantity: Estimate, u and parameters in one unit.
        limits: Limits in the same unit, shape (n,); infinite ones allowed.

    Returns:
        P(Y <= limit) and P(Y > limit), each of shape (n,), both accurate when tiny. A quantity
        with u = 0 lies at its estimate.

    Raises:
        InputError: the parameters do not belong to the distribution, or a limit is NaN.

    Source: JCGM 101:2008, 6.4; JCGM 106:2012, 7.3 (the role of the distribution function).
    """
    fault = shape_fault(quantity)
    if fault:
        raise InputError(fault)
    x = np.asarray(limits, dtype=np.float64)
    if bool(np.isnan(x).any()):
        raise InputError("a limit is not a number")
    if quantity.standard_uncertainty == 0.0:
        below = (quantity.estimate <= x).astype(np.float64)
        return below, 1.0 - below
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        below, above = _FUNCTIONS[quantity.distribution](quantity, x)
    for tail, at_minus, at_plus in ((below, 0.0, 1.0), (above, 1.0, 0.0)):
        tail[x == -math.inf] = at_minus
        tail[x == math.inf] = at_plus
    return below, above


def _normal(q: Distributed, x: Array) -> Tails:
    from scipy.special import ndtr, stdtr

    z = (x - q.estimate) / q.standard_uncertainty
    if math.isinf(q.degrees_of_freedom):
        return np.array(ndtr(z)), np.array(ndtr(-z))
    nu = q.degrees_of_freedom
    return np.array(stdtr(nu, z)), np.array(stdtr(nu, -z))


def _symmetric(tail_beyond: Array, z: Array) -> Tails:
    """Turn P(Z > |z|) of a symmetric shape into both tails."""
    rest = 1.0 - tail_beyond
    return np.where(z < 0.0, tail_beyond, rest), np.where(z < 0.0, rest, tail_beyond)


def _scaled(q: Distributed, x: Array, half_width: float) -> tuple[Array, Array]:
    """Return z in half-widths from the middle, and |z| cut at 1."""
    z = (x - q.estimate) / half_width
    return z, np.minimum(np.abs(z), 1.0)


def _rectangular(q: Distributed, x: Array) -> Tails:
    z, s = _scaled(q, x, q.standard_uncertainty * math.sqrt(3.0))
    return _symmetric((1.0 - s) / 2.0, z)


def _triangular(q: Distributed, x: Array) -> Tails:
    z, s = _scaled(q, x, q.standard_uncertainty * math.sqrt(6.0))
    return _symmetric((1.0 - s) ** 2 / 2.0, z)


def _trapezoidal(q: Distributed, x: Array) -> Tails:
    """Tail: 1/2 - s / (1 + beta) above the flat top, (1 - s)^2 / (2 (1 - beta^2)) on a flank."""
    beta = q.parameters[0]
    z, s = _scaled(q, x, q.standard_uncertainty * math.sqrt(6.0 / (1.0 + beta * beta)))
    if beta == 1.0:
        return _symmetric((1.0 - s) / 2.0, z)
    flank = (1.0 - s) ** 2 / (2.0 * (1.0 - beta * beta))
    return _symmetric(np.where(s < beta, 0.5 - s / (1.0 + beta), flank), z)


def _curvilinear(q: Distributed, x: Array) -> Tails:
    """Half-width rectangular on a (1 +- r): see the inverse in `quantiles` for both pieces."""
    r = q.parameters[0]
    if r == 0.0:
        return _rectangular(q, x)
    half = q.standard_uncertainty / math.sqrt(1.0 / 3.0 + r * r / 9.0)
    z = (x - q.estimate) / half
    size = np.minimum(np.abs(z), 1.0 + r)
    s = size / (1.0 + r)
    logarithm = np.log(np.where(s > 0.0, s, 1.0))
    outer = (1.0 + r) * (1.0 - s + s * logarithm) / (4.0 * r)
    if r == 1.0:
        return _symmetric(outer, z)
    inner = (1.0 - size * math.atanh(r) / r) / 2.0
    return _symmetric(np.where(size < 1.0 - r, inner, np.maximum(outer, 0.0)), z)


def _u_shaped(q: Distributed, x: Array) -> Tails:
    z, s = _scaled(q, x, q.standard_uncertainty * math.sqrt(2.0))
    return _symmetric(np.arccos(s) / math.pi, z)


def _exponential(q: Distributed, x: Array) -> Tails:
    """Mirrored where the bound is the upper one."""
    bound = q.parameters[0]
    distance = q.estimate - bound
    z = np.maximum((x - bound) / distance, 0.0)
    reached, beyond = -np.expm1(-z), np.exp(-z)
    return (reached, beyond) if distance > 0.0 else (beyond, reached)


def _gamma_of(shape: float, x: Array) -> Tails:
    from scipy.special import gammainc, gammaincc

    y = np.maximum(x, 0.0)
    return np.array(gammainc(shape, y)), np.array(gammaincc(shape, y))


def _counts(q: Distributed, x: Array) -> Tails:
    return _gamma_of(q.estimate + 0.5, x)


def _gamma(q: Distributed, x: Array) -> Tails:
    shape, rate = q.parameters
    return _gamma_of(shape, x * rate)


def _beta(q: Distributed, x: Array) -> Tails:
    from scipy.special import betainc, betaincc

    a, b = q.parameters
    y = np.clip(x, 0.0, 1.0)
    return np.array(betainc(a, b, y)), np.array(betaincc(a, b, y))


def _truncated(q: Distributed, x: Array) -> Tails:
    from scipy.special import ndtr

    centre, u, lower, upper = q.parameters
    a, b = (lower - centre) / u, (upper - centre) / u
    z = np.clip((x - centre) / u, a, b)

    def between(left: Array | float, right: Array | float) -> Array:
        """P(left < Z <= right) from whichever tail keeps the digits."""
        mirrored = np.asarray(left) > 0.0
        return np.where(mirrored, ndtr(-left) - ndtr(-right), ndtr(right) - ndtr(left))

    whole = float(between(a, b))
    return between(a, z) / whole, between(z, b) / whole


def _lognormal(q: Distributed, x: Array) -> Tails:
    from scipy.special import ndtr

    variance = math.log1p((q.standard_uncertainty / q.estimate) ** 2)
    middle = math.log(q.estimate) - variance / 2.0
    z = (np.log(np.maximum(x, 0.0)) - middle) / math.sqrt(variance)
    return np.array(ndtr(z)), np.array(ndtr(-z))


_FUNCTIONS: Mapping[Distribution, Callable[[Distributed, Array], Tails]] = MappingProxyType(
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
    }
)
