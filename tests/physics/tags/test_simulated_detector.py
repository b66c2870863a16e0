"""Simulated tags of a detector: truth by simple estimators, laws of order and grid, the same bytes.

Anchors: rates of the two kinds of dead time, m = n / (1 + n tau) and m = n exp(-n tau); variance of
a normal with exponential tail; a Poisson process's Fano factor after a fixed dead time.
"""

from __future__ import annotations

import math
import tracemalloc
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_clock import ClockModel, ClockNoise, draw_clock
from qtrace.physics.tags.simulated_detector import AFTER_PULSE, AfterPulse, DetectorModel
from qtrace.physics.tags.simulated_station import StationModel, TaggerModel
from qtrace.physics.tags.simulated_stream import (
    SYNC_CHANNEL,
    DetectorWorld,
    LightModel,
    SimulatedStream,
    StreamRun,
    simulate_detector,
)

FIVE_SIGMA = 5.0  # of a seeded draw: it passes or fails for good


def drawn(seed: int, **world: object) -> SimulatedStream:
    generator = np.random.Generator(np.random.PCG64(seed))
    return simulate_detector(DetectorWorld(**world), generator=generator)  # type: ignore[arg-type]


def seen_rate(seed: int, rate: float, **detector: object) -> tuple[float, float]:
    """Return counts per second, with the standard deviation of a Poisson count (an upper one)."""
    seconds = min(1.0, 2e6 / rate)
    stream = drawn(
        seed,
        duration_s=seconds,
        light=LightModel(rate),
        detector=DetectorModel(**detector),  # type: ignore[arg-type]
        block_s=0.3 * seconds,
    )
    return stream.times.size / seconds, math.sqrt(stream.times.size) / seconds


def test_the_rate_of_a_detector_that_is_always_ready_is_light_times_efficiency_plus_darks() -> None:
    count, u = seen_rate(1, 4e5, efficiency=0.25, dark_rate_hz=5e3)
    assert abs(count - 1.05e5) < FIVE_SIGMA * u


@pytest.mark.parametrize("rate", [1e5, 2e6, 2e7])
def test_a_non_paralysable_dead_time_limits_the_rate(rate: float) -> None:
    count, u = seen_rate(2, rate, dead_time_ps=2e5)
    assert abs(count - rate / (1.0 + rate * 2e-7)) < FIVE_SIGMA * u


@pytest.mark.parametrize("rate", [1e5, 2e6, 2e7])
def test_a_paralysable_dead_time_lowers_a_high_rate(rate: float) -> None:
    count, u = seen_rate(3, rate, dead_time_ps=2e5, paralysable=True)
    assert abs(count - rate * math.exp(-rate * 2e-7)) < FIVE_SIGMA * u


def test_the_variance_of_counts_behind_a_dead_time_is_below_that_of_poisson() -> None:
    # Asymptotic variance n T / (1 + n tau)^3: reference 5 of the module's dead times.
    stream = drawn(
        4, duration_s=2.0, light=LightModel(5e6), detector=DetectorModel(dead_time_ps=2e5)
    )
    counts = np.bincount(stream.times // 10**8, minlength=20_000)[:20_000]
    fano = counts.var() / counts.mean()
    # 20 000 windows of 100 us: the relative u of a variance is 1 %.
    assert fano == pytest.approx(1.0 / (1.0 + 5e6 * 2e-7) ** 2, rel=0.05)


def test_the_efficiency_comes_back_exponentially_after_the_dead_time() -> None:
    dead, recovery, rate = 5e4, 4e4, 4e6
    stream = drawn(
        5,
        duration_s=0.5,
        light=LightModel(rate),
        detector=DetectorModel(dead_time_ps=dead, recovery_ps=recovery),
    )
    gaps = np.diff(stream.times).astype(float)
    assert gaps.min() >= dead - 1.0
    # Survival of a renewal with rate r (1 - exp(-t/T)): exp(-r (t - T (1 - exp(-t/T)))).
    for after in (2e4, 6e4, 2e5):
        expected = math.exp(-rate * 1e-12 * (after - recovery * (1 - math.exp(-after / recovery))))
        share = float(np.mean(gaps > dead + after))
        u = math.sqrt(expected * (1 - expected) / gaps.size)
        assert abs(share - expected) < FIVE_SIGMA * u


def test_after_pulses_are_as_many_and_as_late_as_their_traps_say() -> None:
    model = DetectorModel(
        dead_time_ps=5e4, after_pulses=(AfterPulse(0.05, 1e5), AfterPulse(0.02, 2e6))
    )
    stream = drawn(6, duration_s=20.0, light=LightModel(2e4), detector=model)
    share = stream.truth["after_pulses_per_click"]
    expected = 0.05 * math.exp(-0.5) + 0.02 * math.exp(-0.025)
    # Clicks are 4e5 and each is followed by one or none: u is 3.5e-4. Losses at this rate: 1e-3
    # of them by another click's dead time.
    assert share == pytest.approx(expected, abs=FIVE_SIGMA * 3.5e-4)
    assert model.after_pulse_probability() == pytest.approx(
        1 - (1 - 0.05 * math.exp(-0.5)) * (1 - 0.02 * math.exp(-0.025)), rel=1e-12
    )
    # Autocorrelation without knowing origins: excess of intervals to all later tags in a window.
    times, low, high = stream.times, 50_000, 300_000
    first = np.searchsorted(times, times + low)
    pairs = np.searchsorted(times, times + high) - first
    accidental = times.size * times.size / 20.0 * (high - low) * 1e-12
    excess = (pairs.sum() - accidental) / times.size
    window = 0.05 * (math.exp(-0.5) - math.exp(-3.0)) + 0.02 * (math.exp(-0.025) - math.exp(-0.15))
    assert excess == pytest.approx(window, abs=FIVE_SIGMA * 4e-4)


def test_without_after_pulses_there_are_none() -> None:
    stream = drawn(7, duration_s=1.0, light=LightModel(1e5))
    assert not np.any(stream.tags.origins == AFTER_PULSE)


def test_jitter_against_the_sync_has_the_mean_and_variance_of_its_parts() -> None:
    model = DetectorModel(jitter_ps=40.0, tail_ps=200.0, tail_share=0.3, delay_ps=3000.0)
    stream = drawn(
        8,
        duration_s=2.0,
        light=LightModel(pulse_rate_hz=1e6, mean_photons=0.05, pulse_ps=30.0, sync_divider=1),
        detector=model,
    )
    sync = np.searchsorted(stream.sync, stream.times - 3000 + 500_000) - 1
    delays = (stream.times - stream.sync[sync]).astype(float)
    u_mean = delays.std() / math.sqrt(delays.size)
    assert abs(delays.mean() - (3000.0 + 60.0)) < FIVE_SIGMA * u_mean
    # w T^2 (2 - w), the pulse, rounding to 1 ps of both.
    variance = 40.0**2 + 0.3 * 1.7 * 200.0**2 + 30.0**2 + 2.0 / 12.0
    centred = (delays - delays.mean()) ** 2
    u_variance = centred.std() / math.sqrt(delays.size)
    assert abs(centred.mean() - variance) < FIVE_SIGMA * u_variance
    assert stream.truth["jitter_standard_deviation_ps"] == pytest.approx(
        math.sqrt(variance - 900.0 - 1.0 / 6.0), rel=1e-12
    )


def test_sync_pulses_stand_on_one_grid_whatever_the_blocks_are() -> None:
    light = LightModel(pulse_rate_hz=76e6, mean_photons=1e-6, sync_divider=7600)
    for block in (0.013, 0.5):
        sync = drawn(9, duration_s=0.2, light=light, block_s=block).sync
        assert np.array_equal(sync, np.arange(2000) * 10**8)


def test_single_photons_never_come_two_in_a_pulse_and_poissonian_ones_do() -> None:
    def doubles(*, single: bool) -> tuple[int, int]:
        light = LightModel(pulse_rate_hz=1e6, mean_photons=0.3, single_photons=single)
        times = drawn(10, duration_s=1.0, light=light).times
        return int(np.sum(np.diff(times) == 0)), times.size

    assert doubles(single=True)[0] == 0
    assert abs(doubles(single=True)[1] - 3e5) < FIVE_SIGMA * math.sqrt(3e5 * 0.7)
    # Poisson: one less than the photons of each pulse, mu - (1 - exp(-mu)) per pulse.
    expected = 1e6 * (0.3 - (1 - math.exp(-0.3)))
    assert abs(doubles(single=False)[0] - expected) < FIVE_SIGMA * math.sqrt(2 * expected)


def test_a_full_buffer_loses_stretches_and_says_so() -> None:
    stream = drawn(
        11,
        duration_s=1.0,
        light=LightModel(1e6),
        station=StationModel(tagger=TaggerModel(buffer_tags=50_000, drain_rate_hz=4e5)),
        block_s=0.07,
    )
    stretches = stream.truth["overflow_stretches_ps"]
    assert isinstance(stretches, list)
    assert stream.truth["overflows"] == len(stretches) > 3
    assert (
        stream.truth["lost_to_overflow"] + stream.times.size
        == stream.truth["photons_that_would_click"]
    )
    for first, last in stretches:
        # Half the buffer is drained in 62.5 ms, across the ends of blocks as well.
        assert last - first == pytest.approx(62.5e9, rel=1e-3)
        assert not np.any((stream.times > first) & (stream.times < last))
    unhurried = drawn(11, duration_s=0.1, light=LightModel(1e6))
    assert (unhurried.truth["overflows"], unhurried.truth["lost_to_overflow"]) == (0, 0)


def test_the_clock_moves_every_tag_as_it_says() -> None:
    light = LightModel(pulse_rate_hz=1e3, mean_photons=0.0, sync_divider=1)
    clock = ClockModel(offset_ps=-7_000_000_000, frequency=2e-6, drift_per_s=1e-9)
    tags = drawn(12, duration_s=5.0, light=light, station=StationModel(clock), block_s=0.4).sync
    t = np.arange(5000) / 1000.0
    expected = t * 1e12 - 7e9 + (2e-6 * t + 0.5e-9 * t * t) * 1e12
    assert np.max(np.abs(tags - expected)) <= 0.51


def test_white_noises_have_the_allan_deviation_that_they_say() -> None:
    generator = np.random.Generator(np.random.PCG64(13))
    for alpha, at_four in ((2, 0.25), (0, 0.5)):
        clock = draw_clock(
            ClockModel(noises=(ClockNoise(alpha, 1e-10),), interval_s=0.5),
            duration_s=50_000.0,
            generator=generator,
        )
        for m, factor in ((1, 1.0), (4, at_four)):
            x = clock.noise_ps[::m] * 1e-12
            y = np.diff(x) / (0.5 * m)
            deviation = math.sqrt(0.5 * np.mean(np.diff(y) ** 2))
            # 25 000 differences and more: relative u of the deviation below 1 %.
            assert deviation == pytest.approx(1e-10 * factor, rel=0.04)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    world = {
        "duration_s": 0.2,
        "light": LightModel(1e5),
        "detector": DetectorModel(
            dead_time_ps=1e4, recovery_ps=1e4, after_pulses=(AfterPulse(0.1, 1e5),), jitter_ps=20.0
        ),
        "block_s": 0.05,
    }
    first, second, third = (drawn(seed, **world) for seed in (14, 14, 15))
    assert first.tags.times.tobytes() == second.tags.times.tobytes()
    assert first.truth == second.truth
    assert first.tags.times.tobytes() != third.tags.times.tobytes()
    assert first.simulated is True


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0.0, 1e6),
    dead=st.integers(0, 10**7),
    step=st.integers(1, 500),
    tagger_dead=st.integers(0, 10**6),
    jitter=st.floats(0.0, 2000.0),
    offset=st.integers(-(10**12), 10**12),
    block=st.floats(1e-3, 0.05),
    paralysable=st.booleans(),
)
def test_tags_are_ordered_on_the_grid_and_apart(
    *,
    seed: int,
    rate: float,
    dead: int,
    step: int,
    tagger_dead: int,
    jitter: float,
    offset: int,
    block: float,
    paralysable: bool,
) -> None:
    stream = drawn(
        seed,
        duration_s=0.02,
        light=LightModel(rate),
        detector=DetectorModel(
            dead_time_ps=float(dead),
            paralysable=paralysable,
            after_pulses=(AfterPulse(0.3, 1e6),),
            jitter_ps=jitter,
            delay_ps=500.0,
        ),
        station=StationModel(ClockModel(offset_ps=offset), TaggerModel(step, tagger_dead)),
        block_s=block,
    )
    gaps = np.diff(stream.times)
    assert np.all(gaps >= tagger_dead)
    assert np.all(stream.times % step == 0)
    # Clicks are a dead time apart; jitter and rounding of two tags may bring them closer.
    assert np.all(gaps >= dead - 2 * (10 * jitter + step) - 1)
    assert not np.any(stream.tags.channels == SYNC_CHANNEL)


def test_memory_holds_a_block_and_not_the_simulation() -> None:
    def peak(duration: float) -> int:
        generator = np.random.Generator(np.random.PCG64(16))
        world = DetectorWorld(duration, LightModel(2e5), block_s=0.5)
        tracemalloc.start()
        total = sum(one.times.size for one in StreamRun(world, generator=generator).blocks())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total == pytest.approx(2e5 * duration, rel=0.05)
        return most

    peak(0.5)  # compiles
    assert peak(20.0) < 1.5 * peak(2.0)


def test_after_pulses_and_jitter_go_on_from_block_to_block() -> None:
    # Both are as long as a block: what is forgotten at its end would be missed, or out of order.
    for block in (0.001, 0.2):
        stream = drawn(
            17,
            duration_s=0.2,
            light=LightModel(5e5),
            detector=DetectorModel(after_pulses=(AfterPulse(0.3, 1e9),), jitter_ps=1e6),
            block_s=block,
        )
        clicks = 5e5 * 0.2 / 0.7
        # Those at the end come too late: 0.3 of the clicks of 1 ms / 0.7.
        assert stream.times.size == pytest.approx(clicks - 5e5 * 0.001 * 0.3 / 0.7**2, rel=0.02)
        assert np.all(np.diff(stream.times) >= 0)
        # What came out of order would be taken for a tag within the dead time, here of zero.
        assert stream.truth["lost_to_dead_time_of_tagger"] == 0


def test_coloured_noises_have_the_level_that_they_say_where_they_can_be_drawn() -> None:
    for alpha, m in ((1, 16), (-1, 16), (-2, 16)):
        model = ClockModel(noises=(ClockNoise(alpha, 1e-10),), interval_s=0.5)
        generator = np.random.Generator(np.random.PCG64(18))
        if find_spec("qtrace.physics.timing.power_law_noise") is None:
            with pytest.raises(InputError, match="cannot be drawn"):
                draw_clock(model, duration_s=1.0, generator=generator)
            continue
        x = draw_clock(model, duration_s=50_000.0, generator=generator).noise_ps * 1e-12
        second = x[2 * m :] - 2 * x[m:-m] + x[: -2 * m]
        deviation = math.sqrt(np.mean(second**2) / 2.0) / (0.5 * m)
        # Slopes of ADEV: flicker of phase 1/tau (with a logarithm), of frequency flat, random walk
        # of frequency sqrt(tau); 6000 intervals of 8 s.
        ratio = (1.038 + 3 * math.log(math.pi * m)) / (1.038 + 3 * math.log(math.pi))
        expected = {1: math.sqrt(ratio) / m, -1: 1.0, -2: math.sqrt(m)}[alpha]
        assert deviation == pytest.approx(1e-10 * expected, rel=0.1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DetectorModel(efficiency=1.1),
        lambda: DetectorModel(dark_rate_hz=-1.0),
        lambda: DetectorModel(jitter_ps=math.nan),
        lambda: DetectorModel(after_pulses=(AfterPulse(1.0, 1e5),)),
        lambda: DetectorModel(after_pulses=(AfterPulse(0.6, 1e5), AfterPulse(0.5, 1e5))),
        lambda: DetectorModel(after_pulses=(AfterPulse(0.1, 0.0),)),
        lambda: TaggerModel(resolution_ps=0),
        lambda: TaggerModel(buffer_tags=100),
        lambda: ClockModel(frequency=0.7),
        lambda: ClockModel(noises=(ClockNoise(3, 1e-12),)),
        lambda: LightModel(rate_hz=1.0, pulse_rate_hz=1.0),
        lambda: LightModel(pulse_rate_hz=1e6, mean_photons=1.5, single_photons=True),
        lambda: DetectorWorld(0.0),
        lambda: DetectorWorld(1.0, block_s=0.0),
        lambda: DetectorWorld(1e4, LightModel(1e9), block_s=1e3),
    ],
)
def test_what_cannot_be_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]


def test_a_noise_that_turns_the_clock_back_is_refused() -> None:
    model = ClockModel(noises=(ClockNoise(2, 1.0),), interval_s=1e-3)
    with pytest.raises(InputError, match="frequency of the clock"):
        draw_clock(model, duration_s=1.0, generator=np.random.Generator(np.random.PCG64(1)))
