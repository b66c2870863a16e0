"""Time error of a clock against a reference: constant, dynamic, largest.

Inside: `LargestTimeError`, `ConstantTimeError`, `DynamicTimeError`, `largest_time_error`,
`constant_time_error`, `dynamic_time_error`, `low_passed`.
Each value comes with the conditions under which it was taken, as without them it means nothing.
A time error is clock - reference; against UTC only where the reference is traceable to it.
Source: words of ITU-T G.810 and G.8260 (cTE, dTE), measurement after ITU-T G.8273.2 (mean over
1000 s, first-order filter at 0.1 Hz) [read in secondary sources, editions not checked].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Deviations, Factors, Numbers
from qtrace.physics.timing.mtie import mtie
from qtrace.physics.timing.phase_gaps import MOST_MISSING, taken_phase

AVERAGING_S = 1000.0
CUTOFF_HZ = 0.1
SETTLING_TIME_CONSTANTS = 10.0  # after which exp(-10) = 5e-5 of a step is left in the filter
LEAST_RATE = 10.0  # samples in one period of the cutoff that the filter wants


@dataclass(frozen=True, slots=True)
class LargestTimeError:
    """Largest |time error| of a record."""

    value_s: float
    time_s: float  # from the first sample to where it stands
    record_s: float
    interval_s: float
    missing: int


@dataclass(frozen=True, slots=True)
class ConstantTimeError:
    """Mean time error over a stated time; the blocks are consecutive and complete."""

    value_s: float  # of the block whose mean is the largest in absolute value, with its sign
    first_s: float  # of the first complete block
    blocks_s: Numbers  # means; NaN where a block has a gap
    averaging_s: float
    record_s: float
    interval_s: float
    missing: int


@dataclass(frozen=True, slots=True)
class DynamicTimeError:
    """Time error below and above a cutoff; NaN at gaps and while the filter settles."""

    low_s: Numbers
    high_s: Numbers
    low_peak_to_peak_s: float
    high_peak_to_peak_s: float
    low_mtie: Deviations
    cutoff_hz: float
    settling_s: float
    record_s: float
    interval_s: float
    missing: int


def largest_time_error(
    phase_s: ArrayLike, *, interval_s: float, most_missing: float = MOST_MISSING
) -> LargestTimeError:
    """Return the largest absolute time error and when it was.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples in s.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Bad input, or no sample at all.

    Source: ITU-T G.810 (time error), max|TE|.
    """
    record = taken_phase(phase_s, interval_s=interval_s, most_missing=most_missing)
    if record.missing == len(record.phase_s):
        raise InputError("the record holds no sample", next_step="measure again")
    place = int(np.nanargmax(np.abs(record.phase_s)))
    return LargestTimeError(
        abs(float(record.phase_s[place])),
        place * interval_s,
        (len(record.phase_s) - 1) * interval_s,
        interval_s,
        record.missing,
    )


def constant_time_error(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    averaging_s: float = AVERAGING_S,
    most_missing: float = MOST_MISSING,
) -> ConstantTimeError:
    """Return the constant time error: means over consecutive blocks of the stated time.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples in s.
        averaging_s: Averaging time in s.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Bad input, a record shorter than the averaging time, or no complete block.

    Source: ITU-T G.8273.2, cTE as mean over 1000 s [read in a secondary source].
    """
    record = taken_phase(phase_s, interval_s=interval_s, most_missing=most_missing)
    length = round(averaging_s / interval_s) if averaging_s > 0.0 else 0
    count = len(record.phase_s) // length if length else 0
    if not count:
        raise InputError(
            f"a record of {len(record.phase_s) * interval_s:g} s holds no mean over "
            f"{averaging_s:g} s",
            next_step="record for longer, or state a shorter averaging time",
        )
    blocks: Numbers = record.phase_s[: count * length].reshape(count, length).mean(axis=1)
    known = blocks[~np.isnan(blocks)]
    if not len(known):
        raise InputError(
            f"each mean over {averaging_s:g} s has a gap",
            next_step="record again, or state a shorter averaging time",
        )
    return ConstantTimeError(
        float(known[np.argmax(np.abs(known))]),
        float(known[0]),
        blocks,
        length * interval_s,
        (len(record.phase_s) - 1) * interval_s,
        interval_s,
        record.missing,
    )


@numba.njit(cache=True, nogil=True)
def _first_order(x: Numbers, gain: float, settling: int) -> Numbers:
    """Run a first-order low-pass from rest at the first sample of each part without gap."""
    out = np.full(x.size, np.nan)
    keep = (1.0 - gain) / (1.0 + gain)
    share = gain / (1.0 + gain)
    since = 0
    value, before = 0.0, 0.0
    for i in range(x.size):
        if x[i] != x[i]:
            since = 0
            continue
        value = x[i] if since == 0 else keep * value + share * (x[i] + before)
        before = x[i]
        if since >= settling:
            out[i] = value
        since += 1
    return out


def low_passed(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    cutoff_hz: float = CUTOFF_HZ,
    most_missing: float = MOST_MISSING,
) -> Numbers:
    """Return the time error below a cutoff; NaN at gaps and until the filter has settled.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples in s; at least 10 samples in 1 / cutoff.
        cutoff_hz: Frequency of half power in Hz.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Bad input, or sampled too slowly for the cutoff.

    Source: bilinear transform of 1 / (1 + s / w), prewarped: K = tan(pi f tau0),
        y[i] = ((1 - K) y[i-1] + K (x[i] + x[i-1])) / (1 + K).
    """
    record = taken_phase(phase_s, interval_s=interval_s, most_missing=most_missing)
    if not (cutoff_hz > 0.0 and LEAST_RATE * cutoff_hz * interval_s <= 1.0 + 1e-12):
        raise InputError(
            f"samples every {interval_s:g} s cannot be filtered at {cutoff_hz:g} Hz",
            next_step=f"sample at least every {1.0 / (LEAST_RATE * cutoff_hz):g} s"
            if cutoff_hz > 0.0
            else "give a positive frequency",
        )
    gain = math.tan(math.pi * cutoff_hz * interval_s)
    settling = math.ceil(SETTLING_TIME_CONSTANTS / (2.0 * math.pi * cutoff_hz) / interval_s)
    filtered: Numbers = _first_order(record.phase_s, gain, settling)
    return filtered


def dynamic_time_error(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    cutoff_hz: float = CUTOFF_HZ,
    factors: Factors = None,
    most_missing: float = MOST_MISSING,
) -> DynamicTimeError:
    """Return the time error split at a cutoff, with the MTIE of its slow part.

    The low part has its mean removed (that is the constant time error); the high part is what
    the low-pass takes away.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples in s.
        cutoff_hz: Frequency of half power in Hz.
        factors: Observation intervals of the MTIE in samples; octaves where None.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Bad input, sampled too slowly, or shorter than the filter needs to settle.

    Source: ITU-T G.8273.2, dTE_L and dTE_H [read in a secondary source].
    """
    record = taken_phase(phase_s, interval_s=interval_s, most_missing=most_missing)
    low = low_passed(
        record.phase_s, interval_s=interval_s, cutoff_hz=cutoff_hz, most_missing=most_missing
    )
    known = np.flatnonzero(~np.isnan(low))
    if len(known) < 2:
        raise InputError(
            f"the record of {len(low) * interval_s:g} s ends before the filter has settled",
            next_step="record for longer without a gap",
        )
    high = record.phase_s - low
    low -= np.mean(low[known])
    inner = low[known[0] : known[-1] + 1]
    return DynamicTimeError(
        low,
        high,
        float(np.ptp(low[known])),
        float(np.ptp(high[known])),
        mtie(inner, interval_s=interval_s, factors=factors, most_missing=1.0),
        cutoff_hz,
        SETTLING_TIME_CONSTANTS / (2.0 * math.pi * cutoff_hz),
        (len(low) - 1) * interval_s,
        interval_s,
        record.missing,
    )
