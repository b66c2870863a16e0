"""The least fidelity that a chain of swaps leaves, whatever the errors of its pairs are.

Inside: `least_swapped_fidelity`, `SEARCHED_LINKS`.
A fidelity alone does not say which errors a pair has. After ideal swaps, all outcomes used, the
weight of phi+ is linear in the Bell weights of each link, so that it is least where each link errs
in one way alone: 3 choices for each. Werner states, which err in all three ways alike, leave more.
Source: derived here from the convolution of Bell weights of `qtrace.physics.states.swapping`; the
tests hold it against a search over Bell-diagonal states and against density matrices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from qtrace.errors import InputError

SEARCHED_LINKS = 8  # 6561 choices; of more links the product of fidelities is a lower bound


def least_swapped_fidelity(fidelities: Sequence[float]) -> float:
    """Return the least fidelity from end to end over all pairs of these fidelities.

    Args:
        fidelities: Of each link with its Bell state, in [0, 1].

    Returns:
        Exact for up to `SEARCHED_LINKS`; F1 F2 for two links. Beyond that the product of all,
        which is no more than that.

    Raises:
        InputError: no link, or a fidelity outside of 0 to 1.

    Source: errors a, b, c of the Bell group have a b = c, so their effects cancel where all three
        come an even number of times, or all an odd one; an odd number of errors of independent
        chances e has the chance (1 - prod(1 - 2 e)) / 2.
    """
    if not fidelities or not all(0.0 <= one <= 1.0 for one in fidelities):
        raise InputError(
            f"fidelities {list(fidelities)} are none of links",
            where="fidelity",
            next_step="give the overlap of each link with its Bell state, 0 to 1",
        )
    if len(fidelities) > SEARCHED_LINKS:
        return math.prod(fidelities)
    least = 1.0
    for ways in product(range(3), repeat=len(fidelities)):
        even = odd = 1.0
        for way in range(3):
            left = math.prod(
                2.0 * one - 1.0 for one, of in zip(fidelities, ways, strict=True) if of == way
            )
            even *= 0.5 * (1.0 + left)
            odd *= 0.5 * (1.0 - left)
        least = min(least, even + odd)
    return least
