"""GLLP with vacuum and weak decoy: bounds that hold, cut-offs, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from qtrace.errors import InputError
from qtrace.physics.decoy.decoy_asymptotic import Gain, gllp_key_per_pulse, vacuum_weak_yields
from qtrace.physics.entropy import binary_entropy

# Gobby, Yuan and Shields (2004) as used by Ma et al. (2005).
ALPHA, RECEIVER, Y0, MISALIGNED, F = 0.21, 0.045, 1.7e-6, 0.033, 1.22
SIGNAL = 0.48
PUBLISHED_KM = 0.1  # absolute: the paper rounds, and its signal intensity is not given to 1 %


def gain(mean: float, eta: float) -> Gain:
    """Return the gain of Ma et al. (2005), Eqs. 10 and 11."""
    light = -math.expm1(-eta * mean)
    return Gain(Y0 + light, 0.5 * Y0 + MISALIGNED * light)


def key(distance_km: float, *, weak: float, vacuum: float = 0.0) -> float:
    """Return key per signal pulse; `weak` of zero: infinitely many decoys."""
    eta = 10 ** (-ALPHA * distance_km / 10) * RECEIVER
    signal = gain(SIGNAL, eta)
    if weak > 0.0:
        found = vacuum_weak_yields(
            signal, gain(weak, eta), gain(vacuum, eta), means=(SIGNAL, weak, vacuum)
        )
        single, error = float(found.single_yield), float(found.single_error_rate)
    else:
        single = Y0 + eta
        error = (0.5 * Y0 + MISALIGNED * eta) / single
    told = signal.detected * F * float(binary_entropy(signal.wrong / signal.detected))
    return float(
        gllp_key_per_pulse(
            signal,
            mean=SIGNAL,
            single_yield=single,
            phase_error=error,
            leak_per_pulse=told,
            basis_probability=0.5,
        )
    )


def test_cut_offs_of_the_published_link() -> None:
    # Ma et al. (2005), section V: 142.05 km with infinitely many decoys, 140.55 km with two.
    infinite = brentq(lambda km: key(km, weak=0.0), 100.0, 160.0)
    two = brentq(lambda km: key(km, weak=0.05), 100.0, 160.0)
    assert infinite == pytest.approx(142.05, abs=PUBLISHED_KM)
    assert two == pytest.approx(140.55, abs=PUBLISHED_KM)
    assert two < infinite


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.0, 140.0), st.floats(0.01, 0.2), st.floats(0.0, 0.005))
def test_bounds_are_on_the_safe_side_of_what_they_bound(
    distance: float, weak: float, vacuum: float
) -> None:
    eta = 10 ** (-ALPHA * distance / 10) * RECEIVER
    found = vacuum_weak_yields(
        gain(SIGNAL, eta), gain(weak, eta), gain(vacuum, eta), means=(SIGNAL, weak, vacuum)
    )
    # Photons of this channel act alone: Y_n = Y0 + 1 - (1 - eta)^n.
    assert float(found.vacuum_yield) <= Y0 * (1 + 1e-9)
    assert float(found.single_yield) <= (Y0 + eta) * (1 + 1e-9)
    true = (0.5 * Y0 + MISALIGNED * eta) / (Y0 + eta)
    assert float(found.single_error_rate) >= true * (1 - 1e-9)


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.0, 140.0), st.floats(0.01, 0.15), st.floats(0.0, 0.005))
def test_a_weaker_decoy_and_a_darker_vacuum_are_never_worse(
    distance: float, weak: float, vacuum: float
) -> None:
    best = key(distance, weak=0.0)
    assert key(distance, weak=weak) <= best + 1e-15
    assert key(distance, weak=weak, vacuum=vacuum) <= key(distance, weak=weak) + 1e-12


def test_nothing_detected_is_no_key() -> None:
    dark = Gain(0.0, 0.0)
    found = vacuum_weak_yields(dark, dark, dark, means=(0.5, 0.1, 0.0))
    assert float(found.single_error_rate) == 0.5
    assert float(found.single_yield) == 0.0


@pytest.mark.parametrize("means", [(0.1, 0.5, 0.0), (0.5, 0.1, 0.1), (0.5, 0.3, 0.25)])
def test_intensities_out_of_order_are_refused(means: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="do not fall"):
        vacuum_weak_yields(Gain(0.1, 0.01), Gain(0.1, 0.01), Gain(0.1, 0.01), means=means)


def test_a_negative_gain_is_refused() -> None:
    with pytest.raises(InputError, match="gain is negative"):
        gllp_key_per_pulse(
            Gain(-0.1, 0.0),
            mean=0.5,
            single_yield=0.1,
            phase_error=0.1,
            leak_per_pulse=0.0,
            basis_probability=0.5,
        )
