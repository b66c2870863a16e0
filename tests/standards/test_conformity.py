"""One result against limits: rules by risk, method 6, priors, limits with uncertainty."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.standards.conformity import (
    GLOBAL_NORMAL,
    ConformityAnswer,
    ConformityQuestion,
    Measured,
    PriorKnowledge,
    answer_conformity,
)
from qtrace.standards.decision_rule import (
    DECISION_RULES,
    FOUR_WORDS,
    ILAC_G8,
    METHOD_6,
    SIMPLE,
    SPECIFIC_5,
    DecisionRule,
    RuleKind,
    rule_of_risk,
)
from qtrace.uncertainty.conformity import Zone
from qtrace.uncertainty.distributions import gamma_counts
from qtrace.uncertainty.posterior import Draws, normal_shape, shape_of
from qtrace.uncertainty.priors import InTolerance
from qtrace.uncertainty.risk import LIMIT_FLAG

INF = math.inf
K95 = 1.959963984540054


def measured(value: float, u: float = 0.1, *, dof: float = INF) -> Measured:
    shape = normal_shape(value, u, degrees_of_freedom=dof)
    reach = shape.quantile(0.975) - value if u else 0.0
    return Measured("E/x", "1", value, u, shape, reach, reach, reach / u if u else K95, 0.95)


def ask(
    one: Measured, low: float, high: float, rule: DecisionRule, **more: object
) -> ConformityAnswer:
    return answer_conformity(one, ConformityQuestion(low, high, rule, **more))  # type: ignore[arg-type]


def test_the_default_rule_keeps_u_away_from_the_limit() -> None:
    answer = ask(measured(0.75), -INF, 1.0, ILAC_G8)
    assert answer.words == "Pass"
    assert answer.acceptance_high == pytest.approx(1.0 - K95 * 0.1)
    assert answer.acceptance_low == -INF
    assert answer.ratio is None
    assert not answer.negative
    nearer = ask(measured(0.85), -INF, 1.0, ILAC_G8)
    assert (nearer.words, nearer.zone) == ("Fail", Zone.GUARD_INSIDE)
    assert nearer.negative


@pytest.mark.parametrize(
    ("value", "words", "negative"),
    [(0.7, "Pass", False), (0.9, "Conditional Pass", False), (1.1, "Conditional Fail", True)],
)
def test_conditional_words(value: float, words: str, negative: bool) -> None:  # noqa: FBT001
    answer = ask(measured(value), -INF, 1.0, FOUR_WORDS)
    assert (answer.words, answer.negative) == (words, negative)


@pytest.mark.parametrize("dof", [INF, 5.0])
def test_a_specified_risk_accepts_up_to_that_risk(dof: float) -> None:
    limit = ask(measured(0.0, dof=dof), -INF, 1.0, SPECIFIC_5).acceptance_high
    just = ask(measured(limit - 1e-9, dof=dof), -INF, 1.0, SPECIFIC_5)
    over = ask(measured(limit + 1e-6, dof=dof), -INF, 1.0, SPECIFIC_5)
    assert just.words == "Pass"
    assert just.specific.fails == pytest.approx(0.05, rel=1e-5)
    assert over.words == "Fail"
    assert over.specific.fails > 0.05


def test_method_6_takes_its_band_from_the_ratio() -> None:
    answer = ask(measured(0.3, 0.1), -0.5, 0.5, METHOD_6)
    ratio = 0.5 / (K95 * 0.1)
    assert answer.ratio == pytest.approx(ratio)
    multiplier = 1.04 - math.exp(0.38 * math.log(ratio) - 0.54)
    assert answer.guard_high == pytest.approx(multiplier * K95 * 0.1)
    with pytest.raises(InputError, match="two tolerance limits"):
        ask(measured(0.3), -INF, 0.5, METHOD_6)
    assert ask(measured(0.3, 0.0), -0.5, 0.5, METHOD_6).words == "Pass"


def test_few_counts_are_judged_from_their_posterior() -> None:
    few = shape_of(gamma_counts(0, exposure=100.0))
    reach = (few.estimate - few.quantile(0.025), few.quantile(0.975) - few.estimate)
    one = Measured("E/dark", "/s", few.estimate, few.standard_uncertainty, few, *reach, None, 0.95)
    answer = ask(one, -INF, 0.02, SPECIFIC_5)
    assert answer.specific.basis == "specific; gamma"
    # Normal with the same moments would pass it: its 95 % quantile is lower.
    phi = replace(one, posterior=normal_shape(few.estimate, few.standard_uncertainty))
    assert ask(phi, -INF, 0.0185, SPECIFIC_5).words == "Pass"
    assert ask(one, -INF, 0.0185, SPECIFIC_5).words == "Fail"


def test_both_tails_of_a_skew_distribution_count() -> None:
    skew = shape_of(gamma_counts(4, exposure=1.0))
    low, high = skew.quantile(0.04), skew.quantile(0.96)
    one = Measured("E/x", "1", skew.estimate, skew.standard_uncertainty, skew, 3.0, 3.0, None, 0.95)
    answer = ask(one, low, high, SPECIFIC_5)
    assert answer.specific.fails == pytest.approx(0.08, rel=1e-6)
    assert answer.words == "Fail"


def test_draws_are_judged_with_their_standard_error() -> None:
    values = np.random.Generator(np.random.PCG64(1)).normal(0.8, 0.1, 20_000)
    one = replace(measured(0.8), posterior=Draws.of(values))
    answer = ask(one, -INF, 1.0, ILAC_G8)
    assert answer.specific.standard_error > 0.0
    assert answer.specific.fails == pytest.approx(0.02275, abs=5 * answer.specific.standard_error)


def test_a_limit_with_uncertainty_widens_the_band_and_is_flagged() -> None:
    exact = ask(measured(0.7, 0.06), -INF, 1.0, ILAC_G8)
    own = ask(measured(0.7, 0.06), -INF, 1.0, ILAC_G8, limit_u=0.08)
    assert exact.flags == ()
    assert own.flags == (LIMIT_FLAG,)
    assert own.guard_high == pytest.approx(K95 * 0.1)
    assert own.specific.fails > exact.specific.fails
    with_prior = ask(
        measured(0.7, 0.06), -INF, 1.0, ILAC_G8, limit_u=0.08, prior=PriorKnowledge(0.7, 0.05)
    )
    assert with_prior.specific_with_prior is not None
    assert with_prior.specific_with_prior.fails < own.specific.fails
    drawn = replace(
        measured(0.7, 0.06), posterior=Draws.of(np.linspace(0.6, 0.8, 1000)), coverage_factor=None
    )
    assert ask(drawn, -INF, 1.0, ILAC_G8, limit_u=0.08).guard_high > K95 * 0.1
    with pytest.raises(InputError, match="no guard band"):
        ask(drawn, -INF, 1.0, SPECIFIC_5, limit_u=0.08)


def test_a_prior_brings_the_risks_over_all_items() -> None:
    question = {"prior": PriorKnowledge(in_tolerance=0.89, basis=InTolerance.OBSERVED)}
    answer = ask(measured(0.0, 1.0 / (2.0 * 2.0)), -1.0, 1.0, SIMPLE, **question)
    found = answer.over_all_items
    assert found is not None
    assert found.consumer == pytest.approx(0.01949, abs=5e-6)  # TUR 2 at k = 2, 89 % observed
    assert found.observed_in_tolerance == pytest.approx(0.89)
    assert found.true_in_tolerance > 0.89
    assert found.consumer_of_accepted > found.consumer
    assert GLOBAL_NORMAL in answer.flags
    true = ask(measured(0.0, 0.25), -1.0, 1.0, SIMPLE, prior=PriorKnowledge(in_tolerance=0.89))
    assert true.over_all_items is not None
    assert true.over_all_items.consumer == pytest.approx(0.02418, abs=5e-6)


def test_items_may_have_another_distribution_than_a_normal() -> None:
    normal, flat = (
        ask(measured(0.9, 0.1), -1.0, 1.0, SIMPLE, prior=PriorKnowledge(0.0, 0.5, family=family))
        for family in ("normal", "rectangular")
    )
    assert normal.over_all_items is not None
    assert flat.over_all_items is not None
    # No item of the flat prior lies beyond 0.866: it cannot be wrongly accepted.
    assert flat.over_all_items.consumer == 0.0
    assert normal.over_all_items.consumer > 0.005
    assert flat.specific_with_prior is not None
    assert flat.specific_with_prior.fails == pytest.approx(0.0, abs=1e-15)


def test_a_global_risk_sets_the_band() -> None:
    prior = PriorKnowledge(1500.0, 0.12)
    one = measured(1500.0, 0.04)
    answer = ask(one, 1499.8, 1500.2, ILAC_G8, prior=prior, global_risk=0.005)
    assert answer.guard_high == pytest.approx(0.03682641819431559, abs=1e-9)
    assert answer.over_all_items is not None
    assert answer.over_all_items.consumer == pytest.approx(0.005, rel=1e-6)
    assert answer.rule.startswith("global risk")
    with pytest.raises(InputError, match="needs a prior"):
        ask(one, 1499.8, 1500.2, ILAC_G8, global_risk=0.005)


@pytest.mark.parametrize(
    "prior",
    [
        PriorKnowledge(mean=1.0),
        PriorKnowledge(spread=1.0),
        PriorKnowledge(1.0, 1.0, 0.9),
        PriorKnowledge(mean=1.0, in_tolerance=0.9),
        PriorKnowledge(1.0, -1.0),
        PriorKnowledge(1.0, 1.0, family="shapeless"),
        PriorKnowledge(in_tolerance=0.9, family="gamma"),
    ],
)
def test_a_prior_that_is_half_given_or_twice_is_refused(prior: PriorKnowledge) -> None:
    with pytest.raises(InputError):
        ask(measured(0.0), -1.0, 1.0, ILAC_G8, prior=prior)


def test_limits_that_enclose_nothing_are_refused() -> None:
    for low, high in ((1.0, 0.0), (-INF, INF), (math.nan, 1.0)):
        with pytest.raises(InputError):
            ask(measured(0.0), low, high, ILAC_G8)


def test_rules_contradict_nothing_and_have_names() -> None:
    assert {"specific_risk_2", "specific_risk_5", "z540.3_method_6"} <= set(DECISION_RULES)
    assert rule_of_risk(0.03).describe() == (
        "specific_risk: specific risk of an acceptance at most 0.03"
    )
    for risk in (0.0, 0.6, math.nan):
        with pytest.raises(InputError):
            rule_of_risk(risk)
    with pytest.raises(InputError):
        DecisionRule("other", RuleKind.GUARD_BAND, risk=0.02)
