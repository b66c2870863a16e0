"""Groups of a budget: what each brings in alone, what is shared, and that all adds up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertainty.fleets import NETWORKS, size_of_terms

from qtrace.uncertainty.grouped_budget import grouped_budget, parts_by_input, parts_by_step
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, input_sensitivities, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

LINEAR = Model(ModelKind.LINEAR)


def sum_of_two(r: float, kind: BlockKind = BlockKind.DECLARED) -> Network:
    """Return y = a - b with u 3 and 4, correlated."""
    matrix = np.array([[1.0, r], [r, 1.0]])
    inputs = {1: InputQuantity(1, "a", 0.0, 3.0, "1"), 2: InputQuantity(2, "b", 0.0, 4.0, "1")}
    arguments = (Argument("a", 1.0, input_id=1), Argument("b", -1.0, input_id=2))
    block = CorrelationBlock(1, kind, (1, 2), matrix, matrix)
    return Network({1: Result(1, 0.0, LINEAR, arguments)}, inputs, (block,))


def test_what_cancels_is_a_negative_share() -> None:
    """By hand: u^2 = 9 + 16 - 2*0.9*12 = 3.4; a: 9 - 10.8 = -1.8, b: 16 - 10.8 = 5.2."""
    network = sum_of_two(0.9)
    whole = grouped_budget(network, parts_by_input(network, 1, {1: "A", 2: "B"}))
    b, a = whole.groups
    assert (b.group, a.group) == ("B", "A")
    assert (a.own_variance, b.own_variance) == pytest.approx((9.0, 16.0))
    assert (a.shared_variance, b.shared_variance) == pytest.approx((-10.8, -10.8))
    assert (a.share, b.share) == pytest.approx((-1.8 / 3.4, 5.2 / 3.4))
    assert [(one.input_id, one.groups, one.correlated) for one in whole.shared] == [
        (1, ("A", "B"), True),
        (2, ("A", "B"), True),
    ]


def test_inside_one_group_correlation_stays() -> None:
    network = sum_of_two(0.9)
    (only,) = grouped_budget(network, parts_by_input(network, 1, {1: "X", 2: "X"})).groups
    assert only.standard_uncertainty == pytest.approx(math.sqrt(3.4))
    assert (only.inputs, only.shared_variance, only.share) == (2, pytest.approx(0.0), 1.0)


def test_unknown_correlation_is_shared_at_its_bound() -> None:
    """By hand: (3 + 4)^2 = 49 = (9 + 12) + (16 + 12)."""
    network = sum_of_two(0.0, BlockKind.UNKNOWN)
    whole = grouped_budget(network, parts_by_input(network, 1, {1: "A", 2: "B"}))
    assert whole.variance == pytest.approx(49.0)
    assert {one.group: one.share for one in whole.groups} == pytest.approx(
        {"A": 21 / 49, "B": 28 / 49}
    )


def test_an_input_that_enters_at_two_steps_ties_them() -> None:
    """By hand: z = y + 2 a, y = 3 a: a enters with 3 at the first step and 2 at the second."""
    results = {
        1: Result(1, 0.0, LINEAR, (Argument("a", 3.0, input_id=1),)),
        2: Result(
            2, 0.0, LINEAR, (Argument("y", 1.0, parent_id=1), Argument("a", 2.0, input_id=1))
        ),
    }
    network = Network(results, {1: InputQuantity(1, "a", 0.0, 1.0, "1")})
    whole = grouped_budget(network, parts_by_step(network, 2, {1: "one", 2: "two"}))
    assert whole.variance == pytest.approx(25.0)
    assert [(one.group, one.own_variance, one.shared_variance) for one in whole.groups] == [
        ("one", pytest.approx(9.0), pytest.approx(6.0)),
        ("two", pytest.approx(4.0), pytest.approx(6.0)),
    ]
    (tie,) = whole.shared
    assert (tie.groups, tie.correlated) == (("one", "two"), False)


@settings(max_examples=60, deadline=None)
@given(network=NETWORKS, groups=st.integers(1, 4))
def test_shares_add_up_to_the_variance_however_it_is_split(network: Network, groups: int) -> None:
    last = max(network.results)
    size = size_of_terms(network, last) ** 2
    by_input = parts_by_input(network, last, {i: f"g{i % groups}" for i in network.inputs})
    by_step = parts_by_step(network, last, {i: f"s{i % groups}" for i in network.results})
    for parts in (by_input, by_step):
        total: dict[int, float] = {}
        for part in parts.values():
            for input_id, c in part.items():
                total[input_id] = total.get(input_id, 0.0) + c
        assert total == pytest.approx(input_sensitivities(network, last), rel=1e-9, abs=1e-9)
        whole = grouped_budget(network, parts)
        # Zero sensitivities from cancelling may differ in sign of zero; sizes are what counts.
        u = standard_uncertainty(network, last)
        assert whole.variance == pytest.approx(u**2, rel=1e-9, abs=1e-11 * size)
        sums = sum(one.own_variance + one.shared_variance for one in whole.groups)
        assert sums == pytest.approx(whole.variance, rel=1e-9, abs=1e-11 * size)
        assert all(one.own_variance >= 0.0 for one in whole.groups)


def test_a_result_without_inputs_has_no_groups() -> None:
    whole = grouped_budget(Network({1: Result(1, 0.0, LINEAR, ())}, {}), {})
    assert (whole.groups, whole.shared, whole.variance) == ((), (), 0.0)
