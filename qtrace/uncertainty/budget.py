"""The uncertainty budget of a result, flattened to the input quantities at its leaves.

Inside: `BudgetLine`, `budget`, `step_shares`.
Source: JCGM 100:2008 (GUM), 7.2.7 and Annex H (form of the table); EA-4/02 M:2022, clause 7.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.uncertainty.network import (
    Network,
    input_sensitivities,
    result_sensitivities,
    row_uncertainty,
)
from qtrace.uncertainty.unknown import unknown_parts


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One leaf input of a budget.

    `contribution` is |c| u in the SI unit of the result. `share` is the part of u_c^2 that
    goes with the input, its covariances included; shares add up to one and may be negative.
    `note` says where the correlation with other lines is not stated: these lines are taken at
    the bound.
    """

    input_id: int
    name: str
    estimate: float
    unit: str
    standard_uncertainty: float
    evaluation: str
    distribution: str
    degrees_of_freedom: float
    sensitivity: float
    contribution: float
    share: float
    correlated: bool
    note: str = ""


def budget(network: Network, result_id: int) -> tuple[BudgetLine, ...]:
    """Return the flattened budget of a result, largest contribution first.

    An input that reaches the result on several paths is one line: the sensitivities add.
    """
    sensitivities = input_sensitivities(network, result_id)
    joint = {
        one: c
        * sum(
            d * network.input_covariance(one, other)
            for other, d in sensitivities.items()
            if other == one or network.block_place(other) is not None
        )
        for one, c in sensitivities.items()
    }
    notes: dict[int, str] = {}
    for part in unknown_parts(network, result_id):
        joint.update(zip(part.input_ids, part.shares, strict=True))
        notes.update(dict.fromkeys(part.input_ids, part.note))
    variance = sum(joint.values())
    lines = []
    for input_id, c in sensitivities.items():
        quantity = network.quantity(input_id)
        u = quantity.standard_uncertainty
        lines.append(
            BudgetLine(
                input_id,
                quantity.name,
                quantity.estimate,
                quantity.unit,
                u,
                quantity.evaluation.value,
                quantity.distribution.value,
                quantity.degrees_of_freedom,
                c,
                abs(c) * u,
                joint[input_id] / variance if variance > 0.0 else 0.0,
                network.block_place(input_id) is not None,
                notes.get(input_id, ""),
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.contribution, line.input_id)))


def step_shares(network: Network, result_id: int) -> dict[int, float]:
    """Return, per result on the chain, |d(result)/d(step)| u_own(step): its own inputs only.

    `u_own` is the root sum of squares of what that step adds itself, covariances inside the
    step included and what is not stated of them at its bound; in the SI unit of the target. It
    says where the uncertainty enters.
    """
    weights = result_sensitivities(network, result_id)
    shares: dict[int, float] = {}
    for step, weight in weights.items():
        own: dict[int, float] = {}
        for argument in network.result(step).arguments:
            if argument.input_id is not None:
                known = own.get(argument.input_id, 0.0)
                own[argument.input_id] = known + argument.sensitivity
        shares[step] = abs(weight) * row_uncertainty(network, own)
    return shares
