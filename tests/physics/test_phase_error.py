"""The phase error of one basis from the other: three bounds, and where each has no value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.physics.decoy.phase_error import Sampling, phase_error_rate
from qtrace.physics.sampling import exact_tail_errors, gamma_deviation, serfling_deviation

EPSILON = 1e-9 / 21
EACH = pytest.mark.parametrize("bound", list(Sampling))


def rate(bound: Sampling, errors: float, *, test: float = 5e4, key: float = 5e6) -> float:
    return float(phase_error_rate(bound, errors, test=test, key=key, epsilon=EPSILON))


def test_each_bound_is_the_one_it_is_named_after() -> None:
    observed = 2000.0 / 5e4
    gamma = float(gamma_deviation(EPSILON, observed, sample=5e4, untested=5e6))
    serfling = float(serfling_deviation(EPSILON, sample=5e4, untested=5e6))
    assert rate(Sampling.GAMMA, 2000.0) == observed + gamma
    assert rate(Sampling.SERFLING, 2000.0) == observed + serfling
    tail = exact_tail_errors(2000, sample=50_000, untested=5_000_000, epsilon=EPSILON**2)
    assert rate(Sampling.TAIL, 2000.0) == tail / 5e6


def test_the_gamma_bound_is_less_cautious_than_the_exact_tail_it_approximates() -> None:
    # The reason to name the bound: at equal epsilon the expansion promises more than is true.
    assert (
        rate(Sampling.GAMMA, 2000.0) < rate(Sampling.TAIL, 2000.0) < rate(Sampling.SERFLING, 2000.0)
    )


@EACH
def test_without_single_photons_the_rate_is_one_half(bound: Sampling) -> None:
    assert rate(bound, 10.0, test=0.0) == 0.5
    assert rate(bound, 10.0, test=-300.0) == 0.5
    assert rate(bound, 10.0, key=-300.0) == 0.5
    assert rate(bound, 3e4) == 0.5


@EACH
def test_no_error_does_not_mean_no_phase_error(bound: Sampling) -> None:
    assert 0.0 < rate(bound, 0.0) <= rate(bound, 1.0)


def test_gamma_is_taken_at_one_error_at_least() -> None:
    assert rate(Sampling.GAMMA, 0.0) == rate(Sampling.GAMMA, 1.0)


@EACH
@settings(max_examples=40, derandomize=True)
@given(st.floats(0.0, 2e4), st.floats(0.0, 2e4), st.floats(1e3, 1e5), st.floats(1e3, 1e7))
def test_more_errors_never_lower_it(
    bound: Sampling, first: float, second: float, test: float, key: float
) -> None:
    low, high = sorted((first, second))
    assert rate(bound, low, test=test, key=key) <= rate(bound, high, test=test, key=key) + 1e-15


@EACH
def test_arrays_hold_the_same_numbers(bound: Sampling) -> None:
    errors = np.array([[0.0, 10.0], [400.0, 6e4]])
    together = np.asarray(phase_error_rate(bound, errors, test=5e4, key=5e6, epsilon=EPSILON))
    assert together.shape == (2, 2)
    for index in np.ndindex(2, 2):
        assert together[index] == rate(bound, float(errors[index]))


def test_bounds_that_are_no_whole_numbers_are_rounded_to_the_cautious_side() -> None:
    exact = rate(Sampling.TAIL, 2001.0)
    assert rate(Sampling.TAIL, 2000.2, test=5e4 + 0.9, key=5e6 + 0.9) == exact
