from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.entry import is_recorded_at
from qtrace.registry.texts import finite, json_text, parse_json, parse_time, text_list, time_text

ZONES = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001


@given(MOMENTS)
def test_a_time_comes_back_as_the_same_instant(moment: datetime) -> None:
    text = time_text(moment, "x")
    assert parse_time(text) == moment
    assert is_recorded_at(text)


@given(MOMENTS, MOMENTS)
def test_texts_of_times_sort_as_times(first: datetime, second: datetime) -> None:
    assert (time_text(first, "x") < time_text(second, "x")) == (first < second)


def test_a_zone_is_converted_and_never_dropped() -> None:
    moment = datetime(2021, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert time_text(moment, "x") == "2021-06-01T10:00:00.000000Z"
    with pytest.raises(InputError, match="has no zone") as caught:
        time_text(datetime(2021, 6, 1), "event E")  # noqa: DTZ001 - the fault under test
    assert caught.value.where == "event E"


@pytest.mark.parametrize("text", ["2021-06-01", "2021-06-01T12:00:00+02:00", "", None, 5])
def test_a_damaged_time_is_an_integrity_fault(text: str) -> None:
    with pytest.raises(IntegrityError, match="stored time"):
        parse_time(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_survives_canonical_json(number: float) -> None:
    assert float(parse_json(json_text([number]))[0]) == number


@pytest.mark.parametrize("text", ["{", "", None])
def test_a_damaged_json_text_is_an_integrity_fault(text: str) -> None:
    with pytest.raises(IntegrityError, match="does not parse"):
        parse_json(text)


def test_lists_of_texts() -> None:
    assert text_list(json_text(["b", "a"])) == ("b", "a")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(InputError, match="is not a number that can be recorded"):
        finite(number, "x")


def test_a_numpy_number_becomes_a_plain_one() -> None:
    assert type(finite(np.float64(0.5), "x")) is float


def test_times_are_utc_again() -> None:
    assert parse_time("2021-06-01T10:00:00.000000Z") == datetime(2021, 6, 1, 10, tzinfo=UTC)
