"""A figure that nothing proves, or that was chosen afterwards, meets nothing; others are judged."""

from __future__ import annotations

import pytest

from qtrace.standards.context import EvaluationContext
from qtrace.standards.decision_rule import ILAC_G8
from qtrace.standards.evaluate import evaluate
from qtrace.standards.evidence import Evidence
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.requirement import (
    Comparison,
    Criterion,
    CriterionKind,
    Origin,
    OriginKind,
    Requirement,
    Scope,
)

ITEM = "qkd.certified_key"


def judged(kind: CriterionKind, value: float, *flags: str) -> Finding:
    requirement = Requirement(
        "T-01", "enough key", "protocol", Scope.LINK, ITEM,
        Criterion(kind, Comparison.AT_LEAST, limit=1000.0, unit="bit"),
        Origin(OriginKind.READ, "a public source"), "H", limit_origin="the test",
        standard_id="TEST:1",
    )  # fmt: skip
    piece = Evidence(
        ITEM, "L", value, 0.0, unit="bit", breaks=(), ends=("counting",), result_label="R/key",
        flags=flags,
    )  # fmt: skip
    (finding,) = evaluate(
        requirement, [piece], rule=ILAC_G8, declarations={},
        context=EvaluationContext(subjects={Scope.LINK: ("L",)}),
    )  # fmt: skip
    return finding


FLAGS = (
    "post_hoc: no plan was on record before the run",
    "not proven for this device: phase randomization",
    "aborted run: no key was made",
)


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("kind", [CriterionKind.LIMIT, CriterionKind.CHAIN_UNBROKEN])
def test_no_criterion_is_met_by_such_a_figure(kind: CriterionKind, flag: str) -> None:
    assert judged(kind, 1e9).outcome is Outcome.MET
    finding = judged(kind, 1e9, "few counts: read the exact interval", flag)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert flag in finding.reasons
    assert flag in finding.flags


def test_other_flags_do_not_stand_in_the_way() -> None:
    assert judged(CriterionKind.LIMIT, 1e9, "few counts: x").outcome is Outcome.MET
    assert judged(CriterionKind.LIMIT, 10.0, "no key: x").outcome is Outcome.NOT_MET


def test_nothing_that_is_asked_for_is_found_unmet_either_by_what_proves_nothing() -> None:
    """A figure of no standing says nothing in either direction; the reason is given."""
    assert judged(CriterionKind.LIMIT, 10.0, FLAGS[0]).outcome is Outcome.NOT_EVALUABLE
