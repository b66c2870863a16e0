"""Degrees of freedom and coverage factors, and the cases where no formula holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import (
    EffectiveDegrees,
    coverage_factor,
    effective_degrees_of_freedom,
    expand,
    variance_components,
)
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import Network, standard_uncertainty

TABLE_G2 = 5e-3  # GUM Table G.2 prints two decimals


def sum_of(network: NetworkBuilder, leaves: list[Leaf]) -> tuple[Network, int]:
    """Return the network with the sum of the leaves as its result."""
    result = network.linear(dict.fromkeys(leaves, 1.0)).result_id
    return network.build(), result


def degrees(network: NetworkBuilder, leaves: list[Leaf]) -> EffectiveDegrees:
    """Return the effective degrees of freedom of the sum of the leaves."""
    return effective_degrees_of_freedom(*sum_of(network, leaves))


def test_one_sample_and_one_certificate() -> None:
    """A type A part of 0.57 with nine degrees of freedom beside 0.25 with infinitely many."""
    network = NetworkBuilder()
    leaves = [network.leaf("s", 0.0, 0.57, dof=9), network.leaf("c", 0.0, 0.25)]
    assert degrees(network, leaves).value == pytest.approx(12.795649034137075)


def test_the_formula_is_applied_to_leaves_and_not_to_correlated_results() -> None:
    """One sample that reaches the result on two paths has its own dof, not twice of it."""
    network = NetworkBuilder()
    sample = network.leaf("s", 1.0, 0.1, dof=4)
    one, other = network.linear({sample: 1.0}), network.linear({sample: 2.0})
    total = network.linear({one: 1.0, other: 1.0}).result_id
    assert effective_degrees_of_freedom(network.build(), total).value == pytest.approx(4.0)


def test_an_ensemble_has_the_degrees_of_freedom_of_its_sample() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(n, 1.0, u, dof=4) for n, u in (("V", 0.3), ("I", 0.1), ("phi", 0.2))]
    matrix = [[1.0, -0.36, 0.86], [-0.36, 1.0, -0.65], [0.86, -0.65, 1.0]]
    network.correlate(leaves, matrix, kind=BlockKind.ENSEMBLE, dof=4.0)
    assert degrees(network, leaves).value == pytest.approx(4.0)


def test_an_ensemble_is_not_cut_where_a_coefficient_happens_to_be_zero() -> None:
    """Cut apart, two means of one sample of five would claim eight degrees of freedom."""
    network = NetworkBuilder()
    leaves = [network.leaf("x", 0.0, 1.0, dof=4), network.leaf("y", 0.0, 1.0, dof=4)]
    network.correlate(leaves, np.eye(2), kind=BlockKind.ENSEMBLE, dof=4.0)
    final, result = sum_of(network, leaves)
    assert len(variance_components(final, result)) == 1
    assert effective_degrees_of_freedom(final, result).value == pytest.approx(4.0)


def test_an_input_listed_in_a_matrix_but_correlated_with_nothing_keeps_its_own_degrees() -> None:
    """The meter factor of a published 6 x 6 matrix: zeros beside it, one degree of freedom."""
    network = NetworkBuilder()
    leaves = [network.leaf("a1", 0.0, 2.0), network.leaf("a2", 0.0, 1.0)]
    meter = network.leaf("meter", 0.0, 1.0, dof=1)
    network.correlate([*leaves, meter], [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    final, result = sum_of(network, [*leaves, meter])
    assert [c.input_ids for c in variance_components(final, result)] == [(1, 2), (3,)]
    # u^2 = (4 + 1 + 2 * 0.5 * 2) + 1 = 8, of which 1 has one degree of freedom.
    assert effective_degrees_of_freedom(final, result).value == pytest.approx(64.0)


def test_correlated_inputs_with_finite_degrees_that_are_no_sample_are_refused() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf("x", 0.0, 1.0, dof=5), network.leaf("y", 0.0, 1.0, dof=7)]
    network.correlate(leaves, [[1.0, 0.3], [0.3, 1.0]])
    final, result = sum_of(network, leaves)

    refused = effective_degrees_of_freedom(final, result)
    assert refused.value is None
    assert "x, y" in refused.reason
    assert "without being one sample" in refused.reason
    assert expand(final, result, standard_uncertainty(final, result)) is None


def test_one_finite_member_of_a_correlated_part_is_enough_to_refuse() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf("x", 0.0, 1.0), network.leaf("y", 0.0, 1.0, dof=7)]
    network.correlate(leaves, [[1.0, 0.3], [0.3, 1.0]])
    assert degrees(network, leaves).value is None


def test_correlated_inputs_of_which_one_does_not_reach_the_result_are_fine() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf("x", 0.0, 1.0, dof=5), network.leaf("y", 0.0, 1.0, dof=7)]
    network.correlate(leaves, [[1.0, 0.3], [0.3, 1.0]])
    assert degrees(network, leaves[:1]).value == pytest.approx(5.0)


def test_correlated_inputs_with_infinite_degrees_have_infinite_degrees() -> None:
    network = NetworkBuilder()
    leaves = [network.leaf("x", 0.0, 1.0), network.leaf("y", 0.0, 1.0)]
    network.correlate(leaves, [[1.0, 0.3], [0.3, 1.0]])
    assert degrees(network, leaves).value == math.inf


def test_an_exact_result_has_infinite_degrees_and_no_expanded_uncertainty() -> None:
    network = NetworkBuilder()
    final, result = sum_of(network, [network.leaf("x", 1.0, 0.0)])
    assert effective_degrees_of_freedom(final, result).value == math.inf
    expanded = expand(final, result, 0.0)
    assert expanded is not None
    assert expanded.expanded_uncertainty == 0.0


def test_a_sample_of_one_is_named_and_not_divided_by() -> None:
    network = NetworkBuilder()
    refused = degrees(network, [network.leaf("lonely", 0.0, 1.0, dof=0.0)])
    assert refused.value is None
    assert "lonely has 0 degrees of freedom" in refused.reason


def unstated(network: NetworkBuilder, *dofs: float) -> list[Leaf]:
    """Add points of u = 1, 2, 3 ... of one certificate without stated correlation."""
    leaves = [network.leaf(f"p{k}", 0.0, k + 1.0, dof=nu) for k, nu in enumerate(dofs)]
    network.correlate(leaves, np.eye(len(dofs)), kind=BlockKind.UNKNOWN)
    return leaves


def test_points_of_unstated_correlation_are_one_component_at_the_bound() -> None:
    network = NetworkBuilder()
    leaves = [*unstated(network, math.inf, math.inf), network.leaf("s", 0.0, 4.0, dof=8)]
    final, result = sum_of(network, leaves)
    found = {c.input_ids: c for c in variance_components(final, result)}
    assert found[(1, 2)].variance == pytest.approx(9.0)
    assert found[(1, 2)].degrees_of_freedom == math.inf
    u = standard_uncertainty(final, result)
    assert sum(c.variance for c in found.values()) == pytest.approx(u**2)
    # (9 + 16)^2 / (16^2 / 8): with independent points it would be 21^2 / 32 = 13.8.
    assert effective_degrees_of_freedom(final, result).value == pytest.approx(625.0 / 32.0)


def test_points_of_unstated_correlation_with_finite_degrees_have_no_formula() -> None:
    network = NetworkBuilder()
    final, result = sum_of(network, unstated(network, math.inf, 7.0))
    refused = effective_degrees_of_freedom(final, result)
    assert refused.value is None
    assert "(p0, p1) correlate in a way that is not stated" in refused.reason
    assert expand(final, result, standard_uncertainty(final, result)) is None


def test_a_point_whose_companions_add_nothing_keeps_its_own_degrees() -> None:
    network = NetworkBuilder()
    one, other, absent = unstated(network, 7.0, 5.0, 3.0)
    exact = network.linear({one: 1.0, other: 0.0}).result_id
    final = network.build()
    assert effective_degrees_of_freedom(final, exact).value == pytest.approx(7.0)
    nothing = network.linear({absent: 0.0}).result_id
    assert variance_components(network.build(), nothing) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-5, 5).filter(lambda c: abs(c) > 1e-3), st.integers(0, 2)),
        min_size=1,
        max_size=6,
    )
)
def test_components_add_up_to_the_variance_that_is_stated(
    points: list[tuple[float, int]],
) -> None:
    """Law: whatever kind of block each input is in, the parts make the whole."""
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, 1.0 + k) for k in range(len(points))]
    for kind, group in ((BlockKind.UNKNOWN, 1), (BlockKind.ENSEMBLE, 2)):
        members = [leaf for leaf, (_, g) in zip(leaves, points, strict=True) if g == group]
        if members:
            network.correlate(members, np.eye(len(members)), kind=kind, dof=9.0)
    result = network.linear(
        {leaf: c for leaf, (c, _) in zip(leaves, points, strict=True)}
    ).result_id
    final = network.build()
    total = math.fsum(c.variance for c in variance_components(final, result))
    assert math.sqrt(total) == pytest.approx(standard_uncertainty(final, result), rel=1e-12)


@pytest.mark.parametrize("size", [1e-120, 1.0, 1e120])
def test_the_size_of_the_unit_does_not_matter(size: float) -> None:
    """Squares of variances leave the range of a double long before the variances do."""
    network = NetworkBuilder()
    leaves = [network.leaf("s", 0.0, 0.57 * size, dof=9), network.leaf("c", 0.0, 0.25 * size)]
    assert degrees(network, leaves).value == pytest.approx(12.795649034137075)


@pytest.mark.parametrize(
    ("probability", "nu", "k"),
    [
        (0.95, 1, 12.71),
        (0.95, 4, 2.78),
        (0.95, 10, 2.23),
        (0.9545, 10, 2.28),
        (0.9545, 50, 2.05),
        (0.99, 16, 2.92),
        (0.9973, 5, 5.51),
        (0.95, math.inf, 1.96),
        (0.9545, math.inf, 2.00),
    ],
)
def test_coverage_factors_are_those_of_the_published_table(
    probability: float, nu: float, k: float
) -> None:
    assert coverage_factor(probability, nu) == pytest.approx(k, abs=TABLE_G2)


def test_degrees_of_freedom_are_truncated_and_not_rounded() -> None:
    assert coverage_factor(0.95, 21.99) == coverage_factor(0.95, 21.0)
    assert coverage_factor(0.95, 22.0) < coverage_factor(0.95, 21.99)


@given(st.integers(1, 400), st.floats(1e-9, 1e9))
def test_a_single_sample_never_loses_a_degree_to_rounding(nu: int, u: float) -> None:
    network = NetworkBuilder()
    final, result = sum_of(network, [network.leaf("s", 0.0, u, dof=nu)])
    expanded = expand(final, result, u)
    assert expanded is not None
    assert expanded.coverage_factor == coverage_factor(0.95, float(nu))


@given(st.lists(st.tuples(st.floats(0.01, 100.0), st.integers(1, 60)), min_size=1, max_size=6))
def test_effective_degrees_lie_between_the_smallest_and_the_sum(
    parts: list[tuple[float, int]],
) -> None:
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, u, dof=nu) for k, (u, nu) in enumerate(parts)]
    value = degrees(network, leaves).value
    assert value is not None
    smallest, total = min(nu for _, nu in parts), sum(nu for _, nu in parts)
    assert smallest * (1 - 1e-9) <= value <= total * (1 + 1e-9)


@pytest.mark.parametrize("nu", [1e9, 1e13, 1e300])
def test_very_many_degrees_of_freedom_are_normal(nu: float) -> None:
    assert coverage_factor(0.95, nu) == pytest.approx(1.959963984540054, rel=1e-8)


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 95.0, math.nan])
def test_a_probability_that_is_none_is_refused(probability: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        coverage_factor(probability, 10.0)


@pytest.mark.parametrize("nu", [0.99, 0.0, -3.0, math.nan])
def test_less_than_one_degree_of_freedom_has_no_factor(nu: float) -> None:
    with pytest.raises(InputError, match="Monte Carlo"):
        coverage_factor(0.95, nu)


def test_expand_says_everything_that_was_needed() -> None:
    network = NetworkBuilder()
    final, result = sum_of(network, [network.leaf("s", 0.0, 2.0, dof=10)])
    expanded = expand(final, result, 2.0, coverage_probability=0.9545)
    assert expanded is not None
    assert expanded.expanded_uncertainty == pytest.approx(2.0 * 2.28, abs=2 * TABLE_G2)
    assert expanded.coverage_probability == 0.9545
    assert expanded.degrees_of_freedom == pytest.approx(10.0)
    assert expanded.method == "Welch-Satterthwaite"


def test_expand_hands_over_to_draws_below_one_degree() -> None:
    network = NetworkBuilder()
    final, result = sum_of(network, [network.leaf("s", 0.0, 2.0, dof=0.5)])
    assert expand(final, result, 2.0) is None
