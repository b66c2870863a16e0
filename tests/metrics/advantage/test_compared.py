"""Figure less baseline from the chain: what both share cancels, what they do not stays."""

from __future__ import annotations

import math

import pytest
from builders import NetworkBuilder

from qtrace.metrics.advantage.compared import difference_from_chain, safe_degrees_of_freedom

EXACT = 1e-12


def test_a_shared_calibration_cancels_and_the_readings_stay() -> None:
    made = NetworkBuilder()
    meter = made.linear({made.leaf("meter", 1.0, 0.5): 1.0})
    one = made.linear({meter: 1.0, made.leaf("one", 9.0, 0.03): 1.0})
    other = made.linear({meter: 1.0, made.leaf("other", 9.2, 0.04): 1.0})
    found = difference_from_chain(made.build(), one.result_id, other.result_id)
    assert found.value == pytest.approx(-0.2)
    assert found.standard_uncertainty == pytest.approx(0.05, rel=EXACT)
    assert found.unshared == pytest.approx(math.hypot(math.hypot(0.5, 0.03), math.hypot(0.5, 0.04)))
    assert math.isinf(found.degrees_of_freedom)


def test_what_is_shared_with_another_weight_does_not_cancel_wholly() -> None:
    made = NetworkBuilder()
    scale = made.leaf("scale", 1.0, 0.01)
    one, other = made.linear({scale: 5.0}), made.linear({scale: 3.0})
    found = difference_from_chain(made.build(), one.result_id, other.result_id)
    assert found.standard_uncertainty == pytest.approx(0.02, rel=EXACT)


def test_the_degrees_of_freedom_are_those_of_what_remains() -> None:
    made = NetworkBuilder()
    meter = made.linear({made.leaf("meter", 1.0, 0.5, dof=2.0): 1.0})
    one = made.linear({meter: 1.0, made.leaf("one", 9.0, 0.04, dof=9.0): 1.0})
    other = made.linear({meter: 1.0, made.leaf("other", 9.2, 0.04): 1.0})
    found = difference_from_chain(made.build(), one.result_id, other.result_id)
    assert found.degrees_of_freedom == pytest.approx(36.0, rel=1e-9)  # 9 (2 u^2)^2 / u^4


def test_a_result_less_itself_has_nothing_left() -> None:
    made = NetworkBuilder()
    one = made.linear({made.leaf("one", 9.0, 0.04, dof=4.0): 1.0})
    found = difference_from_chain(made.build(), one.result_id, one.result_id)
    assert (found.value, found.standard_uncertainty) == (0.0, 0.0)


def test_where_no_formula_holds_the_least_degrees_of_freedom_are_taken() -> None:
    made = NetworkBuilder()
    leaves = [made.leaf("a", 1.0, 0.1, dof=7.0), made.leaf("b", 1.0, 0.1, dof=3.0)]
    made.correlate(leaves, [[1.0, 0.4], [0.4, 1.0]])
    total = made.linear({leaves[0]: 1.0, leaves[1]: 1.0, made.leaf("c", 1.0, 0.2): 1.0})
    assert safe_degrees_of_freedom(made.build(), total.result_id) == 3.0
