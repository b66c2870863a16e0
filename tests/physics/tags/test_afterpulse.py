"""After-pulse probability from intervals and from pairs; against known traps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detector_world import NS, US, branching_tags, renewal_tags

from qtrace.errors import InputError
from qtrace.physics.tags.afterpulse import afterpulse_from_intervals, afterpulse_from_pairs
from qtrace.physics.tags.autocorrelation import (
    all_delays,
    autocorrelation_histogram,
    pairs_in_windows,
)

DEAD = 50 * NS
WINDOW = (50 * NS, 2 * US)


def test_both_methods_find_the_after_pulses_that_were_made() -> None:
    # A trap of 6 % that outlives later events; what empties in the dead time is not seen.
    tags, own = branching_tags(
        np.random.default_rng(21), span_ps=4e12, rate=2e4, dead_ps=DEAD, trap=0.06, trap_ps=2e5
    )
    first = 0.06 * math.exp(-DEAD / 2e5)
    assert own / tags.size == pytest.approx(first, rel=0.1)
    by_intervals = afterpulse_from_intervals(tags, window_ps=WINDOW)
    by_pairs = afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 30 * US))
    assert abs(by_intervals.first_order.value - first) < 4.0 * by_intervals.first_order.u
    # All orders per primary event: own of the others. The window cuts the last 5e-5 of the trap.
    every = own / (tags.size - own)
    assert abs(by_pairs.all_orders.value - every) < 4.0 * by_pairs.all_orders.u
    assert by_pairs.first_order.degrees_of_freedom == 49.0
    whole = by_pairs.all_orders.value
    assert by_pairs.first_order.value == pytest.approx(whole / (1.0 + whole), rel=1e-12)
    assert by_intervals.first_order.window_ps == WINDOW
    assert by_intervals.first_order.u < 0.002
    p = by_intervals.first_order.value
    assert by_intervals.all_orders.value == pytest.approx(p / (1 - p))


def test_a_negative_excess_is_reported() -> None:
    generator = np.random.default_rng(22)
    found = [
        afterpulse_from_intervals(
            renewal_tags(generator, events=4_000, rate=1e5, dead_ps=DEAD), window_ps=WINDOW
        ).first_order
        for _ in range(40)
    ]
    negative = [one for one in found if one.value < 0.0]
    assert 8 <= len(negative) <= 32  # as often as not: 20, u 3.2
    assert all(any("negative" in note for note in one.notes) for one in negative)
    assert abs(np.mean([one.value / one.u for one in found])) < 4.0 / math.sqrt(40)


def test_a_high_rate_is_said() -> None:
    tags = renewal_tags(np.random.default_rng(23), events=20_000, rate=1e6, dead_ps=DEAD)
    found = afterpulse_from_intervals(tags, window_ps=WINDOW)
    assert any("rate times window" in note for note in found.first_order.notes)


def test_a_window_that_ends_before_the_traps_is_said() -> None:
    tags = renewal_tags(
        np.random.default_rng(24), events=60_000, rate=1e5, dead_ps=DEAD, trap=0.2, trap_ps=1e6
    )
    found = afterpulse_from_intervals(tags, window_ps=(50 * NS, 200 * NS), tail_start_ps=1e7)
    assert any("widen the window" in note for note in found.first_order.notes)


def test_windows_out_of_order_are_refused() -> None:
    tags = renewal_tags(np.random.default_rng(25), events=2_000, rate=1e5, dead_ps=DEAD)
    with pytest.raises(InputError, match="dead time, end of the window") as refused:
        afterpulse_from_intervals(tags, window_ps=WINDOW, tail_start_ps=1e6)
    del refused
    with pytest.raises(InputError, match="begins inside"):
        afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(US, 3 * US))
    with pytest.raises(InputError, match="too few for"):
        afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 4 * US), blocks=1_000)


def test_pairs_are_those_of_a_double_loop() -> None:
    generator = np.random.default_rng(26)
    first = np.sort(generator.integers(0, 2_000, 150))
    second = np.sort(generator.integers(0, 2_000, 130))
    every = (second[None, :] - first[:, None]).ravel()
    inside = every[(every >= -70) & (every < 40)]
    assert sorted(all_delays(first, second, low_ps=-70, high_ps=40)) == sorted(inside)
    found = pairs_in_windows(first, second, centres_ps=[-50.0, 0.0, 33.0], width_ps=10)
    loop = [int(np.sum((every >= c - 5) & (every < c + 5))) for c in (-50, 0, 33)]
    assert found.tolist() == loop
    own = (first[None, :] - first[:, None])[np.triu_indices(first.size, 1)]
    counted = autocorrelation_histogram(first, bin_ps=10, high_ps=100)
    edges = np.arange(0, 101, 10) - 0.5
    assert counted.tolist() == np.histogram(own[own > 0], bins=edges)[0].tolist()


@pytest.mark.parametrize(("rate", "said"), [(2e4, False), (1e6, True)])
def test_a_high_rate_is_in_u_of_the_pairs_and_said(rate: float, *, said: bool) -> None:
    """Dead time takes pairs away: at 1e6 /s and 50 ns p comes out 13 % too small."""
    tags, _ = branching_tags(
        np.random.default_rng(27), span_ps=4e16 / rate, rate=rate, dead_ps=DEAD, trap=0.0635,
        trap_ps=2e5,
    )  # fmt: skip
    found = afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 30 * US))
    truth = 0.0635 * math.exp(-DEAD / 2e5)
    for one in (found.first_order, found.all_orders):
        assert any("rate times dead time" in note for note in one.notes) is said
        assert any("rate times window" in note for note in one.notes)
    # About 4 x, with x the part of the time that is dead.
    least = 4.0 * 0.9 * rate / (1.0 + rate * 5e-8) * 5e-8 * found.first_order.value
    assert found.first_order.u > least
    assert abs(found.first_order.value - truth) < 2.0 * found.first_order.u


def test_pairs_of_a_detector_that_is_mostly_dead_are_refused() -> None:
    tags = renewal_tags(np.random.default_rng(28), events=20_000, rate=1e7, dead_ps=DEAD)
    with pytest.raises(InputError, match="rate times dead time") as caught:
        afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 4 * US))
    assert "intervals" in caught.value.next_step


def test_bunched_light_looks_the_same_and_is_said() -> None:
    """No trap at all: light whose rate moves within 1 us gives a probability all the same."""
    generator = np.random.default_rng(29)
    cells = generator.exponential(0.05, 400_000)  # thermal: intensity of cells of 1 us
    counts = generator.poisson(cells)
    light = np.repeat(np.arange(counts.size) * 1e6, counts)
    tags = np.sort(np.rint(light + generator.uniform(0.0, 1e6, light.size)).astype(np.int64))
    found = afterpulse_from_intervals(tags, window_ps=(0.0, 2e6), tail_start_ps=1e7)
    assert found.first_order.value > 5.0 * found.first_order.u
    assert any("bunched light" in note for note in found.first_order.notes)
