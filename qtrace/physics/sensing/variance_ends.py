"""The chi-square interval of a variance from its u, and of what it is multiplied with.

Inside: `degrees_behind`, `variance_ends`, `normal_ends`.

A u of a variance that follows from its shots names them: the degrees of freedom are found again,
and the interval is the exact one for normal shots. A larger u, stated for other reasons, counts as
one of fewer shots.
Source: as `qtrace.physics.sensing.shot_scatter`.
"""

from __future__ import annotations

import math

from scipy.special import chdtri, ndtri

from qtrace.errors import InputError

_HALVINGS = 200
_WHOLE = 1e-9  # relative: shots are whole, a u read back from text is not


def degrees_behind(relative: float) -> float:
    """Return nu with nu / (nu - 2) sqrt(2 / (nu - 4)) = u(s^2) / s^2.

    Args:
        relative: u of a variance over the variance, above zero.

    Source: inverse of `variance_uncertainty`; unique, since it falls with nu above 4.
    """
    # With y = nu - 4 the first factor lies between 1 and 2.
    low, high = 2.0 / relative**2, 8.0 / relative**2
    for _ in range(_HALVINGS):
        y = (low + high) / 2.0
        if (y + 4.0) / (y + 2.0) * math.sqrt(2.0 / y) > relative:
            low = y
        else:
            high = y
    found = (low + high) / 2.0 + 4.0
    whole = round(found)
    return float(whole) if abs(found - whole) <= _WHOLE * found else found


def variance_ends(variance: float, u: float, *, tail: float) -> tuple[float, float]:
    """Return the ends of a variance, each with the given error on its side.

    Args:
        variance: Sample variance.
        u: Its standard uncertainty; 0 makes it exact.
        tail: Error on each side, in (0, 0.5).

    Raises:
        InputError: no such error.

    Source: quantiles of chi-square.
    """
    _check(tail)
    if u == 0.0:
        return variance, variance
    degrees = degrees_behind(u / variance)
    low = float(variance * degrees / chdtri(degrees, tail))
    return low, float(variance * degrees / chdtri(degrees, 1.0 - tail))


def normal_ends(value: float, u: float, *, tail: float) -> tuple[float, float]:
    """Return the ends of a positive quantity with a normal u; the lower one is not below zero.

    Args:
        value: Estimate.
        u: Standard uncertainty.
        tail: Error on each side, in (0, 0.5).

    Raises:
        InputError: no such error.

    Source: quantile of the normal distribution.
    """
    _check(tail)
    off = -float(ndtri(tail)) * u
    return max(0.0, value - off), value + off


def _check(tail: float) -> None:
    if not 0.0 < tail < 0.5:
        raise InputError(f"an error of {tail} on each side leaves no interval", where="probability")
