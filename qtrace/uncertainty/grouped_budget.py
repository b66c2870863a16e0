"""A budget gathered into groups: what each brings in alone, and what it shares with others.

Inside: `GroupShare`, `SharedInput`, `GroupedBudget`, `parts_by_input`, `parts_by_step`,
`grouped_budget`.

The sensitivities of a result are split into parts a_g, one for each group, with sum_g a_g = c.
Then u^2 = sum_g (a_g V a_g + sum_{h != g} a_g V a_h): the first term is what a group would bring
in alone, the second its covariances with the others, counted once for each of a pair. Groups
share where one input enters by several of them, or inputs of several are correlated; these
covariances may be negative, and so may the sum of both terms. All sums add up to u^2.
Points whose correlation is not stated are taken at the bound, with the signs that it needs.
Source: JCGM 100:2008 (GUM), Eq. 13 as a double sum over groups; 5.2.2, note 1 (from memory).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import Network, input_sensitivities, result_sensitivities

Parts = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class GroupShare:
    """One group: variances in the squared SI unit of the result, its u alone, its share of u^2.

    `share` is (own_variance + shared_variance) / u^2 and may be negative; shares add up to one.
    """

    group: str
    inputs: int
    standard_uncertainty: float
    own_variance: float
    shared_variance: float
    share: float


@dataclass(frozen=True, slots=True)
class SharedInput:
    """An input by which several groups are tied together, and those groups.

    `correlated` says that it is tied to inputs of other groups by declared, ensemble or unknown
    correlation; else it enters by all of these groups itself.
    """

    input_id: int
    groups: tuple[str, ...]
    correlated: bool


@dataclass(frozen=True, slots=True)
class GroupedBudget:
    """All groups, largest share first, and what ties them together."""

    groups: tuple[GroupShare, ...]
    shared: tuple[SharedInput, ...]
    variance: float


def parts_by_input(network: Network, result_id: int, group_of: Mapping[int, str]) -> Parts:
    """Split the sensitivities of a result by the group of each input.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        group_of: Input id to the name of its group.
    """
    parts: dict[str, dict[int, float]] = {}
    for input_id, c in input_sensitivities(network, result_id).items():
        parts.setdefault(group_of[input_id], {})[input_id] = c
    return parts


def parts_by_step(network: Network, result_id: int, group_of: Mapping[int, str]) -> Parts:
    """Split the sensitivities of a result by the step at which each input enters the chain.

    An input that enters at several steps has a part in each of them.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        group_of: Id of a result on the chain to the name of its step.
    """
    parts: dict[str, dict[int, float]] = {}
    for step, weight in result_sensitivities(network, result_id).items():
        for argument in network.result(step).arguments:
            if argument.input_id is not None:
                part = parts.setdefault(group_of[step], {})
                known = part.get(argument.input_id, 0.0)
                part[argument.input_id] = known + weight * argument.sensitivity
    return parts


def grouped_budget(network: Network, parts: Parts) -> GroupedBudget:
    """Return what each group brings into the variance of a result.

    Args:
        network: Holds the inputs.
        parts: Group to input id to its part of the sensitivity, as the functions above give it.

    Source: GUM Eq. 13.
    """
    total: dict[int, float] = {}
    for part in parts.values():
        for input_id, c in part.items():
            total[input_id] = total.get(input_id, 0.0) + c
    toward = {input_id: _toward(network, input_id, total, of=total) for input_id in total}
    joint = {
        group: math.fsum(c * toward[input_id] for input_id, c in part.items())
        for group, part in parts.items()
    }
    variance = math.fsum(joint.values())
    groups = []
    for group, part in parts.items():
        own = math.fsum(c * _toward(network, i, part, of=total) for i, c in part.items())
        own = max(own, 0.0)
        share = joint[group] / variance if variance > 0.0 else 0.0
        used = sum(1 for c in part.values() if c != 0.0)
        groups.append(GroupShare(group, used, math.sqrt(own), own, joint[group] - own, share))
    groups.sort(key=lambda one: (-one.share, one.group))
    return GroupedBudget(tuple(groups), _ties(network, parts), variance)


def _toward(
    network: Network, input_id: int, row: Mapping[int, float], *, of: Mapping[int, float]
) -> float:
    """Return sum_j V_ij a_j of a row; `of` gives the signs at which a bound is reached."""
    u = network.quantity(input_id).standard_uncertainty
    place = network.block_place(input_id)
    if place is None:
        return u * u * row.get(input_id, 0.0)
    block = network.blocks[place[0]]
    partners = [one for one in block.input_ids if one in row]
    if block.kind is not BlockKind.UNKNOWN:
        return math.fsum(network.input_covariance(input_id, one) * row[one] for one in partners)
    sign = math.copysign(1.0, of[input_id])
    return math.fsum(
        sign
        * math.copysign(1.0, of[one])
        * u
        * network.quantity(one).standard_uncertainty
        * row[one]
        for one in partners
    )


def _ties(network: Network, parts: Parts) -> tuple[SharedInput, ...]:
    """Return the inputs that stand in several groups, or are correlated across groups."""
    by_input: dict[int, set[str]] = {}
    by_block: dict[int, set[str]] = {}
    for group, part in parts.items():
        for input_id, c in part.items():
            if c == 0.0:
                continue
            by_input.setdefault(input_id, set()).add(group)
            place = network.block_place(input_id)
            if place is not None:
                by_block.setdefault(place[0], set()).add(group)
    found = []
    for input_id, groups in sorted(by_input.items()):
        place = network.block_place(input_id)
        around = set() if place is None else by_block[place[0]]
        if len(groups) > 1:
            found.append(SharedInput(input_id, tuple(sorted(groups)), correlated=False))
        elif len(around) > 1:
            found.append(SharedInput(input_id, tuple(sorted(around)), correlated=True))
    return tuple(found)
