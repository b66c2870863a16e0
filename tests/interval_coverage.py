"""How often TDEV intervals cover the truth, the noise being identified as a user would."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from qtrace.physics.timing.power_law_noise import power_law_phase
from qtrace.physics.timing.stability import tdev
from qtrace.physics.timing.stability_intervals import with_intervals

SEED = 20_030_101
SAMPLES = 1025
FACTORS = (1, 2, 4, 8, 16, 32, 64, 128)
LEAST_DOF = 5.0
NAMES = {2: "white_phase", 1: "flicker_phase", 0: "white_frequency", -1: "flicker_frequency"}
_FREQUENCIES = 200_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one noise, by factor: share that covers, mean dof, share named right."""

    alpha: int
    records: int
    covered: dict[int, float]
    dof: dict[int, float]
    identified: dict[int, float]


@cache
def true_tdev(alpha: int, factor: int) -> float:
    """Return TDEV of generated noise of level 1 and tau0 1, by integrating its own spectrum.

    Source: MDEV as the integral of S_x over the transfer function 16 sin^4(pi f tau) times that
        of a mean of m samples; S_x = 2 Q |2 sin(pi f)|^(alpha - 2) of the discrete filter.
    """
    f = (np.arange(_FREQUENCIES) + 0.5) / (2 * _FREQUENCIES)
    q = 1.0 / (2.0 * (2.0 * math.pi) ** alpha)
    spectrum = 2.0 * q * (2.0 * np.sin(np.pi * f)) ** (alpha - 2.0)
    transfer = np.sin(np.pi * f * factor) ** 6 / (factor * np.sin(np.pi * f)) ** 2
    variance = 8.0 / factor**2 * float(np.sum(spectrum * transfer)) / (2 * _FREQUENCIES)
    return factor * math.sqrt(variance / 3.0)


def coverage(alpha: int, *, records: int) -> Coverage:
    """Simulate records and count how often 95 % intervals hold the truth."""
    inside = dict.fromkeys(FACTORS, 0)
    right = dict.fromkeys(FACTORS, 0)
    dof = dict.fromkeys(FACTORS, 0.0)
    # Flicker noise needs some past before its increments are stationary.
    settle = SAMPLES if alpha % 2 else 0
    for index in range(records):
        generator = np.random.default_rng([SEED, alpha + 2, index])
        phase = power_law_phase(
            SAMPLES, interval_s=1.0, alpha=alpha, level=1.0, generator=generator, settle=settle
        )
        judged = with_intervals(tdev(phase, interval_s=1.0, factors=FACTORS), phase)
        for place, factor in enumerate(FACTORS):
            truth = true_tdev(alpha, factor)
            inside[factor] += bool(judged.low[place] <= truth <= judged.high[place])
            right[factor] += int(judged.alpha[place]) == alpha
            dof[factor] += float(judged.dof[place])
    return Coverage(
        alpha,
        records,
        {m: inside[m] / records for m in FACTORS},
        {m: dof[m] / records for m in FACTORS},
        {m: right[m] / records for m in FACTORS},
    )
