"""Unit codes: what is read, with which exact factor, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError, UnitError
from qtrace.quantity.dimension import dimension_of
from qtrace.quantity.units import (
    _COUNTED,
    _PARTS,
    _PREFIXED,
    DIMENSIONLESS,
    ONE,
    divide,
    multiply,
    parse_unit,
)

TIME = dimension_of(s=1)
RATE = dimension_of(s=-1)
LENGTH = dimension_of(m=1)
POWER = dimension_of(kg=1, m=2, s=-3)

EXACT_FACTORS = [
    ("", 1, DIMENSIONLESS),
    ("1", 1, DIMENSIONLESS),
    ("%", Fraction(1, 100), DIMENSIONLESS),
    ("ppm", Fraction(1, 10**6), DIMENSIONLESS),
    ("rad", 1, DIMENSIONLESS),
    ("bit", 1, DIMENSIONLESS),
    ("photon", 1, DIMENSIONLESS),
    ("count", 1, DIMENSIONLESS),
    ("pulse", 1, DIMENSIONLESS),
    ("/s", 1, RATE),
    ("1/s", 1, RATE),
    ("s^-1", 1, RATE),
    ("bit/s", 1, RATE),
    ("kbit/s", 1000, RATE),
    ("Gbit", 10**9, DIMENSIONLESS),
    ("photon/s", 1, RATE),
    ("Hz", 1, RATE),
    ("kHz", 10**3, RATE),
    ("MHz", 10**6, RATE),
    ("GHz", 10**9, RATE),
    ("s", 1, TIME),
    ("ps", Fraction(1, 10**12), TIME),
    ("ns", Fraction(1, 10**9), TIME),
    ("us", Fraction(1, 10**6), TIME),
    ("ms", Fraction(1, 10**3), TIME),
    ("min", 60, TIME),
    ("hour", 3600, TIME),
    ("d", 86400, TIME),
    ("a", 31557600, TIME),  # 365.25 d
    ("%/a", Fraction(1, 100 * 31557600), RATE),
    ("m", 1, LENGTH),
    ("km", 1000, LENGTH),
    ("um", Fraction(1, 10**6), LENGTH),
    ("nm", Fraction(1, 10**9), LENGTH),
    ("W", 1, POWER),
    ("mW", Fraction(1, 10**3), POWER),
    ("pW", Fraction(1, 10**12), POWER),
    ("J/s", 1, POWER),
    ("V A", 1, POWER),
    ("V*A", 1, POWER),
    ("kg m^2 s^-3", 1, POWER),
    ("g", Fraction(1, 1000), dimension_of(kg=1)),
    ("J", 1, dimension_of(kg=1, m=2, s=-2)),
    ("eV", Fraction(1602176634, 10**28), dimension_of(kg=1, m=2, s=-2)),  # SI Brochure, table 8
    ("mV", Fraction(1, 1000), dimension_of(kg=1, m=2, s=-3, A=-1)),
    ("uA", Fraction(1, 10**6), dimension_of(A=1)),
    ("mK", Fraction(1, 1000), dimension_of(K=1)),
    ("cm^2", Fraction(1, 10**4), dimension_of(m=2)),
    ("W/Hz^(1/2)", 1, dimension_of(kg=1, m=2, s=Fraction(-5, 2))),
    ("MHz^(1/2)", 10**3, dimension_of(s=Fraction(-1, 2))),
]


@pytest.mark.parametrize(("code", "factor", "dimension"), EXACT_FACTORS)
def test_a_unit_has_its_exact_factor_and_dimension(
    code: str, factor: int | Fraction, dimension: tuple[Fraction, ...]
) -> None:
    unit = parse_unit(code)
    assert unit.factor == factor
    assert unit.dimension == dimension


def test_a_degree_is_pi_over_180_to_the_last_bit_of_a_double() -> None:
    assert float(parse_unit("deg").factor) == 0.017453292519943295  # pi/180, correctly rounded


def test_no_code_is_the_unit_one() -> None:
    assert parse_unit("") is ONE
    assert parse_unit("1") is ONE


def test_the_code_is_kept_as_written() -> None:
    assert parse_unit("kg m^2 s^-3").code == "kg m^2 s^-3"


@pytest.mark.parametrize("code", sorted(_PREFIXED))
def test_each_code_of_the_table_is_known_to_pint_with_a_positive_factor(code: str) -> None:
    assert parse_unit(code).factor > 0


def test_a_prefix_multiplies_by_its_power_of_ten() -> None:
    powers = {
        "f": -15,
        "p": -12,
        "n": -9,
        "u": -6,
        "m": -3,
        "c": -2,
        "k": 3,
        "M": 6,
        "G": 9,
        "T": 12,
    }
    seen = set()
    for code in _PREFIXED:
        bare = code[1:]
        if code[0] in powers and bare in _PREFIXED and _PREFIXED[code].endswith(_PREFIXED[bare]):
            seen.add(code[0])
            assert (
                parse_unit(code).factor == parse_unit(bare).factor * Fraction(10) ** powers[code[0]]
            )
    assert seen == set(powers)


def test_no_two_readings_of_one_code() -> None:
    assert not set(_PREFIXED) & set(_COUNTED)
    assert not set(_PREFIXED) & set(_PARTS)


codes = st.sampled_from([*sorted(_PREFIXED), *_COUNTED, *_PARTS])


@given(codes, codes)
def test_a_product_and_a_quotient_of_codes_mean_what_they_say(first: str, second: str) -> None:
    a, b = parse_unit(first), parse_unit(second)
    product = parse_unit(f"{first} {second}")
    quotient = parse_unit(f"{first}/{second}")
    assert product.factor == a.factor * b.factor
    assert product.dimension == multiply(a.dimension, b.dimension)
    assert quotient.factor == a.factor / b.factor
    assert quotient.dimension == divide(a.dimension, b.dimension)


@given(codes, st.integers(-12, 12).filter(lambda power: power != 0))
def test_a_power_of_a_code_is_the_power_of_its_factor(code: str, power: int) -> None:
    assert parse_unit(f"{code}^{power}").factor == parse_unit(code).factor ** power


MALFORMED = [
    " ",
    " W",
    "W ",
    "m  s",
    "m\ts",
    "/",
    "m/",
    "m/s/s",
    "/s/s",
    "m/s^(1/2)/s",
    "1 m",
    "2",
    "2 m",
    "m2",
    "m^0",
    "m^-",
    "m^+1",
    "m^1.5",
    "m^13",
    "m^(26/2)",
    "m**2",
    "m^2^2",
    "m^800000",
    "2**1000000",
    "(m)",
    "m^(1/2",
    "m^(0/2)",
    "V/√Hz",
    "m·s",
    "kHz^(1/2)",
    "__import__('os')",
    "W\x00",
    "W\n",
    "Ｗ",
    "m" * 65,
    "m " * 40 + "m",
]


@pytest.mark.parametrize("code", MALFORMED)
def test_a_malformed_code_is_refused_with_a_next_step(code: str) -> None:
    with pytest.raises(UnitError) as refusal:
        parse_unit(code)
    assert refusal.value.where
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("h", "'hour'"),
        ("W h", "'hour'"),
        ("year", "'a'"),
        ("degC", "in K"),
        ("°C", "in K"),
        ("percent", "'%'"),
        ("ppb", "'ppm'"),
        ("µm", "'um'"),  # micro sign
        ("μW", "'uW'"),  # Greek mu
        ("kHZ", "kHz"),
        ("mhz", "MHz"),
        ("counts", "count"),
        ("dBm", "level"),
        ("dBm/km", "level"),
    ],
)
def test_an_ambiguous_or_unknown_unit_says_what_to_write(code: str, advice: str) -> None:
    with pytest.raises(UnitError) as refusal:
        parse_unit(code)
    assert advice in refusal.value.next_step
    assert code in refusal.value.where


@pytest.mark.parametrize("code", ["ph", "t", "G", "k", "u", "qubit", "parsec", "mile", "dBm", "B"])
def test_what_pint_would_read_as_something_else_never_reaches_it(code: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(code)


@pytest.mark.parametrize("code", ["m/s/s", "/s/s", "m/s^(1/2)/s"])
def test_a_second_solidus_is_named_as_what_is_wrong(code: str) -> None:
    with pytest.raises(UnitError, match="more than one solidus"):
        parse_unit(code)


@given(st.text(max_size=20))
def test_any_text_is_a_unit_or_a_clear_refusal(text: str) -> None:
    try:
        unit = parse_unit(text)
    except UnitError as refusal:
        assert refusal.next_step  # noqa: PT017 - either way out is right, but never a traceback
    else:
        assert unit.factor > 0


def test_a_refused_unit_is_bad_input_exit_code_2() -> None:
    assert issubclass(UnitError, InputError)
    assert UnitError.exit_code == 2
