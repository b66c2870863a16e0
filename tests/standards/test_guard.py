"""Findings judged by a specified risk, by method 6, and from a stored distribution."""

from __future__ import annotations

import math

import pytest
from scipy.stats import gamma

from qtrace.errors import InputError
from qtrace.standards.decision_rule import ILAC_G8, METHOD_6, SPECIFIC_2, SPECIFIC_5
from qtrace.standards.evidence import Evidence
from qtrace.standards.figure import JudgedFigure, judged_figure
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.judge import Limits, judge
from qtrace.standards.requirement import Comparison, Criterion, CriterionKind
from qtrace.uncertainty.distributions import gamma_counts
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.posterior import Shape, shape_of

INF = math.inf
BASE = Finding("R-1", "S", "receiver", Outcome.NOT_EVALUABLE, CriterionKind.LIMIT)


def criterion(limit: float, unit: str = "1") -> Criterion:
    return Criterion(CriterionKind.LIMIT, comparison=Comparison.AT_MOST, limit=limit, unit=unit)


def evidence(value: float, u: float, **more: object) -> Evidence:
    return Evidence("item", "receiver", value=value, standard_uncertainty=u, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "outcome", "side"),
    [
        (0.83, Outcome.MET, GuardSide.NONE),
        (0.84, Outcome.WITHIN_GUARD_BAND, GuardSide.INSIDE),
        (1.16, Outcome.WITHIN_GUARD_BAND, GuardSide.OUTSIDE),
        (1.17, Outcome.NOT_MET, GuardSide.NONE),
    ],
)
def test_a_specified_risk_of_five_percent(value: float, outcome: Outcome, side: GuardSide) -> None:
    """w = 1.645 u at a one-sided limit."""
    figure = judged_figure(evidence(value, 0.1), criterion(1.0), rule=SPECIFIC_5)
    found = judge(BASE, figure, Limits(-INF, 1.0, "pack"), rule=SPECIFIC_5)
    assert (found.outcome, found.guard_side) == (outcome, side)
    assert found.rule_id == "specific_risk_5"
    assert found.guard_band == pytest.approx(0.16449, rel=1e-4)


def test_method_6_wants_two_limits() -> None:
    figure = judged_figure(evidence(0.4, 0.1), criterion(1.0), rule=METHOD_6)
    found = judge(BASE, figure, Limits(-0.5, 0.5, "pack"), rule=METHOD_6)
    assert found.conformity == "Pass"
    assert found.guard_band is not None
    assert 0.0 < found.guard_band < 0.1
    with pytest.raises(InputError, match="two tolerance limits"):
        judge(BASE, figure, Limits(-INF, 0.5, "pack"), rule=METHOD_6)


def test_few_counts_carry_their_posterior_into_the_finding() -> None:
    few = shape_of(gamma_counts(1, exposure=10.0))  # in /s
    piece = evidence(few.estimate, few.standard_uncertainty, unit="/s", posterior=few)
    figure = judged_figure(piece, criterion(0.5, "kHz"), rule=ILAC_G8)
    assert figure.above > figure.below  # skew
    assert figure.above == pytest.approx((few.quantile(0.975) - few.estimate) / 1000.0)
    found = judge(BASE, figure, Limits(-INF, 4.67e-4, "pack"), rule=ILAC_G8)
    assert found.consumer_risk == pytest.approx(float(gamma.sf(0.467, 1.5, scale=0.1)), rel=1e-9)
    assert found.risk_basis == "specific; gamma"
    assert any("stored distribution" in reason for reason in found.reasons)


def test_a_level_is_judged_in_decibel() -> None:
    """173 dB isolation with u = 3 dB: a transmittance of at most 1e-17 fails with 15.9 %."""
    level = Shape(Distribution.NORMAL, -173.0, 3.0)
    u = 10.0**-17.3 * 0.3 * math.log(10.0)
    piece = evidence(10.0**-17.3, u, posterior=level, posterior_level="power")
    figure = judged_figure(piece, criterion(1e-17), rule=SPECIFIC_2)
    found = judge(BASE, figure, Limits(-INF, 1e-17, "pack"), rule=SPECIFIC_2)
    assert found.consumer_risk == pytest.approx(0.1587, abs=5e-5)
    assert found.outcome is Outcome.WITHIN_GUARD_BAND
    plain = judged_figure(evidence(10.0**-17.3, u), criterion(1e-17), rule=SPECIFIC_2)
    converted = judge(BASE, plain, Limits(-INF, 1e-17, "pack"), rule=SPECIFIC_2)
    assert converted.consumer_risk == pytest.approx(0.075, abs=5e-4)


def test_an_exact_interval_serves_a_risk_only_as_far_as_its_tails() -> None:
    figure = JudgedFigure(
        0.5, "1", below=0.1, above=0.2, coverage_probability=0.95, interval_probability=0.95
    )
    found = judge(BASE, figure, Limits(-INF, 0.75, "pack"), rule=SPECIFIC_5)
    assert found.outcome is Outcome.MET
    assert found.consumer_risk == pytest.approx(0.025)
    with pytest.raises(InputError, match="leaves"):
        judge(BASE, figure, Limits(-INF, 0.75, "pack"), rule=SPECIFIC_2)


def test_a_scale_without_a_distribution_is_refused() -> None:
    with pytest.raises(InputError, match="scale"):
        evidence(1.0, 0.1, posterior_level="power")
    with pytest.raises(InputError, match="scale"):
        evidence(1.0, 0.1, posterior=Shape(Distribution.NORMAL, 1.0, 0.1), posterior_level="field")


def test_both_tails_of_a_skew_distribution_count_in_a_finding() -> None:
    skew = shape_of(gamma_counts(4, exposure=1.0))
    low, high = skew.quantile(0.04), skew.quantile(0.96)
    piece = evidence(skew.estimate, skew.standard_uncertainty, posterior=skew)
    figure = judged_figure(piece, criterion(high), rule=SPECIFIC_5)
    found = judge(BASE, figure, Limits(low, high, "pack"), rule=SPECIFIC_5)
    assert found.consumer_risk == pytest.approx(0.08, rel=1e-6)
    assert (found.outcome, found.guard_side) == (Outcome.WITHIN_GUARD_BAND, GuardSide.INSIDE)


def test_the_ratio_of_method_6_is_taken_in_one_unit() -> None:
    few = shape_of(gamma_counts(400, exposure=1.0))  # in /s, limits in kHz
    piece = evidence(few.estimate, few.standard_uncertainty, unit="/s", posterior=few)
    figure = judged_figure(piece, criterion(0.5, "kHz"), rule=METHOD_6)
    found = judge(BASE, figure, Limits(0.3, 0.5, "pack"), rule=METHOD_6)
    expanded = max(figure.below, figure.above)
    ratio = 0.1 / expanded
    multiplier = 1.04 - math.exp(0.38 * math.log(ratio) - 0.54)
    assert found.guard_band == pytest.approx(multiplier * expanded, rel=1e-9)
