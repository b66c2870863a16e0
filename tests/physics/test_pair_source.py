"""A pair source: laws of its gain and errors, and trials that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.physics.entangled.pair_source import (
    coincidence_error_rate,
    coincidence_gain,
    fibre_transmittance,
    werner_trials,
)

ROUNDING = 1e-12  # relative
QUIET = settings(max_examples=40, derandomize=True, deadline=None)
efficiency = st.floats(1e-3, 1.0)
background = st.floats(0.0, 1e-3)


def figures(
    half: float, a: float, b: float, dark_a: float, dark_b: float, wrong: float = 0.015
) -> tuple[float, float]:
    common = {
        "transmittance_a": a,
        "transmittance_b": b,
        "background_a": dark_a,
        "background_b": dark_b,
    }
    gain = float(coincidence_gain(half, **common))
    return gain, float(coincidence_error_rate(half, **common, misalignment=wrong))


def by_number(
    half: float, a: float, b: float, dark_a: float, dark_b: float, largest: int = 400
) -> float:
    """Return the gain as a sum over photon numbers: P(n) = (n + 1) l^n / (1 + l)^(n + 2)."""
    n = np.arange(largest, dtype=np.float64)
    weight = (n + 1.0) * half**n / (1.0 + half) ** (n + 2.0)
    yields = (1.0 - (1.0 - dark_a) * (1.0 - a) ** n) * (1.0 - (1.0 - dark_b) * (1.0 - b) ** n)
    return float(weight @ yields)


@QUIET
@given(st.floats(0.01, 0.5), efficiency, efficiency, background, background)
def test_the_gain_is_the_sum_over_pair_numbers(
    half: float, a: float, b: float, dark_a: float, dark_b: float
) -> None:
    gain, _ = figures(half, a, b, dark_a, dark_b)
    assert gain == pytest.approx(by_number(half, a, b, dark_a, dark_b), rel=1e-7)


@QUIET
@given(st.floats(0.01, 0.5), efficiency, efficiency, background, background)
def test_exchanging_the_sides_changes_nothing(
    half: float, a: float, b: float, dark_a: float, dark_b: float
) -> None:
    here, there = figures(half, a, b, dark_a, dark_b), figures(half, b, a, dark_b, dark_a)
    assert here == pytest.approx(there, rel=1e-7)
    assert 0.0 < here[0] < 1.0
    assert 0.015 - 1e-9 <= here[1] <= 0.5


def test_few_pairs_without_background_leave_the_misalignment() -> None:
    assert figures(1e-5, 0.1, 0.1, 0.0, 0.0)[1] == pytest.approx(0.015, abs=1e-4)


def test_background_alone_is_random() -> None:
    assert figures(1e-9, 0.1, 0.1, 1e-4, 1e-4)[1] == pytest.approx(0.5, abs=2e-3)


def test_ten_decibels_are_a_tenth() -> None:
    assert fibre_transmittance(50.0, attenuation_db_per_km=0.2) == pytest.approx(0.1, rel=ROUNDING)


def test_trials_add_up() -> None:
    trials = werner_trials(
        1000.0, visibility=0.9, transmittance_a=0.8, transmittance_b=0.7, key_trials=500.0
    )
    for name, total in {"11": 1000.0, "12": 1000.0, "key": 500.0}.items():
        found = sum(float(n) for cell, n in trials.items() if cell.endswith(f"_{name}"))
        assert found == pytest.approx(total, rel=ROUNDING)
    # The error rate of the key coincidences is (1 - V) / 2.
    different = float(trials["pm_key"] + trials["mp_key"])
    assert different / (500.0 * 0.56) == pytest.approx(0.05, rel=ROUNDING)
