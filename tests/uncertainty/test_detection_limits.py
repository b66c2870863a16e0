"""Decision threshold, detection limit and non-negative measurands, against integration."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm, poisson

from qtrace.errors import InputError
from qtrace.uncertainty.detection_limits import (
    CountingMeasurement,
    characteristic_limits,
    non_negative_statement,
)

K = 1.6448536269514722  # normal quantile of 0.95
SOLVED = 1e-10  # the fixed point stands to 1e-12
INTEGRATED = 1e-7  # quadrature of a smooth density


def test_threshold_and_limit_of_a_net_rate_are_the_explicit_ones() -> None:
    """With k equal on both sides y# = (2 y* + k^2 w / t_g) / (1 - k^2 u_rel^2(w))."""
    w, u_rel = 2.5, 0.1
    counting = CountingMeasurement(120, 60.0, 1000, 600.0, w, u_rel)
    limits = counting.limits()
    r0 = 1000 / 600.0
    threshold = K * w * math.sqrt(r0 / 60.0 + r0 / 600.0)
    assert limits.decision_threshold == pytest.approx(threshold, rel=SOLVED)
    explicit = (2.0 * threshold + K**2 * w / 60.0) / (1.0 - K**2 * u_rel**2)
    assert limits.detection_limit == pytest.approx(explicit, rel=SOLVED)


def test_currie_is_the_case_of_equal_times() -> None:
    """L_C = 2.33 sqrt(B), L_D = 2.71 + 4.65 sqrt(B) (Currie, Anal. Chem. 40, 586 (1968))."""
    limits = CountingMeasurement(400, 1.0, 400, 1.0).limits()
    assert limits.decision_threshold == pytest.approx(2.33 * 20.0, rel=2e-3)  # printed digits
    assert limits.detection_limit == pytest.approx(2.71 + 4.65 * 20.0, rel=2e-3)


def test_the_error_probabilities_are_those_asked_for() -> None:
    """At a background of 1000 counts a Poisson test has the wanted errors within 0.01."""
    background = 1000.0
    limits = CountingMeasurement(1000, 1.0, 1e9, 1e6).limits(alpha=0.05, beta=0.05)
    seen_of_nothing = poisson.sf(background + limits.decision_threshold, background)
    missed = poisson.cdf(
        background + limits.decision_threshold, background + limits.detection_limit
    )
    assert seen_of_nothing == pytest.approx(0.05, abs=0.01)
    assert missed == pytest.approx(0.05, abs=0.01)


def test_a_badly_known_factor_leaves_no_detection_limit() -> None:
    with pytest.raises(InputError, match="no detection limit"):
        CountingMeasurement(10, 1.0, 10, 1.0, 1.0, 0.7).limits()


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.05), (0.05, 0.7), (math.nan, 0.05)])
def test_an_error_that_is_not_rare_is_refused(alpha: float, beta: float) -> None:
    with pytest.raises(InputError, match="error that is to be rare"):
        characteristic_limits(lambda _: 1.0, alpha=alpha, beta=beta)


def test_an_impossible_uncertainty_is_refused() -> None:
    with pytest.raises(InputError, match="u is -1"):
        characteristic_limits(lambda _: -1.0)
    for wrong in ((-1, 1.0, 1, 1.0), (1, 0.0, 1, 1.0), (1, 1.0, 1, math.inf)):
        with pytest.raises(InputError):
            CountingMeasurement(*wrong)


@pytest.mark.parametrize(("y", "u"), [(0.0, 1.0), (-1.5, 1.0), (0.3, 0.2), (4.0, 1.0)])
def test_the_non_negative_statement_is_that_of_the_cut_distribution(y: float, u: float) -> None:
    found = non_negative_statement(y, u, coverage_probability=0.9)
    whole = quad(lambda x: norm.pdf(x, y, u), 0.0, y + 40.0 * u, points=[max(y, 0.1)])[0]

    def moment(power: int) -> float:
        return float(
            quad(lambda x: x**power * norm.pdf(x, y, u), 0.0, y + 40.0 * u, points=[max(y, 0.1)])[0]
            / whole
        )

    assert found.best_estimate == pytest.approx(moment(1), rel=INTEGRATED)
    variance = moment(2) - moment(1) ** 2
    assert found.standard_uncertainty == pytest.approx(math.sqrt(variance), rel=1e-6)
    below = (norm.cdf(found.low, y, u) - norm.cdf(0.0, y, u)) / whole
    above = norm.sf(found.high, y, u) / whole
    assert (below, above) == (pytest.approx(0.05, abs=1e-7), pytest.approx(0.05, abs=1e-7))
    inside = norm.cdf(found.shortest_high, y, u) - norm.cdf(found.shortest_low, y, u)
    assert inside / whole == pytest.approx(0.9, abs=1e-7)
    assert found.shortest_high - found.shortest_low <= found.high - found.low + 1e-12


@given(st.floats(-5.0, 50.0), st.floats(0.5, 0.999))
def test_limits_are_in_order_and_not_negative(y: float, p: float) -> None:
    found = non_negative_statement(y, 1.0, coverage_probability=p)
    assert 0.0 <= found.low < found.best_estimate < found.high
    assert found.best_estimate >= y


def test_what_lies_far_below_zero_is_an_error() -> None:
    with pytest.raises(InputError, match="u below zero"):
        non_negative_statement(-40.0, 1.0)
    with pytest.raises(InputError, match="no interval"):
        non_negative_statement(1.0, 0.0)
