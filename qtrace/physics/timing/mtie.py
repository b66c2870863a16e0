"""Maximum time interval error and rms time interval error of a phase record.

Inside: `mtie`, `tierms`.
The largest and smallest phase of every window of 2^k samples come from two windows of half the
length; a window of any other length is two overlapping ones of the next power of two below. So
each factor costs one pass, whatever its length, and the result is exact.
Source: ITU-T G.810 (1996), definitions of MTIE and TIE rms, clauses from memory; NIST SP 1065
(2008), Eq. 37 and 38.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numba
import numpy as np
from numpy.typing import ArrayLike

from qtrace.physics.timing.deviations import (
    Deviations,
    Factors,
    Numbers,
    averaging_times,
    checked_factors,
)
from qtrace.physics.timing.deviations_kernels import Sum, first_differences
from qtrace.physics.timing.phase_gaps import MOST_MISSING, PhaseRecord, taken_phase
from qtrace.physics.timing.stability import deviations_of

# No NaN reaches these loops (a gap is infinite), so that they may be compiled without a thought of
# it; the extremes are exact all the same.
_EXTREMES = {"nnan", "nsz"}
BLOCK = 4096  # windows made at a time, so that compiling may take several at once


@numba.njit(cache=True, nogil=True, fastmath=_EXTREMES)
def _double(high: Numbers, low: Numbers, width: int) -> None:
    """Make extremes of windows of 2 width samples, in place, from those of width samples."""
    block = np.empty(BLOCK)
    for start in range(0, high.size - 2 * width + 1, BLOCK):
        count = min(BLOCK, high.size - 2 * width + 1 - start)
        early, late = high[start:], high[start + width :]
        for i in range(count):
            block[i] = max(late[i], early[i])
        early[:count] = block[:count]
        early, late = low[start:], low[start + width :]
        for i in range(count):
            block[i] = min(late[i], early[i])
        early[:count] = block[:count]


@numba.njit(cache=True, nogil=True, fastmath=_EXTREMES)
def _widest(high: Numbers, low: Numbers, shift: int, windows: int) -> float:
    """Return the largest range of windows, each of which is two shorter ones, `shift` apart."""
    largest = 0.0
    late_high, late_low = high[shift:], low[shift:]
    for i in range(windows):
        top = max(late_high[i], high[i])
        bottom = min(late_low[i], low[i])
        span = top - bottom
        if span > largest:  # noqa: PLR1730 - compiles to parallel maxima
            largest = span
    return largest


@numba.njit(cache=True, nogil=True, fastmath=_EXTREMES)
def _widest_whole(high: Numbers, low: Numbers, shift: int, windows: int) -> Sum:
    """Return the same of windows without a gap, and how many there are.

    A gap stands as +inf in `high`, so a window with one has an infinite range.
    """
    largest, terms = 0.0, 0
    for i in range(windows):
        span = max(high[i], high[i + shift]) - min(low[i], low[i + shift])
        if span < np.inf:
            terms += 1
            largest = max(largest, span)
    return largest, terms


def mtie(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the largest peak-to-peak time error in windows of m + 1 samples, in s.

    It is the maximum of this record, no estimate of a longer one: state `record_s` with it.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples, tau0, in s.
        factors: Observation intervals in samples, m; octaves where None.
        gaps: "complete" (windows with a gap are left out) or "refuse".
        most_missing: Share of missing samples above which the record is refused.

    Returns:
        Values in s; `terms` counts the windows.

    Raises:
        InputError: Bad input, or a factor that does not fit the record.

    Source: ITU-T G.810 (1996), MTIE, clause from memory; NIST SP 1065 (2008), Eq. 37.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    chosen = checked_factors(factors, samples=len(record.phase_s), kind="mtie")
    high, low = record.phase_s.copy(), record.phase_s.copy()
    if record.missing:
        high[np.isnan(high)] = math.inf
        low[np.isnan(low)] = -math.inf
    values = np.full(len(chosen), math.nan)
    terms = np.zeros(len(chosen), dtype=np.int64)
    width = 1
    for place in np.argsort(chosen, kind="stable").tolist():
        window = int(chosen[place]) + 1
        while 2 * width <= window:
            _double(high, low, width)
            width *= 2
        count = len(high) - window + 1
        if record.missing:
            largest, count = _widest_whole(high, low, window - width, count)
        else:
            largest = _widest(high, low, window - width, count)
        terms[place] = count
        if count:
            values[place] = largest
    return Deviations(
        "mtie",
        chosen,
        averaging_times(chosen, record.interval_s),
        values,
        terms,
        samples=len(record.phase_s),
        missing=record.missing,
    )


def tierms(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the root mean square of x[i+m] - x[i], in s; no trend is taken off.

    Arguments and errors as of `mtie`.

    Source: NIST SP 1065 (2008), Eq. 38; ITU-T G.810 (1996), clause from memory.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    # The common form divides by tau0; a time interval error does not.
    unscaled = PhaseRecord(record.phase_s, 1.0, record.missing)

    def summed(m: int) -> tuple[float, int, float]:
        return (*first_differences(record.phase_s, m), 1.0)

    found = deviations_of("tierms", unscaled, factors, summed)
    return replace(found, tau_s=averaging_times(found.factors, record.interval_s))
