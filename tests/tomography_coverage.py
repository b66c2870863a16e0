"""How often the bootstrap intervals of a tomography hold the truth: Werner states, nine settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtrace.physics.states.density import (
    BELL_STATES,
    concurrence,
    projector,
    pure_fidelity,
    purity,
)
from qtrace.physics.states.tomography import draw_counts, fit_counts
from qtrace.physics.states.tomography_bootstrap import bootstrap, figure_of
from qtrace.physics.states.tomography_frame import pauli_frame

SEED = 20_010_052
DRAWS = 200
CASES = tuple((v, n) for v in (1.0, 0.99, 0.95, 0.8, 0.5) for n in (100, 1000))
FIGURES = ("fidelity_ml", "purity", "concurrence")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one state and number of counts: shares that cover, by boundary flag; bias of the fit."""

    experiments: dict[bool, int]
    covered: dict[bool, dict[str, float]]
    bias: float


def coverage(visibility: float, counts: int, *, experiments: int) -> Coverage:
    """Simulate experiments and count how often 95 % intervals hold the truth."""
    frame, target = pauli_frame(2), BELL_STATES["phi_plus"]
    figures = {
        "fidelity_ml": lambda rho: pure_fidelity(rho, target),
        "purity": purity,
        "concurrence": concurrence,
    }
    truth = visibility * projector(target) + (1.0 - visibility) * np.eye(4) / 4.0
    true = {name: float(one(truth[None])[0]) for name, one in figures.items()}
    generator = np.random.default_rng([SEED, round(1000 * visibility), counts])
    tables = draw_counts(frame, truth, np.full(9, counts), draws=experiments, generator=generator)
    inside = {flag: dict.fromkeys(FIGURES, 0) for flag in (True, False)}
    number = {True: 0, False: 0}
    for table in tables:
        found = bootstrap(frame, table, draws=DRAWS, generator=generator)
        number[found.at_boundary] += 1
        for name, one in figures.items():
            made = figure_of(found, one, probability=0.95).interval
            inside[found.at_boundary][name] += made.low - 1e-9 <= true[name] <= made.high + 1e-9
    fitted = figures["fidelity_ml"](fit_counts(frame, tables).matrices)
    return Coverage(
        number,
        {
            flag: {name: k / number[flag] for name, k in inside[flag].items()}
            for flag in (True, False)
            if number[flag]
        },
        float(fitted.mean()) - true["fidelity_ml"],
    )
