"""How often 95 % intervals of figures from tags hold the truth: one run of each, by index.

Inside: `SEED`, `CASES`, `covered`, `pairs_hold_at_2e5`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from detector_world import NS, US, branching_tags, pulsed_emitter, renewal_tags
from scipy.special import stdtrit

from qtrace.physics.tags.afterpulse import afterpulse_from_intervals, afterpulse_from_pairs
from qtrace.physics.tags.dead_time import dead_time
from qtrace.physics.tags.heralding import count_cells, heralding
from qtrace.physics.tags.reduced import Reduced
from qtrace.physics.tags.second_order import pulsed_g2

SEED = 20260502
DEAD = 50 * NS
TRAP, TRAP_PS = 0.05, 200 * NS
WINDOW = (DEAD, 2 * US)


def _held(found: Reduced, truth: float) -> bool:
    if found.interval is not None:
        return found.interval.low <= truth <= found.interval.high
    dof = found.degrees_of_freedom
    k = 1.959964 if math.isinf(dof) else float(stdtrit(dof, 0.975))
    return abs(found.value - truth) <= k * found.u


def _dead_time(generator: np.random.Generator) -> bool:
    tags = renewal_tags(
        generator, events=20_000, rate=1e6, dead_ps=DEAD, jitter_ps=generator.uniform(50, 300)
    )
    return _held(dead_time(tags).dead_time, DEAD)


def _intervals(generator: np.random.Generator) -> bool:
    rate = 10.0 ** generator.uniform(3.5, 5.0)
    tags = renewal_tags(
        generator, events=20_000, rate=rate, dead_ps=DEAD, trap=TRAP, trap_ps=TRAP_PS
    )
    found = afterpulse_from_intervals(tags, window_ps=WINDOW).first_order
    return _held(found, TRAP * -math.expm1(-(WINDOW[1] - DEAD) / TRAP_PS))


def _pairs(generator: np.random.Generator) -> bool:
    tags, _ = branching_tags(
        generator, span_ps=4e11, rate=2e4, dead_ps=DEAD, trap=TRAP, trap_ps=TRAP_PS
    )
    found = afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 30 * US))
    first = TRAP * math.exp(-DEAD / TRAP_PS)
    return _held(found.first_order, first)


def pairs_hold_at_2e5(index: int) -> bool:
    """Return whether the interval of all pairs holds the truth at 2e5 /s, where it is biased."""
    generator = np.random.default_rng([SEED, len(CASES), index])
    tags, _ = branching_tags(
        generator, span_ps=1e12, rate=2e5, dead_ps=DEAD, trap=0.0635, trap_ps=TRAP_PS
    )
    found = afterpulse_from_pairs(tags, window_ps=WINDOW, background_ps=(3 * US, 30 * US))
    return _held(found.first_order, 0.0635 * math.exp(-DEAD / TRAP_PS))


def _g2(generator: np.random.Generator) -> bool:
    one, two = 0.2, 10.0 ** generator.uniform(-3.5, -2.0)
    a, b = pulsed_emitter(generator, pulses=100_000, one=one, two=two)
    found = pulsed_g2(a, b, period_ps=12_500, window_ps=12_500).g2
    return _held(found, 2.0 * two / (one + 2.0 * two) ** 2)


def _heralding(generator: np.random.Generator) -> bool:
    span, n = 1e12, generator.poisson(20_000)
    t = np.sort(generator.uniform(0, span, n))
    arms = []
    for eta, dark in ((0.2, 2_000), (0.1, 1_000)):
        kept = t[generator.random(n) < eta]
        kept = kept + generator.normal(0, 100, kept.size)
        noise = generator.uniform(0, span, generator.poisson(dark))
        arms.append(np.sort(np.concatenate([kept, noise])).astype(np.int64))
    cells = count_cells(*arms, window_ps=(-NS, NS), shift_ps=5 * US)
    u = (math.sqrt(2_000), math.sqrt(1_000))
    return _held(heralding(cells, background=(2e3, 1e3), u_background=u).first, 0.2)


CASES: Mapping[str, Callable[[np.random.Generator], bool]] = {
    "dead_time": _dead_time,
    "afterpulse_from_intervals": _intervals,
    "afterpulse_from_pairs": _pairs,
    "g2_pulsed": _g2,
    "heralding_efficiency": _heralding,
}


def covered(case: str, runs: int) -> int:
    """Return how many of the first runs of a case hold the truth."""
    number = list(CASES).index(case)
    return sum(CASES[case](np.random.default_rng([SEED, number, index])) for index in range(runs))
