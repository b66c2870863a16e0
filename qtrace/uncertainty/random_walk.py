"""Random walks: values at several times of one walk, correlated when the network is asked.

Inside: `walk_input`, `walk_of`, `walk_blocks`, `with_random_walks`, `random_walk_faults`.

cov(W(s), W(t)) = q min(|s|, |t|) on one side of the start, 0 across it. Increments cannot be
stored: a time inserted between two others would rewrite them. So each time owns one input with
u = sqrt(q |t|) and the parameters (q, t), and the correlated block is built from those whenever
a network is loaded. Inputs belong to one walk where their names agree before the mark "#".
Source: Allan, Proc. IEEE 54, 221 (1966) (random walk as a clock's noise); variance q t and
covariance q min(s, t) of the Wiener process: Gardiner, Handbook of Stochastic Methods, 3.8.1
(section from memory; tested against simulated walks).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, Distribution, InputQuantity
from qtrace.uncertainty.network import Network

WALK_MARK = "#"
REASON = "one random walk"
SAME_COEFFICIENT = 1e-12  # the same double, written out and read again


def walk_input(
    name: str, variance_per_s: float, time_s: float, *, unit: str, text: str = ""
) -> InputQuantity:
    """Return where a walk stands at a time after its start, as an input of estimate 0.

    Args:
        name: Name of the walk; a second time of it within one event appends "#" and a word.
        variance_per_s: q, in the squared SI unit of the walking quantity per s, from 0 on.
        time_s: Time since the start in s; negative before it.
        unit: Coherent SI unit of the walking quantity.
        text: How q was written.

    Raises:
        InputError: q is negative or not finite.

    Source: u^2 = q |t| (Wiener process).
    """
    if not 0.0 <= variance_per_s < math.inf:
        raise InputError(
            f"a random walk cannot have the variance {variance_per_s:g} per s",
            next_step="give its deviation after one unit of time, from 0 on",
        )
    return InputQuantity(
        0,
        name,
        0.0,
        math.sqrt(variance_per_s * abs(time_s)),
        unit,
        Distribution.RANDOM_WALK,
        text=text,
        parameters=(variance_per_s, time_s),
    )


def walk_of(quantity: InputQuantity) -> str:
    """Return the name of the walk that an input belongs to, empty where it belongs to none."""
    if quantity.distribution is not Distribution.RANDOM_WALK:
        return ""
    return quantity.name.partition(WALK_MARK)[0]


def _coefficient(one: float, other: float) -> float:
    """Return r of a walk at two times: sqrt(min / max) on one side of the start."""
    if one * other <= 0.0:
        return 0.0
    near, far = sorted((abs(one), abs(other)))
    return math.sqrt(near / far)


def walk_blocks(inputs: Mapping[int, InputQuantity]) -> Iterator[CorrelationBlock]:
    """Yield one block for each walk that stands at two or more times, in order of ids."""
    members: dict[str, list[int]] = {}
    for input_id in sorted(inputs):
        name = walk_of(inputs[input_id])
        if name:
            members.setdefault(name, []).append(input_id)
    for ids in members.values():
        if len(ids) > 1:
            times = [inputs[one].parameters[1] for one in ids]
            matrix: NDArray[np.float64] = np.array(
                [[_coefficient(a, b) for b in times] for a in times], dtype=np.float64
            )
            np.fill_diagonal(matrix, 1.0)
            # The id says that no row is behind it, and which input comes first.
            yield CorrelationBlock(
                -ids[0], BlockKind.DECLARED, tuple(ids), matrix, matrix, reason=REASON
            )


def with_random_walks(network: Network) -> Network:
    """Return the network with the blocks of its random walks, whatever it had of them before.

    Args:
        network: Its inputs say which walks they belong to, and at what time.

    Source: r = sqrt(min(s, t) / max(s, t)), from cov = q min(s, t) and u^2 = q t.
    """
    kept = tuple(block for block in network.blocks if not _is_walk(network, block))
    made = tuple(walk_blocks(network.inputs))
    if not made and len(kept) == len(network.blocks):
        return network
    return replace(network, blocks=(*kept, *made))


def _is_walk(network: Network, block: CorrelationBlock) -> bool:
    return any(walk_of(network.inputs[one]) for one in block.input_ids)


def random_walk_faults(network: Network) -> Iterator[str]:
    """Yield where the blocks of a network are not those that its random walks make."""
    stated = {b.input_ids: b for b in network.blocks if _is_walk(network, b)}
    for block in walk_blocks(network.inputs):
        found = stated.pop(block.input_ids, None)
        name = walk_of(network.inputs[block.input_ids[0]])
        if found is None or found.kind is not block.kind:
            yield f"the random walk {name} stands at several times that are not correlated"
        elif not np.allclose(found.correlation, block.correlation, rtol=0, atol=SAME_COEFFICIENT):
            yield f"the random walk {name} is correlated in another way than its times say"
    for ids in stated:
        name = network.inputs[ids[0]].name
        yield f"the correlation of {name} is not that of a random walk"
