"""Detector metrics: each checked against a relation that it must satisfy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.metrics.catalogue import metric
from qtrace.metrics.detector import (
    corrected_rate,
    efficiency_at_rate,
    efficiency_mismatch,
    efficiency_ratio,
    photon_rate,
    system_detection_efficiency,
)
from qtrace.metrics.recompute import evaluate
from qtrace.physics.photons import photon_rate_per_s

ROUNDING = 1e-14  # relative
DERIVATIVE = 1e-9  # relative: truncation and rounding of the central differences

efficiencies = st.floats(0.01, 1.0)


def test_a_bare_power_is_counted_in_photons() -> None:
    rate = photon_rate(
        monitor_power=1e-12, wavelength=1.55e-6, switch_ratio=1.0, indication_ratio=1.0
    )
    assert rate == pytest.approx(photon_rate_per_s(1e-12, 1.55e-6), rel=ROUNDING)


def test_directions_of_the_ratios() -> None:
    # A meter that shows too much, and a switch that favours the monitor, both mean fewer photons.
    plain = photon_rate(
        monitor_power=1e-12, wavelength=1.55e-6, switch_ratio=1.0, indication_ratio=1.0
    )
    shows_too_much = photon_rate(
        monitor_power=1e-12, wavelength=1.55e-6, switch_ratio=1.0, indication_ratio=1.01375
    )
    favours_monitor = photon_rate(
        monitor_power=1e-12, wavelength=1.55e-6, switch_ratio=1.6, indication_ratio=1.0
    )
    assert shows_too_much == pytest.approx(plain / 1.01375, rel=ROUNDING)
    assert favours_monitor == pytest.approx(plain / 1.6, rel=ROUNDING)


@given(st.floats(1e-4, 1.0), st.floats(1e-4, 1.0), st.floats(1e-4, 1.0))
def test_attenuators_multiply(a: float, b: float, c: float) -> None:
    base = {
        "monitor_power": 1e-4,
        "wavelength": 1.55e-6,
        "switch_ratio": 1.6,
        "indication_ratio": 1.0,
    }
    three = photon_rate(**base, attenuator_1=a, attenuator_2=b, attenuator_3=c)
    assert three == pytest.approx(photon_rate(**base) * a * b * c, rel=4 * ROUNDING)


def test_efficiency_above_one_is_not_clipped() -> None:
    # Detector 2 of the 2022 data has 1.133 at its highest bias: to be judged, not hidden.
    assert system_detection_efficiency(
        count_rate=1.133e5, dark_count_rate=0.0, photon_rate=1e5
    ) == pytest.approx(1.133)


def test_dark_counts_without_a_calibrated_clock_are_as_counted() -> None:
    assert corrected_rate(indicated_rate=18925.6) == 18925.6


def test_a_fast_clock_shows_the_rate_too_low() -> None:
    assert corrected_rate(indicated_rate=1e5, time_base_frequency=1e-6) == pytest.approx(100000.1)


def test_the_clock_of_the_dark_counts_can_be_propagated() -> None:
    value, parts = evaluate(
        metric("detector.dark_count_rate"),
        {"indicated_rate": 18925.6, "time_base_frequency": 0.0},
        {"indicated_rate": 168.8, "time_base_frequency": 1e-6},
    )
    assert value == 18925.6
    assert parts["indicated_rate"] == pytest.approx(1.0, rel=DERIVATIVE)
    assert parts["time_base_frequency"] == pytest.approx(18925.6, rel=1e-6)


def test_what_dead_time_takes_at_the_published_rate() -> None:
    # 271 ns at 2.4e5 photons/s: busy 5.8 % of the time.
    left = efficiency_at_rate(efficiency=0.94, photon_rate=2.4e5, dead_time=2.71e-7)
    counted = left * 2.4e5
    assert left == pytest.approx(0.94 * (1 - counted * 2.71e-7), rel=ROUNDING)


@given(efficiencies, efficiencies)
def test_mismatch_does_not_care_about_the_order(a: float, b: float) -> None:
    here = efficiency_mismatch(efficiency_a=a, efficiency_b=b)
    assert here == efficiency_mismatch(efficiency_a=b, efficiency_b=a)
    ratio = efficiency_ratio(efficiency_a=a, efficiency_b=b)
    assert here == pytest.approx(1 - min(ratio, 1 / ratio), abs=1e-12)


def test_mismatch_has_no_derivative_and_says_nothing_in_its_place() -> None:
    value, parts = evaluate(
        metric("detector.efficiency_mismatch"),
        {"efficiency_a": 0.9377851731506629, "efficiency_b": 0.9489003931525424},
        {"efficiency_a": 0.0035, "efficiency_b": 0.0038},
    )
    assert value == pytest.approx(1 - 0.988286, abs=5e-7)
    assert parts == {}


def test_partial_derivatives_of_the_ratio() -> None:
    value, parts = evaluate(
        metric("detector.efficiency_ratio"),
        {"efficiency_a": 0.9377851731506629, "efficiency_b": 0.9489003931525424},
        {"efficiency_a": 0.0035, "efficiency_b": 0.0038},
    )
    assert value == pytest.approx(0.988286, abs=5e-7)
    assert parts["efficiency_a"] == pytest.approx(1 / 0.9489003931525424, rel=DERIVATIVE)
    assert parts["efficiency_b"] == pytest.approx(-value / 0.9489003931525424, rel=DERIVATIVE)
