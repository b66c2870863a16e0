"""Draws through a whole chain: right distributions, joint where they must be, repeatable.

Tolerances are five standard deviations of the sampled figure, so that a right program fails
once in two million seeds; seeds are fixed all the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder, Source, Step
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy import special

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.inputs import BlockKind, Distribution
from qtrace.uncertainty.monte_carlo import Draws, draw_chain, summarize, uniforms
from qtrace.uncertainty.network import covariance, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind

Array = NDArray[np.float64]
N = 200_000
U_TOLERANCE = 5.0 / math.sqrt(2 * N)  # relative, of u from N normal draws
R_TOLERANCE = 5.0 / math.sqrt(N)  # of a correlation coefficient near zero


def drawn(network: NetworkBuilder, *steps: Step, n: int = N, seed: int = 11) -> list[Array]:
    """Return the draws of some results."""
    ids = [step.result_id for step in steps]
    draws = draw_chain(network.build(), ids, n=n, seed=seed, functions={})
    return [draws.values[i] for i in ids]


def coefficient(x: Array, y: Array) -> float:
    """Return the sample correlation coefficient."""
    matrix: Array = np.corrcoef(np.stack([x, y]))
    return float(matrix[0, 1])


def coefficient_of_sizes(x: Array, y: Array) -> float:
    """Return the rank correlation of absolute values, which needs no moments."""
    ranks = [np.argsort(np.argsort(np.abs(one))).astype(np.float64) for one in (x, y)]
    return coefficient(ranks[0], ranks[1])


def one_leaf(
    distribution: Distribution, *, x: float = 2.0, u: float = 0.5, dof: float = math.inf
) -> Array:
    """Return draws of one input."""
    network = NetworkBuilder()
    step = network.linear({network.leaf("x", x, u, dof=dof, distribution=distribution): 1.0})
    return drawn(network, step)[0]


class Words:
    """A bit generator that returns given words."""

    def __init__(self, words: list[int]) -> None:
        self.words = words

    def random_raw(self, n: int) -> Array:
        """Return the words."""
        return np.array(self.words[:n], dtype=np.uint64)


def test_uniforms_never_touch_the_ends_where_quantiles_are_infinite() -> None:
    ends = uniforms(Words([0, 2**64 - 1]), 2)  # type: ignore[arg-type]
    assert 0.0 < ends[0] < 1e-15
    assert 1.0 - 1e-15 < ends[1] < 1.0
    assert ends[0] == 1.0 - ends[1]
    assert np.isfinite(special.ndtri(ends)).all()


def test_a_seed_names_the_same_draws_everywhere() -> None:
    """PCG64 with seed 1 as every build of numpy gives it, but for the last bit."""
    assert uniforms(np.random.PCG64(1), 3) == pytest.approx(
        [0.5118216247002567, 0.9504636963259353, 0.14415961271963373], abs=3e-16
    )
    first, second = (one_leaf(Distribution.NORMAL) for _ in range(2))
    assert np.array_equal(first, second)
    network = NetworkBuilder()
    step = network.linear({network.leaf("x", 2.0, 0.5): 1.0})
    assert not np.array_equal(drawn(network, step, seed=12)[0], first)


@pytest.mark.parametrize(
    ("distribution", "half_width", "median_of_size"),
    [
        (Distribution.RECTANGULAR, math.sqrt(3.0), 0.5),
        (Distribution.TRIANGULAR, math.sqrt(6.0), 1.0 - math.sqrt(0.5)),
        (Distribution.U_SHAPED, math.sqrt(2.0), math.sqrt(0.5)),
    ],
)
def test_bounded_distributions_have_their_u_their_bounds_and_their_shape(
    distribution: Distribution, half_width: float, median_of_size: float
) -> None:
    z = (one_leaf(distribution) - 2.0) / 0.5
    assert float(np.std(z)) == pytest.approx(1.0, rel=U_TOLERANCE)
    assert float(np.mean(z)) == pytest.approx(0.0, abs=5.0 / math.sqrt(N))
    assert float(np.max(np.abs(z))) <= half_width
    assert float(np.max(np.abs(z))) == pytest.approx(half_width, rel=0.01)
    size = np.abs(z) / half_width
    assert float(np.median(size)) == pytest.approx(median_of_size, abs=2.5 / math.sqrt(N) / 0.6)


@pytest.mark.parametrize("nu", [5.0, 9.0, 30.0])
def test_finite_degrees_of_freedom_draw_a_t(nu: float) -> None:
    """JCGM 101, 6.4.9: scaled by u, so that the variance is u^2 nu / (nu - 2)."""
    z = (one_leaf(Distribution.NORMAL, dof=nu) - 2.0) / 0.5
    kurtosis_excess = 6.0 / (nu - 4.0)
    tolerance = 5.0 * math.sqrt((2.0 + kurtosis_excess) / N) if nu > 8 else 0.1
    assert float(np.var(z)) == pytest.approx(nu / (nu - 2.0), rel=tolerance)
    for probability in (0.025, 0.25, 0.75, 0.975):
        quantile = float(special.stdtrit(nu, probability))
        below = float(np.mean(z <= quantile))
        assert below == pytest.approx(probability, abs=2.5 / math.sqrt(N))


@pytest.mark.parametrize("nu", [1.0, 2.0])
def test_two_or_fewer_degrees_of_freedom_leave_quantiles_only(nu: float) -> None:
    network = NetworkBuilder()
    step = network.linear({network.leaf("x", 2.0, 0.5, dof=nu): 1.0})
    draws = draw_chain(network.build(), [step.result_id], n=N, seed=3, functions={})
    summary = summarize(draws, step.result_id)

    assert summary.mean is None
    assert summary.standard_uncertainty is None
    assert f"{nu:g} degrees of freedom" in summary.note
    t95 = float(special.stdtrit(nu, 0.975))
    assert (summary.high - summary.low) / 2 == pytest.approx(0.5 * t95, rel=0.05)
    assert summary.median == pytest.approx(2.0, abs=0.02)


def test_slightly_more_than_two_degrees_of_freedom_have_a_moment() -> None:
    network = NetworkBuilder()
    step = network.linear({network.leaf("x", 2.0, 0.5, dof=2.1): 1.0})
    draws = draw_chain(network.build(), [step.result_id], n=1000, seed=3, functions={})
    assert summarize(draws, step.result_id).standard_uncertainty is not None


def test_moments_are_withheld_only_where_the_few_degrees_matter() -> None:
    network = NetworkBuilder()
    few = network.leaf("few", 1.0, 0.1, dof=1)
    exact = network.leaf("exact", 1.0, 0.0, dof=1)
    bounded = network.leaf("bounded", 1.0, 0.1, dof=1, distribution=Distribution.RECTANGULAR)
    many = network.leaf("many", 1.0, 0.1, dof=9)
    touched = network.expression("a * b", a=few, b=many)
    child = network.linear({touched: 1.0})
    free = network.linear({many: 1.0, exact: 1.0, bounded: 1.0})
    ids = [one.result_id for one in (touched, child, free)]
    draws = draw_chain(network.build(), ids, n=1000, seed=3, functions={})
    assert [draws.lowest_degrees_of_freedom[i] for i in ids] == [1.0, 1.0, 9.0]
    assert summarize(draws, free.result_id).standard_uncertainty is not None
    assert summarize(draws, child.result_id).standard_uncertainty is None


@pytest.mark.parametrize("counts", [0.0, 1.0, 100.0])
def test_counts_draw_the_posterior_of_their_mean(counts: float) -> None:
    """Gamma of shape n + 1/2: never negative, and zero counts still leave an uncertainty."""
    draws = one_leaf(Distribution.COUNTS, x=counts, u=math.sqrt(counts))
    shape = counts + 0.5
    assert float(np.min(draws)) > 0.0
    se = math.sqrt(shape / N)
    assert float(np.mean(draws)) == pytest.approx(shape, abs=5.0 * se)
    spread = math.sqrt((2.0 + 6.0 / shape) / N)  # relative sd of a gamma's sample variance
    assert float(np.var(draws)) == pytest.approx(shape, rel=5.0 * spread)


def test_zero_counts_have_an_upper_limit_and_not_zero_uncertainty() -> None:
    network = NetworkBuilder()
    leaf = network.leaf("n", 0.0, 0.0, distribution=Distribution.COUNTS)
    rate = network.expression("n / 10", n=leaf)
    draws = draw_chain(network.build(), [rate.result_id], n=N, seed=3, functions={})
    summary = summarize(draws, rate.result_id)
    assert standard_uncertainty(network.build(), rate.result_id) == 0.0  # the linear form's no
    exact = special.gammaincinv(0.5, [0.025, 0.975]) / 10.0
    assert summary.high == pytest.approx(exact[1], rel=0.02)
    assert summary.low == pytest.approx(exact[0], rel=0.1)
    assert summary.standard_uncertainty == pytest.approx(math.sqrt(0.5) / 10.0, rel=0.02)


def pair(
    matrix: ArrayLike,
    *,
    kind: BlockKind = BlockKind.DECLARED,
    dof: float = math.inf,
    distribution: Distribution = Distribution.NORMAL,
) -> list[Array]:
    """Return draws of correlated inputs with u = 1 around 0."""
    network = NetworkBuilder()
    n = len(np.asarray(matrix))
    leaves = [network.leaf(f"x{k}", 0.0, 1.0, dof=dof, distribution=distribution) for k in range(n)]
    network.correlate(leaves, matrix, kind=kind, dof=dof)
    return drawn(network, *(network.linear({leaf: 1.0}) for leaf in leaves))


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.0, 0.6, 1.0])
def test_declared_coefficients_are_drawn(r: float) -> None:
    x, y = pair([[1.0, r], [r, 1.0]])
    assert coefficient(x, y) == pytest.approx(r, abs=R_TOLERANCE * (1 - r * r) + 1e-9)
    for one in (x, y):
        assert float(np.std(one)) == pytest.approx(1.0, rel=U_TOLERANCE)


def test_a_block_keeps_the_distributions_of_its_members() -> None:
    """Gaussian copula: the coefficient of the normal scores is r, of rectangles 6/pi asin r/2."""
    x, y = pair([[1.0, 0.6], [0.6, 1.0]], distribution=Distribution.RECTANGULAR)
    assert float(np.max(np.abs(x))) <= math.sqrt(3.0)
    expected = 6.0 / math.pi * math.asin(0.3)
    assert coefficient(x, y) == pytest.approx(expected, abs=R_TOLERANCE)


def test_three_inputs_of_one_cause_are_one_variable() -> None:
    x, y, z = pair(np.ones((3, 3)))
    assert np.allclose(x, y, atol=1e-7)
    assert np.allclose(x, z, atol=1e-7)


def test_unconnected_members_of_a_declared_matrix_are_drawn_apart() -> None:
    x, y, z = pair([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]], dof=4.0)
    assert abs(coefficient(x, z)) < 3 * R_TOLERANCE
    # A t of its own: sizes are independent too, unlike in an ensemble.
    assert abs(coefficient_of_sizes(x, z)) < R_TOLERANCE
    assert y.shape == (N,)


@pytest.mark.parametrize("r", [0.0, 0.7])
def test_an_ensemble_draws_one_joint_t(r: float) -> None:
    """Any combination of the means of one sample is a t with the sample's degrees of freedom.

    With one degree of freedom the sum of two independent t would be sqrt(2) times as wide.
    """
    x, y = pair([[1.0, r], [r, 1.0]], kind=BlockKind.ENSEMBLE, dof=1.0)
    scale = math.sqrt(2.0 + 2.0 * r)
    for combined in ((x + y) / scale, x, y):
        for probability in (0.6, 0.75, 0.9, 0.975):
            quantile = float(special.stdtrit(1.0, probability))
            below = float(np.mean(combined <= quantile))
            assert below == pytest.approx(probability, abs=2.5 / math.sqrt(N))


def test_the_sizes_in_an_ensemble_go_together_even_uncorrelated() -> None:
    together = pair(np.eye(2), kind=BlockKind.ENSEMBLE, dof=3.0)
    apart = pair(np.eye(2), kind=BlockKind.DECLARED, dof=3.0)
    assert coefficient_of_sizes(*together) > 0.1
    assert abs(coefficient_of_sizes(*apart)) < R_TOLERANCE


def test_an_ensemble_of_very_many_observations_is_normal() -> None:
    x, y = pair([[1.0, 0.5], [0.5, 1.0]], kind=BlockKind.ENSEMBLE, dof=math.inf)
    assert float(np.std(x + y)) == pytest.approx(math.sqrt(3.0), rel=U_TOLERANCE)


def test_draws_do_not_depend_on_the_signs_of_eigenvectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another linear algebra library may return the same eigenvectors with other signs."""
    matrix = [[1.0, 0.5, 0.2], [0.5, 1.0, 0.3], [0.2, 0.3, 1.0]]
    here = pair(matrix)
    eigh = np.linalg.eigh

    def elsewhere(a: Array) -> tuple[Array, Array]:
        values, vectors = eigh(a)
        return values, vectors * np.array([-1.0, 1.0, -1.0])

    monkeypatch.setattr(np.linalg, "eigh", elsewhere)
    there = pair(matrix)
    for one, other in zip(here, there, strict=True):
        assert np.allclose(one, other, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 3.0), st.floats(-2.0, 2.0)), min_size=2, max_size=5),
    st.integers(0, 2**32),
)
def test_on_a_linear_model_draws_and_sweep_agree(
    parts: list[tuple[float, float]], seed: int
) -> None:
    n = 20_000
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 1.0, u) for k, (u, _) in enumerate(parts)]
    network.correlate(leaves[:2], [[1.0, 0.4], [0.4, 1.0]])
    weights: dict[Source, float] = {
        leaf: c + 2.5 for leaf, (_, c) in zip(leaves, parts, strict=True)
    }
    top = network.linear(weights)
    other = network.linear({top: 2.0, leaves[-1]: 1.0})
    ids = [top.result_id, other.result_id]
    final = network.build()
    draws = draw_chain(final, ids, n=n, seed=seed, functions={})

    expected = covariance(final, ids)
    got = np.cov(np.stack([draws.values[i] for i in ids]))
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.all(np.abs(got - expected) <= 6.0 * math.sqrt(2.0 / n) * scale)
    for i in ids:
        mean = summarize(draws, i).mean
        tolerance = 6.0 * standard_uncertainty(final, i) / math.sqrt(n)
        assert mean == pytest.approx(final.result(i).value, abs=tolerance)


def test_stored_models_are_run_again_and_not_only_their_sensitivities() -> None:
    """y = x^2 at 0 with u = 1: the linear u is 0; the draws are a chi-square, mean 1, u sqrt 2."""
    network = NetworkBuilder()
    y = network.expression("x ^ 2", x=network.leaf("x", 0.0, 1.0))
    draws = draw_chain(network.build(), [y.result_id], n=N, seed=4, functions={})
    summary = summarize(draws, y.result_id)
    assert standard_uncertainty(network.build(), y.result_id) == 0.0
    assert summary.mean == pytest.approx(1.0, abs=5.0 * math.sqrt(2.0 / N))
    assert summary.standard_uncertainty == pytest.approx(math.sqrt(2.0), rel=0.03)


def test_a_function_model_is_handed_in_by_metric_and_version() -> None:
    def square(x: Array) -> Array:
        return x * x

    network = NetworkBuilder()
    y = network.function("demo.square", square, x=network.leaf("x", 3.0, 0.01))
    final = network.build()
    draws = draw_chain(final, [y.result_id], n=N, seed=4, functions={"demo.square@1": square})
    summary = summarize(draws, y.result_id)
    assert summary.standard_uncertainty == pytest.approx(0.06, rel=U_TOLERANCE)
    with pytest.raises(IntegrityError, match=r"demo\.square@1"):
        draw_chain(final, [y.result_id], n=N, seed=4, functions={"demo.square@2": square})


def test_a_shared_ancestor_is_drawn_once() -> None:
    network = NetworkBuilder()
    top = network.expression("x", x=network.leaf("x", 1.0, 0.2))
    one, other = network.expression("exp(a)", a=top), network.expression("ln(a)", a=top)
    difference = network.expression("ln(p) - exp(q)", p=one, q=other)
    (draws,) = drawn(network, difference)
    assert np.allclose(draws, 0.0, atol=1e-12)


def test_results_without_uncertain_arguments_are_constant() -> None:
    network = NetworkBuilder()
    constant = network.add(7.0, Model(ModelKind.LINEAR), ())
    product = network.expression("2 * 3 * k", k=constant)
    first, second = drawn(network, constant, product, n=1000)
    assert np.array_equal(first, np.full(1000, 7.0))
    assert np.array_equal(second, np.full(1000, 42.0))


def test_inputs_enter_by_identity_and_not_by_name() -> None:
    network = NetworkBuilder()
    one, other = network.leaf("x", 0.0, 1.0), network.leaf("x", 0.0, 1.0)
    a, b, c = (network.linear({leaf: 1.0}) for leaf in (one, other, one))
    x, y, z = drawn(network, a, b, c)
    assert np.array_equal(x, z)
    assert abs(coefficient(x, y)) < R_TOLERANCE


def normal_draws(n: int) -> tuple[Draws, int]:
    """Return n draws of one standard normal result."""
    network = NetworkBuilder()
    step = network.linear({network.leaf("x", 0.0, 1.0): 1.0})
    draws = draw_chain(network.build(), [step.result_id], n=n, seed=2, functions={})
    return draws, step.result_id


def test_a_summary_states_how_it_was_made() -> None:
    draws, result = normal_draws(N)
    summary = summarize(draws, result, coverage_probability=0.9)
    assert (summary.n, summary.seed, summary.coverage_probability) == (N, 2, 0.9)
    assert summary.high == pytest.approx(1.6448536, abs=0.03)
    assert summary.low == pytest.approx(-1.6448536, abs=0.03)
    assert (draws.bit_generator, summary.note) == ("PCG64", "")
    assert "52-bit" in draws.transforms


@pytest.mark.parametrize("probability", [0.0, 1.0, 95.0, math.nan])
def test_a_probability_that_is_none_is_refused(probability: float) -> None:
    draws, result = normal_draws(1000)
    with pytest.raises(InputError, match="between 0 and 1"):
        summarize(draws, result, coverage_probability=probability)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="say nothing"):
        normal_draws(1)
    draws, result = normal_draws(30)
    with pytest.raises(InputError, match="cannot place the ends"):
        summarize(draws, result)


def test_draws_that_leave_the_model_are_counted_and_refused() -> None:
    """A mean over what is left would be a quiet lie."""
    network = NetworkBuilder()
    y = network.expression("sqrt(x)", x=network.leaf("x", 1.0, 0.5))
    draws = draw_chain(network.build(), [y.result_id], n=10_000, seed=4, functions={})
    with pytest.raises(InputError, match=r"no finite value for \d+ of 10000 draws"):
        summarize(draws, y.result_id)


def test_a_damaged_network_is_not_drawn() -> None:
    network = NetworkBuilder()
    leaf = network.leaf("x", 1.0, 0.1)
    step = network.add(1.0, Model(ModelKind.LINEAR), (Argument("x", 1.0, input_id=9),))
    with pytest.raises(IntegrityError, match="input quantity 9"):
        drawn(network, step)
    assert isinstance(leaf, Leaf)
    fine = network.linear({leaf: 1.0})
    final = network.build()
    rest = replace(final, results={step.result_id: final.results[step.result_id]})
    with pytest.raises(IntegrityError, match=f"result {fine.result_id}"):
        draw_chain(rest, [fine.result_id], n=10, seed=1, functions={})
