"""E_n with what both results share, and the independent form refused where it does not hold."""

from __future__ import annotations

import math

import pytest
from builders import NetworkBuilder
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.comparison import (
    Sharing,
    compare_results,
    normalised_error,
    shared_inputs,
)
from qtrace.uncertainty.inputs import BlockKind

K95 = 1.959963984540054
EXACT = 1e-12


def meter_pair(common: float, own: float, *, gap: float = 0.0) -> tuple[NetworkBuilder, int, int]:
    """Two devices calibrated against one meter."""
    build = NetworkBuilder()
    meter = build.leaf("meter", 1.0, common)
    one = build.leaf("first reading", 1.0 + gap, own)
    other = build.leaf("second reading", 1.0, own)
    first = build.expression("meter * reading", meter=meter, reading=one)
    second = build.expression("meter * reading", meter=meter, reading=other)
    return build, first.result_id, second.result_id


def test_without_anything_common_it_is_the_usual_form() -> None:
    build = NetworkBuilder()
    first = build.linear({build.leaf("a", 10.0, 0.3): 1.0})
    second = build.linear({build.leaf("b", 11.0, 0.4): 1.0})
    found = compare_results(build.build(), first.result_id, second.result_id)
    assert found.normalised_error == pytest.approx(-1.0 / (K95 * 0.5), rel=EXACT)
    assert found.normalised_error == pytest.approx(found.independent_error, rel=EXACT)
    assert found.sharing is Sharing.NOTHING
    assert found.independence_holds
    assert found.shared == ()
    assert not found.agree


def test_a_common_meter_cancels_from_the_difference() -> None:
    """The usual form calls a difference of 3 own u explained: the meter's u hides it."""
    build, first, second = meter_pair(0.05, 0.005, gap=0.02)
    found = compare_results(build.build(), first, second)
    u = math.hypot(0.005, 0.005)
    assert found.u_difference == pytest.approx(math.hypot(u, 0.02 * 0.05), rel=1e-3)
    assert not found.agree
    assert abs(found.independent_error) < 0.2
    assert found.sharing is Sharing.INPUTS
    assert not found.independence_holds
    assert [one.name for one in found.shared] == ["meter"]
    assert found.correlation == pytest.approx(0.05**2 / (0.05**2 + 0.005**2), rel=1e-2)


def test_the_ratio_of_both_keeps_what_they_share() -> None:
    build, first, second = meter_pair(0.05, 0.005)
    found = compare_results(build.build(), first, second)
    assert found.ratio == 1.0
    assert found.relative_u_ratio == pytest.approx(math.sqrt(2.0) * 0.005, rel=EXACT)
    assert found.independent_relative_u_ratio == pytest.approx(
        math.sqrt(2.0 * (0.05**2 + 0.005**2)), rel=EXACT
    )


def test_a_declared_correlation_is_shared_without_a_common_input() -> None:
    build = NetworkBuilder()
    a, b = build.leaf("a", 1.0, 0.1), build.leaf("b", 1.1, 0.1)
    build.correlate((a, b), [[1.0, 0.8], [0.8, 1.0]])
    first, second = build.linear({a: 1.0}), build.linear({b: 1.0})
    found = compare_results(build.build(), first.result_id, second.result_id)
    assert found.u_difference == pytest.approx(0.1 * math.sqrt(0.4), rel=EXACT)
    assert found.sharing is Sharing.INPUTS
    assert found.shared == ()


def test_a_share_that_nobody_states_is_taken_at_its_bound() -> None:
    build = NetworkBuilder()
    a, b = build.leaf("a", 1.0, 0.1), build.leaf("b", 1.1, 0.1)
    build.correlate((a, b), [[1.0, 0.0], [0.0, 1.0]], kind=BlockKind.UNKNOWN)
    first, second = build.linear({a: 1.0}), build.linear({b: 1.0})
    found = compare_results(build.build(), first.result_id, second.result_id)
    assert found.u_difference == pytest.approx(0.2, rel=EXACT)
    assert found.sharing is Sharing.UNKNOWN
    assert not found.independence_holds
    assert found.reasons
    # The same point of that certificate on both sides is nothing unknown: it cancels.
    third = build.linear({a: 1.0, build.leaf("c", 0.0, 0.01): 1.0})
    same = compare_results(build.build(), first.result_id, third.result_id)
    assert same.sharing is Sharing.INPUTS
    assert same.u_difference == pytest.approx(0.01, rel=EXACT)


def test_an_undisclosed_share_outside_the_network_is_said() -> None:
    build = NetworkBuilder()
    first = build.linear({build.leaf("a", 10.0, 0.3): 1.0})
    second = build.linear({build.leaf("b", 10.1, 0.4): 1.0})
    found = compare_results(
        build.build(), first.result_id, second.result_id, undisclosed=("both by laboratory X",)
    )
    assert found.sharing is Sharing.UNKNOWN
    assert found.reasons == ("both by laboratory X",)


def test_few_readings_widen_the_difference() -> None:
    build = NetworkBuilder()
    first = build.linear({build.leaf("a", 1.0, 0.1, dof=4.0): 1.0})
    second = build.linear({build.leaf("b", 1.0, 0.1, dof=4.0): 1.0})
    found = compare_results(build.build(), first.result_id, second.result_id)
    assert found.degrees_of_freedom == pytest.approx(8.0)
    assert found.coverage_factor == pytest.approx(2.306004, rel=1e-6)  # t, 8 degrees, 95 %
    one = compare_results(
        build.build(), first.result_id, second.result_id, coverage_probability=0.99
    )
    assert one.expanded_difference > found.expanded_difference


@given(st.floats(0.0, 1.0), st.floats(0.01, 1.0), st.floats(-2.0, 2.0))
def test_exchanging_both_changes_the_sign_only(common: float, own: float, gap: float) -> None:
    build, first, second = meter_pair(common, own, gap=gap)
    one = compare_results(build.build(), first, second)
    other = compare_results(build.build(), second, first)
    assert one.normalised_error == pytest.approx(-other.normalised_error, rel=EXACT)
    assert one.independent_error == pytest.approx(-other.independent_error, rel=EXACT)
    assert one.u_difference <= one.independent_u * (1.0 + EXACT) or gap < -1.0


def test_two_figures_from_the_same_inputs_differ_by_nothing_random() -> None:
    build = NetworkBuilder()
    a = build.leaf("a", 1.0, 0.1)
    first, second = build.linear({a: 1.0}), build.linear({a: 1.0}, value=1.5)
    found = compare_results(build.build(), first.result_id, second.result_id)
    assert found.normalised_error == -math.inf
    assert not found.agree


def test_what_cannot_be_compared_is_refused() -> None:
    build = NetworkBuilder()
    exact = build.linear({build.leaf("a", 1.0, 0.0): 1.0})
    also = build.linear({build.leaf("b", 1.0, 0.0): 1.0})
    with pytest.raises(InputError, match="with itself"):
        compare_results(build.build(), exact.result_id, exact.result_id)
    with pytest.raises(InputError, match="exact results"):
        compare_results(build.build(), exact.result_id, also.result_id)
    for difference, expanded in ((math.nan, 1.0), (1.0, 0.0), (1.0, -1.0)):
        with pytest.raises(InputError, match="no E_n"):
            normalised_error(difference, expanded)
    assert shared_inputs(build.build(), exact.result_id, also.result_id) == ()
