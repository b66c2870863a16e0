"""Guard bands: by a multiple of U, by a risk, by the test uncertainty ratio."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.uncertainty.distributions import gamma_counts
from qtrace.uncertainty.global_risk import global_risk
from qtrace.uncertainty.guard_bands import (
    TurMethod,
    acceptance_factor,
    band_of_multiple,
    global_risk_band,
    method_6_multiplier,
    specific_risk_bands,
    uncertainty_ratio,
)
from qtrace.uncertainty.posterior import normal_shape, shape_of
from qtrace.uncertainty.priors import normal_prior
from qtrace.uncertainty.risk import specific_risk

INF = math.inf
SOLVED = 1e-9


def test_a_multiple_of_u() -> None:
    assert band_of_multiple(0.83, 2.0) == pytest.approx(1.66)
    with pytest.raises(InputError):
        band_of_multiple(-1.0, 2.0)
    with pytest.raises(InputError):
        band_of_multiple(1.0, math.nan)


def test_one_sided_bands_are_quantiles() -> None:
    low, high = specific_risk_bands(normal_shape(7.0, 2.0), -INF, 10.0, risk=0.025)
    assert low == high == pytest.approx(2.0 * 1.959964, rel=1e-6)
    t = normal_shape(7.0, 2.0, degrees_of_freedom=9.0)
    assert specific_risk_bands(t, 0.0, INF, risk=0.05)[0] == pytest.approx(
        2.0 * float(stats.t.ppf(0.95, 9)), rel=SOLVED
    )


@given(st.floats(1.0, 40.0), st.floats(0.001, 0.5), st.sampled_from([INF, 5.0]))
def test_at_the_acceptance_limit_the_risk_is_the_one_agreed(
    width: float, risk: float, dof: float
) -> None:
    shape = normal_shape(0.0, 1.0, degrees_of_freedom=dof)
    band, other = specific_risk_bands(shape, 0.0, width, risk=risk)
    assert band == other
    if band >= width / 2.0 + 1e-9:  # nothing can be accepted: the middle is too risky already
        middle = normal_shape(width / 2.0, 1.0, degrees_of_freedom=dof)
        assert specific_risk(middle, 0.0, width).fails > risk
        return
    at_limit = normal_shape(width - band, 1.0, degrees_of_freedom=dof)
    assert specific_risk(at_limit, 0.0, width).fails <= risk * (1.0 + SOLVED) + 1e-12


def test_a_skew_posterior_has_a_wider_band_towards_its_tail() -> None:
    few = shape_of(gamma_counts(2, exposure=1.0))
    low, high = specific_risk_bands(few, 0.0, 30.0, risk=0.025)
    assert high > 1.5 * low
    assert few.estimate + high == pytest.approx(float(stats.gamma.ppf(0.975, 2.5)), rel=SOLVED)
    assert specific_risk_bands(normal_shape(1.0, 0.0), 0.0, 2.0, risk=0.1) == (0.0, 0.0)


def test_a_band_for_a_global_risk_of_accepted_items() -> None:
    prior = normal_prior(0.0, 0.6)
    band = global_risk_band(prior, -1.0, 1.0, u=0.2, risk=0.01, of="accepted")
    found = global_risk(prior, -1.0, 1.0, u=0.2, acceptance=(-1.0 + band, 1.0 - band))
    assert found.consumer_of_accepted == pytest.approx(0.01, rel=1e-6)
    assert band > global_risk_band(prior, -1.0, 1.0, u=0.2, risk=0.01)


def test_where_simple_acceptance_will_do_there_is_no_band() -> None:
    assert global_risk_band(normal_prior(0.0, 0.2), -1.0, 1.0, u=0.05, risk=0.02) == 0.0


def test_a_risk_that_no_band_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match="no guard band"):
        global_risk_band(normal_prior(0.0, 3.0), -1.0, 1.0, u=3.0, risk=0.001, of="accepted")


def test_one_sided_tolerances_have_a_global_band_too() -> None:
    prior = normal_prior(0.0, 0.6)
    band = global_risk_band(prior, -INF, 1.0, u=0.2, risk=0.005)
    found = global_risk(prior, -INF, 1.0, u=0.2, acceptance=(-INF, 1.0 - band))
    assert found.consumer == pytest.approx(0.005, rel=1e-6)


def test_formulas_never_accept_beyond_the_tolerance_nor_below_nothing() -> None:
    assert acceptance_factor(TurMethod.RP_10, 10.0) == 1.0
    assert acceptance_factor(TurMethod.METHOD_6, 10.0) == 1.0
    assert acceptance_factor(TurMethod.RSS, 0.5) == 0.0
    assert acceptance_factor(TurMethod.SUBTRACT, 0.5) == 0.0
    assert method_6_multiplier(4.6) < 1e-2
    assert method_6_multiplier(5.0) == 0.0


def test_the_ratio_is_half_the_tolerance_over_u_and_needs_two_limits() -> None:
    assert uncertainty_ratio(-2.0, 4.0, 1.5) == 2.0
    for low, high, expanded in ((-INF, 1.0, 1.0), (1.0, 0.0, 1.0), (0.0, 1.0, 0.0)):
        with pytest.raises(InputError):
            uncertainty_ratio(low, high, expanded)
    for ratio in (0.0, math.nan, INF):
        with pytest.raises(InputError):
            acceptance_factor(TurMethod.RSS, ratio)
        with pytest.raises(InputError):
            method_6_multiplier(ratio)


@pytest.mark.parametrize("risk", [0.0, -0.1, 0.6, math.nan])
def test_no_risk_to_agree_on(risk: float) -> None:
    with pytest.raises(InputError, match="none to agree on"):
        specific_risk_bands(normal_shape(0.0, 1.0), -1.0, 1.0, risk=risk)
    with pytest.raises(InputError, match="none to agree on"):
        global_risk_band(normal_prior(0.0, 1.0), -1.0, 1.0, u=0.1, risk=risk)
