"""Whether a calibration is in force: the owner's programme decides, as it stood at the use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from builders import day
from hypothesis import given
from hypothesis import strategies as st

from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.traceability.validity import Validity, ValidityState, validity


def programme(
    days: float, *, since: float = 0.0, device: str = "D1", kind: str = "dark_count_rate"
) -> CalibrationProgramme:
    """Return a programme of D1's dark count rate."""
    return CalibrationProgramme(device, kind, days, "head of laboratory", day(since))


def of_d1(programmes: Sequence[CalibrationProgramme], used: float) -> Validity:
    """Return the validity of D1's dark count rate, calibrated on day 100."""
    return validity(
        programmes, "D1", kind="dark_count_rate", calibrated_at=day(100), used_at=day(used)
    )


def test_inside_the_interval_it_is_in_force() -> None:
    state = of_d1([programme(365)], 130)
    assert state.state is ValidityState.VALID
    assert state.usable
    assert state.due == day(465)
    assert state.reason == "in force until 2022-09-09"


def test_on_the_due_day_it_is_still_in_force_and_then_no_longer() -> None:
    assert of_d1([programme(365)], 465).usable
    after = of_d1([programme(365)], 465.001)
    assert after.state is ValidityState.EXPIRED
    assert not after.usable
    assert "due 2022-09-09 by the programme of head of laboratory" in after.reason
    assert "used 2022-09-09" in after.reason


def test_without_a_programme_only_the_session_itself_is_served() -> None:
    assert of_d1([], 100.9).state is ValidityState.SAME_SESSION
    later = of_d1([], 101.1)
    assert later.state is ValidityState.NO_PROGRAMME
    assert not later.usable
    assert later.due is None
    assert "no calibration programme for dark_count_rate of D1 was in force" in later.reason


@pytest.mark.parametrize(
    "other", [programme(365, device="D2"), programme(365, kind="dead_time")], ids=["device", "kind"]
)
def test_a_programme_of_another_device_or_kind_does_not_serve(other: CalibrationProgramme) -> None:
    assert of_d1([other], 130).state is ValidityState.NO_PROGRAMME


def test_a_later_decision_does_not_rewrite_what_was_used_before_it() -> None:
    lax, strict = programme(365, since=0), programme(10, since=200)
    assert of_d1([lax], 180) == of_d1([lax, strict], 180)
    assert of_d1([lax, strict], 180).usable
    assert of_d1([lax, strict], 210).state is ValidityState.EXPIRED


def test_a_programme_decided_after_the_use_does_not_help_it() -> None:
    assert of_d1([programme(365, since=150)], 140).state is ValidityState.NO_PROGRAMME
    assert of_d1([programme(365, since=150)], 160).usable


def test_of_two_decisions_of_one_moment_the_one_recorded_last_counts() -> None:
    assert of_d1([programme(365), programme(10)], 130).state is ValidityState.EXPIRED
    assert of_d1([programme(10), programme(365)], 130).state is ValidityState.VALID


def test_an_interval_shorter_than_a_day_counts_within_the_session() -> None:
    """The owner's decision comes before our assumption that a set-up stands for a day."""
    assert of_d1([programme(0.25)], 100.2).usable
    assert of_d1([programme(0.25)], 100.5).state is ValidityState.EXPIRED


def test_a_calibration_after_its_use_did_not_exist_then() -> None:
    early = of_d1([programme(365)], 40)
    assert early.state is ValidityState.NOT_YET
    assert not early.usable
    assert early.reason == "calibrated 2021-09-09, used 2021-07-11: before it existed"
    # Within the session the order of the two does not matter.
    assert of_d1([], 99.5).state is ValidityState.SAME_SESSION


@given(st.floats(0.1, 1000.0), st.floats(0.0, 2000.0))
def test_a_use_is_served_exactly_up_to_the_due_time(days: float, age: float) -> None:
    state = of_d1([programme(days)], 100 + age)
    assert state.due is not None
    assert state.usable == (day(100 + age) <= state.due)


@given(st.lists(st.floats(1.0, 500.0), min_size=1, max_size=5), st.floats(0.0, 600.0))
def test_decisions_after_the_use_never_matter(intervals: list[float], used: float) -> None:
    known = [programme(d, since=20.0 * k) for k, d in enumerate(intervals)]
    by_then = [p for p in known if p.valid_from <= day(used)]
    assert of_d1(known, used) == of_d1(by_then, used)


def recorded(days: float, *, since: float, on: float) -> CalibrationProgramme:
    """Return a programme that was recorded on a day."""
    return replace(programme(days, since=since), recorded_at=day(on))


def test_what_is_recorded_after_the_use_can_shorten_the_interval_and_not_lengthen_it() -> None:
    known = recorded(30, since=0, on=0)
    longer, shorter = recorded(365, since=50, on=300), recorded(5, since=50, on=300)
    assert of_d1([known, longer], 140).state is ValidityState.EXPIRED
    assert of_d1([known, longer], 120).usable
    assert of_d1([known, shorter], 120).state is ValidityState.EXPIRED
    # What was decided in time may lengthen it.
    assert of_d1([known, recorded(365, since=50, on=50)], 140).usable


def test_a_decision_that_was_overtaken_in_time_does_not_come_back() -> None:
    overtaken, known = recorded(30, since=0, on=0), recorded(100, since=50, on=50)
    late = recorded(365, since=60, on=300)
    assert of_d1([overtaken, known, late], 190).usable
    assert of_d1([overtaken, known, late], 210).state is ValidityState.EXPIRED


def test_a_single_decision_that_was_recorded_late_still_counts() -> None:
    assert of_d1([recorded(365, since=0, on=300)], 140).usable
    assert of_d1([recorded(10, since=0, on=300)], 140).state is ValidityState.EXPIRED
