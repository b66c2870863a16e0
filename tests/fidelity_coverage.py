"""How often the interval of a mean fidelity covers it, at fidelities that make it hard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.mean_fidelity import fidelity_interval

SEED = 19_560_713
PROBABILITY = 0.95
SIX = (152, 151, 152, 152, 150, 154)  # about equal
UNEQUAL = (40, 160, 90, 150, 300, 60)
THIRDS = (1 / 6, 1 / 6, 1 / 3, 1 / 3)
# Trials, fidelities, weights (None: alike).
WORLDS: dict[str, tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...] | None]] = {
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
    """Share of runs that cover, missed below and above; mean width over that of pooled counts."""

    runs: int
    covered: float
    too_high: float
    too_low: float
    width_ratio: float


def coverage(name: str, *, runs: int) -> Coverage:
    """Draw runs of a world and count how often the 95 % interval holds the mean fidelity."""
    trials, fidelities, weights = WORLDS[name]
    generator = np.random.default_rng([SEED, list(WORLDS).index(name)])
    drawn: NDArray[np.int64] = generator.binomial(trials, fidelities, size=(runs, len(trials)))
    shares = np.array(weights or (1.0 / len(trials),) * len(trials))
    truth = float(np.sum(shares * np.array(fidelities)))
    high = low = 0
    widths, pooled = [], []
    known: dict[tuple[int, ...], tuple[float, float]] = {}
    for row in drawn:
        k = tuple(int(one) for one in row)
        if k not in known:
            found = fidelity_interval(k, trials, weights=weights, probability=PROBABILITY)
            known[k] = found.low, found.high
        bottom, top = known[k]
        high += bottom > truth
        low += top < truth
        widths.append(top - bottom)
        plain = clopper_pearson(sum(k), sum(trials), probability=PROBABILITY)
        pooled.append(plain.high - plain.low)
    return Coverage(
        runs,
        1.0 - (high + low) / runs,
        high / runs,
        low / runs,
        float(np.mean(widths) / np.mean(pooled)),
    )
