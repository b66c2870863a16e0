"""Procedures for teleportation: fidelities of counts, what they say against bounds, proportions.

Inside: `transfer`, `fidelity_claim`, `proportion`.
Source: as the formulas say that are called.
"""

from __future__ import annotations

import math

from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.classical_bounds import check_complete, classical_bound, state_set
from qtrace.physics.states.fidelity import (
    average_fidelity,
    average_from_process,
    check_fidelity,
    process_from_average,
    standard_score,
)
from qtrace.physics.states.mean_fidelity import fidelity_interval, mean_p_value
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def transfer(given: Given, _sampling: Sampling) -> Figures:
    """Return the figures of a teleportation from counts of every state of a set.

    `set` of states, `successes` and `trials` in the order of `states`. Figures: `average`, `u`,
    `score` and `p_value` against the classical bound, `low` and `high` (95 %), and `process`
    where the set is uniform.
    """
    of = state_set(given.text("set"))
    states = given.texts("states")
    k = [round(one) for one in given.numbers("successes")]
    n = [round(one) for one in given.numbers("trials")]
    given.finish()
    check_complete(of.name, states)
    weight = dict(zip(of.states, of.weights, strict=True))
    weights = [weight[one] for one in states]
    found = average_fidelity(k, n, weights=weights)
    bound = classical_bound(of.name)
    exact = fidelity_interval(k, n, weights=weights, probability=0.95)
    figures = {
        "average": Figure(found.value),
        "u": Figure(found.standard_uncertainty),
        "score": Figure(
            standard_score(found.value, bound, standard_uncertainty=found.standard_uncertainty)
        ),
        "p_value": Figure(mean_p_value(k, n, bound=bound, weights=weights)),
        "low": Figure(exact.low),
        "high": Figure(exact.high),
    }
    if of.uniform:
        figures["process"] = Figure(float(process_from_average(found.value)))
    return figures


def fidelity_claim(given: Given, _sampling: Sampling) -> Figures:
    """Return what follows from a stated fidelity: `process`, `average`, `u`, `score`.

    `fidelity` is the average, or `process` that of the process; `dimension`, 2 if not given.
    With `counts` also the binomial `u`; with `u` and `bound` also the `score`.
    """
    dimension = given.integer("dimension") if given.has("dimension") else 2
    if given.has("process"):
        process = check_fidelity(given.number("process"), where="process")
        average = float(average_from_process(process, dimension=dimension))
    else:
        average = check_fidelity(given.number("fidelity"))
        process = float(process_from_average(average, dimension=dimension))
    figures = {"average": Figure(average), "process": Figure(process)}
    if given.has("counts"):
        u = math.sqrt(average * (1.0 - average) / given.integer("counts"))
        figures["u"] = Figure(u)
    if given.has("u"):
        bound = classical_bound(given.text("set"))
        score = standard_score(average, bound, standard_uncertainty=given.number("u"))
        figures["score"] = Figure(score)
    given.finish()
    return figures


def proportion(given: Given, _sampling: Sampling) -> Figures:
    """Return `low` and `high` of the exact interval of `successes` of `trials` at `probability`."""
    k, n = given.integer("successes"), given.integer("trials")
    found = clopper_pearson(k, n, probability=given.number("probability"))
    given.finish()
    return {"low": Figure(found.low), "high": Figure(found.high)}
