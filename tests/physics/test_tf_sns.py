"""Sending or not sending: bounds against the yields of the relay's model, and the root law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.tf_sns import key_per_window, phase_error_upper, single_yield_lower
from qtrace.physics.relay.twin_field import coherent_gain, pair_yield, phase_random_gain

DARK = 1e-9


def either(gain: np.ndarray) -> float:
    """Both detectors are alike in the model."""
    return 2.0 * float(gain)


@given(st.floats(0.001, 0.9), st.floats(0.01, 0.2), st.floats(1.2, 4.0))
@settings(max_examples=40, derandomize=True)
def test_yield_of_one_photon_is_never_overstated(arm: float, weak: float, factor: float) -> None:
    strong = weak * factor
    vacuum = either(phase_random_gain(0.0, 0.0, dark=DARK))
    bound = single_yield_lower(
        either(phase_random_gain(weak * arm, 0.0, dark=DARK)),
        either(phase_random_gain(strong * arm, 0.0, dark=DARK)),
        vacuum_gain=vacuum,
        weak=weak,
        strong=strong,
    )
    truth = either(pair_yield(1, 0, transmittance_a=arm, transmittance_b=arm, dark=DARK))
    assert 0.5 * truth < float(bound) <= truth * (1 + 1e-9)


def rate(arm: float) -> float:
    weak, strong, signal, send = 0.01, 0.1, 0.3, 0.05
    vacuum = either(phase_random_gain(0.0, 0.0, dark=DARK))
    s1 = single_yield_lower(
        either(phase_random_gain(weak * arm, 0.0, dark=DARK)),
        either(phase_random_gain(strong * arm, 0.0, dark=DARK)),
        vacuum_gain=vacuum,
        weak=weak,
        strong=strong,
    )
    _, errors = coherent_gain(weak * arm, weak * arm, dark=DARK, visibility=0.97)
    phase = phase_error_upper(2 * errors, vacuum_gain=vacuum, weak=weak, single_yield=s1)
    one, both = (either(phase_random_gain(signal * arm, x, dark=DARK)) for x in (0.0, signal * arm))
    wrong = send**2 * both + (1 - send) ** 2 * vacuum
    gain = 2 * send * (1 - send) * one + wrong
    return float(
        key_per_window(
            s1,
            phase,
            signal=signal,
            send_probability=send,
            gain=gain,
            error_rate=wrong / gain,
            error_correction_efficiency=1.1,
        )
    )


def test_rate_falls_with_the_root_of_the_transmittance() -> None:
    assert rate(1e-2) > 0.0
    assert rate(1e-2) / rate(1e-2 / math.sqrt(10.0)) == pytest.approx(math.sqrt(10.0), rel=0.02)


def test_rate_is_the_printed_sum() -> None:
    ours = key_per_window(
        0.01, 0.1, signal=0.5, send_probability=0.25, gain=0.002, error_rate=0.2,
        error_correction_efficiency=1.1,
    )  # fmt: skip
    expected = 0.375 * 0.5 * math.exp(-0.5) * 0.01 * (1 - float(binary_entropy(0.1)))
    expected -= 0.002 * 1.1 * float(binary_entropy(0.2))
    assert float(ours) == pytest.approx(expected, rel=1e-13)


def test_without_single_photons_the_phase_error_is_one_half_and_bad_decoys_are_refused() -> None:
    assert float(phase_error_upper(1e-5, vacuum_gain=0.0, weak=0.01, single_yield=0.0)) == 0.5
    assert float(phase_error_upper(0.0, vacuum_gain=1e-3, weak=0.01, single_yield=0.1)) == 0.0
    with pytest.raises(InputError, match="do not rise"):
        single_yield_lower(0.1, 0.1, vacuum_gain=0.0, weak=0.2, strong=0.1)
