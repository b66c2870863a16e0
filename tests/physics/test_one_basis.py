"""Lengths with the key from one basis agree with the same formulas block by block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entangled.entropic_bounds import (
    leverrier_2017_failure,
    leverrier_2017_length,
    tomamichel_2012_length,
)
from qtrace.physics.entangled.one_basis import (
    leverrier_2017_bits,
    leverrier_2017_deviation,
    tomamichel_2012_bits,
)
from qtrace.physics.entangled.sifted import Cells, complementarity, told_bits

ROUNDING = 1e-12  # relative
QUIET = settings(max_examples=40, derandomize=True, deadline=None)
KEY, TEST = Cells(20_000.0, 980_000.0), Cells(6_000.0, 194_000.0)


def test_tomamichel_2012_is_the_same_formula() -> None:
    told = float(told_bits(KEY, error_correction_efficiency=1.1))
    one = tomamichel_2012_length(
        1e6,
        2e5,
        tolerated_error_rate=0.03,
        leak_bits=told,
        epsilon_secrecy=2e-10,
        epsilon_correctness=1e-12,
    )
    bits = tomamichel_2012_bits(
        KEY, TEST, told=told, epsilon_secrecy=2e-10, epsilon_correctness=1e-12
    )
    assert bits == pytest.approx(one.bits, rel=ROUNDING)


def test_leverrier_2017_is_the_same_formula() -> None:
    nu = float(leverrier_2017_deviation(1e6, 2e5, epsilon=1e-10))
    assert leverrier_2017_failure(1.2e6, 2e5, deviation=nu) == pytest.approx(1e-10, rel=1e-9)
    one = leverrier_2017_length(
        1.2e6,
        2e5,
        tolerated_error_rate=0.03,
        deviation=nu,
        leak_bits=1.5e5,
        tag_bits=-math.log2(1e-12),
        epsilon_privacy=1e-11,
    )
    bits = leverrier_2017_bits(
        KEY,
        TEST,
        told=1.5e5,
        epsilon_sampling=1e-10,
        epsilon_correctness=1e-12,
        epsilon_privacy=1e-11,
    )
    assert bits == pytest.approx(one.bits, rel=ROUNDING)


def lengths(key: Cells, test: Cells, epsilon: float, overlap: float = 0.5) -> np.ndarray:
    told = told_bits(key, error_correction_efficiency=1.1)
    return np.array(
        [
            tomamichel_2012_bits(
                key,
                test,
                told=told,
                epsilon_secrecy=epsilon,
                epsilon_correctness=epsilon,
                basis_overlap=overlap,
            ),
            leverrier_2017_bits(
                key,
                test,
                told=told,
                epsilon_sampling=epsilon,
                epsilon_correctness=epsilon,
                epsilon_privacy=epsilon,
                basis_overlap=overlap,
            ),
        ]
    )


@QUIET
@given(st.integers(1, 900), st.integers(1, 100), st.floats(1e-15, 1e-4), st.floats(0.5, 0.9))
def test_monotone_and_never_above_sifted(
    errors: int, more: int, epsilon: float, overlap: float
) -> None:
    key, test = Cells(200.0, 9800.0), Cells(float(errors), 10_000.0 - errors)
    worse = Cells(float(errors + more), 10_000.0 - errors - more)
    here = lengths(key, test, epsilon)
    assert np.all(here <= key.sifted)
    assert np.all(lengths(key, worse, epsilon) <= here)
    assert np.all(lengths(key, test, epsilon / 10.0) <= here)
    assert np.all(lengths(key, test, epsilon, overlap) <= here)


def test_the_limit_of_large_blocks_is_the_asymptotic_fraction() -> None:
    n = 1e14
    key, test = Cells(0.02 * n, 0.98 * n), Cells(0.03 * n, 0.97 * n)
    h = [-x * math.log2(x) - (1 - x) * math.log2(1 - x) for x in (0.02, 0.03)]
    assert lengths(key, test, 1e-10) / n == pytest.approx(1 - 1.1 * h[0] - h[1], abs=1e-5)


def test_exactly_one_of_leak_and_efficiency() -> None:
    assert told_bits(KEY, leak=12.0) == 12.0
    for both in ({}, {"leak": 3.0, "error_correction_efficiency": 1.1}, {"leak": -3.0}):
        with pytest.raises(InputError, match="exactly one of leak"):
            told_bits(KEY, **both)


def test_the_angle_between_the_bases() -> None:
    assert complementarity(0.5) == 1.0
    assert complementarity(1.0) == 0.0
    # One degree on the Bloch sphere's great circle costs about 2.5 % of a bit per bit.
    assert complementarity(math.cos(math.radians(44.5)) ** 2) == pytest.approx(0.9750, abs=5e-4)
    with pytest.raises(InputError, match="overlap"):
        complementarity(0.4)
