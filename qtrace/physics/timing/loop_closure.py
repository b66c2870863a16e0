"""Clock offsets of three nodes or more as one adjustment; what the loops close to.

Inside: `Closure`, `AdjustedOffsets`, `adjust_offsets`, `NO_LOOP`, `LOOPS`.
A link (first, second) carries the offset second minus first. The adjustment is least squares with
the full covariance; the closures are of the offsets as measured, not as adjusted.
Source: Gauss-Markov model with full covariance, e.g. Ghilani, Adjustment Computations, 6th ed.,
chapters on weighted adjustment and on networks (from memory); JCGM 102:2011 for the covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from qtrace.errors import InputError
from qtrace.physics.timing.node_graph import loop_matrix, spanning_tree, walk_of_loop

Array = NDArray[np.float64]

NO_LOOP = (
    "The graph has no loop: each offset was measured once, and closure shows nothing about any "
    "of them."
)
LOOPS = (
    "A closure shows errors that differ around a loop. It is blind to what each node brings "
    "into all its links alike (local delays, a clock), to asymmetries that add up to zero around "
    "the loop, and to links that stand in no loop."
)
# A fault of a matrix that is symmetric but for its rounding.
_SYMMETRY = 1e-9


@dataclass(frozen=True, slots=True)
class Closure:
    """One loop: its nodes in order (the first again at the end), sum of offsets, u and z."""

    nodes: tuple[str, ...]
    value_s: float
    u_s: float
    z: float


@dataclass(frozen=True, slots=True)
class AdjustedOffsets:
    """Offsets of all nodes against the reference, and how well the links agree.

    `offset_s` and `covariance_s2` are in the order of `nodes`, the reference first with zeros.
    `residual_s` is adjusted minus measured, by link, with `u_residual_s`; `redundancy_per_s2`
    is the square of the shift, in standard deviations, that an error of 1 s on that link makes
    in the closures: zero where no loop sees it. `p_value` is nan where there is no loop.
    """

    nodes: tuple[str, ...]
    offset_s: Array
    covariance_s2: Array
    links: tuple[tuple[str, str], ...]
    residual_s: Array
    u_residual_s: Array
    redundancy_per_s2: Array
    closures: tuple[Closure, ...]
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    statement: str


def adjust_offsets(
    links: Sequence[tuple[str, str]], offsets_s: Array, *, covariance_s2: Array, reference: str
) -> AdjustedOffsets:
    """Return the offsets that agree best with all links, and the closures.

    Args:
        links: Pairs of nodes (first, second), shape (m,); two links may join the same nodes.
        offsets_s: Clock of the second node minus clock of the first, in s, shape (m,).
        covariance_s2: Covariance of the offsets in s^2, shape (m, m).
        reference: The node whose clock is zero.

    Returns:
        Adjusted offsets, residuals, closures of a set of independent loops, chi-square.

    Raises:
        InputError: shapes do not fit, a link joins a node to itself, the covariance is not
            positive definite, the reference is in no link, or a node is not connected to it.

    Source: x = (A^T C^-1 A)^-1 A^T C^-1 y; closures w = B y of covariance B C B^T, chi-square
        w^T (B C B^T)^-1 w with as many degrees of freedom as independent loops.
    """
    pairs = tuple((first, second) for first, second in links)
    measured = np.asarray(offsets_s, dtype=np.float64)
    covariance = np.asarray(covariance_s2, dtype=np.float64)
    _check(pairs, measured, covariance)
    nodes, tree = spanning_tree(pairs, reference)
    # Picoseconds squared are 1e-24 s^2: in units of the largest u nothing is lost to underflow.
    unit = float(np.sqrt(np.max(np.diag(covariance))))
    weights = _inverse(covariance / unit**2)
    place = {node: number for number, node in enumerate(nodes)}
    design = np.zeros((len(pairs), len(nodes) - 1))
    for row, (first, second) in enumerate(pairs):
        for node, sign in ((second, 1.0), (first, -1.0)):
            if node != reference:
                design[row, place[node] - 1] += sign
    weighted = weights @ design
    inverse = np.linalg.inv(design.T @ weighted)
    offsets = inverse @ (weighted.T @ measured)
    residual = design @ offsets - measured
    residual_covariance = covariance - design @ inverse @ design.T * unit**2
    full = np.zeros((len(nodes), len(nodes)))
    full[1:, 1:] = inverse * unit**2
    loops = loop_matrix(pairs, nodes, tree)
    closures, chi_square, redundancy = _closed(pairs, measured, covariance, loops=loops, unit=unit)
    dof = loops.shape[0]
    return AdjustedOffsets(
        nodes=nodes,
        offset_s=np.concatenate([[0.0], offsets]),
        covariance_s2=full,
        links=pairs,
        residual_s=residual,
        u_residual_s=np.sqrt(np.maximum(np.diag(residual_covariance), 0.0)),
        redundancy_per_s2=redundancy,
        closures=closures,
        chi_square=chi_square,
        degrees_of_freedom=dof,
        p_value=float(chdtrc(dof, chi_square)) if dof else float("nan"),
        statement=LOOPS if dof else NO_LOOP,
    )


def _closed(
    pairs: tuple[tuple[str, str], ...],
    measured: Array,
    covariance: Array,
    *,
    loops: Array,
    unit: float,
) -> tuple[tuple[Closure, ...], float, Array]:
    """Return the closures, their chi-square, and the redundancy of each link."""
    if not loops.size:
        return (), 0.0, np.zeros(len(pairs))
    sums = loops @ measured
    spread = loops @ (covariance / unit**2) @ loops.T
    weights = _inverse(spread)
    chi_square = float(sums @ weights @ sums) / unit**2
    redundancy = np.sum(loops * (weights @ loops), axis=0) / unit**2
    u = np.sqrt(np.diag(spread)) * unit
    closures = tuple(
        Closure(walk_of_loop(pairs, row), float(value), float(one), float(value / one))
        for row, value, one in zip(loops, sums, u, strict=True)
    )
    return closures, chi_square, redundancy


def _inverse(matrix: Array) -> Array:
    """Return the inverse by the Cholesky factor, whose failure says what is wrong."""
    try:
        root = np.linalg.inv(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError as reason:
        raise InputError(
            "the covariance of the offsets is not positive definite",
            next_step="an offset with u = 0, or a sum of others, is no measurement: leave it out",
        ) from reason
    return root.T @ root


def _check(pairs: tuple[tuple[str, str], ...], measured: Array, covariance: Array) -> None:
    if not pairs or measured.shape != (len(pairs),):
        raise InputError(
            f"{len(pairs)} links and offsets of shape {measured.shape}",
            next_step="give one offset for each link",
        )
    if covariance.shape != (len(pairs), len(pairs)):
        raise InputError(
            f"a covariance of shape {covariance.shape} for {len(pairs)} links",
            next_step="give the full matrix in s^2, u^2 on its diagonal",
        )
    if not (np.all(np.isfinite(measured)) and np.all(np.isfinite(covariance))):
        raise InputError(
            "an offset or a covariance is not finite",
            next_step="leave out the link that was not measured",
        )
    alike = [first for first, second in pairs if first == second]
    if alike:
        raise InputError(
            f"a link joins node {alike[0]!r} to itself",
            next_step="give two different nodes for each link",
        )
    most = float(np.max(np.abs(covariance)))
    if not np.allclose(covariance, covariance.T, rtol=0.0, atol=_SYMMETRY * most):
        raise InputError(
            "the covariance of the offsets is not symmetric",
            next_step="give the same covariance above and below the diagonal",
        )
    if np.any(np.diag(covariance) <= 0.0):
        raise InputError(
            "an offset has a variance of zero or less",
            next_step="give each offset its standard uncertainty, squared",
        )
