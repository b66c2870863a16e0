"""Levels and ratios meet only in four functions, whose units and derivatives are checked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError, UnitError
from qtrace.quantity.dimension import DIMENSIONLESS, LEVEL
from qtrace.quantity.scale import level_to_ratio, ratio_to_level
from qtrace.quantity.units import parse_unit
from qtrace.uncertainty.expression import compile_expression

NAMES = frozenset({"a", "b", "r"})
DIMS = {"a": LEVEL, "b": LEVEL, "r": DIMENSIONLESS}
SAME = 1e-14  # one power of ten, rounded once or twice


def test_conversions_are_those_of_the_scale() -> None:
    for factor in ("power", "amplitude"):
        to_ratio = compile_expression(f"{factor}_ratio_of_level(a)", names=NAMES)
        to_level = compile_expression(f"level_of_{factor}_ratio(r)", names=NAMES)
        assert to_ratio.dimension(DIMS) == DIMENSIONLESS
        assert to_level.dimension(DIMS) == LEVEL
        assert to_ratio.evaluate({"a": -31.0}) == pytest.approx(
            level_to_ratio(-31.0, factor=factor), rel=SAME
        )
        assert to_level.evaluate({"r": 0.25}) == pytest.approx(
            ratio_to_level(0.25, factor=factor), rel=SAME
        )


def test_their_derivatives_are_exact() -> None:
    value, slope = compile_expression("power_ratio_of_level(a - b)", names=NAMES).gradient(
        {"a": 3.0, "b": 13.0}
    )
    assert value == pytest.approx(0.1)
    assert slope["a"] == pytest.approx(0.1 * math.log(10.0) / 10.0)
    assert slope["b"] == -slope["a"]
    _, slope = compile_expression("level_of_amplitude_ratio(r)", names=NAMES).gradient({"r": 0.5})
    assert slope["r"] == pytest.approx(20.0 / math.log(10.0) / 0.5)


def test_arrays_are_converted_as_numbers_are() -> None:
    there = compile_expression("level_of_power_ratio(r)", names=NAMES)
    found = there.evaluate({"r": np.array([1.0, 10.0, -1.0])})
    assert found[:2].tolist() == [0.0, 10.0]
    assert math.isnan(found[2])
    with pytest.raises(InputError):
        there.evaluate({"r": -1.0})


def test_levels_add_up_along_a_path() -> None:
    along = compile_expression("a + 2 * b", names=NAMES)
    assert along.dimension(DIMS) == LEVEL
    per_length = compile_expression("a * r", names=NAMES)
    dims = {"a": parse_unit("dB/km").dimension, "r": parse_unit("km").dimension}
    assert per_length.dimension(dims) == LEVEL


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a + r", "cannot be added"),
        ("a - 3", "cannot be subtracted"),
        ("10^(a/10)", "cannot be raised"),
        ("exp(a)", "takes a number without unit"),
        ("power_ratio_of_level(r)", "takes a level in dB"),
        ("power_ratio_of_level(power_ratio_of_level(a))", "takes a level in dB"),
        ("level_of_power_ratio(a)", "takes a number without unit"),
        ("sin(a)", "takes a number without unit"),
    ],
)
def test_scales_do_not_mix(text: str, why: str) -> None:
    with pytest.raises(UnitError, match=why):
        compile_expression(text, names=NAMES).dimension(DIMS)


@pytest.mark.parametrize("text", ["ratio_of_level(a)", "from_db(a)", "power_ratio_of_level"])
def test_power_or_amplitude_is_always_said(text: str) -> None:
    with pytest.raises(InputError):
        compile_expression(text, names=NAMES)


def test_an_input_cannot_take_the_name_of_a_conversion() -> None:
    with pytest.raises(InputError, match="constant or function"):
        compile_expression("1", names=frozenset({"level_of_power_ratio"}))
