"""Time transfer on a rotating Earth with a gravity field: Sagnac delay and rates of clocks.

Inside: `EARTH_ROTATION_RAD_PER_S`, `earth_fixed_m`, `sagnac_delay_s`, `sagnac_path_delay_s`,
`sagnac_spool_bound_s`, `sagnac_asymmetry_s`, `normal_gravity_m_per_s2`,
`geopotential_difference_m2_per_s2`, `gravitational_rate`, `gravitational_rate_of_heights`,
`time_of_rate_s`.
Sign: a signal that runs eastward takes longer (positive), one that runs westward less. The medium
and its index do not enter.
Source: ITU-R TF.2018 (2012) and Ashby, Living Rev. Relativity 6, 1 (2003), sections 2 and 3:
(omega/c^2) times twice the equatorial projection of the area swept from the Earth's axis; figure of
the Earth WGS 84 (NIMA TR8350.2, 3rd ed., 2000). Formula and sign checked on independent code
(the Earth rotation term of RTKLIB's `geodist`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.photons import SPEED_OF_LIGHT_M_PER_S

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

# NIMA TR8350.2 (2000), tables 3.1, 3.3 and 3.4: defining and derived parameters of WGS 84.
EARTH_ROTATION_RAD_PER_S: Final = 7.292115e-5
SEMI_MAJOR_AXIS_M: Final = 6_378_137.0
FIRST_ECCENTRICITY_SQUARED: Final = 6.69437999014e-3
EQUATORIAL_GRAVITY_M_PER_S2: Final = 9.7803253359
SOMIGLIANA_CONSTANT: Final = 0.00193185265241

_C_SQUARED = SPEED_OF_LIGHT_M_PER_S * SPEED_OF_LIGHT_M_PER_S


def earth_fixed_m(
    latitude_rad: Number, longitude_rad: Number, *, height_m: Number = 0.0
) -> tuple[Number, Number, Number]:
    """Return the earth-fixed coordinates x, y, z of a geodetic point on WGS 84, in m.

    Args:
        latitude_rad: Geodetic latitude in rad, north positive.
        longitude_rad: Longitude in rad, east positive.
        height_m: Height above the ellipsoid in m.

    Raises:
        InputError: a latitude is beyond a right angle.

    Source: NIMA TR8350.2 (2000), Eq. 4-14 (number from memory).
    """
    _check_latitude(latitude_rad)
    sine = np.sin(latitude_rad)
    curvature = SEMI_MAJOR_AXIS_M / np.sqrt(1.0 - FIRST_ECCENTRICITY_SQUARED * sine * sine)
    from_axis = (curvature + height_m) * np.cos(latitude_rad)
    z: Number = ((1.0 - FIRST_ECCENTRICITY_SQUARED) * curvature + height_m) * sine
    x: Number = from_axis * np.cos(longitude_rad)
    y: Number = from_axis * np.sin(longitude_rad)
    return x, y, z


def sagnac_delay_s(
    *,
    latitude_a: Number,
    longitude_a: Number,
    latitude_b: Number,
    longitude_b: Number,
    height_a: Number = 0.0,
    height_b: Number = 0.0,
) -> Number:
    """Return how much longer a signal takes from A to B because the Earth turns, in s.

    The path is the straight line in the turning frame. For a fibre along the ground of 75 km the
    area between chord and ground changes this by 4e-5 of it (along a parallel at 40 degrees
    297.730 ps instead of 297.718 ps); for longer ones and for detours take `sagnac_path_delay_s`.

    Args:
        latitude_a: Geodetic latitude of A in rad, north positive.
        longitude_a: Longitude of A in rad, east positive.
        latitude_b: Latitude of B in rad.
        longitude_b: Longitude of B in rad.
        height_a: Height of A above the ellipsoid in m.
        height_b: Height of B in m.

    Returns:
        Delay in s, positive where B lies east of A; that from B to A is its negative.

    Raises:
        InputError: a latitude is beyond a right angle.

    Source: 2 omega A_E / c^2 with 2 A_E = x_A y_B - x_B y_A, ITU-R TF.2018 (2012), section on the
        signal in the rotating frame; Ashby (2003), Eq. 14 (numbers from memory).
    """
    x_a, y_a, _ = earth_fixed_m(latitude_a, longitude_a, height_m=height_a)
    x_b, y_b, _ = earth_fixed_m(latitude_b, longitude_b, height_m=height_b)
    # x_a y_b - x_b y_a, written with differences: what cancels is taken away before rounding.
    twice_area = x_a * (y_b - y_a) - y_a * (x_b - x_a)
    return EARTH_ROTATION_RAD_PER_S * twice_area / _C_SQUARED


def sagnac_path_delay_s(
    latitudes_rad: Array, longitudes_rad: Array, *, heights_m: Array | float = 0.0
) -> float:
    """Return the Sagnac delay along a path of points, in the order of the signal, in s.

    Args:
        latitudes_rad: Geodetic latitudes in rad, shape (n,), at least two.
        longitudes_rad: Longitudes in rad, shape (n,).
        heights_m: Heights above the ellipsoid in m, one or shape (n,).

    Returns:
        Sum over the straight pieces. A path that comes back on itself gives zero; one around an
        area gives that of the area.

    Raises:
        InputError: fewer than two points, unequal lengths, or a latitude beyond a right angle.

    Source: as `sagnac_delay_s`, piece by piece (the area is additive).
    """
    latitudes = np.asarray(latitudes_rad, dtype=np.float64)
    longitudes = np.asarray(longitudes_rad, dtype=np.float64)
    if latitudes.ndim != 1 or latitudes.shape != longitudes.shape or latitudes.size < 2:
        raise InputError(
            f"a path of {latitudes.shape} latitudes and {longitudes.shape} longitudes",
            next_step="give one latitude and one longitude for each of two points or more",
        )
    heights = np.broadcast_to(np.asarray(heights_m, dtype=np.float64), latitudes.shape)
    pieces = sagnac_delay_s(
        latitude_a=latitudes[:-1],
        longitude_a=longitudes[:-1],
        latitude_b=latitudes[1:],
        longitude_b=longitudes[1:],
        height_a=heights[:-1],
        height_b=heights[1:],
    )
    return float(np.sum(pieces))


def sagnac_spool_bound_s(length_m: Number, *, radius_m: Number) -> Number:
    """Return the largest Sagnac delay that a fibre on a spool can have, in s: as good as zero.

    A length without geography is not a baseline: 75 km on a spool of 10 cm give at most 6e-18 s
    where 75 km of ground give up to 4e-10 s.

    Args:
        length_m: Length of the fibre in m.
        radius_m: Radius of the windings in m.

    Source: 2 omega A / c^2 with A = (L / 2 pi r) pi r^2, axis along that of the Earth.
    """
    return EARTH_ROTATION_RAD_PER_S * length_m * radius_m / _C_SQUARED


def sagnac_asymmetry_s(delay_s: Number) -> Number:
    """Return the delay from A to B minus that from B to A, from the Sagnac delay, in s.

    An uncorrected one-way offset is wrong by the delay, being a part of the path delay. An
    uncorrected two-way or round-trip offset is wrong by half the asymmetry, so by the same delay:
    the effect does not cancel when the signal also comes back.

    Args:
        delay_s: Sagnac delay from A to B in s.

    Source: antisymmetry of `sagnac_delay_s` in A and B.
    """
    return 2.0 * delay_s


def normal_gravity_m_per_s2(latitude_rad: Number) -> Number:
    """Return the acceleration of gravity on the ellipsoid WGS 84, in m/s^2.

    Args:
        latitude_rad: Geodetic latitude in rad.

    Raises:
        InputError: a latitude is beyond a right angle.

    Source: Somigliana's closed form, NIMA TR8350.2 (2000), Eq. 4-1.
    """
    _check_latitude(latitude_rad)
    square = np.sin(latitude_rad) ** 2
    gravity: Number = (
        EQUATORIAL_GRAVITY_M_PER_S2
        * (1.0 + SOMIGLIANA_CONSTANT * square)
        / np.sqrt(1.0 - FIRST_ECCENTRICITY_SQUARED * square)
    )
    return gravity


def geopotential_difference_m2_per_s2(
    *, height_a_m: Number, latitude_a_rad: Number, height_b_m: Number, latitude_b_rad: Number
) -> Number:
    """Return the gravity potential at A minus that at B, in m^2/s^2: positive where B is higher.

    Args:
        height_a_m: Height of A above the GEOID (sea level) in m. A height above the ellipsoid,
            as satellites give it, differs by up to 100 m, which is 1e-14 in rate.
        latitude_a_rad: Geodetic latitude of A in rad.
        height_b_m: Height of B above the geoid in m.
        latitude_b_rad: Latitude of B in rad.

    Source: W = W_0 - gamma(latitude) h to first order in h (next term h/R: 1.6e-4 of it at 1 km);
        the rotation of the Earth is in W, so no further term for latitude is due.
    """
    below = normal_gravity_m_per_s2(latitude_a_rad) * height_a_m
    return normal_gravity_m_per_s2(latitude_b_rad) * height_b_m - below


def gravitational_rate(*, height_difference: Number, gravity: Number) -> Number:
    """Return by how much clock B runs faster than clock A, as a fraction.

    Args:
        height_difference: Height of B minus that of A in m.
        gravity: Acceleration of gravity between them in m/s^2.

    Source: g h / c^2, Ashby (2003), section 3; ITU-R TF.2018 (2012).
    """
    return gravity * height_difference / _C_SQUARED


def gravitational_rate_of_heights(
    *, height_a_m: Number, latitude_a_rad: Number, height_b_m: Number, latitude_b_rad: Number
) -> Number:
    """Return by how much clock B runs faster than clock A, from heights and latitudes.

    Args:
        height_a_m: Height of A above the geoid in m.
        latitude_a_rad: Geodetic latitude of A in rad.
        height_b_m: Height of B above the geoid in m.
        latitude_b_rad: Latitude of B in rad.

    Source: (W_A - W_B) / c^2, Ashby (2003), section 3.
    """
    difference = geopotential_difference_m2_per_s2(
        height_a_m=height_a_m,
        latitude_a_rad=latitude_a_rad,
        height_b_m=height_b_m,
        latitude_b_rad=latitude_b_rad,
    )
    return difference / _C_SQUARED


def time_of_rate_s(rate: Number, *, interval_s: Number) -> Number:
    """Return the time that a constant difference of rates gathers over an interval, in s.

    Source: x = y t, definition of the rate.
    """
    return rate * interval_s


def _check_latitude(latitude_rad: Number) -> None:
    if not np.all(np.abs(latitude_rad) <= np.pi / 2.0 + 1e-12):
        raise InputError(
            f"the latitude {latitude_rad} rad is beyond a right angle",
            next_step="give latitudes in rad here; in files write '40 deg'",
        )
