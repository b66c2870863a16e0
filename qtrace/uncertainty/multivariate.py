"""Several results at once: joint estimate, covariance, and regions that hold a share of them.

Inside: `JointFigure`, `joint_figure`, `Reference`, `RegionFactor`, `elliptical_factor`,
`Rectangle`, `rectangular_factor`, `squared_distances`, `Region`, `drawn_ellipsoid`,
`drawn_rectangle`, `share_inside`.

A region is y plus all points within k of it: by the length L^-1 (eta - y) with U_y = L L^T for
an ellipsoid, by the largest |eta_j - y_j| / u_j for a rectangle.
Source: JCGM 102:2011, 6.5 (regions from moments), 7.6 (moments of draws), 7.7.2 (ellipsoid from
draws); 7.7.3 (rectangle from draws) and the clauses of Bonferroni are from memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.coverage_interval import check_probability, covered_draws

Array = NDArray[np.float64]
# Per row: a correlation matrix with a smaller eigenvalue has a result that follows from others.
DEPENDENT = 1e-10


@dataclass(frozen=True, slots=True)
class JointFigure:
    """Estimates (m,), covariance (m, m) and correlation (m, m) of m results, SI units.

    `outside_domain` of `n` draws lack a value in at least one result and are not in it.
    """

    estimates: Array
    covariance: Array
    correlation: Array
    n: int
    outside_domain: int


def _columns(draws: Array) -> Array:
    values = np.asarray(draws, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 1:
        raise InputError(f"draws of m results have shape (m, n), not {values.shape}")
    return values


def joint_figure(draws: Array) -> JointFigure:
    """Return the moments of joint draws.

    Args:
        draws: Shape (m, n), one row for each result; NaN or infinite where a model has no value.

    Raises:
        InputError: not two-dimensional, or fewer than two draws with a value in every result.

    Source: JCGM 102:2011, 7.6 (covariance with M - 1).
    """
    values = _columns(draws)
    complete = np.isfinite(values).all(axis=0)
    kept = values if bool(complete.all()) else values[:, complete]
    n = values.shape[1]
    if kept.shape[1] < 2:
        raise InputError(f"{n - kept.shape[1]} of {n} draws lack a value in one of the results")
    covariance = np.atleast_2d(np.cov(kept))
    return JointFigure(
        kept.mean(axis=1), covariance, correlation_of(covariance), n, n - kept.shape[1]
    )


def correlation_of(covariance: Array) -> Array:
    """Return the correlation matrix of a covariance matrix, both of shape (m, m).

    A result without uncertainty is correlated with none but itself.

    Source: JCGM 102:2011, 3.21; GUM Eq. 14.
    """
    u = np.sqrt(np.diag(covariance))
    scale = np.outer(u, u)
    matrix = np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 0.0)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(np.clip(matrix, -1.0, 1.0), dtype=np.float64)


class Reference(StrEnum):
    """From which distribution the factor of an ellipsoid was taken."""

    CHI_SQUARE = "chi-square"  # the joint distribution is normal
    HOTELLING = "F, covariance estimated"  # U_y itself has these degrees of freedom
    JOINT_T = "F, joint t"  # a joint t with scale matrix U_y: one chi-square for all results


@dataclass(frozen=True, slots=True)
class RegionFactor:
    """k of a region, with the distribution and degrees of freedom that it rests on."""

    value: float
    coverage_probability: float
    results: int
    reference: Reference
    degrees_of_freedom: float


def elliptical_factor(
    results: int,
    coverage_probability: float,
    *,
    degrees_of_freedom: float = math.inf,
    reference: Reference = Reference.HOTELLING,
) -> RegionFactor:
    """Return k_p of the ellipsoid (eta - y)^T U_y^-1 (eta - y) = k_p^2.

    k_p^2 is the p quantile of chi-square with m degrees of freedom where those of U_y are
    infinite. With nu it is nu m / (nu + 1 - m) times that of F(m, nu + 1 - m) where U_y was
    estimated from a sample, and m times that of F(m, nu) for a joint t about y with U_y as its
    scale matrix. For m = 1 both are the square of the t quantile.

    Args:
        results: m, at least 1.
        coverage_probability: p, between 0 and 1.
        degrees_of_freedom: nu of U_y as a whole; infinite for a normal distribution.
        reference: Which of the two laws holds for finite nu.

    Raises:
        InputError: no result, p no probability, or nu below m (estimated) or 1 (joint t).

    Source: JCGM 102:2011, 6.5 (chi-square); Anderson, An Introduction to Multivariate
    Statistical Analysis, 5.2 (T^2); Willink and Hall, Metrologia 39 (2002) 361 (m = 2).
    """
    from scipy.special import fdtri, gammaincinv

    check_probability(coverage_probability)
    m, nu, p = results, degrees_of_freedom, coverage_probability
    if m < 1:
        raise InputError("a region needs at least one result")
    if math.isinf(nu):
        squared = 2.0 * float(gammaincinv(m / 2.0, p))
        return RegionFactor(math.sqrt(squared), p, m, Reference.CHI_SQUARE, nu)
    least = 1 if reference is Reference.JOINT_T else m
    if reference is Reference.CHI_SQUARE or not nu >= least:
        raise InputError(
            f"no ellipsoid for {m} results with {nu:g} degrees of freedom by {reference.value}",
            next_step="more observations, fewer results, or the region from draws",
        )
    if reference is Reference.JOINT_T:
        squared = m * float(fdtri(m, nu, p))
    else:
        squared = nu * m / (nu + 1.0 - m) * float(fdtri(m, nu + 1.0 - m, p))
    return RegionFactor(math.sqrt(squared), p, m, reference, nu)


class Rectangle(StrEnum):
    """How the factor of a rectangle holds p for all results together."""

    BONFERRONI = "Bonferroni"  # at least p whatever the correlation
    INDEPENDENT = "independent"  # p exactly for independent normal results, at least p else


def rectangular_factor(
    results: int, coverage_probability: float, *, rule: Rectangle = Rectangle.BONFERRONI
) -> float:
    """Return k_q of the rectangle y_j +- k_q u(y_j) for normal results.

    q is 1 - (1 - p)/m after Bonferroni, and p^(1/m) for independent results, which Sidak showed
    to be safe for any correlation of normal ones. The exact k for correlated results comes from
    draws: `drawn_rectangle`.

    Args:
        results: m, at least 1.
        coverage_probability: p of all results together.
        rule: Which q.

    Raises:
        InputError: no result, or p no probability.

    Source: JCGM 102:2011, 6.5 and Table 1 (clause from memory); Sidak, JASA 62 (1967) 626.
    """
    from scipy.special import ndtri

    check_probability(coverage_probability)
    if results < 1:
        raise InputError("a region needs at least one result")
    if rule is Rectangle.INDEPENDENT:
        each = coverage_probability ** (1.0 / results)
    else:
        each = 1.0 - (1.0 - coverage_probability) / results
    return float(ndtri((1.0 + each) / 2.0))


def squared_distances(draws: Array, estimates: Array, covariance: Array) -> Array:
    """Return (eta - y)^T U^-1 (eta - y) of each draw, shape (n,), dimensionless.

    Args:
        draws: Shape (m, n).
        estimates: y, shape (m,).
        covariance: U, shape (m, m).

    Raises:
        InputError: a result has no uncertainty or follows from the others: the ellipsoid is flat.

    Source: JCGM 102:2011, 7.7.2, Eq. 21, scaled to unit u first so that units do not matter.
    """
    values = _columns(draws)
    u = np.sqrt(np.diag(covariance))
    correlation = correlation_of(covariance)
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    if not bool((u > 0.0).all()) or smallest < len(u) * DEPENDENT:
        raise InputError(
            "no ellipsoid: one of the results has no uncertainty or follows from the others "
            f"(smallest eigenvalue of their correlation matrix {smallest:.1e})",
            next_step="leave one of them out",
        )
    scaled = (values - estimates[:, np.newaxis]) / u[:, np.newaxis]
    whitened = np.linalg.solve(np.linalg.cholesky(correlation), scaled)
    return np.asarray(np.einsum("ij,ij->j", whitened, whitened), dtype=np.float64)


def _largest_deviations(draws: Array, estimates: Array, covariance: Array) -> Array:
    """Return max_j |eta_j - y_j| / u_j of each draw, shape (n,)."""
    u = np.sqrt(np.diag(covariance))
    if not bool((u > 0.0).all()):
        raise InputError("no rectangle: one of the results has no uncertainty")
    deviations = np.abs(_columns(draws) - estimates[:, np.newaxis]) / u[:, np.newaxis]
    return np.asarray(deviations.max(axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Region:
    """A region about y from draws: k, and the share of all n draws that lies inside."""

    factor: float
    coverage_probability: float
    joint: JointFigure
    share_inside: float


def _region(distances: Array, joint: JointFigure, coverage_probability: float) -> Region:
    """Return the region whose k is the distance with q = pM draws no farther than it."""
    q = covered_draws(joint.n, coverage_probability)
    finite = distances[np.isfinite(distances)]
    if len(finite) < q:
        raise InputError(
            f"{joint.outside_domain} of {joint.n} draws lack a value in one of the results: no "
            f"region can hold {coverage_probability:g} of them"
        )
    factor = float(np.partition(finite, q - 1)[q - 1])
    inside = int(np.count_nonzero(finite <= factor)) / joint.n
    return Region(factor, coverage_probability, joint, inside)


def drawn_ellipsoid(
    draws: Array, coverage_probability: float, *, about: tuple[Array, Array] | None = None
) -> Region:
    """Return the smallest ellipsoid about y, shaped by U_y of the draws, that holds pM of them.

    Args:
        draws: Shape (m, n). Draws without a value in some result count as outside.
        coverage_probability: p, between 0 and 1.
        about: y (m,) and U_y (m, m) as stated, where these place and shape the region; with two
            or fewer degrees of freedom the draws themselves have no covariance.

    Raises:
        InputError: dependent results, too few draws, or too many without a value.

    Source: JCGM 102:2011, 7.7.2.
    """
    joint = joint_figure(draws)
    with np.errstate(invalid="ignore"):
        squared = squared_distances(draws, *(about or (joint.estimates, joint.covariance)))
        return _region(np.sqrt(squared), joint, coverage_probability)


def drawn_rectangle(
    draws: Array, coverage_probability: float, *, about: tuple[Array, Array] | None = None
) -> Region:
    """Return the rectangle y_j +- k u(y_j) with one k that holds pM of the draws.

    Args:
        draws: Shape (m, n). Draws without a value in some result count as outside.
        coverage_probability: p, between 0 and 1.
        about: As for `drawn_ellipsoid`.

    Raises:
        InputError: a result without uncertainty, too few draws, or too many without a value.

    Source: JCGM 102:2011, 7.7.3 (clause from memory).
    """
    joint = joint_figure(draws)
    with np.errstate(invalid="ignore"):
        distances = _largest_deviations(draws, *(about or (joint.estimates, joint.covariance)))
    return _region(distances, joint, coverage_probability)


def share_inside(
    draws: Array, estimates: Array, covariance: Array, *, factor: float, rectangle: bool = False
) -> float:
    """Return the share of draws inside a region stated by y, U_y and k.

    Args:
        draws: Shape (m, n); those without a value count as outside.
        estimates: y, shape (m,).
        covariance: U_y, shape (m, m).
        factor: k of the region.
        rectangle: Whether the region is a rectangle; an ellipsoid else.

    Raises:
        InputError: dependent results, or one without uncertainty.

    Source: JCGM 102:2011, clause 8 (comparison of regions with draws; clause from memory).
    """
    with np.errstate(invalid="ignore"):
        if rectangle:
            distances = _largest_deviations(draws, estimates, covariance)
        else:
            distances = np.sqrt(squared_distances(draws, estimates, covariance))
        return float(np.mean(distances <= factor))
