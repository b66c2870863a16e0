"""Variances of jitter taken apart: others removed, and three detectors separated.

Inside: `Separated`, `Sigma`, `remove_variances`, `ThreeCornered`, `three_cornered`.

A negative variance is a result: it says that what was removed was too large, or chance. It is
reported with its u and never clipped; a standard deviation is then not given.
Source: law of propagation (JCGM 100:2008, 5.1.2) for differences of independent variances;
three-cornered hat: Gray and Allan, Proc. 28th Frequency Control Symposium, 243 (1974), from memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.reduced import Reduced


@dataclass(frozen=True, slots=True)
class Sigma:
    """A standard deviation of a time, ps, with its u, and whose it is."""

    name: str
    sigma_ps: float
    u_ps: float


@dataclass(frozen=True, slots=True)
class Separated:
    """A variance in ps^2 after others were taken out; `sigma` in ps is None if it is negative."""

    variance_ps2: Reduced
    sigma: Reduced | None

    @property
    def negative(self) -> bool:
        """Return whether the variance came out negative."""
        return self.variance_ps2.value < 0.0


@dataclass(frozen=True, slots=True)
class ThreeCornered:
    """Variances of three detectors from their three pairs, with their covariance, ps^4."""

    parts: tuple[Separated, Separated, Separated]
    covariance: NDArray[np.float64]


def remove_variances(
    variance_ps2: float, u_variance_ps2: float, *, others: Sequence[Sigma]
) -> Separated:
    """Take the variances of laser, tagger and sync out of a variance.

    Args:
        variance_ps2: Variance found, ps^2.
        u_variance_ps2: Its u, ps^2.
        others: What is in it besides the detector, independent of it and of each other.

    Returns:
        The rest: s^2 = s_found^2 - sum s_k^2, u^2 = u_found^2 + sum (2 s_k u_k)^2.

    Raises:
        InputError: a negative standard deviation or u.

    Source: variances of independent parts add; JCGM 100:2008, 5.1.2.
    """
    for one in others:
        if one.sigma_ps < 0.0 or one.u_ps < 0.0:
            raise InputError(f"the jitter of {one.name} is negative", next_step="correct it")
    rest = variance_ps2 - sum(one.sigma_ps**2 for one in others)
    u = math.sqrt(u_variance_ps2**2 + sum((2.0 * one.sigma_ps * one.u_ps) ** 2 for one in others))
    names = ", ".join(one.name for one in others) or "nothing"
    return _stated(rest, u, (f"removed in variance: {names}",))


def _stated(variance: float, u: float, notes: tuple[str, ...]) -> Separated:
    """State a variance and, where it is positive, its root."""
    if variance <= 0.0:
        words = "the variance is negative" if variance < 0.0 else "the variance is zero"
        notes = (*notes, f"{words}: {variance:.6g} ps^2 with u = {u:.3g} ps^2; no width is stated")
        return Separated(Reduced(variance, u, notes=notes), None)
    sigma = math.sqrt(variance)
    if variance < 2.0 * u:
        notes = (*notes, "the variance is not told from zero: use it, not its root")
    return Separated(
        Reduced(variance, u, notes=notes), Reduced(sigma, u / (2.0 * sigma), notes=notes)
    )


def three_cornered(
    pair_12: Sigma, pair_13: Sigma, pair_23: Sigma, *, correlation_time: Sigma | None = None
) -> ThreeCornered:
    """Separate the jitter of three detectors from that of their three pairs.

    Args:
        pair_12: Width of the delays between detectors 1 and 2, ps.
        pair_13: Between 1 and 3.
        pair_23: Between 2 and 3.
        correlation_time: What the pairs themselves add to each width, once.

    Returns:
        Three variances; the measurements and the detectors are taken as independent.

    Source: s_1^2 = (s_12^2 + s_13^2 - s_23^2 - s_c^2) / 2 and its permutations, from s_ij^2 =
        s_i^2 + s_j^2 + s_c^2.
    """
    pairs = (pair_12, pair_13, pair_23)
    found = np.array([one.sigma_ps**2 for one in pairs])
    spread = [(2.0 * one.sigma_ps * one.u_ps) ** 2 for one in pairs]
    own = correlation_time or Sigma("the source", 0.0, 0.0)
    spread.append((2.0 * own.sigma_ps * own.u_ps) ** 2)
    mixing = 0.5 * np.array(
        [[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, 1.0, -1.0]]
    )
    values = mixing @ np.append(found, own.sigma_ps**2)
    covariance = mixing @ np.diag(spread) @ mixing.T
    notes = ("three-cornered separation: detectors taken as independent",)
    parts = [
        _stated(float(v), math.sqrt(float(c)), notes)
        for v, c in zip(values, np.diag(covariance), strict=True)
    ]
    return ThreeCornered((parts[0], parts[1], parts[2]), covariance)
