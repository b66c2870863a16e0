"""Counting true delays: weak peaks that no fold shows, and how often nothing looks like one."""

from __future__ import annotations

import numpy as np
import pytest
from pair_worlds import PairWorld

from qtrace.physics.tags.coarse_search import coarse_search
from qtrace.physics.tags.direct_search import bin_delays, differences, direct_peak
from qtrace.physics.tags.folded_correlation import Stretch, false_alarm
from qtrace.physics.timing.frequency_search import find_frequency

NONE = np.zeros(1)


@pytest.mark.parametrize("skew", [0.0, 3e-3, -3e-3])
def test_every_delay_is_counted_once(skew: float) -> None:
    generator = np.random.default_rng(1)
    first, second = (np.sort(generator.integers(0, 10**6, 300)) for _ in range(2))
    low, shift, bins = -5000, 6, 150
    counts = np.zeros(bins, np.int32)
    bin_delays(first, second, 0, skew, low, shift, counts)
    turned = np.floor(first * skew + 0.5).astype(np.int64)
    all_of_them = (second[None, :] - first[:, None] - turned[:, None] - low) >> shift
    kept = all_of_them[(all_of_them >= 0) & (all_of_them < bins)]
    assert np.array_equal(counts, np.bincount(kept, minlength=bins))
    part = Stretch(first, second, 0, 10**6, 0, 5000)
    assert differences(part) == pytest.approx(300 * 300 * 1e4 / 1e6, rel=0.02)


def test_light_that_came_back_is_found_over_a_strong_background() -> None:
    # 75 km there and back: 6.3 pairs/s among 1e5 and 1.3e4 singles.
    world = PairWorld(
        first_rate=1e5, second_rate=1.3e4, pair_rate=6.3, seconds=20.0, sigma_ps=100.0,
        delay_ps=734_000_001,
    )  # fmt: skip
    first, second = world.draw(np.random.default_rng(2))
    peak = coarse_search(first, second, span_ps=10**9).require_peak()
    assert abs(peak.delay_ps - world.delay_ps) <= 2 * peak.resolution_ps
    line = find_frequency(first, second, start=peak)
    off = line.base_ps - world.delay_ps + line.residual_ps
    assert abs(off) < 5.0 * line.u_delay_ps
    assert line.pairs == pytest.approx(126.0, abs=4.0 * np.sqrt(126.0))


def test_a_skew_is_found_with_a_weak_peak() -> None:
    world = PairWorld(
        first_rate=1e4, second_rate=1e4, pair_rate=100.0, seconds=8.0, delay_ps=-300_000_000,
        skew=7e-7,
    )  # fmt: skip
    first, second = world.draw(np.random.default_rng(3))
    peak = coarse_search(first, second, span_ps=10**9, skew_limit=1e-6).require_peak()
    true = world.delay_ps + world.true_delay(peak.epoch_ps)
    assert abs(peak.delay_ps - true) <= 2 * peak.resolution_ps
    assert abs(peak.frequency_deviation - world.skew) <= 2.0 * peak.frequency_resolution


def test_false_alarms_come_no_more_often_than_said() -> None:
    generator = np.random.default_rng(4)
    chances = []
    for _ in range(400):
        first, second = (np.sort(generator.integers(0, 10**9, 2000)) for _ in range(2))
        peak = direct_peak(Stretch(first, second, 0, 10**9, 0, 2**20), shift=10, skews=NONE)
        chances.append(false_alarm(peak.significance, peak.expected, peak.trials))
    below = np.mean(np.array(chances)[:, None] < np.array([0.05, 0.2]), axis=0)
    # 2.5 standard deviations of 400 runs; boxes overlap, so that it is less.
    assert below[0] <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 400)
    assert below[1] <= 0.2 + 2.5 * np.sqrt(0.2 * 0.8 / 400)
    assert below[1] > 0.02


def test_a_background_that_ends_near_the_peak_is_no_peak() -> None:
    # Accidentals drawn within 2 ns only: what stands out first is 4 ns wide.
    generator = np.random.default_rng(5)
    at = np.sort(generator.integers(0, 30 * 10**12, 24_000))
    wide = generator.uniform(-2000.0, 2000.0, 18_000)
    late = np.concatenate([100.0 * generator.standard_normal(6000), wide])
    second = np.sort(at + 367_000_000 + np.rint(generator.permutation(late)).astype(np.int64))
    line = find_frequency(at, second, start=coarse_search(at, second, span_ps=10**9))
    assert line.sigma_ps == pytest.approx(100.0, rel=0.06)
    assert line.pairs == pytest.approx(6000, rel=0.08)
    assert abs(line.base_ps - 367_000_000 + line.residual_ps) < 5.0 * line.u_delay_ps
    assert line.u_delay_ps < 2.5
