"""Levels: textbook anchors, the two factors kept apart, and round trips."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.quantity.scale import (
    Factor,
    dbm_to_watt,
    level_to_ratio,
    level_to_relative_uncertainty,
    ratio_to_level,
    relative_to_level_uncertainty,
    watt_to_dbm,
)

ROUNDING = 1e-12  # exp and log of levels up to 300 dB lose a few units in the last place, times 69

factors = st.sampled_from(["power", "amplitude"])
levels = st.floats(-300.0, 300.0)


@pytest.mark.parametrize(
    ("level_db", "factor", "ratio"),
    [
        (10.0, "power", 10.0),
        (20.0, "amplitude", 10.0),
        (-30.0, "power", 1e-3),
        (0.0, "power", 1.0),
        (3.0, "power", 1.9952623149688795),  # 10 ** 0.3
        (6.0, "amplitude", 1.9952623149688795),
    ],
)
def test_a_level_stands_for_its_ratio(level_db: float, factor: Factor, ratio: float) -> None:
    assert level_to_ratio(level_db, factor=factor) == pytest.approx(ratio, rel=ROUNDING)
    assert ratio_to_level(ratio, factor=factor) == pytest.approx(
        level_db, rel=ROUNDING, abs=ROUNDING
    )


@given(levels, factors)
def test_there_and_back_is_the_same_level(level_db: float, factor: Factor) -> None:
    back = ratio_to_level(level_to_ratio(level_db, factor=factor), factor=factor)
    assert back == pytest.approx(level_db, rel=ROUNDING, abs=ROUNDING)


@given(levels, levels)
def test_levels_add_where_ratios_multiply(first: float, second: float) -> None:
    product = level_to_ratio(first, factor="power") * level_to_ratio(second, factor="power")
    assert level_to_ratio(first + second, factor="power") == pytest.approx(product, rel=ROUNDING)


@given(levels)
def test_an_amplitude_ratio_is_the_root_of_the_power_ratio(level_db: float) -> None:
    amplitude = level_to_ratio(level_db, factor="amplitude")
    assert amplitude**2 == pytest.approx(level_to_ratio(level_db, factor="power"), rel=ROUNDING)


def test_power_in_dbm() -> None:
    assert dbm_to_watt(0.0) == 1e-3
    assert dbm_to_watt(-90.0) == pytest.approx(1e-12, rel=ROUNDING)
    assert watt_to_dbm(1e-6) == pytest.approx(-30.0, rel=ROUNDING)


def test_a_tenth_of_a_decibel_is_2_3_percent_in_power_and_half_of_it_in_amplitude() -> None:
    relative = level_to_relative_uncertainty(0.1, factor="power")
    assert relative == pytest.approx(0.1 * math.log(10) / 10, rel=ROUNDING)
    assert level_to_relative_uncertainty(0.1, factor="amplitude") == pytest.approx(
        relative / 2, rel=ROUNDING
    )


@given(st.floats(-60.0, 60.0), factors)
def test_the_uncertainty_follows_the_slope_of_the_conversion(
    level_db: float, factor: Factor
) -> None:
    step = 1e-4  # dB; the third-order term of the central difference is 1e-9 relative
    slope = level_to_ratio(level_db + step, factor=factor) - level_to_ratio(
        level_db - step, factor=factor
    )
    relative = slope / (2 * step) / level_to_ratio(level_db, factor=factor)
    assert level_to_relative_uncertainty(1.0, factor=factor) == pytest.approx(relative, rel=1e-7)


@given(st.floats(0.0, 10.0), factors)
def test_uncertainties_convert_back(u_db: float, factor: Factor) -> None:
    relative = level_to_relative_uncertainty(u_db, factor=factor)
    assert relative_to_level_uncertainty(relative, factor=factor) == pytest.approx(
        u_db, rel=ROUNDING
    )


@pytest.mark.parametrize("level_db", [math.nan, math.inf, -math.inf, 1e5, -1e5, 1e300])
def test_an_impossible_level_is_refused(level_db: float) -> None:
    with pytest.raises(InputError):
        level_to_ratio(level_db, factor="power")


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.nan, math.inf])
def test_a_ratio_without_level_is_refused(ratio: float) -> None:
    with pytest.raises(InputError):
        ratio_to_level(ratio, factor="power")


@pytest.mark.parametrize("u", [-0.1, math.nan, math.inf])
def test_an_impossible_uncertainty_is_refused(u: float) -> None:
    with pytest.raises(InputError):
        level_to_relative_uncertainty(u, factor="power")
    with pytest.raises(InputError):
        relative_to_level_uncertainty(u, factor="power")


def test_the_factor_is_never_guessed() -> None:
    with pytest.raises(InputError, match="voltage"):
        level_to_ratio(3.0, factor="voltage")  # type: ignore[arg-type]
