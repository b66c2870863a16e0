"""A record of phase as it is taken in: gaps counted and kept, offset and slope removed exactly.

Inside: `PhaseRecord`, `taken_phase`, `phase_of_frequency`, `end_point_line`,
`end_point_detrended`.
A missing sample is NaN; what is missing is never closed up, because that would join phases
that are a gap apart. Estimators count complete triplets, quadruplets or windows.
Source: NIST SP 1065 (2008), sec. 5.2.2 (phase and frequency) and 5.15 (gaps); clauses from
memory. The exact detrending is our own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Numbers
from qtrace.physics.timing.deviations_kernels import Line, take_line_off

GAPS = ("complete", "refuse")
MOST_MISSING = 0.5  # share of missing samples above which a record is refused
MANTISSA_BITS = 53


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """Phase samples in s, contiguous, NaN where missing."""

    phase_s: Numbers
    interval_s: float
    missing: int


def taken_phase(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> PhaseRecord:
    """Return a record that is fit to be estimated from.

    Args:
        phase_s: Time errors in s, shape (n,); NaN where a sample is missing.
        interval_s: Spacing of the samples in s.
        gaps: "complete" (terms with a gap are left out) or "refuse".
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Not one row of numbers, infinite, no spacing, or more missing than allowed.

    Source: our own rule on the share that may be missing.
    """
    given = np.asarray(phase_s)
    if given.ndim != 1 or not (
        np.issubdtype(given.dtype, np.floating) or np.issubdtype(given.dtype, np.integer)
    ):
        raise InputError(
            "phase is one row of real numbers in seconds",
            next_step="give an array of shape (n,)",
        )
    phase: Numbers = np.ascontiguousarray(given, dtype=np.float64)
    if not (math.isfinite(interval_s) and interval_s > 0.0):
        raise InputError(
            f"{interval_s} s is no spacing of samples", next_step="give a positive number"
        )
    if gaps not in GAPS:
        raise InputError(
            f"{gaps!r} is no way to treat gaps", next_step="choose one of " + ", ".join(GAPS)
        )
    if np.isinf(phase).any():
        raise InputError("a phase sample is infinite", next_step="write NaN where one is missing")
    missing = int(np.isnan(phase).sum())
    if missing and gaps == "refuse":
        first = int(np.flatnonzero(np.isnan(phase))[0])
        raise InputError(
            f"{missing} of {len(phase)} phase samples are missing, the first at index {first}",
            next_step='let gaps = "complete" leave out what is incomplete, or measure again',
        )
    if missing > most_missing * len(phase):
        raise InputError(
            f"{missing} of {len(phase)} phase samples are missing, more than the share of "
            f"{most_missing:g} that is allowed",
            next_step="take the longest part without a gap, or state a larger share",
        )
    return PhaseRecord(phase, float(interval_s), missing)


def phase_of_frequency(frequency: ArrayLike, *, interval_s: float) -> Numbers:
    """Return the phase of fractional frequencies, one sample more, beginning at 0.

    After a missing frequency the phase is not known: a record with gaps is refused, as going
    on from 0 would close the gap up.

    Args:
        frequency: Mean fractional frequency deviations, shape (n,).
        interval_s: Averaging time and spacing in s (no dead time).

    Returns:
        Phase in s, shape (n + 1,).

    Raises:
        InputError: A frequency that is missing, or bad input.

    Source: NIST SP 1065 (2008), Eq. 3: x[i+1] = x[i] + y[i] tau0.
    """
    taken = taken_phase(frequency, interval_s=interval_s)
    if taken.missing:
        raise InputError(
            f"{taken.missing} frequencies are missing, so the phase after them is not known",
            next_step="give the phase with NaN at the gaps, or one part without a gap",
        )
    # Summed about the mean, so that a large mean does not eat the digits of the noise.
    mean = float(np.mean(taken.phase_s)) if len(taken.phase_s) else 0.0
    summed = np.concatenate(([0.0], np.cumsum(taken.phase_s - mean)))
    phase: Numbers = (summed + mean * np.arange(len(summed))) * interval_s
    return phase


def end_point_line(phase_s: Numbers) -> Line:
    """Return the line through the first and last known phase, exact where it is multiplied.

    The slope is cut to so few bits that its product with every index is exact; what was cut is
    a second slope, of as few bits.

    Args:
        phase_s: Phase in s, shape (n,), NaN at gaps.

    Returns:
        Offset, slope per sample, second slope, index of the first known sample.

    Source: our own; the loss without it is shown in the tests.
    """
    missing = np.isnan(phase_s)
    if missing.all():
        return 0.0, 0.0, 0.0, 0
    first = int(np.argmin(missing))
    steps = len(phase_s) - 1 - int(np.argmin(missing[::-1])) - first
    offset = float(phase_s[first])
    if not steps:
        return offset, 0.0, 0.0, first
    bits = len(phase_s).bit_length()
    rise = float(phase_s[first + steps]) - offset
    slope = _shortened(rise / steps, bits=bits)
    return offset, slope, _shortened((rise - slope * steps) / steps, bits=bits), first


def end_point_detrended(phase_s: NDArray[np.float64]) -> Numbers:
    """Return the phase less its first value and the slope to its last.

    Second and third differences are blind to both, sums of phase are not: without this a 1 s
    offset makes prefix sums worthless. Only what rounding did to the input itself remains.

    Args:
        phase_s: Phase in s, shape (n,), NaN at gaps.

    Source: our own; the loss without it is shown in the tests.
    """
    phase: Numbers = np.ascontiguousarray(phase_s, dtype=np.float64)
    rest = np.empty_like(phase)
    take_line_off(phase, end_point_line(phase), rest)
    return rest


def _shortened(slope: float, *, bits: int) -> float:
    """Return the slope with so few bits that its products with indices of `bits` are exact."""
    mantissa, exponent = math.frexp(slope)
    keep = MANTISSA_BITS - bits
    return math.ldexp(round(math.ldexp(mantissa, keep)), exponent - keep)
