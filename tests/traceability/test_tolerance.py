"""Tolerances: a part of the value or an amount, about what was left or a nominal value."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.quantity.kinds import kind
from qtrace.traceability.tolerance import parse_tolerance

POWER = kind("optical_power")
RATIO = kind("indication_ratio")


def test_percent_is_a_part_of_the_value_left() -> None:
    found = parse_tolerance("0.5 %", POWER)
    assert found.limits(2.0) == pytest.approx((1.99, 2.01))
    assert found.limits(-2.0) == pytest.approx((-2.01, -1.99))
    assert found.describe() == "±0.5 % of the value left before"
    assert parse_tolerance("20 ppm", RATIO).limits(1.0) == pytest.approx((0.99998, 1.00002))


def test_an_amount_is_an_amount() -> None:
    assert parse_tolerance("± 2 mW", POWER).limits(0.1) == pytest.approx((0.098, 0.102))
    assert parse_tolerance("0.005", RATIO).limits(2.0) == pytest.approx((1.995, 2.005))
    assert parse_tolerance("+/- 0.005", RATIO).half_width == 0.005


def test_a_nominal_value_takes_the_place_of_the_value_left() -> None:
    found = parse_tolerance("1 %", POWER, nominal="10 mW")
    assert found.limits(123.0) == pytest.approx((0.0099, 0.0101))
    assert found.describe() == "±1 % of the nominal value"


@pytest.mark.parametrize(
    ("text", "nominal", "said"),
    [
        ("2 nm", "", "dimension"),
        ("0 %", "", "above 0"),
        ("-1 %", "", "above 0"),
        ("much", "", "not a decimal"),
        ("1 %", "3 nm", "dimension"),
        ("1 %", "x", "not a decimal"),
    ],
)
def test_what_is_no_tolerance(text: str, nominal: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_tolerance(text, POWER, nominal=nominal)


def test_a_part_of_zero_is_none() -> None:
    with pytest.raises(InputError, match="of zero"):
        parse_tolerance("1 %", RATIO).limits(0.0)
