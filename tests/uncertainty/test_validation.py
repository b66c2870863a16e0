"""Clause 8 of JCGM 101: the linear interval stands or falls by its ends, never by its u."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.adaptive import adaptive_figure, fixed_figure
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawPlan
from qtrace.uncertainty.inputs import BlockKind, Distribution
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.validation import (
    Validation,
    Verdict,
    compare_intervals,
    validate_result,
)

ONE = 1


def verdict_on(network: Network, *, digits: int = 2, n: int = 200_000) -> Validation:
    """Draw the only result of a network and compare."""
    figure = fixed_figure(network, ONE, n=n, plan=DrawPlan(), seed=4, functions={})
    return validate_result(network, ONE, figure, digits=digits)


def test_an_end_exactly_at_the_tolerance_is_validated() -> None:
    """8.1: the differences must be no larger than delta."""
    at = compare_intervals((0.0, 10.0), (0.25, 9.75), tolerance=0.25)
    assert at.verdict is Verdict.VALIDATED
    assert (at.d_low, at.d_high) == (0.25, 0.25)
    for drawn in ((0.26, 10.0), (-0.26, 10.0), (0.0, 10.26), (0.0, 9.74)):
        assert compare_intervals((0.0, 10.0), drawn, tolerance=0.25).verdict is (
            Verdict.NOT_VALIDATED
        )


@pytest.mark.parametrize(
    ("low", "s", "verdict", "settled"),
    [
        (0.10, 0.05, Verdict.VALIDATED, True),
        (0.20, 0.05, Verdict.VALIDATED, False),  # 0.20 + 2 s > 0.25
        (0.30, 0.05, Verdict.NOT_VALIDATED, False),  # 0.30 - 2 s < 0.25
        (0.40, 0.05, Verdict.NOT_VALIDATED, True),
    ],
)
def test_a_verdict_that_the_draws_could_turn_is_not_settled(
    low: float, s: float, *, verdict: Verdict, settled: bool
) -> None:
    found = compare_intervals((0.0, 10.0), (low, 10.0), tolerance=0.25, end_errors=(s, s))
    assert (found.verdict, found.settled) == (verdict, settled)


def test_one_clear_end_settles_a_refusal() -> None:
    found = compare_intervals((0.0, 10.0), (0.3, 12.0), tolerance=0.25, end_errors=(0.2, 0.2))
    assert found.verdict is Verdict.NOT_VALIDATED
    assert found.settled


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.floats(-0.3, 0.3),
    st.floats(-0.3, 0.3),
    st.floats(1e-6, 1e6),
)
def test_the_verdict_does_not_depend_on_the_unit(
    y: float, half: float, low: float, high: float, factor: float
) -> None:
    gum = (y - half, y + half)
    drawn = (gum[0] + low * half, gum[1] + high * half)
    one = compare_intervals(gum, drawn, tolerance=0.1 * half)
    if max(one.d_low or 0.0, one.d_high or 0.0) == pytest.approx(0.1 * half, rel=1e-3, abs=1e-8):
        return  # at the border rounding decides
    scaled = compare_intervals(
        (gum[0] * factor, gum[1] * factor),
        (drawn[0] * factor, drawn[1] * factor),
        tolerance=0.1 * half * factor,
    )
    assert scaled.verdict is one.verdict


def test_an_interval_upside_down_is_refused() -> None:
    with pytest.raises(InputError, match="is no interval"):
        compare_intervals((1.0, 0.0), (0.0, 1.0), tolerance=0.1)
    with pytest.raises(InputError, match="is no interval"):
        compare_intervals((0.0, 1.0), (math.nan, 1.0), tolerance=0.1)


def test_a_linear_normal_chain_is_validated() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 1.0, 1.0) for k in range(4)]
    network.linear(dict.fromkeys(leaves, 1.0))
    found = verdict_on(network.build())
    assert found.verdict is Verdict.VALIDATED
    assert found.settled
    assert found.tolerance == 0.05
    assert found.gum == pytest.approx((4.0 - 3.919928, 4.0 + 3.919928), abs=1e-6)


def test_equal_u_with_other_tails_is_not_validated() -> None:
    """One rectangular input: u is the same, the interval +-1.645 u and not +-1.96 u."""
    network = NetworkBuilder()
    network.linear({network.leaf("x", 0.0, 2.0, distribution=Distribution.RECTANGULAR): 1.0})
    found = verdict_on(network.build())
    assert found.verdict is Verdict.NOT_VALIDATED
    assert found.settled
    assert found.drawn[1] == pytest.approx(0.95 * 2.0 * math.sqrt(3.0), abs=0.02)
    assert found.d_high == pytest.approx(3.919928 - 0.95 * 2.0 * math.sqrt(3.0), abs=0.02)


def test_a_sensitivity_of_zero_at_the_estimate_is_found_out() -> None:
    """cos^2 of 0 +- 2 deg: linear u = 0, the truth is -0.12 % and 0.17 %."""
    network = NetworkBuilder()
    network.expression("cos(a)^2", a=network.leaf("a", 0.0, math.radians(2.0)))
    figure = adaptive_figure(
        network.build(),
        ONE,
        plan=DrawPlan(kind=IntervalKind.SHORTEST, digits=1),
        seed=1,
        functions={},
    )
    found = validate_result(network.build(), ONE, figure, digits=1)
    assert found.gum == (1.0, 1.0)
    assert found.verdict is Verdict.NOT_VALIDATED
    assert found.settled
    assert figure.mean == pytest.approx(1.0 - 0.0012, abs=2e-5)
    assert figure.standard_uncertainty == pytest.approx(0.0017, abs=5e-5)
    assert found.tolerance == 0.0005  # of the drawn u: the linear one has no digits


def test_few_degrees_of_freedom_are_not_hidden_by_welch_and_satterthwaite() -> None:
    """nu = 1 at a seventh of the variance: nu_eff is large, the tails of the t stay."""
    network = NetworkBuilder()
    few, many = network.leaf("few", 0.0, 0.4, dof=1.0), network.leaf("many", 0.0, 1.0)
    network.linear({few: 1.0, many: 1.0})
    found = verdict_on(network.build())
    assert found.verdict is Verdict.NOT_VALIDATED
    assert found.settled
    assert found.gum is not None
    assert found.drawn[1] > 1.3 * found.gum[1]


def test_where_the_gum_gives_no_interval_nothing_is_validated() -> None:
    network = NetworkBuilder()
    a, b = network.leaf("a", 0.0, 1.0, dof=5.0), network.leaf("b", 0.0, 1.0, dof=5.0)
    network.correlate([a, b], np.array([[1.0, 0.5], [0.5, 1.0]]), kind=BlockKind.DECLARED)
    network.linear({a: 1.0, b: 1.0})
    found = verdict_on(network.build(), n=20_000)
    assert found.verdict is Verdict.NOT_VALIDATED
    assert found.gum is None
    assert found.d_low is None
    assert "declared correlated" in found.reason
