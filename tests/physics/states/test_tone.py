"""Tones: the figures of the survey's claim, and a phase without averaging time."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.physics.states.tone import (
    averaging_time_s,
    equatorial_fidelity,
    fractional_frequency,
    frequency_offset_hz,
    time_offset_s,
    two_point_uncertainty,
)

PHASE = math.radians(0.3)


def test_a_third_of_a_degree() -> None:
    assert round(PHASE, 6) == 5.236e-3
    assert averaging_time_s(PHASE, 0.015) == pytest.approx(55.6e-3, abs=5e-5)
    assert time_offset_s(PHASE, 10e6) == pytest.approx(83.3e-12, abs=5e-14)
    assert frequency_offset_hz(PHASE, 1.0) == pytest.approx(0.833e-3, abs=5e-7)
    tau = 1.0 / 18.0  # 55.6 ms
    assert fractional_frequency(PHASE, tau, carrier_frequency_hz=10e6) == pytest.approx(1.5e-9)


def test_a_phase_alone_is_no_frequency() -> None:
    with pytest.raises(InputError, match="a phase is no frequency without averaging time"):
        frequency_offset_hz(PHASE, None)
    with pytest.raises(InputError, match="not above zero"):
        frequency_offset_hz(PHASE, 0.0)
    with pytest.raises(InputError, match="carrier frequency"):
        time_offset_s(PHASE, -1.0)


def test_independent_readings_add_and_a_bias_cancels() -> None:
    assert two_point_uncertainty(0.1, 0.1) == pytest.approx(0.1 * math.sqrt(2.0))
    assert two_point_uncertainty(0.1, 0.1, correlation=1.0) == 0.0
    with pytest.raises(InputError):
        two_point_uncertainty(-0.1, 0.1)


def test_equatorial_states_lose_little() -> None:
    assert equatorial_fidelity(0.0) == 1.0
    assert equatorial_fidelity(PHASE) == pytest.approx(1.0 - PHASE**2 / 4.0, abs=1e-10)
    assert equatorial_fidelity(20.0) == pytest.approx(0.5)
