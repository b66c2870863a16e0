"""Nested designs: scatter between days apart from the scatter within them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.anova import nested_anova, nested_anova_of_summaries


def test_two_days_by_hand() -> None:
    """Means 2 and 6, scatter 1 each: s_a^2 = 3 * 8 = 24, s_b^2 = 1, F = 24."""
    result = nested_anova([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])
    assert result.mean == 4.0
    assert result.f == pytest.approx(24.0, rel=1e-12)
    assert result.between_deviation == pytest.approx(math.sqrt(23.0 / 3.0), rel=1e-12)
    assert result.within_deviation == pytest.approx(1.0, rel=1e-12)
    # u keeps the days: s of the means over sqrt(2), one degree of freedom.
    assert result.standard_uncertainty == pytest.approx(2.0, rel=1e-12)
    assert result.degrees_of_freedom == 1.0
    # All six as one sample: sum of squares 24 + 4 over 5.
    assert result.standard_uncertainty_without == pytest.approx(math.sqrt(28.0 / 5.0 / 6.0))
    assert result.degrees_of_freedom_without == 5.0


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 10_000))
def test_without_the_days_it_is_one_sample(j: int, k: int, seed: int) -> None:
    table = np.random.default_rng(seed).normal(10.0, 2.0, size=(j, k))
    result = nested_anova(list(table))
    flat = table.ravel()
    assert result.mean == pytest.approx(float(flat.mean()), rel=1e-12)
    assert result.standard_uncertainty_without == pytest.approx(
        float(flat.std(ddof=1)) / math.sqrt(j * k), rel=1e-9
    )


def test_readings_and_their_summaries_agree() -> None:
    table = np.random.default_rng(3).normal(size=(4, 6))
    summary = nested_anova_of_summaries(table.mean(axis=1), table.std(axis=1, ddof=1), per_group=6)
    assert summary == nested_anova(list(table))


def test_simulated_days_are_found_apart() -> None:
    generator = np.random.default_rng(8)
    days = generator.normal(0.0, 3.0, size=(400, 1))
    result = nested_anova(list(days + generator.normal(0.0, 1.0, size=(400, 5))))
    five_sigma = 5.0 / math.sqrt(2.0 * 399)
    assert result.between_deviation == pytest.approx(3.0, rel=1.1 * five_sigma)
    assert result.within_deviation == pytest.approx(1.0, rel=5.0 / math.sqrt(2.0 * 1600))
    assert result.p_value < 1e-12


def test_means_closer_than_the_scatter_allows_leave_no_effect_of_days() -> None:
    result = nested_anova([[0.0, 2.0], [2.0, 0.0], [0.0, 2.0]])
    assert (result.f, result.between_deviation, result.p_value) == (0.0, 0.0, 1.0)


def test_f_of_tables_and_its_tail_fit() -> None:
    result = nested_anova([[1.0, 2.0, 3.0], [2.0, 6.0, 7.0]])
    assert result.critical_f(0.95) == pytest.approx(7.709, abs=5e-4)  # F table, 1 and 4
    assert result.critical_f(1.0 - result.p_value) == pytest.approx(result.f, rel=1e-9)
    with pytest.raises(InputError, match="no probability"):
        result.critical_f(1.0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([[1.0, 2.0], [1.0, 2.0, 3.0]], "unequal"),
        ([[1.0, 2.0]], "two or more groups"),
        ([[1.0], [2.0]], "cannot tell days from readings"),
        ([[1.0, 1.0], [2.0, 2.0]], "do not scatter"),
        ([[1.0, math.nan], [2.0, 3.0]], "no such number"),
    ],
)
def test_what_cannot_be_analysed(groups: list[list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        nested_anova(groups)


def test_summaries_that_are_none() -> None:
    with pytest.raises(InputError, match="2 means and 1 standard"):
        nested_anova_of_summaries([1.0, 2.0], [0.1], per_group=3)
    with pytest.raises(InputError, match="no such number"):
        nested_anova_of_summaries([1.0, 2.0], [0.1, -0.1], per_group=3)
    with pytest.raises(InputError, match="cannot tell"):
        nested_anova_of_summaries([1.0, 2.0], [0.1, 0.1], per_group=1)
