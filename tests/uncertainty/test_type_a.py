"""Type A evaluation: means, single readings, few readings, pooled scatter, dependent readings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.type_a import (
    Serial,
    Subject,
    TypeAMethod,
    autocorrelation,
    mean_of_readings,
    mean_with_pooled,
    pooled_variance,
    posterior_mean,
)

ROUNDING = 1e-12  # relative: sums of a few doubles
# GUM Table 1 (4.4.3): twenty temperatures, sorted there, hence declared independent here.
GUM_TABLE_1 = [
    96.90, 98.18, 98.25, 98.61, 99.03, 99.49, 99.56, 99.74, 99.89, 100.07,
    100.33, 100.42, 100.68, 100.95, 101.11, 101.20, 101.57, 101.84, 102.36, 102.72,
]  # fmt: skip


def test_the_twenty_temperatures_of_the_gum() -> None:
    mean = mean_of_readings(GUM_TABLE_1, serial=Serial.INDEPENDENT)
    assert mean.estimate == pytest.approx(100.145, abs=5e-4)  # printed 100.145
    assert mean.standard_deviation == pytest.approx(1.489, abs=5e-4)  # printed 1.489
    assert mean.standard_uncertainty == pytest.approx(0.333, abs=5e-4)  # printed 0.333
    assert (mean.degrees_of_freedom, mean.n, mean.subject) == (19.0, 20, Subject.MEAN)


def test_a_single_reading_is_as_uncertain_as_the_scatter_and_says_so() -> None:
    readings = [10.1, 9.9, 10.2, 9.8]
    mean = mean_of_readings(readings)
    single = mean_of_readings(readings, subject=Subject.READING)
    assert single.subject is Subject.READING
    assert single.standard_uncertainty == pytest.approx(2.0 * mean.standard_uncertainty)
    assert single.standard_uncertainty == single.standard_deviation


def test_sorted_readings_are_taken_for_a_drift_until_their_order_is_declared_meaningless() -> None:
    with pytest.raises(InputError, match="successive readings are correlated"):
        mean_of_readings(GUM_TABLE_1)
    assert "correlated" in mean_of_readings(GUM_TABLE_1, serial=Serial.INDEPENDENT).note
    # u of one reading does not divide by n: nothing to refuse, but it is said.
    assert "correlated" in mean_of_readings(GUM_TABLE_1, subject=Subject.READING).note


def test_honest_readings_are_seldom_refused() -> None:
    draws = np.random.default_rng(5).normal(size=(2000, 20))
    refused = 0
    for row in draws:
        try:
            mean_of_readings(row)
        except InputError:
            refused += 1
    assert refused <= 40  # 1 % expected at most (20), five sigma of the count above it


def autoregressive(generator: np.random.Generator, n: int, phi: float) -> np.ndarray:
    """Return a stationary first-order autoregressive series of unit variance."""
    noise = generator.normal(size=n)
    series = np.empty(n)
    series[0] = noise[0]
    for k in range(1, n):
        series[k] = phi * series[k - 1] + math.sqrt(1.0 - phi * phi) * noise[k]
    return series


def test_the_correction_for_correlated_readings_finds_the_scatter_of_their_means() -> None:
    """For r_k = phi^k the true variance of the mean is (1 + phi)/(1 - phi)/n, nearly."""
    generator = np.random.default_rng(11)
    n, phi, repeats = 400, 0.6, 300
    found = [
        mean_of_readings(autoregressive(generator, n, phi), serial=Serial.CORRECT)
        for _ in range(repeats)
    ]
    truth = math.sqrt((1.0 + phi) / (1.0 - phi) / n)
    naive = 1.0 / math.sqrt(n)
    typical = float(np.sqrt(np.mean([one.standard_uncertainty**2 for one in found])))
    assert typical == pytest.approx(truth, rel=0.15)  # the cut-off loses the tail of r_k
    assert naive < 0.55 * truth
    assert all(one.method is TypeAMethod.CORRECTED for one in found)
    assert all(one.degrees_of_freedom < n / 2 for one in found)
    spread = float(np.std([one.estimate for one in found], ddof=1))
    assert spread == pytest.approx(truth, rel=5.0 / math.sqrt(2.0 * repeats))


def test_too_few_correlated_readings_and_a_pure_drift_are_refused_even_for_correction() -> None:
    with pytest.raises(InputError, match="too few to know their correlation"):
        mean_of_readings(np.arange(15.0), serial=Serial.CORRECT)
    with pytest.raises(InputError, match="they drift"):
        mean_of_readings(np.arange(30.0), serial=Serial.CORRECT)


def test_autocorrelation_by_hand() -> None:
    # Deviations -1, 1, -1, 1: products at lag 1 are -3, at lag 2 they are 2, of 4.
    assert autocorrelation([1.0, 3.0, 1.0, 3.0], 2) == pytest.approx([-0.75, 0.5])
    with pytest.raises(InputError, match="all equal"):
        autocorrelation([2.0, 2.0, 2.0], 1)
    with pytest.raises(InputError, match="no autocorrelation at lag 5"):
        autocorrelation([1.0, 2.0, 3.0], 5)


def test_few_readings_by_their_posterior() -> None:
    readings = [1.0, 2.0, 4.0, 5.0]
    plain, bayes = mean_of_readings(readings), posterior_mean(readings)
    assert bayes.standard_uncertainty == pytest.approx(
        math.sqrt(3.0) * plain.standard_uncertainty, rel=ROUNDING
    )
    # The doubt about s is in u: counting it again by degrees of freedom would double it.
    assert math.isinf(bayes.degrees_of_freedom)
    assert (bayes.t_scale, bayes.t_degrees_of_freedom) == (plain.standard_uncertainty, 3.0)
    assert bayes.method is TypeAMethod.POSTERIOR
    assert "declared" in bayes.note


def test_the_posterior_is_that_of_the_t_distribution() -> None:
    """Variance of the t with 9 degrees of freedom, by its own quantiles."""
    from scipy.special import stdtrit

    bayes = posterior_mean(np.random.default_rng(2).normal(size=10))
    p = (np.arange(200_000) + 0.5) / 200_000
    drawn = bayes.t_scale * stdtrit(bayes.t_degrees_of_freedom, p)
    assert bayes.standard_uncertainty == pytest.approx(float(np.std(drawn)), rel=1e-3)


def test_the_posterior_of_a_further_reading_is_wider_than_the_scatter() -> None:
    readings = [1.0, 2.0, 4.0, 5.0]
    single = posterior_mean(readings, subject=Subject.READING)
    s = mean_of_readings(readings).standard_deviation
    assert single.t_scale == pytest.approx(s * math.sqrt(1.25), rel=ROUNDING)


@pytest.mark.parametrize("n", [2, 3])
def test_the_posterior_of_three_readings_has_no_standard_deviation(n: int) -> None:
    with pytest.raises(InputError, match="no standard deviation"):
        posterior_mean(np.arange(float(n)))


def test_pooling_joins_squares_not_means() -> None:
    pooled = pooled_variance([[1.0, 3.0], [11.0, 11.0, 14.0]])
    # Sums of squares 2 and 6 over 1 + 2 degrees of freedom.
    assert pooled.standard_deviation == pytest.approx(math.sqrt(8.0 / 3.0), rel=ROUNDING)
    assert (pooled.degrees_of_freedom, pooled.samples) == (3, 2)


def test_bartlett_on_a_published_example() -> None:
    """Ten batches of gears, ten each: T = 20.78580, nine degrees of freedom (NIST handbook)."""
    from scipy.special import chdtrc

    # The handbook's ten standard deviations, each put onto ten readings of that very scatter.
    deviations = [
        0.004346, 0.005216, 0.003977, 0.003852, 0.007579,
        0.009885, 0.007877, 0.003627, 0.004137, 0.005329,
    ]  # fmt: skip
    shape = np.arange(10.0) - 4.5
    shape /= np.std(shape, ddof=1)
    pooled = pooled_variance([s * shape for s in deviations])
    assert pooled.p_value == pytest.approx(float(chdtrc(9, 20.78580)), rel=2e-3)  # 4 digits of s


def test_unequal_scatter_shows_and_equal_scatter_does_not() -> None:
    shape = np.array([-1.0, 0.0, 1.0, 0.5, -0.5])
    same = pooled_variance([shape, 3.0 + shape, 1.01 * shape])
    different = pooled_variance([shape, 100.0 * shape])
    assert same.p_value is not None
    assert same.p_value > 0.99
    assert different.p_value is not None
    assert different.p_value < 1e-5
    assert pooled_variance([shape]).p_value is None
    assert pooled_variance([shape, np.ones(3)]).p_value is None


def test_todays_mean_with_the_scatter_of_many_days() -> None:
    today = mean_with_pooled(
        [-94e-6, -93e-6, -95e-6], standard_deviation=12e-6, degrees_of_freedom=40.0
    )
    assert today.standard_uncertainty == pytest.approx(12e-6 / math.sqrt(3.0), rel=ROUNDING)
    assert (today.degrees_of_freedom, today.method) == (40.0, TypeAMethod.POOLED)
    alone = mean_with_pooled(
        [1.0], standard_deviation=2.0, degrees_of_freedom=9.0, subject=Subject.READING
    )
    assert alone.standard_uncertainty == 2.0


@pytest.mark.parametrize("nu", [40.0, math.inf])
def test_a_pooled_scatter_that_today_contradicts_is_not_used(nu: float) -> None:
    with pytest.raises(InputError, match="scatter far more"):
        mean_with_pooled([0.0, 10.0, -10.0], standard_deviation=1.0, degrees_of_freedom=nu)
    kept = mean_with_pooled([0.0, 1.0, -1.0], standard_deviation=1.0, degrees_of_freedom=nu)
    assert kept.n == 3


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ([], "too few"),
        ([1.0], "too few"),
        ([[1.0, 2.0]], "one row"),
        ([1.0, math.nan], "reading 2"),
    ],
)
def test_what_is_no_series_of_readings(readings: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mean_of_readings(readings)


def test_nothing_to_pool_and_no_pooled_scatter() -> None:
    with pytest.raises(InputError, match="no samples"):
        pooled_variance([])
    for s, nu in ((0.0, 5.0), (1.0, 0.5)):
        with pytest.raises(InputError, match="no pooled scatter"):
            mean_with_pooled([1.0], standard_deviation=s, degrees_of_freedom=nu)


def test_equal_readings_have_no_scatter_and_no_correlation() -> None:
    still = mean_of_readings([5.0, 5.0, 5.0])
    assert (still.estimate, still.standard_uncertainty, still.note) == (5.0, 0.0, "")


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=30),
    st.floats(0.01, 100.0),
    st.integers(-1000, 1000),
)
def test_a_change_of_unit_or_zero_changes_nothing_else(
    readings: list[int], factor: float, shift: int
) -> None:
    one = mean_of_readings(readings, serial=Serial.INDEPENDENT)
    other = mean_of_readings(
        [factor * (value + shift) for value in readings], serial=Serial.INDEPENDENT
    )
    assert other.estimate == pytest.approx(factor * (one.estimate + shift), rel=1e-9, abs=1e-9)
    assert other.standard_uncertainty == pytest.approx(
        factor * one.standard_uncertainty, rel=1e-9, abs=1e-9
    )
