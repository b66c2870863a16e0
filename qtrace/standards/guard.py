"""How wide the guard band of a rule is for one figure, and the risks of judging it.

Inside: `guard_widths`, `figure_risk`, `widths_of`.
Source: JCGM 106:2012, clauses 7, 8.3 and 9.3; ANSI/NCSL Z540.3-2006, 5.3 (method 6).
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.standards.decision_rule import DecisionRule, RuleKind
from qtrace.standards.figure import JudgedFigure
from qtrace.uncertainty.bias import outward, without_bias
from qtrace.uncertainty.guard_bands import (
    band_of_multiple,
    method_6_multiplier,
    specific_risk_bands,
    uncertainty_ratio,
)
from qtrace.uncertainty.posterior import Posterior, normal_shape
from qtrace.uncertainty.risk import SpecificRisk, specific_risk


def widths_of(
    rule: DecisionRule,
    posterior: Posterior,
    *,
    reach: tuple[float, float],
    limits: tuple[float, float],
    known_bias: float = 0.0,
) -> tuple[float, float]:
    """Return the guard bands at the lower and at the upper limit.

    Args:
        rule: The rule.
        posterior: What is known of the measurand, in the unit of the limits.
        reach: The parts of U below and above the estimate, at the p of the rule, with the known
            error in them.
        limits: Tolerance limits, infinite where there is none.
        known_bias: Known error in the estimate, which a band from a risk has to keep off too.

    Raises:
        InputError: method 6 without two limits, or limits that enclose nothing.

    Source: JCGM 106:2012, 8.3.2 (w = r U), 8.3.3 (specified risk); Dobbert, NCSLI 2008.
    """
    below, above = reach
    match rule.kind:
        case RuleKind.SPECIFIC_RISK:
            at_low, at_high = specific_risk_bands(posterior, *limits, risk=rule.risk)
            more_low, more_high = outward(known_bias)
            return at_low + more_low, at_high + more_high
        case RuleKind.METHOD_6:
            expanded = max(below, above)
            if expanded == 0.0:
                return 0.0, 0.0
            multiplier = method_6_multiplier(uncertainty_ratio(*limits, expanded))
            return band_of_multiple(multiplier, expanded), band_of_multiple(multiplier, expanded)
        case _:
            return rule.guard_band(below), rule.guard_band(above)


def guard_widths(
    figure: JudgedFigure, low: float, high: float, *, rule: DecisionRule
) -> tuple[float, float]:
    """Return the guard bands of a figure, in the unit of its criterion.

    Raises:
        InputError: the rule cannot be applied to this figure; `what` is the reason.
    """
    if figure.below == figure.above == 0.0:
        return 0.0, 0.0
    factor, posterior = figure.posterior_factor, figure.posterior
    if posterior is None:
        if figure.interval_probability is not None and rule.kind is RuleKind.SPECIFIC_RISK:
            return _interval_reach(figure, rule)
        factor = 1.0
        posterior = normal_shape(
            figure.value,
            figure.standard_uncertainty or 0.0,
            degrees_of_freedom=figure.degrees_of_freedom,
        )
    below, above = widths_of(
        rule,
        posterior,
        reach=(figure.below / factor, figure.above / factor),
        limits=(low / factor, high / factor),
        known_bias=figure.known_bias / factor,
    )
    return below * factor, above * factor


def _interval_reach(figure: JudgedFigure, rule: DecisionRule) -> tuple[float, float]:
    """Take the ends of an exact interval, whose tails are small enough."""
    probability = figure.interval_probability or 0.0
    tail = (1.0 - probability) / 2.0
    if tail > rule.risk:
        raise InputError(
            f"the interval leaves {tail:.3g} in a tail, the rule allows {rule.risk:.3g}"
        )
    return figure.below, figure.above


def figure_risk(figure: JudgedFigure, value: float, low: float, high: float) -> SpecificRisk:
    """Return the specific risks of a figure from its stored distribution, normal or t else.

    Args:
        figure: The figure.
        value: Its value, as it is judged; its known error is taken off here.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.

    Source: JCGM 106:2012, 9.3.2.
    """
    if figure.posterior is not None:
        factor = figure.posterior_factor
        known = without_bias(figure.posterior, figure.known_bias / factor)
        return specific_risk(known, low / factor, high / factor)
    shape = normal_shape(
        value, figure.standard_uncertainty or 0.0, degrees_of_freedom=figure.degrees_of_freedom
    )
    return specific_risk(without_bias(shape, figure.known_bias), low, high)
