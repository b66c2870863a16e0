"""Chi-square intervals of stability deviations, with the noise found at each averaging time.

Inside: `deviation_interval`, `with_intervals`.
Source: NIST SP 1065 (2008), Eq. 45; degrees of freedom after Greenhall and Riley (2003).
"""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from qtrace.errors import InputError
from qtrace.physics.timing.degrees_of_freedom import equivalent_dof
from qtrace.physics.timing.deviations import SPANS, Deviations, JudgedDeviations
from qtrace.physics.timing.noise_identification import identify_noise
from qtrace.physics.timing.phase_gaps import MOST_MISSING, taken_phase

PROBABILITY = 0.95


def deviation_interval(
    value: float, dof: float, *, probability: float = PROBABILITY
) -> tuple[float, float]:
    """Return the two-sided interval of a deviation whose variance follows a chi-square.

    Args:
        value: Estimated deviation, in any unit.
        dof: Equivalent degrees of freedom, above 0.
        probability: Coverage probability, half of the rest on either side.

    Raises:
        InputError: No degrees of freedom, or no probability.

    Source: NIST SP 1065 (2008), Eq. 45: dof s^2 / chi2.
    """
    if not (0.0 < probability < 1.0 and dof > 0.0 and math.isfinite(dof)):
        raise InputError(
            f"no interval of probability {probability} with {dof} degrees of freedom",
            next_step="give a probability between 0 and 1 and positive degrees of freedom",
        )
    tail = (1.0 - probability) / 2.0
    most, least = 2.0 * gammaincinv(dof / 2.0, np.array([1.0 - tail, tail]))
    with np.errstate(divide="ignore", over="ignore"):
        return float(value * np.sqrt(dof / most)), float(value * np.sqrt(dof / least))


def with_intervals(
    deviations: Deviations,
    phase_s: ArrayLike,
    *,
    probability: float = PROBABILITY,
    alpha: int | None = None,
    most_missing: float = MOST_MISSING,
) -> JudgedDeviations:
    """Return the deviations with interval, degrees of freedom and noise at each factor.

    With gaps, the degrees of freedom are those of a shorter record without gaps that has the
    same number of terms.

    Args:
        deviations: Of any estimator that has an interval.
        phase_s: The record that they were computed from, in s.
        probability: Coverage probability of the intervals.
        alpha: Power of the noise where it is known; None: identified at each factor.
        most_missing: Share of missing samples above which the record is refused.

    Raises:
        InputError: MTIE or TIE rms, another record, or bad input.

    Source: Riley and Greenhall (2004) for the noise; Greenhall and Riley (2003) for the
        degrees of freedom.
    """
    samples = len(np.asarray(phase_s))
    if samples != deviations.samples:
        raise InputError(
            f"the deviations come from {deviations.samples} samples, the record has {samples}",
            next_step="give the record that the deviations were computed from",
        )
    interval_s = float(deviations.tau_s[0] / deviations.factors[0])
    record = taken_phase(phase_s, interval_s=interval_s, most_missing=most_missing)
    count = len(deviations.factors)
    low, high, dof = (np.full(count, math.nan) for _ in range(3))
    powers = np.zeros(count, dtype=np.int64)
    hadamard = "hdev" in deviations.kind or deviations.kind == "htotdev"
    for place, factor in enumerate(deviations.factors.tolist()):
        if not deviations.terms[place]:
            continue
        powers[place] = (
            identify_noise(record.phase_s, factor=factor, hadamard=hadamard)
            if alpha is None
            else alpha
        )
        n = _gapless_length(deviations, place, missing=record.missing)
        dof[place] = equivalent_dof(int(powers[place]), kind=deviations.kind, factor=factor, n=n)
        if dof[place] > 0.0:
            low[place], high[place] = deviation_interval(
                float(deviations.value[place]), float(dof[place]), probability=probability
            )
    return JudgedDeviations(
        **{one.name: getattr(deviations, one.name) for one in fields(Deviations)},
        low=low,
        high=high,
        dof=dof,
        alpha=powers,
        probability=probability,
    )


def _gapless_length(deviations: Deviations, place: int, *, missing: int) -> int:
    """Return the length of a record without gaps that gives as many terms."""
    if not missing:
        return deviations.samples
    factor, terms = int(deviations.factors[place]), int(deviations.terms[place])
    slope, rest = SPANS[deviations.kind]
    if deviations.kind == "totdev":
        return max(terms + 2, factor + 2)
    stride = factor if deviations.kind in {"adev", "hdev"} else 1
    return slope * factor + rest + (terms - 1) * stride
