"""What shots leave open of a variance and of a ratio: coverage, and tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.sensing.shot_scatter import (
    variance_interval,
    variance_ratio_interval,
    variance_uncertainty,
)

DRAWS = 20_000
SIMULATED = 4.0 * math.sqrt(0.95 * 0.05 / DRAWS)  # four standard deviations of the share


def test_table_values() -> None:
    """Chi-square at 0.025 and 0.975 with 10: 3.247, 20.483; F at 0.975 with 10 and 20: 2.774."""
    found = variance_interval(1.0, 11, probability=0.95)
    assert (10.0 / found.low, 10.0 / found.high) == pytest.approx((20.483, 3.247), rel=1e-3)
    ratio = variance_ratio_interval(1.0, (11, 21), probability=0.95)
    assert 1.0 / ratio.low == pytest.approx(2.774, rel=1e-3)
    assert ratio.high == pytest.approx(3.419, rel=1e-3)  # F at 0.975 with 20 and 10


@pytest.mark.parametrize("shots", [(5, 9), (40, 25)])
def test_both_intervals_cover_what_they_say(shots: tuple[int, int]) -> None:
    generator = np.random.default_rng(20261123)
    above = 2.0 * generator.chisquare(shots[0] - 1, DRAWS) / (shots[0] - 1)
    below = generator.chisquare(shots[1] - 1, DRAWS) / (shots[1] - 1)
    unit = variance_ratio_interval(1.0, shots, probability=0.95)
    ratio = above / below
    share = np.mean((ratio * unit.low <= 2.0) & (ratio * unit.high >= 2.0))
    assert share == pytest.approx(0.95, abs=SIMULATED)
    one = variance_interval(1.0, shots[0], probability=0.95)
    share = np.mean((above * one.low <= 2.0) & (above * one.high >= 2.0))
    assert share == pytest.approx(0.95, abs=SIMULATED)


@given(st.floats(1e-9, 1e9), st.integers(3, 500), st.integers(3, 500))
def test_turned_over_it_is_the_same(ratio: float, above: int, below: int) -> None:
    one = variance_ratio_interval(ratio, (above, below), probability=0.9)
    other = variance_ratio_interval(1.0 / ratio, (below, above), probability=0.9)
    assert (1.0 / other.high, 1.0 / other.low) == pytest.approx((one.low, one.high), rel=1e-6)


def test_u_is_that_of_the_posterior() -> None:
    generator = np.random.default_rng(1)
    drawn = 29.0 * 3.0 / generator.chisquare(29, 400_000)
    assert variance_uncertainty(3.0, 30) == pytest.approx(drawn.std(), rel=0.01)
    assert variance_uncertainty(3.0, 10**8) == pytest.approx(3.0 * math.sqrt(2e-8), rel=1e-6)


@pytest.mark.parametrize("shots", [1, 0, -3, 2.5, math.nan])
def test_too_few_shots_are_refused(shots: float) -> None:
    with pytest.raises(InputError):
        variance_interval(1.0, shots, probability=0.95)
    with pytest.raises(InputError):
        variance_ratio_interval(1.0, (shots, 10), probability=0.95)


def test_five_shots_have_an_interval_and_no_u() -> None:
    assert variance_interval(1.0, 5, probability=0.95).high > 1.0
    with pytest.raises(InputError, match="5 shots"):
        variance_uncertainty(1.0, 5)
    with pytest.raises(InputError, match="coverage"):
        variance_interval(1.0, 5, probability=1.0)
