"""Which power-law noise rules a record at an averaging time.

Inside: `identify_noise`, `lag_one_power`, `ratio_power`, `SHORTEST`.
Powers alpha of S_y(f): 2 white phase, 1 flicker phase, 0 white frequency, -1 flicker frequency,
-2 random walk of frequency; with Hadamard deviations also -3 and -4.
Source: W. Riley and C. Greenhall, "Power law noise identification using the lag 1
autocorrelation", Proc. 18th EFTF (2004) [read in two open implementations, which agree];
J. Barnes, NBS Technical Note 375 (1969) for B1, NIST SP 1065 (2008), sec. 5.5 for R(n).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Numbers
from qtrace.physics.timing.phase_gaps import end_point_detrended, taken_phase
from qtrace.physics.timing.stability import mdev, oadev

SHORTEST = 30  # decimated samples from which the autocorrelation is used
FEWEST = 4  # mean frequencies that a ratio of variances wants
_WHITE_LIMIT = 0.25  # of rho, below which differencing stops
# Between -1 and -2 at factors above 1: taking every m-th phase averages frequency, by which the
# autocorrelation gives -1.45 for flicker and -2.3 to -2.4 for random walk of frequency.
_AVERAGED_LIMIT = -1.9
# From this factor on modified over Allan variance tells the two phase noises apart, where lag 1
# does not: every m-th sample of flicker phase noise looks white.
RATIO_FROM = 3
# Expected standard variance over Allan variance grows as these mu: by alpha.
_MU = {2: -2, 1: -2, 0: -1, -1: 0, -2: 1}


def identify_noise(phase_s: ArrayLike, *, factor: int, hadamard: bool = False) -> int:
    """Return the power alpha of the noise at an averaging factor.

    Where at least 30 samples are left after taking every m-th, the lag-1 autocorrelation says
    it; at longer averages the ratio of standard to Allan variance (B1). Between the two phase
    noises the ratio of modified to Allan variance (R(n)) decides from m = 3 on. The answer is
    kept within 2 to -2, or 2 to -4 for Hadamard deviations.

    Args:
        phase_s: Phase in s, shape (n,), NaN where missing.
        factor: Averaging factor m.
        hadamard: Whether noise below -2 is looked for too.

    Raises:
        InputError: Bad input, or a record too short for either way.

    Source: Riley and Greenhall (2004); NIST SP 1065 (2008), sec. 5.5 (clause from memory).
    """
    record = taken_phase(phase_s, interval_s=1.0, most_missing=1.0)
    if factor < 1:
        raise InputError(f"{factor} is no averaging factor", next_step="give 1 or more")
    known = np.flatnonzero(~np.isnan(record.phase_s))
    if not len(known):
        raise InputError("the record holds no sample", next_step="measure again")
    phase = end_point_detrended(record.phase_s[known[0] : known[-1] + 1])
    least = -4 if hadamard else -2
    decimated = phase[::factor]
    if np.count_nonzero(~np.isnan(decimated)) >= SHORTEST:
        found = lag_one_power(decimated, most_differences=3 if hadamard else 2)
        if factor > 1 and _AVERAGED_LIMIT < found < -1.0:
            return -1
        alpha = int(min(max(round(found), least), 2))
        return _phase_noise(phase, factor=factor) if alpha > 0 and factor >= RATIO_FROM else alpha
    return ratio_power(phase, factor=factor)


def lag_one_power(decimated: NDArray[np.float64], *, most_differences: int = 2) -> float:
    """Return the power alpha as a real number, from the lag-1 autocorrelation.

    Args:
        decimated: Every m-th phase sample, NaN where missing.
        most_differences: After so many differences the answer is taken as it is.

    Raises:
        InputError: Phase that does not vary.

    Source: Riley and Greenhall (2004): rho = r1 / (1 + r1), alpha = 2 - 2 (rho + d), where d
        differences make rho < 0.25; a quadratic trend is removed first.
    """
    index = np.arange(len(decimated), dtype=np.float64)
    known = ~np.isnan(decimated)
    # Scaled to one, as the squares of femtoseconds would leave few digits to the fit.
    size = float(np.max(np.abs(decimated[known]), initial=0.0))
    if size == 0.0:
        raise InputError(
            "the phase is a straight line, so no noise can be identified in it",
            next_step="check the resolution of the record",
        )
    time = index / len(decimated) - 0.5
    scaled = decimated / size
    rest = scaled - np.polyval(np.polyfit(time[known], scaled[known], 2), time)
    differences = 0
    while True:
        rho = _rho(rest)
        if rho < _WHITE_LIMIT or differences >= most_differences:
            return 2.0 - 2.0 * (rho + differences)
        rest = np.diff(rest)
        differences += 1


def _rho(series: Numbers) -> float:
    """Return r1 / (1 + r1) of a series, over its complete pairs."""
    known = ~np.isnan(series)
    centred = series - np.mean(series[known])
    products = centred[1:] * centred[:-1]
    pairs = ~np.isnan(products)
    squares = float(np.sum(np.square(centred[known])))
    if squares == 0.0 or not pairs.any():
        return 0.0
    # Of a record without gaps this is the plain sum over n - 1 pairs by the sum over n squares.
    whole = (len(series) - 1) / int(pairs.sum()) * int(known.sum()) / len(series)
    r1 = float(np.sum(products[pairs])) / squares * whole
    return r1 / (1.0 + r1) if r1 > -1.0 else -math.inf


def ratio_power(phase: NDArray[np.float64], *, factor: int) -> int:
    """Return the power alpha from ratios of variances, for averages too long for lag 1.

    Args:
        phase: Phase in any unit, shape (n,), NaN where missing.
        factor: Averaging factor m.

    Raises:
        InputError: Fewer mean frequencies than the ratio wants.

    Source: NIST SP 1065 (2008), sec. 5.5.2 and 5.5.3 (clauses from memory), boundaries at the
        geometric means of the expected ratios.
    """
    means = np.diff(phase[::factor]) / factor
    means = means[~np.isnan(means)]
    allan = oadev(phase, interval_s=1.0, factors=[factor], most_missing=1.0)
    if len(means) < FEWEST or not allan.terms[0] or not allan.value[0] > 0.0:
        # Too little is left to tell; white frequency noise lies in the middle.
        return 0
    ratio = float(np.var(means, ddof=1)) / float(allan.value[0]) ** 2
    expected = {alpha: _expected_b1(len(means), mu) for alpha, mu in _MU.items()}
    for alpha in (-2, -1, 0):
        if ratio > math.sqrt(expected[alpha] * expected[alpha + 1]):
            return alpha
    return _phase_noise(phase, factor=factor)


def _phase_noise(phase: NDArray[np.float64], *, factor: int) -> int:
    """Return 1 or 2: whether the modified variance falls below the Allan variance as 1 / m.

    At m = 1 both variances are one, at m = 2 they hardly differ: white unless a larger m decides.
    """
    if factor < RATIO_FROM:
        return 2
    if 3 * factor > len(phase):
        return 1
    modified, allan = (
        estimator(phase, interval_s=1.0, factors=[factor], most_missing=1.0)
        for estimator in (mdev, oadev)
    )
    if not (modified.terms[0] and allan.terms[0] and allan.value[0] > 0.0):
        return 1
    falls = (float(modified.value[0]) / float(allan.value[0])) ** 2
    return 1 if falls > math.sqrt(_flicker_ratio(factor) / factor) else 2


def _expected_b1(count: int, mu: int) -> float:
    """Return the expected standard variance of `count` means over their Allan variance.

    Source: Howe, Beard, Greenhall, Vernotte and Riley (2000), Table 4; NIST SP 1065, Eq. 66.
    """
    if mu == 0:
        return count * math.log(count) / (2.0 * (count - 1.0) * math.log(2.0))
    return count * (1.0 - float(count) ** mu) / (2.0 * (count - 1.0) * (1.0 - 2.0**mu))


def _flicker_ratio(factor: int) -> float:
    """Return the modified over the Allan variance of flicker phase noise, f_h = 1 / (2 tau0).

    Source: IEEE Std 1139 (2008), Annex; NIST SP 1065 (2008), Table of conversions.
    """
    allan = 1.038 + 3.0 * math.log(math.pi * factor)
    return 3.0 * math.log(256.0 / 27.0) / 2.0 / allan
