"""When calibrations are due: by the programme in force and the latest day of calibration."""

from __future__ import annotations

import pytest
from builders import day
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.traceability.due import (
    DueState,
    LastCalibration,
    due_rows,
    parse_days,
    programme_in_force,
)
from qtrace.traceability.validity import ValidityState, validity

KIND = "dark_count_rate"


def programme(device: str, days: float, *, since: float = 0.0) -> CalibrationProgramme:
    return CalibrationProgramme(device, KIND, days, "quality", day(since))


def calibrated(device: str, on: float, label: str = "", kind: str = KIND) -> LastCalibration:
    return LastCalibration(device, kind, label or f"{device}-{on:g}", day(on))


def test_the_most_urgent_comes_first() -> None:
    rows = due_rows(
        [programme(device, 100.0) for device in ("LATER", "SOON", "LATE", "NEVER")],
        [calibrated("LATER", 390), calibrated("SOON", 310), calibrated("LATE", 200)],
        now=day(400),
        within_days=30.0,
    )
    assert [(row.device_id, row.state) for row in rows] == [
        ("NEVER", DueState.NEVER),
        ("LATE", DueState.OVERDUE),
        ("SOON", DueState.DUE),
        ("LATER", DueState.IN_FORCE),
    ]
    assert rows[1].days_left == -100.0
    assert rows[2].due == day(410)


def test_the_latest_day_counts_whatever_was_entered_last() -> None:
    entered = [calibrated("D", 300, "performed last"), calibrated("D", 100, "entered last")]
    (row,) = due_rows([programme("D", 365.0)], entered, now=day(400))
    assert row.last_label == "performed last"
    assert row.due == day(665)


def test_the_programme_in_force_rules_and_a_later_one_does_not_yet() -> None:
    every = [
        programme("D", 365.0),
        programme("D", 30.0, since=350.0),
        programme("D", 9.0, since=500),
    ]
    (row,) = due_rows(every, [calibrated("D", 300)], now=day(400))
    assert row.interval_days == 30.0
    assert row.state is DueState.OVERDUE
    same_day = [programme("D", 365.0), programme("D", 90.0)]
    ruling = programme_in_force(same_day, "D", KIND, at=day(1))
    assert ruling is not None
    assert ruling.interval_days == 90.0
    assert programme_in_force([programme("D", 9.0, since=5.0)], "D", KIND, at=day(1)) is None


@given(st.floats(1.0, 2000.0), st.floats(0.0, 2000.0), st.floats(0.0, 2000.0))
def test_overdue_is_what_a_use_would_find_expired(days: float, on: float, now: float) -> None:
    """The calendar and the chain agree: same programme, same rule at the edge."""
    rules = [programme("D", days, since=-1.0)]
    (row,) = due_rows(rules, [calibrated("D", on)], now=day(now))
    state = validity(rules, "D", kind=KIND, calibrated_at=day(on), used_at=day(now)).state
    if day(on) <= day(now):  # a microsecond is the least that a date tells
        assert (row.state is DueState.OVERDUE) == (state is ValidityState.EXPIRED)
    else:
        assert row.state is DueState.NEVER  # not performed yet as seen from then


def test_retired_devices_and_kinds_without_programme_are_left_out() -> None:
    rules = [programme("GONE", 100.0), programme("D", 100.0)]
    found = due_rows(
        rules,
        [calibrated("GONE", 0), calibrated("D", 390), calibrated("D", 399, kind="dead_time")],
        now=day(400),
        retired=frozenset({"GONE"}),
    )
    assert [(row.device_id, row.kind) for row in found] == [("D", KIND)]
    assert found[0].last_performed == day(390)


def test_durations_are_read_with_their_unit() -> None:
    assert parse_days("90 d", "--within") == 90.0
    assert parse_days("1 a", "--within") == 365.25
    assert parse_days("12 hour", "--within") == 0.5
    for text in ("90", "90 W", "-1 d", "soon", ""):
        with pytest.raises(InputError):
            parse_days(text, "--within")
