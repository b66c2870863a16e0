"""Detection: substitution, and dead time in both of its classical forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.detection import (
    count_rate_per_s,
    efficiency_at_photon_rate,
    measured_rate_nonparalyzable_per_s,
    measured_rate_paralyzable_per_s,
    substitution_efficiency,
    true_rate_nonparalyzable_per_s,
    true_rate_paralyzable_per_s,
)

ROUND_TRIP = 1e-9  # relative: inverse of a flat curve, a few digits are lost near its top
ROUNDING = 1e-14  # relative: some operations in double precision

rates = st.floats(1.0, 1e6)
dead_times = st.floats(0.0, 5e-7)  # rate times dead time stays below 1/2


def test_an_efficiency_above_one_is_returned_as_it_is() -> None:
    assert substitution_efficiency(1100.0, 100.0, 900.0) == pytest.approx(1.1111111111111112)


def test_no_photons_no_efficiency() -> None:
    with pytest.raises(InputError, match="photon rate"):
        substitution_efficiency(100.0, 10.0, 0.0)


def test_a_fast_time_base_shows_too_many_seconds() -> None:
    # One true second is 1 + 1e-3 indicated seconds for a clock that is fast by 1e-3.
    rate = count_rate_per_s(1000.0, 1.001, time_base_deviation=1e-3)
    assert rate == pytest.approx(1000.0, rel=ROUNDING)


def test_counting_takes_time() -> None:
    with pytest.raises(InputError, match="counting time"):
        count_rate_per_s(1000.0, 0.0)


def test_nonparalyzable_dead_time_worked_by_hand() -> None:
    # 1e6 /s with 1 us: the detector is open half of the time.
    assert measured_rate_nonparalyzable_per_s(1e6, 1e-6) == pytest.approx(5e5, rel=ROUNDING)
    assert true_rate_nonparalyzable_per_s(5e5, 1e-6) == pytest.approx(1e6, rel=ROUNDING)


def test_paralyzable_dead_time_peaks_at_one_over_e_tau() -> None:
    top = measured_rate_paralyzable_per_s(1e6, 1e-6)
    assert top == pytest.approx(1e6 / math.e, rel=ROUNDING)
    around = measured_rate_paralyzable_per_s(np.array([0.9e6, 1.1e6]), 1e-6)
    assert np.all(np.asarray(around) < top)


@given(rates, dead_times)
def test_nonparalyzable_correction_undoes_the_loss(rate: float, dead_time_s: float) -> None:
    shown = measured_rate_nonparalyzable_per_s(rate, dead_time_s)
    assert true_rate_nonparalyzable_per_s(shown, dead_time_s) == pytest.approx(rate, rel=ROUND_TRIP)


@given(rates, dead_times)
def test_paralyzable_correction_undoes_the_loss(rate: float, dead_time_s: float) -> None:
    shown = measured_rate_paralyzable_per_s(rate, dead_time_s)
    assert true_rate_paralyzable_per_s(shown, dead_time_s) == pytest.approx(rate, rel=ROUND_TRIP)


@given(rates, dead_times)
def test_paralyzable_loses_at_least_as_much(rate: float, dead_time_s: float) -> None:
    paralyzed = measured_rate_paralyzable_per_s(rate, dead_time_s)
    other = measured_rate_nonparalyzable_per_s(rate, dead_time_s)
    assert paralyzed <= other * (1.0 + ROUNDING)


def test_without_dead_time_nothing_is_corrected() -> None:
    assert true_rate_paralyzable_per_s(1234.0, 0.0) == 1234.0
    assert true_rate_nonparalyzable_per_s(1234.0, 0.0) == 1234.0


def test_a_rate_that_dead_time_cannot_pass_is_refused() -> None:
    with pytest.raises(InputError, match="cannot reach 1"):
        true_rate_nonparalyzable_per_s(2e6, 1e-6)
    with pytest.raises(InputError, match="above 1/e"):
        true_rate_paralyzable_per_s(4e5, 1e-6)


@pytest.mark.parametrize(
    "function",
    [
        measured_rate_nonparalyzable_per_s,
        true_rate_nonparalyzable_per_s,
        measured_rate_paralyzable_per_s,
    ],
)
def test_negative_dead_time_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(InputError, match="negative"):
        function(1e3, -1e-9)


def test_efficiency_at_a_rate_is_counts_over_photons() -> None:
    # 270 ns and 2.4e5 photons/s: about 6 % of the efficiency is lost.
    efficiency, photons_per_s, dead_time_s = 0.94, 2.4e5, 2.7e-7
    counts = measured_rate_nonparalyzable_per_s(efficiency * photons_per_s, dead_time_s)
    assert efficiency_at_photon_rate(
        efficiency, photons_per_s, dead_time_s=dead_time_s
    ) == pytest.approx(counts / photons_per_s, rel=ROUNDING)


@given(st.floats(0.01, 1.0), rates, dead_times)
def test_dead_time_never_raises_an_efficiency(
    efficiency: float, photons_per_s: float, dead_time_s: float
) -> None:
    left = efficiency_at_photon_rate(efficiency, photons_per_s, dead_time_s=dead_time_s)
    assert 0.0 < left <= efficiency
