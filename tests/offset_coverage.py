"""How often the U of offset and frequency holds the clocks, for simulated noises."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from qtrace.physics.timing.line_uncertainty import line_uncertainty
from qtrace.physics.timing.offset_line import offset_line
from qtrace.physics.timing.power_law_noise import power_law_phase

SEED = 20_260_607
LENGTHS = (20, 50, 200, 1000)
PS = 1e-12
# Name to alpha of the noise of the clocks, step of it in ps (white frequency), white phase in ps.
CASES: dict[str, tuple[int, float, float]] = {
    "white_phase": (2, 1.0, 0.0),
    "flicker_phase": (1, 1.0, 0.0),
    "white_frequency": (0, 1.0, 0.0),
    "flicker_frequency": (-1, 1.0, 0.0),
    "random_walk_frequency": (-2, 1.0, 0.0),
    "white_phase_and_steps_0_05": (0, 0.05, 1.0),
    "white_phase_and_steps_0_2": (0, 0.2, 1.0),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """Shares of records whose +-U (95 %) holds the truth; spread of error over u; u over formal."""

    offset: float
    frequency: float
    offset_spread: float
    frequency_spread: float
    formal_offset: float
    formal_frequency: float


def drawn(name: str, n: int, index: int) -> tuple[np.ndarray, float, float]:
    """Return the offsets of a record, the offset of the clocks in the middle, their frequency.

    White phase noise is noise of the measurement; so is flicker phase noise for the frequency.
    """
    alpha, step, white = CASES[name]
    generator = np.random.default_rng([SEED, list(CASES).index(name), n, index])
    level = 2.0 * (2.0 * math.pi) ** alpha * (step * PS) ** 2
    # One more point at half a step, so that the middle of an even number is a point, too.
    clocks = power_law_phase(
        2 * n - 1 if alpha < 1 else n,
        interval_s=1.0,
        alpha=alpha,
        level=level,
        generator=generator,
        settle=2 * n if alpha % 2 else 0,
    )
    if alpha == 2:
        return clocks, 0.0, 0.0
    if alpha == 1:
        return clocks, float(clocks[(n - 1) // 2]), 0.0
    if alpha == 0:
        clocks = clocks / math.sqrt(2.0)  # half a step carries half of the variance
    record = clocks[::2] + generator.normal(0.0, white * PS, n)
    return record, float(clocks[n - 1]), float(clocks[-1] - clocks[0]) / (n - 1)


def coverage(name: str, n: int, *, records: int) -> Covered:
    """Simulate records and count how often +-U holds offset and frequency of the clocks."""
    held = np.zeros((records, 2), dtype=bool)
    errors = np.zeros((records, 2))
    over = np.zeros((records, 2))
    time = np.arange(n) + 0.5
    for index in range(records):
        x, offset, frequency = drawn(name, n, index)
        line = offset_line(time, x, np.full(n, math.nan))
        u = np.array([line.u_offset_s, line.u_frequency])
        dof = np.full(2, n - 2.0)
        formal = u.copy()
        found = line_uncertainty(time, x, np.full(n, math.nan))
        if found is not None:
            for k, (one, its) in enumerate(
                [
                    (found.u_offset_s, found.dof_offset),
                    (found.u_frequency, found.dof_frequency),
                ]
            ):
                if one > u[k]:
                    u[k], dof[k] = one, its
        error = np.array([line.offset_s - offset, line.frequency_deviation - frequency])
        held[index] = np.abs(error) <= stdtrit(dof, 0.975) * u
        errors[index] = error / u
        over[index] = u / formal
    share, spread, ratio = held.mean(axis=0), errors.std(axis=0), np.median(over, axis=0)
    return Covered(*map(float, (*share, *spread, *ratio)))
