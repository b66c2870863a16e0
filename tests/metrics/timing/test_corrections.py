"""Metrics of path corrections: they carry the physics unchanged and can be propagated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.metrics.catalogue import METRICS, metric
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.timing.corrections import PATH_METRICS, STATIONS
from qtrace.physics.timing.delay_attack import (
    asymmetry_bound,
    detectable_by_innovation,
    detectable_by_round_trip,
    power_factor,
)
from qtrace.physics.timing.relativity import sagnac_delay_s
from qtrace.physics.timing.two_way import two_way_offset
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import parse_unit

PS = 1e-12
PRINTED = 0.01  # relative: the figures of the 75 km link are quoted to two or three digits
DERIVATIVE = 1e-6  # relative: truncation and rounding of the central differences

FIBRE = {"fibre_length": 75e3, "dispersion": 17e-6}
WEST_EAST = {
    "latitude_a": math.radians(40.0),
    "longitude_a": math.radians(105.0),
    "latitude_b": math.radians(40.0),
    "longitude_b": math.radians(105.8783),
}
# Estimates at which each metric is tried: those of a link of 75 km.
TRIED: dict[str, dict[str, float]] = {
    "timing.fibre_delay": {"fibre_length": 75e3, "group_index": 1.468},
    "timing.fibre_delay_change": {
        "fibre_length": 75e3,
        "delay_temperature_coefficient": 37e-15,
        "temperature_difference": 1.0,
    },
    "timing.chromatic_broadening": {**FIBRE, "spectral_width": 1e-9},
    "timing.wavelength_asymmetry": {
        **FIBRE,
        "wavelength_ab": 1550.8e-9,
        "wavelength_ba": 1550.0e-9,
    },
    "timing.differential_group_delay": {
        "fibre_length": 75e3,
        "polarization_dispersion": 0.1 * PS / math.sqrt(1000.0),
    },
    "timing.pmd_asymmetry": {
        "differential_group_delay": 0.87 * PS,
        "projection_ab": 0.5,
        "projection_ba": -0.5,
    },
    "timing.sagnac_delay": WEST_EAST,
    "timing.sagnac_asymmetry": WEST_EAST,
    "timing.gravitational_rate": {"height_difference": 1.0, "gravity": 9.80665},
    "timing.local_delay_difference": {"delay_direct": 5.2e-9, "delay_swapped": 4.8e-9},
    "timing.delay_asymmetry": {"wavelength_asymmetry": 1e-9, "sagnac_asymmetry": 0.6e-9},
    "timing.detectable_asymmetry_round_trip": {"u_before": 3 * PS, "u_after": 4 * PS},
    "timing.detectable_asymmetry_innovation": {"u_offset": 3 * PS, "u_prediction": 4 * PS},
    "timing.detectable_asymmetry_closure": {"u_closure": 5 * PS},
    "timing.detectable_asymmetry_bound": {
        "round_trip_delay": 734.6e-6,
        "fibre_length": 75e3,
        "group_index": 1.468,
    },
}
# What the survey prints for them, in SI units.
PRINTED_FIGURES = {
    "timing.fibre_delay": 367e-6,
    "timing.fibre_delay_change": 2.8e-9,
    "timing.chromatic_broadening": 1.28e-9,
    "timing.wavelength_asymmetry": 2 * 0.64e-9 * 0.8,
    "timing.differential_group_delay": 0.87 * PS,
    "timing.sagnac_delay": 297 * PS,
    "timing.sagnac_asymmetry": 2 * 297 * PS,
    "timing.gravitational_rate": 1.09e-16,
    "timing.local_delay_difference": 5e-9,
    "timing.detectable_asymmetry_round_trip": 18.0 * PS,
    "timing.detectable_asymmetry_innovation": 36.0 * PS,
    "timing.detectable_asymmetry_closure": 36.0 * PS,
}


def test_every_metric_of_the_path_is_in_the_catalogue_and_tried_here() -> None:
    assert set(PATH_METRICS) <= set(METRICS)
    assert {one.metric_id for one in PATH_METRICS} == set(TRIED)


@pytest.mark.parametrize("name", PRINTED_FIGURES)
def test_the_numbers_of_75_km(name: str) -> None:
    value = metric(name).function(**TRIED[name])
    assert value == pytest.approx(PRINTED_FIGURES[name], rel=PRINTED)


@pytest.mark.parametrize("name", TRIED)
def test_each_metric_has_a_derivative_for_all_that_it_takes(name: str) -> None:
    one = metric(name)
    estimates = {
        argument.name: TRIED[name].get(argument.name, argument.default)
        for argument in one.arguments
    }
    known = {key: value for key, value in estimates.items() if value is not None}
    spread = {key: 1e-4 * abs(value) or 1e-3 for key, value in known.items()}
    value, parts = evaluate(one, known, spread)
    assert math.isfinite(value)
    assert set(parts) == set(known)
    assert all(math.isfinite(part) for part in parts.values())


@pytest.mark.parametrize("name", TRIED)
def test_each_metric_takes_arrays(name: str) -> None:
    one = metric(name)
    arrays = {key: np.full(3, value) for key, value in TRIED[name].items()}
    value = one.function(**arrays)
    assert isinstance(value, np.ndarray)
    assert value == pytest.approx(np.full(3, one.function(**TRIED[name])), rel=1e-12)


def test_a_derivative_is_the_one_written_by_hand() -> None:
    estimates = TRIED["timing.wavelength_asymmetry"]
    _, parts = evaluate(
        metric("timing.wavelength_asymmetry"),
        estimates,
        {"fibre_length": 50.0, "dispersion": 2e-7, "wavelength_ab": PS, "wavelength_ba": PS},
    )
    assert parts["wavelength_ab"] == pytest.approx(17e-6 * 75e3, rel=DERIVATIVE)
    assert parts["wavelength_ba"] == pytest.approx(-17e-6 * 75e3, rel=DERIVATIVE)
    assert parts["dispersion"] == pytest.approx(75e3 * 0.8e-9, rel=DERIVATIVE)


@given(*[st.floats(-1e-9, 1e-9)] * 4)
def test_the_whole_asymmetry_is_the_sum(a: float, b: float, c: float, d: float) -> None:
    whole = metric("timing.delay_asymmetry").function(
        wavelength_asymmetry=a, sagnac_asymmetry=b, pmd_asymmetry=c, component_asymmetry=d
    )
    assert whole == pytest.approx(math.fsum((a, b, c, d)), abs=1e-24)


def test_the_asymmetry_of_the_earth_corrects_a_two_way_offset() -> None:
    sagnac = sagnac_delay_s(**WEST_EAST)
    asymmetry = metric("timing.sagnac_asymmetry").function(**WEST_EAST)
    path = 367e-6
    assert two_way_offset(
        delay_ab=path + sagnac, delay_ba=path - sagnac, asymmetry=asymmetry
    ) == pytest.approx(0.0, abs=1e-18)


def test_the_metrics_and_the_tests_of_attacks_say_the_same() -> None:
    step = detectable_by_round_trip(
        sigma_s=6 * PS, points_before=4, points_after=9, u_model_s=2 * PS
    )
    function = metric("timing.detectable_asymmetry_round_trip").function
    assert function(u_before=3 * PS, u_after=2 * PS, u_model=2 * PS) == pytest.approx(
        step.asymmetry_s
    )
    innovation = detectable_by_innovation(u_offset_s=3 * PS, u_prediction_s=4 * PS)
    function = metric("timing.detectable_asymmetry_innovation").function
    assert function(u_offset=3 * PS, u_prediction=4 * PS) == pytest.approx(innovation.asymmetry_s)
    bound = asymmetry_bound(
        round_trip_s=735e-6, u_round_trip_s=0.0, least_length_m=75e3, least_group_index=1.468
    )
    function = metric("timing.detectable_asymmetry_bound").function
    assert function(round_trip_delay=735e-6, fibre_length=75e3, group_index=1.468) == pytest.approx(
        bound.asymmetry_s
    )
    closure = metric("timing.detectable_asymmetry_closure").function
    assert closure(u_closure=1.0, alpha=0.01, power=0.9) == pytest.approx(
        2.0 * power_factor(alpha=0.01, power=0.9)
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("dispersion_coefficient", "ps nm^-1/km"),
        ("delay_temperature_coefficient", "ps km^-1/K"),
        ("polarization_dispersion_coefficient", "fs/m^(1/2)"),
        ("geodetic_latitude", "deg"),
        ("acceleration_of_gravity", "m/s^2"),
    ],
)
def test_the_units_that_laboratories_write_belong_to_the_kinds(name: str, written: str) -> None:
    assert parse_unit(written).dimension == kind(name).dimension


def test_every_kind_of_the_path_can_drift() -> None:
    kinds = {argument.kind for one in PATH_METRICS for argument in one.arguments}
    for name in kinds:
        assert kind(f"{name}_drift_rate").name.startswith(name)


def test_stations_are_asked_for_once() -> None:
    assert [one.name for one in STATIONS][:4] == list(WEST_EAST)
