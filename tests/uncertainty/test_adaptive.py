"""Adaptive draws: they stop when told, say so when they cannot, and repeat exactly.

Seeds are fixed; tolerances are five standard deviations of the sampled figure.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import NetworkBuilder
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from qtrace.errors import InputError
from qtrace.uncertainty.adaptive import (
    adaptive_figure,
    block_seed,
    block_size,
    draw_block,
    draw_figure,
    fixed_figure,
)
from qtrace.uncertainty.coverage_interval import IntervalKind, OutsideDomainError
from qtrace.uncertainty.domain import draw_chain_counting, value_or_nan
from qtrace.uncertainty.drawn_figure import (
    DrawPlan,
    block_figures,
    numerical_tolerance,
    tolerance_of,
)
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind

Array = NDArray[np.float64]
ONE_DIGIT = DrawPlan(digits=1)
ONE = 1  # id of the only result


def normal(*, dof: float = math.inf, u: float = 2.0) -> Network:
    """Return one result that is one input of u = 2."""
    network = NetworkBuilder()
    network.linear({network.leaf("x", 10.0, u, dof=dof): 1.0})
    return network.build()


def root(x: float, u: float) -> Network:
    """Return the root of one input; below zero it has no value."""
    network = NetworkBuilder()
    network.expression("sqrt(x)", x=network.leaf("x", x, u))
    return network.build()


@pytest.mark.parametrize(
    ("value", "digits", "tolerance"),
    [
        (0.00035, 2, 0.5e-5),  # 35 x 10^-5, the example of 7.9.2
        (0.00035, 1, 0.5e-4),
        (2.0, 2, 0.05),  # 9.2: 20 x 10^-1
        (0.0754, 1, 0.005),  # 9.3: 8 x 10^-2
        (0.0996, 2, 0.005),  # rounds to 10 x 10^-2, not to 100 x 10^-3
        (0.0994, 2, 0.0005),
        (-35.0, 1, 5.0),
        (0.0, 2, 0.0),
    ],
)
def test_the_tolerance_is_half_of_the_last_meaningful_digit(
    value: float, digits: int, tolerance: float
) -> None:
    """JCGM 101, 7.9.2."""
    assert numerical_tolerance(value, digits) == tolerance


@given(st.floats(1e-300, 1e300), st.integers(1, 6))
def test_a_tolerance_keeps_its_place_whatever_the_scale(value: float, digits: int) -> None:
    tolerance = numerical_tolerance(value, digits)
    assert 0.5 * 10.0**-digits * 0.999 <= tolerance / value <= 5.0 * 10.0**-digits * 1.06


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_tolerance_without_a_number(value: float) -> None:
    with pytest.raises(InputError, match="no numerical tolerance"):
        numerical_tolerance(value, 2)
    with pytest.raises(InputError, match="no numerical tolerance"):
        numerical_tolerance(1.0, 0)


@pytest.mark.parametrize(
    ("p", "size"), [(0.95, 10_000), (0.99, 10_000), (0.995, 20_000), (0.9995, 200_000)]
)
def test_a_block_is_long_enough_for_its_tails(p: float, size: int) -> None:
    assert block_size(p) == size


def test_a_block_depends_on_root_seed_and_number_only() -> None:
    """Whoever runs the blocks, in which order, and how many others there are."""
    blocks = [3, 0, 2, 1]
    drawn = {
        b: draw_block(normal(), ONE, b, plan=ONE_DIGIT, seed=7, functions={}).draws.values[ONE]
        for b in blocks
    }
    short = adaptive_figure(
        normal(), ONE, plan=replace(ONE_DIGIT, least_blocks=4), seed=7, functions={}
    )
    joined = np.concatenate([drawn[b] for b in sorted(drawn)])
    assert short.n == len(joined) == 40_000
    assert short.mean == float(np.mean(joined))
    assert short.standard_uncertainty == float(np.std(joined, ddof=1))
    assert abs(float(np.corrcoef(drawn[0], drawn[1])[0, 1])) < 5.0 / math.sqrt(10_000)


def test_the_tolerance_is_that_of_u_over_all_draws_not_of_one_block() -> None:
    """Two blocks of u = 0.9 about -0.8 and 0.8: together u = 1.2."""
    values = np.random.default_rng(6).standard_normal((2, 20_000)) * 0.9
    values += np.array([[-0.8], [0.8]])
    plan = DrawPlan(digits=1)
    blocks = [block_figures(one, plan) for one in values]
    assert [numerical_tolerance(one.u, 1) for one in blocks] == [0.05, 0.05]
    assert float(np.std(values)) > 1.1
    assert tolerance_of(blocks, plan, moments=True) == 0.5


def test_block_seeds_are_pinned_and_differ() -> None:
    """Stored results name their root seed: another rule for the blocks would be another result."""
    assert block_seed(1, 0) == 0x4AC95C404FEA20F87503EF9461D5F260
    seeds = {block_seed(root, b) for root in range(20) for b in range(50)}
    assert len(seeds) == 1000
    for bad in ((-1, 0), (0, -1)):
        with pytest.raises(InputError, match="not negative"):
            block_seed(*bad)


@pytest.mark.parametrize("kind", IntervalKind)
def test_it_stops_as_soon_as_all_figures_are_stable(kind: IntervalKind) -> None:
    """Normal, u = 2, one digit: delta = 0.5, which the first ten blocks reach at once."""
    figure = adaptive_figure(
        normal(), ONE, plan=replace(ONE_DIGIT, kind=kind), seed=1, functions={}
    )
    assert figure.stabilised
    assert figure.blocks == 10
    assert figure.tolerance == 0.5
    assert figure.notes == ()
    assert figure.interval.kind is kind
    end = 5.0 * 2.0 * math.sqrt(0.025 * 0.975 / figure.n) / 0.05844
    assert figure.interval.width == pytest.approx(7.839856, abs=2.0 * end)


def test_it_goes_on_until_the_tolerance_is_met() -> None:
    """Two digits of u = 2 ask for 0.05; a fifth of it, 0.01, needs more than ten blocks."""
    plan = DrawPlan(divisor=5.0)
    figure = adaptive_figure(normal(), ONE, plan=plan, seed=1, functions={})
    assert figure.stabilised
    assert figure.tolerance == pytest.approx(0.01)
    assert figure.blocks > 10
    assert 2.0 * figure.standard_errors.largest() <= figure.tolerance
    fewer = replace(plan, most_draws=(figure.blocks - 1) * 10_000)
    assert not adaptive_figure(normal(), ONE, plan=fewer, seed=1, functions={}).stabilised
    # The stated scatter is honest: theory gives 2 s sqrt(p(1-p)/n)/f for the ends.
    theory = 2.0 * math.sqrt(0.025 * 0.975 / figure.n) / 0.05844
    assert figure.standard_errors.low == pytest.approx(theory, rel=0.5)


def test_where_it_cannot_become_stable_it_says_so() -> None:
    plan = DrawPlan(digits=4, most_draws=150_000)
    figure = adaptive_figure(normal(), ONE, plan=plan, seed=1, functions={})
    assert figure.stabilised is False
    assert figure.n == 150_000
    assert "not stabilised: after 150000 draws" in figure.notes[0]
    assert figure.mean == pytest.approx(10.0, abs=5.0 * 2.0 / math.sqrt(150_000))


def test_an_exact_result_is_stable_at_once() -> None:
    figure = adaptive_figure(normal(u=0.0), ONE, plan=DrawPlan(), seed=1, functions={})
    assert figure.stabilised
    assert figure.standard_uncertainty == 0.0
    assert (figure.interval.low, figure.interval.high) == (10.0, 10.0)


def test_without_moments_the_quantiles_alone_are_judged() -> None:
    """A t with one degree of freedom: the sample u never settles, the ends do."""
    figure = adaptive_figure(
        normal(dof=1.0), ONE, plan=replace(ONE_DIGIT, most_draws=600_000), seed=2, functions={}
    )
    assert figure.mean is None
    assert figure.standard_uncertainty is None
    assert figure.standard_errors.standard_uncertainty is None
    assert figure.stabilised
    assert "1 degrees of freedom" in figure.notes[0]
    half = 2.0 * float(special.stdtrit(1.0, 0.975))
    assert figure.interval.high - 10.0 == pytest.approx(half, abs=5.0 * figure.standard_errors.high)


def test_fixed_draws_are_those_of_the_chain_with_that_seed() -> None:
    figure = draw_figure(normal(), ONE, n=30_000, plan=DrawPlan(), seed=5, functions={})
    values = draw_chain(normal(), [ONE], n=30_000, seed=5, functions={}).values[ONE]
    assert figure.mean == float(np.mean(values))
    assert figure.stabilised is None
    theory = 2.0 / math.sqrt(30_000)
    assert figure.standard_errors.estimate == pytest.approx(theory, rel=0.8)


def test_no_number_of_draws_means_adaptive() -> None:
    figure = draw_figure(normal(), ONE, n=0, plan=ONE_DIGIT, seed=5, functions={})
    assert figure == adaptive_figure(normal(), ONE, plan=ONE_DIGIT, seed=5, functions={})


def test_draws_outside_the_domain_are_counted_and_said() -> None:
    """sqrt(x), x = 2 u: P(x < 0) = Phi(-2) = 2.275 %."""
    figure = adaptive_figure(root(1.0, 0.5), ONE, plan=ONE_DIGIT, seed=1, functions={})
    share = figure.outside_domain / figure.n
    expected = float(special.ndtr(-2.0))
    assert share == pytest.approx(expected, abs=5.0 * math.sqrt(expected / figure.n))
    assert f"{figure.outside_domain} of {figure.n} draws ({share:.2%})" in figure.notes[0]
    # The interval holds 95 % of ALL draws: what is lost shortens both tails alike.
    tail = (0.05 - share) / 2.0
    high = math.sqrt(1.0 + 0.5 * float(special.ndtri(1.0 - tail)))
    assert figure.interval.high == pytest.approx(high, abs=0.01)


def test_where_too_many_leave_the_domain_nothing_is_stated() -> None:
    with pytest.raises(InputError, match=r"no finite value for \d+ of 10000 draws \(15\.\d+%\)"):
        adaptive_figure(root(1.0, 1.0), ONE, plan=ONE_DIGIT, seed=1, functions={})


def efficiency(*, rate: Array) -> Array:
    """A function that refuses a whole array for one bad row, as checked physics does."""
    if np.any(rate < 0.0):
        raise InputError("a rate is not negative")
    return 1.0 / (1.0 + rate)


def test_a_function_that_refuses_an_array_loses_its_bad_rows_only() -> None:
    network = NetworkBuilder()
    network.function("efficiency", efficiency, rate=network.leaf("rate", 3.0, 1.0))
    with pytest.raises(InputError, match="a rate is not negative"):
        draw_chain(network.build(), [ONE], n=20_000, seed=3, functions={"efficiency@1": efficiency})
    counted = draw_chain_counting(
        network.build(), [ONE], n=20_000, seed=3, functions={"efficiency@1": efficiency}
    )
    expected = float(special.ndtr(-3.0))
    assert counted.reasons == ("a rate is not negative",)
    assert counted.share_outside(ONE) == pytest.approx(
        expected, abs=5.0 * math.sqrt(expected / 20_000)
    )
    values = counted.draws.values[ONE]
    assert np.count_nonzero(np.isnan(values)) == counted.outside[ONE] > 0
    assert np.nanmax(values) <= 1.0
    figure = fixed_figure(
        network.build(),
        ONE,
        n=20_000,
        plan=ONE_DIGIT,
        seed=3,
        functions={"efficiency@1": efficiency},
    )
    assert figure.outside_domain == counted.outside[ONE]
    assert "(a rate is not negative)" in figure.notes[0]


def test_where_a_function_refuses_every_draw_its_words_are_handed_on() -> None:
    def whole(*, n: Array) -> Array:
        if np.any(n != np.floor(n)):
            raise InputError("takes whole counts")
        return 2.0 * n

    network = NetworkBuilder()
    n = network.leaf("n", 9.0, 3.0)
    network.add(18.0, Model(ModelKind.FUNCTION, "whole", "1"), (Argument("n", 2.0, input_id=1),))
    assert n.input_id == 1
    for k in (0, 1000):  # adaptive, and a fixed number
        with pytest.raises(OutsideDomainError, match=r"\(100.000%\).*\(takes whole counts\)"):
            draw_figure(
                network.build(), ONE, n=k, plan=ONE_DIGIT, seed=1, functions={"whole@1": whole}
            )


@given(st.sets(st.integers(0, 199)))
def test_rows_are_lost_one_by_one_whichever_they_are(bad: set[int]) -> None:
    rows = np.arange(200.0)
    reasons: list[str] = []

    def picky(*, x: Array) -> Array:
        if bad & {int(one) for one in x}:
            raise InputError("refused")
        return 2.0 * x

    values = value_or_nan(picky, reasons)(x=rows)
    assert {int(one) for one in np.flatnonzero(np.isnan(values))} == bad
    kept = np.isfinite(values)
    assert np.array_equal(np.asarray(values)[kept], 2.0 * rows[kept])
    assert reasons == (["refused"] if bad else [])


def test_other_faults_of_a_function_are_not_swallowed() -> None:
    def broken(*, x: Array) -> Array:
        raise TypeError(x)

    with pytest.raises(TypeError):
        value_or_nan(broken, [])(x=np.arange(3.0))


@pytest.mark.parametrize(
    ("n", "seed", "what"), [(100, 1, "100 draws cannot"), (10_000, -1, "not negative")]
)
def test_what_cannot_be_drawn_is_refused(n: int, seed: int, what: str) -> None:
    with pytest.raises(InputError, match=what):
        fixed_figure(normal(), ONE, n=n, plan=DrawPlan(), seed=seed, functions={})
    with pytest.raises(InputError, match="two are the least"):
        adaptive_figure(normal(), ONE, plan=DrawPlan(least_blocks=1), seed=1, functions={})
