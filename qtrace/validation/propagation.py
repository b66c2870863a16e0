"""Procedures by the law of propagation: budgets, second order, what sharing does.

Inside: `budget_of_network`, `second_order_of_model`.
Source: JCGM 100:2008 (GUM), 5.1, 5.2, G.4; the product's functions say the rest.
"""

from __future__ import annotations

import math
from itertools import combinations

from qtrace.quantity.notation import round_uncertainty
from qtrace.uncertainty.budget import budget
from qtrace.uncertainty.coverage import coverage_factor, effective_degrees_of_freedom, expand
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.network import (
    correlation,
    input_sensitivities,
    standard_uncertainty,
    tree_uncertainty,
)
from qtrace.uncertainty.second_order import second_order
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.networks import Built, build_network
from qtrace.validation.quantities import stated_quantity
from qtrace.validation.sampling import Sampling


def budget_of_network(given: Given, _sampling: Sampling) -> Figures:
    """Return value, u, degrees of freedom, k, U and the budget of the last result, and more.

    Figures: `value`, `u`, `u_relative`, `nu`, `k`, `U` of the last result; `part.INPUT` (|c| u),
    `c.INPUT`; `value.RESULT`, `u.RESULT`, `nu.RESULT`, `tree_u.RESULT` (parents taken as
    independent) of each; `r.FIRST.SECOND` of results; `U_reported` as rounded.
    With the field `k` that factor is taken, else the one of `p` and the degrees of freedom.
    """
    p = given.number("p", 0.95)
    factor = given.number("k") if given.has("k") else None
    built = build_network(given)
    given.finish()
    network, last = built.network, built.last
    figures: dict[str, float] = {}
    for name, result_id in built.results.items():
        figures[f"value.{name}"] = network.result(result_id).value
        figures[f"u.{name}"] = standard_uncertainty(network, result_id)
        figures[f"tree_u.{name}"] = tree_uncertainty(network, result_id)
        degrees = effective_degrees_of_freedom(network, result_id).value
        if degrees is not None:
            figures[f"nu.{name}"] = degrees
    for (one, first), (other, second) in combinations(built.results.items(), 2):
        if figures[f"u.{one}"] > 0.0 and figures[f"u.{other}"] > 0.0:
            figures[f"r.{one}.{other}"] = correlation(network, first, second)
    sensitivities = input_sensitivities(network, last)
    for name, input_id in built.inputs.items():
        figures[f"c.{name}"] = sensitivities.get(input_id, 0.0)
    for line in budget(network, last):
        figures[f"part.{line.name}"] = line.contribution
    figures |= _of_last(built, p=p, factor=factor)
    return {name: Figure(value) for name, value in figures.items()}


def _of_last(built: Built, *, p: float, factor: float | None) -> dict[str, float]:
    """Return what is said of the result that is sought, with its expanded uncertainty."""
    network, last = built.network, built.last
    value, u = network.result(last).value, standard_uncertainty(network, last)
    figures = {"value": value, "u": u}
    if value != 0.0:
        figures["u_relative"] = u / abs(value)
    degrees = effective_degrees_of_freedom(network, last).value
    if degrees is not None:
        figures["nu"] = degrees
    if factor is None:
        expanded = expand(network, last, u, coverage_probability=p)
        factor = None if expanded is None else expanded.coverage_factor
    if factor is not None and u > 0.0:
        figures["k"] = factor
        figures["U"] = factor * u
        figures["U_relative"] = factor * u / abs(value) if value else math.nan
        figures["U_reported"] = float(round_uncertainty(factor * u))
    return figures


def second_order_of_model(given: Given, _sampling: Sampling) -> Figures:
    """Return what the curvature of a model does to estimate and u.

    Figures: `value`, `mean` (with the second-order bias), `u_first`, `u_second`, and the interval
    `low`, `high` about the value with the normal k of `p`.
    """
    table = given.table("quantities")
    stated = {name: stated_quantity(table.table(name)) for name in table.keys}
    matrix = given.rows("correlation") if given.has("correlation") else None
    p = given.number("p", 0.95)
    model = compile_expression(given.text("model"), names=frozenset(stated))
    given.finish()
    found = second_order(
        model,
        {name: one.estimate for name, one in stated.items()},
        {name: one.standard_uncertainty for name, one in stated.items()},
        correlation=matrix,
    )
    u = found.second_order_uncertainty
    figures = {
        "value": found.value,
        "mean": found.value + found.bias,
        "u_first": found.linear_uncertainty,
    }
    if u is not None:
        k = coverage_factor(p, math.inf)
        figures |= {"u_second": u, "low": found.value - k * u, "high": found.value + k * u}
    return {name: Figure(value) for name, value in figures.items()}
