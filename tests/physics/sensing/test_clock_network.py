"""Phase to frequency, two clocks, a network, averaging."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.sensing.clock_network import (
    averaged,
    difference_uncertainty,
    frequency_uncertainty,
    mean_uncertainty,
)

CLOCK = {"carrier_hz": 6.834682610904e9, "interrogation_s": 10e-3, "cycle_s": 0.25}


def test_one_interrogation_by_hand() -> None:
    """1 mrad in 10 ms at 6.83 GHz: 2.3286e-12; four cycles a second halve it at 1 s."""
    single = 1e-3 / (2.0 * math.pi * 6.834682610904e9 * 10e-3)
    assert single == pytest.approx(2.32863e-12, rel=1e-5)
    found = frequency_uncertainty(1e-3, **CLOCK, averaging_s=0.25)
    assert found == pytest.approx(single, rel=1e-12)
    assert frequency_uncertainty(1e-3, **CLOCK, averaging_s=1.0) == pytest.approx(single / 2.0)


@given(st.floats(1.0, 1e6))
def test_white_noise_averages_as_the_root(tau: float) -> None:
    one = float(frequency_uncertainty(1e-3, **CLOCK, averaging_s=1.0))
    there = averaged(one, 1.0, to_s=tau, how="white_frequency")
    assert there == pytest.approx(float(frequency_uncertainty(1e-3, **CLOCK, averaging_s=tau)))
    kept = averaged(one, 1.0, to_s=tau, how="phase_coherent", coherence_s=1e6)
    assert kept == pytest.approx(one / tau)


def test_a_tracked_phase_must_be_said_and_ends() -> None:
    for coherence in (None, 99.0):
        with pytest.raises(InputError) as caught:
            averaged(1e-12, 1.0, to_s=100.0, how="phase_coherent", coherence_s=coherence)
        assert caught.value.where == "coherence_time"
    with pytest.raises(InputError, match="no way of averaging"):
        averaged(1e-12, 1.0, to_s=100.0, how="1/tau")
    with pytest.raises(InputError, match="averaged"):
        averaged(1e-12, 1.0, to_s=0.5, how="white_frequency")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"averaging_s": None}, "averaging_time"),
        ({"averaging_s": 0.1}, "averaging_time"),
        ({"averaging_s": math.nan}, "averaging_time"),
        ({"cycle_s": 5e-3}, "cycle_time"),
        ({"interrogation_s": 0.0}, "interrogation_time"),
        ({"carrier_hz": -1.0}, "carrier_frequency"),
    ],
)
def test_what_gives_no_frequency_is_refused(change: dict[str, float | None], where: str) -> None:
    with pytest.raises(InputError) as caught:
        frequency_uncertainty(1e-3, **{**CLOCK, "averaging_s": 1.0, **change})  # type: ignore[arg-type]
    assert caught.value.where == where
    with pytest.raises(InputError, match="phase_uncertainty"):
        frequency_uncertainty(-1e-3, **CLOCK, averaging_s=1.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-1.0, 1.0))
def test_a_difference_is_a_network_of_two(first: float, second: float, r: float) -> None:
    covariance = np.array([[first**2, r * first * second], [r * first * second, second**2]])
    found = difference_uncertainty(first, second, correlation=r)
    assert mean_uncertainty(covariance, np.array([1.0, -1.0])) == pytest.approx(found, abs=1e-7)


def test_shared_noise_falls_out_and_entangled_nodes_are_quieter() -> None:
    assert difference_uncertainty(3.0, 3.0, correlation=1.0) == 0.0
    assert difference_uncertainty(3.0, 4.0, correlation=0.0) == 5.0
    mean = np.full(4, 0.25)
    alone = mean_uncertainty(np.eye(4), mean)
    assert alone == 0.5
    against = np.eye(4) - 0.2 * (np.ones((4, 4)) - np.eye(4))
    assert mean_uncertainty(against, mean) == pytest.approx(math.sqrt(0.1))


@pytest.mark.parametrize(
    "matrix",
    [np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([[1.0, 0.1], [0.2, 1.0]]), np.eye(3)],
)
def test_what_is_no_covariance_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(InputError):
        mean_uncertainty(matrix, np.array([0.5, 0.5]))


def test_impossible_clocks_are_refused() -> None:
    for first, r in ((-1.0, 0.0), (math.nan, 0.0), (1.0, 1.1), (1.0, math.nan)):
        with pytest.raises(InputError):
            difference_uncertainty(first, 1.0, correlation=r)
