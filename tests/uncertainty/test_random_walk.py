"""Random walks: one block for each, built from the times; against simulated walks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.network import Network, covariance
from qtrace.uncertainty.quantiles import shape_fault
from qtrace.uncertainty.random_walk import (
    random_walk_faults,
    walk_input,
    walk_of,
    with_random_walks,
)
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

DAY_S = 86400.0
Q = 4e-12  # variance per s
STATISTICS = 5.0  # standard deviations of an estimated covariance


def walks(*times: float, name: str = "CAL/x/drift_walk", q: float = Q) -> Network:
    """Return results that each stand where a walk stands at a time."""
    inputs = {
        k: replace(walk_input(f"{name}#{k}", q, t, unit="1"), input_id=k)
        for k, t in enumerate(times, 1)
    }
    results = {
        k: Result(k, 0.0, Model(ModelKind.LINEAR), (Argument("w", 1.0, input_id=k),))
        for k in inputs
    }
    return with_random_walks(Network(results, inputs))


def test_the_covariance_is_q_times_the_earlier_time() -> None:
    times = [10 * DAY_S, 40 * DAY_S, 40 * DAY_S, 100 * DAY_S]
    network = walks(*times)
    wanted = Q * np.minimum.outer(times, times)
    assert covariance(network, [1, 2, 3, 4]) == pytest.approx(wanted, rel=1e-12)


def test_before_and_after_the_calibration_the_walk_is_not_the_same() -> None:
    times = [-10 * DAY_S, 0.0, 20 * DAY_S, -30 * DAY_S]
    wanted = Q * DAY_S * np.array([[10, 0, 0, 10], [0, 0, 0, 0], [0, 0, 20, 0], [10, 0, 0, 30.0]])
    assert covariance(walks(*times), [1, 2, 3, 4]) == pytest.approx(wanted, rel=1e-12)


def test_a_simulated_walk_has_that_covariance() -> None:
    """Sums of independent steps, which knows nothing of blocks."""
    steps = np.random.default_rng(7).normal(0.0, np.sqrt(Q * DAY_S), (20_000, 100))
    path = np.cumsum(steps, axis=1)
    days = [10, 40, 100]
    seen = np.cov(path[:, [d - 1 for d in days]].T)
    wanted = covariance(walks(*(d * DAY_S for d in days)), [1, 2, 3])
    scatter = np.sqrt((wanted**2 + np.outer(np.diag(wanted), np.diag(wanted))) / 20_000)
    assert np.all(np.abs(seen - wanted) < STATISTICS * scatter)


def test_draws_walk_too() -> None:
    network = walks(10 * DAY_S, 40 * DAY_S)
    draws = draw_chain(network, [1, 2], n=40_000, seed=3, functions={})
    seen = np.cov(np.stack([draws.values[1], draws.values[2]]))
    assert seen == pytest.approx(covariance(network, [1, 2]), rel=0.05)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=8))
def test_the_matrix_is_one_that_can_occur(times: list[float]) -> None:
    for block in walks(*times).blocks:
        assert np.linalg.eigvalsh(block.correlation)[0] > -1e-9


def test_a_time_between_two_others_changes_nothing_of_theirs() -> None:
    before, after = walks(1.0, 9.0), walks(1.0, 9.0, 4.0)
    assert covariance(after, [1, 2]) == pytest.approx(covariance(before, [1, 2]))
    for k in (1, 2):
        assert before.inputs[k] == after.inputs[k]


def test_another_name_is_another_walk() -> None:
    one = walks(1.0, 2.0)
    other = replace(walk_input("CAL/y/drift_walk", Q, 1.0, unit="1"), input_id=9)
    network = with_random_walks(Network(one.results, {**one.inputs, 9: other}))
    assert [block.input_ids for block in network.blocks] == [(1, 2)]


def test_blocks_are_rebuilt_not_doubled() -> None:
    once = walks(1.0, 2.0, 3.0)
    twice = with_random_walks(once)
    assert [b.input_ids for b in twice.blocks] == [(1, 2, 3)]
    assert with_random_walks(Network({}, {})).blocks == ()


def test_an_input_says_by_its_name_to_which_walk_it_belongs() -> None:
    quantity = walk_input("CAL/x/drift_walk#CAL-2/x", Q, 4.0, unit="1")
    assert walk_of(quantity) == "CAL/x/drift_walk"
    assert walk_of(InputQuantity(1, "CAL/x/drift_walk", 0.0, 1.0, "1")) == ""
    assert shape_fault(quantity) == ""


@pytest.mark.parametrize(
    "change",
    [{"standard_uncertainty": 1.0}, {"estimate": 1.0}, {"parameters": (-Q, 4.0)},
     {"parameters": (Q, np.inf)}, {"parameters": (Q,)}],
)  # fmt: skip
def test_a_walk_whose_numbers_contradict_each_other_is_a_fault(change: dict) -> None:
    assert shape_fault(replace(walk_input("w", Q, 4.0, unit="1"), **change))


def test_a_negative_variance_is_refused() -> None:
    with pytest.raises(InputError, match="random walk cannot have"):
        walk_input("w", -1.0, 1.0, unit="1")


def test_a_walk_taken_for_independent_is_found() -> None:
    network = walks(1.0, 2.0)
    assert not list(random_walk_faults(network))
    (bare,) = random_walk_faults(replace(network, blocks=()))
    assert "not correlated" in bare
    (block,) = network.blocks
    weak = replace(block, correlation=np.eye(2), correlation_entered=np.eye(2))
    (other,) = random_walk_faults(replace(network, blocks=(weak,)))
    assert "another way" in other
    lone = InputQuantity(5, "x", 0.0, 1.0, "1")
    wrong = CorrelationBlock(9, block.kind, (1, 5), np.eye(2), np.eye(2))
    mixed = Network(network.results, {**network.inputs, 5: lone}, (wrong,))
    assert len(list(random_walk_faults(mixed))) == 2
