"""Correlations that no certificate states: what is known, the bound, and which inputs.

Inside: `NOT_STATED`, `UnknownPart`, `unknown_parts`, `shares_unstated`, `unstated_pairs`,
`combined_row`, `combination_uncertainty`, `worst_signs`.

How a covariance between two results reads beside this: `covariance` and `correlation` count
points of an `unknown` block as independent and are exact if they are. Two figures of one
certificate may correlate anywhere within the bound, with either sign. Therefore the u of a
difference, ratio or sum of results is asked for here, as one linear combination, and not put
together from their u and covariance: the sensitivities add first (what cancels, cancels), then
each block is taken at its bound.
Source: JCGM 100:2008 (GUM), 5.2.2, Eq. 13 and note 1 (note from memory; the bound is the
triangle inequality for standard deviations).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import Network, input_sensitivities, row_uncertainty
from qtrace.uncertainty.stated import UnknownCorrelation, unknown_correlation

NOT_STATED = "correlation not stated"


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """The inputs of one `unknown` block behind a result, with both figures in its SI unit.

    `shares` are the variances that a budget gives each input at the bound, in the order of
    `input_ids`: |c_i u_i| sum|c u|; they add up to bound^2.
    """

    block_id: int
    input_ids: tuple[int, ...]
    figures: UnknownCorrelation
    shares: tuple[float, ...]
    reason: str

    @property
    def note(self) -> str:
        """What a budget prints beside these inputs."""
        return f"{NOT_STATED}: {self.reason}" if self.reason else NOT_STATED


def unknown_parts(network: Network, result_id: int) -> tuple[UnknownPart, ...]:
    """Return the blocks of unstated correlation behind a result, in the order of the network.

    A block that reaches the result through one input only is left out: nothing is unknown then.

    Raises:
        IntegrityError: as for `ancestors`.
    """
    return _parts(network, input_sensitivities(network, result_id))


def _parts(network: Network, row: Mapping[int, float]) -> tuple[UnknownPart, ...]:
    found = []
    for block in network.blocks:
        if block.kind is not BlockKind.UNKNOWN:
            continue
        parts = {
            i: abs(row[i]) * network.quantity(i).standard_uncertainty
            for i in block.input_ids
            if row.get(i, 0.0) != 0.0
        }
        if len(parts) > 1:
            figures = unknown_correlation(tuple(parts.values()))
            shares = tuple(part * figures.bound for part in parts.values())
            found.append(UnknownPart(block.block_id, tuple(parts), figures, shares, block.reason))
    return tuple(found)


def shares_unstated(network: Network, first: int, second: int) -> bool:
    """Return whether two results rest on different points of one block of unstated correlation.

    Their covariance then counts as zero what is not known.
    """
    if all(block.kind is not BlockKind.UNKNOWN for block in network.blocks):
        return False
    reached = []
    for result_id in (first, second):
        row = input_sensitivities(network, result_id)
        places = ((i, network.block_place(i)) for i, c in row.items() if c != 0.0)
        reached.append({(place[0], i) for i, place in places if place is not None})
    return any(
        network.blocks[block].kind is BlockKind.UNKNOWN and block == other and i != j
        for block, i in reached[0]
        for other, j in reached[1]
    )


def unstated_pairs(network: Network, result_ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the pairs, by their places, of which `shares_unstated` holds."""
    numbered = combinations(enumerate(result_ids), 2)
    return tuple(
        (i, j) for (i, one), (j, other) in numbered if shares_unstated(network, one, other)
    )


def combined_row(network: Network, weights: Mapping[int, float]) -> dict[int, float]:
    """Return the input sensitivities of a linear combination of results.

    Args:
        network: Holds the results and all their ancestors.
        weights: Result id to its weight; {a: 1, b: -1} is the difference.
    """
    total: dict[int, float] = {}
    for result_id, weight in weights.items():
        for input_id, c in input_sensitivities(network, result_id).items():
            total[input_id] = total.get(input_id, 0.0) + weight * c
    return total


def combination_uncertainty(network: Network, weights: Mapping[int, float]) -> float:
    """Return u of a linear combination of results, shared ancestors and bounds kept.

    With no unknown block behind them this is sqrt(w V w^T) of their covariance V.

    Source: GUM Eq. 13; E_n and ratios of results with covariance are such combinations.
    """
    return row_uncertainty(network, combined_row(network, weights))


def worst_signs(network: Network, result_id: int) -> dict[int, float]:
    """Return +1 or -1 for each input of the unknown blocks behind a result.

    Drawn fully correlated with these signs, the inputs' contributions all add: that is where
    the bound lies, to first order.
    """
    row = input_sensitivities(network, result_id)
    return {
        i: -1.0 if row[i] < 0.0 else 1.0 for part in _parts(network, row) for i in part.input_ids
    }
