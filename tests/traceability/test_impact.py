"""What a recall doubts: the period, the shift beyond the drift allowed for, what is looked at."""

from __future__ import annotations

import math

import pytest
from builders import day
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.traceability.impact import (
    CalibrationState,
    Doubt,
    ShiftModel,
    UseOfResult,
    doubtful_period,
    drift_allowance,
    effective_shift,
    felt,
    parse_shift,
    screen,
    sweep,
)
from qtrace.uncertainty.inputs import Distribution, InputQuantity

YEAR = 365.0  # days of the stories below
EXACT = 1e-12  # sums and products of a few doubles


def state(
    label: str, kind: str, year: float, value: float, u: float = 0.001, allowance: float = 0.0
) -> CalibrationState:
    return CalibrationState(label, kind, day(year * YEAR), value, u, allowance)


# 2020 good; 2021 found bad and adjusted; 2022 found bad again.
THREE_YEARS = (
    state("CAL-2020", "as_left", 0.0, 1.0, 0.0),
    state("FOUND-2021", "as_found", 1.0, 1.02),
    state("LEFT-2021", "as_left", 1.001, 1.0),
    state("FOUND-2022", "as_found", 2.0, 0.97),
)


def test_what_was_measured_before_an_adjustment_belongs_to_the_earlier_recall() -> None:
    """Review item 8a: results of 2020-21 are not doubted by the finding of 2022."""
    first = doubtful_period(THREE_YEARS, "CAL-2020", "FOUND-2021")
    second = doubtful_period(THREE_YEARS, "LEFT-2021", "FOUND-2022")
    assert (first.start, first.end) == (day(0.0), day(YEAR))
    assert (second.start, second.end) == (day(1.001 * YEAR), day(2.0 * YEAR))
    assert first.shift == pytest.approx(0.02, abs=EXACT)
    assert second.shift == pytest.approx(-0.03, abs=EXACT)
    half_a_year_in = day(0.5 * YEAR)
    assert first.covers(half_a_year_in)
    assert not second.covers(half_a_year_in)
    assert first.remarks == second.remarks == ()


def test_the_window_does_not_reach_over_a_state_as_left() -> None:
    with pytest.raises(InputError, match="LEFT-2021 opened a new period") as caught:
        doubtful_period(THREE_YEARS, "CAL-2020", "FOUND-2022")
    assert "recall LEFT-2021 with --found FOUND-2022" in caught.value.next_step


@pytest.mark.parametrize(
    ("value", "allowance", "opened_by"),
    [
        (1.0019, 0.0, "CHECK"),  # within U of the difference, 2 x 0.001
        (1.0021, 0.0, "CAL-2020"),
        (1.0021, 0.0002, "CHECK"),  # the drift allowed for explains the rest
    ],
)
def test_a_check_in_between_closes_the_window_only_if_it_confirmed_the_state(
    value: float, allowance: float, opened_by: str
) -> None:
    states = (
        state("CAL-2020", "as_left", 0.0, 1.0, 0.0),
        state("CHECK", "as_found", 1.0, value, 0.001, allowance),
        state("FOUND", "as_found", 2.0, 1.05),
    )
    doubt = doubtful_period(states, "CAL-2020", "FOUND")
    assert doubt.opened_by == opened_by
    assert doubt.start == (day(YEAR) if opened_by == "CHECK" else day(0.0))
    assert len(doubt.remarks) == 1


def test_a_shift_within_its_own_u_is_said_to_be_none() -> None:
    states = (state("A", "as_left", 0.0, 1.0, 0.0), state("B", "as_found", 1.0, 1.001))
    assert any("not significant" in one for one in doubtful_period(states, "A", "B").remarks)


@pytest.mark.parametrize(
    ("recalled", "found", "message"),
    [
        ("CAL-2020", "NOWHERE", "NOWHERE is no calibration in force"),
        ("FOUND-2021", "FOUND-2022", "nothing was measured with it"),
        ("CAL-2020", "LEFT-2021", "does not show what the device was found at"),
        ("LEFT-2021", "FOUND-2021", "does not show what the device was found at"),
    ],
)
def test_a_finding_that_closes_no_period_is_refused(
    recalled: str, found: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        doubtful_period(THREE_YEARS, recalled, found)
    assert caught.value.next_step


DOUBT = Doubt(day(0.0), day(100.0), "A", "B", -0.010, 0.001)


def use(on: float, allowance: float = 0.0) -> UseOfResult:
    return UseOfResult(7, 3, "USE", day(on), allowance)


def test_the_shift_counts_only_beyond_the_drift_allowed_for() -> None:
    """Review item 8d; the sign is kept and nothing turns over."""
    assert effective_shift(DOUBT, use(30.0), ShiftModel.WORST) == -0.010
    assert effective_shift(DOUBT, use(30.0, 0.004), ShiftModel.WORST) == pytest.approx(-0.006)
    assert effective_shift(DOUBT, use(30.0, 0.020), ShiftModel.WORST) == 0.0


def test_a_linear_shift_grows_from_nothing_to_all_of_it() -> None:
    shifts = [effective_shift(DOUBT, use(t), ShiftModel.LINEAR) for t in (0.0, 25.0, 100.0)]
    assert shifts == pytest.approx([0.0, -0.0025, -0.010], abs=EXACT)
    beyond = effective_shift(DOUBT, use(50.0, 0.004), ShiftModel.LINEAR)
    assert beyond == pytest.approx(-0.001, abs=EXACT)


@given(
    st.floats(-1.0, 1.0), st.floats(0.0, 2.0), st.floats(0.0, 100.0), st.sampled_from(ShiftModel)
)
def test_no_model_of_the_shift_leaves_what_was_found(
    shift: float, allowance: float, on: float, model: ShiftModel
) -> None:
    doubt = Doubt(day(0.0), day(100.0), "A", "B", shift, 0.0)
    effective = effective_shift(doubt, use(on, allowance), model)
    assert min(0.0, shift) <= effective <= max(0.0, shift)
    assert abs(effective) <= max(0.0, abs(shift) - allowance) + EXACT


def test_the_allowance_of_a_bound_is_its_half_width() -> None:
    """0.2 %/a, rectangular: u = a / sqrt(3), and half a year later the bound is 0.1 %."""
    half = 0.002 / (YEAR * 86400.0)
    bound = InputQuantity(
        1, "eta/drift_rate", 0.0, half / math.sqrt(3.0), "/s", Distribution.RECTANGULAR
    )
    assert drift_allowance(bound, 0.5 * YEAR * 86400.0) == pytest.approx(0.001, rel=EXACT)
    normal = InputQuantity(1, "eta/drift_rate", 0.0, half, "/s")
    assert drift_allowance(normal, -1.0) == pytest.approx(2.0 * half, rel=EXACT)


@pytest.mark.parametrize(
    ("text", "shift"),
    [("0.5 %", 0.01), ("-0.5 %", -0.01), ("+200 ppm", 4e-4), ("3 mW", 0.003)],
)
def test_a_shift_is_relative_or_in_the_unit_of_the_value(text: str, shift: float) -> None:
    assert parse_shift(text, value=2.0, unit="W") == pytest.approx(shift, rel=EXACT)


@pytest.mark.parametrize("text", ["3 nm", "much", "0.5", ""])
def test_a_shift_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_shift(text, value=2.0, unit="W")


def test_one_pass_carries_a_shift_through_every_path() -> None:
    """1 -> 2 -> 4 and 1 -> 3 -> 4: 2 x 5 + 3 x 7 = 31; 6 rests on nothing of it."""
    edges = [(2, 1, 2.0), (3, 1, 3.0), (4, 2, 5.0), (4, 3, 7.0), (6, 5, 9.0)]
    assert sweep(edges, {1: 0.1}) == pytest.approx({1: 0.1, 2: 0.2, 3: 0.3, 4: 3.1})


def test_what_cancels_at_one_time_may_not_cancel_at_two() -> None:
    """4 is the ratio of 2 and 3, to first order 0.5 (2 - 3); 5 rests on 2 alone."""
    edges = [(4, 2, 0.5), (4, 3, -0.5), (5, 2, 2.0)]
    starts = {(2, 1): -0.01, (3, 1): -0.01}
    apart = felt(edges, starts, {(2, 1): "July", (3, 1): "November"})
    assert apart == pytest.approx({2: 0.01, 3: 0.01, 4: 0.01, 5: 0.02})
    assert felt(edges, starts, {(2, 1): "July", (3, 1): "July"})[4] == pytest.approx(0.0)


def test_a_shift_that_enters_below_adds_to_what_comes_from_above() -> None:
    assert sweep([(2, 1, 2.0)], {1: 1.0, 2: 0.5}) == {1: 1.0, 2: 2.5}


def test_only_what_hardly_moves_and_is_judged_by_nobody_is_left_out() -> None:
    shifts = {1: 0.009, 2: 0.011, 3: 0.0, 4: 0.0, 5: math.nan}
    u = {1: 1.0, 2: 1.0, 3: 1.0, 4: 0.0, 5: 1.0}
    # 3 rests in a run; 5 has no first-order shift at all: that is no reason to pass it over.
    assert screen(shifts, u, [3]) == (2, 3, 5)
