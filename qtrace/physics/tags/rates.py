"""Rates from counting tags: live time, exact intervals, stationarity, and corrections by name.

Inside: `Stationarity`, `live_time_s`, `count_rate`, `stationarity`, `without_afterpulses`,
`without_dead_time`, `variance_of_counts`.
Source: Garwood, Biometrika 28, 437 (1936); Mueller, Nucl. Instrum. Methods 112, 47 (1973).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval, poisson_interval, poisson_upper_limit
from qtrace.physics.tags.reduced import PS_PER_S, Reduced, as_tags

Span = tuple[int, int]
LEAST_IN_BLOCK = 5  # expected counts: below, chi-square does not hold
THREE_SIGMA = 0.99865  # one-sided probability of three standard deviations
DOUBT = 0.01  # p-value below which a record is called not stationary


@dataclass(frozen=True, slots=True)
class Stationarity:
    """Chi-square of the counts of equal blocks, and Fano factor (variance over mean)."""

    blocks: int
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    fano: float


def live_time_s(span_ps: Span, *, gaps_ps: Sequence[Span] = ()) -> float:
    """Return the time in which tags could be recorded: the span less its gaps, s.

    Args:
        span_ps: Start and stop of the recording, ps.
        gaps_ps: Stretches (from, to) in which the tagger lost tags (overflow); may not overlap.

    Raises:
        InputError: stop not after start, gaps outside or overlapping, nothing left.

    Source: difference of times.
    """
    start, stop = span_ps
    live = stop - start
    last = start
    for low, high in sorted(gaps_ps):
        if low < last or high < low or high > stop:
            raise InputError(
                f"a gap from {low} to {high} ps overlaps another or leaves the recording",
                next_step="give gaps inside the span, each once",
            )
        live -= high - low
        last = high
    if live <= 0:
        raise InputError(
            f"no live time between {start} and {stop} ps", next_step="check start, stop and gaps"
        )
    return live / PS_PER_S


def count_rate(
    times_ps: ArrayLike,
    *,
    span_ps: Span,
    gaps_ps: Sequence[Span] = (),
    dead_time_s: float = 0.0,
    probability: float = 0.95,
) -> Reduced:
    """Return the rate of tags, /s: nothing subtracted, nothing corrected.

    Args:
        times_ps: Tags of one channel, int64 ps.
        span_ps: When the recording began and stopped: not the first and last tag.
        gaps_ps: Stretches without recording.
        dead_time_s: Non-paralysable dead time; only the variance is lowered by it.
        probability: Of the exact interval.

    Returns:
        The rate. u is the square root of n + 1/2 over the live time (posterior of a Poisson mean
        with the Jeffreys prior), the interval Garwood's; without a count the notes hold the
        upper limit at three standard deviations.

    Raises:
        InputError: no live time; tags outside of the span or inside of a gap.

    Source: Garwood, Biometrika 28, 437 (1936); variance with dead time: `variance_of_counts`.
    """
    tags = as_tags(times_ps)
    live = live_time_s(span_ps, gaps_ps=gaps_ps)
    outside = int(np.count_nonzero((tags < span_ps[0]) | (tags > span_ps[1])))
    for low, high in gaps_ps:
        outside += int(np.count_nonzero((tags > low) & (tags < high)))
    if outside:
        raise InputError(
            f"{outside} tags lie outside of the live time",
            next_step="correct start, stop and gaps: rate and live time must belong together",
        )
    number = int(tags.size)
    exact = poisson_interval(number, probability=probability)
    variance = number + 0.5
    notes: tuple[str, ...] = (f"live time {live:.9g} s",)
    share = _dead_share(number / live, dead_time_s)
    if share > 0.0:
        variance *= (1.0 - share) ** 2  # (1 + n tau)^-2 over the mean n T / (1 + n tau)
        notes = (*notes, f"variance lowered by the dead time: Fano factor {(1.0 - share) ** 2:.4g}")
    if number == 0:
        limit = poisson_upper_limit(0, probability=THREE_SIGMA) / live
        notes = (*notes, f"no counts: at most {limit:.3g} /s at three standard deviations")
    return Reduced(
        number / live,
        math.sqrt(variance) / live,
        interval=Interval(exact.low / live, exact.high / live, probability),
        window_ps=(float(span_ps[0]), float(span_ps[1])),
        counts=number,
        notes=notes,
    )


def _dead_share(rate_per_s: float, dead_time_s: float) -> float:
    """Return the part of the time that is dead, by a rate as counted."""
    share = rate_per_s * dead_time_s
    if share >= 1.0:
        raise InputError(
            f"{rate_per_s:g} /s at a dead time of {dead_time_s:g} s is beyond saturation",
            next_step="check the dead time",
        )
    return share


def stationarity(
    times_ps: ArrayLike, *, span_ps: Span, blocks: int | None = None, dead_time_s: float = 0.0
) -> Stationarity:
    """Test whether the rate stays the same: chi-square of equal blocks of time.

    Args:
        times_ps: Tags, int64 ps.
        span_ps: Start and stop of the recording, without gaps.
        blocks: How many; by default 50, fewer where the counts are few.
        dead_time_s: Non-paralysable dead time, which lowers the variance that is expected.

    Raises:
        InputError: fewer than two blocks of five counts; blocks not longer than the dead time.

    Source: Fisher's index of dispersion: sum (n_i - m)^2 / (m F), with F the Fano factor that dead
        time gives (`variance_of_counts`).
    """
    tags = as_tags(times_ps)
    most = int(tags.size) // LEAST_IN_BLOCK
    number = min(50, most) if blocks is None else blocks
    if number < 2 or number > most:
        raise InputError(
            f"{tags.size} counts in {number} blocks are too few for a test",
            next_step=f"take blocks of at least {LEAST_IN_BLOCK} counts, and two of them",
        )
    live = live_time_s(span_ps)
    edges = span_ps[0] + (np.arange(number + 1) * ((span_ps[1] - span_ps[0]) / number))
    counts = np.diff(np.searchsorted(tags, edges))
    mean = float(np.mean(counts))
    expected = (1.0 - tags.size / live * dead_time_s) ** 2
    chi_square = float(np.sum((counts - mean) ** 2) / (mean * expected))
    dof = number - 1
    fano = float(np.var(counts, ddof=1)) / mean
    return Stationarity(number, chi_square, dof, float(gammaincc(dof / 2, chi_square / 2)), fano)


def without_afterpulses(rate: Reduced, *, probability: float, u_probability: float) -> Reduced:
    """Take the after-pulses out of a rate: d = m (1 - p).

    Args:
        rate: Count rate, /s.
        probability: Direct after-pulses per event counted (first order), in their window: every
            event counted, an after-pulse too, has that many.
        u_probability: Its u.

    Raises:
        InputError: a probability of one or more.

    Source: in a stationary record m = d + m p; per primary event all orders are p / (1 - p).
        Counts with after-pulses scatter more than Poisson ones: by (1 + p) / (1 - p), the ratio
        of second to first moment of a geometric number.
    """
    if not probability < 1.0:
        raise InputError(f"an after-pulse probability of {probability:g} leaves no events")
    factor = 1.0 - probability
    # Each primary event brings a geometric number of events: compound Poisson.
    fano = (1.0 + probability) / factor
    u = math.hypot(rate.u * factor * math.sqrt(max(fano, 0.0)), rate.value * u_probability)
    note = f"after-pulses taken out: factor {factor:.6g}"
    return Reduced(rate.value * factor, u, rate.degrees_of_freedom, notes=(*rate.notes, note))


def without_dead_time(
    rate: Reduced, *, dead_time_s: float, u_dead_time_s: float, paralysable: bool = False
) -> Reduced:
    """Correct a rate for dead time: n = m / (1 - m tau), or m = n exp(-n tau).

    Args:
        rate: Rate as counted, /s, with its u (variance with dead time).
        dead_time_s: Dead time, with u.
        u_dead_time_s: Its u.
        paralysable: Whether an event in the dead time prolongs it; the smaller solution is taken.

    Raises:
        InputError: beyond saturation, where no rate gives the count.

    Source: Mueller, Nucl. Instrum. Methods 112, 47 (1973); Knoll, Radiation Detection and
        Measurement, ch. 4 (chapter from memory). The paralysable solution is -W(-m tau) / tau.
    """
    m, tau = rate.value, dead_time_s
    if m * tau >= (math.exp(-1.0) if paralysable else 1.0):
        raise InputError(
            f"{m:g} /s at a dead time of {tau:g} s is beyond saturation",
            next_step="check the dead time and its kind",
        )
    if not paralysable:
        n = m / (1.0 - m * tau)
        by_rate, by_tau = 1.0 / (1.0 - m * tau) ** 2, n * n
    else:
        n = m
        for _ in range(200):  # Newton from below converges: n exp(-n tau) is concave there
            step = (n * math.exp(-n * tau) - m) / ((1.0 - n * tau) * math.exp(-n * tau))
            n -= step
            if abs(step) <= 1e-15 * max(n, 1e-300):
                break
        by_rate = math.exp(n * tau) / (1.0 - n * tau)
        by_tau = n * n / (1.0 - n * tau)
    kind = "paralysable" if paralysable else "non-paralysable"
    return Reduced(
        n,
        math.hypot(by_rate * rate.u, by_tau * u_dead_time_s),
        rate.degrees_of_freedom,
        notes=(*rate.notes, f"corrected for a {kind} dead time of {tau:g} s"),
    )


def variance_of_counts(rate_per_s: float, *, time_s: float, dead_time_s: float) -> float:
    """Return the variance of the counts in a time T behind a non-paralysable dead time.

    Args:
        rate_per_s: True rate n, before dead time.
        time_s: T, much longer than the dead time.
        dead_time_s: tau.

    Source: Mueller, Nucl. Instrum. Methods 112, 47 (1973), asymptotic: n T / (1 + n tau)^3, which
        is the renewal result var(interval) / mean(interval)^3 T for intervals tau + exponential.
    """
    return rate_per_s * time_s / (1.0 + rate_per_s * dead_time_s) ** 3
