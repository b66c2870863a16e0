"""How often the interval of a mean fidelity covers it, at fidelities that make it hard.

An interval misses from above where its one-sided p-value at the true mean is at most half of 5 %.
The least mean of counts for which that is so is found by halving; how often counts reach it is
then drawn many times, which costs nothing. Widths come from a few intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.mean_fidelity import fidelity_interval, mean_p_value

SEED = 19_560_713
PROBABILITY = 0.95
SIX = (152, 151, 152, 152, 150, 154)  # about equal
UNEQUAL = (40, 160, 90, 150, 300, 60)
THIRDS = (1 / 6, 1 / 6, 1 / 3, 1 / 3)
Trials = tuple[int, ...]
Weights = tuple[float, ...] | None
Counts = NDArray[np.int64]
# Trials, fidelities, weights (None: alike).
WORLDS: dict[str, tuple[Trials, tuple[float, ...], Weights]] = {
    "equal trials, alike": ((150,) * 6, (0.8,) * 6, None),
    "equal trials, one state lost": ((150,) * 6, (0.99, 0.99, 0.99, 0.99, 0.99, 0.5), None),
    "about equal, alike": (SIX, (0.8,) * 6, None),
    "about equal, unlike": (SIX, (0.95, 0.7, 0.85, 0.6, 0.99, 0.75), None),
    "about equal, one and zero": (SIX, (1.0, 1.0, 0.9, 0.5, 0.0, 1.0), None),
    "about equal, near one": (SIX, (0.998,) * 6, None),
    "about equal, one state bad": (SIX, (1.0, 1.0, 1.0, 1.0, 0.97, 1.0), None),
    "about equal, near zero": (SIX, (0.004, 0.0, 0.0, 0.0, 0.01, 0.002), None),
    "unequal, alike": (UNEQUAL, (0.9,) * 6, None),
    "unequal, fewest worst": (UNEQUAL, (0.55, 0.95, 0.9, 0.95, 0.99, 0.6), None),
    "unequal, near one": (UNEQUAL, (0.97, 1.0, 1.0, 1.0, 1.0, 1.0), None),
    "few counts": ((9, 12, 7, 10, 11, 8), (0.9, 0.8, 0.95, 0.7, 0.85, 0.9), None),
    "poles and equator": ((150, 155, 300, 310), (0.97, 0.96, 0.88, 0.87), THIRDS),
    "equator at one half": ((150, 150, 150, 150), (0.99, 0.99, 0.5, 0.5), THIRDS),
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of draws that the interval lies above and below; width over that of pooled counts."""

    draws: int
    above: float
    below: float
    width_ratio: float
    intervals_missed: int  # of those whose width was looked at

    @property
    def covered(self) -> float:
        """Return the share of draws whose interval holds the mean."""
        return 1.0 - self.above - self.below


def _reached(drawn: Counts, trials: Trials, weights: Weights, *, truth: float) -> float:
    """Return the share of draws whose one-sided p-value is at most half of what is left."""
    shares = np.array(weights or (1.0 / len(trials),) * len(trials))
    means = np.round(drawn @ (shares / np.array(trials)), 12)
    values, first, counts = np.unique(means, return_index=True, return_counts=True)
    low, high = 0, len(values)  # the first value that is significant lies in [low, high]
    while low < high:
        middle = (low + high) // 2
        k = [int(one) for one in drawn[first[middle]]]
        p = mean_p_value(k, trials, bound=truth, weights=weights)
        low, high = (low, middle) if p <= 0.5 * (1.0 - PROBABILITY) else (middle + 1, high)
    return float(np.sum(counts[low:])) / len(drawn)


def coverage(name: str, *, draws: int, intervals: int) -> Coverage:
    """Draw runs of a world and tell how often the 95 % interval holds the mean fidelity.

    Args:
        name: A world.
        draws: Runs drawn for the share that is covered.
        intervals: Runs whose interval is computed, for its width.
    """
    trials, fidelities, weights = WORLDS[name]
    generator = np.random.default_rng([SEED, list(WORLDS).index(name)])
    drawn: Counts = generator.binomial(trials, fidelities, size=(draws, len(trials)))
    shares = np.array(weights or (1.0 / len(trials),) * len(trials))
    truth = float(np.sum(shares * np.array(fidelities)))
    above = _reached(drawn, trials, weights, truth=truth)
    below = _reached(np.array(trials) - drawn, trials, weights, truth=1.0 - truth)
    widths, pooled, missed = [], [], 0
    for row in drawn[:intervals]:
        k = [int(one) for one in row]
        found = fidelity_interval(k, trials, weights=weights, probability=PROBABILITY)
        plain = clopper_pearson(sum(k), sum(trials), probability=PROBABILITY)
        missed += not found.low <= truth <= found.high
        widths.append(found.high - found.low)
        pooled.append(plain.high - plain.low)
    return Coverage(draws, above, below, float(np.mean(widths) / np.mean(pooled)), missed)
