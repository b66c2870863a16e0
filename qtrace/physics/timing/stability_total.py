"""Total deviations: the record, or each window of it, extended by reflection for long averages.

Inside: `totdev`, `mtotdev`, `ttotdev`, `htotdev`, `total_bias`.
Source: NIST SP 1065 (Riley and Howe, 2008), sec. 5.2.11 to 5.2.14 (clauses from memory); Howe and
Vernotte (1999); bias and degrees of freedom as tabulated there.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Deviations, Factors
from qtrace.physics.timing.deviations_kernels import (
    extended_windows,
    reflected_differences,
    third_differences,
)
from qtrace.physics.timing.phase_gaps import (
    MOST_MISSING,
    PhaseRecord,
    end_point_detrended,
    taken_phase,
)
from qtrace.physics.timing.stability import deviations_of, time_deviations

# Expected total variance over expected variance is 1 - a tau / T for totdev (T: the record);
# a by the power alpha of the noise. Source: NIST SP 1065 (2008), Table 7 [read in a copy].
_TOTAL_SLOPE = {2: 0.0, 1: 0.0, 0: 0.0, -1: 1.0 / (3.0 * math.log(2.0)), -2: 0.75}
# The same ratio for mtotdev and ttotdev, and for htotdev, at any tau.
# Source: NIST SP 1065 (2008), Tables 8 and 9; W. Riley, "Confidence intervals and bias
# corrections for the stable32 variance functions" [both read in transcriptions].
_MODIFIED_RATIO = {2: 0.94, 1: 0.83, 0: 0.73, -1: 0.70, -2: 0.69}
_HADAMARD_RATIO = {0: 0.995, -1: 0.851, -2: 0.771, -3: 0.717, -4: 0.679}


def total_bias(kind: str, *, alpha: int, tau_s: float = 0.0, record_s: float = math.inf) -> float:
    """Return the expected total variance over the expected variance that it stands for.

    Args:
        kind: "totdev", "mtotdev", "ttotdev" or "htotdev".
        alpha: Power of the noise, S_y(f) proportional to f^alpha.
        tau_s: Averaging time in s, used by "totdev" only.
        record_s: Length of the record in s, used by "totdev" only.

    Raises:
        InputError: No published value for this kind and noise.

    Source: NIST SP 1065 (2008), Tables 7 to 9.
    """
    table = {
        "totdev": _TOTAL_SLOPE,
        "mtotdev": _MODIFIED_RATIO,
        "ttotdev": _MODIFIED_RATIO,
        "htotdev": _HADAMARD_RATIO,
    }.get(kind, {})
    if alpha not in table:
        raise InputError(
            f"no bias of {kind} is published for noise of power {alpha}",
            next_step="known are " + (", ".join(map(str, table)) or "the total deviations only"),
        )
    return 1.0 - table[alpha] * tau_s / record_s if kind == "totdev" else table[alpha]


def totdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
    bias_corrected_for: int | None = None,
) -> Deviations:
    """Return the total deviation: the record reflected through both of its ends.

    Leading and trailing gaps only shorten the record.

    Args:
        phase_s: Time errors in s, shape (n,), NaN where missing.
        interval_s: Spacing of the samples, tau0, in s.
        factors: Averaging factors m; octaves where None.
        gaps: "complete" or "refuse", see `taken_phase`.
        most_missing: Share of missing samples above which the record is refused.
        bias_corrected_for: Power alpha of the noise whose bias is taken out; None: none is.

    Raises:
        InputError: Bad input, or a factor that does not fit the record.

    Source: NIST SP 1065 (2008), Eq. 25. (Another published variant matches the end points
        first and gives other values; it is not this one.)
    """
    taken = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    known = np.flatnonzero(~np.isnan(taken.phase_s))
    inner = taken.phase_s[known[0] : known[-1] + 1] if len(known) else taken.phase_s
    record = PhaseRecord(end_point_detrended(inner), taken.interval_s, len(inner) - len(known))

    def summed(m: int) -> tuple[float, int, float]:
        return (*reflected_differences(record.phase_s, m), 2.0 * m**2)

    found = _corrected(deviations_of("totdev", record, factors, summed), bias_corrected_for)
    return replace(found, samples=len(taken.phase_s), missing=taken.missing)


def mtotdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
    bias_corrected_for: int | None = None,
) -> Deviations:
    """Return the modified total deviation; arguments as of `totdev`.

    The work grows with samples times factor: 1e4 samples take seconds at long factors.

    Source: NIST SP 1065 (2008), Eq. 27.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    found = _modified_total(record, factors)
    return _corrected(found, bias_corrected_for)


def ttotdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
    bias_corrected_for: int | None = None,
) -> Deviations:
    """Return the time total deviation tau MTOTDEV / sqrt(3); arguments as of `totdev`.

    Source: NIST SP 1065 (2008), Eq. 28.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    found = time_deviations(_modified_total(record, factors), kind="ttotdev")
    return _corrected(found, bias_corrected_for)


def htotdev(
    phase_s: ArrayLike,
    *,
    interval_s: float,
    factors: Factors = None,
    gaps: str = "complete",
    most_missing: float = MOST_MISSING,
    bias_corrected_for: int | None = None,
) -> Deviations:
    """Return the Hadamard total deviation; arguments as of `totdev`.

    At m = 1 it is the overlapping Hadamard deviation, and no bias is taken out there.

    Source: NIST SP 1065 (2008), Eq. 29 to 31.
    """
    record = taken_phase(phase_s, interval_s=interval_s, gaps=gaps, most_missing=most_missing)
    frequency = np.diff(end_point_detrended(record.phase_s))

    def summed(m: int) -> tuple[float, int, float]:
        if m == 1:
            return (*third_differences(record.phase_s, 1, 1), 6.0)
        return (*extended_windows(frequency, m), 6.0)

    found = deviations_of("htotdev", record, factors, summed)
    return _corrected(found, bias_corrected_for)


def _modified_total(record: PhaseRecord, factors: Factors) -> Deviations:
    phase = end_point_detrended(record.phase_s)

    def summed(m: int) -> tuple[float, int, float]:
        return (*extended_windows(phase, m), 2.0 * m**2)

    return deviations_of("mtotdev", record, factors, summed)


def _corrected(found: Deviations, alpha: int | None) -> Deviations:
    if alpha is None:
        return found
    ratios = [
        1.0
        if found.kind == "htotdev" and factor == 1
        else total_bias(found.kind, alpha=alpha, tau_s=tau, record_s=found.record_s)
        for factor, tau in zip(found.factors.tolist(), found.tau_s.tolist(), strict=True)
    ]
    return replace(found, value=found.value / np.sqrt(ratios))
