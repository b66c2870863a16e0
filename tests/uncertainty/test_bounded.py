"""The interval within physical bounds, against integration and the non-negative statement."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from qtrace.errors import InputError
from qtrace.uncertainty.bounded import bounded_interval
from qtrace.uncertainty.detection_limits import non_negative_statement

CLOSE = 1e-9


def test_one_bound_at_zero_is_the_interval_of_iso_11929() -> None:
    for y in (-2.0, -0.3, 0.0, 0.7, 3.0):
        found = bounded_interval(y, 1.0, lower=0.0, upper=None)
        known = non_negative_statement(y, 1.0)
        assert found is not None
        assert (found.low, found.high) == (
            pytest.approx(known.low, rel=1e-7),
            pytest.approx(known.high, rel=CLOSE),
        )


def test_an_upper_bound_is_the_mirror_of_a_lower_one() -> None:
    above = bounded_interval(0.99, 0.02, lower=None, upper=1.0)
    below = bounded_interval(0.01, 0.02, lower=0.0, upper=None)
    assert above is not None
    assert below is not None
    assert (1.0 - above.high, 1.0 - above.low) == (
        pytest.approx(below.low, abs=1e-12),
        pytest.approx(below.high, rel=1e-9),
    )


@given(st.floats(-0.2, 1.2), st.floats(0.05, 1.0), st.floats(3.0, 100.0), st.floats(0.5, 0.99))
def test_two_bounds_hold_p_of_the_cut_t(y: float, u: float, nu: float, p: float) -> None:
    found = bounded_interval(
        y, u, lower=0.0, upper=1.0, coverage_probability=p, degrees_of_freedom=nu
    )
    assert found is not None
    assert 0.0 <= found.low < found.high <= 1.0
    cut = student(nu, y, u)
    inside = cut.cdf(1.0) - cut.cdf(0.0)
    assert found.inside == pytest.approx(inside, rel=1e-6)
    assert (cut.cdf(found.high) - cut.cdf(found.low)) / inside == pytest.approx(p, abs=1e-6)
    assert (cut.cdf(found.low) - cut.cdf(0.0)) / inside == pytest.approx((1 - p) / 2, abs=1e-6)


def test_far_inside_its_bounds_nothing_changes() -> None:
    found = bounded_interval(0.5, 0.01, lower=0.0, upper=1.0)
    assert found is not None
    k = norm.ppf(0.975)
    assert (found.low, found.high) == (pytest.approx(0.5 - k * 0.01), pytest.approx(0.5 + k * 0.01))


def test_a_contradiction_has_no_bounded_interval() -> None:
    assert bounded_interval(1.1, 0.01, lower=0.0, upper=1.0) is None
    for wrong in ({"u": 0.0}, {"u": math.inf}, {"p": 1.0}, {"upper": -1.0}, {"nu": 0.0}):
        with pytest.raises(InputError):
            bounded_interval(
                0.5,
                wrong.get("u", 0.1),
                lower=0.0,
                upper=wrong.get("upper", 1.0),
                coverage_probability=wrong.get("p", 0.95),
                degrees_of_freedom=wrong.get("nu", math.inf),
            )
