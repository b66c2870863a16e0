"""Taking a record in: exact detrending, frequency to phase, what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.phase_gaps import (
    end_point_detrended,
    phase_of_frequency,
    taken_phase,
)


@given(
    st.lists(st.floats(-1e-12, 1e-12), min_size=3, max_size=50),
    st.floats(-10.0, 10.0),
    st.floats(-1e-5, 1e-5),
)
def test_what_is_left_is_the_input_less_one_exact_line(
    noise: list[float], offset: float, slope: float
) -> None:
    given_s = np.array(noise) + offset + slope * np.arange(len(noise))
    rest = end_point_detrended(given_s)
    # In rational numbers: second differences agree to rounding of what the line spans; the
    # offset, however large, costs nothing.
    for i in range(len(noise) - 2):
        exact = sum(weight * Fraction(float(given_s[i + k])) for k, weight in enumerate((1, -2, 1)))
        left = sum(weight * Fraction(float(rest[i + k])) for k, weight in enumerate((1, -2, 1)))
        assert abs(float(exact - left)) <= 1e-15 * (abs(slope) * len(noise) + 1e-12)
    assert rest[0] == 0.0
    assert abs(rest[-1]) <= 1e-15 * (abs(slope) * len(noise) + 1e-12)


def test_gaps_at_the_ends_and_nothing_at_all() -> None:
    x = np.array([math.nan, 1.0, 3.0, 8.0, 7.0, math.nan])
    rest = end_point_detrended(x)
    np.testing.assert_allclose(rest[1:5], [0.0, 0.0, 3.0, 0.0], atol=1e-15)
    assert np.isnan(rest[[0, 5]]).all()
    assert np.isnan(end_point_detrended(np.full(3, math.nan))).all()
    assert len(end_point_detrended(np.zeros(0))) == 0
    assert end_point_detrended(np.array([5.0])).tolist() == [0.0]


def test_frequency_becomes_phase() -> None:
    phase = phase_of_frequency([1e-9, 2e-9, -3e-9], interval_s=10.0)
    np.testing.assert_allclose(phase, [0.0, 1e-8, 3e-8, 0.0], atol=1e-22)
    with pytest.raises(InputError, match="1 frequencies are missing"):
        phase_of_frequency([1e-9, math.nan, 1e-9], interval_s=1.0)


def test_the_record_keeps_what_is_missing() -> None:
    record = taken_phase([1.0, math.nan, 2.0], interval_s=0.1)
    assert record.missing == 1
    assert record.interval_s == 0.1
    assert len(record.phase_s) == 3
    given_s = np.array([1.0, 2.0])
    assert taken_phase(given_s, interval_s=1.0).phase_s.tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="one row"):
        taken_phase(["a", "b"], interval_s=1.0)
