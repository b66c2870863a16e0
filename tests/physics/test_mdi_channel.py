"""The relay's channel model: limits that are known without it, and full precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import i0

from qtrace.errors import InputError
from qtrace.physics.relay.mdi_channel import interfering_gain, separating_gain, single_pair_yield

arrivals = st.floats(1e-3, 2.0)
noise = st.floats(0.0, 0.01)


@given(arrivals, arrivals, noise, st.floats(0.0, 0.4))
@settings(max_examples=40, derandomize=True)
def test_gains_agree_with_the_printed_forms(a: float, b: float, dark: float, e: float) -> None:
    """The printed brackets cancel; at these arrivals they keep ten digits."""
    x = math.sqrt(a * b) / 2.0
    y = (1 - dark) * math.exp(-(a + b) / 4.0)
    gain = 2 * y**2 * (1 + 2 * y**2 - 4 * y * i0(x) + i0(2 * x))
    errors = gain / 2 - 2 * (0.5 - e) * y**2 * (i0(2 * x) - 1)
    ours = interfering_gain(a, b, dark=dark, misalignment=e)
    assert float(ours[0]) == pytest.approx(gain, rel=1e-6, abs=1e-14)
    assert float(ours[1]) == pytest.approx(errors, rel=1e-6, abs=1e-14)
    quiet = (1 - dark) ** 2 * math.exp(-(a + b) / 2)
    right = 2 * quiet * (1 - (1 - dark) * math.exp(-a / 2)) * (1 - (1 - dark) * math.exp(-b / 2))
    wrong = 2 * dark * quiet * (i0(2 * x) - (1 - dark) * math.exp(-(a + b) / 2))
    ours = separating_gain(a, b, dark=dark, misalignment=e)
    assert float(ours[0]) == pytest.approx(right + wrong, rel=1e-9)
    assert float(ours[1]) == pytest.approx(e * right + (1 - e) * wrong, rel=1e-9, abs=1e-14)


@given(arrivals, arrivals, noise)
@settings(max_examples=40, derandomize=True)
def test_sides_may_be_exchanged(a: float, b: float, dark: float) -> None:
    for gain in (interfering_gain, separating_gain):
        one, other = (
            gain(a, b, dark=dark, misalignment=0.02),
            gain(b, a, dark=dark, misalignment=0.02),
        )
        assert np.allclose(one, other, rtol=1e-13)


def test_weak_laser_pulses_err_at_one_quarter_where_they_interfere() -> None:
    gain, errors = interfering_gain(1e-6, 1e-6, dark=0.0, misalignment=0.0)
    assert float(errors / gain) == pytest.approx(0.25, abs=1e-6)
    gain, errors = separating_gain(1e-6, 1e-6, dark=0.0, misalignment=0.0)
    assert float(errors) == 0.0


def test_ideal_single_photons_meet_in_half_of_the_cases() -> None:
    pairs, error = single_pair_yield(1.0, 1.0, dark=0.0, misalignment=0.0)
    assert (float(pairs), float(error)) == (0.5, 0.0)
    _, dark_only = single_pair_yield(0.0, 0.0, dark=1e-3, misalignment=0.0)
    assert float(dark_only) == 0.5
    assert float(single_pair_yield(0.0, 0.0, dark=0.0, misalignment=0.0)[1]) == 0.5


def test_too_strong_pulses_are_refused() -> None:
    with pytest.raises(InputError, match="too strong"):
        interfering_gain(100.0, 100.0, dark=0.0, misalignment=0.0)
