"""An uncertainty that cannot be squared is refused; one that cancels is zero."""

from __future__ import annotations

import math

import pytest
from builders import NetworkBuilder

from qtrace.errors import InputError
from qtrace.uncertainty.network import standard_uncertainty, tree_uncertainty
from qtrace.uncertainty.number_range import SMALLEST_VARIANCE, refuse_beyond_doubles


def u_of(x: float, u: float, text: str = "a") -> float:
    builder = NetworkBuilder()
    step = builder.expression(text, a=builder.leaf("a", x, u))
    return standard_uncertainty(builder.build(), step.result_id)


@pytest.mark.parametrize(
    ("u", "word"), [(1e-170, "small"), (5e-324, "small"), (1e160, "large"), (1e290, "large")]
)
def test_what_a_double_does_not_hold_squared_is_refused(u: float, word: str) -> None:
    with pytest.raises(InputError, match=f"too {word} to be squared"):
        u_of(1.0, u)


@pytest.mark.parametrize("u", [1e-144, 1e-100, 1.0, 1e150])
def test_what_it_holds_is_kept(u: float) -> None:
    assert u_of(1.0, u) == pytest.approx(u, rel=1e-12)


def test_a_known_zero_stays_zero() -> None:
    assert u_of(1.0, 0.0) == 0.0
    assert u_of(1.0, 0.1, "a - a") == 0.0


def test_a_small_part_beside_a_large_one_is_no_reason_to_refuse() -> None:
    builder = NetworkBuilder()
    step = builder.linear({builder.leaf("a", 1.0, 1e-200): 1.0, builder.leaf("b", 1.0, 0.1): 1.0})
    assert standard_uncertainty(builder.build(), step.result_id) == pytest.approx(0.1, rel=1e-12)
    assert tree_uncertainty(builder.build(), step.result_id) == pytest.approx(0.1, rel=1e-12)


def test_a_variance_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError):
        refuse_beyond_doubles(math.nan, [1.0])
    refuse_beyond_doubles(SMALLEST_VARIANCE / 2.0, [0.0])
