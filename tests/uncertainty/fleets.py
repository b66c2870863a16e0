"""Random networks with blocks of each kind, for the tests that hold two paths together."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, input_sensitivities
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result


def network_of(seed: int, *, results: int, inputs: int, block_sizes: tuple[int, ...]) -> Network:
    """Return a random network: ids with gaps, blocks of all kinds, sources met more than once."""
    rng = np.random.default_rng(seed)
    input_ids = np.cumsum(rng.integers(1, 4, inputs)).tolist()
    result_ids = np.cumsum(rng.integers(1, 4, results)).tolist()
    quantities = {
        one: InputQuantity(
            one,
            f"x{one}",
            float(rng.normal()),
            float(rng.choice([0.0, *rng.uniform(0.1, 2.0, 7)])),
            "1",
            degrees_of_freedom=float(rng.choice([3.0, 9.5, math.inf])),
        )
        for one in input_ids
    }
    free = [int(one) for one in rng.permutation(input_ids)]
    blocks = []
    for number, size in enumerate(block_sizes):
        members, free = free[:size], free[size:]
        kind = list(BlockKind)[number % 3]
        if members:
            r = _matrix(rng, len(members), kind, cut=number % 2 == 1)
            blocks.append(CorrelationBlock(number + 1, kind, tuple(members), r, r, 4.0))
    steps = {
        one: Result(
            one,
            float(rng.normal()),
            Model(ModelKind.LINEAR),
            _arguments(rng, result_ids[:place], input_ids),
        )
        for place, one in enumerate(result_ids)
    }
    return Network(steps, quantities, tuple(blocks))


def size_of_terms(network: Network, result_id: int) -> float:
    """Return the root sum of squares before anything cancels: what rounding is measured by."""
    row = input_sensitivities(network, result_id)
    bound = sum(abs(c) * network.inputs[i].standard_uncertainty for i, c in row.items())
    return bound or 1.0


def _arguments(
    rng: np.random.Generator, parents: list[int], inputs: list[int]
) -> tuple[Argument, ...]:
    # The same parent may stand under two names.
    above = [
        Argument(f"p{k}", float(rng.normal()), parent_id=int(rng.choice(parents)))
        for k in range(int(rng.integers(0, 4)) if parents else 0)
    ]
    own = [
        Argument(f"i{k}", float(rng.normal()), input_id=int(rng.choice(inputs)))
        for k in range(int(rng.integers(0, 3)) if inputs else 0)
    ]
    return (*above, *own)


def _matrix(rng: np.random.Generator, n: int, kind: BlockKind, *, cut: bool) -> np.ndarray:
    if kind is BlockKind.UNKNOWN:
        return np.eye(n)
    a = rng.normal(size=(n, n + 1))
    r = a @ a.T
    if cut:  # two parts that are not correlated with each other
        r[: n // 2, n // 2 :] = 0.0
        r[n // 2 :, : n // 2] = 0.0
    scale = np.sqrt(np.diag(r))
    r = r / np.outer(scale, scale)
    np.fill_diagonal(r, 1.0)
    return r


NETWORKS = st.builds(
    network_of,
    st.integers(0, 10**9),
    results=st.integers(1, 30),
    inputs=st.integers(1, 25),
    block_sizes=st.lists(st.integers(1, 5), max_size=5).map(tuple),
)
