"""How likely results that somebody asks about conform at once: with their covariance, and without.

Inside: `JointAnswer`, `joint_of_answers`.

Each result keeps the risk of its own answer, with its known error taken off; what is normal is
the correlation between them, from the chain.
Source: JCGM 106:2012, 7.5 (several quantities; clause from memory); Genz (1992) for the integral;
Bonferroni for what holds whatever correlates them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.quantity.units import parse_unit
from qtrace.standards.conformity import ConformityAnswer
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.joint_conformity import (
    MARGINS_METHOD,
    joint_from_draws,
    joint_of_margins,
)
from qtrace.uncertainty.monte_carlo import Draws
from qtrace.uncertainty.multivariate import correlation_of
from qtrace.uncertainty.network import covariance
from qtrace.uncertainty.unknown import unstated_pairs

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JointAnswer:
    """The probability that all conform, and what holds without their covariance.

    `at_least` is the bound of Bonferroni, `at_most` the smallest single probability;
    `if_independent` is their product. `correlation` stands in the order of the results. The
    results at the places `bounded` rest on points whose correlation is not stated: they entered
    `probability` by their bound, which is then one from below.
    """

    probability: float
    standard_error: float
    at_least: float
    at_most: float
    if_independent: float
    method: str
    correlation: tuple[tuple[float, ...], ...]
    bounded: tuple[int, ...] = ()


def joint_of_answers(
    dossier: Dossier,
    result_ids: Sequence[int],
    answers: Sequence[ConformityAnswer],
    *,
    drawn: Draws | None = None,
) -> JointAnswer:
    """Return how likely all results are within their limits at once.

    Args:
        dossier: Network and records of the results.
        result_ids: The results, each once.
        answers: Their answers, in the same order.
        drawn: Joint draws of all of them, if they are judged from draws.

    Raises:
        InputError: draws of results whose correlation is not stated.

    Source: as this module; joint draws by JCGM 102:2011, 7.
    """
    from scipy.special import ndtri

    network = dossier.network
    matrix = correlation_of(covariance(network, result_ids))
    bounded = sorted({place for pair in unstated_pairs(network, result_ids) for place in pair})
    if drawn is not None:
        return _drawn(answers, [drawn.values[one] for one in result_ids], matrix, bounded)
    kept = [k for k in range(len(answers)) if k not in bounded]
    fails = [one.specific.fails for one in answers]
    single = [one.specific.conforms for one in answers]
    probability, error, how = 1.0, 0.0, "no correlation that is known"
    if kept:
        below = ndtri(np.array([answers[k].specific.below for k in kept]))
        above = ndtri(np.array([answers[k].specific.above for k in kept]))
        joint = joint_of_margins(below, -above, correlation=matrix[np.ix_(kept, kept)])
        probability, error = joint.probability, joint.standard_error
        how = f"{MARGINS_METHOD} ({joint.method})"
    at_most = min(single)
    at_least = min(at_most, max(0.0, 1.0 - math.fsum(fails)))
    if bounded:
        probability -= math.fsum(fails[k] for k in bounded)
    return JointAnswer(
        min(max(probability, at_least), at_most),
        error,
        at_least,
        at_most,
        math.prod(single),
        how,
        tuple(tuple(float(r) for r in row) for row in matrix),
        tuple(bounded),
    )


def _drawn(
    answers: Sequence[ConformityAnswer], rows: Sequence[Array], matrix: Array, bounded: list[int]
) -> JointAnswer:
    """Count the draws in which all conform, known errors taken off."""
    if bounded:
        raise InputError(
            "draws would take as independent what a certificate does not state",
            where="--monte-carlo",
            next_step="ask without draws: what is not stated then enters by its bound",
        )
    factors = [float(parse_unit(one.unit).factor) for one in answers]
    values = np.stack(
        [row / f - one.known_bias for row, f, one in zip(rows, factors, answers, strict=True)]
    )
    found = joint_from_draws(
        values, low=[one.low for one in answers], high=[one.high for one in answers]
    )
    return JointAnswer(
        found.probability,
        found.standard_error,
        found.at_least,
        found.at_most,
        found.if_independent,
        found.method,
        tuple(tuple(float(r) for r in row) for row in matrix),
    )
