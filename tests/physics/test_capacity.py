"""The repeaterless bound: its value at any loss, its interval, and a key beside it."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.capacity import (
    BesidePlob,
    beside_plob,
    plob_bits_per_use,
    plob_interval,
)

ROUNDING = 1e-15  # relative: one logarithm and one division


@pytest.mark.parametrize("eta", ["0.5", "1e-6", "1e-12", "1e-30", "0.999"])
def test_the_bound_in_fifty_digits(eta: str) -> None:
    with localcontext() as context:
        context.prec = 50
        exact = -(1 - Decimal(eta)).ln() / Decimal(2).ln()
    # 1 - eta of a binary 0.999 is wrong in its last digit, which costs 1e-15 there.
    assert plob_bits_per_use(float(eta)) == pytest.approx(float(exact), rel=4 * ROUNDING)


def test_half_the_light_gives_one_bit_and_all_of_it_any_number() -> None:
    assert plob_bits_per_use(0.5) == 1.0
    assert plob_bits_per_use(0.0) == 0.0
    assert plob_bits_per_use(1.0) == math.inf


def test_arrays_go_through() -> None:
    eta = np.array([[0.1, 0.2], [0.3, 0.4]])
    assert np.asarray(plob_bits_per_use(eta)).shape == (2, 2)


@pytest.mark.parametrize("eta", [-0.1, 1.1, math.nan])
def test_what_is_no_transmittance_is_refused(eta: float) -> None:
    with pytest.raises(InputError, match="outside 0 to 1"):
        plob_bits_per_use(eta)


@settings(max_examples=40, derandomize=True)
@given(st.floats(1e-9, 0.9), st.floats(0.0, 0.05), st.floats(1.0, 3.0))
def test_the_interval_holds_exactly_the_bounds_of_the_transmittances_in_it(
    eta: float, relative: float, k: float
) -> None:
    u = relative * eta
    interval = plob_interval(eta, u, coverage_factor=k, probability=0.95)
    inside = np.linspace(max(eta - k * u, 0.0), min(eta + k * u, 1.0), 11)
    bounds = np.asarray(plob_bits_per_use(inside))
    assert bounds.min() == pytest.approx(interval.low, rel=ROUNDING)
    assert bounds.max() == pytest.approx(interval.high, rel=ROUNDING)
    assert interval.probability == 0.95


def test_at_small_loss_budgets_the_interval_is_that_of_the_linear_form() -> None:
    eta, u = 1e-4, 1e-6
    interval = plob_interval(eta, u, coverage_factor=2.0, probability=0.95)
    slope = 1.0 / ((1.0 - eta) * math.log(2.0))
    # Second order: (2 u)^2 / 2, a part of 1e-6 of the width.
    assert interval.high - interval.low == pytest.approx(4.0 * u * slope, rel=1e-5)


def compare(key: float, **options: float | bool) -> object:
    return beside_plob(key, 0.01, 5e-4, coverage_factor=2.0, probability=0.95, **options).place  # type: ignore[arg-type]


def test_a_key_is_below_within_or_above() -> None:
    low, high, _ = plob_interval(0.01, 5e-4, coverage_factor=2.0, probability=0.95)
    assert compare(low) is BesidePlob.BELOW
    assert compare((low + high) / 2) is BesidePlob.WITHIN
    assert compare(high) is BesidePlob.WITHIN
    assert compare(high * 1.001) is BesidePlob.ABOVE


def test_only_a_key_above_without_a_repeater_is_flagged() -> None:
    def flag(key: float, *, repeater: bool) -> str:
        return beside_plob(
            key, 0.01, 5e-4, coverage_factor=2.0, probability=0.95, repeater=repeater
        ).flag

    assert "node in the middle" in flag(0.02, repeater=False)
    assert flag(0.02, repeater=True) == ""
    assert flag(0.001, repeater=False) == ""
    assert compare(0.02, repeater=True) is BesidePlob.NO_LIMIT


def test_modes_are_divided_out() -> None:
    assert compare(0.02) is BesidePlob.ABOVE
    assert compare(0.02, modes_per_use=2.0) is BesidePlob.BELOW
    with pytest.raises(InputError, match="modes"):
        compare(0.02, modes_per_use=0.0)


def test_no_light_no_key() -> None:
    dark = beside_plob(0.0, 0.0, 0.0, coverage_factor=2.0, probability=0.95)
    assert (dark.bound, dark.ratio, dark.place) == (0.0, 0.0, BesidePlob.BELOW)
    claim = beside_plob(1e-9, 0.0, 0.0, coverage_factor=2.0, probability=0.95)
    assert claim.place is BesidePlob.ABOVE
    with pytest.raises(InputError, match="no interval"):
        plob_interval(0.1, -0.1, coverage_factor=2.0, probability=0.95)
