"""A drift rate from shifts: covariance kept, adjustments out, and a rate that is none caught."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.drift_rate import fit_drift_rate, predict
from qtrace.uncertainty.regression import Scale, fit_general, fit_ordinary

ARITHMETIC = 1e-9  # relative, of a small least squares problem
TIMES = np.array([0.0, 100.0, 250.0, 365.0, 600.0, 800.0])


def covariance(n: int, *, own: float = 0.1, shared: float = 0.5) -> np.ndarray:
    """Values against one reference: its part is common to all of them."""
    return own**2 * np.eye(n) + shared**2


def differences(n: int) -> np.ndarray:
    return np.diff(np.eye(n), axis=0)


@given(st.integers(0, 100_000))
def test_without_adjustment_it_is_the_slope_of_a_line_through_the_values(seed: int) -> None:
    """The theorem that makes shifts enough: same slope, same u, same chi-square, n - 2."""
    generator = np.random.default_rng(seed)
    n = len(TIMES)
    factor = generator.normal(size=(n, n))
    v = factor @ factor.T + np.eye(n)
    y = generator.normal(size=n)
    d = differences(n)
    drift = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=d @ v @ d.T)
    line = fit_general(TIMES, y, covariance_y=v)
    assert drift.rate == pytest.approx(line.parameters[1], rel=1e-7, abs=1e-12)
    assert drift.stated_uncertainty == pytest.approx(line.standard_uncertainties[1], rel=1e-8)
    assert drift.chi_square == pytest.approx(line.chi_square, rel=1e-7, abs=1e-10)
    assert drift.residual_degrees_of_freedom == line.residual_degrees_of_freedom == n - 2


@given(st.integers(0, 100_000), st.lists(st.floats(-5.0, 5.0), min_size=5, max_size=5))
def test_adjustments_fall_out(seed: int, adjustments: list[float]) -> None:
    y = np.random.default_rng(seed).normal(size=len(TIMES))
    left = y + np.concatenate((np.cumsum(adjustments), [0.0]))
    found = np.concatenate(([0.0], y[1:] + np.cumsum(adjustments)))
    d = differences(len(TIMES))
    v = d @ covariance(len(TIMES)) @ d.T
    plain = fit_drift_rate(TIMES[:-1], TIMES[1:], np.diff(y), covariance=v)
    adjusted = fit_drift_rate(TIMES[:-1], TIMES[1:], found[1:] - left[:-1], covariance=v)
    assert adjusted.rate == pytest.approx(plain.rate, abs=1e-12)


def test_a_shared_reference_costs_nothing_in_a_rate() -> None:
    d = differences(6)
    y = 0.001 * TIMES
    small = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=d @ covariance(6) @ d.T)
    large = fit_drift_rate(
        TIMES[:-1], TIMES[1:], d @ y, covariance=d @ covariance(6, shared=50.0) @ d.T
    )
    assert large.standard_uncertainty == pytest.approx(small.standard_uncertainty, rel=1e-6)
    # What taking the ends of neighbouring shifts as independent would claim is another number.
    wrong = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=np.eye(5) * 2.0 * 0.1**2)
    assert wrong.standard_uncertainty > 1.1 * small.standard_uncertainty


def test_scatter_governs_where_it_is_larger_than_stated() -> None:
    y = np.array([0.0, 2.0, 1.0, 6.0, 4.0, 9.0])
    d = differences(6)
    tight = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=1e-4 * d @ d.T)
    line = fit_ordinary(TIMES, y, scale=Scale.SCATTER)
    assert tight.standard_uncertainty == pytest.approx(line.standard_uncertainties[1], rel=1e-7)
    assert tight.degrees_of_freedom == 4.0  # six calibrations
    assert tight.p_value is not None
    assert tight.p_value < 1e-6
    assert tight.constant is False
    wide = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=100.0 * d @ d.T)
    assert wide.standard_uncertainty == wide.stated_uncertainty
    assert math.isinf(wide.degrees_of_freedom)


def test_curvature_is_found_and_a_straight_drift_is_left_alone() -> None:
    d = differences(6)
    v = 0.02**2 * d @ d.T
    slowing = 10.0 * -np.expm1(-TIMES / 400.0)
    bent = fit_drift_rate(TIMES[:-1], TIMES[1:], np.diff(slowing), covariance=v)
    assert bent.curvature is not None
    assert bent.curvature.significant
    assert bent.constant is False
    assert 0.0 < bent.curvature.rate_at_end < bent.rate
    line, curve = bent.ahead(200.0)
    assert curve is not None
    assert curve < line
    noise = np.array([0.0, 0.01, -0.02, 0.015, 0.0, -0.01])
    straight = fit_drift_rate(TIMES[:-1], TIMES[1:], np.diff(0.01 * TIMES + noise), covariance=v)
    assert straight.constant is True


def test_a_constant_rate_is_refused_once_in_twenty() -> None:
    """400 straight histories, seeded: 5 % +- 2 standard deviations of a share of 400, and less:
    the two tests of curvature are doubled, chi-square comes on top."""
    generator = np.random.default_rng(20261123)
    d = differences(6)
    v = 0.02**2 * d @ d.T
    refused = curved = 0
    for _ in range(400):
        y = 0.01 * TIMES + generator.normal(0.0, 0.02, 6)
        drift = fit_drift_rate(TIMES[:-1], TIMES[1:], np.diff(y), covariance=v)
        refused += drift.constant is False
        curved += drift.curvature is not None and drift.curvature.significant
    assert 0.01 < curved / 400 < 0.072
    assert 0.03 < refused / 400 < 0.12


def test_two_calibrations_give_a_rate_and_no_test() -> None:
    drift = fit_drift_rate([0.0], [365.0], [0.73], covariance=[[0.01]])
    assert drift.rate == pytest.approx(0.002, rel=ARITHMETIC)
    assert drift.standard_uncertainty == pytest.approx(0.1 / 365.0, rel=ARITHMETIC)
    assert drift.residual_degrees_of_freedom == 0
    assert drift.curvature is None
    assert drift.constant is None


def test_a_prediction_grows_with_time_and_knows_what_the_rate_rests_on() -> None:
    d = differences(6)
    v = covariance(6)
    y = 0.001 * TIMES
    drift = fit_drift_rate(TIMES[:-1], TIMES[1:], d @ y, covariance=d @ v @ d.T)
    weights = drift.sensitivities @ d
    mixed = float(v[-1] @ weights)
    far = predict(drift, 400.0, left=y[-1], u_left=math.sqrt(v[-1, -1]), covariance_left_rate=mixed)
    assert far.value == pytest.approx(1.2, rel=ARITHMETIC)
    row = np.append(np.zeros(5), 1.0) + 400.0 * weights
    assert far.standard_uncertainty == pytest.approx(math.sqrt(row @ v @ row), rel=ARITHMETIC)
    low, high, p = far.interval
    assert (high - far.value) / far.standard_uncertainty == pytest.approx(1.959964, abs=1e-6)
    assert (low + high) / 2.0 == pytest.approx(far.value)
    assert p == 0.95
    near = predict(drift, 0.0, left=y[-1], u_left=math.sqrt(v[-1, -1]))
    assert near.standard_uncertainty == pytest.approx(math.sqrt(v[-1, -1]), rel=ARITHMETIC)


def test_predictions_cover_what_comes_where_only_scatter_is_known() -> None:
    """2000 seeded devices, 95 % promised for the next value: between 93 and 98 % inside.

    With equal steps and independent shifts; the interval is by t with n - 1 degrees of freedom.
    """
    generator = np.random.default_rng(7)
    inside = 0
    times = np.arange(7.0)
    for _ in range(2000):
        steps = 0.3 + generator.normal(0.0, 0.1, 7)
        drift = fit_drift_rate(times[:-1], times[1:], steps[:-1])
        found = predict(drift, 1.0, left=0.0, u_left=0.0)
        inside += found.interval[0] <= steps[-1] <= found.interval[1]
    assert 0.93 < inside / 2000 < 0.98


@pytest.mark.parametrize(
    ("starts", "ends", "shifts", "given_covariance", "said"),
    [
        ([0.0], [0.0], [1.0], [[1.0]], "does not last"),
        ([1.0], [0.0], [1.0], [[1.0]], "does not last"),
        ([0.0], [1.0], [math.nan], [[1.0]], "not finite"),
        ([0.0], [1.0], [1.0], None, "one shift without uncertainty"),
        ([], [], [], None, "one start"),
        ([0.0, 1.0], [1.0, 2.0], [1.0, 1.0], [[1.0, 1.0], [1.0, 1.0]], "positive definite"),
        ([0.0, 1.0], [1.0, 2.0], [1.0], [[1.0]], "one start"),
    ],
)
def test_what_is_no_history_is_refused(
    starts: list[float], ends: list[float], shifts: list[float], given_covariance: object, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        fit_drift_rate(starts, ends, shifts, covariance=given_covariance)  # type: ignore[arg-type]


def test_a_prediction_does_not_look_back() -> None:
    drift = fit_drift_rate([0.0], [1.0], [1.0], covariance=[[1.0]])
    with pytest.raises(InputError, match="looks forward"):
        predict(drift, -1.0, left=0.0, u_left=0.0)
