"""Random walks among the arrays of a fleet: their blocks are in no table, and made when asked.

Inside: `with_walks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from qtrace.uncertainty.fleet import BLOCK_KINDS, FleetArrays, rows_of
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.random_walk import walk_blocks


def with_walks(fleet: FleetArrays, walks: Mapping[int, InputQuantity]) -> FleetArrays:
    """Return arrays with the correlated blocks of random walks appended.

    Args:
        fleet: Arrays without any block of a walk.
        walks: Input id to input, of all inputs that say where a walk stands.

    Source: r = sqrt(min(s, t) / max(s, t)), see `qtrace.uncertainty.random_walk`.
    """
    blocks = tuple(walk_blocks(walks))
    if not blocks:
        return fleet
    members = [
        rows_of(fleet.input_ids, np.array(block.input_ids, dtype=np.int64), "random walk")
        for block in blocks
    ]
    first = len(fleet.block_ids)
    block_of = fleet.block_of.copy()
    for k, places in enumerate(members):
        block_of[places] = first + k
    sizes = np.array([len(places) for places in members], dtype=np.int64)
    kinds = [BLOCK_KINDS.index(block.kind) for block in blocks]
    return replace(
        fleet,
        block_of=block_of,
        block_ids=np.concatenate((fleet.block_ids, [block.block_id for block in blocks])),
        block_kinds=np.concatenate((fleet.block_kinds, np.array(kinds, dtype=np.int64))),
        block_degrees=np.concatenate((fleet.block_degrees, np.full(len(blocks), np.inf))),
        block_start=np.concatenate((fleet.block_start, fleet.block_start[-1] + np.cumsum(sizes))),
        members=np.concatenate((fleet.members, *members)),
        matrix_start=np.concatenate(
            (fleet.matrix_start, fleet.matrix_start[-1] + np.cumsum(sizes**2))
        ),
        coefficients=np.concatenate(
            (fleet.coefficients, *(block.correlation.ravel() for block in blocks))
        ),
    )
