"""One result judged against limits by one rule, with every probability that goes with it.

Inside: `PriorKnowledge`, `ConformityQuestion`, `Measured`, `GlobalFigures`, `ConformityAnswer`,
`answer_conformity`.
Source: JCGM 106:2012, clauses 7 to 9; ILAC-G8:09/2019, clause 4.2; ANSI/NCSL Z540.3-2006, 5.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qtrace.errors import InputError
from qtrace.standards.decision_rule import DecisionRule, RuleKind
from qtrace.standards.guard import widths_of
from qtrace.uncertainty.bias import enlarged, outward, without_bias
from qtrace.uncertainty.conformity import Zone, acceptance_limits, zone_of
from qtrace.uncertainty.global_risk import global_risk
from qtrace.uncertainty.guard_bands import global_risk_band, uncertainty_ratio
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Posterior, Shape
from qtrace.uncertainty.priors import (
    PRIOR_FAMILIES,
    InTolerance,
    after_measurement,
    prior_of_in_tolerance,
    prior_of_moments,
)
from qtrace.uncertainty.risk import SpecificRisk, UncertainLimits, check_limits, specific_risk

GLOBAL_NORMAL = "what rests on the prior takes measurements as normal with this u"
_NEGATIVE = frozenset({"Fail", "Conditional Fail"})
_SOLVED = 1.0 + 1e-6  # a guard band of a specified risk is solved for


@dataclass(frozen=True, slots=True)
class PriorKnowledge:
    """What was known of such items: mean and spread, or a share in tolerance and of what.

    `family` names the distribution of the items; a share in tolerance goes with a normal one.
    """

    mean: float | None = None
    spread: float | None = None
    in_tolerance: float | None = None
    basis: InTolerance = InTolerance.TRUE
    family: str = Distribution.NORMAL.value

    def shape(self, low: float, high: float, *, u: float) -> Shape:
        """Return it as a distribution.

        Raises:
            InputError: neither or both ways of saying it, or numbers that make no prior.
        """
        placed = self.mean is not None and self.spread is not None
        if placed == (self.in_tolerance is not None) or (self.mean is None) != (
            self.spread is None
        ):
            raise InputError(
                "a prior is given by its mean and its u, or by a share in tolerance",
                next_step="give --prior-mean with --prior-u, or --in-tolerance",
            )
        if self.family not in PRIOR_FAMILIES:
            raise InputError(
                f"a prior is not {self.family!r}", next_step=f"one of: {', '.join(PRIOR_FAMILIES)}"
            )
        if self.in_tolerance is not None and self.family != Distribution.NORMAL.value:
            raise InputError(
                f"a share in tolerance does not place a {self.family} prior",
                next_step="give --prior-mean with --prior-u",
            )
        if self.in_tolerance is not None:
            return prior_of_in_tolerance(self.in_tolerance, low, high, basis=self.basis, u=u)
        return prior_of_moments(Distribution(self.family), self.mean or 0.0, self.spread or 0.0)

    def describe(self) -> str:
        """Return in words where the prior comes from."""
        if self.in_tolerance is None:
            return f"{self.family}, by its mean and u"
        return f"normal, {self.in_tolerance:.4g} {self.basis.value} in tolerance"


@dataclass(frozen=True, slots=True)
class ConformityQuestion:
    """Limits in the unit of the result, the rule, and what else is known.

    `limit_u` is the standard uncertainty of each limit that there is, 0 for exact limits.
    `global_risk` asks for the guard band that holds this consumer's risk over all items.
    """

    low: float
    high: float
    rule: DecisionRule
    limit_u: float = 0.0
    prior: PriorKnowledge | None = None
    global_risk: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A result as it is judged: value, u, distribution, and the parts of U at 95 % around it.

    The parts of U hold the known error `known_bias`; `posterior` is that of the value as stated.
    """

    label: str
    unit: str
    value: float
    standard_uncertainty: float
    posterior: Posterior
    below: float
    above: float
    coverage_factor: float | None
    coverage_probability: float
    known_bias: float = 0.0


@dataclass(frozen=True, slots=True)
class GlobalFigures:
    """Risks over all items from the prior, measured and judged like this one.

    `consumer` and `producer` are shares of all items, `consumer_of_accepted` and
    `producer_of_rejected` of those accepted and rejected.
    """

    prior: str
    prior_mean: float
    prior_spread: float
    true_in_tolerance: float
    observed_in_tolerance: float
    consumer: float
    consumer_of_accepted: float
    producer: float
    producer_of_rejected: float
    accepted: float


@dataclass(frozen=True, slots=True)
class ConformityAnswer:
    """Zone, words and risks of one result; infinite limits where there is none.

    `specific` knows the measurement only, `specific_with_prior` the items, too. `ratio` is the
    test uncertainty ratio, None for a one-sided tolerance. `known_bias` is in both parts of U,
    and taken off the value in every risk.
    """

    label: str
    unit: str
    value: float
    standard_uncertainty: float
    expanded_below: float
    expanded_above: float
    coverage_factor: float | None
    coverage_probability: float
    low: float
    high: float
    limit_u: float
    rule: str
    zone: Zone
    words: str
    acceptance_low: float
    acceptance_high: float
    guard_low: float
    guard_high: float
    ratio: float | None
    specific: SpecificRisk
    specific_with_prior: SpecificRisk | None
    over_all_items: GlobalFigures | None
    flags: tuple[str, ...]
    known_bias: float = 0.0

    @property
    def negative(self) -> bool:
        """Return whether the words of the rule are a failure."""
        return self.words in _NEGATIVE


def answer_conformity(measured: Measured, question: ConformityQuestion) -> ConformityAnswer:
    """Judge one result against limits by one rule.

    Args:
        measured: The result, in the unit of the limits.
        question: Limits, rule, prior.

    Returns:
        Everything that is printed. Exactly at a limit counts as within it.

    Raises:
        InputError: no or reversed limits, a rule that cannot be applied, or no prior.

    Source: JCGM 106:2012, 7.4, 8.3, 9.3, 9.5; limits with uncertainty as in
    `qtrace.uncertainty.risk`.
    """
    low, high = question.low, question.high
    check_limits(low, high)
    limits = UncertainLimits(
        question.limit_u if math.isfinite(low) else 0.0,
        question.limit_u if math.isfinite(high) else 0.0,
    )
    wide = _widened(measured, question)
    prior = None
    if question.prior is not None:
        prior = question.prior.shape(low, high, u=wide.standard_uncertainty)
    corrected = without_bias(measured.posterior, measured.known_bias)
    specific = specific_risk(corrected, low, high, limits=limits)
    guard_low, guard_high = _guard(wide, question, prior)
    zone = zone_of(measured.value, low, high, guard_low=guard_low, guard_high=guard_high)
    by_risk = question.rule.kind is RuleKind.SPECIFIC_RISK and question.global_risk is None
    if by_risk and zone is Zone.ACCEPTED and specific.fails > question.rule.risk * _SOLVED:
        zone = Zone.GUARD_INSIDE  # both tails of a skew distribution together
    acceptance = acceptance_limits(low, high, guard_low=guard_low, guard_high=guard_high)
    return ConformityAnswer(
        measured.label,
        measured.unit,
        measured.value,
        measured.standard_uncertainty,
        measured.below,
        measured.above,
        measured.coverage_factor,
        measured.coverage_probability,
        low,
        high,
        question.limit_u,
        _rule_text(question),
        zone,
        question.rule.words(zone),
        *acceptance,
        guard_low if math.isfinite(low) else 0.0,
        guard_high if math.isfinite(high) else 0.0,
        _ratio(wide, low, high),
        specific,
        None if prior is None else _with_prior(prior, wide, question, limits),
        None if prior is None else _over_all(prior, wide, question, acceptance),
        (*specific.flags, *(() if prior is None else (GLOBAL_NORMAL,))),
        measured.known_bias,
    )


def _ratio(measured: Measured, low: float, high: float) -> float | None:
    """Return the test uncertainty ratio, None for a one-sided tolerance or an exact figure."""
    expanded = max(measured.below, measured.above)
    two_sided = math.isfinite(low) and math.isfinite(high)
    return uncertainty_ratio(low, high, expanded) if two_sided and expanded > 0.0 else None


def _rule_text(question: ConformityQuestion) -> str:
    if question.global_risk is None:
        return question.rule.describe()
    return (
        f"global risk: guard band that keeps wrongly accepted items at most "
        f"{question.global_risk:.3g} of all"
    )


def _widened(measured: Measured, question: ConformityQuestion) -> Measured:
    """Return the result with u of the limit in it: the difference is what is judged."""
    if question.limit_u == 0.0:
        return measured
    u = math.hypot(measured.standard_uncertainty, question.limit_u)
    posterior, bias = measured.posterior, measured.known_bias
    if isinstance(posterior, Shape) and posterior.symmetric:
        factor = measured.coverage_factor or 1.0
        below, above = enlarged((factor * u, factor * u), bias)
        return replace(
            measured,
            standard_uncertainty=u,
            posterior=replace(posterior, standard_uncertainty=u),
            below=below,
            above=above,
        )
    if question.rule.kind is RuleKind.SPECIFIC_RISK:
        raise InputError(
            "a limit with uncertainty and a distribution that is no normal give no guard band",
            next_step="use a rule with w = r U; the specific risk is printed with it",
        )
    share = 2.0 * question.limit_u  # the limit's part of U, normal at about 95 %
    reach = (
        math.hypot(measured.below - abs(bias), share),
        math.hypot(measured.above - abs(bias), share),
    )
    below, above = enlarged(reach, bias)
    return replace(measured, standard_uncertainty=u, below=below, above=above)


def _guard(
    measured: Measured, question: ConformityQuestion, prior: Shape | None
) -> tuple[float, float]:
    """Return the guard bands at both limits."""
    if question.global_risk is not None:
        if prior is None:
            raise InputError(
                "a global risk is one over items: it needs a prior",
                next_step="give --prior-mean with --prior-u, or --in-tolerance",
            )
        band = global_risk_band(
            prior,
            question.low,
            question.high,
            u=measured.standard_uncertainty,
            risk=question.global_risk,
        )
        more_low, more_high = outward(measured.known_bias)
        return band + more_low, band + more_high
    return widths_of(
        question.rule,
        measured.posterior,
        reach=(measured.below, measured.above),
        limits=(question.low, question.high),
        known_bias=measured.known_bias,
    )


def _with_prior(
    prior: Shape, measured: Measured, question: ConformityQuestion, limits: UncertainLimits
) -> SpecificRisk:
    """Return the specific risk of this item, given the items it comes from."""
    value = measured.value - measured.known_bias
    # u of the limit belongs to the limit, not to the item.
    u = math.sqrt(measured.standard_uncertainty**2 - question.limit_u**2)
    joined = after_measurement(prior, value, u)
    return specific_risk(joined, question.low, question.high, limits=limits)


def _over_all(
    prior: Shape,
    measured: Measured,
    question: ConformityQuestion,
    acceptance: tuple[float, float],
) -> GlobalFigures:
    found = global_risk(
        prior,
        question.low,
        question.high,
        u=measured.standard_uncertainty,
        # Each item's indication holds the same error: it is accepted as if the limits lay lower.
        acceptance=(acceptance[0] - measured.known_bias, acceptance[1] - measured.known_bias),
    )
    return GlobalFigures(
        question.prior.describe() if question.prior else "",
        prior.estimate,
        prior.standard_uncertainty,
        found.in_tolerance,
        found.observed_in_tolerance,
        found.consumer,
        found.consumer_of_accepted,
        found.producer,
        found.producer_of_rejected,
        found.accepted,
    )
