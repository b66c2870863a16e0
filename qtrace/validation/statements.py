"""Procedures of type B evaluation, coverage, rounding and conformity.

Inside: `assigned_quantity`, `reliability`, `coverage_factors`, `reported_result`, `conformance`,
`acceptance`.
Source: GUM 4.3, 7.2.6, Annex G; JCGM 106:2012, clauses 7 and 8.
"""

from __future__ import annotations

import math

from qtrace.quantity.notation import format_plus_minus
from qtrace.uncertainty.conformity import (
    acceptance_limits,
    conformance_probability,
    nonconformance_probability,
)
from qtrace.uncertainty.coverage import coverage_factor
from qtrace.uncertainty.distributions import reliability_degrees_of_freedom
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.quantities import stated_quantity
from qtrace.validation.sampling import Sampling


def assigned_quantity(given: Given, _sampling: Sampling) -> Figures:
    """Return `x`, `u` and `nu` of one quantity, stated in any of the ways."""
    found = stated_quantity(given)
    return {
        "x": Figure(found.estimate),
        "u": Figure(found.standard_uncertainty),
        "nu": Figure(found.degrees_of_freedom),
    }


def reliability(given: Given, _sampling: Sampling) -> Figures:
    """Return `nu` of a u that is itself known to a relative uncertainty."""
    relative = given.number("relative_uncertainty")
    given.finish()
    return {"nu": Figure(reliability_degrees_of_freedom(relative))}


def coverage_factors(given: Given, _sampling: Sampling) -> Figures:
    """Return coverage factors: `k.P.NU` for percentages `p` and degrees of freedom `nu`.

    With `sides` 1 the factor leaves 1 - P on one side only.
    """
    sides = given.integer("sides", 2)
    percentages, degrees = given.numbers("p"), given.numbers("nu")
    given.finish()
    figures = {}
    for percentage in percentages:
        p = percentage / 100.0
        for nu in degrees:
            k = coverage_factor(p if sides > 1 else 2.0 * p - 1.0, nu)
            figures[f"k.{percentage:g}.{nu:g}"] = Figure(k)
    return figures


def reported_result(given: Given, _sampling: Sampling) -> Figures:
    """Return `U` and `value` as they are rounded for a certificate."""
    number, expanded = given.number("value"), given.number("k", 1.0) * given.number("u")
    given.finish()
    value, _, rounded = format_plus_minus(number, expanded, "1").strip("()").partition(" ± ")
    return {"value": Figure(float(value)), "U": Figure(float(rounded))}


def conformance(given: Given, _sampling: Sampling) -> Figures:
    """Return `p_c` and `p_nc` of a measured value against tolerance limits."""
    low, high = given.number("low", -math.inf), given.number("high", math.inf)
    value, u = given.number("value"), given.number("u")
    nu = given.number("nu", math.inf)
    given.finish()
    state = {"value": value, "standard_uncertainty": u, "degrees_of_freedom": nu}
    return {
        "p_c": Figure(conformance_probability(low, high, **state)),
        "p_nc": Figure(nonconformance_probability(low, high, **state)),
    }


def acceptance(given: Given, _sampling: Sampling) -> Figures:
    """Return acceptance limits with guard bands w = r k u, and the risk of a result on them.

    Figures: `low`, `high` where there are limits; `p_nc` at the lower of them, or the upper.
    """
    low, high = given.number("low", -math.inf), given.number("high", math.inf)
    u, width = given.number("u"), given.number("r") * given.number("k") * given.number("u")
    given.finish()
    accept = acceptance_limits(low, high, guard_low=width, guard_high=width)
    at = accept[0] if math.isfinite(accept[0]) else accept[1]
    figures = {"p_nc": nonconformance_probability(low, high, value=at, standard_uncertainty=u)}
    figures |= {
        name: limit
        for name, limit in zip(("low", "high"), accept, strict=True)
        if math.isfinite(limit)
    }
    return {name: Figure(value) for name, value in figures.items()}
