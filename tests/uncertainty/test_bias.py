"""Known errors: larger U, risks of the corrected value, guard bands on the side that matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm

from qtrace.uncertainty.bias import enlarged, outward, without_bias
from qtrace.uncertainty.distributions import gamma_counts
from qtrace.uncertainty.posterior import Draws, normal_shape, shape_of
from qtrace.uncertainty.risk import specific_risk

INF = float("inf")
EXACT = 1e-9


def test_a_normal_a_skew_shape_and_draws_are_moved_alike() -> None:
    normal = specific_risk(without_bias(normal_shape(1.203, 0.004), 0.012), 1.19, INF)
    assert normal.fails == pytest.approx(float(norm.cdf(-0.25)), rel=EXACT)
    shape = shape_of(gamma_counts(3, exposure=10.0))
    moved = without_bias(shape, 0.1)
    known = gamma(shape.parameters[0], scale=1.0 / shape.parameters[1])
    assert specific_risk(moved, -INF, 0.4).fails == pytest.approx(known.sf(0.5), rel=1e-6)
    assert moved.quantile(0.9) == pytest.approx(known.ppf(0.9) - 0.1, rel=1e-6)
    assert moved.basis == shape.basis
    draws = Draws.of(np.linspace(0.0, 1.0, 1001))
    assert specific_risk(without_bias(draws, 0.25), 0.0, INF).fails == pytest.approx(0.25, abs=1e-3)


@given(bias=st.floats(-10.0, 10.0))
def test_u_grows_on_both_sides_and_a_band_never_shrinks(bias: float) -> None:
    assert enlarged((1.0, 2.0), bias) == (1.0 + abs(bias), 2.0 + abs(bias))
    low, high = outward(bias)
    assert min(low, high) == 0.0
    assert low - high == bias


def test_nothing_known_changes_nothing() -> None:
    shape = normal_shape(1.0, 0.1)
    assert without_bias(shape, 0.0) is shape
