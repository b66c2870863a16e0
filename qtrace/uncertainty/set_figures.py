"""Figures of sets of results from flat arrays: u, degrees of freedom, budgets, covariances.

Inside: `SetFigures`, `set_figures`, `set_uncertainties`, `set_covariance`,
`set_correlation`, `covariance_column`, `correlation_column`.

One result is asked of `qtrace.uncertainty.network`, `budget` and `coverage`; both ways must say
the same, and tests hold them against each other. Covariances count points whose correlation is
not stated as independent, u takes them at the bound; see `qtrace.uncertainty.unknown`.
Source: JCGM 100:2008 (GUM), Eq. 13, 14, G.2b; JCGM 102:2011, 6.2; Willink, Metrologia 44
(2007) 340.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import IntegrityError
from qtrace.uncertainty.fleet import BLOCK_KINDS, FleetArrays, Integers, Numbers
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import AUDIT, VARIANCE_ROUNDING
from qtrace.uncertainty.sweeps import (
    Engine,
    InputRows,
    forward,
    input_sensitivity_rows,
    line_parts,
    line_shares,
)

UNKNOWN = BLOCK_KINDS.index(BlockKind.UNKNOWN)
ENSEMBLE = BLOCK_KINDS.index(BlockKind.ENSEMBLE)
PIECE = 100  # results


@dataclass(frozen=True, slots=True)
class SetFigures:
    """u, degrees of freedom and budgets of a set, in the order asked.

    `variances` are those of `qtrace.uncertainty.network.covariance`; `uncertainties` hold the
    bounds. `degrees_of_freedom` is NaN where no formula holds. `contributions` are variances by
    line of `rows`, covariances included: they add up to u^2 and may be negative.
    """

    uncertainties: Numbers
    variances: Numbers
    degrees_of_freedom: Numbers
    rows: InputRows
    contributions: Numbers


def set_figures(
    fleet: FleetArrays, rows: Sequence[int] | Integers, engine: Engine = Engine.AUTO
) -> SetFigures:
    """Return u, degrees of freedom and budgets of a set of results.

    Args:
        fleet: All results.
        rows: Places of results, shape (n,).
        engine: How the loops run.

    Raises:
        IntegrityError: a stored correlation matrix gives a negative variance.

    Source: GUM Eq. 13, G.2b; Willink, Metrologia 44 (2007) 340.
    """
    found = input_sensitivity_rows(fleet, rows, engine)
    bound, independent = line_shares(fleet, found, engine)
    n, row_of = len(found.start) - 1, found.line_rows()
    own = found.sensitivities * fleet.standard_uncertainties[found.columns]
    terms = _sums(row_of, own * own, n)
    variances = _not_negative(_sums(row_of, independent, n), terms)
    at_bound = _not_negative(_sums(row_of, bound, n), terms)
    degrees = _degrees(fleet, found, bound, totals=at_bound, engine=engine)
    return SetFigures(np.sqrt(at_bound), variances, degrees, found, bound)


def set_uncertainties(
    fleet: FleetArrays, rows: Sequence[int] | Integers, engine: Engine = Engine.AUTO
) -> tuple[Numbers, Numbers]:
    """Return u of a set of results, and their variances with unstated correlations as zero.

    The same figures as `set_figures` gives, without degrees of freedom and budgets.

    Args:
        fleet: All results.
        rows: Places of results, shape (n,).
        engine: How the loops run.

    Raises:
        IntegrityError: a stored correlation matrix gives a negative variance.

    Source: GUM Eq. 13.
    """
    if len(fleet.members):
        figures = set_figures(fleet, rows, engine)
        return figures.uncertainties, figures.variances
    asked = np.asarray(rows, dtype=np.int64)
    pieces = []
    # Piece by piece: the lines of all rows of a dense graph would fill the memory.
    for position in range(0, len(asked), PIECE):
        found = input_sensitivity_rows(fleet, asked[position : position + PIECE], engine)
        squares, _ = line_shares(fleet, found, engine)
        pieces.append(_sums(found.line_rows(), squares, len(found.start) - 1))
    variances = np.concatenate(pieces) if pieces else np.zeros(0)
    return np.sqrt(variances), variances


def _sums(places: Integers, weights: NDArray[Any], size: int) -> Numbers:
    """Return the sum of the weights at each place, shape (size,)."""
    sums: Numbers = np.asarray(np.bincount(places, weights, size), dtype=np.float64)
    return sums


def _not_negative(variances: Numbers, terms: Numbers) -> Numbers:
    """Return variances; below zero by rounding is zero, by more is refused."""
    if np.any(variances < -VARIANCE_ROUNDING * terms):
        raise IntegrityError(
            "a stored correlation matrix gives a negative variance", next_step=AUDIT
        )
    return np.maximum(variances, 0.0)


def _degrees(
    fleet: FleetArrays, found: InputRows, lines: Numbers, *, totals: Numbers, engine: Engine
) -> Numbers:
    """Return Welch-Satterthwaite degrees of freedom from the variances of independent parts."""
    own = fleet.degrees_of_freedom[found.columns]
    row_of = found.line_rows()
    inside = fleet.block_of[found.columns] >= 0
    single = np.flatnonzero(~inside & np.isfinite(own) & (lines > 0.0))
    row, part, nu = row_of[single], lines[single], own[single]
    if np.any(inside):
        heads, variances, degrees = _block_parts(fleet, found, lines, own=own, engine=engine)
        row = np.concatenate((row, row_of[heads]))
        part, nu = np.concatenate((part, variances)), np.concatenate((nu, degrees))
    nu = np.where(nu > 0.0, nu, np.nan)
    inverse = _sums(row, (part / totals[row]) ** 2 / nu, len(totals))
    with np.errstate(divide="ignore"):
        answer: Numbers = 1.0 / inverse
    return answer


def _block_parts(
    fleet: FleetArrays, found: InputRows, lines: Numbers, *, own: Numbers, engine: Engine
) -> tuple[Integers, Numbers, Numbers]:
    """Return first line, variance and degrees of freedom of each part that lies in a block."""
    leaders, size = line_parts(fleet, found, engine), len(lines)
    block = fleet.block_of[found.columns]
    inside = block >= 0
    kind = np.full(size, -1)
    kind[inside] = fleet.block_kinds[block[inside]]
    # A point without uncertainty says nothing about a part whose correlation is not stated.
    counted = (kind != UNKNOWN) | (fleet.standard_uncertainties[found.columns] != 0.0)
    infinite = np.isinf(own)
    ids = _sums(leaders, counted, size)
    endless = _sums(leaders, counted & infinite, size)
    finite = _sums(leaders, np.where(counted & ~infinite, own, 0.0), size)
    dof = np.where(ids == endless, np.inf, np.where(ids == 1, finite, np.nan))
    dof[kind == ENSEMBLE] = fleet.block_degrees[block[kind == ENSEMBLE]]
    variance = _sums(leaders, lines, size)
    # The first line stands for its part; a part without variance does not count.
    heads = np.flatnonzero((leaders == np.arange(size)) & (variance > 0.0) & inside)
    return heads, variance[heads], dof[heads]


def set_covariance(
    fleet: FleetArrays, rows: Sequence[int] | Integers, engine: Engine = Engine.AUTO
) -> Numbers:
    """Return the covariance matrix of a set of results, shape (n, n), in products of SI units.

    Args:
        fleet: All results.
        rows: Places of results, shape (n,).
        engine: How the loops run.

    Source: JCGM 102:2011, clause 6.2 (U_y = C_x U_x C_x^T).
    """
    from scipy.sparse import csr_array

    found = input_sensitivity_rows(fleet, rows, engine)
    used, at = np.unique(found.columns, return_inverse=True)
    scaled = found.sensitivities * fleet.standard_uncertainties[found.columns]
    shape = (len(found.start) - 1, len(used))
    one = csr_array((scaled, at.reshape(-1), found.start), shape=shape)
    matrix: Numbers = (one @ _coefficients(fleet, used) @ one.T).toarray()
    return (matrix + matrix.T) / 2.0


def _coefficients(fleet: FleetArrays, columns: Integers):  # type: ignore[no-untyped-def] # noqa: ANN202
    """Return R over sorted columns as a sparse matrix; unknown correlations are 0."""
    from scipy.sparse import coo_array

    blocks = fleet.block_of[columns]
    # One more place, of unknown kind, for the inputs outside blocks: -1 points there.
    correlated = np.append(fleet.block_kinds, UNKNOWN)[blocks] != UNKNOWN
    alone = np.flatnonzero(~correlated)
    one, other, r = [alone], [alone], [np.ones(len(alone))]
    for block in np.unique(blocks[correlated]):
        members = fleet.members[fleet.block_start[block] : fleet.block_start[block + 1]]
        inside = np.flatnonzero(np.isin(members, columns))
        at = np.searchsorted(columns, members[inside])
        one.append(np.repeat(at, len(at)))
        other.append(np.tile(at, len(at)))
        r.append(fleet.block_matrix(int(block))[np.ix_(inside, inside)].ravel())
    places = (np.concatenate(one), np.concatenate(other))
    return coo_array((np.concatenate(r), places), shape=(len(columns), len(columns))).tocsr()


def set_correlation(
    fleet: FleetArrays, rows: Sequence[int] | Integers, engine: Engine = Engine.AUTO
) -> Numbers:
    """Return the correlation matrix of a set, 0 where a result has no uncertainty.

    Source: GUM Eq. 14.
    """
    matrix = set_covariance(fleet, rows, engine)
    u = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    return _correlation(matrix, np.outer(u, u))


def _correlation(covariances: Numbers, products: Numbers) -> Numbers:
    """Return r = cov / (u u), within -1 ... 1, 0 where a u is 0."""
    whole = products > 0.0
    r = np.zeros(covariances.shape)
    np.divide(covariances, products, out=r, where=whole)
    return np.clip(r, -1.0, 1.0)  # 1 + 2e-16 is one


def covariance_column(fleet: FleetArrays, row: int, engine: Engine = Engine.AUTO) -> Numbers:
    """Return the covariance of one result with every result, shape (n,).

    One backward sweep gives d(result)/d(input), one forward sweep of V times that the column.

    Args:
        fleet: All results.
        row: Place of the result.
        engine: How the loops run.

    Source: GUM Eq. 13 and F.1.2.3; a column of S V S^T.
    """
    found = input_sensitivity_rows(fleet, [row], engine)
    weights = np.zeros(len(fleet.input_ids))
    weights[found.columns] = found.sensitivities
    return forward(fleet, _input_covariance(fleet, weights), engine=engine)


def _input_covariance(fleet: FleetArrays, weights: Numbers) -> Numbers:
    """Return V w over all inputs; points of unknown correlation as independent."""
    u = fleet.standard_uncertainties
    scaled: Numbers = weights * u
    answer: Numbers = scaled * u
    touched = np.unique(fleet.block_of[np.flatnonzero(weights)])
    for block in touched[touched >= 0]:
        if fleet.block_kinds[block] != UNKNOWN:
            places = fleet.members[fleet.block_start[block] : fleet.block_start[block + 1]]
            answer[places] = u[places] * (fleet.block_matrix(int(block)) @ scaled[places])
    return answer


def correlation_column(
    fleet: FleetArrays,
    row: int,
    others: Sequence[int] | Integers,
    engine: Engine = Engine.AUTO,
) -> Numbers:
    """Return the correlation coefficient of one result with others, 0 where one has no u.

    Args:
        fleet: All results.
        row: Place of the result.
        others: Places of the others, shape (n,).
        engine: How the loops run.

    Source: GUM Eq. 14.
    """
    asked = np.append(np.asarray(others, dtype=np.int64), row)
    u = np.sqrt(set_uncertainties(fleet, asked, engine)[1])
    return _correlation(covariance_column(fleet, row, engine)[asked[:-1]], u[:-1] * u[-1])
