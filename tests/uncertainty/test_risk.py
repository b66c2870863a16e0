"""Specific risks from the distribution that belongs to a result."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.uncertainty.conformity import conformance_probability, nonconformance_probability
from qtrace.uncertainty.distributions import (
    UNIFORM_COUNTS,
    beta_proportion,
    gamma_counts,
    rectangular,
)
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Draws, Level, Shape, normal_shape, shape_of
from qtrace.uncertainty.risk import LIMIT_FLAG, UncertainLimits, specific_risk

ROUNDING = 1e-12
INF = math.inf
# Isolation of 173 dB with u = 3 dB against a limit of 170 dB: a transmittance of -173 dB.
TRANSMITTANCE = Level(Shape(Distribution.NORMAL, -173.0, 3.0), "power")


def test_a_level_is_judged_in_its_own_scale() -> None:
    assert specific_risk(Shape(Distribution.NORMAL, 173.0, 3.0), 170.0, INF).fails == (
        pytest.approx(0.1587, abs=5e-5)  # Phi(-1): 15.9 %
    )
    assert specific_risk(TRANSMITTANCE, -INF, 1e-17).fails == pytest.approx(0.1587, abs=5e-5)
    # Value and u converted to the transmittance (69 %), and called normal, would say 7.5 %.
    ratio = 10.0**-17.3
    converted = normal_shape(ratio, ratio * 3.0 * math.log(10.0) / 10.0)
    assert specific_risk(converted, -INF, 1e-17).fails == pytest.approx(0.075, abs=5e-4)


def test_a_level_of_amplitudes_counts_double() -> None:
    field = Level(Shape(Distribution.NORMAL, 43.0, 3.0), "amplitude")
    assert specific_risk(field, 100.0, INF).fails == pytest.approx(0.158655, abs=1e-6)
    assert field.quantile(0.5) == pytest.approx(10.0 ** (43.0 / 20.0), rel=ROUNDING)
    assert specific_risk(field, 0.0, INF).fails == 0.0  # minus infinity in dB


def test_zero_counts_have_the_risk_of_their_posterior_not_of_phi() -> None:
    # Exact 95 % upper limit of zero counts in T with a uniform prior is 3.00 / T.
    none = shape_of(gamma_counts(0, exposure=100.0, prior=UNIFORM_COUNTS))
    assert specific_risk(none, -INF, 0.0299573).fails == pytest.approx(0.05, rel=1e-5)
    # Phi with the moments of the same posterior would claim half of that.
    phi = normal_shape(none.estimate, none.standard_uncertainty)
    assert specific_risk(phi, -INF, 0.0299573).fails == pytest.approx(0.0230, abs=1e-3)


def test_a_proportion_keeps_inside_zero_and_one() -> None:
    found = specific_risk(shape_of(beta_proportion(0, 100)), -INF, 0.0295)
    assert found.fails == pytest.approx(float(stats.beta.sf(0.0295, 0.5, 100.5)), rel=1e-9)
    assert found.basis == "specific; beta"


@given(st.floats(-10, 10), st.floats(0.01, 5), st.sampled_from([INF, 9.0, 2.5]), st.floats(0.1, 20))
def test_normal_and_t_are_what_conformity_says(
    y: float, u: float, dof: float, width: float
) -> None:
    risk = specific_risk(normal_shape(y, u, degrees_of_freedom=dof), -width, width)
    options = {"value": y, "standard_uncertainty": u, "degrees_of_freedom": dof}
    assert risk.conforms == pytest.approx(
        conformance_probability(-width, width, **options), rel=1e-9, abs=1e-300
    )
    assert risk.fails == pytest.approx(
        nonconformance_probability(-width, width, **options), rel=1e-9, abs=1e-300
    )


def test_draws_state_their_standard_error_and_lost_draws_fail_once() -> None:
    drawn = Draws.of(np.linspace(0.0, 1.0, 10_001))
    risk = specific_risk(drawn, 0.1, 0.95)
    assert risk.fails == pytest.approx(0.15, abs=2e-4)
    assert risk.standard_error == pytest.approx(math.sqrt(0.15 * 0.85 / 10_001), rel=1e-2)
    lost = Draws.of(np.append(np.linspace(0.0, 1.0, 900), [math.nan] * 100))
    assert specific_risk(lost, -0.5, 2.0).fails == pytest.approx(0.1, abs=ROUNDING)
    assert specific_risk(lost, -0.5, INF).fails == pytest.approx(0.1, abs=ROUNDING)
    assert 0.0 < drawn.standard_error(0.0) < 1e-3  # no draw beyond is not no risk
    with pytest.raises(InputError, match="too few"):
        Draws.of(np.zeros(99))


def test_a_limit_with_uncertainty_is_judged_by_the_difference_and_flagged() -> None:
    y = normal_shape(1.0, 0.3)
    exact = specific_risk(y, -INF, 1.5)
    own = specific_risk(y, -INF, 1.5, limits=UncertainLimits(u_high=0.4))
    assert exact.flags == ()
    assert own.flags == (LIMIT_FLAG,)
    assert own.fails == pytest.approx(float(stats.norm.sf(1.0)), rel=1e-9)  # u = 0.5
    # Limit and result from one standard: what is common cancels.
    common = UncertainLimits(u_high=0.4, covariance_high=0.5 * 0.3 * 0.4)
    u = math.sqrt(0.09 + 0.16 - 0.12)
    assert specific_risk(y, -INF, 1.5, limits=common).fails == pytest.approx(
        float(stats.norm.sf(0.5 / u)), rel=1e-9
    )


def test_an_uncertain_limit_works_for_every_shape() -> None:
    """Against the normal path, and against draws of a rectangular minus a normal."""
    drawn = Draws.of(stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    by_draws = specific_risk(drawn, -1.0, INF, limits=UncertainLimits(u_low=0.5))
    assert by_draws.fails == pytest.approx(
        float(stats.norm.cdf(-1.0 / math.hypot(1.0, 0.5))), abs=1e-5
    )
    flat = shape_of(rectangular(0.0, 1.0))
    limits = UncertainLimits(u_high=0.001)
    assert specific_risk(flat, -INF, 0.5, limits=limits).fails == pytest.approx(0.25, abs=1e-6)
    with pytest.raises(InputError, match="covariance"):
        specific_risk(flat, -INF, 0.5, limits=UncertainLimits(u_high=0.1, covariance_high=1e-3))


def test_an_exact_value_at_its_limit_conforms() -> None:
    for low, high in ((1.0, INF), (-INF, 1.0), (1.0, 2.0)):
        risk = specific_risk(normal_shape(1.0, 0.0), low, high)
        assert (risk.conforms, risk.fails) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("low", "high", "what"),
    [
        pytest.param(2.0, 1.0, "not below", id="reversed"),
        pytest.param(1.0, 1.0, "not below", id="nothing between"),
        pytest.param(math.nan, 1.0, "not a number", id="NaN"),
        pytest.param(-INF, INF, "everything", id="no limit"),
    ],
)
def test_limits_that_enclose_nothing_are_refused(low: float, high: float, what: str) -> None:
    with pytest.raises(InputError, match=what):
        specific_risk(normal_shape(0.0, 1.0), low, high)


@pytest.mark.parametrize(
    "fields",
    [{"u_low": -1.0}, {"u_high": math.nan}, {"covariance_low": 1.0}],
    ids=["negative", "NaN", "covariance with an exact limit"],
)
def test_limits_with_an_impossible_u_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InputError):
        UncertainLimits(**fields)


def test_impossible_results_and_covariances_are_refused() -> None:
    with pytest.raises(InputError, match="is no result"):
        normal_shape(1.0, -0.1)
    with pytest.raises(InputError, match="more than u"):
        specific_risk(
            normal_shape(0.0, 1.0), -INF, 1.0, limits=UncertainLimits(u_high=1.0, covariance_high=2)
        )
