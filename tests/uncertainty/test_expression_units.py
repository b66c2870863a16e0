"""Expressions are checked for units before they are evaluated."""

from __future__ import annotations

from fractions import Fraction

import pytest

from qtrace.errors import InputError, UnitError
from qtrace.quantity.dimension import DIMENSIONLESS, Dimension, dimension_of, dimension_text
from qtrace.quantity.units import parse_unit
from qtrace.uncertainty.expression import compile_expression

DIMENSIONS: dict[str, Dimension] = {
    "counts": dimension_of(s=-1),
    "dark": dimension_of(s=-1),
    "power": parse_unit("W").dimension,
    "wavelength": dimension_of(m=1),
    "duration": dimension_of(s=1),
    "ratio": DIMENSIONLESS,
    "voltage": parse_unit("V").dimension,
}


def dimension(text: str) -> str:
    """Return the dimension of an expression of the inputs above, as text."""
    return dimension_text(
        compile_expression(text, names=frozenset(DIMENSIONS)).dimension(DIMENSIONS)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("counts - dark", "s^-1"),
        ("(counts - dark) / (power * wavelength / (h * c))", "1"),  # an efficiency
        ("power * wavelength / (h * c)", "s^-1"),  # a photon rate
        ("h * c / wavelength", "kg m^2 s^-2"),
        ("e * voltage", "kg m^2 s^-2"),
        ("k_B * 300", "kg m^2 s^-2 K^-1"),
        ("pi * wavelength", "m"),
        ("-wavelength", "m"),
        ("wavelength ^ 2", "m^2"),
        ("wavelength ** -1", "m^-1"),
        ("wavelength ^ (1/2)", "m^(1/2)"),
        ("wavelength ^ 0.5 * wavelength ^ 0.5", "m"),
        ("wavelength ^ (3 - 1)", "m^2"),
        ("wavelength ^ -(1 + 1)", "m^-2"),
        ("wavelength ^ (2 * 0.25 + 0.5)", "m"),
        ("sqrt(counts / duration)", "s^-1"),
        ("sqrt(counts)", "s^(-1/2)"),
        ("ratio ^ ratio", "1"),
        ("2 ^ ratio", "1"),
        ("exp(-counts * duration)", "1"),
        ("ln(power / power) + sin(ratio) + log2(2)", "1"),
        ("1 - ratio", "1"),
    ],
)
def test_the_dimension_follows_from_those_of_the_inputs(text: str, expected: str) -> None:
    assert dimension(text) == expected


@pytest.mark.parametrize(
    ("text", "operands"),
    [
        ("counts - power", ("'counts' (s^-1)", "'power' (kg m^2 s^-3)", "subtracted")),
        ("counts + 1", ("'counts' (s^-1)", "'1' (no unit)", "added")),
        (
            "ratio * (counts + dark) - ratio",
            ("'ratio * (counts + dark)' (s^-1)", "'ratio' (no unit)"),
        ),
        ("counts - (ratio + ratio) * 2", ("'counts' (s^-1)", "'(ratio + ratio) * 2' (no unit)")),
        ("duration + sqrt(ratio)", ("'duration' (s)", "'sqrt(ratio)' (no unit)")),
        ("exp(counts)", ("exp takes", "'counts' (s^-1)")),
        ("ln(power)", ("ln takes", "'power' (kg m^2 s^-3)")),
        ("sin(wavelength)", ("sin takes", "'wavelength' (m)")),
        ("2 ^ wavelength", ("'2' (no unit)", "'wavelength' (m)", "raised")),
        ("wavelength ^ ratio", ("'wavelength' (m)", "'ratio' (no unit)", "written as a number")),
        ("wavelength ^ pi", ("'wavelength' (m)", "'pi' (no unit)")),
        ("wavelength ^ (1/0)", ("'wavelength' (m)", "'(1/0)' (no unit)")),
        ("wavelength ^ 2 ^ 2", ("'wavelength' (m)", "'2 ^ 2' (no unit)")),
        ("wavelength ^ 101", ("'wavelength' (m)", "beyond 100")),
        ("wavelength ^ 0.001", ("'wavelength' (m)", "beyond 100")),
        ("wavelength ^ 1e300", ("'wavelength' (m)", "'1e300'")),
    ],
)
def test_operands_that_do_not_fit_are_named_with_their_units(
    text: str, operands: tuple[str, ...]
) -> None:
    with pytest.raises(UnitError) as refusal:
        dimension(text)
    for operand in operands:
        assert operand in refusal.value.what
    assert "column" in refusal.value.where
    assert refusal.value.next_step


def test_a_long_operand_is_shortened_in_the_message() -> None:
    text = " + ".join(["counts"] * 100) + " + power"
    with pytest.raises(UnitError) as refusal:
        dimension(text)
    assert "'power' (kg m^2 s^-3)" in refusal.value.what
    assert len(refusal.value.what) < 200


def test_the_dimension_of_an_input_must_be_given() -> None:
    expression = compile_expression("counts * live_time", names=frozenset({"counts", "live_time"}))
    with pytest.raises(InputError, match="'live_time'"):
        expression.dimension(DIMENSIONS)


def test_a_chain_of_roots_stays_bounded() -> None:
    text = "wavelength"
    for _ in range(7):
        text = f"sqrt({text})"
    with pytest.raises(UnitError, match="beyond 100"):  # 1/128
        dimension(text)


def test_exact_halves_cancel_exactly() -> None:
    expression = compile_expression("sqrt(wavelength) ^ 2", names=frozenset({"wavelength"}))
    assert expression.dimension(DIMENSIONS)[0] == Fraction(1)
