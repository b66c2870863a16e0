"""Widths, tail model, variances and three detectors; against shapes that are known exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import exponnorm

from qtrace.errors import InputError
from qtrace.physics.tags.jitter import (
    delays_in_period,
    delays_to_sync,
    tail_model,
    width_bin,
    widths,
)
from qtrace.physics.tags.variances import Sigma, remove_variances, three_cornered

SIGMA, TAIL = 40.0, 60.0


def expected_counts(events: float, step: float = 5.0, background: float = 0.0) -> np.ndarray:
    edges = np.arange(0.0, 4000.0 + step, step)
    law = exponnorm(TAIL / SIGMA, 1500.0, SIGMA)
    return events * np.diff(law.cdf(edges)) + background


def true_width(part: float) -> float:
    x = np.linspace(1200.0, 2800.0, 320_001)
    density = exponnorm(TAIL / SIGMA, 1500.0, SIGMA).pdf(x)
    return float(np.ptp(x[density >= part * density.max()]))


def test_widths_of_an_exact_histogram_are_those_of_its_law() -> None:
    found = widths(expected_counts(1e7, background=1.0), bin_ps=5.0)
    assert found.tenth is not None
    assert found.hundredth is not None
    # Parabolas through five bins of FWHM / 26: 0.2 % is what their cubic term leaves.
    assert found.fwhm.value == pytest.approx(true_width(0.5), rel=2e-3)
    assert found.tenth.value == pytest.approx(true_width(0.1), rel=2e-3)
    assert found.hundredth.value == pytest.approx(true_width(0.01), rel=2e-3)
    assert found.fwhm.notes[0] == "FWHM"


def test_a_gaussian_has_2_3548_sigma() -> None:
    step = 4.0
    edges = np.arange(0.0, 2000.0 + step, step)
    z = (edges - 1000.0) / 50.0
    counts = 1e7 * np.diff([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in z]) + 1.0
    # Bins add step^2 / 12 to the variance: 0.03 %.
    assert widths(counts, bin_ps=step).fwhm.value == pytest.approx(2.35482 * 50.0, rel=1.5e-3)


def test_the_uncertainty_of_a_width_is_its_scatter() -> None:
    generator = np.random.default_rng(31)
    expected = expected_counts(20_000, step=10.0, background=2.0)
    found = [widths(generator.poisson(expected), bin_ps=10.0) for _ in range(150)]
    for values, truth in (
        ([one.fwhm for one in found], true_width(0.5)),
        ([one.tenth for one in found if one.tenth], true_width(0.1)),
    ):
        pulls = [(one.value - truth) / one.u for one in values]
        assert abs(np.mean(pulls)) < 0.6  # bins of FWHM / 13 smear a little
        assert np.std(pulls) == pytest.approx(1.0, abs=0.25)


def test_noise_hides_the_far_tail_and_is_said() -> None:
    generator = np.random.default_rng(32)
    found = widths(
        generator.poisson(expected_counts(5_000, step=10.0, background=30.0)), bin_ps=10.0
    )
    assert found.hundredth is None
    wide = widths(expected_counts(1e5, step=20.0, background=1.0), bin_ps=20.0)
    assert any("wider than FWHM / 10" in note for note in wide.fwhm.notes)
    with pytest.raises(InputError, match="too few"):
        widths([0] * 30, bin_ps=1.0)
    with pytest.raises(InputError, match="two sides"):
        widths(expected_counts(1e5)[300:600], bin_ps=5.0)  # cut off on its left


def test_the_tail_model_finds_its_parameters() -> None:
    generator = np.random.default_rng(33)
    pulls = []
    for _ in range(25):
        counts = generator.poisson(expected_counts(20_000, step=10.0, background=2.0))
        found = tail_model(counts, bin_ps=10.0)
        truth = (SIGMA, TAIL, SIGMA**2 + TAIL**2)
        parts = (found.sigma, found.tail, found.variance_ps2)
        pulls.append([(one.value - true) / one.u for one, true in zip(parts, truth, strict=True)])
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 0.9)
    assert np.all(np.abs(np.std(pulls, axis=0) - 1.0) < 0.45)
    assert found.gain > 100.0
    assert found.events == pytest.approx(20_000, rel=0.05)
    assert found.background_per_ps == pytest.approx(0.2, rel=0.2)


def test_delays_to_a_sync_and_in_a_period() -> None:
    assert delays_to_sync([5, 10, 19, 20, 31], [10, 20, 30]).tolist() == [0, 9, 0, 1]
    late = 10**17
    phases = delays_in_period(
        np.array([late, late + 12_500, late + 12_500 * 10**6 + 3], dtype=np.int64), period_ps=12_500
    )
    assert phases.tolist() == [0.0, 0.0, 3.0]
    # A period with a fraction: 1e6 periods of 3125.25 ps, and 7 ps more.
    odd = delays_in_period(
        np.array([late, late + 3_125_250_007], dtype=np.int64), period_ps=3125.25
    )
    assert odd.tolist() == [0.0, 7.0]
    normal = np.random.default_rng(34).normal(0.0, 100.0, 50_000)
    assert width_bin(normal) == pytest.approx(235.5 / 12.0, rel=0.1)


def test_others_are_removed_in_variance() -> None:
    found = remove_variances(
        400.0, 20.0, others=[Sigma("laser", 12.0, 1.0), Sigma("tagger", 5.0, 0.5)]
    )
    assert found.variance_ps2.value == 400.0 - 144.0 - 25.0
    assert found.variance_ps2.u == pytest.approx(math.sqrt(20.0**2 + 24.0**2 + 5.0**2))
    assert found.sigma is not None
    assert found.sigma.value == pytest.approx(math.sqrt(231.0))
    assert found.sigma.u == pytest.approx(found.variance_ps2.u / (2.0 * math.sqrt(231.0)))


def test_a_negative_variance_is_a_result_and_has_no_width() -> None:
    found = remove_variances(100.0, 8.0, others=[Sigma("laser", 12.0, 0.5)])
    assert found.negative
    assert found.sigma is None
    assert found.variance_ps2.value == -44.0
    assert found.variance_ps2.u == pytest.approx(math.hypot(8.0, 12.0))
    assert "negative: -44 ps^2" in found.variance_ps2.notes[-1]


def test_three_detectors_are_separated() -> None:
    own, source = (30.0, 40.0, 50.0), 20.0
    pairs = [
        Sigma(name, math.sqrt(own[i] ** 2 + own[j] ** 2 + source**2), 0.5)
        for name, i, j in (("12", 0, 1), ("13", 0, 2), ("23", 1, 2))
    ]
    found = three_cornered(*pairs, correlation_time=Sigma("source", source, 1.0))
    sigmas = [one.sigma for one in found.parts]
    assert [one.value for one in sigmas if one] == pytest.approx(own)
    u = 2.0 * 0.5 * np.array([one.sigma_ps for one in pairs])
    expected = 0.25 * (np.sum(u**2) + 40.0**2)
    assert found.covariance[0, 0] == pytest.approx(expected)
    assert found.covariance[0, 1] == pytest.approx(
        0.25 * (u[0] ** 2 - u[1] ** 2 - u[2] ** 2 + 1600)
    )
    small = three_cornered(Sigma("12", 10.0, 0.1), Sigma("13", 10.0, 0.1), Sigma("23", 15.0, 0.1))
    assert small.parts[0].negative


def drawn(events: int, step: float, seed: int) -> np.ndarray:
    edges = np.arange(0.0, 4000.0 + step, step)
    expected = events * np.diff(exponnorm(2.0, 1500.0, 30.0).cdf(edges)) + 1e-3 * step
    return np.random.default_rng(seed).poisson(expected)


@pytest.mark.parametrize("seed", range(5))
def test_bins_in_which_noise_decides_are_refused(seed: int) -> None:
    """EMG of 30 and 60 ps, FWHM 107.6 ps: 3000 events in bins of 1 ps used to give half of it."""
    with pytest.raises(InputError, match="noise decides") as caught:
        widths(drawn(3000, 1.0, seed), bin_ps=1.0)
    assert "wider bin" in caught.value.next_step
    assert "longer record" in caught.value.next_step
    found = widths(drawn(3000, 9.0, seed), bin_ps=9.0).fwhm
    assert abs(found.value - 107.6) < 4.0 * found.u
    # The fit of the tail takes every bin as it is: it may be narrow.
    model = tail_model(drawn(3000, 1.0, seed), bin_ps=1.0).variance_ps2
    assert abs(model.value - (30.0**2 + 60.0**2)) < 5.0 * model.u


def test_a_tenth_of_few_counts_is_not_said_or_scatters_as_its_u() -> None:
    """At 1000 events the level is 2.7 of its noise: its pulls scattered by 1.9, it is left out."""
    assert all(widths(drawn(1000, 9.0, seed), bin_ps=9.0).tenth is None for seed in range(20))
    tenths = [widths(drawn(4000, 9.0, seed), bin_ps=9.0).tenth for seed in range(150)]
    pulls = [(one.value - 237.45) / one.u for one in tenths if one]
    assert len(pulls) > 140
    assert abs(np.mean(pulls)) < 0.3
    assert np.std(pulls) < 1.35
