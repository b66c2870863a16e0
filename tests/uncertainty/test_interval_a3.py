"""Method A3: one decision from counts, its bounds, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.interval_a3 import A3_VERSION, A3Limits, A3Result, assess_interval


def assess(x: int, n: int, **more: float) -> A3Result:
    return assess_interval(x, n, **{"present_days": 365.0, "target": 0.9} | more)  # type: ignore[arg-type]


@given(st.integers(1, 60), st.data())
def test_the_interval_never_leaves_its_bounds_and_moves_the_right_way(
    n: int, data: st.DataObject
) -> None:
    x = data.draw(st.integers(0, n))
    target = data.draw(st.floats(0.5, 0.99))
    found = assess(x, n, target=target, confidence=0.5)
    assert 365.0 / 2.0 - 1e-9 <= found.calculated_days <= 365.0 * 2.0 + 1e-9
    assert 14.0 <= found.proposed_days <= 1826.0
    if x / n > target:
        assert found.proposed_days >= 365.0
    if x / n < target:
        assert found.proposed_days <= 365.0
    assert 0.0 <= found.reliability[0] <= found.reliability[1] <= 1.0
    assert 0.0 <= found.rejection_confidence <= 1.0
    assert found.changed == (found.proposed_days != 365.0)
    assert found.version == A3_VERSION


def test_more_confidence_asked_for_keeps_the_interval() -> None:
    assert assess(42, 50, confidence=0.3).changed
    kept = assess(42, 50, confidence=0.8)
    assert kept.proposed_days == 365.0
    assert "may be chance" in kept.note
    assert kept.calculated_days == assess(42, 50, confidence=0.3).calculated_days


def test_limits_of_the_owner_hold() -> None:
    narrow = A3Limits(largest_factor=1.1, shortest_days=350.0, longest_days=400.0)
    shorter = assess_interval(5, 20, present_days=365.0, target=0.9, limits=narrow)
    assert shorter.calculated_days == pytest.approx(365.0 / 1.1)
    assert shorter.proposed_days == 350.0
    still = assess_interval(
        42,
        50,
        present_days=365.0,
        target=0.9,
        confidence=0.3,
        limits=A3Limits(least_change_days=40),
    )
    assert still.proposed_days == 365.0
    assert "too small" in still.note


def test_above_the_target_the_rule_lengthens_only_where_all_were_in_tolerance() -> None:
    nearly, every = assess(49, 50), assess(50, 50)
    assert nearly.proposed_days == 365.0
    assert "only where all of them" in nearly.note
    assert every.proposed_days > 365.0


def test_reliability_is_exact_and_one_sided_at_the_ends() -> None:
    """Suncal 1.7.1 takes x = 1 for x = n there: one of four would be 84 to 100 %."""
    none, one, every = (assess(x, 4, confidence=0.5) for x in (0, 1, 4))
    assert none.reliability == (0.0, pytest.approx(1.0 - 0.5**0.25))
    assert every.reliability == (pytest.approx(0.5**0.25), 1.0)
    assert one.reliability == pytest.approx((0.0693951, 0.5436783), abs=1e-7)


@pytest.mark.parametrize(
    ("x", "n", "more", "said"),
    [
        (3, 2, {}, "cannot be"),
        (-1, 2, {}, "cannot be"),
        (0, 0, {}, "cannot be"),
        (1, 2, {"target": 1.0}, "target reliability"),
        (1, 2, {"confidence": 0.0}, "confidence lies"),
        (1, 2, {"present_days": 0.0}, "none"),
        (1, 2, {"present_days": float("nan")}, "none"),
    ],
)
def test_counts_and_parts_that_cannot_be(x: int, n: int, more: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        assess(x, n, **more)


@pytest.mark.parametrize(
    "limits", [A3Limits(largest_factor=1.0), A3Limits(shortest_days=400.0, longest_days=30.0)]
)
def test_limits_that_cannot_be(limits: A3Limits) -> None:
    with pytest.raises(InputError):
        assess_interval(1, 2, present_days=365.0, target=0.9, limits=limits)
