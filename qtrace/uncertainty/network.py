"""The network of results: x = A x + B e, solved by plain sweeps.

Inside: `Network`, `ancestors`, `input_sensitivities`, `result_sensitivities`, `covariance`,
`standard_uncertainty`, `row_uncertainty`, `correlation`, `correlation_matrix`, `tree_uncertainty`,
`independent_parents_uncertainty`.

Results are stacked in recording order, so A is strictly lower triangular and one backward
sweep flattens any result to the input quantities at its leaves. Results that share an
ancestor come out correlated without anybody declaring it.

Where a certificate says nothing of the correlation between its points (a block of kind
`unknown`), no covariance exists. Covariances are then those of independent points: they hold
what is known. A standard uncertainty is taken at the bound, so the diagonal of a covariance may
be smaller than u^2; `qtrace.uncertainty.unknown` says by how much and for which inputs, and
gives u of differences and ratios of results, which must not be built from the covariance then.
Source: JCGM 100:2008 (GUM), Eq. 13 and F.1.2.3; JCGM 102:2011, clause 6.2 (U_y = C U_x C^T).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import IntegrityError
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, InputQuantity
from qtrace.uncertainty.number_range import SMALLEST_VARIANCE, refuse_beyond_doubles
from qtrace.uncertainty.results import Result

AUDIT = "run `qtrace audit --all`: a stored row is missing or was changed"
# A variance below zero by more than this part of its terms is no rounding of the sum.
VARIANCE_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Network:
    """Results, their input quantities and the correlated blocks among those, by id.

    Blocks are whole: every member is among `inputs`, and in one block only.
    """

    results: Mapping[int, Result]
    inputs: Mapping[int, InputQuantity]
    blocks: tuple[CorrelationBlock, ...] = ()
    _block_of: dict[int, tuple[int, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for index, block in enumerate(self.blocks):
            n = len(block.input_ids)
            if block.correlation.shape != (n, n):
                raise IntegrityError(
                    f"correlation block {block.block_id} lists {n} inputs but its matrix has "
                    f"shape {block.correlation.shape}",
                    next_step=AUDIT,
                )
            if block.kind is BlockKind.UNKNOWN and not np.array_equal(block.correlation, np.eye(n)):
                raise IntegrityError(
                    f"correlation block {block.block_id} is unknown and yet holds coefficients",
                    next_step=AUDIT,
                )
            for position, input_id in enumerate(block.input_ids):
                if input_id in self._block_of:
                    raise IntegrityError(
                        f"input {input_id} stands in two correlation blocks", next_step=AUDIT
                    )
                if input_id not in self.inputs:
                    raise IntegrityError(
                        f"correlation block {block.block_id} needs input {input_id}, which is not "
                        "in the loaded network",
                        next_step="load blocks whole: draws need every member",
                    )
                self._block_of[input_id] = (index, position)

    def result(self, result_id: int) -> Result:
        """Return one result. Raises IntegrityError where it is missing from the network."""
        try:
            return self.results[result_id]
        except KeyError:
            raise IntegrityError(
                f"result {result_id} is not in the loaded network", next_step=AUDIT
            ) from None

    def quantity(self, input_id: int) -> InputQuantity:
        """Return one input quantity. Raises IntegrityError where it is missing."""
        try:
            return self.inputs[input_id]
        except KeyError:
            raise IntegrityError(
                f"input quantity {input_id} is not in the loaded network", next_step=AUDIT
            ) from None

    def block_place(self, input_id: int) -> tuple[int, int] | None:
        """Return (index of the block, position in it) of an input, None outside blocks."""
        return self._block_of.get(input_id)

    def input_covariance(self, first: int, second: int) -> float:
        """Return the covariance of two input quantities, in the product of their SI units."""
        if first == second:
            return self.inputs[first].standard_uncertainty ** 2
        one, other = self.block_place(first), self.block_place(second)
        if one is None or other is None or one[0] != other[0]:
            return 0.0
        r = float(self.blocks[one[0]].correlation[one[1], other[1]])
        return (
            r * self.inputs[first].standard_uncertainty * self.inputs[second].standard_uncertainty
        )


def ancestors(network: Network, result_ids: Sequence[int]) -> list[int]:
    """Return the given results and everything above them, in recording order.

    Raises:
        IntegrityError: a row is missing, an argument has not exactly one source, or a parent is
            not older than its child: the sweeps below would then be silently wrong.
    """
    seen: set[int] = set()
    waiting = list(result_ids)
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for argument in network.result(current).arguments:
            if argument.parent_id is None and argument.input_id is not None:
                network.quantity(argument.input_id)
            elif argument.parent_id is not None and argument.input_id is None:
                if argument.parent_id >= current:
                    raise IntegrityError(
                        f"result {current} rests on result {argument.parent_id}, which is not "
                        "older than it",
                        next_step=AUDIT,
                    )
                waiting.append(argument.parent_id)
            else:
                raise IntegrityError(
                    f"argument {argument.name} of result {current} must name either a result or "
                    "an input quantity",
                    next_step=AUDIT,
                )
    return sorted(seen)


def result_sensitivities(network: Network, result_id: int) -> dict[int, float]:
    """Return d(result)/d(ancestor) for the result itself (1) and each ancestor result.

    One backward sweep in falling recording order; each edge is met once.
    """
    adjoint: dict[int, float] = dict.fromkeys(ancestors(network, [result_id]), 0.0)
    adjoint[result_id] = 1.0
    for current in sorted(adjoint, reverse=True):
        weight = adjoint[current]
        for argument in network.result(current).arguments:
            if argument.parent_id is not None:
                adjoint[argument.parent_id] += weight * argument.sensitivity
    return adjoint


def input_sensitivities(network: Network, result_id: int) -> dict[int, float]:
    """Return d(result)/d(input) for every input quantity at the leaves of a result.

    Returns:
        Input id to total sensitivity, one row of S = B^T (I - A)^-T, in SI units.

    Raises:
        IntegrityError: as for `ancestors`.

    Source: GUM Eq. 13 with the chain rule; a row of (I - A)^-1 B.
    """
    total: dict[int, float] = {}
    for current, weight in result_sensitivities(network, result_id).items():
        for argument in network.result(current).arguments:
            if argument.input_id is not None:
                step = weight * argument.sensitivity
                total[argument.input_id] = total.get(argument.input_id, 0.0) + step
    return total


def _covariance_of(network: Network, one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Return one V other^T, walking blocks once instead of every pair."""
    total = 0.0
    partners: dict[int, list[int]] = {}
    for input_id in other:
        place = network.block_place(input_id)
        if place is not None:
            partners.setdefault(place[0], []).append(input_id)
    for input_id, c in one.items():
        place = network.block_place(input_id)
        if place is None:
            d = other.get(input_id)
            if d is not None:
                u = network.inputs[input_id].standard_uncertainty
                total += c * d * (u * u)
            continue
        for partner in partners.get(place[0], ()):
            total += c * other[partner] * network.input_covariance(input_id, partner)
    return total


def _variance_of(network: Network, row: Mapping[int, float]) -> float:
    """Return row V row^T; below zero by rounding is zero, by more is refused."""
    total = _covariance_of(network, row, row)
    if SMALLEST_VARIANCE <= total < math.inf:
        return total
    parts = [c * network.quantity(i).standard_uncertainty for i, c in row.items()]
    refuse_beyond_doubles(total, parts)
    if total < -VARIANCE_ROUNDING * sum(one * one for one in parts):
        raise IntegrityError(
            "a stored correlation matrix gives a negative variance", next_step=AUDIT
        )
    return max(0.0, total)


def covariance(network: Network, result_ids: Sequence[int]) -> NDArray[np.float64]:
    """Return the covariance matrix of a set of results.

    Points whose correlation is not stated enter as independent, in every element: the matrix
    stays one that can occur. u of one result may then be larger than its diagonal says.

    Args:
        network: Holds the results and all their ancestors.
        result_ids: Ids, in the order of the rows wanted, shape (n,).

    Returns:
        Symmetric matrix of shape (n, n) in products of the results' SI units.

    Source: JCGM 102:2011, clause 6.2 (U_y = C_x U_x C_x^T).
    """
    rows = [input_sensitivities(network, result_id) for result_id in result_ids]
    n = len(rows)
    matrix = np.zeros((n, n))
    for i in range(n):
        matrix[i, i] = _variance_of(network, rows[i])
        for j in range(i + 1, n):
            matrix[i, j] = matrix[j, i] = _covariance_of(network, rows[i], rows[j])
    return matrix


def _unstated_variance(network: Network, row: Mapping[int, float]) -> float:
    """Return what the bounds of `unknown` blocks add to a variance with independent points."""
    added = 0.0
    for block in network.blocks:
        if block.kind is BlockKind.UNKNOWN:
            parts = [
                abs(row[i]) * network.quantity(i).standard_uncertainty
                for i in block.input_ids
                if i in row
            ]
            # Never below zero: (sum a)^2 - sum a^2 = 2 sum of all products of two.
            added += max(0.0, math.fsum(parts) ** 2 - math.fsum(a * a for a in parts))
    return added


def row_uncertainty(network: Network, row: Mapping[int, float]) -> float:
    """Return u of sum(c_i x_i) over input quantities: input id to c, in SI units.

    Declared correlations are kept; in each block whose correlation is not stated the larger of
    independence and the bound sum|c_i u_i| is taken.

    Source: GUM Eq. 13; 5.2.2, note 1 (the bound; note from memory).
    """
    return math.sqrt(_variance_of(network, row) + _unstated_variance(network, row))


def standard_uncertainty(network: Network, result_id: int) -> float:
    """Return the combined standard uncertainty u_c of a result, correlations kept.

    Source: GUM Eq. 13; where a correlation is not stated, as for `row_uncertainty`.
    """
    return row_uncertainty(network, input_sensitivities(network, result_id))


def correlation(network: Network, first: int, second: int) -> float:
    """Return the correlation coefficient of two results, 0 where either has no uncertainty.

    Both covariance and variances are those of `covariance`.

    Source: GUM Eq. 14.
    """
    matrix = covariance(network, [first, second])
    scale = math.sqrt(matrix[0, 0]) * math.sqrt(matrix[1, 1])
    if scale == 0.0:
        return 0.0
    return max(-1.0, min(1.0, float(matrix[0, 1]) / scale))  # 1 + 2e-16 is one


def correlation_matrix(network: Network, result_ids: Sequence[int]) -> NDArray[np.float64]:
    """Return the correlation coefficients of a set, shape (n, n); as `correlation` for each pair.

    Source: GUM Eq. 14.
    """
    matrix = covariance(network, result_ids)
    u = np.sqrt(np.diag(matrix))
    products, r = np.outer(u, u), np.zeros(matrix.shape)
    np.divide(matrix, products, out=r, where=products > 0.0)
    return np.clip(r, -1.0, 1.0)


def _by_source(result: Result) -> tuple[dict[int, float], dict[int, float]]:
    """Return parent to sensitivity and input to sensitivity; one under two names counts once."""
    parents: dict[int, float] = {}
    inputs: dict[int, float] = {}
    for argument in result.arguments:
        if argument.parent_id is not None:
            known = parents.get(argument.parent_id, 0.0)
            parents[argument.parent_id] = known + argument.sensitivity
        elif argument.input_id is not None:
            known = inputs.get(argument.input_id, 0.0)
            inputs[argument.input_id] = known + argument.sensitivity
    return parents, inputs


def _as_independent(network: Network, result_id: int, u_of_parent: Callable[[int], float]) -> float:
    """Return the root sum of squares over the sources of one model."""
    parents, inputs = _by_source(network.result(result_id))
    terms = [c * u_of_parent(parent) for parent, c in parents.items()]
    terms += [c * network.quantity(one).standard_uncertainty for one, c in inputs.items()]
    return math.sqrt(sum(one * one for one in terms))


def tree_uncertainty(network: Network, result_id: int) -> float:
    """Return the u that ignoring all sharing would claim; for comparison only.

    At each result every recorded parent and every input is taken as independent, recursively
    (a tree, not a graph; declared correlations ignored too). The same parent under two names
    in one model still counts once.

    Source: GUM Eq. 10 at every step, used where Eq. 13 is due.
    """
    tree: dict[int, float] = {}
    for current in ancestors(network, [result_id]):
        tree[current] = _as_independent(network, current, tree.__getitem__)
    return tree[result_id]


def independent_parents_uncertainty(network: Network, result_id: int) -> float:
    """Return the u that taking the direct arguments as independent would claim.

    Each argument keeps its own u_c, shared ancestors above it included; only the covariances
    between the arguments of this one model are dropped. For comparison only.

    Source: GUM Eq. 10, used where Eq. 13 is due.
    """
    ancestors(network, [result_id])  # refuses damaged rows
    return _as_independent(network, result_id, lambda parent: standard_uncertainty(network, parent))
