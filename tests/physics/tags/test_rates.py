"""Rates: exact intervals, stationarity, corrections; against closed forms and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detector_world import NS, branching_tags, renewal_tags
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.tags.rates import (
    count_rate,
    live_time_s,
    stationarity,
    variance_of_counts,
    without_afterpulses,
    without_dead_time,
)
from qtrace.physics.tags.reduced import Reduced

SECOND = 10**12
ROUNDING = 1e-12


def test_no_counts_have_an_upper_limit_and_a_posterior_width() -> None:
    found = count_rate(np.array([], dtype=np.int64), span_ps=(0, 250 * SECOND))
    assert (found.value, found.counts) == (0.0, 0)
    assert found.u == pytest.approx(math.sqrt(0.5) / 250.0, rel=ROUNDING)
    assert found.interval is not None
    # Garwood at zero counts: -ln(0.025) = 3.6889.
    assert found.interval.high == pytest.approx(-math.log(0.025) / 250.0, rel=1e-9)
    # One-sided 99.865 %: 6.608 counts.
    assert "at most 0.0264 /s at three standard deviations" in found.notes[-1]


def test_ten_counts_have_the_interval_of_garwood() -> None:
    found = count_rate(np.arange(10, dtype=np.int64), span_ps=(0, SECOND))
    assert found.interval is not None
    # Garwood (1936), table: 4.795 to 18.390 for 10 counts at 95 %.
    assert found.interval.low == pytest.approx(4.795, abs=5e-4)
    assert found.interval.high == pytest.approx(18.390, abs=5e-4)


def test_gaps_are_no_live_time() -> None:
    assert live_time_s((0, 10 * SECOND), gaps_ps=[(2 * SECOND, 3 * SECOND)]) == 9.0
    tags = np.array([SECOND, 4 * SECOND], dtype=np.int64)
    gap = [(2 * SECOND, 3 * SECOND)]
    assert count_rate(tags, span_ps=(0, 10 * SECOND), gaps_ps=gap).value == pytest.approx(2 / 9)
    inside = np.array([5 * SECOND // 2], dtype=np.int64)
    with pytest.raises(InputError, match="1 tags lie outside of the live time"):
        count_rate(inside, span_ps=(0, 10 * SECOND), gaps_ps=gap)
    with pytest.raises(InputError, match="overlaps"):
        live_time_s((0, 10), gaps_ps=[(1, 5), (4, 6)])


def test_a_drifting_rate_is_not_stationary() -> None:
    generator = np.random.default_rng(3)
    steady = np.sort(generator.uniform(0, 1e12, 20_000)).astype(np.int64)
    drifting = np.sort(1e12 * np.sqrt(generator.random(20_000))).astype(np.int64)
    assert stationarity(steady, span_ps=(0, SECOND)).p_value > 0.01
    found = stationarity(drifting, span_ps=(0, SECOND))
    assert found.p_value < 1e-6
    assert found.fano > 2.0
    with pytest.raises(InputError, match="too few"):
        stationarity(steady[:8], span_ps=(0, SECOND))


def test_dead_time_lowers_the_scatter_of_counts_as_stated() -> None:
    # 2000 blocks of 10 us at 2e7 /s behind 50 ns: load 1, so the variance is n T / 8.
    generator = np.random.default_rng(4)
    tags = renewal_tags(generator, events=200_000, rate=2e7, dead_ps=50 * NS)
    block = 10**7
    counts = np.diff(np.searchsorted(tags, np.arange(0, tags[-1], block)))
    expected = variance_of_counts(2e7, time_s=1e-5, dead_time_s=5e-8)
    assert expected == pytest.approx(200.0 / 8.0)
    # The sample variance of 2000 blocks has u of 3.2 %; its bias by the block's ends is 1 %.
    assert np.var(counts) == pytest.approx(expected, rel=0.13)
    span = (0, int(tags[-1]))
    assert stationarity(tags, span_ps=span, dead_time_s=5e-8).p_value > 0.001
    rate = count_rate(tags, span_ps=span, dead_time_s=5e-8)
    assert rate.u == pytest.approx(math.sqrt(200_000.5) / (span[1] * 1e-12) / 2.0, rel=0.01)
    true = without_dead_time(rate, dead_time_s=5e-8, u_dead_time_s=0.0)
    assert abs(true.value - 2e7) < 4.0 * true.u
    # The corrected rate has the u of all photons seen open: n / sqrt(N), not better.
    assert true.u == pytest.approx(true.value / math.sqrt(200_000), rel=0.01)


@given(load=st.floats(0.001, 0.95), tau=st.floats(1e-9, 1e-5), paralysable=st.booleans())
def test_the_correction_undoes_the_dead_time(*, load: float, tau: float, paralysable: bool) -> None:
    n = load / tau
    m = n * math.exp(-load) if paralysable else n / (1.0 + load)
    found = without_dead_time(
        Reduced(m, 0.01 * m), dead_time_s=tau, u_dead_time_s=0.0, paralysable=paralysable
    )
    assert found.value == pytest.approx(n, rel=1e-9)
    # u by a difference quotient of the forward formula.
    slope = math.exp(-load) * (1.0 - load) if paralysable else 1.0 / (1.0 + load) ** 2
    assert found.u == pytest.approx(0.01 * m / slope, rel=1e-6)


def test_beyond_saturation_no_rate_gives_the_count() -> None:
    with pytest.raises(InputError, match="beyond saturation"):
        without_dead_time(Reduced(4e7, 1.0), dead_time_s=2e-8, u_dead_time_s=0.0, paralysable=True)
    with pytest.raises(InputError, match="beyond saturation"):
        without_dead_time(Reduced(5e7, 1.0), dead_time_s=2e-8, u_dead_time_s=0.0)


def test_after_pulses_are_taken_out_with_their_scatter() -> None:
    generator = np.random.default_rng(5)
    pulls = []
    for _ in range(60):
        tags, _ = branching_tags(
            generator, span_ps=1e12, rate=2000.0, dead_ps=0.0, trap=0.3, trap_ps=1e5
        )
        tags = tags[tags < SECOND]
        raw = count_rate(tags, span_ps=(0, SECOND))
        found = without_afterpulses(raw, probability=0.3, u_probability=0.0)
        pulls.append((found.value - 2000.0) / found.u)
    assert abs(np.mean(pulls)) < 4.0 / math.sqrt(60)
    assert np.std(pulls) == pytest.approx(1.0, abs=0.28)  # three u of the scatter of 60


def test_floating_point_times_and_disorder_are_refused() -> None:
    with pytest.raises(InputError, match="whole picoseconds"):
        count_rate(np.array([1.5]), span_ps=(0, 10))
    with pytest.raises(InputError, match="step back"):
        count_rate(np.array([5, 3]), span_ps=(0, 10))
