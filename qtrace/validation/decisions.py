"""Procedures of decision risks and of the guard bands that hold them.

Inside: `item_risk`, `population_risk`, `risk_table`, `guard_bands`, `guard_band_factors`.
Source: JCGM 106:2012, clauses 7 to 9; ANSI/NCSL Z540.3-2006; the product's functions say the rest.
"""

from __future__ import annotations

import math

from qtrace.uncertainty.global_risk import GlobalRisk, global_risk
from qtrace.uncertainty.guard_bands import (
    TurMethod,
    acceptance_factor,
    global_risk_band,
    measurement_capability_index,
    method_6_multiplier,
    specific_risk_bands,
    worst_at_observed,
    worst_false_acceptance,
)
from qtrace.uncertainty.posterior import Posterior, Shape, normal_shape
from qtrace.uncertainty.priors import (
    InTolerance,
    after_measurement,
    normal_prior,
    prior_of_in_tolerance,
)
from qtrace.uncertainty.risk import UncertainLimits, specific_risk
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling

K_OF_THE_RATIO = 2.0  # the tables of ratios take U = 2 u


def _figures(found: dict[str, float]) -> Figures:
    return {name: Figure(value) for name, value in found.items()}


def _limits(given: Given) -> tuple[float, float]:
    return given.number("low", -math.inf), given.number("high", math.inf)


def _prior(given: Given) -> Shape | None:
    """Return the normal prior of `prior_mean` and `prior_u`, None where there is none."""
    if not given.has("prior_u"):
        return None
    return normal_prior(given.number("prior_mean"), given.number("prior_u"))


def item_risk(given: Given, _sampling: Sampling) -> Figures:
    """Return the specific risks of one measured item, with or without what was known before.

    Figures: `conforms`, `fails`, `below`, `above`; `value` and `u` of what is known of the item.
    `u_low` and `u_high` are standard uncertainties of the limits.
    """
    low, high = _limits(given)
    value, u = given.number("value"), given.number("u")
    nu = given.number("nu", math.inf)
    prior = _prior(given)
    limits = UncertainLimits(u_low=given.number("u_low", 0.0), u_high=given.number("u_high", 0.0))
    given.finish()
    known: Posterior = normal_shape(value, u, degrees_of_freedom=nu)
    if prior is not None:
        known = after_measurement(prior, value, u)
    found = specific_risk(known, low, high, limits=limits)
    figures = {
        "conforms": found.conforms,
        "fails": found.fails,
        "below": found.below,
        "above": found.above,
    }
    if isinstance(known, Shape):
        figures |= {"value": known.estimate, "u": known.standard_uncertainty}
    return _figures(figures)


def _of_population(found: GlobalRisk) -> dict[str, float]:
    return {
        "consumer": found.consumer,
        "producer": found.producer,
        "consumer_of_accepted": found.consumer_of_accepted,
        "producer_of_rejected": found.producer_of_rejected,
        "accepted": found.accepted,
        "in_tolerance": found.in_tolerance,
        "observed": found.observed_in_tolerance,
    }


def population_risk(given: Given, _sampling: Sampling) -> Figures:
    """Return the global risks of items from a normal process that are measured.

    Figures: `consumer`, `producer` (of all items), `consumer_of_accepted`,
    `producer_of_rejected`, `accepted`, `in_tolerance`, `observed`. `guard` is the width of a guard
    band at each limit; `guard_factor` says instead where the acceptance limits of a tolerance
    about zero lie.
    """
    low, high = _limits(given)
    prior = normal_prior(given.number("prior_mean"), given.number("prior_u"))
    u, guard = given.number("u"), given.number("guard", 0.0)
    accept = (low + guard, high - guard)
    if given.has("guard_factor"):
        factor = given.number("guard_factor")
        accept = (factor * low, factor * high)
    given.finish()
    return _figures(_of_population(global_risk(prior, low, high, u=u, acceptance=accept)))


def risk_table(given: Given, _sampling: Sampling) -> Figures:
    """Return global risks of a process in the middle of its tolerance, accepted simply.

    Each percentage of `in_tolerance` (`of` true or observed values) is joined with each `ratio`:
    of the tolerance to U = 2 u, or with `per` "process" of the process to u. Figures:
    `consumer.RATIO.PERCENT` and likewise the others of a population.
    """
    per = given.one_of("per", ("tolerance", "process"), "tolerance")
    basis = InTolerance(given.one_of("of", tuple(InTolerance), InTolerance.TRUE.value))
    ratios, percentages = given.numbers("ratio"), given.numbers("in_tolerance")
    given.finish()
    if per == "process" and basis is InTolerance.OBSERVED:
        raise given.error("of", "an observed share is joined with a ratio of the tolerance only")
    figures = {}
    for ratio in ratios:
        for percent in percentages:
            u = 1.0 / (K_OF_THE_RATIO * ratio)
            prior = prior_of_in_tolerance(percent / 100.0, -1.0, 1.0, basis=basis, u=u)
            if per == "process":
                u = prior.standard_uncertainty / ratio
            for name, value in _of_population(global_risk(prior, -1.0, 1.0, u=u)).items():
                figures[f"{name}.{ratio:g}.{percent:g}"] = value
    return _figures(figures)


def guard_bands(given: Given, _sampling: Sampling) -> Figures:
    """Return the guard bands that hold a consumer's risk.

    Figures: `at_low`, `at_high` for the specific risk of a normal or t; with a prior `all` and
    `accepted` for the global one, unconditional and conditional; `capability` (C_m) between two
    limits.
    """
    low, high = _limits(given)
    u, risk = given.number("u"), given.number("risk")
    nu = given.number("nu", math.inf)
    prior = _prior(given)
    given.finish()
    shape = normal_shape(0.0, u, degrees_of_freedom=nu)
    at_low, at_high = specific_risk_bands(shape, low, high, risk=risk)
    figures = {"at_low": at_low, "at_high": at_high}
    if prior is not None:
        figures["all"] = global_risk_band(
            prior, low, high, u=u, risk=risk, degrees_of_freedom=nu, of="all"
        )
        figures["accepted"] = global_risk_band(
            prior, low, high, u=u, risk=risk, degrees_of_freedom=nu, of="accepted"
        )
    if math.isfinite(high - low):
        figures["capability"] = measurement_capability_index(low, high, u)
    return _figures(figures)


def guard_band_factors(given: Given, _sampling: Sampling) -> Figures:
    """Return acceptance limits by the test uncertainty ratio, and the worst risks they leave.

    Figures for each `ratio`: `rss.RATIO`, `subtract.RATIO`, `rp_10.RATIO`, `method_6.RATIO`,
    `multiplier.RATIO` (M of method 6); the largest global consumer's risk over all in-tolerance
    rates, `worst.RATIO` by simple acceptance and `worst_method_6.RATIO`. For each percentage of
    `observed` the largest over all ratios: `worst_observed.PERCENT`.
    """
    ratios = given.numbers("ratio") if given.has("ratio") else []
    observed = given.numbers("observed") if given.has("observed") else []
    given.finish()
    figures = {}
    for ratio in ratios:
        for method in TurMethod:
            figures[f"{method.value}.{ratio:g}"] = acceptance_factor(method, ratio)
        figures[f"multiplier.{ratio:g}"] = method_6_multiplier(ratio)
        figures[f"worst.{ratio:g}"] = worst_false_acceptance(ratio).consumer
        figures[f"worst_method_6.{ratio:g}"] = worst_false_acceptance(
            ratio, method=TurMethod.METHOD_6
        ).consumer
    for percent in observed:
        figures[f"worst_observed.{percent:g}"] = worst_at_observed(percent / 100.0).consumer
    return _figures(figures)
