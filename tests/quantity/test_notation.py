"""How numbers with uncertainty are written, and the one grammar of decimal strings."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.quantity.notation import (
    decimal_text,
    format_plus_minus,
    format_value,
    parse_decimal_text,
    round_uncertainty,
)

HALF_A_DIGIT_OF_TWO = Decimal("0.05")  # rounding 1.05 to two digits moves it by 4.8 %
LARGEST_LOSS = Decimal("0.05")  # EA-4/02: never down by more
SLACK = Decimal("1e-25")  # the division in the check itself is rounded to 28 digits

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(1e-300, 1e300)


@pytest.mark.parametrize(
    ("value", "u", "code", "text"),
    [
        (0.9377851731506629, 0.0035151649190, "1", "0.9378(35)"),  # detector D1, NIST 2022
        (0.9489003931525424, 0.0037783309697, "", "0.9489(38)"),  # detector D2
        (240385.65169742, 607.9635910662, "/s", "240390(610) /s"),  # the digits in full units
        (1550.5, 0.12, "nm", "1550.50(12) nm"),
        (-0.0136, 0.0374, "1", "-0.014(37)"),
        (1.281577972e-19, 1.23e-28, "J", "1.2815779720(12)e-19 J"),
        (12345678901.0, 1e6, "/s", "1.23457(10)e10 /s"),
        (5.0, 0.0998, "V", "5.00(10) V"),  # u rounds up to a new digit
        (5.0, 99.7, "V", "0(100) V"),
        (0.0, 0.1, "1", "0.00(10)"),
        (1e-9, 1.0, "1", "0.0(10)"),  # value far below its uncertainty
        (-0.001, 0.5, "1", "0.00(50)"),  # no minus zero
        (1550.5, 0.0, "nm", "1550.5(0) nm"),
        (1e-20, 0.0, "W", "1(0)e-20 W"),
        (1.0, 0.0, "1", "1(0)"),
    ],
)
def test_the_digits_in_parentheses_are_the_uncertainty(
    value: float, u: float, code: str, text: str
) -> None:
    assert format_value(value, u, code) == text


@pytest.mark.parametrize(
    ("value", "u", "code", "text"),
    [
        (0.9377851731506629, 0.0035151649190, "1", "0.9378 ± 0.0035"),
        (240385.65169742, 607.9635910662, "/s", "(240390 ± 610) /s"),
        (1.281577972e-19, 1.23e-22, "J", "(1.2816 ± 0.0012)e-19 J"),
        (-0.0136, 0.0374, "1", "-0.014 ± 0.037"),
        (3.0, 0.0, "V", "(3 ± 0) V"),
    ],
)
def test_plus_minus_keeps_unit_and_power_outside(
    value: float, u: float, code: str, text: str
) -> None:
    assert format_plus_minus(value, u, code) == text


@given(st.floats(-1e12, 1e12), st.floats(1e-12, 1e12))
def test_what_is_written_reads_back_within_its_rounding(value: float, u: float) -> None:
    found = re.fullmatch(
        r"(-?[0-9]+(?:\.([0-9]+))?)\(([0-9]+)\)(?:e(-?[0-9]+))?", format_value(value, u, "1")
    )
    assert found is not None
    power = Decimal(10) ** int(found[4] or 0)
    written_u = Decimal(found[3]) * Decimal(10) ** -len(found[2] or "") * power
    assert (
        abs(written_u - Decimal(decimal_text(u)))
        <= HALF_A_DIGIT_OF_TWO * Decimal(decimal_text(u)) + SLACK
    )
    assert abs(Decimal(found[1]) * power - Decimal(decimal_text(value))) <= written_u / 2


@pytest.mark.parametrize(
    ("value", "u"),
    [(math.nan, 1.0), (math.inf, 1.0), (1.0, math.nan), (1.0, -0.1), (1.0, math.inf)],
)
def test_what_cannot_be_written_is_refused(value: float, u: float) -> None:
    with pytest.raises(InputError):
        format_value(value, u, "1")
    with pytest.raises(InputError):
        format_plus_minus(value, u, "1")


@pytest.mark.parametrize(
    ("u", "text"),
    [
        (0.0035151649190, "0.0035"),
        (607.9635910662, "610"),
        (0.0998, "0.10"),
        (0.0995, "0.10"),
        (1.0, "1.0"),
        (1.05, "1.0"),  # half to even; 4.8 % down is within the rule
        (1.15, "1.2"),
        (99.6, "100"),
        (12345.0, "12000"),
        (1e-10, "0.00000000010"),
        (0.0, "0"),
    ],
)
def test_two_digits_of_an_uncertainty(u: float, text: str) -> None:
    assert round_uncertainty(u) == text


@pytest.mark.parametrize(
    ("u", "text"),
    [
        (0.104, "0.1"),  # 3.8 % down
        (0.106, "0.2"),  # 5.7 % down would be too much
        (0.12, "0.2"),
        (0.249, "0.3"),
        (0.93, "0.9"),  # 3.2 % down
        (0.96, "1"),
    ],
)
def test_one_digit_is_rounded_up_where_rounding_down_loses_over_5_percent(
    u: float, text: str
) -> None:
    assert round_uncertainty(u, digits=1) == text


@given(positive, st.integers(1, 4))
def test_an_uncertainty_is_never_rounded_down_by_more_than_5_percent(u: float, digits: int) -> None:
    exact = Decimal(decimal_text(u))
    rounded = Decimal(round_uncertainty(u, digits=digits))
    assert (exact - rounded) / exact <= LARGEST_LOSS
    assert len(rounded.normalize().as_tuple().digits) <= digits


@given(st.floats(1e-30, 1e30))
def test_rounding_twice_changes_nothing(u: float) -> None:
    once = round_uncertainty(u)
    assert round_uncertainty(float(once)) == once


@pytest.mark.parametrize("u", [-1.0, math.nan, math.inf])
def test_an_impossible_uncertainty_is_not_rounded(u: float) -> None:
    with pytest.raises(InputError):
        round_uncertainty(u)


def test_at_least_one_digit_is_kept() -> None:
    with pytest.raises(InputError, match="no digits"):
        round_uncertainty(1.0, digits=0)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.5, "-2.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.0001, "0.0001"),
        (1e-5, "1e-5"),
        (1e15, "1000000000000000"),
        (1e16, "1e16"),
        (6.62607015e-34, "6.62607015e-34"),
        (1.7976931348623157e308, "1.7976931348623157e308"),
        (5e-324, "5e-324"),
    ],
)
def test_a_number_has_one_decimal_text(number: float, text: str) -> None:
    assert decimal_text(number) == text
    assert parse_decimal_text(text) == number


@given(finite)
def test_each_finite_double_survives_its_text(number: float) -> None:
    assert parse_decimal_text(decimal_text(number)) == number


@given(st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,4})?(e-?[0-9]{1,2})?", fullmatch=True))
def test_a_text_that_is_read_is_written_the_same(text: str) -> None:
    try:
        number = parse_decimal_text(text)
    except InputError:
        assert not text.isascii() or decimal_text(float(text)) != text
    else:
        assert decimal_text(number) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "+1",
        "-0",
        "1.0",
        "1.50",
        "01",
        "00",
        ".5",
        "5.",
        "1e5",  # 100000 is the shortest in plain digits
        "1e05",
        "1e-05",
        "1E16",
        "1e+16",
        "10e15",
        "0.00001",
        "0e5",
        "1e999",
        "1e-999",
        "nan",
        "inf",
        "-inf",
        "1 ",
        " 1",
        "1\n",
        "1_0",
        "0x1",
        "1,5",
        "٣",
        "0.30000000000000005",  # no double's shortest text
        "1" * 40,
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_decimal_text(text)
    assert refusal.value.next_step


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_no_text(number: float) -> None:
    with pytest.raises(InputError, match="no decimal text"):
        decimal_text(number)
