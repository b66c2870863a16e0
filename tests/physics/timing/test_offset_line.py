"""A line through offsets: exact on a line, honest about scatter, refusing too few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.offset_line import offset_line

T = np.arange(50) * 37.0


@given(
    st.floats(-1e-3, 1e-3),
    st.floats(-1e-8, 1e-8),
    st.lists(st.booleans(), min_size=50, max_size=50),
)
def test_a_line_comes_back_whatever_is_missing(
    offset: float, slope: float, gone: list[bool]
) -> None:
    x = offset + slope * (T - T[25])
    x[np.array(gone)] = np.nan
    if np.isfinite(x).sum() < 3:
        return
    line = offset_line(T, x, np.full(50, 1e-12))
    # rounding of offsets of 1 ms
    assert line.at(np.array([T[25]]))[0] == pytest.approx(offset, abs=1e-17)
    assert line.frequency_deviation == pytest.approx(slope, abs=1e-18 + 1e-9 * abs(slope))


def test_the_formal_u_is_that_of_the_textbook() -> None:
    """u of the mean is s / sqrt n, of the slope s / sqrt(sum (t - mean t)^2)."""
    rng = np.random.default_rng(1)
    x = rng.normal(0.0, 2e-12, 50)
    line = offset_line(T, x, np.full(50, 1e-9))  # u stated far too large: never made smaller
    assert line.u_offset_s == pytest.approx(1e-9 / np.sqrt(50.0))
    assert line.u_frequency == pytest.approx(1e-9 / np.sqrt(np.sum((T - T.mean()) ** 2)))


def test_scatter_beyond_the_stated_u_makes_both_larger() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(0.0, 5e-12, 50)
    line = offset_line(T, x, np.full(50, 1e-12))
    assert line.reduced_chi_square == pytest.approx(25.0, rel=0.5)
    assert line.u_offset_s == pytest.approx(5e-12 / np.sqrt(50.0), rel=0.25)


def test_without_a_stated_u_the_scatter_decides() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 5e-12, 50)
    line = offset_line(T, x, np.full(50, np.nan))
    assert np.isnan(line.reduced_chi_square)
    assert line.u_offset_s == pytest.approx(5e-12 / np.sqrt(50.0), rel=0.25)


def test_two_offsets_are_no_line() -> None:
    with pytest.raises(InputError, match="too few"):
        offset_line(T[:2], np.zeros(2), np.ones(2))


def test_one_in_four_thousand_pulls_as_normal() -> None:
    """Pulls of 400 lines have standard deviation 1: 5 standard deviations of it are 0.18."""
    rng = np.random.default_rng(4)
    pulls = []
    for _ in range(400):
        line = offset_line(T, rng.normal(0.0, 1e-12, 50), np.full(50, 1e-12))
        pulls.append(line.offset_s / line.u_offset_s)
    # the Birge ratio only enlarges u: the pulls are a little narrower than 1
    assert 0.82 < np.std(pulls) < 1.1
