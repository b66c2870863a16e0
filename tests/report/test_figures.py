"""Figures in reports: digits that mean something, units kept, nothing rounded to comfort."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.report import figures

# Two digits, never rounded down by more than 5 % (GUM 7.2.6); up by at most one in the second.
DOWN, UP = 0.95, 1.06


@pytest.mark.parametrize(
    ("value", "u", "unit", "text"),
    [
        (0.9377851731506629, 0.0035151649, "1", "0.9378(35)"),
        (240385.65, 607.96, "/s", "240390(610) /s"),
        (1e-10, 0.0, "1", "1e-10"),
        (337222.5, None, "bit", "337222 bit"),
        (None, None, "1", "–"),
    ],
)
def test_a_value_is_written_with_what_is_known(
    value: float | None, u: float | None, unit: str, text: str
) -> None:
    assert figures.measured(value, u, unit) == text


@given(st.floats(1e-20, 1e20))
def test_an_uncertainty_reads_back_near_what_it_was(u: float) -> None:
    shown = float(figures.uncertainty(u))
    assert DOWN * u <= shown <= UP * u


@pytest.mark.parametrize(
    ("x", "text"),
    [(2.483e12, "2.483e12"), (1550.5, "1550.5"), (1.0, "1"), (-6.04e-5, "-6.04e-5"), (1e9, "1e9")],
)
def test_numbers_without_uncertainty_keep_seven_digits(x: float, text: str) -> None:
    assert figures.estimate(x) == text


def test_infinite_figures_have_a_sign_of_their_own() -> None:
    assert figures.degrees(math.inf) == "∞"
    assert figures.degrees(21.43) == "21.43"
    assert figures.estimate(-math.inf) == "-∞"


def test_an_interval_keeps_the_digits_that_tell_its_ends_apart() -> None:
    text = figures.interval((0.01963353983525701, 0.020412035954166553, 0.95))
    assert text == "[0.01963, 0.02041] at 95 %"


def test_u_with_k2_is_shown_only_where_it_reads_differently() -> None:
    assert figures.published_k2(0.0035151649, 0.00731) == "0.0070"
    assert figures.published_k2(0.0035, 0.0070) == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(None, 2.0, "≤ 2 %"), (1.0, None, "≥ 1 %"), (95.0, 105.0, "95 to 105 %"), (None, None, "–")],
)
def test_limits_say_on_which_side_is_good(low: float | None, high: float | None, text: str) -> None:
    assert figures.span(low, high, "%") == text


def test_a_small_risk_is_never_written_as_none() -> None:
    assert figures.risk(0.0) == "< 1e-9"
    assert figures.risk(2.13e-5) == "2.1e-5"
    assert figures.risk(None) == "–"


def test_times_are_in_utc() -> None:
    there = datetime(2021, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    assert figures.moment(there) == figures.moment(datetime(2021, 7, 1, 12, tzinfo=UTC))
