"""Numbers and quantities as people write them."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError, UnitError
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit, parse_number, parse_quantity

ONE_ULP = 2.0**-52  # relative spacing of doubles: two correct roundings differ by no more


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("-0.5", -0.5),
        ("+0.02", 0.02),
        ("244355.7", 244355.7),
        ("6.62607015e-34", 6.62607015e-34),
        ("1E3", 1000.0),
        ("007", 7.0),
        ("600.3848016064364", 600.3848016064364),
    ],
)
def test_a_decimal_number_is_read(text: str, number: float) -> None:
    assert parse_number(text) == number


HOSTILE_NUMBERS = [
    "",
    " ",
    "1 ",
    " 1",
    ".5",
    "5.",
    "1,5",
    "1_000",
    "0x10",
    "0b1",
    "1e",
    "1e+",
    "--1",
    "+-1",
    "1e1000000000",  # a Fraction of it would fill the memory
    "1e400",
    "-1e309",
    "1e-400",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "１２",
    "٣",
    "1\n",
    "1\x00",
    "1e5j",
    "1/3",
    "½",
    "9" * 200,
]


@pytest.mark.parametrize("text", HOSTILE_NUMBERS)
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_number(text)
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1,5", "decimal mark"),
        ("nan", "finite"),
        ("5%", "'5 %'"),
        ("1550nm", "'1550 nm'"),
        ("1e-400", "exponent"),
    ],
)
def test_the_refusal_says_what_to_change(text: str, advice: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_number(text)
    assert advice in refusal.value.next_step


@pytest.mark.parametrize(
    ("text", "si", "code"),
    [
        ("244355.7 /s", 244355.7, "/s"),
        ("1550.5 nm", 1.5505e-6, "nm"),
        ("5 %", 0.05, "%"),
        ("1.01375", 1.01375, "1"),
        ("98.581527120938 uW", 9.8581527120938e-5, "uW"),
        ("2 hour", 7200.0, "hour"),
        ("5 1/s", 5.0, "1/s"),
        ("-3 mK", -0.003, "mK"),
    ],
)
def test_a_quantity_is_read_in_si(text: str, si: float, code: str) -> None:
    quantity = parse_quantity(text)
    assert quantity.si == si
    assert quantity.unit.code == code
    assert quantity.text == text


@pytest.mark.parametrize(
    "text",
    ["", "5  nm", "5 ", " 5 nm", "nm", "5 nm ", "5\tnm", "nan W", "5%", "5e308 km", "1e-320 fs"],
)
def test_a_malformed_quantity_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_quantity(text)


def test_a_level_is_refused_as_a_unit() -> None:
    with pytest.raises(UnitError, match="level"):
        parse_quantity("-30 dBm")


decimals = st.decimals(
    min_value=Decimal("-1e12"),
    max_value=Decimal("1e12"),
    allow_nan=False,
    allow_infinity=False,
    places=9,
)
codes = st.sampled_from(
    ["nm", "ps", "%", "ppm", "min", "hour", "d", "a", "kHz", "pW", "/s", "eV", "km"]
)


@given(decimals, codes)
def test_the_si_number_is_rounded_once(number: Decimal, code: str) -> None:
    exact = Fraction(number) * parse_unit(code).factor
    si = parse_quantity(f"{number:f} {code}").si
    error = abs(Fraction(si) - exact)
    neighbours = (math.nextafter(si, math.inf), math.nextafter(si, -math.inf))
    assert all(error <= abs(Fraction(other) - exact) for other in neighbours)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["nm", "ps", "%", "ppm", "pW", "kHz", "km"]))
def test_fourteen_digits_survive_a_decimal_unit_and_back(digits: int, code: str) -> None:
    number = float(Decimal(digits) / 10**6)
    unit = parse_unit(code)
    assert in_unit(parse_quantity(f"{Decimal(digits) / 10**6:f} {code}").si, unit) == number


@given(st.floats(-1e100, 1e100).filter(lambda x: abs(x) > 1e-100), codes)
def test_there_and_back_differs_by_a_rounding_at_most(si: float, code: str) -> None:
    unit = parse_unit(code)
    back = Fraction(in_unit(si, unit)) * unit.factor
    assert abs(back - Fraction(si)) <= ONE_ULP * abs(Fraction(si))


def test_a_wavelength_is_shown_as_it_was_written() -> None:
    assert in_unit(1.5505e-6, parse_unit("nm")) == 1550.5


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_no_unit(number: float) -> None:
    with pytest.raises(InputError, match="cannot be expressed"):
        in_unit(number, parse_unit("m"))


def test_a_number_too_large_for_the_unit_is_refused() -> None:
    with pytest.raises(InputError, match="range of a double"):
        in_unit(1e300, parse_unit("fs"))
