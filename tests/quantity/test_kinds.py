"""The list of kinds: complete, consistent, and helpful where a name is wrong."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.quantity.detector_kinds import DETECTOR_ROWS
from qtrace.quantity.dimension import DIMENSIONLESS, dimension_of
from qtrace.quantity.key_kinds import KEY_ROWS
from qtrace.quantity.kinds import KINDS, Kind, kind
from qtrace.quantity.level_kinds import LEVEL_ROWS
from qtrace.quantity.optics_kinds import INSTRUMENT_ROWS, SOURCE_ROWS
from qtrace.quantity.path_kinds import PATH_ROWS
from qtrace.quantity.stability_kinds import STABILITY_ROWS
from qtrace.quantity.state_kinds import SENSING_ROWS, STATE_ROWS
from qtrace.quantity.time_kinds import TIME_ROWS
from qtrace.quantity.units import parse_unit

NEEDED = [
    "system_detection_efficiency",
    "dark_count_rate",
    "count_rate",
    "photon_rate",
    "optical_power",
    "transmittance",
    "power_ratio",
    "indication_ratio",
    "range_factor",
    "wavelength",
    "dead_time",
    "efficiency_ratio",
    "detection_efficiency_at_rate",
    "time_base_frequency",
    "qber",
    "key_fraction_asymptotic",
    "key_rate_asymptotic",
    "key_length_finite",
    "sifted_count",
    "bias_voltage",
    "efficiency_relative_uncertainty",
    "time_scale_difference",
    "offset_from_utc",
    "frequency_deviation",
    "time_interval",
]


@pytest.mark.parametrize("name", NEEDED)
def test_a_kind_that_calibrations_and_metrics_use_is_there(name: str) -> None:
    assert kind(name).name == name


def test_no_name_is_used_twice() -> None:
    rows = (
        *DETECTOR_ROWS,
        *INSTRUMENT_ROWS,
        *SOURCE_ROWS,
        *LEVEL_ROWS,
        *KEY_ROWS,
        *TIME_ROWS,
        *STABILITY_ROWS,
        *STATE_ROWS,
        *SENSING_ROWS,
        *PATH_ROWS,
    )
    assert len(KINDS) == len(rows)


@pytest.mark.parametrize("one", KINDS.values(), ids=lambda one: one.name)
def test_each_kind_is_well_formed(one: Kind) -> None:
    assert KINDS[one.name] is one
    assert one.name.isascii()
    assert one.name == one.name.lower()
    assert parse_unit(one.unit).factor == 1  # the unit is coherent: SI numbers are shown as stored
    assert parse_unit(one.unit).dimension == one.dimension
    assert one.title
    assert one.definition.endswith(".")
    if one.lower is not None and one.upper is not None:
        assert one.lower < one.upper


@pytest.mark.parametrize("one", KINDS.values(), ids=lambda one: one.name)
def test_a_ratio_says_in_which_direction_it_is_taken(one: Kind) -> None:
    words = one.name.split("_")
    if {"ratio", "factor", "error", "transmittance", "mismatch"} & set(
        words
    ) and "count" not in words:
        assert one.direction


def test_the_direction_of_a_meter_is_indicated_over_true() -> None:
    assert kind("indication_ratio").direction == "indicated / true"


def test_an_efficiency_is_a_probability() -> None:
    efficiency = kind("system_detection_efficiency")
    assert (efficiency.lower, efficiency.upper) == (0.0, 1.0)
    assert efficiency.dimension == DIMENSIONLESS


def test_a_key_fraction_may_be_negative_before_the_clamp() -> None:
    assert kind("key_fraction_asymptotic").lower is None
    assert kind("key_length_finite").lower is None


def test_rates_are_per_second() -> None:
    for name in ("dark_count_rate", "photon_rate", "key_rate_asymptotic"):
        assert kind(name).dimension == dimension_of(s=-1)


def test_a_misspelt_kind_is_refused_with_close_matches() -> None:
    with pytest.raises(InputError) as refusal:
        kind("system_detection_eficiency")
    assert "system_detection_efficiency" in refusal.value.next_step
    assert "system_detection_eficiency" in refusal.value.where


def test_a_name_like_no_other_is_refused_without_guessing() -> None:
    with pytest.raises(InputError) as refusal:
        kind("zzzzzz")
    assert "did you mean" not in refusal.value.next_step


def test_the_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        KINDS["qber"] = kind("wavelength")  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("system_detection_efficiency_drift_rate", "/s"),
        ("dark_count_rate_drift_rate", "/s^2"),
        ("optical_power_drift_rate", "W/s"),
        ("offset_from_utc_drift_rate", "s/s"),
    ],
)
def test_the_rate_at_which_a_kind_drifts_is_a_kind(name: str, unit: str) -> None:
    drift = kind(name)
    assert (drift.name, drift.unit) == (name, unit)
    assert (drift.lower, drift.upper) == (None, None)
    assert "drift rate" in drift.title
    with pytest.raises(InputError, match="unknown kind"):
        kind("nothing_drift_rate")


def test_every_kind_can_drift() -> None:
    for one in KINDS.values():
        assert parse_unit(kind(f"{one.name}_drift_rate").unit).factor == 1
