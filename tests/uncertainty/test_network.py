"""The network of results: sharing is found, kept, and agrees with an independent program."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import uncertainties
from builders import Leaf, NetworkBuilder, Source, Step
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import IntegrityError
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock
from qtrace.uncertainty.network import (
    Network,
    ancestors,
    correlation,
    covariance,
    independent_parents_uncertainty,
    input_sensitivities,
    result_sensitivities,
    standard_uncertainty,
    tree_uncertainty,
)
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

ROUNDING = 1e-12  # sums of a few products of doubles
ORACLE = 1e-7  # the oracle takes an eigen-decomposition of the covariance matrix


def shared_standard() -> tuple[NetworkBuilder, Step, Step]:
    """Return two devices calibrated with one standard: u_S = 3, u_a = 4, u_b = 12."""
    network = NetworkBuilder()
    standard = network.expression("s", s=network.leaf("S", 100.0, 3.0))
    one = network.expression("s + a", s=standard, a=network.leaf("a", 0.0, 4.0))
    other = network.expression("s + b", s=standard, b=network.leaf("b", 0.0, 12.0))
    return network, one, other


def test_two_devices_of_one_standard_are_correlated_without_being_told() -> None:
    """Closed form: r = u_S^2 / (u_A u_B); the difference cancels the standard, the mean not."""
    network, one, other = shared_standard()
    difference = network.expression("x - y", x=one, y=other).result_id
    mean = network.expression("(x + y) / 2", x=one, y=other).result_id
    final = network.build()

    assert standard_uncertainty(final, one.result_id) == pytest.approx(5.0, rel=ROUNDING)
    assert standard_uncertainty(final, other.result_id) == pytest.approx(12.36931687685298)
    assert correlation(final, one.result_id, other.result_id) == pytest.approx(0.1455213750217998)
    assert standard_uncertainty(final, difference) == pytest.approx(12.649110640673518)
    assert standard_uncertainty(final, mean) == pytest.approx(7.0, rel=ROUNDING)


def test_ignoring_sharing_is_a_recursion_and_shows_only_that() -> None:
    network, one, other = shared_standard()
    difference = network.expression("x - y", x=one, y=other).result_id
    twice = network.linear({one: 2.0}).result_id
    final = network.build()

    assert tree_uncertainty(final, difference) == pytest.approx(math.hypot(5.0, math.hypot(3, 12)))
    # Without sharing both figures agree; one parent named twice in a model counts once.
    assert tree_uncertainty(final, one.result_id) == pytest.approx(5.0, rel=ROUNDING)
    assert tree_uncertainty(final, twice) == pytest.approx(10.0, rel=ROUNDING)
    same = Argument("p", 1.0, parent_id=one.result_id), Argument("q", 1.0, parent_id=one.result_id)
    doubled = network.add(200.0, Model(ModelKind.LINEAR), same).result_id
    assert tree_uncertainty(network.build(), doubled) == pytest.approx(10.0, rel=ROUNDING)
    assert standard_uncertainty(network.build(), doubled) == pytest.approx(10.0, rel=ROUNDING)


def test_independent_parents_keep_what_is_shared_above_them() -> None:
    """Two legs, each three times one factor inside; only what the legs share is dropped."""
    network = NetworkBuilder()
    factor = network.linear({network.leaf("F", 1.0, 1.0): 1.0})
    again = network.linear({factor: 1.0})
    legs = [network.linear({factor: 1.0, again: 2.0}) for _ in range(2)]
    total = network.linear({legs[0]: 1.0, legs[1]: 1.0}).result_id
    final = network.build()
    assert standard_uncertainty(final, total) == pytest.approx(6.0)
    assert independent_parents_uncertainty(final, total) == pytest.approx(3.0 * math.sqrt(2.0))
    assert tree_uncertainty(final, total) == pytest.approx(math.sqrt(10.0))


def test_independent_parents_count_one_source_under_two_names_once() -> None:
    network = NetworkBuilder()
    leaf = network.leaf("x", 1.0, 0.5)
    twice = Argument("p", 1.0, input_id=leaf.input_id), Argument("q", 1.0, input_id=leaf.input_id)
    result = network.add(2.0, Model(ModelKind.LINEAR), twice).result_id
    for figure in (independent_parents_uncertainty, tree_uncertainty, standard_uncertainty):
        assert figure(network.build(), result) == pytest.approx(1.0)


def test_sensitivities_add_over_all_paths() -> None:
    """A diamond: d = 2 b + 5 c, b = 3 a, c = -a gives dd/da = 6 - 5 = 1."""
    network = NetworkBuilder()
    leaf = network.leaf("a", 1.0, 0.5)
    top = network.linear({leaf: 1.0})
    left, right = network.linear({top: 3.0}), network.linear({top: -1.0})
    bottom = network.linear({left: 2.0, right: 5.0}).result_id
    final = network.build()

    assert input_sensitivities(final, bottom) == {leaf.input_id: 1.0}
    assert result_sensitivities(final, bottom) == {1: 1.0, 2: 2.0, 3: 5.0, 4: 1.0}
    assert ancestors(final, [bottom]) == [1, 2, 3, 4]
    assert ancestors(final, [left.result_id]) == [1, 2]
    assert standard_uncertainty(final, bottom) == pytest.approx(0.5, rel=ROUNDING)


def test_declared_coefficients_enter_the_variance() -> None:
    """GUM Eq. 13 for y = x1 + x2: u^2 = u1^2 + u2^2 + 2 r u1 u2."""
    network = NetworkBuilder()
    one, other, apart = (network.leaf(n, 1.0, u) for n, u in (("x", 3.0), ("y", 4.0), ("z", 1.0)))
    network.correlate([one, other], [[1.0, -0.5], [-0.5, 1.0]])
    total = network.linear({one: 1.0, other: 1.0}).result_id
    with_apart = network.linear({one: 1.0, apart: 1.0}).result_id
    final = network.build()

    assert standard_uncertainty(final, total) == pytest.approx(math.sqrt(9 + 16 - 12))
    assert standard_uncertainty(final, with_apart) == pytest.approx(math.sqrt(10.0))
    assert final.input_covariance(one.input_id, other.input_id) == pytest.approx(-6.0)
    assert final.input_covariance(one.input_id, apart.input_id) == 0.0
    # Two results that share no input at all are correlated through the declared block.
    alone = network.linear({one: 1.0}).result_id, network.linear({other: 1.0}).result_id
    assert correlation(network.build(), *alone) == pytest.approx(-0.5, rel=ROUNDING)


def test_blocks_of_different_events_do_not_mix() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, 1.0) for k in range(4)]
    network.correlate(leaves[:2], [[1.0, 0.9], [0.9, 1.0]])
    network.correlate(leaves[2:], [[1.0, 0.9], [0.9, 1.0]])
    one = network.linear({leaves[0]: 1.0}).result_id
    other = network.linear({leaves[2]: 1.0}).result_id
    assert correlation(network.build(), one, other) == 0.0
    first, second, third, _ = (leaf.input_id for leaf in leaves)
    assert network.build().input_covariance(first, second) == pytest.approx(0.9)
    assert network.build().input_covariance(second, third) == 0.0


def test_full_anticorrelation_cancels_to_zero_and_not_below() -> None:
    below = 0
    for weights in itertools.permutations((0.7, -0.3, -0.4, 0.2, -0.2)):
        network = NetworkBuilder()
        leaves = [network.leaf(f"x{k}", 0.0, 0.1) for k in range(5)]
        network.correlate(leaves, np.ones((5, 5)))
        nothing = network.linear(dict(zip(leaves, weights, strict=True))).result_id
        final = network.build()
        assert standard_uncertainty(final, nothing) == pytest.approx(0.0, abs=1e-8)
        assert -1.0 <= correlation(final, nothing, nothing) <= 1.0
        below += standard_uncertainty(final, nothing) == 0.0
    assert below  # some orders of the sum did end at or below zero


@dataclass(frozen=True, slots=True)
class RandomGraph:
    """A drawn graph: u of inputs, size of the correlated block, rows of coefficients."""

    us: list[float]
    block: int
    seed: int
    rows: list[list[tuple[int, float]]]


@st.composite
def graphs(draw: st.DrawFn) -> RandomGraph:
    """Draw up to 6 inputs and 8 results; sources count inputs first, then earlier results."""
    n = draw(st.integers(2, 6))
    us = draw(st.lists(st.floats(0.1, 10.0), min_size=n, max_size=n))
    coefficient = st.floats(-3.0, 3.0).map(lambda c: round(c, 3))
    rows = []
    for k in range(draw(st.integers(2, 8))):
        source = st.integers(0, n + k - 1)
        rows.append(
            draw(
                st.lists(
                    st.tuples(source, coefficient), min_size=1, max_size=4, unique_by=lambda p: p[0]
                )
            )
        )
    return RandomGraph(us, draw(st.sampled_from([0, 2, n])), draw(st.integers(0, 10_000)), rows)


def random_correlation(n: int, seed: int) -> NDArray[np.float64]:
    """Return a correlation matrix of full rank."""
    factor = np.random.Generator(np.random.PCG64(seed)).normal(size=(n, n + 2))
    product = factor @ factor.T
    scale = np.sqrt(np.diag(product))
    matrix: NDArray[np.float64] = product / np.outer(scale, scale)
    return matrix


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_any_graph_agrees_with_the_uncertainties_package(graph: RandomGraph) -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 1.0, u) for k, u in enumerate(graph.us)]
    theirs: list[Any] = [uncertainties.ufloat(1.0, u) for u in graph.us]
    if graph.block:
        matrix = random_correlation(graph.block, graph.seed)
        network.correlate(leaves[: graph.block], matrix)
        sigma = np.array(graph.us[: graph.block])
        theirs[: graph.block] = uncertainties.correlated_values(
            [1.0] * graph.block, matrix * np.outer(sigma, sigma)
        )
    ours: list[Source] = list(leaves)
    for row in graph.rows:
        ours.append(network.linear({ours[k]: c for k, c in row}))
        theirs.append(sum(c * theirs[k] for k, c in row) + 0 * theirs[0])
    final = network.build()
    ids = [one.result_id for one in ours if isinstance(one, Step)]

    expected = np.array(uncertainties.covariance_matrix(theirs[len(leaves) :]))
    got = covariance(final, ids)
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected))) + np.max(expected) * 1e-6
    assert np.all(np.abs(got - expected) <= ORACLE * size + 1e-12)
    for position, result_id in enumerate(ids):
        u = standard_uncertainty(final, result_id)
        assert u**2 == pytest.approx(got[position, position], rel=1e-9, abs=1e-300)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_covariance_is_symmetric_and_semidefinite_and_correlations_are_bounded(
    graph: RandomGraph,
) -> None:
    network = NetworkBuilder()
    ours: list[Source] = [network.leaf(f"x{k}", 1.0, u) for k, u in enumerate(graph.us)]
    leaves = [one for one in ours if isinstance(one, Leaf)]
    if graph.block:
        network.correlate(leaves[: graph.block], random_correlation(graph.block, graph.seed))
    for row in graph.rows:
        ours.append(network.linear({ours[k]: c for k, c in row}))
    final = network.build()
    ids = [one.result_id for one in ours if isinstance(one, Step)]

    matrix = covariance(final, ids)
    assert np.array_equal(matrix, matrix.T)
    assert float(np.linalg.eigvalsh(matrix)[0]) >= -1e-9 * float(np.max(np.abs(matrix)) or 1.0)
    for first in ids:
        for second in ids:
            assert -1.0 <= correlation(final, first, second) <= 1.0


def one_step(*arguments: Argument) -> Network:
    """Return a network of one input and results 1 (a leaf's value) and 2 (as given)."""
    network = NetworkBuilder()
    network.linear({network.leaf("x", 1.0, 0.1): 1.0})
    network.add(1.0, Model(ModelKind.LINEAR), arguments)
    return network.build()


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        (Argument("p", 1.0, parent_id=2), "not older"),
        (Argument("p", 1.0, parent_id=3), "not older"),
        (Argument("p", 1.0), "either a result or"),
        (Argument("p", 1.0, parent_id=1, input_id=1), "either a result or"),
        (Argument("p", 1.0, input_id=9), "input quantity 9 is not in the loaded network"),
    ],
    ids=["itself", "a later result", "no source", "two sources", "a missing input"],
)
@pytest.mark.parametrize(
    "question",
    [
        standard_uncertainty,
        tree_uncertainty,
        independent_parents_uncertainty,
        input_sensitivities,
    ],
)
def test_a_damaged_row_is_refused_and_never_skipped(
    question: object, argument: Argument, says: str
) -> None:
    assert callable(question)
    with pytest.raises(IntegrityError, match=says):
        question(one_step(argument), 2)


def test_a_missing_parent_is_refused() -> None:
    network, _, other = shared_standard()
    final = network.build()
    rest = {i: r for i, r in final.results.items() if i != 1}
    with pytest.raises(IntegrityError, match="result 1 is not in the loaded network"):
        standard_uncertainty(replace(final, results=rest), other.result_id)


def test_a_circle_of_rows_ends_in_an_error_and_not_in_a_loop() -> None:
    results = {
        k: Result(k, 1.0, Model(ModelKind.LINEAR), (Argument("p", 1.0, parent_id=3 - k),))
        for k in (1, 2)
    }
    with pytest.raises(IntegrityError, match="not older"):
        standard_uncertainty(Network(results, {}), 2)


def block_of(ids: tuple[int, ...], matrix: NDArray[np.float64]) -> CorrelationBlock:
    """Return a declared block."""
    return CorrelationBlock(7, BlockKind.DECLARED, ids, matrix, matrix)


def test_blocks_that_do_not_fit_their_inputs_are_refused() -> None:
    network = NetworkBuilder()
    for k in range(2):
        network.leaf(f"x{k}", 1.0, 1.0)
    inputs, pair = network.inputs, np.eye(2)
    with pytest.raises(IntegrityError, match="two correlation blocks"):
        Network({}, inputs, (block_of((1, 2), pair), block_of((2,), np.eye(1))))
    with pytest.raises(IntegrityError, match="needs input 3"):
        Network({}, inputs, (block_of((1, 3), pair),))
    with pytest.raises(IntegrityError, match="shape"):
        Network({}, inputs, (block_of((1, 2), np.eye(3)),))


def test_a_stored_matrix_that_gives_a_negative_variance_is_refused() -> None:
    """It can only come from a changed row: entered matrices are checked."""
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, 1.0) for k in range(3)]
    network.correlate(leaves, [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    result = network.linear(dict(zip(leaves, (1.0, -1.0, 1.0), strict=True))).result_id
    with pytest.raises(IntegrityError, match="negative variance"):
        standard_uncertainty(network.build(), result)
    with pytest.raises(IntegrityError, match="negative variance"):
        covariance(network.build(), [result])


def test_a_changed_copy_forgets_the_blocks_of_the_first() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, 1.0) for k in range(2)]
    network.correlate(leaves, [[1.0, 1.0], [1.0, 1.0]])
    result = network.linear(dict.fromkeys(leaves, 1.0)).result_id
    whole = network.build()
    assert standard_uncertainty(whole, result) == pytest.approx(2.0)
    assert standard_uncertainty(replace(whole, blocks=()), result) == pytest.approx(math.sqrt(2))


def test_three_thousand_results_in_a_row_need_no_recursion() -> None:
    network = NetworkBuilder()
    last: Source = network.leaf("x", 1.0, 0.25)
    for _ in range(3000):
        last = network.linear({last: 1.0})
    assert isinstance(last, Step)
    assert standard_uncertainty(network.build(), last.result_id) == 0.25
