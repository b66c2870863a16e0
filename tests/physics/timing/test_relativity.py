"""Sagnac delay with its sign, and rates by height: numbers, independent computations, laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.relativity import (
    EARTH_ROTATION_RAD_PER_S,
    earth_fixed_m,
    geopotential_difference_m2_per_s2,
    gravitational_rate,
    gravitational_rate_of_heights,
    normal_gravity_m_per_s2,
    sagnac_asymmetry_s,
    sagnac_delay_s,
    sagnac_path_delay_s,
    sagnac_spool_bound_s,
    time_of_rate_s,
)
from qtrace.physics.timing.two_way import one_way_offset, round_trip_offset, two_way_offset

C = 299_792_458.0
PRINTED = 0.01  # relative: the figures of the 75 km link are quoted to two or three digits
AREA = 1e-9  # relative: coordinates of 6e6 m and differences of a kilometre, in double precision

latitudes = st.floats(-1.5, 1.5)
longitudes = st.floats(-3.1, 3.1)
heights = st.floats(-400.0, 9000.0)
points = st.tuples(latitudes, longitudes, heights)
Point = tuple[float, float, float]


def between(a: Point, b: Point) -> float:
    return float(
        sagnac_delay_s(
            latitude_a=a[0],
            longitude_a=a[1],
            height_a=a[2],
            latitude_b=b[0],
            longitude_b=b[1],
            height_b=b[2],
        )
    )


def eastward(length_m: float, latitude: float) -> tuple[Point, Point]:
    """Return the ends of a line of that length along a parallel, from west to east."""
    x, y, _ = earth_fixed_m(latitude, 0.0)
    return (latitude, 0.0, 0.0), (latitude, length_m / math.hypot(float(x), float(y)), 0.0)


def test_75_km_eastward_at_40_degrees_take_297_ps_longer() -> None:
    west, east = eastward(75e3, math.radians(40.0))
    assert between(west, east) == pytest.approx(297e-12, rel=PRINTED)
    assert between(east, west) == pytest.approx(-297e-12, rel=PRINTED)


def test_the_delay_is_that_of_a_receiver_that_moves_away() -> None:
    """In a frame that does not turn, light runs straight to where B will be; no area is used."""
    west, east = eastward(75e3, math.radians(40.0))
    a = np.array(earth_fixed_m(west[0], west[1]), dtype=np.float64)
    b = np.array(earth_fixed_m(east[0], east[1]), dtype=np.float64)
    still = float(np.linalg.norm(b - a)) / C
    flight = still
    for _ in range(5):
        # B moves by omega x r in the time of flight; kept as a vector, so nothing cancels.
        angle = EARTH_ROTATION_RAD_PER_S * flight
        moved = np.array([-b[1], b[0], 0.0]) * math.sin(angle) + np.array([b[0], b[1], 0.0]) * (
            math.cos(angle) - 1.0
        )
        flight = still + (2.0 * float(moved @ (b - a)) + float(moved @ moved)) / (
            C * (math.sqrt(float((b - a + moved) @ (b - a + moved))) + still * C)
        )
    # What is left is of second order in v/c, 1e-6 of the first.
    assert flight - still == pytest.approx(between(west, east), rel=1e-5)


@given(points, points)
def test_the_delay_is_the_integral_of_the_speed_of_the_ground_along_the_way(
    a: Point, b: Point
) -> None:
    start = np.array(earth_fixed_m(a[0], a[1], height_m=a[2]), dtype=np.float64)
    end = np.array(earth_fixed_m(b[0], b[1], height_m=b[2]), dtype=np.float64)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    along = start + np.outer(0.5 * (nodes + 1.0), end - start)
    ground = np.cross(np.array([0.0, 0.0, EARTH_ROTATION_RAD_PER_S]), along)
    integral = float(np.sum(0.5 * weights * (ground @ (end - start)))) / C**2
    assert between(a, b) == pytest.approx(integral, rel=AREA, abs=1e-21)


@given(points, points)
def test_the_way_back_has_the_other_sign(a: Point, b: Point) -> None:
    # 1e-21 s: rounding of areas of 1e13 m^2 times omega/c^2.
    assert between(a, b) == pytest.approx(-between(b, a), rel=AREA, abs=1e-21)


@given(st.lists(points, min_size=2, max_size=8))
def test_out_and_back_is_zero(way: list[Point]) -> None:
    there_and_back = np.array([*way, *way[-2::-1]])
    total = sagnac_path_delay_s(
        there_and_back[:, 0], there_and_back[:, 1], heights_m=there_and_back[:, 2]
    )
    assert total == pytest.approx(0.0, abs=1e-20)


@given(latitudes, longitudes, st.floats(1e-4, 1.0))
def test_eastward_is_positive_everywhere(latitude: float, start: float, turn: float) -> None:
    assert between((latitude, start, 0.0), (latitude, start + turn, 0.0)) > 0.0


@given(latitudes, latitudes, longitudes)
def test_along_a_meridian_nothing_is_added(a: float, b: float, longitude: float) -> None:
    assert between((a, longitude, 0.0), (b, longitude, 0.0)) == pytest.approx(0.0, abs=1e-20)


def test_once_around_the_equator_takes_207_ns() -> None:
    # Ashby, Living Rev. Relativity 6, 1 (2003), section 2: 207.4 ns.
    turns = np.linspace(0.0, 2.0 * math.pi, 3601)
    assert sagnac_path_delay_s(np.zeros_like(turns), turns) == pytest.approx(207.4e-9, rel=5e-4)


def test_two_points_and_a_path_agree_for_75_km_of_ground() -> None:
    west, east = eastward(75e3, math.radians(40.0))
    turns = np.linspace(west[1], east[1], 500)
    path = sagnac_path_delay_s(np.full_like(turns, west[0]), turns)
    assert path == pytest.approx(between(west, east), rel=5e-5)
    assert path > between(west, east)  # the ground bulges outward
    # The figures that the docstring names, in ps.
    assert between(west, east) * 1e12 == pytest.approx(297.718, abs=2e-3)
    assert path * 1e12 == pytest.approx(297.730, abs=2e-3)
    assert sagnac_delay_s.__doc__ is not None
    assert "4e-5 of it" in sagnac_delay_s.__doc__


def test_a_spool_has_none() -> None:
    bound = sagnac_spool_bound_s(75e3, radius_m=0.1)
    assert 0.0 < bound < 1e-17


def test_every_scheme_is_wrong_by_the_same_delay_where_it_is_forgotten() -> None:
    west, east = eastward(75e3, math.radians(40.0))
    sagnac = between(west, east)
    path = 367e-6
    ab, ba = path + sagnac, path - sagnac  # the clocks agree
    assert one_way_offset(delay_ab=ab, path_delay_ab=path) == pytest.approx(sagnac, rel=1e-6)
    assert two_way_offset(delay_ab=ab, delay_ba=ba) == pytest.approx(sagnac, rel=1e-6)
    assert round_trip_offset(delay_ab=ab, round_trip_delay=ab + ba) == pytest.approx(
        sagnac, rel=1e-6
    )
    corrected = two_way_offset(delay_ab=ab, delay_ba=ba, asymmetry=sagnac_asymmetry_s(sagnac))
    assert corrected == pytest.approx(0.0, abs=1e-18)


def test_a_point_of_the_ellipsoid_is_where_its_equation_says() -> None:
    latitude = np.linspace(-1.5, 1.5, 31)
    x, y, z = earth_fixed_m(latitude, 0.7)
    semi_minor = 6_356_752.3142  # NIMA TR8350.2, table 3.3
    left = (np.square(x) + np.square(y)) / 6_378_137.0**2 + np.square(z) / semi_minor**2
    assert left == pytest.approx(np.ones_like(latitude), rel=1e-10)


def test_a_metre_of_height_is_1_09e_16_and_9_4_ps_a_day() -> None:
    rate = gravitational_rate(height_difference=1.0, gravity=9.80665)
    assert rate == pytest.approx(1.09e-16, rel=PRINTED)
    assert time_of_rate_s(rate, interval_s=86400.0) == pytest.approx(9.4e-12, rel=PRINTED)


def test_the_higher_clock_runs_faster() -> None:
    up = gravitational_rate_of_heights(
        height_a_m=0.0, latitude_a_rad=0.7, height_b_m=100.0, latitude_b_rad=0.7
    )
    down = gravitational_rate_of_heights(
        height_a_m=100.0, latitude_a_rad=0.7, height_b_m=0.0, latitude_b_rad=0.7
    )
    assert up == -down
    assert up == pytest.approx(1.09e-14, rel=PRINTED)


def test_at_the_sea_latitude_makes_no_difference() -> None:
    # Pole and equator: the slower turning at the pole and its depth in the field cancel.
    assert (
        gravitational_rate_of_heights(
            height_a_m=0.0, latitude_a_rad=0.0, height_b_m=0.0, latitude_b_rad=math.pi / 2
        )
        == 0.0
    )


def test_the_potential_is_that_of_a_flattened_turning_earth() -> None:
    """The drop over 100 m from GM/r, J2 and the rotation, at the latitude of the point."""
    gm, j2, a = 3.986004418e14, 1.08262982e-3, 6_378_137.0

    def potential(height: float, latitude: float) -> float:
        x, y, z = (float(one) for one in earth_fixed_m(latitude, 0.0, height_m=height))
        r = math.sqrt(x * x + y * y + z * z)
        legendre = 0.5 * (3.0 * (z / r) ** 2 - 1.0)
        centrifugal = 0.5 * EARTH_ROTATION_RAD_PER_S**2 * (x * x + y * y)
        return gm / r * (1.0 - j2 * (a / r) ** 2 * legendre) + centrifugal

    for latitude in (0.0, 0.7, 1.4):
        drop = potential(0.0, latitude) - potential(100.0, latitude)
        found = geopotential_difference_m2_per_s2(
            height_a_m=0.0, latitude_a_rad=latitude, height_b_m=100.0, latitude_b_rad=latitude
        )
        assert found == pytest.approx(drop, rel=1e-4)  # h/R = 1.6e-5 and terms beyond J2


@pytest.mark.parametrize(
    ("latitude", "gravity"), [(0.0, 9.7803253359), (math.pi / 2, 9.8321849378)]
)
def test_gravity_at_equator_and_pole(latitude: float, gravity: float) -> None:
    # NIMA TR8350.2 (2000), table 3.4: theoretical gravity at equator and poles.
    assert normal_gravity_m_per_s2(latitude) == pytest.approx(gravity, rel=1e-9)


def test_places_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="right angle"):
        between((40.0, 0.0, 0.0), (0.7, 0.0, 0.0))  # degrees
    with pytest.raises(InputError, match="path"):
        sagnac_path_delay_s(np.array([0.7]), np.array([0.1]))
    with pytest.raises(InputError, match="path"):
        sagnac_path_delay_s(np.array([0.7, 0.7]), np.array([0.1]))
