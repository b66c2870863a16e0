"""Sets of qubit states sent, and the most that rivals without entanglement reach on each.

Inside: `StateSet`, `STATE_SETS`, `state_set`, `CLASSICAL_BOUNDS`, `classical_bound`,
`NO_CLONING_BOUNDS`, `no_cloning_bound`, `check_complete`, `measure_and_prepare_bound`.
A measure-and-prepare rival of a set of Bloch vectors n_i with weights q_i and sum of q_i n_i = 0
reaches (1 + s) / 2 at most, s being the largest eigenvalue of the sum of q_i n_i n_i^T: outcome m
of a rank-one measurement adds (1 + |S m|) / 2 of its weight, and measuring along that
eigenvector reaches it. So 2/3 holds for uniform sets only; fewer directions leave more.
Source: Massar and Popescu, PRL 74, 1259 (1995), for 2/3; the general form is ours, and is compared
with a search over measurements in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]

# Letters as in `qtrace.physics.states.tomography_frame`: r is h - i v, the state of -1 of the Pauli
# matrix y, and l is h + i v. Other books exchange them; no fidelity depends on it.
BLOCH: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "h": (0.0, 0.0, 1.0),
        "v": (0.0, 0.0, -1.0),
        "d": (1.0, 0.0, 0.0),
        "a": (-1.0, 0.0, 0.0),
        "r": (0.0, -1.0, 0.0),
        "l": (0.0, 1.0, 0.0),
    }
)
POLES, EQUATOR = ("h", "v"), ("d", "a")


@dataclass(frozen=True, slots=True)
class StateSet:
    """States that are sent, with the weights that their fidelities get; weights sum to 1.

    `uniform` says whether the mean over the set is that over all pure states (a 2-design).
    """

    name: str
    states: tuple[str, ...]
    weights: tuple[float, ...]
    uniform: bool
    assumption: str = ""


def _alike(name: str, states: tuple[str, ...], *, uniform: bool) -> StateSet:
    return StateSet(name, states, (1.0 / len(states),) * len(states), uniform)


_THIRDS = (1.0 / 6.0, 1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0)
ASSUMED = "all states of the equator are received as well as d and a; r and l were not sent"
STATE_SETS: Mapping[str, StateSet] = MappingProxyType(
    {
        one.name: one
        for one in (
            _alike("six_states", tuple(BLOCH), uniform=True),
            _alike("two_bases", (*POLES, *EQUATOR), uniform=False),
            StateSet("poles_equator", (*POLES, *EQUATOR), _THIRDS, uniform=False),
            # The same states; what is assumed of those not sent makes the set uniform.
            StateSet("poles_equator_assumed", (*POLES, *EQUATOR), _THIRDS, True, ASSUMED),
        )
    }
)


def measure_and_prepare_bound(vectors: Array, weights: Array) -> float:
    """Return the largest average fidelity of measuring each state and preparing another.

    Args:
        vectors: Bloch vectors of the pure states, shape (m, 3).
        weights: Their weights, summing to 1, shape (m,); the weighted sum of vectors is 0.

    Raises:
        InputError: vectors that are not of length 1, or do not balance.

    Source: derived in the head of this module.
    """
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-9):
        raise InputError(
            "a Bloch vector is not of length 1", where="vectors", next_step="give pure states"
        )
    if not np.allclose(weights @ vectors, 0.0, atol=1e-9):
        raise InputError(
            "the states do not balance: their weighted mean is no completely mixed state",
            where="weights",
            next_step="send both states of each basis, with the same weight",
        )
    spread = (weights[:, None] * vectors).T @ vectors
    return float(0.5 * (1.0 + np.max(np.linalg.eigvalsh(spread))))


def _bound(one: StateSet) -> float:
    if one.uniform:
        return 2.0 / 3.0
    vectors = np.array([BLOCH[name] for name in one.states])
    return measure_and_prepare_bound(vectors, np.array(one.weights))


CLASSICAL_BOUNDS: Mapping[str, float] = MappingProxyType(
    {name: _bound(one) for name, one in STATE_SETS.items()}
)

# Of two copies, both alike. Source: Buzek and Hillery, PRA 54, 1844 (1996), and Bruss et al., PRA
# 57, 2368 (1998), for any pure state; Bruss et al., PRA 62, 012302 (2000), for two bases: as for
# the states of an equator [values from memory].
NO_CLONING_BOUNDS: Mapping[str, float] = MappingProxyType(
    {
        "six_states": 5.0 / 6.0,
        "two_bases": 0.5 + 0.125**0.5,
        "poles_equator_assumed": 5.0 / 6.0,
    }
)


def state_set(name: str) -> StateSet:
    """Return the set of that name.

    Raises:
        InputError: there is none.
    """
    if name not in STATE_SETS:
        raise InputError(
            f"there is no set of states {name!r}",
            where="state_set",
            next_step=f"choose one of: {', '.join(STATE_SETS)}",
        )
    return STATE_SETS[name]


def classical_bound(state_set_name: str) -> float:
    """Return the largest average fidelity on a set without entanglement.

    Raises:
        InputError: there is no such set.

    Source: see the head of this module.
    """
    return CLASSICAL_BOUNDS[state_set(state_set_name).name]


def no_cloning_bound(state_set_name: str) -> float:
    """Return the average fidelity above which no second copy can be as good.

    Raises:
        InputError: no such set, or no bound is known here for it.

    Source: see `NO_CLONING_BOUNDS`.
    """
    name = state_set(state_set_name).name
    if name not in NO_CLONING_BOUNDS:
        raise InputError(
            f"no bound of cloning is known here for {name}",
            where="state_set",
            next_step="send six states, or state what is assumed of the states not sent",
        )
    return NO_CLONING_BOUNDS[name]


def check_complete(state_set_name: str, measured: Iterable[str]) -> None:
    """Refuse a set of which some states were not measured, or which has others.

    Raises:
        InputError: missing or unknown states, by name.

    Source: an average over some states of a set is that of another set, with another bound.
    """
    wanted, found = state_set(state_set_name).states, set(measured)
    missing = [one for one in wanted if one not in found]
    if missing:
        raise InputError(
            f"missing states: {', '.join(missing)}",
            where="state",
            next_step=f"the average over {state_set_name} takes {', '.join(wanted)}",
        )
    unknown = sorted(found - set(wanted))
    if unknown:
        raise InputError(
            f"states that {state_set_name} does not have: {', '.join(unknown)}",
            where="state",
            next_step=f"it has {', '.join(wanted)}",
        )
