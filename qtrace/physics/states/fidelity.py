"""Fidelities of a transfer of states: their average, that of the process, and conversions.

Inside: `AverageFidelity`, `average_fidelity`, `poles_equator_fidelity`, `process_from_average`,
`average_from_process`, `check_fidelity`, `standard_score`.
Source: Nielsen, Phys. Lett. A 303, 249 (2002); Horodecki et al., PRA 60, 1888 (1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


class AverageFidelity(NamedTuple):
    """Weighted mean of the fidelities of single states, with its standard uncertainty."""

    value: float
    standard_uncertainty: float
    of_states: tuple[float, ...]


def check_fidelity(value: float, *, where: str = "fidelity") -> float:
    """Return a fidelity that is one.

    Raises:
        InputError: it is not in [0, 1].
    """
    if not 0.0 <= value <= 1.0:
        raise InputError(
            f"the fidelity {value} is not between 0 and 1",
            where=where,
            next_step="a fidelity in per cent is divided by 100; one above 1 is an error upstream",
        )
    return value


def average_fidelity(
    successes: Sequence[int], trials: Sequence[int], *, weights: Sequence[float] | None = None
) -> AverageFidelity:
    """Return the average fidelity: STATES are weighted alike, not their counts.

    Args:
        successes: Counts received as sent, for each state.
        trials: All counts of each state.
        weights: Of the states, if not alike; any scale.

    Raises:
        InputError: zero trials, more successes than trials, or lists that do not fit.

    Source: F_i = k_i / n_i, u^2 = sum of w_i^2 F_i (1 - F_i) / n_i. This u is 0 where all states
        came out perfect: read the exact interval there.
    """
    if not trials or len(successes) != len(trials):
        raise InputError(
            f"{len(successes)} numbers of successes for {len(trials)} states",
            where="successes",
            next_step="give both for each state",
        )
    given = [1.0] * len(trials) if weights is None else list(weights)
    if len(given) != len(trials) or any(not one > 0.0 for one in given):
        raise InputError(
            "the weights are not one positive number for each state",
            where="weights",
            next_step="give a weight for each state",
        )
    for k, n in zip(successes, trials, strict=True):
        if n <= 0 or not 0 <= k <= n:
            raise InputError(
                f"{k} successes of {n} trials is no proportion",
                where="trials" if n <= 0 else "successes",
                next_step="every state needs trials, and successes are among them",
            )
    total = math.fsum(given)
    shares = [one / total for one in given]
    found = tuple(k / n for k, n in zip(successes, trials, strict=True))
    variance = math.fsum(
        (w * w) * f * (1.0 - f) / n for w, f, n in zip(shares, found, trials, strict=True)
    )
    value = math.fsum(w * f for w, f in zip(shares, found, strict=True))
    return AverageFidelity(value, math.sqrt(variance), found)


def poles_equator_fidelity(poles: float, equator: float) -> float:
    """Return (F_poles + 2 F_equator) / 3: the mean over the sphere of a phase-covariant process.

    Raises:
        InputError: a fidelity outside [0, 1].

    Source: poles are one of three bases; that both bases of the equator are alike is assumed.
    """
    return (
        check_fidelity(poles, where="poles") + 2.0 * check_fidelity(equator, where="equator")
    ) / 3.0


def _checked_dimension(dimension: int) -> None:
    if dimension < 2 or dimension != int(dimension):
        raise InputError(
            f"the dimension {dimension} is not 2 or more",
            where="dimension",
            next_step="2 for a qubit, 4 for two qubits",
        )


def average_from_process(process: Number, *, dimension: int = 2) -> Number:
    """Return the average fidelity over all pure states from the process (entanglement) fidelity.

    Source: Nielsen (2002), Eq. 3: F_avg = (d F_e + 1) / (d + 1), trace kept.
    """
    _checked_dimension(dimension)
    return (dimension * process + 1.0) / (dimension + 1.0)


def process_from_average(average: Number, *, dimension: int = 2) -> Number:
    """Return the process (entanglement) fidelity from the average over all pure states.

    Unclamped: an average below 1 / (d + 1) belongs to no process, and gives less than 0.

    Source: Nielsen (2002), Eq. 3, solved for F_e; for a qubit (3 F - 1) / 2. The trace is kept:
        what is lost is not counted.
    """
    _checked_dimension(dimension)
    return ((dimension + 1.0) * average - 1.0) / dimension


def standard_score(value: float, bound: float, *, standard_uncertainty: float) -> float:
    """Return how many standard uncertainties a fidelity lies above a bound; no p-value.

    Raises:
        InputError: the standard uncertainty is not above 0.

    Source: definition, (F - bound) / u.
    """
    if not standard_uncertainty > 0.0:
        raise InputError(
            "the standard uncertainty is not above 0",
            where="standard_uncertainty",
            next_step="with perfect counts use the exact interval or the p-value",
        )
    return (value - bound) / standard_uncertainty
