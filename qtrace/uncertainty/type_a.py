"""Type A evaluation: what repeated readings say of a mean, of one reading, of a scatter.

Inside: `Subject`, `TypeAMethod`, `Serial`, `TypeA`, `mean_of_readings`, `posterior_mean`,
`Pooled`, `pooled_variance`, `mean_with_pooled`, `autocorrelation`. Nested designs: `anova`.
Source: GUM 4.2; JCGM 101:2008, clause 6.4.9 (t posterior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
# One-sided 1 %: an honest series of independent readings is stopped once in a hundred.
SERIAL_LIMIT = 2.326
POSTERIOR_LEAST = 4  # readings: with three or fewer the t posterior has no variance
LEAST_FOR_CORRECTION = 20  # readings: below, the autocorrelation function itself is noise
LEAST_EFFECTIVE = 5.0  # independent readings: with fewer, drift and noise look alike
LARGEST_LAG_PART = 4  # lags up to n/4
NORMAL_95 = 1.96
EXCESS_SCATTER = 0.01  # probability below which a pooled scatter is no longer believed
MEANINGFUL_N = 2  # readings without which there is no scatter


class Subject(StrEnum):
    """Whose uncertainty it is."""

    MEAN = "mean"  # of the mean of the n readings: s / sqrt(n)
    READING = "reading"  # of any one reading of the same kind: s


class TypeAMethod(StrEnum):
    """How the uncertainty was found."""

    EXPERIMENTAL = "experimental"  # from the scatter of these readings
    POSTERIOR = "posterior"  # standard deviation of the t posterior of few readings; declared
    POOLED = "pooled"  # from the scatter of earlier samples of the same kind
    CORRECTED = "corrected"  # for autocorrelation, by an effective number of readings


class Serial(StrEnum):
    """What to do about readings that depend on the reading before."""

    REFUSE = "refuse"  # stop where the first autocorrelation is significant
    CORRECT = "correct"  # enlarge u by the autocorrelation found
    INDEPENDENT = "independent"  # declared: the order of the readings means nothing


@dataclass(frozen=True, slots=True)
class TypeA:
    """A mean with its type A uncertainty, in the unit of the readings.

    `subject` says whose uncertainty it is. `degrees_of_freedom` go into Welch-Satterthwaite; they
    are infinite for a posterior, whose u already holds the doubt about s. `t_scale` with
    `t_degrees_of_freedom` is the distribution from which to draw.
    """

    estimate: float
    standard_uncertainty: float
    degrees_of_freedom: float
    subject: Subject
    method: TypeAMethod
    n: int
    standard_deviation: float
    t_scale: float
    t_degrees_of_freedom: float
    note: str = ""


def mean_of_readings(
    readings: ArrayLike, *, subject: Subject = Subject.MEAN, serial: Serial = Serial.REFUSE
) -> TypeA:
    """Return the mean of independent readings with u = s / sqrt(n), or u = s of one reading.

    Args:
        readings: In the order in which they were taken, shape (n,), n at least 2.
        subject: Whether u is asked of the mean or of a single further reading.
        serial: What to do where successive readings are correlated.

    Raises:
        InputError: fewer than two readings, a reading that is no number, or readings that are
            correlated where REFUSE is chosen, or too few to CORRECT.

    Source: GUM Eq. 3 to 5; 4.2.7 (correlated readings need other methods).
    """
    values = _readings(readings)
    n = len(values)
    s = float(np.std(values, ddof=1))
    mean = float(np.mean(values))
    first = float(autocorrelation(values, 1)[0]) if s > 0.0 and n > MEANINGFUL_N else 0.0
    dependent = first > SERIAL_LIMIT / math.sqrt(n)
    if subject is Subject.MEAN and dependent and serial is Serial.REFUSE:
        raise InputError(
            f"successive readings are correlated (r = {first:.2f} for n = {n}): s/sqrt(n) is too "
            "small",
            next_step="let the instrument settle between readings, correct for it, or declare "
            "the order to mean nothing",
        )
    if subject is Subject.MEAN and dependent and serial is Serial.CORRECT:
        return _corrected(values, mean, s)
    u = s / math.sqrt(n) if subject is Subject.MEAN else s
    note = f"successive readings are correlated, r = {first:.2f}" if dependent else ""
    nu = float(n - 1)
    return TypeA(mean, u, nu, subject, TypeAMethod.EXPERIMENTAL, n, s, u, nu, note)


def posterior_mean(readings: ArrayLike, *, subject: Subject = Subject.MEAN) -> TypeA:
    """Return the mean of few readings with u of its t posterior, sqrt((n-1)/(n-3)) s/sqrt(n).

    A declared choice: with it no degrees of freedom are counted again. For a further READING
    the posterior predictive is meant, with scale s sqrt(1 + 1/n).

    Args:
        readings: Independent normal readings, shape (n,), n at least 4.
        subject: Whether u is asked of the mean or of a single further reading.

    Raises:
        InputError: fewer than four readings: the posterior then has no variance.

    Source: JCGM 101:2008, clause 6.4.9.4 (clause from memory): variance of the scaled and
    shifted t with n - 1 degrees of freedom.
    """
    values = _readings(readings)
    n = len(values)
    if n < POSTERIOR_LEAST:
        raise InputError(
            f"the posterior of {n} readings has no standard deviation",
            next_step="take four or more, or pool the scatter of earlier samples",
        )
    s = float(np.std(values, ddof=1))
    scale = s / math.sqrt(n) if subject is Subject.MEAN else s * math.sqrt(1.0 + 1.0 / n)
    u = math.sqrt((n - 1) / (n - 3)) * scale
    return TypeA(
        float(np.mean(values)), u, math.inf, subject, TypeAMethod.POSTERIOR, n, s, scale,
        float(n - 1), "t posterior, declared: u holds the doubt about s",
    )  # fmt: skip


def autocorrelation(readings: ArrayLike, lags: int) -> Array:
    """Return the sample autocorrelation at lags 1 ... lags, shape (lags,).

    Raises:
        InputError: fewer readings than lags + 2, or readings without scatter.

    Source: Box and Jenkins, Time Series Analysis, Eq. 2.1.12 (equation from memory): sums over
    all pairs, divided by the sum of squares.
    """
    values = _readings(readings)
    if not 1 <= lags <= len(values) - MEANINGFUL_N:
        raise InputError(f"{len(values)} readings have no autocorrelation at lag {lags}")
    centred = values - np.mean(values)
    total = float(centred @ centred)
    if total == 0.0:
        raise InputError("readings that are all equal have no autocorrelation")
    return np.array([float(centred[k:] @ centred[:-k]) / total for k in range(1, lags + 1)])


def _corrected(values: Array, mean: float, s: float) -> TypeA:
    """Enlarge u by the significant part of the autocorrelation function.

    The sum ends before the first lag that independent readings would show too (95 %).

    Source: Zhang, Metrologia 43 (2006) S276: u^2 = s^2/n [1 + 2 sum (1 - k/n) r_k] up to a cut-off
    lag; Zieba, Metrol. Meas. Syst. 17 (2010) 3: unbiased s^2 with n_eff (both from memory).
    """
    n = len(values)
    if n < LEAST_FOR_CORRECTION:
        raise InputError(
            f"{n} correlated readings are too few to know their correlation",
            next_step=f"take {LEAST_FOR_CORRECTION} or more, or let the instrument settle",
        )
    inflation = 1.0
    for k, coefficient in enumerate(autocorrelation(values, n // LARGEST_LAG_PART), start=1):
        if coefficient <= NORMAL_95 / math.sqrt(n):
            break
        inflation += 2.0 * (1.0 - k / n) * float(coefficient)
    effective = n / inflation
    if effective < LEAST_EFFECTIVE:
        raise InputError(
            f"{n} readings say no more than {effective:.1f} independent ones: they drift",
            next_step="model the drift, or take the readings further apart",
        )
    variance = s * s * effective * (n - 1) / (n * (effective - 1.0))
    u = math.sqrt(variance / effective)
    nu = effective - 1.0
    note = f"{n} correlated readings count as {effective:.1f} independent ones"
    return TypeA(mean, u, nu, Subject.MEAN, TypeAMethod.CORRECTED, n, s, u, nu, note)


@dataclass(frozen=True, slots=True)
class Pooled:
    """Scatter of several samples of the same kind, in the unit of the readings.

    `p_value` is Bartlett's probability of more unequal scatters if all are one; None for one
    sample or one without scatter.
    """

    standard_deviation: float
    degrees_of_freedom: int
    samples: int
    p_value: float | None


def pooled_variance(samples: Sequence[ArrayLike]) -> Pooled:
    """Join the scatter of samples whose means may differ and whose scatter is one.

    Args:
        samples: Readings of each sample, two or more each.

    Raises:
        InputError: no samples, or one of fewer than two readings.

    Source: GUM 4.2.4 (pooled estimate of the variance); Snedecor and Cochran, Statistical
    Methods, 8th ed., section 13.10 (Bartlett's test, from memory).
    """
    from scipy.special import chdtrc

    if not samples:
        raise InputError("there are no samples to pool")
    series = [_readings(sample) for sample in samples]
    nus = np.array([len(values) - 1 for values in series], dtype=np.float64)
    variances = np.array([float(np.var(values, ddof=1)) for values in series])
    total = float(np.sum(nus))
    variance = float(nus @ variances) / total
    p_value = None
    if len(series) > 1 and np.all(variances > 0.0):
        statistic = total * math.log(variance) - float(nus @ np.log(variances))
        correction = 1.0 + (float(np.sum(1.0 / nus)) - 1.0 / total) / (3.0 * (len(series) - 1))
        p_value = float(chdtrc(len(series) - 1, max(0.0, statistic) / correction))
    return Pooled(math.sqrt(variance), int(total), len(series), p_value)


def mean_with_pooled(
    readings: ArrayLike,
    *,
    standard_deviation: float,
    degrees_of_freedom: float,
    subject: Subject = Subject.MEAN,
) -> TypeA:
    """Return the mean of a few readings with the scatter known from earlier samples.

    Args:
        readings: Readings of today, shape (n,), one or more.
        standard_deviation: Pooled s of one reading, in the same unit.
        degrees_of_freedom: Of the pooled s.
        subject: Whether u is asked of the mean or of a single further reading.

    Raises:
        InputError: the pooled scatter is no scatter, or today's readings scatter far more
            (F test, 1 %).

    Source: GUM 4.2.4: u^2 = s_p^2 / n.
    """
    from scipy.special import chdtrc, fdtrc

    values = _readings(readings, least=1)
    if not (standard_deviation > 0.0 and degrees_of_freedom >= 1.0):
        raise InputError(
            f"s = {standard_deviation:g} with {degrees_of_freedom:g} degrees of freedom is no "
            "pooled scatter"
        )
    n = len(values)
    squares = float(np.sum((values - np.mean(values)) ** 2)) / standard_deviation**2
    if n > 1:
        if math.isinf(degrees_of_freedom):
            tail = float(chdtrc(n - 1, squares))
        else:
            tail = float(fdtrc(n - 1, degrees_of_freedom, squares / (n - 1)))
        if tail < EXCESS_SCATTER:
            raise InputError(
                "today's readings scatter far more than the pooled standard deviation allows "
                f"(p = {tail:.1g})",
                next_step="look for what has changed; evaluate today's readings by themselves",
            )
    u = standard_deviation / math.sqrt(n) if subject is Subject.MEAN else standard_deviation
    return TypeA(
        float(np.mean(values)), u, degrees_of_freedom, subject, TypeAMethod.POOLED, n,
        standard_deviation, u, degrees_of_freedom,
    )  # fmt: skip


def _readings(readings: ArrayLike, *, least: int = MEANINGFUL_N) -> Array:
    """Return readings as an array, refusing too few and what is no number."""
    values = np.atleast_1d(np.asarray(readings, dtype=np.float64))
    if values.ndim != 1 or len(values) < least:
        raise InputError(
            f"{values.size} readings are too few: {least} or more in one row are needed",
            next_step="repeat the reading, or use the scatter of earlier samples",
        )
    if not np.all(np.isfinite(values)):
        raise InputError(
            f"reading {int(np.argmin(np.isfinite(values))) + 1} is no finite number",
            next_step="leave it out and say so",
        )
    return values
