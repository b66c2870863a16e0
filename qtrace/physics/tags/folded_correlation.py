"""Circular correlation of two folded streams, and what its greatest bin is worth.

Inside: `Stretch`, `FoldedPeak`, `folded_peak`, `false_alarm`, `threshold`, `levelled`.

For independent streams a bin of the folded correlation has mean and variance Na Nb / bins; a rate
that varies makes it scatter more, and the scatter seen is then taken. The greatest of many bins is
judged: 1 - (1 - p)^bins, p the upper tail of a Poisson number of that mean.
Source: folded streams, Ho, Lamas-Linares, Kurtsiefer, New J. Phys. 11, 045011 (2009); Poisson tail
as regularised incomplete gamma function, NIST DLMF 8.4.10; greatest of n independent numbers,
elementary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.optimize import brentq
from scipy.special import gammainc

from qtrace.physics.tags import correlation_kernels as kernels

Integers = NDArray[np.int64]

# Bins over which the slow course of a correlation is averaged.
LEVEL = 4096


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tags of a window [start, stop) of the first clock, and those of the second that may fit."""

    first: Integers
    second: Integers
    start: int
    stop: int
    centre: int
    span: int

    def whole_folds(self, fold: int) -> Stretch:
        """Return the stretch cut to whole folds, so that the first stream lies evenly in it.

        Then the correlation has no slope, whatever the second does. Less than one fold stays.

        Source: a folded uniform stream is uniform over whole folds only.
        """
        if self.stop - self.start < fold:
            return self
        stop = self.stop - (self.stop - self.start) % fold
        a = self.first[: np.searchsorted(self.first, stop)]
        high = stop + self.centre + self.span
        b = self.second[: np.searchsorted(self.second, high)]
        return Stretch(a, b, self.start, stop, self.centre, self.span)

    def compensated(self, skew: float) -> Integers:
        """Return the second stream with a skew taken out about the start of the window.

        Source: t / (1 + y), Ho et al. (2009).
        """
        if skew == 0.0:
            return self.second
        origin = self.start + self.centre
        since = self.second - origin
        turned = np.rint(since * (skew / (1.0 + skew))).astype(np.int64)
        return np.asarray(self.second - turned)


@dataclass(frozen=True, slots=True)
class FoldedPeak:
    """The greatest bin (or sum of two neighbours) of all; `expected` its mean without a peak."""

    place: int
    skew: float
    significance: float
    expected: float
    trials: int


def false_alarm(significance: float, expected: float, trials: int) -> float:
    """Return the probability that the greatest of many Poisson numbers stands out so much.

    Args:
        significance: (count - mean) / sqrt(mean) of the greatest.
        expected: Its mean.
        trials: How many there are.

    Source: NIST DLMF 8.4.10, and the greatest of n independent numbers.
    """
    count = expected + significance * np.sqrt(expected)
    if count <= 0.0:
        return 1.0
    single = float(gammainc(count, expected))
    return 1.0 if single >= 1.0 else float(-np.expm1(trials * np.log1p(-single)))


def threshold(expected: float, trials: int, probability: float) -> float:
    """Return the significance that the greatest of many exceeds with a probability.

    Args:
        expected: Mean of each Poisson number, above 0.
        trials: How many there are.
        probability: False alarm probability of the greatest, in (0, 1).

    Source: the inverse of `false_alarm`.
    """
    mean = max(expected, 1e-9)
    high = 10.0
    while false_alarm(high, mean, trials) > probability:
        high *= 2.0

    def excess(at: float) -> float:
        return float(np.log(max(false_alarm(at, mean, trials), 1e-300) / probability))

    return float(brentq(excess, 0.0, high, xtol=1e-6))


def _folded(
    times: Integers, origin: int, *, bits: int, shift: int, skew: float
) -> NDArray[np.float32]:
    bins = np.zeros(1 << bits, dtype=np.float32)
    kernels.compiled(kernels.fold)(times, origin, shift, float(skew), bins)
    bins -= np.float32(len(times) / len(bins))  # small numbers keep single precision good
    return bins


def levelled(lags: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return lags less their slow course: rates that vary within a fold, and its edges.

    Source: a running mean over pieces, a choice of ours.
    """
    pieces = len(lags) // LEVEL
    if pieces < 2:
        return lags - np.float32(lags.mean())
    means = lags[: pieces * LEVEL].reshape(pieces, LEVEL).mean(axis=1)
    places = (np.arange(pieces) + 0.5) * LEVEL - 0.5
    slow = np.interp(np.arange(len(lags)), places, means).astype(np.float32)
    return np.asarray(lags - slow)


def folded_peak(part: Stretch, *, bits: int, shift: int, skews: NDArray[np.float64]) -> FoldedPeak:
    """Return the most significant place of the folded correlation over a grid of skews.

    Both single bins and sums of two neighbours are judged: a peak on an edge loses less.

    Args:
        part: The two streams.
        bits: The fold has 2^bits bins.
        shift: Bins of 2^shift ps.
        skews: Frequency deviations of the second clock to try, about the start of the window.

    Source: Ho et al. (2009); variance Na Nb / bins.
    """
    size = 1 << bits
    expected = max(len(part.first) * len(part.second) / size, 1e-9)
    reach = min((part.span >> shift) + 1, size // 2 - 1)
    origin = part.start + part.centre
    spectrum = np.conj(fft.rfft(_folded(part.first, part.start, bits=bits, shift=shift, skew=0.0)))
    best = FoldedPeak(0, 0.0, -np.inf, expected, 0)
    for skew in skews:
        other = fft.rfft(_folded(part.second, origin, bits=bits, shift=shift, skew=float(skew)))
        other *= spectrum
        lags = fft.irfft(other, n=size)
        near = levelled(np.concatenate([lags[size - reach :], lags[: reach + 1]]))
        # Robust against the peak itself: half the distance of the quartiles of a sample.
        quartiles = np.percentile(near[:: max(len(near) // 20_000, 1)], [25.0, 75.0])
        spread = max((float(quartiles[1] - quartiles[0]) / 1.349) ** 2 / expected, 1.0)
        sums = near[1:] + near[:-1]
        one, two = int(np.argmax(near)), int(np.argmax(sums))
        single = float(near[one] / np.sqrt(expected * spread))
        double = float(sums[two] / np.sqrt(2.0 * expected * spread))
        if max(single, double) > best.significance:
            middle = one - reach if single >= double else two - reach + 0.5
            # A lag of k bins holds delays from k - 1 to k + 1 bins.
            best = FoldedPeak(
                round(middle * (1 << shift)), float(skew), max(single, double), expected, 0
            )
    trials = 2 * (2 * reach + 1) * len(skews)
    return FoldedPeak(best.place, best.skew, best.significance, expected, trials)
