"""Dead time, recovery and reset from intervals; detectors with known times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detector_world import NS, US, renewal_tags

from qtrace.errors import InputError
from qtrace.physics.tags.dead_time import dead_time
from qtrace.physics.tags.intervals import interval_histogram, intervals
from qtrace.physics.tags.recovery import exponential_recovery
from qtrace.physics.tags.tails import tail_of

DEAD = 50 * NS


def test_the_edge_is_found_and_the_minimum_lies_below_it() -> None:
    tags = renewal_tags(
        np.random.default_rng(11), events=200_000, rate=2e6, dead_ps=DEAD, jitter_ps=200.0
    )
    found = dead_time(tags)
    assert abs(found.dead_time.value - DEAD) < 4.0 * found.dead_time.u
    assert found.dead_time.u < 100.0
    # Jitter of both tags moves the shortest of many intervals in front of the edge.
    assert found.minimum_ps < DEAD - 200
    # 10 % to 90 % of a Gaussian edge of sqrt(2) 200 ps: 2.563 sigma = 725 ps.
    assert found.rise_ps == pytest.approx(725.0, rel=0.35)
    assert found.level == pytest.approx(1.0, abs=0.1)


def test_after_pulses_do_not_move_the_edge() -> None:
    generator = np.random.default_rng(12)
    pulls = []
    for _ in range(40):
        tags = renewal_tags(
            generator, events=30_000, rate=1e6, dead_ps=DEAD, trap=0.08, trap_ps=300 * NS
        )
        found = dead_time(tags)
        pulls.append((found.dead_time.value - DEAD) / found.dead_time.u)
    assert abs(np.mean(pulls)) < 0.7
    assert found.level > 1.05


def test_a_low_rate_shows_no_dead_time() -> None:
    tags = renewal_tags(np.random.default_rng(13), events=5_000, rate=1e3, dead_ps=DEAD)
    with pytest.raises(InputError, match="too low to see a dead time") as refused:
        dead_time(tags)
    assert "more light" in refused.value.next_step


def test_the_dead_time_of_the_tagger_is_not_taken_for_that_of_the_detector() -> None:
    tags = renewal_tags(np.random.default_rng(14), events=100_000, rate=1e6, dead_ps=78 * NS)
    found = dead_time(tags, tagger_dead_time_ps=78.0 * NS)
    assert any("dead time of the tagger" in note for note in found.dead_time.notes)
    free = dead_time(tags, tagger_dead_time_ps=2.0 * NS)
    assert not any("tagger" in note for note in free.dead_time.notes)


def test_twilight_counts_in_front_of_the_edge_are_counted_and_said() -> None:
    generator = np.random.default_rng(15)
    tags = renewal_tags(generator, events=200_000, rate=2e6, dead_ps=DEAD)
    extra = tags[generator.choice(tags.size, 200, replace=False)] + 10 * NS
    found = dead_time(np.sort(np.concatenate([tags, extra])))
    # Each extra tag makes a short interval of 10 ns and one a little shorter than 40 ns.
    assert found.early >= 150
    assert found.minimum_ps <= 10 * NS
    assert abs(found.dead_time.value - DEAD) < 5.0 * found.dead_time.u + 200
    assert any("in front of the edge" in note for note in found.dead_time.notes)


def test_a_slow_recovery_is_told_and_fitted() -> None:
    tags = renewal_tags(
        np.random.default_rng(16), events=300_000, rate=1e6, dead_ps=20 * NS, reset_ps=30 * NS
    )
    edge = dead_time(tags)
    assert any("not symmetric" in note for note in edge.dead_time.notes)
    found = exponential_recovery(tags)
    for one, truth in (
        (found.time_constant, 30 * NS),
        (found.half, (20 + 30 * math.log(2)) * NS),
        (found.reset_time, 30 * NS * math.log(10)),
        (found.recovery_time, (20 + 30 * math.log(10)) * NS),
        (found.rise, 30 * NS * math.log(9)),
    ):
        assert abs(one.value - truth) < 4.0 * one.u, one
    # The corner of the exponential is no regular parameter: its u is a guide only.
    assert abs(found.dead_time.value - 20 * NS) < 8.0 * found.dead_time.u
    assert found.rate_per_ps == pytest.approx(1e-6, rel=0.02)


def test_the_tail_knows_its_rate_and_whether_it_is_exponential() -> None:
    generator = np.random.default_rng(17)
    pulls, low = [], 0
    for _ in range(200):
        waits = np.rint(generator.exponential(1e6, 2_000)).astype(np.int64)
        tail = tail_of(waits, start_ps=5e5)
        pulls.append((tail.rate_per_ps - 1e-6) / tail.u_rate_per_ps)
        low += tail.goodness < 0.05
    assert np.std(pulls) == pytest.approx(1.0, abs=0.15)
    # At 5 %: 10 of 200, u 3.1.
    assert 1 <= low <= 20
    mixed = np.concatenate([waits, np.rint(generator.exponential(2e7, 1_000)).astype(np.int64)])
    assert tail_of(mixed, start_ps=5e5).goodness < 0.001


def test_the_histogram_counts_every_interval_once() -> None:
    tags = np.array([0, 10, 15, 100, 100], dtype=np.int64)
    found = interval_histogram(tags, bin_ps=5, high_ps=20)
    assert found.counts.tolist() == [1, 1, 1, 0]
    assert (found.beyond, found.minimum_ps) == (1, 0)
    assert found.centres_ps().tolist() == [2.0, 7.0, 12.0, 17.0]
    assert intervals(tags).tolist() == [10, 5, 85, 0]
    with pytest.raises(InputError, match="at least 2"):
        intervals(tags[:1])
    with pytest.raises(InputError, match="bins of 0 ps"):
        interval_histogram(tags, bin_ps=0, high_ps=US)


@pytest.mark.parametrize("true_ns", [45.0, 45.3, 45.5, 45.8])
def test_the_steps_of_the_tagger_do_not_shift_the_edge(true_ns: float) -> None:
    """A window that ends on a step of 1 ns was wrong by half of it: 45.0 ns gave 44.44 ns."""
    generator = np.random.default_rng(18)
    found = []
    for _ in range(12):
        tags = renewal_tags(generator, events=100_000, rate=2e6, dead_ps=true_ns * NS)
        coarse = np.rint(tags / NS).astype(np.int64) * NS
        found.append(dead_time(coarse, resolution_ps=float(NS)).dead_time.value / NS)
    # Scatter of one 0.2 ns to 0.3 ns: 0.08 ns of the mean of twelve.
    assert np.mean(found) == pytest.approx(true_ns, abs=0.25)
