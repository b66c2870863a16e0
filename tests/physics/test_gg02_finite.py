"""GG02 of finite length: limits of the estimates, growth with the block, and what is largest."""

from __future__ import annotations

import math
import time
from statistics import NormalDist

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.continuous.gg02 import (
    Channel,
    attribute,
    channel_from_moments,
    holevo_of,
    key_per_use,
    moments_of_link,
    mutual_information_bits,
)
from qtrace.physics.continuous.gg02_finite import (
    finite_size_penalty,
    key_length,
    key_length_over_estimates,
    worst_channel,
)

BOTH = pytest.mark.parametrize("heterodyne", [False, True], ids=["homodyne", "heterodyne"])
RECEIVER = {"receiver_efficiency": 0.6, "electronic_noise": 0.1}
FINITE = {
    "reconciliation_efficiency": 0.95,
    "symbols_estimation": 5e8,
    "symbols_key": 5e8,
    "epsilon_estimation": 1e-10,
    "epsilon_smoothing": 1e-10,
    "epsilon_privacy": 1e-10,
}


def channel(t: float, *, heterodyne: bool, v_a: float = 4.0, xi: float = 0.01) -> Channel:
    covariance, variance = moments_of_link(
        v_a, t, excess_noise_at_input=xi, **RECEIVER, heterodyne=heterodyne
    )
    return channel_from_moments(v_a, covariance, bob_variance=variance)


def length(of: Channel, *, heterodyne: bool, over: bool = False, **other: object) -> np.ndarray:
    function = key_length_over_estimates if over else key_length
    return function(of, **RECEIVER, **FINITE | other, heterodyne=heterodyne)


def test_the_limits_of_estimation_written_out() -> None:
    of = channel(0.1, heterodyne=False)
    worst = worst_channel(of, symbols=5e8, epsilon_estimation=1e-10)
    z = 6.466951087240516  # normal quantile of 1 - 5e-11
    assert worst.slope == pytest.approx(math.sqrt(0.06) - z * math.sqrt(1.1006 / 2e9), rel=1e-12)
    assert worst.noise_variance == pytest.approx(1.1006 * (1 + z * math.sqrt(2 / 5e8)), rel=1e-12)


@BOTH
@pytest.mark.parametrize("t", [0.01, 0.1, 0.6])
def test_nowhere_among_the_estimates_is_the_key_shorter(t: float, *, heterodyne: bool) -> None:
    of = channel(t, heterodyne=heterodyne)
    symbols = 1e6
    # A third of epsilon for each limit.
    z = -NormalDist().inv_cdf(1e-10 / 3)
    reach = z * float(np.sqrt(of.noise_variance / (symbols * 4.0)))
    slopes = float(of.slope) + reach * np.linspace(-1, 1, 41)
    noises = float(of.noise_variance) * (1 + z * math.sqrt(2 / symbols) * np.linspace(-1, 1, 41))
    grid = Channel(of.modulation_variance, slopes[:, None], np.maximum(noises, 1.0)[None, :])
    held = holevo_of(
        grid, attribute(grid, **RECEIVER, heterodyne=heterodyne), heterodyne=heterodyne
    )
    moved = 0.95 * mutual_information_bits(grid, heterodyne=heterodyne)
    measured = 0.95 * mutual_information_bits(of, heterodyne=heterodyne)
    penalty = finite_size_penalty(symbols, epsilon_smoothing=1e-10, epsilon_privacy=1e-10)
    secret = min(float((measured - held).min()), float((moved - held).min()))
    sizes = {"symbols_estimation": symbols, "symbols_key": symbols}
    strict = float(length(of, heterodyne=heterodyne, over=True, **sizes))
    assert strict <= symbols * (secret - float(penalty)) + 1e-3
    # Taking both at their worst where that is not one channel costs less than a tenth.
    assert strict == pytest.approx(symbols * (secret - float(penalty)), rel=0.1)


@BOTH
def test_the_published_form_is_not_the_worst_of_the_estimates(*, heterodyne: bool) -> None:
    of = channel(0.1, heterodyne=heterodyne)
    # chi grows with the slope: with I_AB held, the smallest slope is the kindest.
    worst = worst_channel(of, symbols=5e8, epsilon_estimation=1e-10)
    mirrored = Channel(worst.modulation_variance, 2 * of.slope - worst.slope, worst.noise_variance)
    held = [
        float(
            holevo_of(one, attribute(one, **RECEIVER, heterodyne=heterodyne), heterodyne=heterodyne)
        )
        for one in (worst, mirrored)
    ]
    assert held[0] < held[1]
    published = float(length(of, heterodyne=heterodyne))
    strict = float(length(of, heterodyne=heterodyne, over=True))
    assert strict < published
    assert strict == pytest.approx(published, rel=0.05)


@BOTH
def test_a_growing_block_nears_the_asymptotic_key_from_below(*, heterodyne: bool) -> None:
    of = channel(0.2, heterodyne=heterodyne)
    limit = float(
        key_per_use(of, **RECEIVER, reconciliation_efficiency=0.95, heterodyne=heterodyne)
    )
    sizes = np.array([1e4, 1e6, 1e8, 1e10, 1e12, 1e15])
    rates = length(of, heterodyne=heterodyne, symbols_estimation=sizes, symbols_key=sizes) / sizes
    assert np.all(np.diff(rates) > 0.0)
    assert np.all(rates < limit)
    assert rates[-1] == pytest.approx(limit, rel=1e-4)
    assert rates[0] < 0.0


@pytest.mark.parametrize("name", ["estimation", "smoothing", "privacy"])
def test_a_smaller_epsilon_is_a_shorter_key(name: str) -> None:
    of = channel(0.2, heterodyne=False)
    for over in (False, True):
        lengths = [
            float(length(of, heterodyne=False, over=over, **{f"epsilon_{name}": epsilon}))
            for epsilon in (1e-4, 1e-10, 1e-15, 1e-30)
        ]
        assert lengths == sorted(lengths, reverse=True)
        assert len(set(lengths)) == 4


def test_a_block_too_small_has_a_negative_length_with_its_value() -> None:
    of = channel(1e-4, heterodyne=True)
    tiny = float(length(of, heterodyne=True, over=True, symbols_estimation=10.0, symbols_key=10.0))
    assert math.isfinite(tiny)
    assert tiny < 0.0


def test_blocks_and_epsilons_that_are_none_are_refused() -> None:
    of = channel(0.2, heterodyne=False)
    with pytest.raises(InputError, match="symbols for estimation are none"):
        worst_channel(of, symbols=0.0, epsilon_estimation=1e-10)
    with pytest.raises(InputError, match="symbols for the key are none"):
        finite_size_penalty(0.0, epsilon_smoothing=1e-10, epsilon_privacy=1e-10)
    for epsilon in (0.0, 1.0, math.nan):
        with pytest.raises(InputError, match="between 0 and 1"):
            finite_size_penalty(1e6, epsilon_smoothing=epsilon, epsilon_privacy=1e-10)


def test_a_hundred_thousand_draws_in_one_call() -> None:
    draws = 100_000
    generator = np.random.default_rng(7)
    of = channel(0.2, heterodyne=True)
    start = time.process_time()
    lengths = key_length(
        of,
        receiver_efficiency=0.6 + 0.003 * generator.standard_normal(draws),
        electronic_noise=0.1 + 0.001 * generator.standard_normal(draws),
        heterodyne=True,
        **FINITE,
    )
    assert lengths.shape == (draws,)
    assert np.all(np.isfinite(lengths))
    # Some 0.03 s; ten times that on a busy machine.
    assert time.process_time() - start < 0.5
