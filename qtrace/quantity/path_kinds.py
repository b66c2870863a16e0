"""Kinds of quantity of the path of a time signal: fibre, places on the Earth, corrections.

Inside: `PATH_ROWS`.
Source: terms of fibres follow ITU-T G.650 and G.652, those of places ITU-R TF.2018; the
definitions are in our own words.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

_FROM_EAST = "positive where the signal runs eastward"

PATH_ROWS = (
    Row("fibre_length", "length of fibre", "m", 0.0, None, "Length of the fibre itself."),
    Row(
        "group_index",
        "group index",
        "1",
        1.0,
        None,
        "Speed of light in vacuum over the group velocity at the stated wavelength.",
        "in vacuum / in the medium",
    ),
    Row(
        "delay_temperature_coefficient",
        "temperature coefficient of the delay",
        "s m^-1/K",
        None,
        None,
        "Change of the group delay of a fibre per length and temperature.",
        "warmer - colder",
    ),
    Row(
        "temperature_difference",
        "difference of temperature",
        "K",
        None,
        None,
        "Temperature of a part minus that at its calibration, or at another stated time.",
        "now - then",
    ),
    Row(
        "dispersion_coefficient",
        "chromatic dispersion coefficient",
        "s/m^2",
        None,
        None,
        "Change of the group delay per wavelength and length at the stated wavelength.",
        "longer - shorter wavelength",
    ),
    Row(
        "spectral_width",
        "spectral width",
        "m",
        0.0,
        None,
        "Width of a spectrum in vacuum wavelength; rms unless the conditions say otherwise.",
    ),
    Row(
        "polarization_dispersion_coefficient",
        "polarization mode dispersion coefficient",
        "s/m^(1/2)",
        0.0,
        None,
        "Mean differential group delay over the root of the length, for coupled polarizations.",
    ),
    Row(
        "polarization_projection",
        "projection on the slow principal state",
        "1",
        -1.0,
        1.0,
        "Cosine between the Stokes vectors of the light and of the slow principal state.",
    ),
    Row(
        "differential_group_delay",
        "differential group delay",
        "s",
        0.0,
        None,
        "Delay of the slow minus that of the fast principal state of polarization.",
        "slow - fast",
    ),
    Row(
        "delay_spread",
        "spread of the delay",
        "s",
        0.0,
        None,
        "Width of the distribution of delays; rms unless the conditions say otherwise.",
    ),
    Row(
        "delay_change",
        "change of a path delay",
        "s",
        None,
        None,
        "Delay of a path now minus that at its calibration.",
        "now - then",
    ),
    Row(
        "sagnac_delay",
        "Sagnac delay",
        "s",
        None,
        None,
        "Part of a path delay that comes from the turning of the Earth.",
        _FROM_EAST,
    ),
    Row(
        "geodetic_latitude",
        "geodetic latitude",
        "rad",
        -1.5707963267948966,
        1.5707963267948966,
        "Angle between the normal of the ellipsoid and the equator, north positive.",
    ),
    Row(
        "longitude", "longitude", "rad", None, None, "Angle from the zero meridian, east positive."
    ),
    Row(
        "ellipsoidal_height",
        "height above the ellipsoid",
        "m",
        None,
        None,
        "Height of a point above the ellipsoid of the stated frame.",
    ),
    Row(
        "height_difference",
        "difference of height above the geoid",
        "m",
        None,
        None,
        "Height of the second place minus that of the first, above the geoid.",
        "B - A",
    ),
    Row(
        "acceleration_of_gravity",
        "acceleration of gravity",
        "m/s^2",
        0.0,
        None,
        "Free fall at rest on the turning Earth.",
    ),
    Row(
        "clock_rate_difference",
        "difference of the rates of two clocks",
        "1",
        None,
        None,
        "Rate of clock B minus that of clock A, over the rate of A, from the stated cause.",
        "(B - A) / A",
    ),
    Row(
        "time_standard_uncertainty",
        "standard uncertainty of a time",
        "s",
        0.0,
        None,
        "Standard uncertainty of a time or delay where a figure is made from it.",
    ),
)
