"""Random walks in arrays are those of the plain network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import NetworkBuilder

from qtrace.uncertainty.fleet import fleet_of
from qtrace.uncertainty.fleet_walks import with_walks
from qtrace.uncertainty.network import Network, covariance
from qtrace.uncertainty.random_walk import walk_input, with_random_walks
from qtrace.uncertainty.set_figures import set_covariance

Q, TIMES = 4.0, (1.0, 9.0, 4.0)


def walking() -> tuple[Network, list[int]]:
    """Three uses of one walk at 1, 9 and 4 s, each with an input of its own."""
    builder = NetworkBuilder()
    ids = []
    for k, _ in enumerate(TIMES):
        own, walk = builder.leaf(f"own{k}", 0.0, 0.5), builder.leaf(f"walk{k}", 0.0, 1.0)
        ids.append(builder.linear({own: 1.0, walk: 1.0}).result_id)
    network = builder.build()
    inputs = dict(network.inputs)
    for k, time in enumerate(TIMES):
        input_id = 2 * k + 2
        inputs[input_id] = replace(walk_input("C/r/walk", Q, time, unit="1"), input_id=input_id)
    return replace(network, inputs=inputs), ids


def test_uses_of_one_walk_share_q_times_the_shorter_time() -> None:
    bare, ids = walking()
    walks = {i: one for i, one in bare.inputs.items() if one.parameters}
    fleet = with_walks(fleet_of(bare), walks)
    expected = [[Q * min(s, t) for t in TIMES] for s in TIMES] + 0.25 * np.eye(3)
    assert set_covariance(fleet, [0, 1, 2]) == pytest.approx(np.array(expected), rel=1e-12)
    assert covariance(with_random_walks(bare), ids) == pytest.approx(expected, rel=1e-12)


def test_without_walks_the_arrays_stay_the_same() -> None:
    fleet = fleet_of(walking()[0])
    assert with_walks(fleet, {}) is fleet
