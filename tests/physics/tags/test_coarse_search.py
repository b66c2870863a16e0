"""The coarse search: true delays, aliases, skews, and how often nothing looks like something."""

from __future__ import annotations

import numpy as np
import pytest
from pair_worlds import PairWorld

from qtrace.errors import InputError
from qtrace.physics.tags.coarse_search import coarse_search
from qtrace.physics.tags.folded_correlation import (
    Stretch,
    false_alarm,
    folded_peak,
    threshold,
)


def world(**changes: float) -> PairWorld:
    base: dict[str, float] = {
        "first_rate": 1e5, "second_rate": 1e5, "pair_rate": 1e4, "seconds": 1.0,
        "delay_ps": 3_217_123_456,
    }  # fmt: skip
    return PairWorld(**{**base, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("delay", [3_217_123_456, -9_899_999_001, 0])
def test_the_delay_is_found_and_significant(delay: int) -> None:
    one = world(delay_ps=delay)
    peak = coarse_search(*one.draw(np.random.default_rng(1))).require_peak()
    assert abs(peak.delay_ps - delay) <= peak.resolution_ps
    assert peak.resolution_ps < 2000
    # pairs / sqrt(Na Nb) sqrt(bins) = 0.1 * 1024, of which a bin of 32.768 ns loses up to half.
    assert 50.0 < peak.significance < 115.0
    assert peak.false_alarm_probability < 1e-12


def test_swapped_streams_have_the_opposite_delay() -> None:
    one = world()
    first, second = one.draw(np.random.default_rng(2))
    there, back = coarse_search(first, second), coarse_search(second, first)
    assert abs(there.delay_ps + back.delay_ps) <= there.resolution_ps + back.resolution_ps


def test_clocks_that_start_hours_apart_need_the_expected_delay() -> None:
    hour = 3_600 * 10**12
    one = world(delay_ps=7 * hour + 4_000_000_123, first_start_ps=hour)
    first, second = one.draw(np.random.default_rng(3))
    with pytest.raises(InputError, match="do not overlap"):
        coarse_search(first, second)
    peak = coarse_search(first, second, centre_ps=7 * hour).require_peak()
    assert abs(peak.delay_ps - one.delay_ps) <= peak.resolution_ps


def test_a_delay_beyond_the_span_is_told_from_its_alias() -> None:
    # 30 ms in a fold of 34.36 ms looks like -4.36 ms.
    one = world(delay_ps=30_000_000_000)
    peak = coarse_search(*one.draw(np.random.default_rng(4)))
    assert peak.found
    assert "outside the span" in peak.note
    assert abs(peak.delay_ps - one.delay_ps) <= peak.resolution_ps


def test_few_pairs_need_a_longer_fold() -> None:
    # 75 km: 200 pairs per second among 1e5 and 1e4 tags; one fold of 34 ms does not do.
    one = world(second_rate=1e4, pair_rate=120.0, seconds=8.0, delay_ps=367_000_000)
    peak = coarse_search(*one.draw(np.random.default_rng(5))).require_peak()
    assert abs(peak.delay_ps - one.delay_ps) <= peak.resolution_ps


@pytest.mark.parametrize("skew", [1e-5, -7.3e-6])
def test_a_skew_within_the_limit_is_found_with_the_delay(skew: float) -> None:
    one = world(skew=skew, first_rate=3e5, second_rate=3e5, pair_rate=3e4)
    first, second = one.draw(np.random.default_rng(6))
    peak = coarse_search(first, second, skew_limit=1e-5).require_peak()
    true = one.delay_ps + one.true_delay(peak.epoch_ps)
    assert abs(peak.delay_ps - true) <= 2 * peak.resolution_ps
    assert abs(peak.frequency_deviation - skew) <= peak.frequency_resolution


def test_a_skew_beyond_the_search_is_said() -> None:
    one = world(skew=3e-5, first_rate=5e5, second_rate=5e5, pair_rate=1e5, seconds=0.1)
    peak = coarse_search(*one.draw(np.random.default_rng(7)), skew_limit=1e-7)
    assert not peak.found
    with pytest.raises(InputError, match="skew beyond the search") as caught:
        peak.require_peak()
    assert "appears only in windows" in caught.value.where


def test_no_pairs_is_a_result_that_require_refuses_with_its_significance() -> None:
    one = world(pair_rate=0.0, seconds=0.1)
    peak = coarse_search(*one.draw(np.random.default_rng(8)))
    assert not peak.found
    assert peak.significance < peak.threshold
    with pytest.raises(InputError, match=f"significance {peak.significance:.2f}"):
        peak.require_peak()


def test_false_alarms_come_at_their_rate() -> None:
    # Independent streams in a small fold, 400 times; probabilities of the greatest bin.
    generator = np.random.default_rng(10)
    chances = []
    for _ in range(400):
        first, second = (np.sort(generator.integers(0, 2**28, 3000)) for _ in range(2))
        part = Stretch(first, second, 0, 2**28, 0, 2**26)
        peak = folded_peak(part, bits=12, shift=15, skews=np.zeros(1))
        chances.append(false_alarm(peak.significance, peak.expected, peak.trials))
    below = np.mean(np.array(chances)[:, None] < np.array([0.05, 0.2]), axis=0)
    # Never more often than said (2.5 standard deviations of 400 runs) ...
    assert below[0] <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 400)
    assert below[1] <= 0.2 + 2.5 * np.sqrt(0.2 * 0.8 / 400)
    # ... and not much less: sums of neighbours count as if independent.
    assert below[1] > 0.06


def test_rates_that_vary_make_no_peak() -> None:
    # Both stations see light modulated alike at 1 kHz: correlated, but no pair.
    generator = np.random.default_rng(9)

    def stream() -> np.ndarray:
        times = np.sort(generator.uniform(0.0, 1e11, 40_000))
        kept = generator.uniform(size=len(times)) < 0.5 + 0.4 * np.sin(2e-9 * np.pi * times)
        return np.rint(times[kept]).astype(np.int64)

    assert not coarse_search(stream(), stream()).found


def test_threshold_and_false_alarm_are_inverse_and_reach_the_normal_limit() -> None:
    for mean, trials, probability in ((1e6, 1, 0.02275), (50.0, 10_000, 1e-3), (0.01, 10**6, 1e-4)):
        found = false_alarm(threshold(mean, trials, probability), mean, trials)
        assert found == pytest.approx(probability, rel=0.02)
    # Normal quantile 2.000 at 0.02275; a Poisson number of mean 1e6 is skew by 1e-3.
    assert threshold(1e6, 1, 0.02275) == pytest.approx(2.0, abs=2e-3)


def test_what_cannot_be_searched_is_refused() -> None:
    few = np.arange(5) * 10**9
    with pytest.raises(InputError, match="too few"):
        coarse_search(few, few)
    with pytest.raises(InputError, match="span from 1 us"):
        coarse_search(few, few, skew_limit=0.1)
