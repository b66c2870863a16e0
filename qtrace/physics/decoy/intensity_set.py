"""Sources whose intensities lie in intervals: what counts per intensity say about photon numbers.

Inside: `IntensitySet`, `PieceBounds`, `split_boxes`, `shared_scale_boxes`.

A detected round i with n photons came from intensity k with probability P_k a_n(k, i) / tau_n(i),
a_n = e^-mu mu^n / n!, tau_n = sum_k P_k a_n, whatever the channel did. The intensities of that
round are anywhere in the box, and may be known to the adversary, as long as the choice of k does
not depend on them. With constants c_k, and N_k the expected count of intensity k given photon
numbers and intensities of all detected rounds, this is exact:

    sum_k c_k N_k / P_k = sum_i C_n(i) / tau_n(i),   C_n = sum_k c_k a_n(k, i).

A bound on s_n follows from the extremes of C_n / tau_n over the box. That ratio is linear
fractional in the a_n(k), hence extreme at the corners of the box.

Source: Wang et al., arXiv:0802.3177 and arXiv:0902.4660 (abstracts and introductions read:
bounds on a few parameters of the source states suffice, each pulse may differ); the derivation
here is our own, checked against a linear program in tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]

PROBABILITY_ROUNDING = 1e-9  # by how much declared probabilities may miss the sum of one


@dataclass(frozen=True, slots=True)
class PieceBounds:
    """Least and largest value of C_n / tau_n over a box of intensities."""

    least: Array
    largest: Array


class IntensitySet:
    """Intervals of the mean photon numbers, in falling order, and the probabilities of choice."""

    __slots__ = ("highs", "lows", "probabilities")

    def __init__(self, lows: ArrayLike, highs: ArrayLike, *, probabilities: ArrayLike) -> None:
        """Check and keep a box, or many.

        Args:
            lows: Least mean photon numbers, shape (..., K), falling along the last axis.
            highs: Largest mean photon numbers, same shape; equal to `lows` for exact values.
            probabilities: Probability of each intensity, shape (K,) or as the intervals.

        Raises:
            InputError: intervals upside down or touching, negative, above 1, or probabilities
                that do not sum to one.
        """
        self.lows: Array = np.asarray(lows, dtype=np.float64)
        self.highs: Array = np.asarray(highs, dtype=np.float64)
        self.probabilities: Array = np.asarray(probabilities, dtype=np.float64)
        low, high = self.lows, self.highs
        if low.shape != high.shape or low.shape[-1] != self.probabilities.shape[-1]:
            raise InputError(
                "intervals and probabilities of the intensities differ in number",
                next_step="give one lower edge, one upper edge and one probability per intensity",
            )
        if not np.all((low >= 0.0) & (low <= high) & (high <= 1.0)):
            raise InputError(
                f"the intensity intervals {low.tolist()} to {high.tolist()} cannot be used",
                where="mean photon numbers",
                next_step="0 <= low <= high <= 1: the bounds hold up to one photon on average",
            )
        if not np.all(low[..., :-1] > high[..., 1:]):
            raise InputError(
                "the intensity intervals overlap or are not in falling order",
                where="mean photon numbers",
                next_step="give them from the signal downwards, with gaps between them",
            )
        total = self.probabilities.sum(axis=-1)
        if not (np.all(self.probabilities > 0.0) and np.all(abs(total - 1) < PROBABILITY_ROUNDING)):
            raise InputError(
                f"the probabilities {self.probabilities.tolist()} are not positive with sum 1",
                where="probabilities",
                next_step="give the share of pulses sent with each intensity",
            )

    def least(self, photons: int, k: int) -> Array:
        """Return the least a_n of intensity k (from 0): a_0 falls with mu, the others rise."""
        return poisson(photons, (self.highs if photons == 0 else self.lows)[..., k])

    def largest(self, photons: int, k: int) -> Array:
        """Return the largest a_n of intensity k (from 0)."""
        return poisson(photons, (self.lows if photons == 0 else self.highs)[..., k])

    def middle(self, k: int) -> Array:
        """Return the midpoint of interval k.

        Source: arithmetic mean of its edges; it only fixes constants, any value is valid.
        """
        return 0.5 * (self.lows[..., k] + self.highs[..., k])

    def pieces(self, coefficients: tuple[Array | float, ...], *, photons: int) -> PieceBounds:
        """Return the extremes of sum_k c_k a_n(k) / tau_n over the box, at its corners.

        Args:
            coefficients: c_k, one per intensity, each a number or of the shape of the boxes.
            photons: n.

        Source: a linear fractional function on a box is extreme at a corner.
        """
        edges = [(self.least(photons, k), self.largest(photons, k)) for k in range(self.count)]
        values = []
        for corner in product((0, 1), repeat=self.count):
            a = [edges[k][side] for k, side in enumerate(corner)]
            above = sum(c * x for c, x in zip(coefficients, a, strict=True))
            below = sum(self.probabilities[..., k] * x for k, x in enumerate(a))
            values.append(np.asarray(above / below, dtype=np.float64))
        stacked = np.stack(np.broadcast_arrays(*values))
        return PieceBounds(stacked.min(axis=0), stacked.max(axis=0))

    @property
    def count(self) -> int:
        """Return the number of intensities."""
        return int(self.probabilities.shape[-1])


def poisson(photons: int, mean: ArrayLike) -> Array:
    """Return e^-mu mu^n / n!, the share of pulses with n photons of a phase-randomised source.

    Source: Poisson distribution; Lim et al., PRA 89, 022307 (2014), definition of tau_n.
    """
    mu = np.asarray(mean, dtype=np.float64)
    share: Array = np.exp(-mu) * mu**photons / math.factorial(photons)
    return share


def split_boxes(lows: Array, highs: Array) -> tuple[Array, Array]:
    """Halve every box in every dimension that has a width; the parts cover the whole.

    Args:
        lows: Shape (B, K).
        highs: Shape (B, K).

    Source: bisection.
    """
    middles = 0.5 * (lows + highs)
    wide = [k for k in range(lows.shape[-1]) if np.any(highs[:, k] > lows[:, k])]
    low_parts, high_parts = [], []
    for sides in product((0, 1), repeat=len(wide)):
        low, high = lows.copy(), highs.copy()
        for k, side in zip(wide, sides, strict=True):
            if side:
                low[:, k] = middles[:, k]
            else:
                high[:, k] = middles[:, k]
        low_parts.append(low)
        high_parts.append(high)
    return np.concatenate(low_parts), np.concatenate(high_parts)


def shared_scale_boxes(
    nominal: ArrayLike, *, common: float, own: ArrayLike, pieces: int = 16
) -> tuple[Array, Array]:
    """Return boxes that together cover mu_k = nominal_k (1 + c) (1 + o_k), |c| <= common.

    One power meter behind all intensities moves them together; that set is much thinner than
    the box around it, and the key over it much longer.

    Args:
        nominal: Mean photon numbers, shape (K,).
        common: Largest relative deviation that all share, in [0, 1).
        own: Largest relative deviation of each of its own, a number or shape (K,).
        pieces: Number of slices of the common deviation.

    Returns:
        Lower and upper edges, shape (pieces, K) each.

    Raises:
        InputError: deviations outside [0, 1).

    Source: interval products, slice by slice; the slices cover the set and little more.
    """
    mu = np.asarray(nominal, dtype=np.float64)
    each = np.broadcast_to(np.asarray(own, dtype=np.float64), mu.shape)
    if not 0.0 <= common < 1.0 or not np.all((each >= 0.0) & (each < 1.0)):
        raise InputError(
            "a relative deviation of intensities is outside 0 to 1",
            next_step="give half widths relative to the nominal values, such as 0.02",
        )
    edges = np.linspace(1.0 - common, 1.0 + common, pieces + 1)
    lows = edges[:-1, None] * (mu * (1.0 - each))
    highs = edges[1:, None] * (mu * (1.0 + each))
    return lows, highs
