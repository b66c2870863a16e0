"""Do two results of one quantity agree? E_n with what both share.

Inside: `Sharing`, `Shared`, `Comparison`, `compare_results`, `shared_inputs`, `normalised_error`.

The denominator of E_n is U of the difference. The usual root of the sum of squares is that only
for results that share nothing: two devices calibrated against one meter agree better than it
says, and a common error of the meter hides from any comparison of them. Known errors that the
values still hold are taken off both before they are compared: a difference that is known does not
count as agreement, and one that the known errors explain does not count against it.
Source: ISO/IEC 17043:2010, B.3.1.3 and ISO 13528:2015, 9.7 (E_n, for independent results;
clauses from memory); GUM Eq. 16 and F.1.2.3 (difference of results with common inputs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from qtrace.errors import InputError
from qtrace.uncertainty.bias import enlarged, known_bias
from qtrace.uncertainty.coverage import expand
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.multivariate import correlation_of
from qtrace.uncertainty.network import (
    Network,
    covariance,
    input_sensitivities,
    standard_uncertainty,
)
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.unknown import combination_uncertainty

# A covariance below this part of u u' is rounding.
_NO_COVARIANCE = 1e-12
SILENT = "a certificate does not say how its points correlate"


class Sharing(StrEnum):
    """What two results have in common."""

    NOTHING = "nothing"  # no input, no correlated input: the independent form holds
    INPUTS = "inputs"  # a common ancestor or a declared correlation: covariance is known
    UNKNOWN = "unknown"  # a share that nobody states: the bound is taken


@dataclass(frozen=True, slots=True)
class Shared:
    """One input quantity behind both results, and what it adds to their covariance (SI units)."""

    input_id: int
    name: str
    covariance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results, their difference, and whether it is explained by its uncertainty.

    In SI units. `u_difference`, `expanded_difference` and `normalised_error` keep what both
    share; `independent_error` is E_n by the root of the sum of squares and `independence_holds`
    says whether it may be used. `relative_u_ratio` is that of first over second. All are of the
    values without their `known_biases`; `stated_difference` and `stated_error` are of the values
    as they stand, with U of the difference larger by the known error of the difference.
    """

    first_id: int
    second_id: int
    difference: float
    u_difference: float
    expanded_difference: float
    coverage_factor: float
    coverage_probability: float
    degrees_of_freedom: float
    correlation: float
    normalised_error: float
    independent_u: float
    independent_error: float
    sharing: Sharing
    shared: tuple[Shared, ...]
    reasons: tuple[str, ...]
    ratio: float | None = None
    relative_u_ratio: float | None = None
    independent_relative_u_ratio: float | None = None
    known_biases: tuple[float, float] = (0.0, 0.0)
    stated_difference: float = 0.0
    stated_error: float = 0.0

    @property
    def agree(self) -> bool:
        """Return whether |E_n| is at most 1, with what both share."""
        return abs(self.normalised_error) <= 1.0

    @property
    def independence_holds(self) -> bool:
        """Return whether the independent form may be used."""
        return self.sharing is Sharing.NOTHING


def normalised_error(difference: float, expanded_uncertainty: float) -> float:
    """Return E_n = (x1 - x2) / U(x1 - x2).

    Args:
        difference: x1 - x2.
        expanded_uncertainty: U of that difference, above 0 and in the same unit.

    Raises:
        InputError: no uncertainty, or a number that is not finite.

    Source: ISO 13528:2015, 9.7; U of the difference by GUM Eq. 16.
    """
    if not (math.isfinite(difference) and 0.0 < expanded_uncertainty < math.inf):
        raise InputError(
            f"no E_n follows from a difference of {difference} with U = {expanded_uncertainty}",
            next_step="two exact results are compared by their difference alone",
        )
    return difference / expanded_uncertainty


def shared_inputs(network: Network, first_id: int, second_id: int) -> tuple[Shared, ...]:
    """Return the input quantities that stand behind both results, largest covariance first.

    Only inputs that are the same on both sides; declared correlations between different inputs
    are in the covariance of the results and not in this list.

    Source: GUM F.1.2.3, Eq. F.2.
    """
    one, other = input_sensitivities(network, first_id), input_sensitivities(network, second_id)
    found = [
        Shared(
            i,
            network.quantity(i).name,
            one[i] * other[i] * network.quantity(i).standard_uncertainty ** 2,
        )
        for i in one.keys() & other.keys()
        if one[i] * other[i] * network.quantity(i).standard_uncertainty != 0.0
    ]
    return tuple(sorted(found, key=lambda item: (-abs(item.covariance), item.input_id)))


def compare_results(
    network: Network,
    first_id: int,
    second_id: int,
    *,
    coverage_probability: float = 0.95,
    undisclosed: tuple[str, ...] = (),
) -> Comparison:
    """Compare two results of one quantity, with the covariance of their chains.

    Args:
        network: Holds both results and all their ancestors.
        first_id: The first result; the difference is first minus second, known errors taken off.
        second_id: The second one.
        coverage_probability: p of U.
        undisclosed: Why more may be shared than the network says; makes the share unknown. The
            covariance of the network is used all the same, since no bound on it is known.

    Raises:
        InputError: a result with itself, or two exact ones.

    Source: as this module; degrees of freedom of the difference by Welch-Satterthwaite on its
    own leaf inputs (GUM G.4.1), k of a normal where no formula holds, and said.
    """
    if first_id == second_id:
        raise InputError("a result is not compared with itself", next_step="name another result")
    values, difference, biases, stated = _corrected(network, first_id, second_id)
    u = combination_uncertainty(network, {first_id: 1.0, second_id: -1.0})
    matrix = covariance(network, [first_id, second_id])
    sharing, reasons = _sharing(network, first_id, second_id, covariance=float(matrix[0, 1]))
    sharing = Sharing.UNKNOWN if undisclosed else sharing
    expanded, k, dof, note = _expanded_difference(
        network, (first_id, second_id), u, coverage_probability=coverage_probability
    )
    alone = [standard_uncertainty(network, i) for i in (first_id, second_id)]
    if max(alone) == 0.0:
        raise InputError("two exact results have no E_n", next_step="compare their values")
    single = partial(_expanded_single, network, coverage_probability=coverage_probability)
    widths = [single(first_id, alone[0]), single(second_id, alone[1])]
    return Comparison(
        first_id,
        second_id,
        difference,
        u,
        expanded,
        k,
        coverage_probability,
        dof,
        float(correlation_of(matrix)[0, 1]),
        _error_of(difference, expanded),
        math.hypot(*alone),
        difference / math.hypot(*widths),
        sharing,
        shared_inputs(network, first_id, second_id),
        (*reasons, *undisclosed, *note),
        *_ratio(network, (first_id, second_id), values, alone=alone),
        biases,
        stated,
        _stated_error(stated, expanded, biases),
    )


def _corrected(
    network: Network, first_id: int, second_id: int
) -> tuple[tuple[float, float], float, tuple[float, float], float]:
    """Return values and difference without known errors, these, and the difference as stated."""
    one, other = network.result(first_id).value, network.result(second_id).value
    biases = known_bias(network, first_id), known_bias(network, second_id)
    values = one - biases[0], other - biases[1]
    return values, values[0] - values[1], biases, one - other


def _stated_error(stated: float, expanded: float, biases: tuple[float, float]) -> float:
    """Return E_n of the values as they stand; a known error that both share cancels."""
    return _error_of(stated, enlarged((expanded, expanded), biases[0] - biases[1])[0])


def _error_of(difference: float, expanded: float) -> float:
    """Return E_n; a difference from which everything cancels is explained by nothing."""
    if expanded > 0.0:
        return normalised_error(difference, expanded)
    return 0.0 if difference == 0.0 else math.copysign(math.inf, difference)


def _ratio(
    network: Network, pair: tuple[int, int], values: tuple[float, float], *, alone: list[float]
) -> tuple[float | None, float | None, float | None]:
    """Return first over second, its relative u, and what independence would claim."""
    one, other = values
    if one == 0.0 or other == 0.0:
        return None, None, None
    relative = combination_uncertainty(network, {pair[0]: 1.0 / one, pair[1]: -1.0 / other})
    claimed = math.hypot(alone[0] / one, alone[1] / other)
    return one / other, relative, claimed


def _sharing(
    network: Network, first_id: int, second_id: int, *, covariance: float
) -> tuple[Sharing, tuple[str, ...]]:
    """Return what two results share, and why if it is not known."""
    one, other = input_sensitivities(network, first_id), input_sensitivities(network, second_id)
    reasons = []
    for block in network.blocks:
        if block.kind is BlockKind.UNKNOWN:
            left, right = _reached(block.input_ids, one), _reached(block.input_ids, other)
            # The very same point on both sides is known; two points of one certificate are not.
            if left and right and not (left == right and len(left) == 1):
                reasons.append(
                    block.reason or "a certificate does not say how its points correlate"
                )
    if reasons:
        return Sharing.UNKNOWN, tuple(dict.fromkeys(reasons))
    product = standard_uncertainty(network, first_id) * standard_uncertainty(network, second_id)
    known = shared_inputs(network, first_id, second_id)
    if known or abs(covariance) > _NO_COVARIANCE * product:
        return Sharing.INPUTS, ()
    return Sharing.NOTHING, ()


def _reached(input_ids: tuple[int, ...], row: Mapping[int, float]) -> set[int]:
    return {i for i in input_ids if row.get(i, 0.0) != 0.0}


def _expanded_difference(
    network: Network, pair: tuple[int, int], u: float, *, coverage_probability: float
) -> tuple[float, float, float, tuple[str, ...]]:
    """Return U, k and degrees of freedom of the difference, as if it were one more result."""
    from scipy.special import ndtri

    new_id = max(network.results) + 1
    difference = Result(
        new_id,
        network.result(pair[0]).value - network.result(pair[1]).value,
        Model(ModelKind.LINEAR),
        (
            Argument("first", 1.0, parent_id=pair[0]),
            Argument("second", -1.0, parent_id=pair[1]),
        ),
    )
    wider = replace(network, results={**network.results, new_id: difference})
    normal = float(ndtri((1.0 + coverage_probability) / 2.0))
    if u == 0.0:
        return 0.0, normal, math.inf, ()
    found = expand(wider, new_id, u, coverage_probability=coverage_probability)
    if found is None or found.degrees_of_freedom is None:
        note = "no formula gives degrees of freedom of the difference: k of a normal is used"
        return normal * u, normal, math.inf, (note,)
    return found.expanded_uncertainty, found.coverage_factor, found.degrees_of_freedom, ()


def _expanded_single(
    network: Network, result_id: int, u: float, *, coverage_probability: float
) -> float:
    """Return U of one result, with the k of a normal where no formula holds."""
    from scipy.special import ndtri

    if u == 0.0:
        return 0.0
    found = expand(network, result_id, u, coverage_probability=coverage_probability)
    if found is None:
        return float(ndtri((1.0 + coverage_probability) / 2.0)) * u
    return found.expanded_uncertainty
