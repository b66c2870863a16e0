"""Compiled sums of squared differences of phase; a difference with a missing sample is left out.

Inside: `first_differences`, `second_differences`, `third_differences`, `prefix_sums`,
`averaged_differences`, `reflected_differences`, `extended_windows`.
The first call of each compiles it (about a second) and keeps it on disk.
Source: the sums of NIST SP 1065 (2008), Eqs. 7 to 34, as named at the estimators.
"""

from __future__ import annotations

import numba
import numpy as np

from qtrace.physics.timing.deviations import Numbers

# All kernels return the sum of the squares and the number of terms in it.
Sum = tuple[float, int]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def first_differences(x: Numbers, m: int) -> Sum:
    """Sum (x[i+m] - x[i])^2."""
    total, terms = 0.0, 0
    for i in range(x.size - m):
        step = x[i + m] - x[i]
        if step == step:  # noqa: PLR0124 - false of NaN only
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def second_differences(x: Numbers, m: int, stride: int) -> Sum:
    """Sum (x[i+2m] - 2 x[i+m] + x[i])^2 over every stride-th i."""
    total, terms = 0.0, 0
    for i in range(0, x.size - 2 * m, stride):
        step = (x[i + 2 * m] - x[i + m]) - (x[i + m] - x[i])
        if step == step:  # noqa: PLR0124
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def third_differences(x: Numbers, m: int, stride: int) -> Sum:
    """Sum (x[i+3m] - 3 x[i+2m] + 3 x[i+m] - x[i])^2 over every stride-th i."""
    total, terms = 0.0, 0
    for i in range(0, x.size - 3 * m, stride):
        step = (x[i + 3 * m] - x[i]) - 3.0 * (x[i + 2 * m] - x[i + m])
        if step == step:  # noqa: PLR0124
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def prefix_sums(x: Numbers, sums: Numbers, gaps: Numbers) -> None:
    """Fill sums[i] with the sum of the first i known phases, gaps[i] with how many are missing.

    `gaps` may be empty where nothing is missing.
    """
    total, missing = 0.0, 0.0
    sums[0] = 0.0
    if gaps.size:
        gaps[0] = 0.0
    for i in range(x.size):
        value = x[i]
        if value == value:  # noqa: PLR0124
            total += value
        else:
            missing += 1.0
        sums[i + 1] = total
        if gaps.size:
            gaps[i + 1] = missing


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def averaged_differences(sums: Numbers, gaps: Numbers, m: int) -> Sum:
    """Sum the squares of m times the second differences of means over m, from prefix sums.

    Returns:
        The sum, and how many windows of 3 m samples were complete.
    """
    total, terms = 0.0, 0
    for i in range(sums.size - 3 * m):
        if gaps.size and gaps[i + 3 * m] != gaps[i]:
            continue
        step = (sums[i + 3 * m] - sums[i]) - 3.0 * (sums[i + 2 * m] - sums[i + m])
        total += step * step
        terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def reflected_differences(x: Numbers, m: int) -> Sum:
    """Sum the squares of second differences about inner samples, ends reflected through."""
    total, terms = 0.0, 0
    last = x.size - 1
    for i in range(1, last):
        before = x[i - m] if i >= m else 2.0 * x[0] - x[m - i]
        after = x[i + m] if i + m <= last else 2.0 * x[last] - x[2 * last - i - m]
        step = (after - x[i]) - (x[i] - before)
        if step == step:  # noqa: PLR0124
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def extended_windows(x: Numbers, m: int) -> Sum:
    """Sum over windows of 3 m values the mean square second difference of means, extended.

    Each window loses its slope between the means of its halves, is reflected at both ends
    without inversion to 9 m values, and gives the mean square of 6 m second differences of
    means over m.
    """
    total, terms = 0.0, 0
    length = 3 * m
    half = length // 2
    window = np.empty(3 * length)
    for i in range(x.size - length + 1):
        early, late = 0.0, 0.0
        for k in range(half):
            early += x[i + k] - x[i]
            late += x[i + length - 1 - k] - x[i]
        # The middle one of an odd number of values is in neither half.
        slope = (late - early) / half / (length - half)
        for k in range(length):
            value = x[i + k] - x[i] - slope * (k - half)
            window[length + k] = value
            window[length - 1 - k] = value
            window[3 * length - 1 - k] = value
        one, two, three = 0.0, 0.0, 0.0
        for k in range(m):
            one += window[k]
            two += window[m + k]
            three += window[2 * m + k]
        squares = 0.0
        for j in range(6 * m):
            step = (three - two) - (two - one)
            squares += step * step
            one += window[j + m] - window[j]
            two += window[j + 2 * m] - window[j + m]
            three += window[j + 3 * m] - window[j + 2 * m]
        if squares == squares:  # noqa: PLR0124
            total += squares / (6.0 * m) / (m * m)
            terms += 1
    return total, terms
