"""Offset series drawn directly, and the 75 km case: which point length agrees with which TDEV.

Anchors: Cramer-Rao bounds computed apart for a peak of 50 ps (2.81, 1.83, 0.39 ps); TDEV by its
definition; the published pair 4.45 ps and 426 fs at 4000 s (Tang et al., EPJ Quantum Technology 10,
2023, of its abstract).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_clock import ClockModel, ClockNoise
from qtrace.physics.tags.simulated_offsets import (
    OffsetWorld,
    agreeing_point_s,
    background_density,
    points_agree,
    shift_bound,
    simulate_offsets,
    white_phase_tdev,
)

# 200 pairs a second one way, 6.3 after another 15 dB: the case that data/examples/sync_75km holds.
CASE = OffsetWorld(
    points=4000,
    point_s=37.0,
    pairs_per_s=200.0,
    sigma_ps=100.0,
    background_to_signal=0.5,
    round_trip_pairs_per_s=200.0 * 10**-1.5,
)


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def tdev(phase: NDArray[np.float64], m: int) -> float:
    """Return TDEV at m points by its definition: second differences of means of m points."""
    means = np.convolve(phase, np.full(m, 1.0 / m), mode="valid")
    second = means[2 * m :] - 2.0 * means[m:-m] + means[: -2 * m]
    return float(math.sqrt(np.mean(second**2) / 6.0))


def test_the_bound_is_that_of_the_fisher_information() -> None:
    assert shift_bound(1000, sigma_ps=50.0, background_per_ps=5.0) == pytest.approx(2.81, abs=5e-3)
    assert shift_bound(1000, sigma_ps=50.0, background_per_ps=0.5) == pytest.approx(1.83, abs=5e-3)
    assert shift_bound(20_000, sigma_ps=50.0, background_per_ps=5.0) == pytest.approx(
        0.39, abs=5e-3
    )
    without = shift_bound(400, sigma_ps=80.0, background_per_ps=0.0)
    assert without == pytest.approx(80.0 / 20.0, rel=1e-9)


def test_background_is_counted_within_three_standard_deviations() -> None:
    assert background_density(600.0, sigma_ps=100.0, ratio=0.5) == pytest.approx(0.5)


def test_the_75_km_case_reaches_four_to_six_picoseconds_per_point() -> None:
    assert 4.0 < CASE.u_point_ps() < 6.0
    drawn = simulate_offsets(CASE, generator=generator(1))
    # 4000 points: the relative u of a standard deviation is 1.1 %.
    assert float(np.std(drawn.offset_ps)) == pytest.approx(CASE.u_point_ps(), rel=0.055)
    assert np.all(drawn.true_ps == 0.0)
    assert drawn.simulated is True


def test_points_of_about_37_seconds_make_the_published_numbers_agree() -> None:
    assert agreeing_point_s(4.45, tdev=0.426, tau_s=4000.0) == pytest.approx(36.66, abs=0.01)
    with_37 = points_agree(4.45, 37.0, tdev=0.426, tau_s=4000.0)
    assert with_37.agrees
    assert with_37.expected_tdev == pytest.approx(0.428, abs=5e-4)
    short = points_agree(4.45, 1.0, tdev=0.426, tau_s=4000.0)
    assert not short.agrees
    # Points of one second would average down to 70 fs: 426 fs would then be another noise.
    assert short.ratio == pytest.approx(math.sqrt(36.66), rel=1e-3)
    assert not points_agree(4.45, 300.0, tdev=0.426, tau_s=4000.0).agrees


def test_the_tdev_of_a_drawn_series_falls_as_white_phase_noise_does() -> None:
    drawn = simulate_offsets(CASE, generator=generator(2))
    for m in (1, 8, 108):
        expected = white_phase_tdev(CASE.u_point_ps(), point_s=37.0, tau_s=37.0 * m)
        # About n/m independent values: 37 at m = 108, u of the deviation 12 %.
        assert tdev(drawn.offset_ps, m) == pytest.approx(
            expected, rel=0.02 + 2.0 * (m / 4000) ** 0.5
        )


def test_two_ways_count_half_each_and_one_way_whole() -> None:
    one = OffsetWorld(1, 10.0, 100.0, 50.0)
    assert one.u_point_ps() == pytest.approx(50.0 / math.sqrt(1000.0), rel=1e-6)
    both = OffsetWorld(1, 10.0, 100.0, 50.0, round_trip_pairs_per_s=100.0, two_way=True)
    assert both.u_point_ps() == pytest.approx(one.u_point_ps() / math.sqrt(2.0), rel=1e-6)
    there_and_back = OffsetWorld(1, 10.0, 100.0, 50.0, round_trip_pairs_per_s=100.0)
    assert there_and_back.u_point_ps() == pytest.approx(
        one.u_point_ps() * math.sqrt(1.25), rel=1e-6
    )


def test_clocks_are_in_the_series_and_in_its_truth() -> None:
    clock = ClockModel(7_000, frequency=1e-13, noises=(ClockNoise(0, 1e-13),), interval_s=5.0)
    world = OffsetWorld(500, 10.0, 1e4, 50.0, clock_b=clock, clock_a=ClockModel(2_000))
    drawn = simulate_offsets(world, generator=generator(3))
    assert drawn.constant_ps == 5_000
    rest = (drawn.offset_ps - drawn.true_ps) / drawn.u_ps
    assert float(np.std(rest)) == pytest.approx(1.0, abs=0.16)
    assert tdev(drawn.offset_ps, 32) > tdev(drawn.offset_ps, 1)
    again = simulate_offsets(world, generator=generator(3))
    assert drawn.offset_ps.tobytes() == again.offset_ps.tobytes()
    assert drawn.phase_s()[0] == drawn.offset_ps[0] * 1e-12


@pytest.mark.parametrize(
    "make",
    [
        lambda: OffsetWorld(0, 1.0, 1.0, 1.0),
        lambda: OffsetWorld(1, 0.0, 1.0, 1.0),
        lambda: OffsetWorld(1, 1.0, 1.0, 1.0, background_to_signal=-0.1),
        lambda: OffsetWorld(1, 1.0, 1.0, 1.0, two_way=True),
        lambda: agreeing_point_s(0.0, tdev=1.0, tau_s=1.0),
        lambda: points_agree(1.0, 0.0, tdev=1.0, tau_s=1.0),
    ],
)
def test_what_cannot_be_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]
