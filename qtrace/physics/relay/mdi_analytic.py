"""Closed bounds on pairs of single photons, from the counts of three intensities on each side.

Inside: `scaled_counts`, `pairs_lower`, `pair_errors_upper`, `elimination_pairs`,
`elimination_errors`.
Tables have the shape (..., 3, 3): intensity of a, intensity of b, both falling. They hold counts of
announcements divided by p_a p_b, or gains: the bounds come out in the same measure, as if every
pulse pair had one photon each.
Source: Xu, Curty, Qi and Lo, New J. Phys. 15, 113007 (2013), Table 2, and Curty et al., Nat.
Commun. 5, 3732 (2014), Cases 1 and 2 [both read in a transcription]. The coefficients are checked
against yields known beforehand, and the bounds against the linear programme, in tests.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]

STEPS = ((0, 1), (0, 2), (1, 2))  # a stronger and a weaker intensity
NESTED = (((0, 1), (0, 2)), ((0, 1), (1, 2)), ((0, 2), (1, 2)))  # and a weaker pair of them


def scaled_counts(table: Array, means_a: Array, means_b: Array) -> Array:
    """Return a table times exp(a + b): sums over photon numbers with a^n b^m / (n! m!).

    Args:
        table: Gains, or counts over probabilities, shape (..., 3, 3).
        means_a: Intensities of a in falling order, shape (..., 3).
        means_b: Intensities of b.

    Raises:
        InputError: intensities that do not fall.

    Source: Curty et al. (2014), Z~ = exp(a + b) Z / p_ab.
    """
    for means in (means_a, means_b):
        if not np.all((np.diff(means, axis=-1) < 0.0) & (means[..., 1:] >= 0.0)):
            raise InputError(
                "the intensities of a source do not fall, or one is negative",
                next_step="list intensities from the strongest to the weakest, all different",
            )
    scaled: Array = table * np.exp(means_a[..., :, None] + means_b[..., None, :])
    return scaled


def _corner(plus: Array, minus: Array, i: tuple[int, int], j: tuple[int, int]) -> Array:
    """Return the double difference that is free of every term with no photon on one side."""
    (i0, i1), (j0, j1) = i, j
    difference: Array = (
        plus[..., i0, j0] + plus[..., i1, j1] - minus[..., i0, j1] - minus[..., i1, j0]
    )
    return difference


def _eliminated(
    bounds: tuple[Array, Array],
    means: tuple[Array, Array],
    *,
    strong: tuple[tuple[int, int], tuple[int, int]],
    weak: tuple[tuple[int, int], tuple[int, int]],
) -> Array:
    """Return the bound from one weak and one strong quadruple of cells, unclamped."""
    (low, high), (a, b) = bounds, means
    a0, a1, a2, a3 = (a[..., k] for k in (*strong[0], *weak[0]))
    b0, b1, b2, b3 = (b[..., k] for k in (*strong[1], *weak[1]))
    # The larger of the terms (1, 2) and (2, 1) is removed, so that the other cannot help.
    by_b = (a0 + a1) / (a2 + a3) > (b0 + b1) / (b2 + b3)
    squares_b = (b0 * b0 - b1 * b1) * (a0 - a1), (b2 * b2 - b3 * b3) * (a2 - a3)
    squares_a = (a0 * a0 - a1 * a1) * (b0 - b1), (a2 * a2 - a3 * a3) * (b2 - b3)
    of_weak = np.where(by_b, squares_b[0], squares_a[0])
    of_strong = np.where(by_b, squares_b[1], squares_a[1])
    left = np.where(by_b, b0 + b1 - b2 - b3, a0 + a1 - a2 - a3)
    one = (a0 - a1) * (a2 - a3) * (b0 - b1) * (b2 - b3) * left
    least = of_weak * _corner(low, high, *weak) - of_strong * _corner(high, low, *strong)
    return np.asarray(least / one, dtype=np.float64)


def pairs_lower(gains: Array, means_a: Array, means_b: Array) -> Array:
    """Return the lower bound of the yield of pairs of single photons; clamped at 0.

    The clamp is part of the bound: a yield is not negative, and errors are divided by it.

    Args:
        gains: Gains of one basis, shape (..., 3, 3).
        means_a: Intensities of a, falling, shape (..., 3).
        means_b: Intensities of b.

    Source: NJP 15, 113007 (2013), Table 2: signal with vacuum against decoy with vacuum.
    """
    scaled = scaled_counts(gains, means_a, means_b)
    strong, weak = ((0, 2), (0, 2)), ((1, 2), (1, 2))
    bound = _eliminated((scaled, scaled), (means_a, means_b), strong=strong, weak=weak)
    return np.maximum(bound, 0.0)


def pair_errors_upper(error_gains: Array, means_a: Array, means_b: Array) -> Array:
    """Return the upper bound of yield times error rate of pairs of single photons.

    Args:
        error_gains: Gains times error rates of one basis, shape (..., 3, 3).
        means_a: Intensities of a, falling, shape (..., 3).
        means_b: Intensities of b.

    Source: NJP 15, 113007 (2013), Table 2: decoy with vacuum.
    """
    scaled = scaled_counts(error_gains, means_a, means_b)
    steps = (means_a[..., 1] - means_a[..., 2]) * (means_b[..., 1] - means_b[..., 2])
    return np.maximum(_corner(scaled, scaled, (1, 2), (1, 2)) / steps, 0.0)


def elimination_pairs(low: Array, high: Array, means_a: Array, means_b: Array) -> Array:
    """Return the lower bound of pairs from limits of each cell: the best of all eliminations.

    Args:
        low: Lower limits of the means over p_a p_b, shape (..., 3, 3).
        high: Upper limits.
        means_a: Intensities of a, falling.
        means_b: Intensities of b.

    Source: Curty et al. (2014), S_{k,11}. Every cell takes the limit that makes the bound
        smaller; the printed width takes the other limit in the stronger quadruple.
    """
    bounds = scaled_counts(low, means_a, means_b), scaled_counts(high, means_a, means_b)
    every = [
        _eliminated(bounds, (means_a, means_b), strong=(of_a[0], of_b[0]), weak=(of_a[1], of_b[1]))
        for of_a, of_b in product(NESTED, NESTED)
    ]
    best: Array = np.max(np.array(every), axis=0)
    return np.maximum(best, 0.0)


def elimination_errors(low: Array, high: Array, means_a: Array, means_b: Array) -> Array:
    """Return the upper bound of errors of pairs from limits of each cell: the best of all.

    Args:
        low: Lower limits of the mean errors over p_a p_b, shape (..., 3, 3).
        high: Upper limits.
        means_a: Intensities of a, falling.
        means_b: Intensities of b.

    Source: Curty et al. (2014), E_{k,11}.
    """
    below, above = scaled_counts(low, means_a, means_b), scaled_counts(high, means_a, means_b)
    every = [
        _corner(above, below, i, j)
        / ((means_a[..., i[0]] - means_a[..., i[1]]) * (means_b[..., j[0]] - means_b[..., j[1]]))
        for i, j in product(STEPS, STEPS)
    ]
    best: Array = np.min(np.array(every), axis=0)
    return np.maximum(best, 0.0)
