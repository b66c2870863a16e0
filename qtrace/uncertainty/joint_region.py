"""Joint regions of several results of a chain, as far as formulas reach.

Inside: `StatedRegion`, `stated_region`.
Source: JCGM 102:2011, 6.5 (regions of normal results), Table 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import coverage_factor, effective_degrees_of_freedom
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.multivariate import (
    Rectangle,
    RegionFactor,
    correlation_of,
    elliptical_factor,
    rectangular_factor,
)
from qtrace.uncertainty.network import (
    Network,
    covariance,
    input_sensitivities,
    standard_uncertainty,
)
from qtrace.uncertainty.unknown import unknown_parts, unstated_pairs

Array = NDArray[np.float64]
UNSTATED = (
    "the correlation of some points of a certificate is not stated: u is the larger of the "
    "independent one and its bound, the rectangle holds whatever correlates them"
)
DEPENDENT = 1e-10  # of the largest eigenvalue of r: below it the ellipsoid is flat


@dataclass(frozen=True, slots=True)
class StatedRegion:
    """Estimates (m,), u (m,) and r (m, m) of m results in SI units, with the factors of regions.

    The region is (eta - y)^T U^-1 (eta - y) <= k^2 with `ellipse`, or y_j +- k u_j with
    `rectangle`; where a factor is None, `reason` says why no formula holds. Where correlations
    are `unstated`, u is the larger of the independent one and its bound, r counts such points as
    independent, and a draw would do the same: there is a rectangle only.
    """

    estimates: Array
    standard_uncertainties: Array
    correlation: Array
    coverage_probability: float
    ellipse: RegionFactor | None
    rectangle: float | None
    reason: str = ""
    unstated: bool = False


def stated_region(
    network: Network, result_ids: Sequence[int], *, coverage_probability: float
) -> StatedRegion:
    """Return the joint regions of results from their covariance.

    Args:
        network: Holds the results and all their ancestors.
        result_ids: Two or more results, each once.
        coverage_probability: p of the region, between 0 and 1.

    Returns:
        The region. Normal results have a chi-square factor; results of one sample alone have
        Hotelling's, and no rectangle; otherwise, with finite degrees of freedom, only draws know.

    Raises:
        InputError: fewer than two results, or one twice.

    Source: JCGM 102:2011, 6.5; Sidak, JASA 62 (1967) 626 (rectangle, safe for any correlation).
    """
    if len(result_ids) < 2 or len(set(result_ids)) < len(result_ids):
        raise InputError(
            "a joint region is that of two or more different results",
            next_step="name each result once",
        )
    matrix = covariance(network, result_ids)
    unstated = bool(unstated_pairs(network, result_ids)) or any(
        unknown_parts(network, one) for one in result_ids
    )
    u = np.sqrt(np.diag(matrix))
    if unstated:
        u = np.array([standard_uncertainty(network, one) for one in result_ids])
    r = correlation_of(matrix)
    estimates = np.array([network.result(one).value for one in result_ids])
    p = coverage_probability
    if unstated:
        rectangle, reason = _rectangle_of_any(network, result_ids, p=p)
        return StatedRegion(estimates, u, r, p, None, rectangle, reason, unstated=True)
    ellipse, rectangle, reason = _factors(network, result_ids, u, r, p=p)
    return StatedRegion(estimates, u, r, p, ellipse, rectangle, reason)


def _rectangle_of_any(
    network: Network, result_ids: Sequence[int], *, p: float
) -> tuple[float | None, str]:
    """Return the factor of a rectangle that holds whatever correlates the results.

    Source: JCGM 102:2011, 6.5.3 (Bonferroni; clause from memory): each result alone leaves
    (1 - p) / m outside, here with its own degrees of freedom.
    """
    share = 1.0 - (1.0 - p) / len(result_ids)
    degrees = [effective_degrees_of_freedom(network, one) for one in result_ids]
    if any(one.value is None or one.value < 1.0 for one in degrees):
        reasons = "; ".join(one.reason for one in degrees if one.reason)
        return None, f"{UNSTATED}; none here: {reasons or 'less than one degree of freedom'}"
    return max(coverage_factor(share, one.value or 1.0) for one in degrees), UNSTATED


def _factors(
    network: Network, result_ids: Sequence[int], u: Array, r: Array, *, p: float
) -> tuple[RegionFactor | None, float | None, str]:
    """Return both factors, or the reason why there is none."""
    if not bool((u > 0.0).all()):
        return None, None, "one of the results has no uncertainty"
    m = len(result_ids)
    values = np.linalg.eigvalsh(r)
    flat = bool(values[0] <= DEPENDENT * values[-1])
    dof = _common_degrees(network, result_ids)
    if dof is None:
        return None, None, "degrees of freedom are finite and of more than one sample"
    if math.isfinite(dof):
        if flat or dof < m:
            return None, None, f"{dof:g} degrees of freedom hold no ellipsoid of {m} results"
        reason = "no rectangle by formula: the results are of one sample"
        return elliptical_factor(m, p, degrees_of_freedom=dof), None, reason
    rectangle = rectangular_factor(m, p, rule=Rectangle.INDEPENDENT)
    if flat:
        return None, rectangle, "a result follows from the others: the ellipsoid is flat"
    return elliptical_factor(m, p), rectangle, ""


def _common_degrees(network: Network, result_ids: Sequence[int]) -> float | None:
    """Return the degrees of freedom of the covariance as a whole, None where it has no such."""
    if all(effective_degrees_of_freedom(network, one).value == math.inf for one in result_ids):
        return math.inf
    moved = {
        input_id
        for one in result_ids
        for input_id, c in input_sensitivities(network, one).items()
        if c != 0.0 and network.quantity(input_id).standard_uncertainty > 0.0
    }
    places = {network.block_place(input_id) for input_id in moved}
    blocks = {place[0] for place in places if place is not None}
    if None in places or len(blocks) != 1:
        return None
    block = network.blocks[blocks.pop()]
    return block.degrees_of_freedom if block.kind is BlockKind.ENSEMBLE else None
