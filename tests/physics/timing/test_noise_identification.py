"""The noise that rules a record: by lag 1, by ratios, with gaps, in mixtures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.timing.noise_identification import identify_noise, lag_one_power, ratio_power
from qtrace.physics.timing.power_law_noise import power_law_phase

POWERS = (2, 1, 0, -1, -2)


def record(alpha: int, n: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng([seed, alpha + 2])
    return power_law_phase(
        n, interval_s=1.0, alpha=alpha, level=1e-20, generator=generator, settle=n
    )


@pytest.mark.parametrize("alpha", POWERS)
@pytest.mark.parametrize("factor", [1, 2, 8, 16])
def test_pure_noise_is_named(alpha: int, factor: int) -> None:
    found = [identify_noise(record(alpha, 2048, seed), factor=factor) for seed in range(20)]
    assert found.count(alpha) >= 17


@pytest.mark.parametrize("alpha", POWERS)
def test_lag_one_as_a_real_number(alpha: int) -> None:
    found = [lag_one_power(record(alpha, 2048, seed)) for seed in range(20)]
    assert np.mean(found) == pytest.approx(alpha, abs=0.1)


@pytest.mark.parametrize("alpha", POWERS)
def test_ratios_at_long_averages_are_near(alpha: int) -> None:
    found = [ratio_power(record(alpha, 1025, seed), factor=64) for seed in range(60)]
    assert np.mean(found) == pytest.approx(alpha, abs=1.0)


def test_a_mixture_changes_with_the_average() -> None:
    generator = np.random.default_rng(1)
    white = generator.standard_normal(8192)
    walk = np.cumsum(np.cumsum(generator.standard_normal(8192)))
    assert identify_noise(100.0 * white + walk, factor=1) == 2
    assert identify_noise(100.0 * white + walk, factor=200) == -2


def test_offset_slope_drift_and_scale_do_not_matter() -> None:
    x = record(0, 600, 3)
    t = np.arange(600.0)
    moved = 1e-12 * x / x.std() + 0.3 + 1e-7 * t
    assert identify_noise(moved, factor=4) == identify_noise(x, factor=4)
    assert lag_one_power(x / x.std() + 1e-5 * t**2) == pytest.approx(lag_one_power(x), abs=0.02)


def test_gaps() -> None:
    for alpha in (2, 0):
        x = record(alpha, 2048, 9)
        x[np.random.default_rng(4).random(2048) < 0.2] = math.nan
        assert identify_noise(x, factor=1) == alpha
        assert identify_noise(x, factor=4) == alpha


def test_hadamard_looks_further() -> None:
    run = np.cumsum(np.cumsum(np.cumsum(np.random.default_rng(2).standard_normal(512))))
    assert identify_noise(run, factor=1) == -2
    assert identify_noise(run, factor=1, hadamard=True) == -4


def test_too_little_to_tell_is_the_middle() -> None:
    assert identify_noise(record(2, 12, 1), factor=4) == 0


def test_short_white_phase_noise_is_called_white_at_the_first_factors() -> None:
    """Modified and plain variance are one at m = 1: it decides nothing, and 300 of 300 were lost."""
    for factor in (1, 2):
        found = [identify_noise(record(2, 20, seed), factor=factor) for seed in range(300)]
        assert 1 not in found
        assert found.count(2) > (250 if factor == 1 else 150)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="straight line"):
        identify_noise(3.0 + 0.25 * np.arange(64.0), factor=1)
    with pytest.raises(InputError, match="no sample"):
        identify_noise(np.full(64, math.nan), factor=1)
    with pytest.raises(InputError, match="no averaging factor"):
        identify_noise(np.zeros(64), factor=0)
