"""Simulated synchronizations: delays, widths, rates and clocks found again by simple estimators.

Anchors: variances of independent parts add; the expected delay is offset + path + delays of the
detectors; D L lambda for two wavelengths. No estimator of qtrace itself is used here.
"""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_clock import ClockModel, ClockNoise
from qtrace.physics.tags.simulated_detector import DetectorModel
from qtrace.physics.tags.simulated_pairs import (
    Accidentals,
    PairSource,
    PairWorld,
    UserModel,
    pair_spreads,
)
from qtrace.physics.tags.simulated_path import DelayAttack, PathModel, Temperature
from qtrace.physics.tags.simulated_run import PairRun, SimulatedTags, simulate_pairs
from qtrace.physics.tags.simulated_station import StationModel, TaggerModel

FIVE_SIGMA = 5.0  # of a seeded draw: it passes or fails for good
DELAY = 50_000_000.0
JITTERY = DetectorModel(efficiency=0.8, jitter_ps=40.0)
PATH = PathModel(DELAY, transmittance=0.3, backward_transmittance=0.5)
SOURCE = PairSource(3e4, local_transmittance=0.9)
USER = UserModel("B", PATH, SOURCE, local=JITTERY, received=JITTERY, returned=JITTERY)


def drawn(seed: int, user: UserModel = USER, **world: object) -> SimulatedTags:
    given: dict[str, object] = {"scheme": "one_way", "duration_s": 1.0, "block_s": 0.3}
    made = PairWorld(users=(user,), **(given | world))  # type: ignore[arg-type]
    return simulate_pairs(made, generator=np.random.Generator(np.random.PCG64(seed)))


def delays(
    first: NDArray[np.int64], second: NDArray[np.int64], near: float, half: float
) -> NDArray[np.float64]:
    """Return second - first of the nearest second to first + near, within half, less near."""
    wanted = first + round(near)
    after = np.clip(np.searchsorted(second, wanted), 1, second.size - 1)
    found = np.concatenate([second[after] - wanted, second[after - 1] - wanted])
    return found[np.abs(found) < half] + (round(near) - near)


def assert_mean(found: NDArray[np.float64], expected: float, sigma: float) -> None:
    assert found.size > 100
    assert abs(found.mean() - expected) < FIVE_SIGMA * sigma / math.sqrt(found.size)
    # The variance of a normal variance is 2 sigma^4 / n; accidental pairs in the window add < 1 %.
    assert found.std() == pytest.approx(sigma, rel=0.01 + FIVE_SIGMA / math.sqrt(2 * found.size))


def of_user(tags: SimulatedTags, field: str) -> float:
    users = tags.truth["users"]
    assert isinstance(users, dict)
    value = users["B"][field]
    return float(np.mean(value))


def test_one_way_delays_have_the_mean_and_width_of_their_parts() -> None:
    user = replace(
        USER,
        source=replace(SOURCE, correlation_ps=30.0),
        received=replace(JITTERY, delay_ps=700.0),
        station=StationModel(ClockModel(offset_ps=-3_000_000_000), TaggerModel(20)),
    )
    tags = drawn(1, user)
    sigma = math.sqrt(40.0**2 * 2 + 30.0**2 + (20**2 + 1) / 12)
    assert pair_spreads(PairWorld("one_way", 1.0, (user,)), user)[0] == pytest.approx(sigma)
    assert of_user(tags, "pair_standard_deviation_ps") == pytest.approx(sigma)
    found = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY - 3e9 + 700, 6 * sigma)
    assert_mean(found, 0.0, sigma)
    assert of_user(tags, "offset_ps") == -3e9
    assert of_user(tags, "local_delay_difference_ps") == 700.0


def test_rates_are_those_of_losses() -> None:
    tags = drawn(2)
    local, received = tags.channel("A", 1).size, tags.channel("B", 1).size
    pairs = of_user(tags, "pairs")
    for count, expected in (
        (local, 3e4 * 0.9 * 0.8),
        (received, 3e4 * 0.3 * 0.8),
        (pairs, 3e4 * 0.9 * 0.8 * 0.3 * 0.8),
    ):
        assert abs(count - expected) < FIVE_SIGMA * math.sqrt(expected)
    # Heralding: the share of received photons with a partner is the efficiency of the local arm.
    found = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY, 400.0).size
    assert found / received == pytest.approx(0.72, abs=FIVE_SIGMA * math.sqrt(0.2 / received))


def test_the_round_trip_gives_the_way_there_and_back() -> None:
    path = replace(PATH, asymmetry_ps=500.0, dispersion_ps_per_nm=1000.0, wavelength_step_nm=0.3)
    user = replace(USER, path=path, return_share=0.4)
    tags = drawn(3, user, scheme="round_trip", duration_s=2.0)
    found = delays(tags.channel("A", 1), tags.channel("A", 2), 2 * DELAY, 1200.0)
    there = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY, 300.0)
    sigma = math.sqrt(40.0**2 * 2)
    assert_mean(found, -800.0, math.sqrt(sigma**2 + 1 / 6))
    assert_mean(there, 0.0, math.sqrt(sigma**2 + 1 / 6))
    assert of_user(tags, "asymmetry_ps") == pytest.approx(800.0)
    expected = 2.0 * 3e4 * 0.3 * 0.4 * 0.5 * 0.8
    assert abs(tags.channel("A", 2).size - expected) < FIVE_SIGMA * math.sqrt(expected)
    # The scheme's formula with the true asymmetry: offset = d - RTT/2 - asymmetry/2.
    offset = there.mean() + DELAY - (found.mean() + 2 * DELAY) / 2 - 400.0
    assert abs(offset) < FIVE_SIGMA * sigma * math.sqrt(1 / there.size + 0.25 / found.size)


def test_two_ways_measured_apart_give_the_offset_back() -> None:
    user = replace(
        USER,
        path=replace(PATH, asymmetry_ps=-600.0),
        back_source=PairSource(2e4, correlation_ps=20.0),
        back_local=JITTERY,
        station=StationModel(ClockModel(offset_ps=12_345)),
    )
    tags = drawn(4, user, scheme="two_way")
    there = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY + 12_345, 400.0)
    back = delays(tags.channel("B", 2), tags.channel("A", 2), DELAY + 600.0 - 12_345, 400.0)
    assert_mean(back, 0.0, of_user(tags, "pair_standard_deviation_back_ps"))
    # (d_AB - d_BA) / 2 - asymmetry / 2, each less its expected value above.
    half_difference = (there.mean() + 12_345 - (back.mean() + 600.0 - 12_345)) / 2
    u = 60.0 * math.sqrt(0.25 / there.size + 0.25 / back.size)
    assert abs(half_difference + 300.0 - 12_345) < FIVE_SIGMA * u


def test_dispersion_widens_and_the_opposite_one_at_the_partner_undoes_it() -> None:
    path = replace(PATH, dispersion_ps_per_nm=1275.0)
    for local, extra in ((0.0, 1275.0), (-1275.0, 0.0), (-1000.0, 275.0)):
        source = replace(SOURCE, bandwidth_nm=0.2, local_dispersion_ps_per_nm=local)
        tags = drawn(5, replace(USER, path=path, source=source))
        sigma = math.sqrt(2 * 40.0**2 + (0.2 * extra) ** 2 + 1 / 6)
        found = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY, 6 * sigma)
        assert_mean(found, 0.0, sigma)


def test_temperature_and_an_attack_move_the_delay_when_they_should() -> None:
    path = replace(
        PATH,
        delay_ps_per_k=2800.0,
        temperature=Temperature(amplitude_k=0.5, period_s=2.0, drift_k_per_s=0.1),
        attack=DelayAttack(start_s=1.5, forward_ps=4000.0),
    )
    tags = drawn(6, replace(USER, path=path), duration_s=2.0, block_s=0.1)
    a, b = tags.channel("A", 1), tags.channel("B", 1)
    for low in np.arange(0.0, 2.0, 0.1):
        middle = low + 0.05
        extra = 2800.0 * (0.5 * math.sin(math.pi * middle) + 0.1 * middle)
        extra += 4000.0 if low >= 1.45 else 0.0
        part = a[(a >= low * 1e12) & (a < (low + 0.1) * 1e12)]
        found = delays(part, b, DELAY + extra, 600.0)
        # In 0.1 s the delay goes along by up to 470 ps: a uniform spread around its middle; the
        # sine's curvature shifts the mean by less than 6 ps.
        assert abs(found.mean()) < 6.0 + FIVE_SIGMA * 150.0 / math.sqrt(found.size)
    users = tags.truth["users"]
    assert isinstance(users, dict)
    asymmetry = np.array(users["B"]["asymmetry_ps"])
    middles = np.array(tags.truth["block_middle_s"])
    assert np.allclose(asymmetry, np.where(middles >= 1.5, 4000.0, 0.0), atol=1e-6)


def test_a_symmetric_attack_makes_no_asymmetry() -> None:
    path = replace(PATH, attack=DelayAttack(0.2, 9000.0, 9000.0))
    truth = drawn(7, replace(USER, path=path)).truth
    users = truth["users"]
    assert isinstance(users, dict)
    assert users["B"]["asymmetry_ps"] == [0.0] * 4
    assert users["B"]["forward_delay_ps"][-1] == DELAY + 9000.0


def test_clocks_differ_as_the_truth_says() -> None:
    clock_a = ClockModel(5_000, frequency=-2e-9, noises=(ClockNoise(0, 2e-9),), interval_s=0.01)
    clock_b = ClockModel(-80_000, frequency=3e-9, drift_per_s=1e-9)
    user = replace(USER, station=StationModel(clock_b))
    tags = drawn(8, user, duration_s=3.0, block_s=0.5, station=StationModel(clock_a))
    users = tags.truth["users"]
    assert isinstance(users, dict)
    a, b = tags.channel("A", 1), tags.channel("B", 1)
    for start, offset, skew in zip(
        np.array(tags.truth["block_start_s"]),
        users["B"]["offset_ps"],
        users["B"]["skew"],
        strict=True,
    ):
        # Only what is near the middle of the block, in which the offset moves by 0.1 ns and less.
        part = a[np.abs(a - (start + 0.25) * 1e12) < 1e10]
        found = delays(part, b, DELAY + offset, 1000.0)
        assert abs(found.mean()) < 30.0 + FIVE_SIGMA * 80.0 / math.sqrt(found.size)
        assert skew == pytest.approx(5e-9 + 1e-9 * (start + 0.25), abs=1.5e-9)


def test_users_have_channels_of_their_own() -> None:
    second = replace(USER, name="C", path=replace(PATH, delay_ps=7e7), source=PairSource(1e4))
    world = PairWorld("one_way", 1.0, (USER, second))
    tags = simulate_pairs(world, generator=np.random.Generator(np.random.PCG64(9)))
    assert set(np.unique(tags.first[1])) == {1, 3}
    assert set(np.unique(tags.second[1])) == {1}
    sigma = math.sqrt(2 * 40.0**2 + 1 / 6)
    assert_mean(delays(tags.channel("A", 1), tags.channel("B", 1), 5e7, 400.0), 0.0, sigma)
    other = delays(tags.channel("A", 3), tags.channel("C", 1), 7e7, 400.0)
    assert other.size == pytest.approx(1e4 * 0.8 * 0.24, rel=0.15)
    # A wrong partner gives no peak: accidentals in 0.8 ns alone.
    wrong = delays(tags.channel("A", 3), tags.channel("B", 1), 5e7, 400.0)
    assert wrong.size < 5


def test_accidentals_are_flat_within_their_half_width_and_nowhere_else() -> None:
    user = replace(USER, source=replace(SOURCE, pair_rate_hz=1.0))
    user = replace(user, accidentals=Accidentals(5e3, 2000.0))
    tags = drawn(10, user, duration_s=4.0)
    found = delays(tags.channel("A", 1), tags.channel("B", 1), DELAY, 10_000.0)
    assert abs(found.size - 2e4) < FIVE_SIGMA * math.sqrt(2e4)
    # Jitter of both sides rounds the edges off.
    assert np.max(np.abs(found)) < 2000.0 + 6 * 57.0 or np.mean(np.abs(found) > 2350.0) < 1e-3
    counts = np.histogram(found, bins=16, range=(-1800.0, 1800.0))[0]
    expected = 2e4 * 0.9 / 16
    # Chi-squared of 16 bins below its 1e-6 quantile, 57.
    assert np.sum((counts - expected) ** 2 / expected) < 57.0


def test_there_is_light_from_the_first_instant_to_the_last() -> None:
    tags = drawn(11, replace(USER, path=replace(PATH, delay_ps=4e11)))
    parts = np.bincount(tags.channel("B", 1) // (10**12 // 10), minlength=10)
    assert parts.size == 10
    assert np.all(np.abs(parts - 720.0) < FIVE_SIGMA * math.sqrt(720.0))


def test_blocks_join_without_a_seam_and_in_order() -> None:
    user = replace(
        USER,
        received=replace(JITTERY, dead_time_ps=4e6, delay_ps=1e5, dark_rate_hz=1e5),
        path=replace(PATH, transmittance=1.0),
    )
    for block in (0.001, 0.0137, 1.0):
        tags = drawn(12, user, block_s=block, duration_s=0.2)
        for station in tags.stations.values():
            assert np.all(np.diff(station.times) >= 0)
        gaps = np.diff(tags.channel("B", 1))
        assert gaps.min() >= 4e6 - 500
        rate = 3e4 * 0.8 + 1e5
        expected = 0.2 * rate / (1 + rate * 4e-6)
        assert abs(tags.channel("B", 1).size - expected) < FIVE_SIGMA * math.sqrt(expected)


def test_the_same_seed_gives_the_same_bytes() -> None:
    user = replace(USER, return_share=0.5, station=StationModel(ClockModel(frequency=1e-9)))
    first, second, third = (drawn(seed, user, scheme="round_trip") for seed in (13, 13, 14))
    assert first.truth == second.truth
    for name in ("A", "B"):
        assert first.stations[name].times.tobytes() == second.stations[name].times.tobytes()
        assert first.stations[name].times.tobytes() != third.stations[name].times.tobytes()


def test_memory_holds_a_block_and_not_the_simulation() -> None:
    def peak(duration: float) -> int:
        world = PairWorld("one_way", duration, (USER,), block_s=0.5)
        run = PairRun(world, generator=np.random.Generator(np.random.PCG64(15)))
        tracemalloc.start()
        for _ in run.blocks():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(0.5)  # compiles
    assert peak(20.0) < 1.5 * peak(2.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PairWorld("three_way", 1.0, (USER,)),
        lambda: PairWorld("one_way", 1.0, ()),
        lambda: PairWorld("one_way", 1.0, (USER, USER)),
        lambda: PairWorld("one_way", 1.0, (replace(USER, name="A"),)),
        lambda: PairWorld("one_way", 1.0, (replace(USER, return_share=0.5),)),
        lambda: PairWorld("round_trip", 1.0, (USER,)),
        lambda: PairWorld("two_way", 1.0, (USER,)),
        lambda: PairWorld("one_way", -1.0, (USER,)),
        lambda: PathModel(-1.0),
        lambda: PathModel(1.0, transmittance=1.2),
        lambda: PathModel(1.0, asymmetry_ps=2.0),
        lambda: PairSource(-1.0),
        lambda: Accidentals(1.0, 0.0),
        lambda: replace(USER, return_share=1.5),
    ],
)
def test_what_cannot_be_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]
