"""Mismatched detectors: the operator statements of the proof on matrices, tails, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from qtrace.errors import InputError
from qtrace.physics.decoy.receiver_mismatch import (
    binomial_excess,
    mismatch_of_ranges,
    mismatched_phase_error,
)

ROUNDING = 1e-10
TURN = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)


def outcomes(eta: tuple[float, float], dark: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """POVM of one photon on two threshold detectors in the Z basis, double clicks shared out."""
    found = []
    for bit in (0, 1):
        other = 1 - bit
        no_bit = np.diag([(1 - dark[bit]) * (1 - eta[bit] * (z == bit)) for z in (0, 1)])
        no_other = np.diag([(1 - dark[other]) * (1 - eta[other] * (z == other)) for z in (0, 1)])
        neither = np.diag([(1 - dark[0]) * (1 - dark[1]) * (1 - eta[z]) for z in (0, 1)])
        both = np.eye(2) - no_bit - no_other + neither
        found.append(no_other - neither + both / 2)
    return found[0], found[1]


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.01, 0.3), st.floats(0, 1), st.floats(0, 1), st.sampled_from((1, -1)))
def test_the_virtual_measurement_of_the_proof_exists(
    delta: float, share: float, dark_share: float, step: int
) -> None:
    """A lemma of the proof in `receiver_mismatch`, on matrices: it checks the proof, not code."""
    eta = (0.3, 0.3 * (1 - delta * share))
    dark = (1e-3, 1e-3 * (1 - delta * dark_share))
    eta, dark = eta[::step], dark[::step]
    key = outcomes(eta, dark)
    test = tuple(TURN @ one @ TURN for one in key)
    largest = 1 - (1 - max(dark)) ** 2 * (1 - max(eta))
    # K on one photon is a number; F_b lies between (1 - delta) K and K.
    for basis in (key, test):
        values = linalg.eigvalsh(basis[0] + basis[1]) / largest
        assert 1 - delta - ROUNDING <= values.min()
        assert values.max() <= 1 + ROUNDING
    passed = (key[0] + key[1]) / largest
    inverse = linalg.inv(linalg.sqrtm(passed))
    virtual = sum((1 - delta) * inverse @ (one / largest) @ inverse for one in test)
    assert linalg.eigvalsh(virtual).max() <= 1 + ROUNDING
    root = linalg.sqrtm(passed)
    failed = root @ (np.eye(2) - virtual) @ root
    assert linalg.eigvalsh(failed).max() <= 2 * delta - delta**2 + ROUNDING


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 1))
def test_detection_falls_no_faster_than_the_efficiencies(xs: list[float], t: float) -> None:
    """Another lemma of that proof, on numbers."""
    x = np.array(xs)
    assert 1 - np.prod(1 - t * x) >= t * (1 - np.prod(1 - x)) - ROUNDING


@pytest.mark.parametrize("trials", [100, 10_000, 10**7])
@pytest.mark.parametrize("p", [1e-4, 0.01, 0.3])
@pytest.mark.parametrize("epsilon", [1e-3, 1e-10, 1e-20])
def test_the_excess_fails_no_more_often_than_said(trials: int, p: float, epsilon: float) -> None:
    excess = float(binomial_excess(p, trials, epsilon=epsilon))
    if p + excess < 1:
        tail = stats.binom.sf(np.ceil(trials * (p + excess)) - 1, trials, p)
        assert tail <= epsilon


def test_without_mismatch_nothing_is_added() -> None:
    assert float(mismatched_phase_error(0.03, 1e6, mismatch=0.0, epsilon=1e-20)) == 0.03


def test_many_detections_leave_the_asymptotic_form() -> None:
    delta = 0.02
    expected = (0.03 + delta - delta**2 / 2) / (1 - delta)
    ours = float(mismatched_phase_error(0.03, 1e15, mismatch=delta, epsilon=1e-20))
    assert ours == pytest.approx(expected, rel=1e-4)


def test_it_never_exceeds_one_half_and_few_detections_say_nothing() -> None:
    assert float(mismatched_phase_error(0.03, 3.0, mismatch=0.1, epsilon=1e-20)) == 0.5
    assert float(mismatched_phase_error(0.6, 1e9, mismatch=0.1, epsilon=1e-20)) == 0.5


def test_delta_is_the_worst_of_all_ranges() -> None:
    assert mismatch_of_ranges() == 0.0
    assert mismatch_of_ranges((0.19, 0.2), (1e-6, 1e-6), (0.0, 0.0)) == pytest.approx(0.05)


@pytest.mark.parametrize("mismatch", [-0.1, 1.0, float("nan")])
def test_a_mismatch_outside_its_range_is_refused(mismatch: float) -> None:
    with pytest.raises(InputError, match="outside 0 to 1"):
        mismatched_phase_error(0.03, 1e6, mismatch=mismatch, epsilon=1e-20)


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        mismatch_of_ranges((0.2, 0.1))
