"""The figure that a criterion compares, in its unit, with U at a k that the rule accepts.

Inside: `JudgedFigure`, `convert`, `judged_figure`.
Source: GUM 5.1.6, 6.2.1 and G.4 (k from the degrees of freedom).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from qtrace.errors import InputError, UnitError
from qtrace.quantity.units import LEVEL, parse_unit
from qtrace.standards.decision_rule import DecisionRule
from qtrace.standards.evidence import Evidence, Form
from qtrace.standards.requirement import Criterion, Figure, ValueIs
from qtrace.uncertainty.bias import enlarged
from qtrace.uncertainty.coverage import coverage_factor
from qtrace.uncertainty.posterior import Posterior

# A stated k may miss the one needed by its rounding in print.
_K_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class JudgedFigure:
    """A figure in the unit of the criterion, with its reach downward and upward.

    `below` and `above` are the parts of U (or of an exact interval) on either side. `exact`
    figures and proven bounds have none. `interval_probability` is set where they come from an
    exact interval. `known_bias` is the known error in the value; the reach covers it (an exact
    interval comes with it), and risks are those of the value without it.
    `posterior` is the stored distribution, if any, in a unit of which
    `posterior_factor` make one of `unit`.
    """

    value: float
    unit: str
    below: float = 0.0
    above: float = 0.0
    standard_uncertainty: float | None = None
    degrees_of_freedom: float = math.inf
    coverage_factor: float | None = None
    coverage_probability: float | None = None
    interval_probability: float | None = None
    known_bias: float = 0.0
    value_is: ValueIs = ValueIs.ESTIMATE
    form: str = Form.ESTIMATE
    reasons: tuple[str, ...] = ()
    posterior: Posterior | None = None
    posterior_factor: float = 1.0


def convert(value: float, *, given: str, wanted: str) -> float:
    """Bring a number from one unit to another of the same dimension, rounded once.

    Raises:
        UnitError: the dimensions differ, or a unit is unknown.
    """
    source, target = parse_unit(given), parse_unit(wanted)
    if source.dimension != target.dimension and LEVEL in {source.dimension, target.dimension}:
        raise UnitError(
            f"a figure in {given!r} cannot be compared with a limit in {wanted!r}: one is a level, "
            "the other is not",
            next_step="state the figure in the scale of the limit; a level is judged in dB",
        )
    if source.dimension != target.dimension:
        raise UnitError(
            f"a figure in {given!r} cannot be compared with a limit in {wanted!r}",
            next_step="give the evidence in a unit of the same dimension",
        )
    if source.factor == target.factor or not math.isfinite(value):
        return value
    return float(Fraction(Decimal(repr(float(value)))) * source.factor / target.factor)


def judged_figure(evidence: Evidence, criterion: Criterion, *, rule: DecisionRule) -> JudgedFigure:
    """Take the figure that a criterion compares, with U at a k that the rule accepts.

    Raises:
        InputError: the evidence does not hold what is needed; `what` is the reason.
    """
    if criterion.figure is Figure.RELATIVE_EXPANDED_UNCERTAINTY:
        return _relative_expanded_uncertainty(evidence, criterion)
    if criterion.figure is Figure.EXPANDED_UNCERTAINTY:
        return _expanded_uncertainty(evidence, criterion)
    if evidence.form == Form.INTERVAL_ONLY:
        return _interval_only(evidence, criterion.unit)
    if evidence.value is None:
        raise InputError("the evidence gives no value")
    value = convert(evidence.value, given=evidence.unit, wanted=criterion.unit)
    if evidence.form != Form.ESTIMATE:
        return _stated_limit(evidence, value, criterion, rule=rule)
    if criterion.value_is is ValueIs.PROVEN_BOUND:
        reason = (
            "proven bound: its failure probability is the epsilon of the proof, given the "
            "assumptions of the proof; no guard band is added"
        )
        return JudgedFigure(value, criterion.unit, value_is=ValueIs.PROVEN_BOUND, reasons=(reason,))
    posterior = evidence.stored_distribution
    if evidence.interval is not None:
        figure = _with_interval(evidence, evidence.interval, criterion.unit, rule=rule)
        if posterior is None:
            return figure
        factor = convert(1.0, given=evidence.unit, wanted=criterion.unit)
        return replace(figure, posterior=posterior, posterior_factor=factor)
    if posterior is not None:
        return _with_posterior(evidence, posterior, criterion.unit, rule=rule)
    return _with_uncertainty(evidence, value, criterion.unit, rule=rule)


def _stated_limit(
    evidence: Evidence, value: float, criterion: Criterion, *, rule: DecisionRule
) -> JudgedFigure:
    """Take a limit as it is stated, if it holds at the probability that the rule wants."""
    probability = None if evidence.interval is None else evidence.interval[2]
    if probability is not None and probability < rule.coverage_probability:
        raise InputError(
            f"the limit holds at p = {probability:g}, the rule wants {rule.coverage_probability:g}"
        )
    return JudgedFigure(
        value,
        criterion.unit,
        form=evidence.form,
        value_is=criterion.value_is,
        interval_probability=probability,
    )


def _relative_expanded_uncertainty(evidence: Evidence, criterion: Criterion) -> JudgedFigure:
    """Return k u / |value| as an exact figure; k is the one that the criterion fixes.

    Source: GUM 5.1.6 (relative uncertainty), 6.2.1 (U = k u).
    """
    if evidence.value is None or evidence.standard_uncertainty is None:
        raise InputError("the evidence gives no value with a standard uncertainty")
    if parse_unit(evidence.unit).dimension == LEVEL:
        raise InputError("a level has no relative uncertainty: its zero is a convention")
    if evidence.value == 0.0:
        raise InputError("a relative uncertainty of the value 0 does not exist")
    k = 2.0 if criterion.coverage_factor is None else criterion.coverage_factor
    ratio = k * evidence.standard_uncertainty / abs(evidence.value)
    value = convert(ratio, given="1", wanted=criterion.unit)
    return JudgedFigure(
        value, criterion.unit, reasons=(f"relative expanded uncertainty at k = {k:g}",)
    )


def _expanded_uncertainty(evidence: Evidence, criterion: Criterion) -> JudgedFigure:
    """Return k u + |known error| as an exact figure; k is the one that the criterion fixes.

    Source: GUM 6.2.1 (U = k u); a known error enlarges U as everywhere in this project.
    """
    if evidence.standard_uncertainty is None:
        raise InputError("the evidence gives no standard uncertainty")
    k = 2.0 if criterion.coverage_factor is None else criterion.coverage_factor
    half = k * evidence.standard_uncertainty
    expanded = max(enlarged((half, half), evidence.known_bias))
    value = convert(expanded, given=evidence.unit, wanted=criterion.unit)
    return JudgedFigure(value, criterion.unit, reasons=(f"expanded uncertainty at k = {k:g}",))


def _interval_only(evidence: Evidence, unit: str) -> JudgedFigure:
    """Represent an interval by its middle; `judge` uses only its ends."""
    if evidence.interval is None:
        raise InputError("the evidence is an interval only, and gives none")
    low = convert(evidence.interval[0], given=evidence.unit, wanted=unit)
    high = convert(evidence.interval[1], given=evidence.unit, wanted=unit)
    half = (high - low) / 2.0
    return JudgedFigure(
        low + half,
        unit,
        below=half,
        above=half,
        coverage_probability=evidence.interval[2],
        interval_probability=evidence.interval[2],
        form=Form.INTERVAL_ONLY,
    )


def _with_interval(
    evidence: Evidence, interval: tuple[float, float, float], unit: str, *, rule: DecisionRule
) -> JudgedFigure:
    """Take the reach on either side from an exact interval, never from a linear u."""
    low, high, probability = interval
    if probability < rule.coverage_probability:
        raise InputError(
            f"the interval holds at p = {probability:g}, the rule wants "
            f"{rule.coverage_probability:g}"
        )
    value = convert(evidence.value or 0.0, given=evidence.unit, wanted=unit)
    return JudgedFigure(
        value,
        unit,
        below=max(0.0, value - convert(low, given=evidence.unit, wanted=unit)),
        above=max(0.0, convert(high, given=evidence.unit, wanted=unit) - value),
        coverage_probability=probability,
        interval_probability=probability,
        known_bias=convert(evidence.known_bias, given=evidence.unit, wanted=unit),
    )


def _with_posterior(
    evidence: Evidence, posterior: Posterior, unit: str, *, rule: DecisionRule
) -> JudgedFigure:
    """Take the reach on either side from quantiles of the stored distribution."""
    factor = convert(1.0, given=evidence.unit, wanted=unit)
    value = convert(evidence.value or 0.0, given=evidence.unit, wanted=unit)
    tail = (1.0 - rule.coverage_probability) / 2.0
    u = evidence.standard_uncertainty
    bias, remarks = _known_bias(evidence, unit)
    reach = (
        max(0.0, value - factor * posterior.quantile(tail)),
        max(0.0, factor * posterior.quantile(1.0 - tail) - value),
    )
    below, above = enlarged(reach, bias)
    return JudgedFigure(
        value,
        unit,
        below=below,
        above=above,
        standard_uncertainty=None if u is None else u * factor,
        coverage_probability=rule.coverage_probability,
        reasons=(f"judged from its stored distribution: {posterior.basis}", *remarks),
        known_bias=bias,
        posterior=posterior,
        posterior_factor=factor,
    )


def _known_bias(evidence: Evidence, unit: str) -> tuple[float, tuple[str, ...]]:
    """Return the known error in the value, and the remark that goes with it."""
    bias = convert(evidence.known_bias, given=evidence.unit, wanted=unit)
    return bias, (f"U enlarged by the known error, {abs(bias):.3g} {unit}",) if bias else ()


def _with_uncertainty(
    evidence: Evidence, value: float, unit: str, *, rule: DecisionRule
) -> JudgedFigure:
    """Expand u; a stated k that is too small for the rule and the degrees of freedom is raised."""
    if evidence.standard_uncertainty is None:
        raise InputError("no uncertainty is stated; an exact figure says that its u is 0")
    u = convert(evidence.standard_uncertainty, given=evidence.unit, wanted=unit)
    bias, remarks = _known_bias(evidence, unit)
    if u == 0.0 and not bias:
        return JudgedFigure(value, unit, standard_uncertainty=0.0, reasons=("an exact figure",))
    k, probability, reasons = _coverage(evidence, rule)
    below, above = enlarged((k * u, k * u), bias)
    return JudgedFigure(
        value,
        unit,
        below=below,
        above=above,
        standard_uncertainty=u,
        degrees_of_freedom=evidence.degrees_of_freedom,
        coverage_factor=k,
        coverage_probability=probability,
        reasons=(*reasons, *remarks),
        known_bias=bias,
    )


def _coverage(
    evidence: Evidence, rule: DecisionRule
) -> tuple[float, float | None, tuple[str, ...]]:
    """Return k, its probability, and a remark where the stated k was not enough.

    A k stated with a probability that satisfies the rule is used as it is (it may come from
    Monte Carlo); one stated without a probability must reach the quantile of t.
    """
    stated, probability = evidence.coverage_factor, evidence.coverage_probability
    wanted, dof = rule.coverage_probability, evidence.degrees_of_freedom
    if stated is not None and probability is not None and probability >= wanted:
        return stated, probability, ()
    if dof < 1.0:
        raise InputError(
            f"no k at p = {wanted:g} follows from {dof:.3g} degrees of freedom, and none is stated"
        )
    needed = coverage_factor(wanted, dof)
    if stated is None:
        return needed, wanted, ()
    if stated >= needed * (1.0 - _K_ROUNDING):
        return stated, probability, ()
    return needed, wanted, (f"k raised from {stated:.4g} to {needed:.4g}, as the rule needs",)
