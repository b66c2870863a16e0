"""Budgets: flat, complete, and honest about correlated lines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder, Source, Step
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.uncertainty.budget import budget, step_shares
from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation
from qtrace.uncertainty.network import standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind
from qtrace.uncertainty.unknown import NOT_STATED

EXACT = 1e-12


def two_levels() -> tuple[NetworkBuilder, Step]:
    """Return y = 2 p + q + x with p = s + a, q = s + b: the standard s on two paths."""
    network = NetworkBuilder()
    standard = network.leaf("standard", 10.0, 0.3, unit="W")
    p = network.linear({standard: 1.0, network.leaf("a", 0.0, 0.4): 1.0})
    q = network.linear({standard: 1.0, network.leaf("b", 0.0, 1.2): 1.0})
    x = network.leaf(
        "x", 1.0, 0.5, dof=4, distribution=Distribution.RECTANGULAR, evaluation=Evaluation.A
    )
    return network, network.linear({p: 2.0, q: 1.0, x: 1.0})


def test_an_input_on_several_paths_is_one_line() -> None:
    network, y = two_levels()
    lines = budget(network.build(), y.result_id)

    assert [line.name for line in lines] == ["b", "standard", "a", "x"]
    standard = lines[1]
    assert standard.sensitivity == pytest.approx(3.0)
    assert standard.contribution == pytest.approx(0.9)
    assert standard.share == pytest.approx(0.81 / (1.44 + 0.81 + 0.64 + 0.25))
    assert sum(line.share for line in lines) == pytest.approx(1.0, abs=EXACT)


def test_a_line_says_what_is_known_of_its_input() -> None:
    network, y = two_levels()
    x = next(line for line in budget(network.build(), y.result_id) if line.name == "x")
    assert (x.estimate, x.standard_uncertainty, x.degrees_of_freedom) == (1.0, 0.5, 4)
    assert (x.evaluation, x.distribution, x.unit) == ("A", "rectangular", "1")
    assert not x.correlated


def test_contributions_of_independent_lines_give_the_combined_uncertainty() -> None:
    network, y = two_levels()
    final = network.build()
    total = math.sqrt(sum(line.contribution**2 for line in budget(final, y.result_id)))
    assert total == pytest.approx(standard_uncertainty(final, y.result_id), rel=EXACT)


def test_a_negative_coefficient_gives_a_negative_share() -> None:
    """u^2 = 9 + 1 - 2 * 0.8 * 3 = 5.2; the smaller line takes 1 - 2.4 of it."""
    network = NetworkBuilder()
    large, small = network.leaf("large", 0.0, 3.0), network.leaf("small", 0.0, 1.0)
    network.correlate([large, small], [[1.0, -0.8], [-0.8, 1.0]])
    result = network.linear({large: 1.0, small: 1.0}).result_id
    lines = {line.name: line for line in budget(network.build(), result)}

    assert lines["large"].share == pytest.approx((9.0 - 2.4) / 5.2)
    assert lines["small"].share == pytest.approx((1.0 - 2.4) / 5.2)
    assert all(line.correlated for line in lines.values())
    # |c| u is what the column says, whatever the correlation.
    assert lines["small"].contribution == 1.0


def test_an_exact_result_has_lines_and_no_shares() -> None:
    network = NetworkBuilder()
    result = network.linear({network.leaf("n", 5.0, 0.0): 1.0}).result_id
    (line,) = budget(network.build(), result)
    assert (line.contribution, line.share) == (0.0, 0.0)


def test_lines_of_equal_size_keep_the_order_of_recording() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(name, 0.0, 1.0) for name in ("first", "second", "third")]
    result = network.linear(dict.fromkeys(reversed(leaves), 1.0)).result_id
    names = [line.name for line in budget(network.build(), result)]
    assert names == ["first", "second", "third"]


def unstated(network: NetworkBuilder, *us: float) -> list[Leaf]:
    """Add points of one certificate without stated correlation."""
    leaves = [network.leaf(f"p{k}", 0.0, u) for k, u in enumerate(us)]
    network.correlate(leaves, np.eye(len(us)), kind=BlockKind.UNKNOWN)
    return leaves


def test_shares_of_unstated_correlation_are_those_of_the_bound() -> None:
    """(3 + 1)^2 + 3^2 = 25: the points take 12 and 4 of it, the other input 9."""
    network = NetworkBuilder()
    large, small = unstated(network, 3.0, 1.0)
    alone = network.leaf("alone", 0.0, 3.0)
    result = network.linear({large: 1.0, small: -1.0, alone: 1.0}).result_id
    lines = {line.name: line for line in budget(network.build(), result)}
    shares = {name: line.share for name, line in lines.items()}
    assert shares == pytest.approx({"p0": 12.0 / 25.0, "p1": 4.0 / 25.0, "alone": 9.0 / 25.0})
    assert [lines[name].note for name in ("p0", "p1", "alone")] == [NOT_STATED, NOT_STATED, ""]
    assert lines["p1"].contribution == 1.0
    # Who adds contributions in quadrature is warned.
    assert lines["p0"].correlated
    assert not lines["alone"].correlated


def test_a_point_alone_has_no_note() -> None:
    network = NetworkBuilder()
    one, _ = unstated(network, 3.0, 1.0)
    result = network.linear({one: 1.0}).result_id
    (line,) = budget(network.build(), result)
    assert (line.share, line.note) == (1.0, "")


def test_a_step_takes_its_own_unstated_inputs_at_the_bound() -> None:
    network = NetworkBuilder()
    one, other = unstated(network, 3.0, 4.0)
    step = network.linear({one: 1.0, other: -1.0})
    result = network.linear({step: -2.0}).result_id
    assert step_shares(network.build(), result) == pytest.approx({1: 14.0, 2: 0.0})


def test_an_input_under_two_names_of_one_step_counts_once() -> None:
    network = NetworkBuilder()
    leaf = network.leaf("x", 0.0, 3.0)
    arguments = (Argument("a", 2.0, input_id=1), Argument("b", -1.0, input_id=leaf.input_id))
    network.add(0.0, Model(ModelKind.LINEAR), arguments)
    assert step_shares(network.build(), 1) == pytest.approx({1: 3.0})


# Sensitivities of ordinary size: u below 1e-145 is refused, since its square is lost.
HUNDREDTHS = st.integers(-300, 300).map(lambda k: k / 100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 5.0), HUNDREDTHS), min_size=2, max_size=6),
    st.floats(-0.15, 0.9),
)
def test_shares_always_add_up_to_one(lines: list[tuple[float, float]], r: float) -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, u) for k, (u, _) in enumerate(lines)]
    n = len(leaves)
    matrix = [[1.0 if i == j else r for j in range(n)] for i in range(n)]
    network.correlate(leaves, matrix)
    weights: dict[Source, float] = dict(zip(leaves, (c for _, c in lines), strict=True))
    result = network.linear(weights).result_id
    final = network.build()
    total = sum(line.share for line in budget(final, result))
    u = standard_uncertainty(final, result)
    scale = sum((c * w) ** 2 for w, c in lines)
    if u**2 > 1e-6 * scale:  # else the shares are large numbers that cancel
        assert total == pytest.approx(1.0, abs=1e-9)


def test_steps_say_where_the_uncertainty_enters() -> None:
    network, y = two_levels()
    shares = step_shares(network.build(), y.result_id)
    # p adds its standard and a, doubled; q the standard and b; y itself only x.
    assert shares == pytest.approx({1: 2.0 * 0.5, 2: math.hypot(0.3, 1.2), 3: 0.5})


def test_a_step_counts_the_correlation_of_its_own_inputs() -> None:
    network = NetworkBuilder()
    one, other = network.leaf("x", 0.0, 3.0), network.leaf("y", 0.0, 4.0)
    network.correlate([one, other], [[1.0, 1.0], [1.0, 1.0]])
    step = network.linear({one: 1.0, other: 1.0})
    result = network.linear({step: -2.0}).result_id
    assert step_shares(network.build(), result) == pytest.approx({1: 14.0, 2: 0.0})
