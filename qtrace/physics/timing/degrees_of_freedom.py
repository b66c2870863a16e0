"""Equivalent degrees of freedom of stability variances, by estimator, noise and factor.

Inside: `equivalent_dof`.
Source: C. Greenhall and W. Riley, "Uncertainty of stability variances based on finite
differences", Proc. 35th PTTI (2003), Eqs. 7 to 13 and Tables 1 to 3 [read in two open
implementations, which agree]; NIST SP 1065 (2008), Tables 7 to 9 for the total deviations.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import binom, xlogy

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Numbers, known_kind

LARGEST_SUM = 100  # terms of the basic sum that are added up; above, its asymptotic form
LONG_FACTOR = 1e4  # from which flicker phase noise is taken at its limit
# Estimator to (order of the difference, overlapping, modified).
_FORMS: dict[str, tuple[int, bool, bool]] = {
    "adev": (2, False, False),
    "oadev": (2, True, False),
    "totdev": (2, True, False),
    "mdev": (2, True, True),
    "tdev": (2, True, True),
    "mtotdev": (2, True, True),
    "ttotdev": (2, True, True),
    "hdev": (3, False, False),
    "ohdev": (3, True, False),
    "htotdev": (3, True, False),
}
# (alpha, d): a0, a1 of many samples. Source: Greenhall and Riley (2003), Tables 1 and 2.
_MODIFIED: dict[tuple[int, int], tuple[float, float]] = {
    (2, 2): (7.0 / 9.0, 1.0 / 2.0),
    (2, 3): (22.0 / 25.0, 2.0 / 3.0),
    (1, 2): (0.997, 0.616),
    (1, 3): (1.141, 0.843),
    (0, 2): (1.033, 0.607),
    (0, 3): (1.184, 0.848),
    (-1, 2): (1.048, 0.534),
    (-1, 3): (1.180, 0.816),
    (-2, 2): (1.302, 0.535),
    (-2, 3): (1.175, 0.777),
    (-3, 3): (1.194, 0.703),
    (-4, 3): (1.489, 0.702),
}
_UNMODIFIED: dict[tuple[int, int], tuple[float, float]] = {
    (1, 2): (790.0, 410.0),
    (1, 3): (9950.0, 6520.0),
    (0, 2): (2.0 / 3.0, 1.0 / 3.0),
    (0, 3): (7.0 / 9.0, 1.0 / 2.0),
    (-1, 2): (0.852, 0.375),
    (-1, 3): (0.997, 0.617),
    (-2, 2): (1.079, 0.368),
    (-2, 3): (1.033, 0.607),
    (-3, 3): (1.053, 0.553),
    (-4, 3): (1.302, 0.535),
}
# d: b0, b1 of flicker phase noise, unmodified. Source: the same, Table 3.
_FLICKER_PHASE: dict[int, tuple[float, float]] = {2: (15.23, 12.0), 3: (47.8, 40.0)}
# alpha: b, c of edf = b T / tau - c. Source: NIST SP 1065 (2008), Tables 7 and 8.
_TOTAL = {0: (1.50, 0.0), -1: (1.17, 0.22), -2: (0.93, 0.36)}
_MODIFIED_TOTAL = {
    2: (1.90, 2.10),
    1: (1.20, 1.40),
    0: (1.10, 1.20),
    -1: (0.85, 0.50),
    -2: (0.75, 0.31),
}
# alpha: b0, b1 of edf = (T / tau) / (b0 + b1 tau / T). Source: Howe, Beard, Greenhall, Vernotte
# and Riley, Proc. 32nd PTTI (2000) [coefficients from memory; tested against Stable32].
_HADAMARD_TOTAL = {
    0: (0.559, 1.004),
    -1: (0.868, 1.140),
    -2: (0.938, 1.696),
    -3: (0.974, 2.554),
    -4: (1.276, 3.149),
}
LEAST_FACTOR = {"totdev": 8, "mtotdev": 16, "ttotdev": 16, "htotdev": 16}


def equivalent_dof(alpha: int, *, kind: str, factor: int, n: int) -> float:
    """Return the degrees of freedom of the chi-square that an estimated variance follows.

    Of the total deviations the published fits are taken from factor 16 on (of `totdev` from 8
    on, as below it would have more degrees of freedom than samples); before, and for noise that
    has none, those of the overlapping estimator.

    One case is not as published: white frequency noise at factor 1, where the phase samples are a
    random walk and the sum is exact. The paper's model averages phase over tau0 and gives a sixth
    too many there; simulated 95 % intervals then cover 92.9 %.

    Args:
        alpha: Power of the noise, S_y(f) proportional to f^alpha: 2 to -2, Hadamard to -4.
        kind: Estimator: "adev", "oadev", "mdev", "tdev", "hdev", "ohdev", "totdev", ...
        factor: Averaging factor m.
        n: Phase samples of the record.

    Raises:
        InputError: No such estimator, noise that it does not converge for, a factor that does
            not fit, or MTIE and TIE rms, which have no chi-square interval.

    Source: Greenhall and Riley (2003), combined algorithm; NIST SP 1065 (2008), Tables 7 to 9.
    """
    if known_kind(kind) not in _FORMS:
        raise InputError(
            f"{kind} follows no chi-square distribution",
            next_step="state its record length instead of an interval",
        )
    d, overlapping, modified = _FORMS[kind]
    if (alpha, d) not in _MODIFIED:
        raise InputError(
            f"{kind} has no degrees of freedom for noise of power {alpha}",
            next_step="powers are 2 to -2, of Hadamard deviations 2 to -4",
        )
    span = factor * d + (factor if modified else 1)
    stride = factor if overlapping else 1
    # A total deviation extends its record, so it only has to hold the factor itself.
    if factor < 1 or (n - factor < 2 if kind == "totdev" else n < span):
        raise InputError(
            f"factor {factor} of {kind} does not fit {n} phase samples",
            next_step="take a shorter averaging time",
        )
    published = _published(alpha, kind=kind, factor=factor, n=n)
    if published is not None:
        return published
    terms = 1 + max(math.floor(stride * (n - span) / factor), 0)
    if factor == 1 and alpha == 0:
        lags = min(terms, d + 1)
        return terms / _basic_sum(lags, terms, 1, filtered=math.inf, alpha=0, d=d)
    if modified:
        return _modified_dof(alpha, d=d, terms=terms, stride=stride)
    if alpha == 2:
        return _white_phase_dof(d=d, terms=terms, ratio=terms / stride)
    return _unmodified_dof(alpha, d=d, terms=terms, stride=stride, factor=factor)


def _published(alpha: int, *, kind: str, factor: int, n: int) -> float | None:
    """Return the dof of a total deviation; None where no fit is published."""
    if factor < LEAST_FACTOR.get(kind, n):
        return None
    ratio = (n - 1) / factor
    if kind == "htotdev" and alpha in _HADAMARD_TOTAL:
        b0, b1 = _HADAMARD_TOTAL[alpha]
        return ratio / (b0 + b1 / ratio)
    table = {"totdev": _TOTAL, "mtotdev": _MODIFIED_TOTAL, "ttotdev": _MODIFIED_TOTAL}.get(kind, {})
    if alpha not in table:
        return None
    b, c = table[alpha]
    return b * ratio - c


def _modified_dof(alpha: int, *, d: int, terms: int, stride: int) -> float:
    """Return the dof of modified variances. Source: Greenhall and Riley (2003), case 1."""
    lags = min(terms, (d + 1) * stride)
    if lags <= LARGEST_SUM:
        return terms / _basic_sum(lags, terms, stride, filtered=1.0, alpha=alpha, d=d)
    ratio = terms / stride
    if ratio > d + 1:
        a0, a1 = _MODIFIED[alpha, d]
        return ratio / (a0 - a1 / ratio)
    fewer = LARGEST_SUM / ratio
    total = _basic_sum(LARGEST_SUM, LARGEST_SUM, fewer, filtered=1.0, alpha=alpha, d=d)
    return LARGEST_SUM / total


def _unmodified_dof(alpha: int, *, d: int, terms: int, stride: int, factor: int) -> float:
    """Return the dof of Allan and Hadamard variances. Source: the same, cases 2 and 3."""
    lags = min(terms, (d + 1) * stride)
    ratio = terms / stride
    flicker_phase = alpha == 1
    if lags <= LARGEST_SUM:
        short = flicker_phase or factor * (d + 1) <= LARGEST_SUM
        filtered = float(factor) if short else math.inf
        return terms / _basic_sum(lags, terms, stride, filtered=filtered, alpha=alpha, d=d)
    scale = 1.0
    if flicker_phase:
        b0, b1 = _FLICKER_PHASE[d]
        scale = (b0 + b1 * math.log(factor)) ** 2
    if ratio > d + 1:
        a0, a1 = _UNMODIFIED[alpha, d]
        return scale * ratio / (a0 - a1 / ratio)
    fewer = LARGEST_SUM / ratio
    filtered = fewer if flicker_phase else math.inf
    total = _basic_sum(LARGEST_SUM, LARGEST_SUM, fewer, filtered=filtered, alpha=alpha, d=d)
    if flicker_phase:
        # The sum comes divided by the variance at the shorter factor; that of this one is scale.
        total *= float(_differenced(np.zeros(1), fewer, alpha, d)[0]) ** 2 / scale
    return LARGEST_SUM / total


def _white_phase_dof(*, d: int, terms: int, ratio: float) -> float:
    """Return the dof for white phase noise, whose samples are independent.

    Lags that are no multiple of the factor have no correlation; the sum is exact.

    Source: Greenhall and Riley (2003), case 4, both of its parts as one sum.
    """
    last = min(math.ceil(ratio) - 1, d)
    k = np.arange(1, last + 1)
    squares = np.square(binom(2 * d, d - k) / binom(2 * d, d))
    return terms / (1.0 + 2.0 * float(np.sum((1.0 - k / ratio) * squares)))


def _basic_sum(
    lags: int, terms: int, stride: float, *, filtered: float, alpha: int, d: int
) -> float:
    """Return the sum of squared correlations over the lags. Source: the same, Eq. 10."""
    j = np.arange(lags + 1, dtype=np.float64)
    covariance = _differenced(j / stride, filtered, alpha, d)
    weights = 2.0 * (1.0 - j / terms)
    weights[0] = 1.0
    weights[-1] /= 2.0
    return float(np.sum(weights * np.square(covariance / covariance[0])))


def _differenced(t: Numbers, filtered: float, alpha: int, d: int) -> Numbers:
    """Return the autocovariance of d-th differences at lags t in tau. Source: Eq. 9."""
    total = np.zeros_like(t)
    for k in range(-d, d + 1):
        total += (-1.0) ** k * binom(2 * d, d + k) * _averaged(t + k, filtered, alpha)
    return total


def _averaged(t: Numbers, filtered: float, alpha: int) -> Numbers:
    """Return the generalized autocovariance of (averaged) phase. Source: Eq. 8."""
    if math.isinf(filtered):
        return _generalized(t, alpha + 2)
    if alpha == 1 and filtered > LONG_FACTOR:
        # Limit of the difference below, which cancels all digits of large factors.
        apart = np.where(t == 0.0, 1.0, np.abs(t))
        return np.where(t == 0.0, 2.0 * math.log(filtered), -2.0 * np.log(apart) - 3.0)
    inner: Numbers = (
        2.0 * _generalized(t, alpha)
        - _generalized(t - 1.0 / filtered, alpha)
        - _generalized(t + 1.0 / filtered, alpha)
    )
    return filtered**2 * inner


def _generalized(t: Numbers, alpha: int) -> Numbers:
    """Return the generalized autocovariance of the doubly summed noise. Source: Eq. 7."""
    size = np.abs(t)
    power = 3 - alpha
    if alpha % 2:
        return np.asarray(xlogy(size**power, size), dtype=np.float64)
    return (-1.0 if alpha == 2 else 1.0) * size**power
