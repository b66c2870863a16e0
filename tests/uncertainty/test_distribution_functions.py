"""Distribution functions are the inverse of the quantiles, in both tails."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty import distributions as d
from qtrace.uncertainty.distribution_functions import distribution_function
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Shape, shape_of
from qtrace.uncertainty.quantiles import quantile

SHAPES = {
    "normal": Shape(Distribution.NORMAL, 1.0, 0.2),
    "t 3": Shape(Distribution.T, 1.0, 0.2, (), 3.0),
    "rectangular": shape_of(d.rectangular(1.0, 0.3)),
    "triangular": shape_of(d.triangular(1.0, 0.3)),
    "trapezoidal": shape_of(d.trapezoidal(1.0, 0.3, top_half_width=0.1)),
    "trapezoid without flanks": shape_of(d.trapezoidal(1.0, 0.3, top_half_width=0.3)),
    "curvilinear": shape_of(d.curvilinear_trapezoid(1.0, 0.3, half_width_uncertainty=0.1)),
    "curvilinear to a point": shape_of(
        d.curvilinear_trapezoid(1.0, 0.3, half_width_uncertainty=0.3)
    ),
    "curvilinear, exact width": shape_of(
        d.curvilinear_trapezoid(1.0, 0.3, half_width_uncertainty=0.0)
    ),
    "u-shaped": shape_of(d.u_shaped(1.0, 0.3)),
    "exponential": shape_of(d.exponential(1.0, bound=0.2)),
    "exponential, upper bound": shape_of(d.exponential(1.0, bound=1.7)),
    "counts": Shape(Distribution.COUNTS, 3.0, math.sqrt(3.0)),
    "gamma": shape_of(d.gamma_counts(0, exposure=250.0)),
    "beta": shape_of(d.beta_proportion(2, 50)),
    "truncated": shape_of(d.truncated_normal(0.99, 0.02, upper=1.0)),
    "truncated far out": shape_of(d.truncated_normal(0.0, 1.0, lower=4.0)),
    "lognormal": shape_of(d.lognormal(1.0, 0.5)),
}
PROBABILITIES = np.array([1e-10, 1e-4, 0.025, 0.3, 0.5, 0.7, 0.975, 1.0 - 1e-4, 1.0 - 1e-10])
# A quantile is known to rounding of its value; steep functions turn that into a few parts in 1e9.
INVERSE = 1e-8


@pytest.mark.parametrize("name", SHAPES)
def test_it_undoes_the_quantile(name: str) -> None:
    shape = SHAPES[name]
    below, above = distribution_function(shape, quantile(shape, PROBABILITIES))
    assert below == pytest.approx(PROBABILITIES, abs=INVERSE)
    assert above == pytest.approx(1.0 - PROBABILITIES, abs=INVERSE)
    if name != "u-shaped":  # its quantile there is the edge itself, to the last digit
        assert below[0] == pytest.approx(1e-10, rel=1e-3)


@pytest.mark.parametrize("name", SHAPES)
def test_infinity_is_beyond_everything(name: str) -> None:
    below, above = distribution_function(SHAPES[name], np.array([-math.inf, -1e9, 1e9, math.inf]))
    assert below == pytest.approx([0.0, 0.0, 1.0, 1.0], abs=1e-20 if name != "t 3" else 1e-27)
    assert above == pytest.approx([1.0, 1.0, 0.0, 0.0], abs=1e-20 if name != "t 3" else 1e-27)


@given(st.sampled_from(sorted(SHAPES)), st.lists(st.floats(-2.0, 4.0), min_size=2, max_size=9))
def test_it_never_falls_and_the_tails_add_up(name: str, limits: list[float]) -> None:
    below, above = distribution_function(SHAPES[name], np.sort(np.array(limits)))
    assert bool((np.diff(below) >= -1e-15).all())
    assert below + above == pytest.approx(np.ones(len(limits)), abs=1e-12)


def test_a_small_upper_tail_keeps_its_digits() -> None:
    _, above = distribution_function(SHAPES["normal"], np.array([1.0 + 10.0 * 0.2]))
    assert above[0] == pytest.approx(7.61985302416e-24, rel=1e-9)  # Phi(-10), tables


def test_an_exact_quantity_lies_at_its_estimate() -> None:
    below, above = distribution_function(Shape(Distribution.NORMAL, 2.0, 0.0), np.array([1.9, 2.0]))
    assert below.tolist() == [0.0, 1.0]
    assert above.tolist() == [1.0, 0.0]


def test_bad_questions_are_refused() -> None:
    with pytest.raises(InputError, match="not a number"):
        distribution_function(SHAPES["normal"], np.array([math.nan]))
    with pytest.raises(InputError, match="parameters"):
        distribution_function(Shape(Distribution.GAMMA, 1.0, 1.0), np.array([0.5]))
