"""Delay and frequency deviation of a link, and its block-wise series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pair_worlds import PairWorld

from qtrace.errors import InputError
from qtrace.physics.tags.coarse_search import CoarsePeak, coarse_search
from qtrace.physics.timing.delay_line import DelayLine, fit_line, line_pairs
from qtrace.physics.timing.frequency_search import Synchronized, find_frequency
from qtrace.physics.timing.offset_series import offset_series

SECOND = 10**12
WORLD = PairWorld(
    first_rate=2e4,
    second_rate=2e4,
    pair_rate=2e3,
    seconds=2.0,
    delay_ps=367_000_001,
    skew=3e-8,
    first_start_ps=10**17,  # more than a day: absolute float64 would round to 16 ps
)


@pytest.fixture(scope="module")
def streams() -> tuple[np.ndarray, np.ndarray]:
    return WORLD.draw(np.random.default_rng(21))


@pytest.fixture(scope="module")
def start(streams: tuple[np.ndarray, np.ndarray]) -> CoarsePeak:
    return coarse_search(*streams, skew_limit=1e-7)


@pytest.fixture(scope="module")
def link(streams: tuple[np.ndarray, np.ndarray], start: CoarsePeak) -> Synchronized:
    return find_frequency(*streams, start=start)


def off_truth(link: Synchronized, world: PairWorld = WORLD) -> float:
    return link.base_ps - world.delay_ps + link.residual_ps - world.true_delay(link.epoch_ps)


def test_delay_and_frequency_are_within_their_uncertainties(link: Synchronized) -> None:
    assert abs(off_truth(link)) < 4.0 * link.u_delay_ps
    assert abs(link.frequency_deviation - WORLD.skew) < 4.0 * link.u_frequency
    # About the middle the two are nearly independent, and as good as photons allow:
    # sigma / sqrt(N), and sqrt(12) / T of it for the slope.
    photons = 50.0 / np.sqrt(4000.0)
    assert link.u_delay_ps == pytest.approx(photons, rel=0.1)
    assert link.u_frequency == pytest.approx(photons * np.sqrt(12.0) / (2 * SECOND), rel=0.15)
    assert abs(link.covariance[0, 1]) < 0.2 * link.u_delay_ps * link.u_frequency
    assert link.sigma_ps == pytest.approx(50.0, rel=0.05)
    assert link.smear_ps < link.sigma_ps
    assert link.p_value > 1e-4


def test_an_offset_of_1e_5_is_reached_from_milliseconds() -> None:
    world = replace(WORLD, skew=-1e-5, first_rate=1e5, second_rate=1e5, pair_rate=1e4, seconds=1.0)
    first, second = world.draw(np.random.default_rng(22))
    link = find_frequency(first, second, start=coarse_search(first, second, skew_limit=1e-5))
    assert abs(off_truth(link, world)) < 4.0 * link.u_delay_ps
    assert abs(link.frequency_deviation - world.skew) < 4.0 * link.u_frequency
    assert link.iterations > 3


def test_shifting_the_second_stream_shifts_the_delay(
    streams: tuple[np.ndarray, np.ndarray], start: CoarsePeak, link: Synchronized
) -> None:
    first, second = streams
    k = 123_457
    moved = find_frequency(first, second + k, start=replace(start, delay_ps=start.delay_ps + k))
    assert moved.base_ps + moved.residual_ps - k - link.base_ps - link.residual_ps == (
        pytest.approx(0.0, abs=0.02 * link.u_delay_ps)  # iterations stop at 0.05 u
    )


def test_another_epoch_states_the_same_line(
    streams: tuple[np.ndarray, np.ndarray], start: CoarsePeak, link: Synchronized
) -> None:
    epoch = WORLD.first_start_ps
    other = find_frequency(*streams, start=start, epoch_ps=epoch)
    assert other.epoch_ps == epoch
    assert other.u_delay_ps == pytest.approx(2.0 * link.u_delay_ps, rel=0.1)
    assert other.covariance[0, 1] < 0.0
    assert abs(off_truth(other)) < 4.0 * other.u_delay_ps


def test_no_peak_to_begin_with_is_refused(
    streams: tuple[np.ndarray, np.ndarray], start: CoarsePeak
) -> None:
    with pytest.raises(InputError, match="no correlation peak"):
        find_frequency(*streams, start=replace(start, found=False, significance=3.0))
    with pytest.raises(InputError, match=r"lost over a window|could not be fitted"):
        find_frequency(*streams, start=replace(start, delay_ps=start.delay_ps + 10**8))


def test_the_series_keeps_the_skew_and_its_line_is_the_link(
    streams: tuple[np.ndarray, np.ndarray], link: Synchronized
) -> None:
    series = offset_series(*streams, block_ps=SECOND // 10, start=link)
    assert len(series.epoch_ps) == 19  # the twentieth is not complete
    assert series.valid.all()
    assert np.all(np.diff(series.epoch_ps) == SECOND // 10)
    true = np.array([WORLD.true_delay(int(at)) for at in series.epoch_ps])
    pulls = (series.base_ps - WORLD.delay_ps + series.residual_ps - true) / series.u_ps
    assert np.std(pulls) == pytest.approx(1.0, abs=0.5)  # 3 standard deviations of 19
    assert np.ptp(series.residual_ps) > 0.9 * 3e-8 * 1.8 * SECOND
    line, fitted = series.fitted_line()
    assert abs(fitted.slope - WORLD.skew) < 4.0 * fitted.u_slope
    assert line.slope == fitted.slope
    assert series.delay_ps == pytest.approx(series.base_ps + series.residual_ps)


def test_gaps_and_jumps_are_marked_in_their_place(
    streams: tuple[np.ndarray, np.ndarray], link: Synchronized
) -> None:
    first, second = streams
    begin = WORLD.first_start_ps + WORLD.delay_ps
    stepped = np.sort(second + 2000 * (second > begin + SECOND))
    gap = (stepped > begin + 3 * SECOND // 2) & (stepped < begin + 7 * SECOND // 4)
    series = offset_series(first, stepped[~gap], block_ps=SECOND // 10, start=link)
    jumps = [at for at, why in enumerate(series.reason) if "jump" in why]
    assert jumps in ([9], [10])
    lost = [at for at, why in enumerate(series.reason) if "fewer than" in why or "no peak" in why]
    assert 16 in lost
    assert not series.valid[jumps + lost].any()
    assert np.isnan(series.residual_ps[16])
    true = np.array([WORLD.true_delay(int(at)) for at in series.epoch_ps])
    off = series.base_ps - WORLD.delay_ps + series.residual_ps - true
    assert np.nanmean(off[11:14]) == pytest.approx(2000.0, abs=15.0)


def test_blocks_that_do_not_fit_are_refused(
    streams: tuple[np.ndarray, np.ndarray], link: Synchronized
) -> None:
    for block in (0, 10 * SECOND, 1):
        with pytest.raises(InputError, match="blocks of"):
            offset_series(*streams, block_ps=block, start=link)


def test_too_few_pairs_are_not_valid(
    streams: tuple[np.ndarray, np.ndarray], link: Synchronized
) -> None:
    series = offset_series(*streams, block_ps=SECOND, start=link, least_pairs=10**6)
    assert not series.valid.any()
    assert "fewer than 1000000" in series.reason[0]
    with pytest.raises(InputError, match="no block is valid"):
        series.fitted_line()


def test_the_line_of_a_known_case() -> None:
    # Weights 1, 1, 1/4, through points on a line.
    found = fit_line(
        np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0])
    )
    assert (found.value_ps, found.slope) == pytest.approx((1.0, 1.0))
    assert found.chi_square == pytest.approx(0.0, abs=1e-20)
    # Covariance is the inverse of [[2.25, 1.5], [1.5, 2]].
    assert found.covariance == pytest.approx(np.array([[2.0, -1.5], [-1.5, 2.25]]) / 2.25)
    with pytest.raises(InputError, match="two different times"):
        fit_line(np.zeros(2), np.zeros(2), np.ones(2))


def test_pairs_near_a_line_are_exact() -> None:
    # Far from zero and skew: what is off the line comes from the tags, not from rounded ones.
    first = 10**18 + np.arange(50) * 10**9
    line = DelayLine(10**18, 5 * 10**17, 0.25, 1e-5)
    second = first + 5 * 10**17 + np.arange(50) * 10**4 + 7
    pairs = line_pairs(first, second, line, start_ps=10**18, stop_ps=2 * 10**18, reach_ps=20.0)
    assert pairs.off_line_ps == pytest.approx(np.full(50, 6.75), abs=1e-6)
    with pytest.raises(InputError, match="pairs"):
        line_pairs(
            first, second, line, start_ps=10**18, stop_ps=2 * 10**18, reach_ps=20.0, most_pairs=9
        )
