"""The least key length over intensities that are constant in a run but not known.

Inside: `LeastLength`, `least_length`, `constant_length`.

A fixed box around constant values is split into smaller boxes. The bound for varying intensities
holds on each of them, so that the least over all parts is never too long, wherever the splitting
stops; the least over points tried says how much more splitting could still give.
Source: branch and bound; the length as in `qtrace.physics.decoy.decoy_set`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.physics.decoy.decoy_set import DecoyCounts, Security, SetLength, varying_length
from qtrace.physics.decoy.decoy_set_one import varying_length_one
from qtrace.physics.decoy.intensity_set import IntensitySet, split_boxes

Array = NDArray[np.float64]
LengthOver = Callable[[IntensitySet], SetLength]

TOLERANCE = 2e-3  # of the length: splitting on would give less than this
MOST_BOXES = 40_000


@dataclass(frozen=True, slots=True)
class LeastLength:
    """`length` is certified; `attained` is the least length found at a point, `worst` that point.

    The true minimum lies between both.
    """

    length: float
    attained: float
    worst: tuple[float, ...]


def least_length(
    length_over: LengthOver, lows: ArrayLike, highs: ArrayLike, *, probabilities: ArrayLike
) -> LeastLength:
    """Return the least length over constant intensities somewhere in the union of boxes.

    Args:
        length_over: Length that holds for all values in each of many boxes.
        lows: Lower edges, shape (K,) or (B, K) for B boxes that together cover the set.
        highs: Upper edges, same shape.
        probabilities: Probability of each intensity, shape (K,).

    Source: branch and bound, see the head of this module.
    """
    low = np.atleast_2d(np.asarray(lows, dtype=np.float64))
    high = np.atleast_2d(np.asarray(highs, dtype=np.float64))

    def evaluate(at_low: Array, at_high: Array) -> Array:
        box = IntensitySet(at_low, at_high, probabilities=probabilities)
        return np.broadcast_to(length_over(box).length, at_low.shape[:1])

    # The bound on the whole holds too, and can be the better one within the tolerance.
    whole = float(evaluate(low, high).min())
    settled, attained = np.inf, np.inf
    worst: Array = low[0]
    while True:
        bounds = evaluate(low, high)
        for points in (low, high, 0.5 * (low + high)):
            at_points = evaluate(points, points)
            best = int(np.argmin(at_points))
            if at_points[best] < attained:
                attained, worst = float(at_points[best]), points[best]
        # What cannot hold the minimum any more, to the tolerance, is not split again.
        open_boxes = bounds < attained - TOLERANCE * max(abs(attained), 1.0)
        settled = min(settled, float(bounds[~open_boxes].min(initial=np.inf)))
        parts = int(open_boxes.sum()) * 2 ** int((high > low).any(axis=0).sum())
        if not open_boxes.any() or parts > MOST_BOXES:
            least = min(settled, float(bounds[open_boxes].min(initial=np.inf)))
            return LeastLength(max(whole, least), attained, tuple(float(one) for one in worst))
        low, high = split_boxes(low[open_boxes], high[open_boxes])


def constant_length(
    counts: DecoyCounts,
    lows: ArrayLike,
    highs: ArrayLike,
    *,
    probabilities: ArrayLike,
    leak_bits: float,
    security: Security,
) -> LeastLength:
    """Return the certified length for intensities that are constant in the run, in a set.

    Args:
        counts: Of three intensities (two decoys) or two (one decoy).
        lows: Lower edges, shape (K,), or (B, K) as from `shared_scale_boxes`.
        highs: Upper edges, same shape.
        probabilities: Probability of each intensity, shape (K,).
        leak_bits: Bits told in error correction.
        security: Epsilons, mismatch, sampling bound.

    Source: the least of `varying_length` or `varying_length_one` over small boxes.
    """
    over = varying_length if counts.key.shape[-1] == 3 else varying_length_one

    def length_over(box: IntensitySet) -> SetLength:
        return over(counts, box, leak_bits=leak_bits, security=security)

    return least_length(length_over, lows, highs, probabilities=probabilities)
