"""Conformity as pure numbers: risks of the published guard bands, laws of probability."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.conformity import (
    Zone,
    acceptance_limits,
    conformance_probability,
    joint_conformance_lower_bound,
    nonconformance_probability,
    probability_at_most,
    zone_of,
)

# Risks are compared to all digits that the tables print.
THREE_DIGITS = 5e-3
ROUNDING = 1e-12

finite = st.floats(-1e6, 1e6, allow_nan=False)
spread = st.floats(1e-3, 1e6)
degrees = st.one_of(st.just(math.inf), st.floats(1.0, 1e4))


@pytest.mark.parametrize(
    ("multiplier", "risk"),
    [
        pytest.param(3.0, 9.9e-10, id="6 sigma"),
        pytest.param(1.5, 0.00135, id="3 sigma"),
        pytest.param(1.0, 0.0228, id="ILAC-G8 w = U"),
        pytest.param(0.83, 0.0485, id="ISO 14253-1"),
        pytest.param(0.0, 0.5, id="simple acceptance"),
        pytest.param(-1.0, 0.9772, id="uncritical, at TL + U"),
    ],
)
def test_specific_risk_at_the_acceptance_limit_of_published_rules(
    multiplier: float, risk: float
) -> None:
    """ILAC-G8:09/2019 Table 1, recomputed for U = 2 u: the risk of what is just accepted."""
    u, limit = 0.5, 10.0
    _, accept = acceptance_limits(-math.inf, limit, guard_low=0.0, guard_high=multiplier * 2 * u)
    found = nonconformance_probability(-math.inf, limit, value=accept, standard_uncertainty=u)
    assert found == pytest.approx(risk, rel=THREE_DIGITS)


def test_student_t_is_used_where_degrees_of_freedom_are_few() -> None:
    """Student's t at 1 degree of freedom is Cauchy: P(T > 1) is 1/4, against 0.159 normal."""
    t_risk = nonconformance_probability(
        -math.inf, 1.0, value=0.0, standard_uncertainty=1.0, degrees_of_freedom=1.0
    )
    normal_risk = nonconformance_probability(-math.inf, 1.0, value=0.0, standard_uncertainty=1.0)
    assert t_risk == pytest.approx(0.25, rel=ROUNDING)
    assert normal_risk == pytest.approx(0.5 * math.erfc(1.0 / math.sqrt(2.0)), rel=ROUNDING)


def test_a_tiny_risk_keeps_its_digits_on_both_sides() -> None:
    """1 - p_c would be 0 in doubles at 10 u; P(Z > 10) = 7.6198530e-24."""
    expected = 0.5 * math.erfc(10.0 / math.sqrt(2.0))
    above = nonconformance_probability(-math.inf, 10.0, value=0.0, standard_uncertainty=1.0)
    below = nonconformance_probability(-10.0, math.inf, value=0.0, standard_uncertainty=1.0)
    assert above == pytest.approx(expected, rel=1e-10)
    assert below == above


def test_a_tiny_conformance_keeps_its_digits_far_outside() -> None:
    far = conformance_probability(0.0, 1.0, value=11.0, standard_uncertainty=1.0)
    mirrored = conformance_probability(-1.0, 0.0, value=-11.0, standard_uncertainty=1.0)
    expected = 0.5 * (math.erfc(10.0 / math.sqrt(2.0)) - math.erfc(11.0 / math.sqrt(2.0)))
    assert far == pytest.approx(expected, rel=1e-10)
    assert mirrored == far


def test_an_exact_value_conforms_on_its_limit_and_not_beyond() -> None:
    assert conformance_probability(0.0, 1.0, value=1.0, standard_uncertainty=0.0) == 1.0
    assert conformance_probability(0.0, 1.0, value=1.0001, standard_uncertainty=0.0) == 0.0
    assert nonconformance_probability(0.0, 1.0, value=1.0001, standard_uncertainty=0.0) == 1.0


@pytest.mark.parametrize(
    ("value", "zone"),
    [
        (8.0, Zone.ACCEPTED),
        (9.0, Zone.ACCEPTED),
        (9.5, Zone.GUARD_INSIDE),
        (10.0, Zone.GUARD_INSIDE),
        (10.5, Zone.GUARD_OUTSIDE),
        (11.0, Zone.GUARD_OUTSIDE),
        (11.1, Zone.REJECTED),
        (0.0, Zone.GUARD_INSIDE),
        (-2.0, Zone.GUARD_OUTSIDE),
        (-2.1, Zone.REJECTED),
    ],
)
def test_zones_around_two_limits_with_unequal_guard_bands(value: float, zone: Zone) -> None:
    assert zone_of(value, 0.0, 10.0, guard_low=2.0, guard_high=1.0) is zone


def test_without_a_guard_band_there_are_two_zones() -> None:
    zones = [zone_of(v, -math.inf, 1.0, guard_low=0.0, guard_high=0.0) for v in (1.0, 1.0000001)]
    assert zones == [Zone.ACCEPTED, Zone.REJECTED]


def test_nothing_is_accepted_where_the_uncertainty_exceeds_the_tolerance() -> None:
    low, high = acceptance_limits(0.0, 1.0, guard_low=0.6, guard_high=0.6)
    assert low > high
    assert zone_of(0.5, 0.0, 1.0, guard_low=0.6, guard_high=0.6) is Zone.GUARD_INSIDE


@given(value=finite, u=spread, low=finite, width=st.floats(0.0, 1e6), dof=degrees)
def test_the_two_risks_add_up_to_one(
    value: float, u: float, low: float, width: float, dof: float
) -> None:
    inside = conformance_probability(
        low, low + width, value=value, standard_uncertainty=u, degrees_of_freedom=dof
    )
    outside = nonconformance_probability(
        low, low + width, value=value, standard_uncertainty=u, degrees_of_freedom=dof
    )
    assert 0.0 <= inside <= 1.0
    assert inside + outside == pytest.approx(1.0, abs=1e-9)


@given(value=finite, u=spread, limit=finite, dof=degrees)
def test_widening_the_tolerance_never_lowers_the_probability(
    value: float, u: float, limit: float, dof: float
) -> None:
    near = probability_at_most(limit, value=value, standard_uncertainty=u, degrees_of_freedom=dof)
    far = probability_at_most(
        limit + u, value=value, standard_uncertainty=u, degrees_of_freedom=dof
    )
    assert near <= far


def test_a_certainty_and_a_limit_at_infinity_have_probabilities_of_zero_and_one() -> None:
    def below(limit: float, u: float) -> float:
        return probability_at_most(limit, value=1.0, standard_uncertainty=u)

    assert [below(limit, 0.0) for limit in (0.9, 1.0, 1.1)] == [0.0, 1.0, 1.0]
    assert [below(limit, 0.5) for limit in (-math.inf, 1.0, math.inf)] == [0.0, 0.5, 1.0]


def test_the_joint_bound_holds_for_the_worst_correlation() -> None:
    """Two events of 5 % that exclude each other leave exactly 90 %."""
    assert joint_conformance_lower_bound([0.95, 0.95]) == pytest.approx(0.90, rel=ROUNDING)
    assert joint_conformance_lower_bound([0.4, 0.4]) == 0.0
    assert joint_conformance_lower_bound([]) == 1.0


@pytest.mark.parametrize(
    ("value", "u", "dof"),
    [
        pytest.param(math.nan, 1.0, math.inf, id="value is NaN"),
        pytest.param(0.0, -1.0, math.inf, id="negative u"),
        pytest.param(0.0, math.inf, math.inf, id="infinite u"),
        pytest.param(0.0, 1.0, 0.0, id="no degrees of freedom"),
    ],
)
def test_no_probability_comes_out_of_bad_numbers(value: float, u: float, dof: float) -> None:
    with pytest.raises(InputError):
        probability_at_most(1.0, value=value, standard_uncertainty=u, degrees_of_freedom=dof)


def test_reversed_limits_and_negative_guard_bands_are_refused() -> None:
    with pytest.raises(InputError, match="between the limits"):
        zone_of(0.0, 1.0, -1.0, guard_low=0.0, guard_high=0.0)
    with pytest.raises(InputError, match="not negative"):
        zone_of(0.0, -1.0, 1.0, guard_low=-0.1, guard_high=0.0)
    with pytest.raises(InputError, match="no probability"):
        joint_conformance_lower_bound([1.2])
