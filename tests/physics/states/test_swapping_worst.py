"""The least fidelity of a chain against a search over Bell-diagonal pairs; two links by hand."""

from __future__ import annotations

import math
from itertools import chain, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.states.swapping import swap_bell_diagonal, swap_werner
from qtrace.physics.states.swapping_worst import SEARCHED_LINKS, least_swapped_fidelity

ROUNDING = 1e-12
INNER = 40  # draws of mixed errors beside all pure ones


def end(pairs: np.ndarray) -> float:
    done = pairs[0]
    for one in pairs[1:]:
        done = swap_bell_diagonal(done, one)
    return float(done[0])


def searched(fidelities: list[float], seed: int) -> float:
    """Return the least of all pure errors and of many mixed ones.

    A descent link by link gets stuck: with two pairs of fidelity 0 no single change helps.
    """
    rng = np.random.default_rng(seed)
    pure = (np.eye(3)[list(one)] for one in product(range(3), repeat=len(fidelities)))
    mixed = (rng.dirichlet(np.ones(3), len(fidelities)) for _ in range(INNER))
    wrong = (1.0 - np.array(fidelities))[:, None]
    return min(end(np.column_stack([fidelities, wrong * one])) for one in chain(pure, mixed))


def test_two_links_leave_the_product() -> None:
    assert least_swapped_fidelity([0.7, 0.7]) == pytest.approx(0.49, rel=ROUNDING)
    assert least_swapped_fidelity([0.96, 0.91]) == pytest.approx(0.96 * 0.91, rel=ROUNDING)
    assert least_swapped_fidelity([0.3]) == pytest.approx(0.3, rel=ROUNDING)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4), st.integers(0, 1000))
def test_no_pairs_found_leave_less_and_some_leave_as_little(
    fidelities: list[float], seed: int
) -> None:
    assert searched(fidelities, seed) == pytest.approx(least_swapped_fidelity(fidelities), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5))
def test_it_lies_between_the_product_and_werner(fidelities: list[float]) -> None:
    found = least_swapped_fidelity(fidelities)
    assert math.prod(fidelities) - ROUNDING <= found
    assert found <= float(swap_werner(fidelities)) + ROUNDING


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=4), st.integers(0, 3))
def test_no_slope_is_above_one(fidelities: list[float], which: int) -> None:
    moved = list(fidelities)
    moved[which % len(moved)] += 0.01
    change = least_swapped_fidelity(moved) - least_swapped_fidelity(fidelities)
    assert abs(change) <= 0.01 + ROUNDING


def test_many_links_have_the_product_and_none_are_refused() -> None:
    many = [0.99] * (SEARCHED_LINKS + 1)
    assert least_swapped_fidelity(many) == pytest.approx(math.prod(many))
    for wrong in ([], [1.1], [math.nan]):
        with pytest.raises(InputError, match="none of links"):
            least_swapped_fidelity(wrong)
