"""Offsets from delays: the signs of the contract, what cancels, and the variances by drawing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.source_swap import common_source_swap, local_delay_difference_of_swap
from qtrace.physics.timing.two_way import (
    one_way_offset,
    one_way_variance,
    round_trip_offset,
    round_trip_variance,
    two_way_offset,
    two_way_variance,
)

PS = 1e-12
ROUNDING = 1e-18  # s: half a millisecond in double precision has 1e-19

delays = st.floats(0.0, 1e-3)
small = st.floats(-1e-6, 1e-6)
variances = st.floats(0.0, 1e4)  # ps^2


@given(small, delays, small, small)
def test_each_scheme_recovers_the_offset_of_a_world(
    offset: float, path_ab: float, asymmetry: float, local: float
) -> None:
    """A world of two clocks: local readings at true times, delays as the stations would tag them."""
    path_ba = path_ab - asymmetry
    # A sends at true time 0 and reads 0; B reads true time + offset, its equipment later by local.
    delay_ab = (path_ab + local + offset) - 0.0
    # B sends at true time 0 and reads offset; the equipment of B adds to what B tags.
    delay_ba = path_ba - (offset + local)
    assert one_way_offset(
        delay_ab=delay_ab, path_delay_ab=path_ab, local_delay_difference=local
    ) == pytest.approx(offset, abs=ROUNDING)
    assert two_way_offset(
        delay_ab=delay_ab, delay_ba=delay_ba, asymmetry=asymmetry, local_delay_difference=local
    ) == pytest.approx(offset, abs=ROUNDING)
    assert round_trip_offset(
        delay_ab=delay_ab,
        round_trip_delay=path_ab + path_ba,
        asymmetry=asymmetry,
        local_delay_difference=local,
    ) == pytest.approx(offset, abs=ROUNDING)


@given(delays, delays, delays)
def test_a_delay_of_both_directions_cancels(ab: float, ba: float, extra: float) -> None:
    without = two_way_offset(delay_ab=ab, delay_ba=ba)
    with_it = two_way_offset(delay_ab=ab + extra, delay_ba=ba + extra)
    assert with_it == pytest.approx(without, abs=ROUNDING)
    trip = round_trip_offset(delay_ab=ab + extra, round_trip_delay=ab + ba + 2.0 * extra)
    assert trip == pytest.approx(
        round_trip_offset(delay_ab=ab, round_trip_delay=ab + ba), abs=ROUNDING
    )


@given(delays, delays, delays)
def test_a_delay_of_one_direction_moves_the_offset_by_half(
    ab: float, ba: float, extra: float
) -> None:
    moved = two_way_offset(delay_ab=ab + extra, delay_ba=ba) - two_way_offset(
        delay_ab=ab, delay_ba=ba
    )
    assert moved == pytest.approx(0.5 * extra, abs=ROUNDING)


@given(variances, variances, variances, variances, st.floats(-1.0, 1.0))
def test_variances_are_those_of_the_linear_law(
    first: float, second: float, asymmetry: float, local: float, correlation: float
) -> None:
    covariance = correlation * math.sqrt(first * second)
    matrix = np.diag([first, second, asymmetry, local])
    matrix[0, 1] = matrix[1, 0] = covariance

    def by(*row: float) -> float:
        return float(np.array(row) @ matrix @ np.array(row))

    tolerance = 1e-9 * (1.0 + first + second + asymmetry + local)
    assert one_way_variance(
        variance_ab=first, variance_path=second, variance_local=local, covariance=covariance
    ) == pytest.approx(by(1.0, -1.0, 0.0, -1.0), abs=tolerance)
    assert two_way_variance(
        variance_ab=first,
        variance_ba=second,
        variance_asymmetry=asymmetry,
        variance_local=local,
        covariance=covariance,
    ) == pytest.approx(by(0.5, -0.5, -0.5, -1.0), abs=tolerance)
    assert round_trip_variance(
        variance_ab=first,
        variance_round_trip=second,
        variance_asymmetry=asymmetry,
        variance_local=local,
        covariance=covariance,
    ) == pytest.approx(by(1.0, -0.5, -0.5, -1.0), abs=tolerance)


def test_a_detector_in_both_delays_enters_through_the_covariance() -> None:
    """Drawn: one herald at A tags the start of the one-way and of the round-trip delay."""
    generator = np.random.default_rng(20241105)
    n = 200_000
    herald, at_b, back = (generator.normal(0.0, s, n) for s in (40.0, 60.0, 30.0))  # ps
    one_way, trip = at_b - herald, back - herald
    offsets = round_trip_offset(delay_ab=one_way, round_trip_delay=trip)
    told = round_trip_variance(
        variance_ab=40.0**2 + 60.0**2,
        variance_round_trip=40.0**2 + 30.0**2,
        covariance=40.0**2,
    )
    assert float(np.var(offsets)) == pytest.approx(told, rel=5.0 * math.sqrt(2.0 / n))
    untold = round_trip_variance(
        variance_ab=40.0**2 + 60.0**2, variance_round_trip=40.0**2 + 30.0**2
    )
    assert untold > 1.3 * told


def test_impossible_variances_are_refused() -> None:
    with pytest.raises(InputError, match="variance"):
        two_way_variance(variance_ab=-1.0, variance_ba=1.0)
    with pytest.raises(InputError, match="covariance"):
        two_way_variance(variance_ab=1.0, variance_ba=1.0, covariance=1.1)
    with pytest.raises(InputError, match="variance"):
        round_trip_variance(variance_ab=1.0, variance_round_trip=1.0, variance_local=math.nan)


@given(small, small, small)
def test_a_swap_separates_equipment_and_arms(local: float, arms: float, clocks: float) -> None:
    swap = common_source_swap(
        delay_direct_s=clocks + local + arms,
        u_direct_s=3.0 * PS,
        delay_swapped_s=clocks + local - arms,
        u_swapped_s=4.0 * PS,
        clock_offset_s=clocks,
        u_clock_offset_s=1.0 * PS,
    )
    assert swap.local_delay_difference_s == pytest.approx(local, abs=ROUNDING)
    assert swap.arm_difference_s == pytest.approx(arms, abs=ROUNDING)
    assert swap.u_local_s == pytest.approx(math.sqrt(2.5**2 + 1.0) * PS)
    assert swap.u_arm_s == pytest.approx(2.5 * PS)


def test_what_both_readings_share_stays_in_the_mean_and_leaves_the_arms() -> None:
    swap = common_source_swap(
        delay_direct_s=0.0,
        u_direct_s=3.0 * PS,
        delay_swapped_s=0.0,
        u_swapped_s=3.0 * PS,
        covariance_s2=(3.0 * PS) ** 2,
    )
    assert swap.u_local_s == pytest.approx(3.0 * PS)
    assert swap.u_arm_s == 0.0


def test_the_local_difference_of_a_swap_has_the_sign_that_the_offset_takes() -> None:
    # B is late by 5 ns: the swap says +5 ns, and the offset loses them.
    local = local_delay_difference_of_swap(delay_direct=5.2e-9, delay_swapped=4.8e-9)
    assert local == pytest.approx(5e-9)
    offset = two_way_offset(
        delay_ab=100e-9 + 5e-9, delay_ba=100e-9 - 5e-9, local_delay_difference=local
    )
    assert offset == pytest.approx(0.0, abs=ROUNDING)


def test_an_impossible_swap_is_refused() -> None:
    given_s = {"delay_direct_s": 0.0, "delay_swapped_s": 0.0, "u_swapped_s": PS}
    with pytest.raises(InputError, match="negative"):
        common_source_swap(u_direct_s=-PS, **given_s)
    with pytest.raises(InputError, match="covariance"):
        common_source_swap(u_direct_s=PS, covariance_s2=2.0 * PS**2, **given_s)
