"""Global risks: laws, other integrators, draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from qtrace.errors import InputError
from qtrace.uncertainty.distributions import gamma_counts, rectangular, u_shaped
from qtrace.uncertainty.global_risk import global_risk
from qtrace.uncertainty.posterior import Draws, normal_shape, shape_of
from qtrace.uncertainty.priors import normal_prior

INF = math.inf
QUADRATURE = 1e-10


def test_one_sided_risks_are_a_bivariate_normal_probability() -> None:
    """Y > T and Y + error <= T, for a normal prior: independent of any quadrature of ours."""
    prior, u, limit = normal_prior(0.0, 1.0), 0.5, 1.0
    found = global_risk(prior, -INF, limit, u=u)
    covariance = [[1.0, 1.0], [1.0, 1.25]]
    both = stats.multivariate_normal([0.0, 0.0], covariance).cdf([limit, limit])
    accepted = stats.norm.cdf(limit / math.sqrt(1.25))
    assert found.consumer == pytest.approx(float(accepted - both), abs=1e-7)  # that of scipy's cdf
    assert found.producer == pytest.approx(float(stats.norm.cdf(limit) - both), abs=1e-7)
    assert found.accepted == pytest.approx(float(accepted), abs=QUADRATURE)


@pytest.mark.parametrize(
    ("prior", "density", "support"),
    [
        pytest.param(
            shape_of(rectangular(0.2, 1.5)), stats.uniform(-1.3, 3.0).pdf, (-1.3, 1.7), id="uniform"
        ),
        pytest.param(
            shape_of(gamma_counts(3, exposure=2.0)),
            stats.gamma(3.5, scale=0.5).pdf,
            (0, 15),
            id="gamma",
        ),
        pytest.param(
            shape_of(u_shaped(0.0, 1.2)), stats.arcsine(-1.2, 2.4).pdf, (-1.2, 1.2), id="u-shaped"
        ),
    ],
)
def test_any_prior_against_integration_of_its_density(
    prior: object, density: object, support: tuple[float, float]
) -> None:
    u, low, high = 0.3, -0.8, 1.0
    accept = (-0.7, 0.9)

    def accepted(y: float) -> float:
        return float(stats.norm.cdf((accept[1] - y) / u) - stats.norm.cdf((accept[0] - y) / u))

    def part(a: float, b: float) -> float:
        a, b = max(a, support[0]), min(b, support[1])
        if a >= b:
            return 0.0
        return float(integrate.quad(lambda y: accepted(y) * density(y), a, b, limit=200)[0])

    found = global_risk(prior, low, high, u=u, acceptance=accept)  # type: ignore[arg-type]
    inside = part(low, high)
    outside = part(support[0], low) + part(high, support[1])
    assert found.consumer == pytest.approx(outside, abs=1e-8)  # quad's own tolerance
    assert found.accepted == pytest.approx(inside + outside, abs=1e-8)
    assert found.producer == pytest.approx(found.in_tolerance - inside, abs=1e-8)


@settings(max_examples=40)
@given(st.floats(0.05, 5.0), st.floats(0.02, 2.0), st.floats(-1.0, 1.0), st.floats(0.0, 0.9))
def test_shares_add_up(spread: float, u: float, mean: float, band: float) -> None:
    found = global_risk(
        normal_prior(mean, spread), -1.0, 1.0, u=u, acceptance=(-1.0 + band, 1.0 - band)
    )
    right_accepted = found.accepted - found.consumer
    assert right_accepted + found.producer == pytest.approx(found.in_tolerance, abs=QUADRATURE)
    assert 0.0 <= found.consumer <= found.accepted <= 1.0
    assert found.consumer <= found.consumer_of_accepted + QUADRATURE
    assert 0.0 <= found.producer_of_rejected <= 1.0 + QUADRATURE
    seen = normal_shape(mean, math.hypot(spread, u)).tails(np.array([-1.0, 1.0]))[0]
    assert found.observed_in_tolerance == pytest.approx(seen[1] - seen[0], abs=QUADRATURE)


@settings(max_examples=20)
@given(st.floats(0.1, 2.0), st.floats(0.05, 1.0), st.floats(0.01, 0.3))
def test_a_wider_band_trades_the_consumers_risk_for_the_producers(
    spread: float, u: float, more: float
) -> None:
    prior = normal_prior(0.0, spread)
    narrow = global_risk(prior, -1.0, 1.0, u=u, acceptance=(-0.95, 0.95))
    wide = global_risk(prior, -1.0, 1.0, u=u, acceptance=(-0.95 + more, 0.95 - more))
    assert wide.consumer <= narrow.consumer + QUADRATURE
    assert wide.producer >= narrow.producer - QUADRATURE


def test_draws_as_a_prior() -> None:
    values = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 0.1, 0.5)
    drawn = global_risk(Draws.of(values), -1.0, 1.0, u=0.2)
    formula = global_risk(normal_prior(0.1, 0.5), -1.0, 1.0, u=0.2)
    assert drawn.consumer == pytest.approx(formula.consumer, abs=1e-4)  # one step of the draws
    assert drawn.producer == pytest.approx(formula.producer, abs=1e-4)
    assert drawn.observed_in_tolerance == pytest.approx(formula.observed_in_tolerance, abs=1e-4)


def test_nothing_is_accepted_between_crossed_acceptance_limits() -> None:
    found = global_risk(normal_prior(0.0, 0.5), -1.0, 1.0, u=0.2, acceptance=(0.1, -0.1))
    assert (found.consumer, found.accepted, found.consumer_of_accepted) == (0.0, 0.0, 0.0)
    assert found.producer == pytest.approx(found.in_tolerance)


def test_a_very_narrow_prior_is_seen_by_the_quadrature() -> None:
    found = global_risk(normal_prior(0.5, 1e-7), -1.0, 1.0, u=0.5)
    expected = float(stats.norm.cdf(1.0) - stats.norm.cdf(-3.0))
    assert found.accepted == pytest.approx(expected, abs=1e-8)
    assert found.consumer == 0.0


def test_bad_questions_are_refused() -> None:
    prior = normal_prior(0.0, 1.0)
    with pytest.raises(InputError, match="not below"):
        global_risk(prior, 1.0, -1.0, u=0.1)
    for u in (0.0, math.nan, INF):
        with pytest.raises(InputError, match="no global risk"):
            global_risk(prior, -1.0, 1.0, u=u)
    with pytest.raises(InputError, match="acceptance limit"):
        global_risk(prior, -1.0, 1.0, u=0.1, acceptance=(math.nan, 1.0))


@pytest.mark.parametrize("dof", [2.0, 5.0, 30.0])
def test_measurements_with_few_degrees_of_freedom_scatter_as_t(dof: float) -> None:
    prior, u = normal_prior(0.0, 0.5), 0.2
    found = global_risk(prior, -1.0, 1.0, u=u, acceptance=(-0.8, 0.9), degrees_of_freedom=dof)

    def accepted(y: float) -> float:
        return float(stats.t.cdf((0.9 - y) / u, dof) - stats.t.cdf((-0.8 - y) / u, dof))

    def part(a: float, b: float) -> float:
        return float(
            integrate.quad(lambda y: accepted(y) * stats.norm.pdf(y, 0.0, 0.5), a, b, limit=200)[0]
        )

    assert found.consumer == pytest.approx(part(-6.0, -1.0) + part(1.0, 6.0), abs=1e-8)
    assert found.producer == pytest.approx(found.in_tolerance - part(-1.0, 1.0), abs=1e-8)
    assert found.accepted == pytest.approx(part(-6.0, 6.0), abs=1e-8)
