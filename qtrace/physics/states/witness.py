"""Fidelity and entanglement straight from correlations: no model, no fit, intervals that cover.

Inside: `Parity`, `parities`, `witness_fidelity`, `witness_interval`, `witness_p_value`.
The projector of a Bell state is a sum of three correlations, so that its fidelity needs only the
settings xx, yy and zz, and is linear in what was counted: unbiased, with exact intervals.
Source: Guehne and Toth, Phys. Rep. 474, 1 (2009), section 6; `qtrace.physics.states.pair_fidelity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval
from qtrace.physics.states.density import bell_state
from qtrace.physics.states.pair_fidelity import entanglement_p_value, pair_fidelity_interval

Array = NDArray[np.float64]
Number = float | Array

AXES = ("x", "y", "z")
# Signs of the correlations xx, yy, zz of each Bell state.
SIGNS: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "phi_plus": (1, -1, 1),
        "phi_minus": (-1, 1, 1),
        "psi_plus": (1, 1, -1),
        "psi_minus": (-1, -1, -1),
    }
)


@dataclass(frozen=True, slots=True)
class Parity:
    """Of one setting, the pairs whose outcomes stand as in the Bell state, and all pairs."""

    agreeing: Number
    pairs: Number


def parities(target: str, counts: Mapping[str, Sequence[Number]]) -> tuple[Parity, ...]:
    """Return the parities of xx, yy and zz that a Bell state asks for.

    Args:
        target: Name of the Bell state.
        counts: For "xx", "yy" and "zz" the counts pp, pm, mp, mm.

    Raises:
        InputError: no Bell state of that name, a setting that is missing or without counts.

    Source: signs of the correlations of Bell states.
    """
    bell_state(target)
    found = []
    for axis, sign in zip(AXES, SIGNS[target], strict=True):
        if axis * 2 not in counts:
            raise InputError(
                f"the setting {axis * 2} is missing",
                where="settings",
                next_step="the witness needs xx, yy and zz",
            )
        pp, pm, mp, mm = counts[axis * 2]
        agreeing = pp + mm if sign > 0 else pm + mp
        pairs = pp + pm + mp + mm
        if np.any(np.asarray(pairs) <= 0.0):
            raise InputError(
                f"nothing was counted at the setting {axis * 2}",
                where=f"setting {axis * 2}",
                next_step="the witness needs counts at xx, yy and zz",
            )
        found.append(Parity(agreeing, pairs))
    return tuple(found)


def witness_fidelity(found: Sequence[Parity]) -> Number:
    """Return the fidelity with the Bell state, unbiased and not cut at 0 or 1.

    Source: F = (1 + s_x <xx> + s_y <yy> + s_z <zz>) / 4 with s the signs of the target; a
        correlation times its sign is 2 q - 1 with q the part that agrees: F = (sum q - 1) / 2.
    """
    total = sum(one.agreeing / one.pairs for one in found)
    return (total - 1.0) / 2.0


def witness_interval(found: Sequence[Parity], *, probability: float) -> Interval:
    """Return the interval of the fidelity with the Bell state; it covers, and is not cut at 0.

    Source: see `pair_fidelity_interval`.
    """
    return pair_fidelity_interval(*_both(found), probability=probability)


def witness_p_value(found: Sequence[Parity]) -> float:
    """Return the p-value against every separable state, of pairs that are alike.

    Source: see `entanglement_p_value`.
    """
    return entanglement_p_value(*_both(found))


def _both(found: Sequence[Parity]) -> tuple[list[float], list[float]]:
    return [float(one.agreeing) for one in found], [float(one.pairs) for one in found]
