"""Corrections of a time link as metrics: fibre, dispersion, polarization, Earth, local delays.

Inside: `PATH_METRICS` (fibre, Earth, equipment, and `detectable` beside this) and the functions
behind them.
Arguments in SI units, by keyword; numbers or arrays; nothing is clipped. A result of kind
`delay_asymmetry` is what a two-way or round-trip offset takes; half of it enters there.
Source: the formulas stand in `qtrace.physics.timing`, with theirs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.timing.detectable import DETECTABLE_METRICS
from qtrace.physics.timing import fibre_path
from qtrace.physics.timing.relativity import (
    gravitational_rate,
    sagnac_asymmetry_s,
    sagnac_delay_s,
)
from qtrace.physics.timing.source_swap import local_delay_difference_of_swap

Number = float | NDArray[np.float64]

CALIBRATION, COUNTS = ArgumentSource.CALIBRATION, ArgumentSource.COUNTS


def fibre_delay(*, fibre_length: Number, group_index: Number) -> Number:
    """Return the group delay n_g L/c, in s."""
    return fibre_path.group_delay_s(fibre_length, group_index)


def fibre_delay_change(
    *,
    fibre_length: Number,
    delay_temperature_coefficient: Number,
    temperature_difference: Number,
) -> Number:
    """Return the change of the delay with temperature, in s; common to both directions."""
    return fibre_path.temperature_delay_change_s(
        fibre_length, delay_temperature_coefficient, temperature_change_k=temperature_difference
    )


def chromatic_broadening(
    *, fibre_length: Number, dispersion: Number, spectral_width: Number
) -> Number:
    """Return the spread of arrival times |D| L dlambda, in s."""
    return fibre_path.chromatic_broadening_s(
        fibre_length, dispersion, spectral_width_m=spectral_width
    )


def wavelength_asymmetry(
    *, fibre_length: Number, dispersion: Number, wavelength_ab: Number, wavelength_ba: Number
) -> Number:
    """Return D L (lambda_AB - lambda_BA), in s; D that between the two wavelengths."""
    return fibre_path.wavelength_asymmetry_s(
        fibre_length, dispersion, wavelength_ab_m=wavelength_ab, wavelength_ba_m=wavelength_ba
    )


def differential_group_delay(*, fibre_length: Number, polarization_dispersion: Number) -> Number:
    """Return the mean differential group delay, D_PMD sqrt(L), in s."""
    return fibre_path.mean_differential_group_delay_s(fibre_length, polarization_dispersion)


def pmd_asymmetry(
    *, differential_group_delay: Number, projection_ab: Number = 0.0, projection_ba: Number = 0.0
) -> Number:
    """Return the delay asymmetry by the states of polarization, DGD (p_AB - p_BA)/2, in s."""
    return fibre_path.polarization_asymmetry_s(
        differential_group_delay, projection_ab=projection_ab, projection_ba=projection_ba
    )


def sagnac_asymmetry(
    *,
    latitude_a: Number,
    longitude_a: Number,
    latitude_b: Number,
    longitude_b: Number,
    height_a: Number = 0.0,
    height_b: Number = 0.0,
) -> Number:
    """Return the delay from A to B minus that from B to A by the Earth's turning, in s."""
    return sagnac_asymmetry_s(
        sagnac_delay_s(
            latitude_a=latitude_a,
            longitude_a=longitude_a,
            latitude_b=latitude_b,
            longitude_b=longitude_b,
            height_a=height_a,
            height_b=height_b,
        )
    )


def delay_asymmetry(
    *,
    wavelength_asymmetry: Number = 0.0,
    sagnac_asymmetry: Number = 0.0,
    pmd_asymmetry: Number = 0.0,
    component_asymmetry: Number = 0.0,
) -> Number:
    """Return the whole asymmetry of a path, in s: the sum of its parts, each A to B - B to A."""
    return wavelength_asymmetry + sagnac_asymmetry + pmd_asymmetry + component_asymmetry


def _one(name: str, kind: str, role: str, *, default: float | None = None) -> MetricArgument:
    return MetricArgument(name, kind, CALIBRATION, role, default)


LENGTH = _one("fibre_length", "fibre_length", "fibre")
DISPERSION = _one("dispersion", "dispersion_coefficient", "fibre")
STATIONS = (
    _one("latitude_a", "geodetic_latitude", "station_a"),
    _one("longitude_a", "longitude", "station_a"),
    _one("latitude_b", "geodetic_latitude", "station_b"),
    _one("longitude_b", "longitude", "station_b"),
    _one("height_a", "ellipsoidal_height", "station_a", default=0.0),
    _one("height_b", "ellipsoidal_height", "station_b", default=0.0),
)

FIBRE_METRICS: tuple[Metric, ...] = (
    Metric(
        metric_id="timing.fibre_delay",
        version="1",
        title="group delay of a fibre",
        result_kind="path_delay",
        unit="s",
        arguments=(LENGTH, _one("group_index", "group_index", "fibre")),
        function=fibre_delay,
        influenced_by="length and group index of the fibre",
        source="n_g L / c",
    ),
    Metric(
        metric_id="timing.fibre_delay_change",
        version="1",
        title="change of the delay of a fibre with temperature",
        result_kind="delay_change",
        unit="s",
        arguments=(
            LENGTH,
            _one("delay_temperature_coefficient", "delay_temperature_coefficient", "fibre"),
            _one("temperature_difference", "temperature_difference", "thermometer"),
        ),
        function=fibre_delay_change,
        influenced_by="length and temperature coefficient of the fibre, thermometer",
        source="kappa L dT; the same in both directions of one fibre",
    ),
    Metric(
        metric_id="timing.chromatic_broadening",
        version="1",
        title="spread of the delay by chromatic dispersion",
        result_kind="delay_spread",
        unit="s",
        arguments=(LENGTH, DISPERSION, _one("spectral_width", "spectral_width", "source")),
        function=chromatic_broadening,
        influenced_by="length and dispersion of the fibre, spectral width of the source",
        source="|D| L dlambda",
    ),
    Metric(
        metric_id="timing.wavelength_asymmetry",
        version="1",
        title="delay asymmetry by two wavelengths",
        result_kind="delay_asymmetry",
        unit="s",
        arguments=(
            LENGTH,
            DISPERSION,
            _one("wavelength_ab", "wavelength", "source_a"),
            _one("wavelength_ba", "wavelength", "source_b"),
        ),
        function=wavelength_asymmetry,
        influenced_by="length and dispersion of the fibre, both wavelengths",
        source="D L (lambda_AB - lambda_BA)",
    ),
    Metric(
        metric_id="timing.differential_group_delay",
        version="1",
        title="mean differential group delay of a fibre",
        result_kind="differential_group_delay",
        unit="s",
        arguments=(
            LENGTH,
            _one("polarization_dispersion", "polarization_dispersion_coefficient", "fibre"),
        ),
        function=differential_group_delay,
        influenced_by="length and polarization mode dispersion of the fibre",
        source="D_PMD sqrt(L), coupled polarizations",
    ),
    Metric(
        metric_id="timing.pmd_asymmetry",
        version="1",
        title="delay asymmetry by polarization",
        result_kind="delay_asymmetry",
        unit="s",
        arguments=(
            _one("differential_group_delay", "differential_group_delay", "fibre"),
            _one("projection_ab", "polarization_projection", "source_a", default=0.0),
            _one("projection_ba", "polarization_projection", "source_b", default=0.0),
        ),
        function=pmd_asymmetry,
        influenced_by="differential group delay, states of polarization of both directions",
        source="DGD (p_AB - p_BA) / 2, Gordon and Kogelnik, PNAS 97, 4541 (2000)",
    ),
)

EARTH_METRICS: tuple[Metric, ...] = (
    Metric(
        metric_id="timing.sagnac_delay",
        version="1",
        title="Sagnac delay from A to B",
        result_kind="sagnac_delay",
        unit="s",
        arguments=STATIONS,
        function=sagnac_delay_s,
        influenced_by="coordinates of both stations; straight line between them",
        source="2 omega A_E / c^2, ITU-R TF.2018 (2012); eastward positive",
    ),
    Metric(
        metric_id="timing.sagnac_asymmetry",
        version="1",
        title="delay asymmetry by the turning of the Earth",
        result_kind="delay_asymmetry",
        unit="s",
        arguments=STATIONS,
        function=sagnac_asymmetry,
        influenced_by="coordinates of both stations; straight line between them",
        source="twice the Sagnac delay; positive where B lies east of A",
    ),
    Metric(
        metric_id="timing.gravitational_rate",
        version="1",
        title="rate of clock B against clock A by height",
        result_kind="clock_rate_difference",
        unit="1",
        arguments=(
            _one("height_difference", "height_difference", "station_b"),
            _one("gravity", "acceleration_of_gravity", "station_b"),
        ),
        function=gravitational_rate,
        influenced_by="height of B above A, acceleration of gravity",
        source="g h / c^2; the higher clock runs faster",
    ),
)

LINK_METRICS: tuple[Metric, ...] = (
    Metric(
        metric_id="timing.local_delay_difference",
        version="1",
        title="difference of local delays by a common-source swap",
        result_kind="local_delay_difference",
        unit="s",
        arguments=(
            MetricArgument("delay_direct", "time_interval", COUNTS, "tagger"),
            MetricArgument("delay_swapped", "time_interval", COUNTS, "tagger"),
            _one("clock_offset", "time_scale_difference", "clock_b", default=0.0),
        ),
        function=local_delay_difference_of_swap,
        influenced_by="time tags of both configurations, offset of the clocks during the swap",
        source="mean of the two configurations less the clock offset",
    ),
    Metric(
        metric_id="timing.delay_asymmetry",
        version="1",
        title="delay asymmetry of a path, all parts",
        result_kind="delay_asymmetry",
        unit="s",
        arguments=(
            _one("wavelength_asymmetry", "delay_asymmetry", "fibre", default=0.0),
            _one("sagnac_asymmetry", "delay_asymmetry", "stations", default=0.0),
            _one("pmd_asymmetry", "delay_asymmetry", "polarization", default=0.0),
            _one("component_asymmetry", "delay_asymmetry", "components", default=0.0),
        ),
        function=delay_asymmetry,
        influenced_by="wavelengths, dispersion, stations, polarization, components",
        source="sum of the parts",
    ),
)

PATH_METRICS: tuple[Metric, ...] = (
    *FIBRE_METRICS,
    *EARTH_METRICS,
    *LINK_METRICS,
    *DETECTABLE_METRICS,
)
