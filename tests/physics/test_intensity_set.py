"""Boxes of intensities: extremes at corners, parts that cover the whole, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.decoy.intensity_set import (
    IntensitySet,
    poisson,
    shared_scale_boxes,
    split_boxes,
)

P = (0.6, 0.3, 0.1)
ROUNDING = 1e-12  # relative; sums of a few exponentials


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 4))
def test_no_point_of_the_box_lies_beyond_its_corners(where: list[float], photons: int) -> None:
    lows, highs = np.array([0.45, 0.1, 0.001]), np.array([0.55, 0.2, 0.01])
    pieces = IntensitySet(lows, highs, probabilities=P).pieces((-0.3, 1.1, -0.9), photons=photons)
    mu = lows + np.array(where) * (highs - lows)
    a = poisson(photons, mu)
    value = (-0.3 * a[0] + 1.1 * a[1] - 0.9 * a[2]) / (np.array(P) @ a)
    slack = ROUNDING * abs(value)
    assert pieces.least - slack <= value <= pieces.largest + slack


def test_poisson_shares_sum_to_one() -> None:
    assert sum(float(poisson(n, 0.7)) for n in range(40)) == pytest.approx(1.0, rel=ROUNDING)


@pytest.mark.parametrize(
    ("lows", "highs", "probabilities", "says"),
    [
        ((0.5, 0.1), (0.4, 0.1), (0.5, 0.5), "cannot be used"),
        ((0.5, 0.1), (1.2, 0.1), (0.5, 0.5), "cannot be used"),
        ((0.5, -0.1), (0.5, 0.1), (0.5, 0.5), "cannot be used"),
        ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), "falling order"),
        ((0.4, 0.1), (0.6, 0.45), (0.5, 0.5), "falling order"),
        ((0.5, 0.1), (0.5, 0.1), (0.5, 0.4), "sum 1"),
        ((0.5, 0.1), (0.5, 0.1), (1.0, 0.0), "sum 1"),
        ((0.5, 0.1), (0.5, 0.1, 0.0), (0.5, 0.5), "differ in number"),
        ((0.5, float("nan")), (0.5, 0.1), (0.5, 0.5), "cannot be used"),
    ],
)
def test_what_is_no_box_is_refused(lows, highs, probabilities, says) -> None:  # noqa: ANN001
    with pytest.raises(InputError, match=says):
        IntensitySet(lows, highs, probabilities=probabilities)


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_parts_of_a_box_cover_it(where: list[float]) -> None:
    lows, highs = np.array([[0.4, 0.1, 0.0]]), np.array([[0.6, 0.2, 0.0]])
    low, high = split_boxes(lows, highs)
    assert len(low) == 4  # the third has no width
    point = lows[0] + np.array(where) * (highs - lows)[0]
    assert np.any(np.all((low <= point) & (point <= high), axis=1))


@settings(max_examples=40, derandomize=True)
@given(st.floats(-1, 1), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_boxes_on_a_shared_scale_cover_their_set(common: float, own: list[float]) -> None:
    nominal = np.array([0.5, 0.1, 0.0002])
    lows, highs = shared_scale_boxes(nominal, common=0.02, own=0.003, pieces=7)
    point = nominal * (1 + 0.02 * common) * (1 + 0.003 * np.array(own))
    slack = ROUNDING * point
    assert np.any(np.all((lows - slack <= point) & (point <= highs + slack), axis=1))


def test_a_shared_scale_of_more_than_all_is_refused() -> None:
    with pytest.raises(InputError, match="outside 0 to 1"):
        shared_scale_boxes((0.5, 0.1), common=1.2, own=0.0)
