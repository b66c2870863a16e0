"""Dimensions form a group under multiplication, and their text reads back."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.quantity.dimension import (
    DIMENSIONLESS,
    dimension_of,
    dimension_text,
    divide,
    multiply,
    power,
)
from qtrace.quantity.units import parse_unit

WATT = dimension_of(kg=1, m=2, s=-3)

small_powers = st.one_of(
    st.integers(-12, 12).map(Fraction),
    st.builds(Fraction, st.integers(-20, 20), st.integers(2, 9)),
)
dimensions = st.tuples(*[small_powers] * 8)


def test_watt_is_joule_per_second() -> None:
    joule = dimension_of(kg=1, m=2, s=-2)
    assert divide(joule, dimension_of(s=1)) == WATT


def test_a_root_halves_each_power() -> None:
    assert power(dimension_of(m=2, s=-1), Fraction(1, 2)) == dimension_of(m=1, s=Fraction(-1, 2))


def test_text_is_in_base_units_with_the_kilogram_first() -> None:
    assert dimension_text(WATT) == "kg m^2 s^-3"
    assert dimension_text(DIMENSIONLESS) == "1"
    assert dimension_text(dimension_of(s=Fraction(-1, 2))) == "s^(-1/2)"


def test_a_base_unit_that_the_si_does_not_have_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError, match="ft"):
        dimension_of(ft=1)


@given(dimensions, dimensions)
def test_dividing_undoes_multiplying(
    first: tuple[Fraction, ...], second: tuple[Fraction, ...]
) -> None:
    assert divide(multiply(first, second), second) == first


@given(dimensions, dimensions)
def test_the_order_of_a_product_does_not_matter(
    first: tuple[Fraction, ...], second: tuple[Fraction, ...]
) -> None:
    assert multiply(first, second) == multiply(second, first)


@given(dimensions, st.integers(1, 5))
def test_a_power_is_a_repeated_product(dimension: tuple[Fraction, ...], times: int) -> None:
    product = DIMENSIONLESS
    for _ in range(times):
        product = multiply(product, dimension)
    assert power(dimension, Fraction(times)) == product


@given(st.lists(st.integers(-12, 12), min_size=8, max_size=8))
def test_the_text_of_a_dimension_is_a_unit_code_of_that_dimension(powers: list[int]) -> None:
    dimension = tuple(Fraction(part) for part in powers)
    unit = parse_unit(dimension_text(dimension))
    assert unit.dimension == dimension
    assert unit.factor == 1
