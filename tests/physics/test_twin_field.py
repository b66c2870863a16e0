"""Twin fields: photon numbers and coherent states describe one relay; the phase error bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.relay.tf_cal import amplitude_limits, key_per_use, phase_error_bound
from qtrace.physics.relay.twin_field import (
    coherent_gain,
    interference,
    pair_yield,
    phase_random_gain,
)

arms = st.floats(0.01, 1.0)


@given(arms, arms, st.floats(0.0, 0.1), st.floats(0.0, 1.5))
@settings(max_examples=20, derandomize=True)
def test_poisson_sum_of_yields_is_the_gain_of_random_phases(
    a: float, b: float, dark: float, angle: float
) -> None:
    """Two routes: normal ordering for photon numbers, Bessel function for fields."""
    mu, nu = 0.4, 0.3
    total = sum(
        math.exp(-mu - nu) * mu**n * nu**m / math.factorial(n) / math.factorial(m)
        * float(
            pair_yield(
                n, m, transmittance_a=a, transmittance_b=b, dark=dark, polarization_mismatch=angle
            )
        )
        for n in range(14)
        for m in range(14)
    )  # fmt: skip
    gain = phase_random_gain(mu * a, nu * b, dark=dark, polarization_mismatch=angle)
    assert float(gain) == pytest.approx(total, rel=1e-9, abs=1e-13)


@given(arms, arms, st.floats(0.0, 0.1))
@settings(max_examples=20, derandomize=True)
def test_random_phases_average_the_coherent_gain(a: float, b: float, dark: float) -> None:
    phases = np.linspace(0.0, np.pi, 200, endpoint=False)
    gain, _ = coherent_gain(a, b, dark=dark, visibility=interference(phases, 0.0))
    assert float(gain.mean()) == pytest.approx(float(phase_random_gain(a, b, dark=dark)), rel=1e-9)


def test_two_single_photons_bunch() -> None:
    """Hong, Ou and Mandel: at one detector with probability 1/2, never one at each."""
    one = pair_yield(1, 1, transmittance_a=1.0, transmittance_b=1.0, dark=0.0)
    assert float(one) == pytest.approx(0.5)
    apart = pair_yield(
        1, 1, transmittance_a=1.0, transmittance_b=1.0, dark=0.0, polarization_mismatch=math.pi / 2
    )
    assert float(apart) == pytest.approx(0.25)


def test_perfect_interference_without_noise_has_no_error() -> None:
    gain, errors = coherent_gain(0.1, 0.1, dark=0.0, visibility=1.0)
    assert float(errors) == 0.0
    assert float(gain) == pytest.approx((1 - math.exp(-0.2)) / 2)


def yields(transmittance: float, largest: int = 12) -> np.ndarray:
    numbers = range(largest + 1)
    return np.array(
        [
            [
                float(
                    pair_yield(
                        n,
                        m,
                        transmittance_a=transmittance,
                        transmittance_b=transmittance,
                        dark=1e-8,
                    )
                )
                for m in numbers
            ]
            for n in numbers
        ]
    )


def test_photon_numbers_left_out_only_raise_the_phase_error() -> None:
    whole = yields(0.01)
    bounds = []
    for largest in (2, 3, 4, 6, 12):
        c = amplitude_limits(0.02, 0.02, largest)
        bounds.append(float(phase_error_bound(whole[: largest + 1, : largest + 1], c, c, 2e-4)))
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == pytest.approx(bounds[-2], rel=1e-3)
    assert bounds[0] == 0.5  # with c_0 and c_2 the geometric rest alone ruins the key


def test_an_interval_of_the_amplitude_and_an_exchange_of_sides() -> None:
    whole = yields(0.01)
    c, wide = amplitude_limits(0.02, 0.02, 12), amplitude_limits(0.019, 0.021, 12)
    assert np.all(wide >= c)
    known = float(phase_error_bound(whole, c, c, 2e-4))
    assert known < float(phase_error_bound(whole, wide, wide, 2e-4))
    other = amplitude_limits(0.03, 0.03, 12)
    assert float(phase_error_bound(whole, c, other, 2e-4)) == pytest.approx(
        float(phase_error_bound(whole.T, other, c, 2e-4))
    )


def test_no_clicks_and_strong_pulses_give_one_half_and_wrong_tables_are_refused() -> None:
    whole = yields(0.01, 4)
    c = amplitude_limits(0.02, 0.02, 4)
    assert float(phase_error_bound(whole, c, c, 0.0)) == 0.5
    strong = amplitude_limits(30.0, 30.0, 4)
    assert float(phase_error_bound(whole, strong, strong, 0.5)) == 0.5
    with pytest.raises(InputError, match="do not fit"):
        phase_error_bound(whole, c[:3], c, 2e-4)


def test_rate_falls_with_the_root_of_the_transmittance() -> None:
    """A tenth of the transmittance of the whole channel: a factor of about the root of ten."""
    rates = []
    for arm in (1e-2, 1e-2 / math.sqrt(10.0)):
        gain, errors = coherent_gain(0.02 * arm, 0.02 * arm, dark=1e-10, visibility=1.0)
        c = amplitude_limits(0.02, 0.02, 12)
        phase = phase_error_bound(yields(arm), c, c, gain)
        rates.append(
            float(key_per_use(gain, errors / gain, phase, error_correction_efficiency=1.1))
        )
    assert rates[0] / rates[1] == pytest.approx(math.sqrt(10.0), rel=0.05)
