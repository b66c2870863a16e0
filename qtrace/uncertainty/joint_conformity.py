"""How likely many results conform at once, with what correlates them.

Inside: `JointConformity`, `joint_conformance`, `joint_of_margins`, `joint_from_draws`,
`MARGINS_METHOD`.

One, two and three results are integrated to rounding. More are summed over a shifted lattice
whose shifts come from a seed, so that everybody gets the same figure; its standard error is
stated. Risks that are not normal keep their own margins: each limit is taken to the normal
score of its risk, and only the correlation is that of a normal distribution.
Source: JCGM 106:2012, 7.5 (several quantities; clause from memory); Genz, J. Comput. Graph.
Stat. 1, 141 (1992) (separation of variables, cubic order); Genz and Bretz, Computation of
Multivariate Normal and t Probabilities (2009), 4.1.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.conformity import joint_conformance_lower_bound
from qtrace.uncertainty.monte_carlo import uniforms
from qtrace.uncertainty.multivariate import correlation_of
from qtrace.uncertainty.quadrature import STEPS, integrate, nodes_between

Array = NDArray[np.float64]
MARGINS_METHOD = "normal correlation of the chain between the stated risks"
SHIFTS = 12  # independent shifts of the lattice; their scatter is the standard error
POINTS = 8191  # of the lattice, each shift
SEED = 20_120_101
DEPENDENT = 1e-12  # a conditional variance below this is none
NOT_POSITIVE = 1e-8  # a correlation matrix may miss zero by rounding only
_FAR = 9.0  # beyond it a normal has 1e-19


@dataclass(frozen=True, slots=True)
class JointConformity:
    """The probability that all items conform, with two bounds that hold whatever correlates them.

    `at_least` is the bound of Bonferroni, `at_most` the smallest single probability.
    `if_independent` is their product, for comparison. `standard_error` is 0 where the figure is
    exact to rounding.
    """

    probability: float
    standard_error: float
    at_least: float
    at_most: float
    if_independent: float
    method: str


def joint_conformance(
    values: Sequence[float] | Array,
    covariance: Array,
    *,
    low: Sequence[float] | Array,
    high: Sequence[float] | Array,
    seed: int = SEED,
) -> JointConformity:
    """Return the probability that all of several normal results lie within their limits.

    Args:
        values: Estimates, shape (m,).
        covariance: Shape (m, m), in products of their units; a result with u = 0 is exact.
        low: Lower limits, -inf where there is none.
        high: Upper limits, +inf where there is none.
        seed: Of the shifts of the lattice, for more than three results.

    Raises:
        InputError: shapes that differ, limits reversed or NaN, or no covariance matrix.

    Source: JCGM 106:2012, 7.5; multivariate normal integral over the box of limits.
    """
    y, lower, upper = (np.asarray(one, dtype=np.float64) for one in (values, low, high))
    matrix = np.asarray(covariance, dtype=np.float64)
    m = len(y)
    if not (y.shape == lower.shape == upper.shape == (m,) and matrix.shape == (m, m) and m):
        raise InputError(f"{m} results need {m} limits on either side and a matrix of {m} by {m}")
    if bool(np.isnan(lower).any() or np.isnan(upper).any() or (lower > upper).any()):
        raise InputError("a limit is not a number, or a lower limit lies above its upper one")
    if not bool(np.isfinite(matrix).all() and (np.diag(matrix) >= 0.0).all()):
        raise InputError("a covariance matrix has finite elements and no variance below zero")
    u = np.sqrt(np.diag(matrix))
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(u > 0.0, (lower - y) / u, np.where(lower <= y, -math.inf, math.inf))
        b = np.where(u > 0.0, (upper - y) / u, np.where(y <= upper, math.inf, -math.inf))
    return joint_of_margins(a, b, correlation=correlation_of(matrix), seed=seed)


def joint_of_margins(
    a: Sequence[float] | Array, b: Sequence[float] | Array, *, correlation: Array, seed: int = SEED
) -> JointConformity:
    """Return the probability of a box under a standard normal distribution with correlation.

    Args:
        a: Lower ends, normal scores, shape (m,).
        b: Upper ends; below a where nothing conforms.
        correlation: Shape (m, m), ones on its diagonal.
        seed: As for `joint_conformance`.

    Raises:
        InputError: the matrix is none of correlations.

    Source: Genz (1992); as this module.
    """
    from scipy.special import ndtr

    lower, upper = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    matrix = np.asarray(correlation, dtype=np.float64)
    _check_correlation(matrix, len(lower))
    single = [max(0.0, _interval(float(x), float(y))) for x, y in zip(lower, upper, strict=True)]
    missing = float(np.sum(np.minimum(1.0, ndtr(lower) + ndtr(-upper))))
    found, error, how = _box(lower, upper, matrix, seed=seed)
    at_most = min(single)
    at_least = min(at_most, max(0.0, 1.0 - missing))  # of one result both are one figure
    return JointConformity(
        min(max(found, at_least), at_most),
        error,
        at_least,
        at_most,
        math.prod(single),
        how,
    )


def joint_from_draws(
    draws: Array, *, low: Sequence[float] | Array, high: Sequence[float] | Array
) -> JointConformity:
    """Return the share of joint draws in which every result conforms: for t and any other shape.

    Args:
        draws: Shape (m, n), one row for each result; without a value counts as not conforming.
        low: Lower limits, shape (m,).
        high: Upper limits, shape (m,).

    Raises:
        InputError: shapes that do not fit each other.

    Source: JCGM 102:2011, 7 (joint draws); binomial standard error sqrt(p (1 - p) / n).
    """
    values = np.asarray(draws, dtype=np.float64)
    lower, upper = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if values.ndim != 2 or not len(values) == len(lower) == len(upper) or values.shape[1] < 1:
        raise InputError("draws of m results have shape (m, n), with m limits on either side")
    with np.errstate(invalid="ignore"):
        inside = (values >= lower[:, np.newaxis]) & (values <= upper[:, np.newaxis])
    n = values.shape[1]
    single = [float(share) for share in inside.mean(axis=1)]
    share = float(inside.all(axis=0).mean())
    kept = min(max(share, 1.0 / n), 1.0 - 1.0 / n)
    return JointConformity(
        share,
        math.sqrt(kept * (1.0 - kept) / n),
        joint_conformance_lower_bound(single),
        min(single),
        math.prod(single),
        f"{n} joint draws",
    )


def _check_correlation(matrix: Array, m: int) -> None:
    if matrix.shape != (m, m) or m < 1:
        raise InputError(f"{m} results have a correlation matrix of {m} by {m}")
    sound = np.isfinite(matrix).all() and np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-9)
    if not bool(sound) or not np.allclose(np.diag(matrix), 1.0, rtol=0.0, atol=1e-9):
        raise InputError("a correlation matrix is symmetric with ones on its diagonal")
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < -NOT_POSITIVE * m:
        raise InputError(
            f"no results correlate like this: an eigenvalue is {smallest:.2g}",
            next_step="check signs and sizes of the covariances",
        )


def _interval(a: float, b: float) -> float:
    """Return P(a < Z < b), from the tail that keeps the digits."""
    from scipy.special import ndtr

    if a > 0.0:
        return float(ndtr(-a) - ndtr(-b))
    return float(ndtr(b) - ndtr(a))


def _intervals(a: Array, b: Array) -> Array:
    """Return P(a < Z < b) of each pair, 0 where a is above b."""
    from scipy.special import ndtr

    found = np.where(a > 0.0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)


def _box(a: Array, b: Array, r: Array, *, seed: int) -> tuple[float, float, str]:
    """Return probability, standard error and method of a box; unbounded results drop out."""
    if bool((a > b).any()):
        return 0.0, 0.0, "exact: one of the results conforms nowhere"
    bounded = [k for k in range(len(a)) if a[k] > -math.inf or b[k] < math.inf]
    a, b, r = a[bounded], b[bounded], r[np.ix_(bounded, bounded)]
    match len(bounded):
        case 0:
            return 1.0, 0.0, "exact"
        case 1:
            return _interval(float(a[0]), float(b[0])), 0.0, "exact"
        case 2:
            return _two(a, b, float(r[0, 1])), 0.0, "two results, quadrature"
        case 3:
            return _three(a, b, r), 0.0, "three results, quadrature"
        case m:
            found, error = _lattice(a, b, r, seed=seed)
            method = f"{m} results, lattice of {SHIFTS} x {POINTS} points, seed {seed}"
            return found, error, method


def _breaks(a: float, b: float, kinks: Sequence[tuple[float, float]]) -> list[float]:
    """Return where an integral over a normal density is cut: steps of it, and around kinks."""
    start, end = max(a, -_FAR), min(b, _FAR)
    if start >= end:
        return []
    near = [place + width * z for place, width in kinks for z in STEPS if math.isfinite(place)]
    return [start, end, *(x for x in (*STEPS, *near) if start < x < end)]


def _density(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi), dtype=np.float64)


def _two(a: Array, b: Array, r: float) -> float:
    """Integrate over the first of two results; the second is normal given the first."""
    rest = 1.0 - r * r
    if rest < DEPENDENT:
        # One follows from the other: both lie in what the intervals have in common.
        c, d = (a[1], b[1]) if r > 0.0 else (-b[1], -a[1])
        low, high = max(float(a[0]), float(c)), min(float(b[0]), float(d))
        return _interval(low, high) if low < high else 0.0
    s = math.sqrt(rest)
    kinks = [(float(e) / r, s / abs(r)) for e in (a[1], b[1])] if r != 0.0 else []

    def of(x: Array) -> Array:
        return _density(x) * _intervals((a[1] - r * x) / s, (b[1] - r * x) / s)

    return integrate(of, _breaks(float(a[0]), float(b[0]), kinks))


def _three(a: Array, b: Array, r: Array) -> float:
    """Integrate over the first of three results; the others are a pair given the first."""
    s = np.sqrt(np.maximum(0.0, 1.0 - r[0, 1:] ** 2))
    if bool((s * s < DEPENDENT).any()):
        return _three_dependent(a, b, r)
    inner = float((r[1, 2] - r[0, 1] * r[0, 2]) / (s[0] * s[1]))
    inner = max(-1.0, min(1.0, inner))
    kinks = [
        (float(end[k + 1]) / float(r[0, k + 1]), float(s[k]) / abs(float(r[0, k + 1])))
        for k in (0, 1)
        for end in (a, b)
        if r[0, k + 1] != 0.0
    ]
    nodes, weights = nodes_between(_breaks(float(a[0]), float(b[0]), kinks))
    total = 0.0
    for x, weight in zip(nodes, weights * _density(nodes), strict=True):
        shifted = r[0, 1:] * x
        total += weight * _two((a[1:] - shifted) / s, (b[1:] - shifted) / s, inner)
    return float(total)


def _three_dependent(a: Array, b: Array, r: Array) -> float:
    """Join a result that follows from the first with it, and integrate over the two left."""
    k = 1 if 1.0 - r[0, 1] ** 2 < DEPENDENT else 2
    c, d = (a[k], b[k]) if r[0, k] > 0.0 else (-b[k], -a[k])
    low, high = max(float(a[0]), float(c)), min(float(b[0]), float(d))
    if low >= high:
        return 0.0
    other = 3 - k
    return _two(
        np.array([low, a[other]]), np.array([high, b[other]]), max(-1.0, min(1.0, r[0, other]))
    )


def _lattice(a: Array, b: Array, r: Array, *, seed: int) -> tuple[float, float]:
    """Return the probability of a box and its standard error, by separation of variables.

    Results are taken in the order of their single probabilities, the least likely first. A
    result that follows from those before it has no variable of its own: it conforms or not.
    Source: Genz (1992); lattice of square roots of primes (Richtmyer) with the tent transform.
    """
    order = np.argsort(_intervals(a, b), kind="stable")
    a, b, r = a[order], b[order], r[np.ix_(order, order)]
    root = _triangular_root(r)
    m = len(a)
    alphas = np.sqrt(np.array(_primes(m - 1), dtype=np.float64))
    points = np.arange(1, POINTS + 1, dtype=np.float64)[:, np.newaxis] * alphas
    source = np.random.PCG64(seed)
    means = []
    for _ in range(SHIFTS):
        shifted = np.mod(points + uniforms(source, m - 1), 1.0)
        means.append(_separated(a, b, root, np.abs(2.0 * shifted - 1.0)))
    error = float(np.std(means, ddof=1)) / math.sqrt(SHIFTS)
    return float(np.mean(means)), error


def _triangular_root(r: Array) -> Array:
    """Return a lower triangular root of a matrix that may be singular."""
    m = len(r)
    root = np.zeros((m, m))
    for i in range(m):
        for j in range(i):
            rest = r[i, j] - root[i, :j] @ root[j, :j]
            root[i, j] = rest / root[j, j] if root[j, j] > 0.0 else 0.0
        left = float(r[i, i] - root[i, :i] @ root[i, :i])
        root[i, i] = math.sqrt(left) if left > DEPENDENT else 0.0
    return root


def _separated(a: Array, b: Array, root: Array, w: Array) -> float:
    """Return the mean over points w, shape (n, m - 1), of the product of conditional parts."""
    from scipy.special import ndtr, ndtri

    n, m = len(w), len(a)
    y = np.zeros((n, m))
    product = np.ones(n)
    for i in range(m):
        reached = y[:, :i] @ root[i, :i]
        if root[i, i] == 0.0:
            slack = 1e-9  # of a sum of rounded products
            product *= (a[i] - slack <= reached) & (reached <= b[i] + slack)
            continue
        left, right = ndtr((a[i] - reached) / root[i, i]), ndtr((b[i] - reached) / root[i, i])
        product *= np.maximum(right - left, 0.0)
        if i < m - 1:
            inside = left + w[:, i] * (right - left)
            y[:, i] = ndtri(np.clip(inside, 1e-300, 1.0 - 2.0**-53))
    return float(product.mean())


def _primes(count: int) -> list[int]:
    """Return the first primes."""
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found
