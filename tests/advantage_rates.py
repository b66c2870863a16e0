"""How often "better" is said of equal performance, by each route; reduced in tests, long in full.

Inside: `ROUTES`, `rate_of_better`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.advantage.compared import ComparedFigure, Difference
from qtrace.metrics.advantage.state import state_advantage
from qtrace.metrics.advantage.statement import Standing
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.timing.stability_intervals import deviation_interval

Draw = Callable[[np.random.Generator, str], tuple[ComparedFigure, Baseline, Difference | None]]
KIND, ITEM, TRUTH = "time_interval", "timing.x", 10.0


def _level(value: float, u: float, better: str, *, kind: str = KIND) -> Baseline:
    return Baseline("B", ITEM, kind, value, u, better, "t", "s", "declared")


def _known_u(rng: np.random.Generator, better: str) -> tuple[ComparedFigure, Baseline, None]:
    figure = ComparedFigure(ITEM, KIND, rng.normal(TRUTH, 1.0), 1.0)
    return figure, _level(rng.normal(TRUTH, 0.7), 0.7, better), None


def _few_readings(rng: np.random.Generator, better: str) -> tuple[ComparedFigure, Baseline, None]:
    readings = rng.normal(TRUTH, 1.0, 4)
    u = float(np.std(readings, ddof=1)) / 2.0
    figure = ComparedFigure(ITEM, KIND, float(np.mean(readings)), u, degrees_of_freedom=3.0)
    return figure, _level(TRUTH, 0.0, better), None


def _few_and_uncertain(
    rng: np.random.Generator, better: str
) -> tuple[ComparedFigure, Baseline, None]:
    figure, _, _ = _few_readings(rng, better)
    return figure, _level(rng.normal(TRUTH, 0.4), 0.4, better), None


def _counts(rng: np.random.Generator, better: str) -> tuple[ComparedFigure, Baseline, None]:
    k = int(rng.binomial(24, 2.0 / 3.0))
    figure = ComparedFigure(
        ITEM, KIND, k / 24.0, None, ends=lambda p: clopper_pearson(k, 24, probability=p)
    )
    return figure, _level(2.0 / 3.0, 0.0, better), None


def _counts_and_uncertain(
    rng: np.random.Generator, better: str
) -> tuple[ComparedFigure, Baseline, None]:
    figure, _, _ = _counts(rng, better)
    return figure, _level(rng.normal(2.0 / 3.0, 0.08), 0.08, better), None


def _deviation(rng: np.random.Generator, better: str) -> tuple[ComparedFigure, Baseline, None]:
    dof = 6.0
    s = TRUTH * math.sqrt(rng.chisquare(dof) / dof)
    low, high = deviation_interval(s, dof)
    figure = ComparedFigure(ITEM, KIND, s, None, stored=Interval(low, high, 0.95))
    return figure, _level(TRUTH, 0.0, better), None


def _shared(rng: np.random.Generator, better: str) -> tuple[ComparedFigure, Baseline, Difference]:
    common, one, other = rng.normal(0.0, 5.0), rng.normal(0.0, 1.0), rng.normal(0.0, 0.7)
    value, level = TRUTH + common + one, TRUTH + common + other
    u, u_level = math.hypot(5.0, 1.0), math.hypot(5.0, 0.7)
    figure = ComparedFigure(ITEM, KIND, value, u)
    left = Difference(value - level, math.hypot(1.0, 0.7), math.inf, math.hypot(u, u_level))
    return figure, _level(level, u_level, better), left


ROUTES: dict[str, Draw] = {
    "known u": _known_u,
    "four readings": _few_readings,
    "four readings, uncertain baseline": _few_and_uncertain,
    "24 counts": _counts,
    "24 counts, uncertain baseline": _counts_and_uncertain,
    "deviation, 6 degrees of freedom": _deviation,
    "shared calibration": _shared,
}


def rate_of_better(
    route: str, better: str, *, runs: int, confidence: float, rng: np.random.Generator
) -> float:
    """Return how often equal performance is called better."""
    found = 0
    for _ in range(runs):
        figure, baseline, difference = ROUTES[route](rng, better)
        said = state_advantage(figure, baseline, confidence=confidence, difference=difference)
        found += said.standing is Standing.BETTER
    return found / runs
