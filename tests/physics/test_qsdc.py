"""Capacity estimates: written out, at their ends, and monotone as an estimate must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.qsdc import (
    dense_coding_capacity,
    dl04_capacity,
    dl04_decoy_capacity,
    fidelity_from_errors,
    pairs_of_users,
    single_photon_check,
    two_step_capacity,
    werner_entropy_bits,
    wiretap_gain,
)

RATES = st.floats(0.0, 0.5)


def h(x: float) -> float:
    return -x * math.log2(x) - (1 - x) * math.log2(1 - x)


def test_single_photons_written_out() -> None:
    found = dl04_capacity(3e-3, 0.006, reach=0.02, error_x=0.008, error_z=0.009)
    assert found == pytest.approx(3e-3 * (1 - h(0.006)) - 0.02 * h(0.017), rel=1e-12)


def test_without_errors_everything_that_arrives_is_left() -> None:
    assert dl04_capacity(0.01, 0.0, reach=0.5, error_x=0.0, error_z=0.0) == 0.01


def test_errors_that_give_eve_all_do_not_turn_over() -> None:
    half = dl04_capacity(0.01, 0.0, reach=0.1, error_x=0.25, error_z=0.25)
    more = dl04_capacity(0.01, 0.0, reach=0.1, error_x=0.5, error_z=0.5)
    assert half == more == pytest.approx(0.01 - 0.1)


@settings(max_examples=40, derandomize=True)
@given(st.floats(1e-6, 1.0), RATES, st.floats(1e-6, 1.0), RATES, RATES)
def test_more_errors_or_more_reach_leave_no_more(
    gain: float, error: float, reach: float, x: float, z: float
) -> None:
    def left(**other: float) -> float:
        given_ = {"reach": reach, "error_x": x, "error_z": z, "message_error": error} | other
        return float(dl04_capacity(gain, given_.pop("message_error"), **given_))

    here = left()
    assert here <= gain
    assert left(message_error=min(0.5, error + 0.01)) <= here + 1e-15
    assert left(error_x=min(1.0, x + 0.01)) <= here + 1e-15
    assert left(error_z=min(1.0, z + 0.01)) <= here + 1e-15
    assert left(reach=min(1.0, reach * 1.1)) <= here + 1e-15
    assert left(error_x=z, error_z=x) == pytest.approx(here, abs=1e-15)


def test_the_reach_of_a_wiretapper_comes_from_the_calibrated_check() -> None:
    assert wiretap_gain(0.01, 0.5) == 0.02
    assert wiretap_gain(0.6, 0.5) == 1.0
    for gain, eta in ((1.2, 0.5), (0.1, 0.0), (0.1, 1.5), (-0.1, 0.5)):
        with pytest.raises(InputError):
            wiretap_gain(gain, eta)


def channel(
    levels: tuple[float, ...], eta: float, dark: float, misalignment: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Gains and errors over pulses of a Poisson source behind loss, in closed form."""
    gains = tuple(dark + 1 - math.exp(-eta * k) for k in levels)
    errors = tuple(dark / 2 + misalignment * (1 - math.exp(-eta * k)) for k in levels)
    return gains, errors


@settings(max_examples=40, derandomize=True)
@given(
    st.floats(0.3, 0.9), st.floats(0.02, 0.2), st.floats(0.0, 1e-3), st.floats(1e-4, 0.5),
    st.floats(0.0, 1e-6), st.floats(0.0, 0.1),
)  # fmt: skip
def test_bounds_of_single_photons_enclose_the_truth(
    mu: float, nu: float, low: float, eta: float, dark: float, misalignment: float
) -> None:
    gains, errors = channel((mu, nu, low), eta, dark, misalignment)
    found = single_photon_check((mu, nu, low), gains, errors)
    truth = dark + eta
    error = (dark / 2 + misalignment * eta) / truth
    # Rounding: gains differ by loss times intensity, down to 2e-6.
    assert found.yield_lower <= truth * (1 + 1e-8)
    assert found.error_upper >= error * (1 - 1e-8)


def test_bounds_of_single_photons_are_tight_for_weak_decoys() -> None:
    gains, errors = channel((0.5, 1e-3, 0.0), 0.05, 1e-6, 0.01)
    found = single_photon_check((0.5, 1e-3, 0.0), gains, errors)
    assert found.yield_lower == pytest.approx(0.05, rel=2e-3)
    assert found.error_upper == pytest.approx(0.01, rel=1e-2)


def test_a_check_that_sees_nothing_gives_eve_all() -> None:
    found = single_photon_check((0.5, 0.1, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert (float(found.yield_lower), float(found.error_upper)) == (0.0, 0.5)


def test_intensities_that_do_not_fall_are_refused() -> None:
    for levels in ((0.1, 0.5, 0.0), (0.5, 0.5, 0.0), (0.5, 0.1, 0.1), (0.5, 0.1, -0.1)):
        with pytest.raises(InputError, match="do not fall"):
            single_photon_check(levels, (0.1, 0.1, 0.1), (0.0, 0.0, 0.0))


def test_weak_pulses_written_out() -> None:
    mu = 0.1
    found = dl04_decoy_capacity(0.02, 0.01, mean_photon_number=mu, error_x=0.01, error_z=0.02)
    p1, multi = mu * math.exp(-mu), 1 - math.exp(-mu) * (1 + mu)
    expected = 0.02 * (1 - h(0.01)) - p1 * h(0.03) - multi
    assert found == pytest.approx(expected, rel=1e-12)


def test_two_steps_written_out() -> None:
    found = two_step_capacity(0.1, 0.02, 0.03, reach=0.4, error_x=0.01, error_z=0.04)
    expected = 0.1 * (2 - h(0.02) - h(0.03)) - 0.4 * (h(0.01) + h(0.04))
    assert found == pytest.approx(expected, rel=1e-12)
    assert two_step_capacity(1.0, 0.0, 0.0, reach=1.0, error_x=0.0, error_z=0.0) == 2.0


def test_entropy_of_a_werner_state_by_its_eigenvalues() -> None:
    for fidelity in (0.25, 0.5, 0.878, 0.95, 0.999):
        p = (4 * fidelity - 1) / 3
        bell = np.zeros((4, 4))
        bell[np.ix_([0, 3], [0, 3])] = 0.5
        values = np.linalg.eigvalsh(p * bell + (1 - p) * np.eye(4) / 4)
        expected = -sum(v * math.log2(v) for v in values if v > 1e-15)
        assert werner_entropy_bits(fidelity) == pytest.approx(expected, abs=1e-12)
    assert werner_entropy_bits(1.0) == 0.0


def test_what_pairs_carry() -> None:
    assert dense_coding_capacity(1.0) == 2.0
    assert dense_coding_capacity(0.25) == pytest.approx(0.0, abs=1e-15)
    grid = np.linspace(0.25, 1.0, 50)
    assert np.all(np.diff(np.asarray(dense_coding_capacity(grid))) > 0.0)


def test_the_werner_state_carries_least_of_all_of_its_fidelity() -> None:
    # A state with only phase errors has less entropy.
    assert dense_coding_capacity(0.95) < 2.0 - float(binary_entropy(0.05))


def test_fidelity_from_errors_of_a_werner_state() -> None:
    for fidelity in (0.25, 0.7, 0.95, 1.0):
        error = (1 - (4 * fidelity - 1) / 3) / 2
        assert fidelity_from_errors(error, error, error) == pytest.approx(fidelity, rel=1e-12)


def test_fifteen_users_have_a_hundred_and_five_links() -> None:
    assert pairs_of_users(15) == 105
    with pytest.raises(InputError, match="no network"):
        pairs_of_users(1)


def test_rates_outside_their_range_are_refused() -> None:
    with pytest.raises(InputError):
        dl04_capacity(1.1, 0.0, reach=0.1, error_x=0.0, error_z=0.0)
    with pytest.raises(InputError):
        dl04_capacity(0.1, 0.0, reach=0.1, error_x=-0.1, error_z=0.0)
    with pytest.raises(InputError):
        werner_entropy_bits(1.1)
    with pytest.raises(InputError):
        two_step_capacity(0.1, 1.5, 0.0, reach=0.1, error_x=0.0, error_z=0.0)
