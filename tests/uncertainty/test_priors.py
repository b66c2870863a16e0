"""Priors, what is known after a measurement, and in-tolerance rates, true and observed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from qtrace.errors import InputError
from qtrace.uncertainty.distributions import gamma_counts, rectangular, truncated_normal
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Draws, Level, Shape, normal_shape, shape_of
from qtrace.uncertainty.priors import (
    PRIOR_FAMILIES,
    Bayes,
    InTolerance,
    after_measurement,
    normal_prior,
    observed_spread,
    prior_of_in_tolerance,
    prior_of_moments,
)
from qtrace.uncertainty.quantiles import quantile
from qtrace.uncertainty.risk import specific_risk

ROUNDING = 1e-11
X = np.array([0.5, 0.7, 0.9, 0.95, 0.99])


def test_two_normals_join_with_inverse_variances() -> None:
    joined = after_measurement(normal_prior(10.0, 2.0), 12.0, 1.0)
    assert isinstance(joined, Shape)
    assert joined.estimate == pytest.approx((10.0 / 4.0 + 12.0) / (1.0 / 4.0 + 1.0), rel=ROUNDING)
    assert joined.standard_uncertainty == pytest.approx(math.sqrt(1.0 / 1.25), rel=ROUNDING)


def test_a_uniform_prior_cuts_the_normal() -> None:
    joined = after_measurement(shape_of(rectangular(0.5, 0.5)), 0.9, 0.1)
    cut = shape_of(truncated_normal(0.9, 0.1, lower=0.0, upper=1.0))
    for ours, theirs in zip(joined.tails(X), cut.tails(X), strict=True):
        assert ours == pytest.approx(theirs, abs=ROUNDING)
    assert joined.quantile(0.3) == pytest.approx(cut.quantile(0.3), rel=ROUNDING)
    assert joined.basis == "rectangular prior with a normal measurement"


def test_quadrature_agrees_with_the_closed_form_for_two_normals() -> None:
    prior = normal_prior(0.8, 0.05)
    closed = after_measurement(prior, 0.9, 0.1)
    by_quadrature = Bayes.of(prior, 0.9, 0.1)
    for ours, theirs in zip(by_quadrature.tails(X), closed.tails(X), strict=True):
        assert ours == pytest.approx(theirs, abs=ROUNDING)


def test_a_gamma_prior_against_integration_of_the_product() -> None:
    prior = shape_of(gamma_counts(3, exposure=2.0))
    joined = after_measurement(prior, 2.5, 0.8)

    def product(y: float) -> float:
        return float(stats.gamma.pdf(y, 3.5, scale=0.5) * stats.norm.pdf(2.5, y, 0.8))

    whole = integrate.quad(product, 0.0, 12.0, epsabs=1e-13)[0]
    part = integrate.quad(product, 0.0, 2.0, epsabs=1e-13)[0]
    assert joined.tails(np.array([2.0]))[0][0] == pytest.approx(part / whole, abs=1e-9)


def test_draws_serve_as_a_prior() -> None:
    drawn = Draws.of(stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 0.8, 0.05))
    closed = after_measurement(normal_prior(0.8, 0.05), 0.9, 0.1)
    # The step function of 20 000 draws is right to about one step.
    assert after_measurement(drawn, 0.9, 0.1).tails(X)[0] == pytest.approx(
        closed.tails(X)[0], abs=1e-3
    )


def test_knowing_the_items_lowers_the_risk_of_a_result_near_the_limit() -> None:
    """A measured value at 0.95 T is less of a risk where items are known to scatter by T/3."""
    alone = specific_risk(normal_shape(0.95, 0.2), -1.0, 1.0)
    known = after_measurement(normal_prior(0.0, 1.0 / 3.0), 0.95, 0.2)
    assert specific_risk(known, -1.0, 1.0).fails < 0.5 * alone.fails


def test_true_and_observed_in_tolerance_rates_are_two_things() -> None:
    true = prior_of_in_tolerance(0.95, -1.0, 1.0, basis=InTolerance.TRUE, u=0.2)
    observed = prior_of_in_tolerance(0.95, -1.0, 1.0, basis=InTolerance.OBSERVED, u=0.2)
    assert specific_risk(true, -1.0, 1.0).conforms == pytest.approx(0.95, abs=1e-12)
    scatter = observed_spread(observed.standard_uncertainty, 0.2)
    assert scatter == pytest.approx(true.standard_uncertainty, rel=ROUNDING)
    assert observed.standard_uncertainty < true.standard_uncertainty


@pytest.mark.parametrize("family", PRIOR_FAMILIES)
def test_a_family_has_the_moments_it_was_made_from(family: str) -> None:
    prior = prior_of_moments(Distribution(family), 0.4, 0.1)
    p = (np.arange(200_000) + 0.5) / 200_000
    values = quantile(prior, p)
    assert float(values.mean()) == pytest.approx(0.4, rel=1e-4)  # a sum over 200 000 quantiles
    assert float(values.std()) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(
    ("family", "mean", "u"),
    [("gamma", -1.0, 0.1), ("beta", 1.2, 0.1), ("beta", 0.5, 0.6), ("t", 0.5, 0.1)],
)
def test_a_family_without_such_moments_is_refused(family: str, mean: float, u: float) -> None:
    with pytest.raises(InputError, match="prior has the mean"):
        prior_of_moments(Distribution(family), mean, u)


@given(st.floats(0.5, 0.999), st.floats(-5.0, 5.0), st.floats(0.1, 10.0))
def test_a_prior_has_the_rate_it_was_made_from(rate: float, middle: float, half: float) -> None:
    prior = prior_of_in_tolerance(rate, middle - half, middle + half, basis=InTolerance.TRUE, u=1.0)
    risk = specific_risk(prior, middle - half, middle + half)
    assert risk.conforms == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "low", "high", "u", "what"),
    [
        pytest.param(1.0, -1.0, 1.0, 0.1, "between 0 and 1", id="certainty"),
        pytest.param(math.nan, -1.0, 1.0, 0.1, "between 0 and 1", id="NaN"),
        pytest.param(0.9, -math.inf, 1.0, 0.1, "two limits", id="one-sided"),
        pytest.param(0.9, 1.0, -1.0, 0.1, "two limits", id="reversed"),
        pytest.param(0.95, -1.0, 1.0, 0.6, "alone scatters", id="u explains more than was seen"),
    ],
)
def test_rates_that_make_no_prior_are_refused(
    rate: float, low: float, high: float, u: float, what: str
) -> None:
    with pytest.raises(InputError, match=what):
        prior_of_in_tolerance(rate, low, high, basis=InTolerance.OBSERVED, u=u)


def test_a_measurement_that_the_prior_excludes_is_refused() -> None:
    with pytest.raises(InputError, match="contradicts the prior"):
        after_measurement(shape_of(rectangular(0.5, 0.5)), 2.0, 0.1)
    with pytest.raises(InputError, match="no measurement"):
        after_measurement(normal_prior(0.0, 1.0), 0.0, 0.0)
    with pytest.raises(InputError, match="is none"):
        normal_prior(0.0, 0.0)


def test_a_level_can_be_a_prior_too() -> None:
    ratio = Level(normal_shape(20.0, 1.0), "power")
    joined = after_measurement(ratio, 100.0, 30.0)
    assert 80.0 < joined.quantile(0.5) < 110.0
    assert joined.quantile(0.9) < ratio.quantile(0.9)
