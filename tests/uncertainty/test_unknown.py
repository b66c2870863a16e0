"""Points of one certificate that says nothing of their correlation: bound, covariance, draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import IntegrityError
from qtrace.uncertainty.inputs import BlockKind, Distribution
from qtrace.uncertainty.monte_carlo import draw_chain, summarize
from qtrace.uncertainty.network import correlation, covariance, standard_uncertainty
from qtrace.uncertainty.unknown import (
    NOT_STATED,
    combination_uncertainty,
    unknown_parts,
    worst_signs,
)

ROUNDING = 1e-12  # sums of a few products of doubles
N = 200_000
U_TOLERANCE = 5.0 / math.sqrt(2 * N)  # five standard deviations of u from N normal draws


def unstated(network: NetworkBuilder, *us: float, x: float = 1.0) -> list[Leaf]:
    """Add points of one certificate without stated correlation."""
    leaves = [network.leaf(f"p{k}", x, u) for k, u in enumerate(us)]
    network.correlate(leaves, np.eye(len(us)), kind=BlockKind.UNKNOWN)
    return leaves


def test_a_ratio_of_two_points_is_taken_at_the_bound() -> None:
    """Review: 0.5 % each gives 0.16 % at r = 0.95, 0.71 % at r = 0, and no more than 1.0 %."""
    network = NetworkBuilder()
    one, other = unstated(network, 0.005, 0.005)
    ratio = network.expression("a / b", a=one, b=other).result_id
    final = network.build()
    assert standard_uncertainty(final, ratio) == pytest.approx(0.010, rel=ROUNDING)
    (part,) = unknown_parts(final, ratio)
    assert part.figures.independent == pytest.approx(0.0071, abs=5e-5)
    assert part.figures.bound == pytest.approx(0.010, rel=ROUNDING)
    assert sum(part.shares) == pytest.approx(part.figures.bound**2, rel=ROUNDING)
    assert part.input_ids == (one.input_id, other.input_id)
    assert part.note == NOT_STATED == "correlation not stated"


def test_the_bound_joins_other_inputs_in_quadrature() -> None:
    """3 and 1 of one certificate, 4 and 12 of two others alone: (3 + 1)^2 + 3^2 = 5^2."""
    network = NetworkBuilder()
    points = unstated(network, 3.0, 1.0)
    alone = network.leaf("a", 0.0, 3.0)
    total = network.linear({points[0]: 1.0, points[1]: -1.0, alone: 1.0}).result_id
    assert standard_uncertainty(network.build(), total) == pytest.approx(5.0, rel=ROUNDING)


def test_two_certificates_are_bounded_each_for_itself() -> None:
    network = NetworkBuilder()
    leaves = [*unstated(network, 1.0, 2.0), *unstated(network, 3.0, 1.0)]
    total = network.linear(dict.fromkeys(leaves, 1.0)).result_id
    final = network.build()
    assert standard_uncertainty(final, total) == pytest.approx(5.0, rel=ROUNDING)
    assert [part.figures.bound for part in unknown_parts(final, total)] == [3.0, 4.0]


def test_one_point_alone_hides_nothing() -> None:
    network = NetworkBuilder()
    one, _ = unstated(network, 0.5, 0.5)
    result = network.linear({one: 2.0}).result_id
    final = network.build()
    assert standard_uncertainty(final, result) == 1.0
    assert unknown_parts(final, result) == ()


def test_covariance_counts_points_as_independent_and_combinations_do_not() -> None:
    """Two results on one point each: no covariance is known, their difference is bounded."""
    network = NetworkBuilder()
    one, other = unstated(network, 3.0, 4.0)
    first = network.linear({one: 1.0}).result_id
    second = network.linear({other: 1.0}).result_id
    both = network.linear({one: 1.0, other: 1.0}).result_id
    final = network.build()
    assert covariance(final, [first, second]) == pytest.approx(np.diag([9.0, 16.0]))
    assert correlation(final, first, second) == 0.0
    # The matrix stays that of independent points; u of the sum is larger than its diagonal.
    assert covariance(final, [both])[0, 0] == pytest.approx(25.0)
    assert standard_uncertainty(final, both) == pytest.approx(7.0)
    assert combination_uncertainty(final, {first: 1.0, second: -1.0}) == pytest.approx(7.0)
    # What both share cancels before the bound is taken.
    assert combination_uncertainty(final, {both: 1.0, second: -1.0}) == pytest.approx(3.0)


def test_without_unknown_blocks_a_combination_is_the_quadratic_form() -> None:
    network = NetworkBuilder()
    shared = network.linear({network.leaf("s", 0.0, 3.0): 1.0})
    first = network.linear({shared: 1.0, network.leaf("a", 0.0, 4.0): 1.0}).result_id
    second = network.linear({shared: 1.0, network.leaf("b", 0.0, 12.0): 1.0}).result_id
    final = network.build()
    w = np.array([1.0, -1.0])
    expected = math.sqrt(float(w @ covariance(final, [first, second]) @ w))
    found = combination_uncertainty(final, {first: 1.0, second: -1.0})
    assert found == pytest.approx(expected, rel=ROUNDING)
    assert found == pytest.approx(math.hypot(4.0, 12.0), rel=ROUNDING)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-500, 500).map(lambda k: k / 100.0),
            st.integers(0, 500).map(lambda k: k / 100.0),
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 10_000),
)
def test_no_correlation_that_can_occur_exceeds_the_bound(
    points: list[tuple[float, float]], seed: int
) -> None:
    """Law: for any correlation matrix R, c' R c is at most the bound squared."""
    n = len(points)
    factor = np.random.Generator(np.random.PCG64(seed)).normal(size=(n, n + 1))
    product = factor @ factor.T
    scale = np.sqrt(np.diag(product))
    figures = []
    for kind, matrix in (
        (BlockKind.UNKNOWN, np.eye(n)),
        (BlockKind.DECLARED, product / np.outer(scale, scale)),
    ):
        network = NetworkBuilder()
        leaves = [network.leaf(f"p{k}", 0.0, u) for k, (_, u) in enumerate(points)]
        network.correlate(leaves, matrix, kind=kind)
        weights = {leaf: c for leaf, (c, _) in zip(leaves, points, strict=True)}
        total = network.linear(weights).result_id
        figures.append(standard_uncertainty(network.build(), total))
    assert figures[1] <= figures[0] * (1.0 + 1e-9) + 1e-12


def test_an_unknown_block_that_holds_coefficients_is_refused() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(name, 0.0, 1.0) for name in "ab"]
    network.correlate(leaves, [[1.0, 0.5], [0.5, 1.0]], kind=BlockKind.UNKNOWN)
    with pytest.raises(IntegrityError, match="unknown and yet holds coefficients"):
        network.build()


def test_draws_of_one_result_lie_at_the_bound_that_its_u_says() -> None:
    network = NetworkBuilder()
    one, other, third = unstated(network, 3.0, 4.0, 5.0)
    step = network.linear({one: 1.0, other: -1.0})
    network.linear({third: 1.0})
    final = network.build()
    assert worst_signs(final, step.result_id) == {one.input_id: 1.0, other.input_id: -1.0}
    draws = draw_chain(final, [step.result_id], n=N, seed=7, functions={})
    summary = summarize(draws, step.result_id)
    assert summary.standard_uncertainty == pytest.approx(7.0, rel=U_TOLERANCE)
    assert summary.note == "correlation not stated: drawn at the bound"


def test_draws_of_several_results_say_that_independence_was_assumed() -> None:
    network = NetworkBuilder()
    one, other = unstated(network, 3.0, 4.0)
    steps = [network.linear({one: 1.0, other: c}) for c in (1.0, -1.0)]
    ids = [step.result_id for step in steps]
    draws = draw_chain(network.build(), ids, n=N, seed=7, functions={})
    for one_id in ids:
        assert summarize(draws, one_id).standard_uncertainty == pytest.approx(5.0, rel=U_TOLERANCE)
    assert draws.assumed == "correlation not stated: drawn as independent"


def test_a_point_outside_the_result_is_drawn_once_and_leaves_the_others_aligned() -> None:
    """The third point enters with weight zero: it must not disturb those at the bound."""
    network = NetworkBuilder()
    one, other, idle = unstated(network, 3.0, 4.0, 5.0)
    step = network.linear({one: 1.0, other: 1.0, idle: 0.0})
    draws = draw_chain(network.build(), [step.result_id], n=N, seed=7, functions={})
    assert float(np.std(draws.values[step.result_id])) == pytest.approx(7.0, rel=U_TOLERANCE)


def test_unknown_blocks_change_no_seed_where_there_are_none() -> None:
    network = NetworkBuilder()
    leaf = network.leaf("x", 2.0, 0.5, distribution=Distribution.RECTANGULAR)
    step = network.linear({leaf: 1.0})
    draws = draw_chain(network.build(), [step.result_id], n=3, seed=1, functions={})
    half = 0.5 * math.sqrt(3.0)
    expected = [2.0 + half * (2.0 * p - 1.0) for p in (0.5118216247, 0.9504636963, 0.1441596127)]
    assert draws.values[step.result_id] == pytest.approx(expected, abs=1e-9)
    assert draws.assumed == ""
