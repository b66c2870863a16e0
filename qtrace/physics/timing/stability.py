"""Allan, modified Allan, time and Hadamard deviations of a phase record with or without gaps.

Inside: `adev`, `oadev`, `mdev`, `tdev`, `hdev`, `ohdev`. The total deviations are in
`qtrace.physics.timing.stability_total`, MTIE and TIE rms in `qtrace.physics.timing.mtie`.
All take phase in s; frequency becomes phase by `phase_of_frequency`.
Source: NIST SP 1065 (Riley and Howe, 2008), sec. 5.2; values tested against its tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qtrace.physics.timing.deviations import (
    Deviations,
    Factors,
    Numbers,
    averaging_times,
    checked_factors,
)
from qtrace.physics.timing.deviations_kernels import (
    averaged_differences,
    prefix_sums,
    second_differences,
    third_differences,
)
from qtrace.physics.timing.phase_gaps import (
    MOST_MISSING,
    PhaseRecord,
    end_point_line,
    taken_phase,
)

# At factor m: sum of squares, terms in it, and what the mean square is divided by (tau0 = 1).
Summed = Callable[[int], tuple[float, int, float]]


def deviations_of(kind: str, record: PhaseRecord, factors: Factors, summed: Summed) -> Deviations:
    """Return the roots of mean squares at all factors, in units of 1 / tau0.

    Source: NIST SP 1065 (2008), sec. 5.2: root of a mean square by its divisor.
    """
    chosen = checked_factors(factors, samples=len(record.phase_s), kind=kind)
    values = np.full(len(chosen), math.nan)
    terms = np.zeros(len(chosen), dtype=np.int64)
    for place, factor in enumerate(chosen.tolist()):
        total, count, divisor = summed(factor)
        terms[place] = count
        if count:
            values[place] = math.sqrt(total / count / divisor) / record.interval_s
    return Deviations(
        kind,
        chosen,
        averaging_times(chosen, record.interval_s),
        values,
        terms,
        samples=len(record.phase_s),
        missing=record.missing,
    )


def adev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the Allan deviation from differences that do not overlap.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples, tau0, in s.
        factors: Averaging factors m; octaves where None.
        gaps: "complete" or "refuse", see `taken_phase`.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: Bad input, or a factor that does not fit the record.

    Source: NIST SP 1065 (2008), Eq. 8; the strides begin at the first sample.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)

    def summed(m: int) -> tuple[float, int, float]:
        return (*second_differences(record.phase_s, m, m), 2.0 * m**2)

    return deviations_of("adev", record, factors, summed)


def oadev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the Allan deviation from all, overlapping, differences; arguments as of `adev`.

    Source: NIST SP 1065 (2008), Eq. 11.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)

    def summed(m: int) -> tuple[float, int, float]:
        return (*second_differences(record.phase_s, m, 1), 2.0 * m**2)

    return deviations_of("oadev", record, factors, summed)


def mdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the modified Allan deviation; arguments as of `adev`.

    Source: NIST SP 1065 (2008), Eq. 14, by prefix sums of the phase less its end-point line.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    return _modified("mdev", record, factors)


def tdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the time deviation tau MDEV / sqrt(3) in s; arguments as of `adev`.

    Source: NIST SP 1065 (2008), Eq. 15.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    return time_deviations(_modified("mdev", record, factors), kind="tdev")


def time_deviations(modified: Deviations, *, kind: str) -> Deviations:
    """Return tau times modified deviations over the root of three, in s.

    Source: NIST SP 1065 (2008), Eq. 15.
    """
    return Deviations(
        kind,
        modified.factors,
        modified.tau_s,
        modified.tau_s * modified.value / math.sqrt(3.0),
        modified.terms,
        samples=modified.samples,
        missing=modified.missing,
    )


def _modified(kind: str, record: PhaseRecord, factors: Factors) -> Deviations:
    """Return modified Allan deviations; the sums are taken once for all factors."""
    sums = np.empty(len(record.phase_s) + 1)
    gaps: Numbers = np.empty(len(sums) if record.missing else 0)
    prefix_sums(record.phase_s, end_point_line(record.phase_s), sums, gaps)

    chosen = checked_factors(factors, samples=len(record.phase_s), kind=kind)
    totals, terms = averaged_differences(sums, gaps, chosen)
    found = dict(
        zip(chosen.tolist(), zip(totals.tolist(), terms.tolist(), strict=True), strict=True)
    )

    def summed(m: int) -> tuple[float, int, float]:
        return (*found[m], 2.0 * float(m) ** 4)

    return deviations_of(kind, record, chosen, summed)


def hdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the Hadamard deviation without overlap; arguments as of `adev`.

    Source: NIST SP 1065 (2008), Eq. 18.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)

    def summed(m: int) -> tuple[float, int, float]:
        return (*third_differences(record.phase_s, m, m), 6.0 * m**2)

    return deviations_of("hdev", record, factors, summed)


def ohdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
) -> Deviations:
    """Return the overlapping Hadamard deviation; arguments as of `adev`.

    Source: NIST SP 1065 (2008), Eq. 20.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)

    def summed(m: int) -> tuple[float, int, float]:
        return (*third_differences(record.phase_s, m, 1), 6.0 * m**2)

    return deviations_of("ohdev", record, factors, summed)
