"""Expected counts become whole ones that still add up, and near sums are told from wrong ones."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.metrics.whole_counts import adds_up, whole_counts


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=45), st.integers(1, 10**9))
@settings(max_examples=40, derandomize=True)
def test_parts_of_a_whole_add_up_to_it_and_none_moves_by_one_or_more(
    parts: list[float], trials: int
) -> None:
    whole = math.fsum(parts)
    if whole <= 0.0:
        return
    expected = {str(k): trials * part / whole for k, part in enumerate(parts)}
    found = whole_counts(expected, float(trials))
    assert sum(found.values()) == trials
    assert all(abs(found[name] - value) < 1.0 + 1e-6 for name, value in expected.items())


def test_the_largest_parts_cut_off_get_what_is_left() -> None:
    # Twelve of 1.45 are 17.4; with 0.6 they are 18, which rounding alone leaves at 13.
    expected = {f"cell_{k}": 1.45 for k in range(12)} | {"last": 0.6}
    found = whole_counts(expected, 18.0)
    assert found["last"] == 1
    assert sorted(found.values()) == [1] * 8 + [2] * 5
    assert found["cell_0"] == 2  # ties in the order of the cells


def test_cells_that_are_only_some_of_the_uses_are_rounded_each_by_itself() -> None:
    assert whole_counts({"z": 10.5001, "x": 10.5001}, 1e6) == {"z": 11, "x": 11}


def test_rounding_is_told_from_a_missing_count() -> None:
    assert adds_up(1000000.0000000002, 1e6)
    assert adds_up(math.fsum([1e15 / 45] * 45), 1e15)
    assert not adds_up(999_999.0, 1e6)
    assert not adds_up(9_007_199_254_740_991.0, 9_007_199_254_740_992.0)
    assert not adds_up(0.9, 1.0)
