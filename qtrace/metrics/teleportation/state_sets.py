"""Counts of the states of a set as arguments, and the figures that come from them.

Inside: `cells`, `counted`, `exact_interval`, `shifted_interval`, `state_interval`, `fidelity_of`,
`average_of`, `received`, `p_value_of`.
Dark and accidental counts are not subtracted: what the receiver saw is judged.
Source: as the formulas in `qtrace.physics.states.fidelity` and `.mean_fidelity`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, MetricArgument
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.classical_bounds import StateSet
from qtrace.physics.states.mean_fidelity import fidelity_interval, mean_p_value


def cells(states: tuple[str, ...]) -> tuple[MetricArgument, ...]:
    """Return the disjoint cells of each state: received otherwise than sent, and as sent."""
    return tuple(
        MetricArgument(f"{cell}_{state}", kind, ArgumentSource.COUNTS)
        for state in states
        for cell, kind in (("errors", "error_count"), ("agreements", "agreement_count"))
    )


def counted(given: Mapping[str, float], states: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Return whole counts received as sent, and all, of each state.

    Raises:
        InputError: a state without counts, or counts that are not whole.
    """
    k, n = [], []
    for state in states:
        right, wrong = float(given[f"agreements_{state}"]), float(given[f"errors_{state}"])
        if right != np.floor(right) or wrong != np.floor(wrong):
            raise InputError(
                f"the counts of state {state} are not whole",
                where=f"agreements_{state}",
                next_step="an exact tail is that of whole counts",
            )
        if right + wrong <= 0.0:
            raise InputError(
                f"missing states: nothing was counted for {state}",
                where=f"agreements_{state}",
                next_step="record every state of the set",
            )
        k.append(round(right))
        n.append(round(right + wrong))
    return k, n


def fidelity_of(given: Given, *, state: str) -> Number:
    """Return the part of the counts of a state that were received as sent.

    Source: F = k / n.
    """
    right, wrong = given[f"agreements_{state}"], given[f"errors_{state}"]
    total = np.asarray(right + wrong, dtype=np.float64)
    if not np.all(total > 0.0):
        raise InputError(
            f"missing states: nothing was counted for {state}",
            where=f"agreements_{state}",
            next_step="record every state of the set",
        )
    found: Number = right / total
    return found if np.ndim(found) else float(found)


def average_of(given: Given, *, of: StateSet) -> Number:
    """Return the mean of the fidelities with the weights of the set, unclamped.

    Source: states are weighted, not counts; see `qtrace.physics.states.fidelity`.
    """
    return sum(
        w * fidelity_of(given, state=state) for w, state in zip(of.weights, of.states, strict=True)
    )


def received(given: Given, *, states: tuple[str, ...]) -> Number:
    """Return all counts of the receiver that came with a herald: three-fold coincidences."""
    return sum(given[f"{cell}_{state}"] for state in states for cell in ("errors", "agreements"))


def exact_interval(of: StateSet) -> IntervalFunction:
    """Return the function that gives the exact interval of the average fidelity of a set."""

    def interval(given: Mapping[str, float], probability: float) -> Interval:
        k, n = counted(given, of.states)
        return fidelity_interval(k, n, weights=of.weights, probability=probability)

    return interval


def shifted_interval(of: StateSet, change: Callable[[float], float]) -> IntervalFunction:
    """Return the function that gives the exact interval of what grows with that average."""
    exact = exact_interval(of)

    def interval(given: Mapping[str, float], probability: float) -> Interval:
        found = exact(given, probability)
        return Interval(change(found.low), change(found.high), probability)

    return interval


def state_interval(state: str) -> IntervalFunction:
    """Return the function that gives the exact interval of the fidelity of one state."""

    def interval(given: Mapping[str, float], probability: float) -> Interval:
        (k,), (n,) = counted(given, (state,))
        return clopper_pearson(k, n, probability=probability)

    return interval


def p_value_of(given: Given, *, of: StateSet, bound: float) -> Number:
    """Return how probable such counts are at most if the average is no larger than a bound.

    Rows of an array are taken one by one: each is a search, and nobody draws from a p-value.

    Source: see `qtrace.physics.states.mean_fidelity.mean_p_value`.
    """
    names = [one.name for one in cells(of.states)]
    rows = np.broadcast_arrays(*(np.asarray(given[name], dtype=np.float64) for name in names))
    found = np.empty(rows[0].shape)
    for place in np.ndindex(rows[0].shape):
        k, n = counted(
            {name: float(row[place]) for name, row in zip(names, rows, strict=True)}, of.states
        )
        found[place] = mean_p_value(k, n, bound=bound, weights=of.weights)
    return found if found.ndim else float(found)
