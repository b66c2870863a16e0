"""Adjustment of a network: consistent loops stay, closures are what was measured, blind spots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.timing.loop_closure import LOOPS, NO_LOOP, AdjustedOffsets, adjust_offsets

PS = 1e-12
TRIANGLE = [("A", "B"), ("B", "C"), ("C", "A")]
SQUARE = [*TRIANGLE, ("C", "D"), ("A", "D"), ("B", "A")]  # two loops more, one of parallel links
ROUNDING = 1e-9  # relative


def diagonal(*u_ps: float) -> NDArray[np.float64]:
    return np.diag([(one * PS) ** 2 for one in u_ps])


def drawn_covariance(seed: int, size: int) -> NDArray[np.float64]:
    """Return a covariance of some picoseconds squared, well conditioned, correlated."""
    generator = np.random.default_rng(seed)
    factor = generator.normal(0.0, 1.0, (size, size))
    return (factor @ factor.T + np.eye(size)) * PS**2


def offsets_of(clocks: dict[str, float], links: list[tuple[str, str]]) -> NDArray[np.float64]:
    return np.array([clocks[b] - clocks[a] for a, b in links])


def adjusted_square(
    noise_ps: NDArray[np.float64], covariance: NDArray[np.float64]
) -> AdjustedOffsets:
    return adjust_offsets(SQUARE, noise_ps * PS, covariance_s2=covariance, reference="A")


@settings(max_examples=50)
@given(st.lists(st.floats(-1e-6, 1e-6), min_size=3, max_size=3), st.integers(0, 1000))
def test_loops_that_agree_are_left_alone(others: list[float], seed: int) -> None:
    clocks = dict(zip("ABCD", [0.0, *others], strict=True))
    result = adjust_offsets(
        SQUARE, offsets_of(clocks, SQUARE), covariance_s2=drawn_covariance(seed, 6), reference="A"
    )
    found = dict(zip(result.nodes, result.offset_s, strict=True))
    for node, value in clocks.items():
        assert found[node] == pytest.approx(value, abs=1e-17)
    assert np.max(np.abs(result.residual_s)) < 1e-17
    assert result.chi_square == pytest.approx(0.0, abs=1e-6)
    assert result.degrees_of_freedom == 3


def test_three_equal_links_share_the_closure_equally() -> None:
    result = adjust_offsets(
        TRIANGLE,
        np.array([10.0, 20.0, -24.0]) * PS,
        covariance_s2=diagonal(1.0, 1.0, 1.0),
        reference="A",
    )
    (closure,) = result.closures
    assert set(closure.nodes) == {"A", "B", "C"}
    assert closure.nodes[0] == closure.nodes[-1]
    assert abs(closure.value_s) == pytest.approx(6.0 * PS)
    assert closure.u_s == pytest.approx(math.sqrt(3.0) * PS)
    assert abs(closure.z) == pytest.approx(6.0 / math.sqrt(3.0))
    assert result.residual_s == pytest.approx(np.full(3, -2.0 * PS))
    assert result.chi_square == pytest.approx(12.0)
    assert result.p_value == pytest.approx(math.erfc(math.sqrt(6.0)))  # chi-square of 1 dof
    assert result.statement == LOOPS


def test_the_closure_is_of_the_loop_that_is_named() -> None:
    """The sum of offsets along the nodes in the order printed is the value printed."""
    measured = np.array([10.0, 20.0, -24.0, 7.0, 40.0, -13.0]) * PS
    result = adjust_offsets(SQUARE, measured, covariance_s2=diagonal(*[1.0] * 6), reference="A")
    for closure in result.closures:
        if len(closure.nodes) == 3:  # parallel links: both ways
            assert closure.value_s == pytest.approx(-3.0 * PS, abs=1e-20)
            continue
        table = dict(zip(SQUARE[:5], measured[:5], strict=True))
        total = sum(
            table[(a, b)] if (a, b) in table else -table[(b, a)]
            for a, b in zip(closure.nodes, closure.nodes[1:], strict=False)
        )
        assert closure.value_s == pytest.approx(total, abs=1e-20)


@settings(max_examples=50)
@given(st.integers(0, 1000))
def test_the_adjustment_is_generalized_least_squares(seed: int) -> None:
    """By whitening and numpy's lstsq: another route to the same numbers."""
    covariance = drawn_covariance(seed, 6)
    noise = np.random.default_rng(seed + 1).normal(0.0, 3.0, 6)
    result = adjusted_square(noise, covariance)
    design = np.zeros((6, 3))
    for row, (a, b) in enumerate(SQUARE):
        for node, sign in ((b, 1.0), (a, -1.0)):
            if node != "A":
                design[row, result.nodes.index(node) - 1] = sign
    white = np.linalg.inv(np.linalg.cholesky(covariance / PS**2))
    expected, (rest,), *_ = np.linalg.lstsq(white @ design, white @ noise, rcond=None)
    assert result.offset_s[1:] / PS == pytest.approx(expected, rel=1e-7, abs=1e-7)
    # Two routes to chi-square: from the closures (there) and from the residuals (here).
    assert result.chi_square == pytest.approx(float(rest), rel=1e-7, abs=1e-7)
    inverse = np.linalg.inv((white @ design).T @ (white @ design))
    assert result.covariance_s2[1:, 1:] / PS**2 == pytest.approx(inverse, rel=1e-7, abs=1e-7)
    assert np.all(result.covariance_s2[0] == 0.0)


def test_chi_square_and_residuals_scatter_as_they_say() -> None:
    generator = np.random.default_rng(5)
    covariance = drawn_covariance(3, 6)
    draws = generator.multivariate_normal(np.zeros(6), covariance / PS**2, 3000)
    results = [adjusted_square(one, covariance) for one in draws]
    mean = float(np.mean([one.chi_square for one in results]))
    assert mean == pytest.approx(3.0, abs=4.0 * math.sqrt(6.0 / 3000))
    seen = np.std([one.residual_s for one in results], axis=0)
    assert seen == pytest.approx(results[0].u_residual_s, rel=0.06)
    alarms = float(np.mean([one.p_value < 0.05 for one in results]))
    assert alarms == pytest.approx(0.05, abs=4.0 * math.sqrt(0.05 * 0.95 / 3000))


def test_a_graph_without_a_loop_says_that_closure_shows_nothing() -> None:
    result = adjust_offsets(
        [("A", "B"), ("B", "C")],
        np.array([5.0, 6.0]) * PS,
        covariance_s2=diagonal(1.0, 2.0),
        reference="A",
    )
    assert result.offset_s == pytest.approx(np.array([0.0, 5.0, 11.0]) * PS)
    assert result.closures == ()
    assert result.statement == NO_LOOP
    assert math.isnan(result.p_value)
    assert np.all(result.redundancy_per_s2 == 0.0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4))
def test_local_delays_of_nodes_close_and_stay_unseen(local_ps: list[float]) -> None:
    # Each node's local delay enters all its links with the same sign: a false clock.
    clocks = dict(zip("ABCD", local_ps, strict=True))
    result = adjust_offsets(
        SQUARE,
        offsets_of(clocks, SQUARE) * PS,
        covariance_s2=diagonal(*[1.0] * 6),
        reference="A",
    )
    assert result.chi_square == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("links", "offsets", "covariance", "reference", "words"),
    [
        (TRIANGLE, [0.0] * 3, diagonal(1, 1, 1), "D", "in no link"),
        ([("A", "B"), ("C", "D")], [0.0] * 2, diagonal(1, 1), "A", "to C, D"),
        ([("A", "A")], [0.0], diagonal(1), "A", "itself"),
        (TRIANGLE, [0.0] * 2, diagonal(1, 1, 1), "A", "shape"),
        (TRIANGLE, [0.0] * 3, diagonal(1, 1), "A", "shape"),
        (TRIANGLE, [0.0] * 3, diagonal(1, 1, 0), "A", "zero or less"),
        (TRIANGLE, [0.0, 0.0, math.nan], diagonal(1, 1, 1), "A", "finite"),
        (TRIANGLE, [0.0] * 3, np.ones((3, 3)), "A", "positive definite"),
        (TRIANGLE, [0.0] * 3, np.eye(3) + np.eye(3, k=1), "A", "symmetric"),
        ([], [], np.zeros((0, 0)), "A", "links"),
    ],
)
def test_networks_that_cannot_be_adjusted_are_refused(
    links: list[tuple[str, str]],
    offsets: list[float],
    covariance: NDArray[np.float64],
    reference: str,
    words: str,
) -> None:
    with pytest.raises(InputError, match=words):
        adjust_offsets(links, np.array(offsets), covariance_s2=covariance, reference=reference)
