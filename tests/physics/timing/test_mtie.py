"""MTIE and TIE rms: every window by brute force, Stable32, laws, gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stability_series import REFERENCE, by_definition, frequency

from qtrace.errors import InputError
from qtrace.physics.timing.mtie import mtie, tierms
from qtrace.physics.timing.phase_gaps import phase_of_frequency

PRINTED = 5e-5  # relative: five printed digits


def brute(phase: np.ndarray, factor: int) -> tuple[float, int]:
    windows = [phase[i : i + factor + 1] for i in range(len(phase) - factor)]
    spans = [float(np.ptp(window)) for window in windows if not np.isnan(window).any()]
    return (max(spans), len(spans)) if spans else (math.nan, 0)


@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=60),
    st.sets(st.integers(0, 59), max_size=6),
    st.data(),
)
@settings(max_examples=100, deadline=None)  # the first call compiles
def test_every_window(values: list[int], holes: set[int], data: st.DataObject) -> None:
    phase = np.array(values, dtype=float)
    phase[[hole for hole in holes if hole < len(phase)]] = math.nan
    longest = len(phase) - 1
    factors = data.draw(st.lists(st.integers(1, longest), min_size=1, max_size=5))
    found = mtie(phase, interval_s=1.0, factors=factors, most_missing=1.0)
    for place, factor in enumerate(factors):
        value, terms = brute(phase, factor)
        assert found.terms[place] == terms
        assert found.value[place] == pytest.approx(value, nan_ok=True)


def test_stable32() -> None:
    y = frequency("thousand")
    phase = phase_of_frequency(y - y.mean(), interval_s=1.0)
    rows = REFERENCE["stable32_mtie"]
    found = mtie(phase, interval_s=1.0, factors=[row[0] for row in rows])
    assert found.terms.tolist() == [row[1] for row in rows]
    np.testing.assert_allclose(found.value, [row[2] for row in rows], rtol=PRINTED)


@given(st.lists(st.floats(-1e-6, 1e-6), min_size=10, max_size=80), st.floats(-1.0, 1.0))
@settings(deadline=None)
def test_it_never_falls_with_tau_and_is_at_least_the_largest_step(
    values: list[float], offset: float
) -> None:
    phase = np.array(values)
    factors = list(range(1, len(phase)))
    found = mtie(phase, interval_s=0.5, factors=factors)
    assert (np.diff(found.value) >= 0.0).all()
    steps = [float(np.max(np.abs(phase[m:] - phase[:-m]))) for m in factors]
    assert (found.value >= np.array(steps)).all()
    rms = tierms(phase, interval_s=0.5, factors=factors)
    assert (rms.value <= np.array(steps) * (1 + 1e-12)).all()
    moved = mtie(phase + offset, interval_s=0.5, factors=factors)
    np.testing.assert_allclose(moved.value, found.value, atol=4e-16)
    assert found.value[-1] == pytest.approx(float(np.ptp(phase)))


def test_the_record_is_not_written_to_and_long_ones_agree() -> None:
    phase = np.cumsum(np.random.default_rng(8).standard_normal(20_000))
    before = phase.copy()
    found = mtie(phase, interval_s=1.0, factors=[1, 100, 4095, 4096, 9000, 19_999])
    assert (phase == before).all()
    for place, factor in enumerate([1, 100, 4095, 4096, 9000, 19_999]):
        windows = np.lib.stride_tricks.sliding_window_view(phase, factor + 1)
        assert found.value[place] == (windows.max(axis=1) - windows.min(axis=1)).max()


def test_a_slope_counts() -> None:
    ramp = 2e-9 * np.arange(100.0)
    assert mtie(ramp, interval_s=1.0, factors=[10]).value[0] == pytest.approx(2e-8)
    assert tierms(ramp, interval_s=1.0, factors=[10]).value[0] == pytest.approx(2e-8)


def test_rms_in_seconds_whatever_the_interval_with_gaps() -> None:
    phase = np.random.default_rng(2).standard_normal(50)
    phase[[4, 20]] = math.nan
    value, terms = by_definition(phase, kind="tierms", factor=3)
    found = tierms(phase, interval_s=30.0, factors=[3])
    assert found.value[0] == pytest.approx(value)
    assert found.terms[0] == terms == 47 - 4
    assert found.tau_s[0] == 90.0


def test_bad_input() -> None:
    with pytest.raises(InputError, match="does not fit 10"):
        mtie(np.zeros(10), interval_s=1.0, factors=[10])
    with pytest.raises(InputError, match="too short"):
        mtie(np.zeros(1), interval_s=1.0)
