"""Decibels with their convention, gains with their reference."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.sensing.decibels import (
    Convention,
    Reference,
    decibels_of_ratio,
    gain_over,
    ratio_of_decibels,
)

ROUNDING = 1e-12

# 10^(L/10) and 10^(L/20), to ten digits with a calculator of arbitrary precision.
LEVELS = (
    (4.5, 2.8183829313, 1.6788040181),
    (11.6, 14.4543977075, 3.8018939632),
    (1.505149978, 1.4142135623, 1.1892071149),
    (3.010299957, 2.0, 1.4142135624),
)


@pytest.mark.parametrize(("level", "variance", "deviation"), LEVELS)
def test_a_level_is_two_ratios(level: float, variance: float, deviation: float) -> None:
    assert ratio_of_decibels(level, convention_of="variance") == pytest.approx(variance, rel=1e-9)
    found = ratio_of_decibels(level, convention_of="standard_deviation")
    assert found == pytest.approx(deviation, rel=1e-9)


@given(st.floats(-300.0, 300.0), st.sampled_from(list(Convention)))
def test_there_and_back(level: float, word: Convention) -> None:
    ratio = ratio_of_decibels(level, convention_of=word)
    assert decibels_of_ratio(ratio, convention_of=word) == pytest.approx(level, abs=1e-10)


@given(st.floats(1e-12, 1e3), st.floats(1e-12, 1e3))
def test_the_three_forms_of_a_gain_agree(sensor: float, other: float) -> None:
    gain = gain_over(sensor, other, over="mode_separable")
    assert gain.reference is Reference.MODE_SEPARABLE
    assert gain.deviation_gain**2 == pytest.approx(gain.variance_gain, rel=ROUNDING)
    assert decibels_of_ratio(gain.deviation_gain, convention_of="standard_deviation") == (
        pytest.approx(gain.level_db, abs=1e-9)
    )


@pytest.mark.parametrize("word", ["", "power", "std", "VARIANCE"])
def test_decibels_without_convention_are_refused(word: str) -> None:
    with pytest.raises(InputError) as caught:
        ratio_of_decibels(4.5, convention_of=word)
    assert "convention" in caught.value.where


@pytest.mark.parametrize("word", ["", "classical", "none"])
def test_a_gain_without_reference_is_refused(word: str) -> None:
    with pytest.raises(InputError) as caught:
        gain_over(1.0, 2.0, over=word)
    assert caught.value.where == "reference"


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_variance_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="sensor"):
        gain_over(value, 1.0, over="standard_quantum_limit")
    with pytest.raises(InputError, match="reference"):
        gain_over(1.0, value, over="standard_quantum_limit")
    with pytest.raises(InputError):
        decibels_of_ratio(value, convention_of="variance")


@pytest.mark.parametrize("level", [math.nan, math.inf, 1e5])
def test_what_is_no_level_is_refused(level: float) -> None:
    with pytest.raises(InputError) as caught:
        ratio_of_decibels(level, convention_of="variance")
    assert caught.value.where == "level"
