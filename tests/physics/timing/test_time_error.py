"""Constant, dynamic and largest time error: sines and steps whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import signal

from qtrace.errors import InputError
from qtrace.physics.timing.time_error import (
    constant_time_error,
    dynamic_time_error,
    largest_time_error,
    low_passed,
)


def test_the_filter_is_that_of_scipy() -> None:
    x = np.random.default_rng(1).standard_normal(4000)
    b, a = signal.butter(1, 0.1, fs=10.0)
    state = signal.lfilter_zi(b, a) * x[0]
    expected = signal.lfilter(b, a, x, zi=state)[0]
    found = low_passed(x, interval_s=0.1)
    known = ~np.isnan(found)
    assert np.flatnonzero(known)[0] == 160  # ten time constants of 1.59 s
    np.testing.assert_allclose(found[known], expected[known], atol=1e-12)


def test_sines_below_and_above_the_cutoff() -> None:
    t = np.arange(0.0, 3000.0, 0.05)
    slow = 1e-8 * np.sin(2 * math.pi * 0.002 * t)
    fast = 3e-9 * np.sin(2 * math.pi * 2.03 * t)
    found = dynamic_time_error(slow + fast + 5e-7, interval_s=0.05)
    # First order: amplitude 1 / sqrt(1 + (f / fc)^2) is left below, f / fc times that above.
    low = 1e-8 / math.hypot(1.0, 0.02) + 3e-9 / math.hypot(1.0, 20.3)
    high = 3e-9 + 1e-8 * 0.02
    assert found.low_peak_to_peak_s == pytest.approx(2 * low, rel=0.01)
    assert found.high_peak_to_peak_s == pytest.approx(2 * high, rel=0.02)
    assert np.nanmean(found.low_s) == pytest.approx(0.0, abs=1e-20)
    assert found.low_mtie.value[-1] == pytest.approx(2 * low, rel=0.01)
    assert found.cutoff_hz == 0.1
    assert found.record_s == pytest.approx(2999.95)


def test_after_a_gap_the_filter_settles_again() -> None:
    x = np.zeros(2000)
    x[1000:] = 1e-9
    x[900:1000] = math.nan
    found = dynamic_time_error(x, interval_s=0.1)
    assert np.isnan(found.low_s[900:1160]).all()
    assert found.low_peak_to_peak_s == pytest.approx(1e-9)
    assert found.high_peak_to_peak_s == pytest.approx(0.0, abs=1e-20)
    assert found.missing == 100


def test_constant_time_error_by_blocks() -> None:
    x = np.concatenate((np.full(1000, 2e-9), np.full(1000, -7e-9), np.full(1000, 1e-9), [1.0]))
    found = constant_time_error(x, interval_s=1.0)
    assert found.value_s == pytest.approx(-7e-9)
    assert found.first_s == pytest.approx(2e-9)
    assert len(found.blocks_s) == 3
    assert found.averaging_s == 1000.0
    x[1500] = math.nan
    holed = constant_time_error(x, interval_s=1.0)
    assert holed.value_s == pytest.approx(2e-9)
    assert math.isnan(holed.blocks_s[1])
    assert holed.missing == 1
    assert constant_time_error(x[:10], interval_s=1.0, averaging_s=10.0).value_s == pytest.approx(
        2e-9
    )


def test_largest_time_error_and_when() -> None:
    x = np.array([1e-9, math.nan, -4e-9, 3e-9])
    found = largest_time_error(x, interval_s=30.0)
    assert found.value_s == 4e-9
    assert found.time_s == 60.0
    assert (found.record_s, found.missing) == (90.0, 1)


def test_bad_input() -> None:
    with pytest.raises(InputError, match=r"every 30 s cannot be filtered at 0\.1 Hz"):
        dynamic_time_error(np.zeros(100), interval_s=30.0)
    with pytest.raises(InputError, match="cannot be filtered"):
        low_passed(np.zeros(100), interval_s=1.0, cutoff_hz=0.0)
    with pytest.raises(InputError, match="before the filter has settled"):
        dynamic_time_error(np.zeros(10), interval_s=1.0)
    with pytest.raises(InputError, match="holds no mean over 1000 s"):
        constant_time_error(np.zeros(999), interval_s=1.0)
    with pytest.raises(InputError, match="holds no mean"):
        constant_time_error(np.zeros(999), interval_s=1.0, averaging_s=0.0)
    with pytest.raises(InputError, match="has a gap"):
        constant_time_error([0.0, math.nan, 0.0], interval_s=1.0, averaging_s=3.0)
    with pytest.raises(InputError, match="no sample"):
        largest_time_error(np.full(3, math.nan), interval_s=1.0, most_missing=1.0)
