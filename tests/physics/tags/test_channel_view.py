"""What is seen of a channel: bins that hold every interval, figures near the truth, or a reason."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.tags.channel_view import view_channel
from qtrace.physics.tags.log_intervals import log_intervals

PS_PER_S = 1e12


def poisson(rng: np.random.Generator, n: int, *, rate: float, dead_ps: int = 0) -> np.ndarray:
    """Continuous light on a detector with a dead time; rate before it, per s."""
    return np.cumsum(rng.exponential(PS_PER_S / rate, n).astype(np.int64) + dead_ps)


def test_every_interval_is_in_one_bin_or_told_of() -> None:
    rng = np.random.default_rng(1)
    tags = np.sort(np.concatenate((poisson(rng, 5000, rate=1e6), [5, 5])))
    tags = np.append(tags, tags[-1] + 10**9)  # a gap of a thousand mean intervals
    found = log_intervals(tags)
    assert int(found.counts.sum()) + found.beyond + found.zero == tags.size - 1
    assert found.beyond == 1
    assert found.zero >= 1
    assert found.edges_ps[-1] >= 100 * found.mean_ps > found.edges_ps[-2]


def test_bins_hold_whole_steps_of_a_coarse_scale() -> None:
    rng = np.random.default_rng(2)
    tags = 81 * np.cumsum(rng.geometric(0.01, 20_000))
    found = log_intervals(tags)
    assert found.step_ps == 81
    assert np.allclose(np.mod(found.edges_ps / 81, 1.0), 0.5)
    density = found.counts / np.diff(found.edges_ps)
    fine = density[found.edges_ps[1:] < 81 * 50]
    assert fine.min() > 0.5 * fine.max(), "no comb of empty and full bins"


def test_dead_time_is_seen_where_it_is() -> None:
    tags = poisson(np.random.default_rng(3), 40_000, rate=4e6, dead_ps=45_000)
    found = view_channel(tags)
    assert found.dead is not None
    edge = found.dead.dead_time
    assert abs(edge.value - 45_000) < 4 * edge.u
    assert found.afterpulse is None
    assert any("no excess" in one for one in found.not_said)


def test_after_pulses_are_seen_in_their_window() -> None:
    rng = np.random.default_rng(4)
    first = poisson(rng, 20_000, rate=1e4)
    own = rng.random(first.size) < 0.05
    after = first[own] + 45_000 + rng.exponential(200_000, int(own.sum())).astype(np.int64)
    found = view_channel(np.sort(np.concatenate((first, after))))
    assert found.dead is None, "too little light to see one"
    assert found.afterpulse is not None
    p = found.afterpulse.first_order
    # The window ends where the excess is lost in the noise: a little of it is outside.
    assert 0.041 < p.value < 0.056
    assert p.window_ps is not None
    assert 500_000 < p.window_ps[1] < 2_500_000


def test_pulsed_light_gives_no_dead_time_but_its_jitter() -> None:
    rng = np.random.default_rng(5)
    sync = np.arange(300_000, dtype=np.int64) * 100_000
    hit = sync[rng.random(sync.size) < 0.06]
    noise = rng.integers(0, int(sync[-1]), 1000)
    tags = np.sort(np.concatenate((hit + np.rint(rng.normal(40, 60, hit.size)), noise)))
    tags = tags[tags > 0].astype(np.int64)
    found = view_channel(tags, sync_ps=sync)
    assert found.dead is None
    assert found.afterpulse is None
    assert found.start_stop is not None
    assert found.start_stop.widths is not None
    fwhm = found.start_stop.widths.fwhm
    assert abs(fwhm.value - 60 * 2.3548) < 4 * fwhm.u
    assert abs(found.start_stop.widths.peak_ps - 40) < 20, "the peak is whole across the sync"


def test_a_sync_behind_its_tag_is_found() -> None:
    rng = np.random.default_rng(6)
    tags = poisson(rng, 4000, rate=2e4)
    sync = np.sort(tags + 7_000_000 + np.rint(rng.normal(0, 100, tags.size)).astype(np.int64))
    found = view_channel(tags, sync_ps=sync)
    assert found.start_stop is not None
    assert found.start_stop.widths is not None
    assert abs(found.start_stop.widths.peak_ps + 7_000_000) < 60


def test_rate_holds_every_tag() -> None:
    tags = poisson(np.random.default_rng(7), 3000, rate=1e5)
    found = view_channel(tags).rate
    assert int(found.counts.sum()) == tags.size
    assert found.counts.size == 60
    assert np.allclose(found.rate_per_s * found.block_s, found.counts)


def test_too_few_tags_are_refused_and_a_poor_sync_is_told() -> None:
    with pytest.raises(InputError, match="at least 100"):
        view_channel(np.arange(50, dtype=np.int64))
    tags = poisson(np.random.default_rng(8), 500, rate=1e5)
    found = view_channel(tags, sync_ps=tags[-1:] + 1)
    assert found.start_stop is None or found.start_stop.widths is None
    assert any("start-stop" in one or "FWHM" in one for one in found.not_said)
