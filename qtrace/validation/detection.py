"""Procedures of detection: was anything seen, and what is known of what is not below zero.

Inside: `detection_limits`, `non_negative`.
Source: ISO 11929-1:2019; Currie, Anal. Chem. 40, 586 (1968); the product's functions say the rest.
"""

from __future__ import annotations

from qtrace.uncertainty.detection_limits import CountingMeasurement, non_negative_statement
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.quantities import stated_quantity
from qtrace.validation.sampling import Sampling


def detection_limits(given: Given, _sampling: Sampling) -> Figures:
    """Return result, decision threshold and detection limit of gross and background counts.

    `factor` is the calibration factor; it may be a number, or `divisors` state what it is one
    over: quantities by name. Figures: `y`, `u`, `threshold`, `limit`.
    """
    gross, background = given.number("gross_counts"), given.number("background_counts")
    gross_time, background_time = given.number("gross_time"), given.number("background_time")
    factor, relative = given.number("factor", 1.0), given.number("factor_u_relative", 0.0)
    if given.has("divisors"):
        divisors = given.table("divisors")
        for name in divisors.keys:
            one = stated_quantity(divisors.table(name))
            factor /= one.estimate
            relative = (relative**2 + (one.standard_uncertainty / one.estimate) ** 2) ** 0.5
    alpha, beta = given.number("alpha", 0.05), given.number("beta", 0.05)
    given.finish()
    counting = CountingMeasurement(gross, gross_time, background, background_time, factor, relative)
    found = counting.limits(alpha=alpha, beta=beta)
    return {
        "y": Figure(counting.estimate),
        "u": Figure(counting.standard_uncertainty),
        "threshold": Figure(found.decision_threshold),
        "limit": Figure(found.detection_limit),
    }


def non_negative(given: Given, _sampling: Sampling) -> Figures:
    """Return what a primary result says of a quantity that is not below zero.

    Figures: `best`, `u`, `low`, `high` (probabilistically symmetric), `shortest_low`,
    `shortest_high`.
    """
    y, u, p = given.number("y"), given.number("u"), given.number("p", 0.95)
    given.finish()
    found = non_negative_statement(y, u, coverage_probability=p)
    return {
        "best": Figure(found.best_estimate),
        "u": Figure(found.standard_uncertainty),
        "low": Figure(found.low),
        "high": Figure(found.high),
        "shortest_low": Figure(found.shortest_low),
        "shortest_high": Figure(found.shortest_high),
    }
