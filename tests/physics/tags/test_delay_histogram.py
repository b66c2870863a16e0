"""Histogram and pairs: against brute force, at the edges of bins, under shift and swap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.tags.delay_histogram import delay_histogram, pair_delays

streams = st.lists(st.integers(-60, 60), max_size=25).map(lambda x: np.array(sorted(x), np.int64))
# Far from zero: absolute times that float64 could not tell apart.
FAR = 2**61


def brute(first: np.ndarray, second: np.ndarray, low: int, high: int) -> list[int]:
    return [int(b) - int(a) for a in first for b in second if low <= int(b) - int(a) < high]


@settings(deadline=None)
@given(streams, streams, st.integers(-40, 40), st.integers(1, 12), st.integers(1, 7))
def test_every_pair_is_in_its_half_open_bin(
    first: np.ndarray, second: np.ndarray, low: int, bins: int, width: int
) -> None:
    high = low + bins * width
    expected = brute(first, second, low, high)
    counts = delay_histogram(first + FAR, second + FAR, low_ps=low, high_ps=high, bin_ps=width)
    assert counts.tolist() == [
        sum(low + k * width <= d < low + (k + 1) * width for d in expected) for k in range(bins)
    ]
    delays, index = pair_delays(first + FAR, second + FAR, low_ps=low, high_ps=high)
    assert sorted(delays.tolist()) == sorted(expected)
    assert np.all(np.diff(index) >= 0)
    for delay, at in zip(delays, index, strict=True):
        assert int(first[at]) + int(delay) in second


@settings(deadline=None)
@given(streams, streams, st.integers(-1000, 1000))
def test_shifting_the_second_stream_shifts_the_delays(
    first: np.ndarray, second: np.ndarray, shift: int
) -> None:
    plain = delay_histogram(first, second, low_ps=-20, high_ps=20, bin_ps=4)
    moved = delay_histogram(first, second + shift, low_ps=shift - 20, high_ps=shift + 20, bin_ps=4)
    assert plain.tolist() == moved.tolist()


@settings(deadline=None)
@given(streams, streams)
def test_swapping_the_streams_mirrors_the_histogram(first: np.ndarray, second: np.ndarray) -> None:
    # Delays -d..d mirror into -d..d; the half-open window [-20, 21) is its own mirror.
    plain = delay_histogram(first, second, low_ps=-20, high_ps=21, bin_ps=1)
    assert (
        plain.tolist()
        == delay_histogram(second, first, low_ps=-20, high_ps=21, bin_ps=1).tolist()[::-1]
    )


def test_edges_belong_to_the_upper_bin() -> None:
    first, second = np.array([1000]), np.array([989, 990, 999, 1000, 1009, 1010])
    assert delay_histogram(first, second, low_ps=-10, high_ps=10, bin_ps=10).tolist() == [2, 2]


@pytest.mark.parametrize("empty", [0, 1])
def test_an_empty_stream_has_no_pairs(empty: int) -> None:
    both = [np.array([1, 2, 3]), np.array([1, 2, 3])]
    both[empty] = np.empty(0, np.int64)
    assert delay_histogram(*both, low_ps=-5, high_ps=5, bin_ps=1).sum() == 0
    assert len(pair_delays(*both, low_ps=-5, high_ps=5)[0]) == 0


def test_what_cannot_be_counted_is_refused() -> None:
    good = np.array([1, 2, 3])
    window = {"low_ps": -5, "high_ps": 5}
    with pytest.raises(InputError, match="not whole picoseconds"):
        delay_histogram(good.astype(float), good, **window, bin_ps=1)
    with pytest.raises(InputError, match="step back in time 1 times"):
        delay_histogram(good, good[::-1][:2], **window, bin_ps=1)
    with pytest.raises(InputError, match="dimensions"):
        delay_histogram(good[None], good, **window, bin_ps=1)
    with pytest.raises(InputError, match="beyond 2"):
        delay_histogram(np.array([2**63], np.uint64), good, **window, bin_ps=1)
    with pytest.raises(InputError, match="no multiple"):
        delay_histogram(good, good, **window, bin_ps=3)
    with pytest.raises(InputError, match="is empty"):
        delay_histogram(good, good, low_ps=5, high_ps=5, bin_ps=1)
    with pytest.raises(InputError, match="bins are more than"):
        delay_histogram(good, good, low_ps=0, high_ps=10**12, bin_ps=1)
    with pytest.raises(InputError, match="9 pairs in the window are more than 8"):
        pair_delays(good, good, **window, most_pairs=8)
