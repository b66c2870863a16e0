"""Figures as they are stated: digits and words."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.claims.stated import read_stated
from qtrace.errors import InputError, UnitError


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("4.45 ps", 4.445e-12, 4.455e-12),
        ("4.5 dB", 4.45, 4.55),
        ("0.80", 0.795, 0.805),
        ("4000 s", 3500.0, 4500.0),
        ("1200 km", 1.15e6, 1.25e6),
        ("1200.0 km", 1199.95e3, 1200.05e3),
        ("1.20e3 km", 1.195e6, 1.205e6),
        ("1.0e3 km", 0.95e6, 1.05e6),
        ("1000 km", 0.5e6, 1.5e6),
        ("1e3 km", 0.5e6, 1.5e6),
        ("-1200", -1250.0, -1150.0),
        ("1203 km", 1202.5e3, 1203.5e3),
        ("exactly 1200 km", 1.2e6, 1.2e6),
        ("0", -0.5, 0.5),
        ("0 km", -500.0, 500.0),
        ("1e-12", 0.5e-12, 1.5e-12),
        ("-0.5", -0.55, -0.45),
        ("about 1 /s", 0.0, 2.0),
        ("about 30 /s", 20.0, 40.0),
        ("about 100 km", 0.0, 2e5),
        ("about 0.91", 0.819, 1.001),
        ("about -25", -27.5, -22.5),
        ("about 0", -1.0, 1.0),
        ("nearly 4", 3.6, 4.0),
        ("exactly 4", 4.0, 4.0),
        (">= 0.906", 0.906, math.inf),
        ("<= 3 ns", -math.inf, 3e-9),
        ("0.80 +- 0.01", 0.79, 0.81),
        ("7.1 +- 0.4 /s", 6.7, 7.5),
        ("0.8 +- 0.001", 0.75, 0.85),
        ("1200 +- 10 km", 1.19e6, 1.21e6),
        ("1.8 ns .. 20 ns", 1.8e-9, 20e-9),
        ("0.3 deg", math.radians(0.25), math.radians(0.35)),
        ("95 %", 0.945, 0.955),
    ],
)
def test_what_digits_and_words_leave_open(text: str, low: float, high: float) -> None:
    span = read_stated(text).span
    assert (span.low, span.high) == pytest.approx((low, high), rel=1e-12, abs=1e-300)


def test_a_strict_sign_leaves_its_end_out() -> None:
    assert not read_stated("< 1 ns").span.meets(read_stated(">= 1 ns").span)
    assert not read_stated("> 1 ns").span.meets(read_stated("<= 1 ns").span)
    assert read_stated(">= 1 ns").span.meets(read_stated("<= 1 ns").span)


def test_a_definition_is_exact() -> None:
    assert read_stated("256 bit", exact=True).span == read_stated("exactly 256 bit").span


@pytest.mark.parametrize(
    "text",
    [
        *("nan", "inf s", "1e400 s", "", "about", "about  ", "4.5dB", "1 .. 2 s", "2 s .. 1 s"),
        *("1 +- -0.1", "roughly 4", "1,5 s", "1 +- nan"),
    ],
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_stated(text)


@pytest.mark.parametrize("text", ["12 ps +- 3 ps", "12 \u00b1 3 ps", "12(3) ps", "12 +/- 3 ps"])
def test_another_way_to_write_a_spread_is_told_how(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_stated(text)
    assert "12 +- 3 ps" in (caught.value.next_step or "")


def test_an_unknown_unit_of_a_spread_is_named() -> None:
    with pytest.raises(UnitError, match="furlong"):
        read_stated("12 +- 3 furlong")


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(UnitError, match="furlong"):
        read_stated("4 furlong")


@given(st.decimals(-(10**6), 10**6, places=3), st.integers(0, 3))
def test_a_rounded_figure_holds_what_was_rounded(true: Decimal, places: int) -> None:
    """The whole use of intervals: who rounds correctly is never called wrong."""
    shown = f"{true:.{places}f}"
    span = read_stated(shown).span
    # One ulp: half a unit and the sum are doubles.
    assert span.low - 1e-9 <= float(true) <= span.high + 1e-9


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.sampled_from(["", "about "]))
def test_a_figure_rounded_to_tens_or_thousands_holds_what_was_rounded(
    true: int, zeros: int, word: str
) -> None:
    """1203 km may be written 1200 km, and is not contradicted by it."""
    step = 10**zeros
    shown = (true + step // 2) // step * step
    span = read_stated(f"{word}{shown}").span
    # Zero says nothing of the zeros that were cut.
    assert shown == 0 or span.holds(float(true))


@given(st.integers(1, 10**6), st.integers(0, 4))
def test_a_decimal_point_makes_an_interval_narrower_never_wider(number: int, places: int) -> None:
    whole = read_stated(f"{number}").span
    pointed = read_stated(f"{number}.{'0' * (places + 1)}").span
    assert whole.low <= pointed.low <= number <= pointed.high <= whole.high
