"""Limits satisfy one side and no other; a level is judged in dB, as it and its limit are stated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from qtrace.errors import InputError
from qtrace.standards.context import EvaluationContext
from qtrace.standards.decision_rule import ILAC_G8, SIMPLE, DecisionRule
from qtrace.standards.evaluate import evaluate
from qtrace.standards.evidence import Evidence, Form
from qtrace.standards.figure import judged_figure
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.requirement import (
    Comparison,
    Criterion,
    CriterionKind,
    Figure,
    Origin,
    OriginKind,
    Requirement,
    Scope,
)

ISOLATION = Evidence("tx.isolation", "transmitter", 173.0, 3.0, unit="dB")
PRINTED = 0.005  # of a risk printed with three digits


def requirement(criterion: Criterion) -> Requirement:
    return Requirement(
        "TX-I",
        "Light sent in comes out weaker",
        "transmitter",
        Scope.TRANSMITTER,
        "tx.isolation",
        criterion,
        Origin(OriginKind.COMPUTED, "energy per pulse"),
        "M",
    )


AT_LEAST_170 = Criterion(
    CriterionKind.LIMIT, Comparison.AT_LEAST, limit=170.0, unit="dB", coverage_factor=2.0
)


def judged(
    evidence: Evidence, criterion: Criterion = AT_LEAST_170, rule: DecisionRule = SIMPLE
) -> Finding:
    (found,) = evaluate(
        requirement(criterion),
        [evidence],
        rule=rule,
        declarations={},
        context=EvaluationContext(subjects={Scope.TRANSMITTER: ("transmitter",)}),
    )
    return found


def test_a_level_is_judged_in_its_own_scale() -> None:
    """173(3) dB against 170 dB: 15.9 %, not the 7.5 % that a conversion would make of it."""
    found = judged(ISOLATION)
    assert found.outcome is Outcome.MET
    assert (found.unit, found.margin) == ("dB", 3.0)
    assert found.consumer_risk == pytest.approx(norm.sf(1.0))
    assert found.consumer_risk == pytest.approx(0.159, rel=PRINTED)
    assert judged(ISOLATION, rule=ILAC_G8).outcome is Outcome.WITHIN_GUARD_BAND


def test_the_conversion_would_have_changed_the_verdict() -> None:
    """The ratio with u = 69 %, taken as normal, has 7.5 % beyond 1e-17; its mean shifts 1.04 dB."""
    relative = 3.0 * np.log(10.0) / 10.0
    assert relative == pytest.approx(0.69, rel=PRINTED)
    leak = Evidence("tx.isolation", "transmitter", 10**-17.3, 10**-17.3 * relative)
    at_most = Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, limit=1e-17)
    assert judged(leak, at_most).consumer_risk == pytest.approx(0.075, rel=PRINTED)
    mean_shift_db = 10.0 * np.log10(np.exp(relative**2 / 2.0))
    assert mean_shift_db == pytest.approx(1.04, abs=0.005)


def test_a_level_is_never_compared_with_a_ratio() -> None:
    at_most = Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, limit=1e-17)
    found = judged(ISOLATION, at_most)
    assert found.outcome is Outcome.NOT_EVALUABLE
    assert "one is a level, the other is not" in found.reasons[-1]
    linear = replace(ISOLATION, value=1e-17, standard_uncertainty=1e-18, unit="1")
    assert judged(linear).outcome is Outcome.NOT_EVALUABLE


def test_a_level_has_no_relative_uncertainty() -> None:
    relative = replace(
        AT_LEAST_170,
        comparison=Comparison.AT_MOST,
        figure=Figure.RELATIVE_EXPANDED_UNCERTAINTY,
        limit=0.05,
        unit="1",
    )
    found = judged(ISOLATION, relative)
    assert found.outcome is Outcome.NOT_EVALUABLE
    assert "its zero is a convention" in found.reasons[-1]


def limit(form: Form, value: float, p: float = 0.95) -> Evidence:
    low, high = (value, 400.0) if form is Form.LOWER_LIMIT else (0.0, value)
    return Evidence(
        "tx.isolation", "transmitter", value, None, unit="dB", form=form, interval=(low, high, p)
    )


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        (limit(Form.LOWER_LIMIT, 170.0), Outcome.MET),
        (limit(Form.LOWER_LIMIT, 169.9), Outcome.NOT_EVALUABLE),  # more may be true
        (limit(Form.UPPER_LIMIT, 300.0), Outcome.NOT_EVALUABLE),  # the other side
        (limit(Form.BELOW_DETECTION_LIMIT, 300.0), Outcome.NOT_EVALUABLE),
        (limit(Form.LOWER_LIMIT, 175.0, 0.9), Outcome.NOT_EVALUABLE),  # the rule wants 0.95
    ],
)
def test_a_limit_can_show_one_side(evidence: Evidence, outcome: Outcome) -> None:
    assert judged(evidence).outcome is outcome


def test_the_risk_of_a_limit_is_what_it_leaves_open() -> None:
    found = judged(limit(Form.LOWER_LIMIT, 171.0))
    assert found.consumer_risk == pytest.approx(0.05)
    assert found.risk_basis == "specific; at most 0.05, from the stated limit"
    assert "the rule wants 0.95" in judged(limit(Form.LOWER_LIMIT, 175.0, 0.9)).reasons[-1]


def test_what_was_not_detected_is_at_most_its_detection_limit() -> None:
    at_most = replace(AT_LEAST_170, comparison=Comparison.AT_MOST, limit=10.0)
    assert judged(limit(Form.BELOW_DETECTION_LIMIT, 6.6), at_most).outcome is Outcome.MET
    assert judged(limit(Form.BELOW_DETECTION_LIMIT, 11.0), at_most).outcome is (
        Outcome.NOT_EVALUABLE
    )


def test_an_expanded_uncertainty_is_judged_whatever_the_value_is() -> None:
    """U = k u + |known error| in the unit of the limit; the value may be large or negative."""
    criterion = Criterion(
        CriterionKind.LIMIT,
        Comparison.AT_MOST,
        limit=1000.0,
        unit="ps",
        figure=Figure.EXPANDED_UNCERTAINTY,
        coverage_factor=2.0,
    )
    piece = Evidence("timing.clock_offset", "link", -5.0e3, 0.4, unit="ns", known_bias=-0.1)
    figure = judged_figure(piece, criterion, rule=ILAC_G8)
    assert figure.value == pytest.approx(900.0, rel=1e-12)
    assert (figure.below, figure.above) == (0.0, 0.0)
    with pytest.raises(InputError, match="no standard uncertainty"):
        judged_figure(replace(piece, standard_uncertainty=None), criterion, rule=ILAC_G8)
