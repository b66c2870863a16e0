"""Compiled sums of squared differences of phase; a difference with a missing sample is left out.

Inside: `first_differences`, `second_differences`, `third_differences`, `take_line_off`,
`prefix_sums`,
`averaged_differences`, `reflected_differences`, `extended_windows`.
The first call of each compiles it (about a second) and keeps it on disk.
Source: the sums of NIST SP 1065 (2008), Eqs. 7 to 34, as named at the estimators.
"""

from __future__ import annotations

import numba
import numpy as np

from qtrace.physics.timing.deviations import Integers, Numbers

BLOCK = 65536  # prefix sums taken at a time: a few blocks fit the cache of a core
# Most kernels return the sum of the squares and the number of terms in it.
Sum = tuple[float, int]
# Offset, slope per sample, what the slope was cut by, index of the first sample.
Line = tuple[float, float, float, int]


@numba.njit(cache=True, nogil=True)
def first_differences(x: Numbers, m: int) -> Sum:
    """Sum (x[i+m] - x[i])^2.

    Source: NIST SP 1065 (2008), Eq. 38.
    """
    total, terms = 0.0, 0
    for i in range(x.size - m):
        step = x[i + m] - x[i]
        if step == step:  # noqa: PLR0124 - false of NaN only
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)
def second_differences(x: Numbers, m: int, stride: int) -> Sum:
    """Sum (x[i+2m] - 2 x[i+m] + x[i])^2 over every stride-th i.

    Source: NIST SP 1065 (2008), Eqs. 8 and 11.
    """
    total, terms = 0.0, 0
    for i in range(0, x.size - 2 * m, stride):
        step = (x[i + 2 * m] - x[i + m]) - (x[i + m] - x[i])
        if step == step:  # noqa: PLR0124
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)
def third_differences(x: Numbers, m: int, stride: int) -> Sum:
    """Sum (x[i+3m] - 3 x[i+2m] + 3 x[i+m] - x[i])^2 over every stride-th i.

    Source: NIST SP 1065 (2008), Eqs. 18 and 20.
    """
    total, terms = 0.0, 0
    for i in range(0, x.size - 3 * m, stride):
        step = (x[i + 3 * m] - x[i]) - 3.0 * (x[i + 2 * m] - x[i + m])
        if step == step:  # noqa: PLR0124
            total += step * step
            terms += 1
    return total, terms


@numba.njit(cache=True, nogil=True)
def take_line_off(x: Numbers, line: Line, out: Numbers) -> None:
    """Write x less a line, of which each product with an index is exact.

    Source: our own, see `end_point_line`.
    """
    offset, slope, rest, first = line
    for i in range(x.size):
        k = float(i - first)
        out[i] = ((x[i] - offset) - slope * k) - rest * k


@numba.njit(cache=True, nogil=True)
def prefix_sums(x: Numbers, line: Line, sums: Numbers, gaps: Numbers) -> None:
    """Fill sums[i] with the first i known phases less a line, gaps[i] with how many are missing.

    `gaps` may be empty where nothing is missing.

    Source: plain sums.
    """
    offset, slope, rest, first = line
    total, missing = 0.0, 0.0
    sums[0] = 0.0
    if gaps.size:
        gaps[0] = 0.0
    for i in range(x.size):
        k = float(i - first)
        value = ((x[i] - offset) - slope * k) - rest * k
        if value == value:  # noqa: PLR0124
            total += value
        else:
            missing += 1.0
        sums[i + 1] = total
        if gaps.size:
            gaps[i + 1] = missing


@numba.njit(cache=True, nogil=True)
def averaged_differences(
    sums: Numbers, gaps: Numbers, factors: Integers
) -> tuple[Numbers, Integers]:
    """Sum the squares of m times the second differences of means over m, from prefix sums.

    All factors take their share of one block before the next is read, so that a long record
    comes from memory a few times instead of once for each factor.

    Returns:
        By factor the sum, and how many windows of 3 m samples were complete.

    Source: NIST SP 1065 (2008), Eq. 14, as third differences of prefix sums.
    """
    totals = np.zeros(factors.size)
    terms = np.zeros(factors.size, dtype=np.int64)
    for start in range(0, sums.size, BLOCK):
        for place in range(factors.size):
            m = factors[place]
            end = min(start + BLOCK, sums.size - 3 * m)
            if end <= start:
                continue
            one, two, count = 0.0, 0.0, end - start
            if gaps.size:
                for i in range(start, end):
                    step = (sums[i + 3 * m] - sums[i]) - 3.0 * (sums[i + 2 * m] - sums[i + m])
                    if gaps[i + 3 * m] == gaps[i]:
                        one += step * step
                    else:
                        count -= 1
            else:
                a, b, c, d = (
                    sums[start:],
                    sums[start + m :],
                    sums[start + 2 * m :],
                    sums[start + 3 * m :],
                )
                half = count // 2
                # Two sums at once: one alone waits for each of its additions.
                for i in range(half):
                    step = (d[i] - a[i]) - 3.0 * (c[i] - b[i])
                    one += step * step
                    j = i + half
                    step = (d[j] - a[j]) - 3.0 * (c[j] - b[j])
                    two += step * step
                if count % 2:
                    j = count - 1
                    step = (d[j] - a[j]) - 3.0 * (c[j] - b[j])
                    one += step * step
            totals[place] += one + two
            terms[place] += count
    return totals, terms


@numba.njit(cache=True, nogil=True)
def reflected_differences(x: Numbers, m: int) -> Sum:
    """Sum the squares of second differences about inner samples, ends reflected through.

    Source: NIST SP 1065 (2008), Eq. 25.
    """
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


@numba.njit(cache=True, nogil=True)
def extended_windows(x: Numbers, m: int) -> Sum:
    """Sum over windows of 3 m values the mean square second difference of means, extended.

    Each window loses its slope between the means of its halves, is reflected at both ends
    without inversion to 9 m values, and gives the mean square of 6 m second differences of
    means over m.

    Source: NIST SP 1065 (2008), Eqs. 27 and 29; values tested against published ones.
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
