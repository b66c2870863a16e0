"""Quantiles of t from a table are those of an inversion for each probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from qtrace.uncertainty.student_quantiles import TABLE_FROM, student_quantiles

# Of the quantile, with what scipy's own inversion loses next to the median (absolute).
RELATIVE, ABSOLUTE = 1e-11, 1e-13
EVEN = (np.arange(40 * TABLE_FROM) + 0.5) / (40 * TABLE_FROM)
EXTREME = np.array([2.0**-53, 1e-12, 1e-6, 0.5, 1.0 - 1e-6, 1.0 - 2.0**-53, 1e-20])


@pytest.mark.parametrize("nu", [1.0, 1.5, 2.0, 3.0, 9.0, 30.0, 1e4])
def test_the_table_agrees_with_the_inversion(nu: float) -> None:
    p = np.concatenate([EVEN, EXTREME])
    np.testing.assert_allclose(
        student_quantiles(nu, p), stdtrit(nu, p), rtol=RELATIVE, atol=ABSOLUTE
    )


def test_published_quantiles() -> None:
    """GUM, Table G.2: t_95 is 12.71, 4.30, 2.26 and 2.04 for 1, 2, 9 and 30."""
    p = np.full(TABLE_FROM, 0.975)
    for nu, printed in ((1.0, 12.71), (2.0, 4.30), (9.0, 2.26), (30.0, 2.04)):
        assert student_quantiles(nu, p)[0] == pytest.approx(printed, abs=0.005)


@settings(max_examples=20)
@given(st.floats(1.0, 1e3))
def test_quantiles_never_fall_and_are_odd(nu: float) -> None:
    t = student_quantiles(nu, EVEN)
    assert np.all(np.diff(t) > 0.0)
    np.testing.assert_allclose(t, -t[::-1], rtol=1e-9, atol=ABSOLUTE)


def test_few_probabilities_or_less_than_one_degree_are_inverted_one_by_one() -> None:
    few = EVEN[:7]
    assert np.array_equal(student_quantiles(9.0, few), stdtrit(9.0, few))
    assert np.array_equal(student_quantiles(0.5, EVEN), stdtrit(0.5, EVEN))
