"""Evaluating requirements: absence never passes, figures follow the rule, reasons are said."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from qtrace.standards.context import (
    DeclaredLimit,
    EvaluationContext,
    Exclusion,
    LimitBounds,
)
from qtrace.standards.criterion import CRITERION_KINDS
from qtrace.standards.decision_rule import (
    DECISION_RULES,
    FOUR_WORDS,
    ILAC_G8,
    SIMPLE,
    DecisionRule,
)
from qtrace.standards.evaluate import evaluate, evaluate_all
from qtrace.standards.evidence import Evidence, Form
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.requirement import (
    Comparison,
    Criterion,
    CriterionKind,
    Figure,
    Origin,
    OriginKind,
    Requirement,
    Scope,
    ValueIs,
)

ITEM = "detector.dark_count_rate"
ROLE = "receiver_a"
ANYWHERE = EvaluationContext(subjects={Scope.DETECTOR: (ROLE,)})
# A guard band is a product of two doubles.
ROUNDING = 1e-12


def a_requirement(criterion: Criterion, **changes: Any) -> Requirement:
    row = Requirement(
        "T-01",
        "a test of one thing",
        "detector",
        Scope.DETECTOR,
        ITEM,
        criterion,
        Origin(OriginKind.READ, "a public source"),
        "H",
        limit_origin="the test",
        standard_id="TEST:1",
    )
    return replace(row, **changes)


AT_MOST_100 = a_requirement(
    Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, limit=100.0, unit="/s")
)
DECLARED = a_requirement(
    Criterion(CriterionKind.DECLARED, Comparison.AT_MOST, unit="/s", declaration="dark_count_rate"),
    limit_origin="",
)


def a_count_rate(value: float = 80.0, **changes: Any) -> Evidence:
    piece = Evidence(
        ITEM, ROLE, value, 5.0, unit="/s", breaks=(), ends=("counting",), result_label="E/dark"
    )
    return replace(piece, **changes)


def judged(
    requirement: Requirement,
    *evidence: Evidence,
    rule: DecisionRule = ILAC_G8,
    declared: DeclaredLimit | None = None,
    context: EvaluationContext = ANYWHERE,
) -> Finding:
    """Evaluate and expect exactly one finding."""
    declarations = {} if declared is None else {declared.name: declared}
    (finding,) = evaluate(
        requirement, evidence, rule=rule, declarations=declarations, context=context
    )
    return finding


# --- presence of evidence ---------------------------------------------------------------------


def test_no_evidence_is_a_finding_and_names_what_is_missing_and_why() -> None:
    context = replace(ANYWHERE, remarks={ROLE: "its device is not in the registry"})
    finding = judged(AT_MOST_100, context=context)
    assert finding.outcome is Outcome.NO_EVIDENCE
    assert ITEM in finding.reasons[0]
    assert finding.reasons[1] == "its device is not in the registry"


def test_without_any_subject_there_is_still_a_finding() -> None:
    finding = judged(AT_MOST_100, context=EvaluationContext())
    assert finding.outcome is Outcome.NO_EVIDENCE


def test_each_expected_subject_gets_its_own_finding_in_order() -> None:
    context = EvaluationContext(subjects={Scope.DETECTOR: ("receiver_b", ROLE)})
    findings = evaluate(
        AT_MOST_100, [a_count_rate()], rule=ILAC_G8, declarations={}, context=context
    )
    assert [(f.subject, f.outcome) for f in findings] == [
        ("receiver_b", Outcome.NO_EVIDENCE),
        (ROLE, Outcome.MET),
    ]


def test_evidence_about_a_subject_that_nobody_expected_is_not_dropped() -> None:
    stranger = a_count_rate(500.0, subject="receiver_c")
    findings = evaluate(
        AT_MOST_100, [a_count_rate(), stranger], rule=ILAC_G8, declarations={}, context=ANYWHERE
    )
    assert [f.outcome for f in findings] == [Outcome.MET, Outcome.NOT_MET]


def test_two_pieces_of_evidence_are_not_chosen_from() -> None:
    finding = judged(AT_MOST_100, a_count_rate(), a_count_rate(500.0, result_label="E2/dark"))
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "E/dark, E2/dark" in finding.reasons[0]


@pytest.mark.parametrize("attributes", [{}, {"firmware": "1.1"}])
def test_evidence_of_another_or_unstated_firmware_is_none(attributes: dict[str, str]) -> None:
    context = replace(ANYWHERE, firmware={ROLE: "1.0"})
    finding = judged(AT_MOST_100, a_count_rate(attributes=attributes), context=context)
    assert finding.outcome is Outcome.NO_EVIDENCE
    assert any("firmware" in reason for reason in finding.reasons)


def test_evidence_of_the_firmware_in_use_counts() -> None:
    context = replace(ANYWHERE, firmware={ROLE: "1.0"})
    piece = a_count_rate(attributes={"firmware": "1.0"})
    assert judged(AT_MOST_100, piece, context=context).outcome is Outcome.MET


# --- applicability ----------------------------------------------------------------------------


def test_a_requirement_for_another_protocol_does_not_apply_and_says_why() -> None:
    row = replace(AT_MOST_100, applies_to=("prepare_and_measure",))
    finding = judged(row, context=replace(ANYWHERE, tags=frozenset({"bbm92"})))
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.reasons == ("concerns prepare_and_measure; this is bbm92",)


def test_a_protocol_name_in_other_letters_is_the_same_protocol() -> None:
    row = replace(AT_MOST_100, applies_to=("bbm92",))
    finding = judged(row, context=replace(ANYWHERE, tags=frozenset({"BBM92"})))
    assert finding.outcome is Outcome.NO_EVIDENCE


def test_a_wrong_protocol_name_does_not_hide_a_figure() -> None:
    row = replace(AT_MOST_100, applies_to=("bbm92",))
    context = replace(ANYWHERE, tags=frozenset({"bmm92"}))
    assert judged(row, a_count_rate(500.0), context=context).outcome is Outcome.NOT_MET


def test_unknown_tags_exempt_from_nothing() -> None:
    row = replace(AT_MOST_100, applies_to=("prepare_and_measure",))
    assert judged(row, a_count_rate()).outcome is Outcome.MET


def test_an_exclusion_needs_a_signed_attestation() -> None:
    signed = replace(ANYWHERE, exclusions={"T-01": Exclusion("passive receiver", "key 12ab")})
    unsigned = replace(ANYWHERE, exclusions={"T-01": Exclusion("passive receiver")})
    assert judged(AT_MOST_100, context=signed).outcome is Outcome.NOT_APPLICABLE
    ignored = judged(AT_MOST_100, a_count_rate(500.0), context=unsigned)
    assert ignored.outcome is Outcome.NOT_MET
    assert "without a signed attestation" in ignored.reasons[-1]


# --- figures against limits -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "outcome", "side", "binary", "four"),
    [
        (90.2, Outcome.MET, "", "Pass", "Pass"),
        (90.3, Outcome.WITHIN_GUARD_BAND, "inside", "Fail", "Conditional Pass"),
        (100.0, Outcome.WITHIN_GUARD_BAND, "inside", "Fail", "Conditional Pass"),
        (100.1, Outcome.WITHIN_GUARD_BAND, "outside", "Fail", "Conditional Fail"),
        (109.7, Outcome.WITHIN_GUARD_BAND, "outside", "Fail", "Conditional Fail"),
        (109.9, Outcome.NOT_MET, "", "Fail", "Fail"),
    ],
)
def test_outcome_and_words_of_two_rules(
    value: float, outcome: Outcome, side: str, binary: str, four: str
) -> None:
    """u = 5, normal, p = 0.95: U = 9.80 and the acceptance limit is 90.20."""
    for rule, word in ((ILAC_G8, binary), (FOUR_WORDS, four)):
        finding = judged(AT_MOST_100, a_count_rate(value), rule=rule)
        assert (finding.outcome, finding.guard_side.value) == (outcome, side)
        assert (finding.conformity, finding.rule_id) == (word, rule.rule_id)


def test_simple_acceptance_has_no_guard_band_and_says_its_risk() -> None:
    finding = judged(AT_MOST_100, a_count_rate(100.0), rule=SIMPLE)
    assert finding.outcome is Outcome.MET
    assert finding.guard_band == 0.0
    assert finding.consumer_risk == pytest.approx(0.5, rel=ROUNDING)


def test_a_finding_can_be_followed_by_hand() -> None:
    """Stated k = 2 at p = 0.9545: U = 10, AL = 90, z = 4."""
    piece = a_count_rate(coverage_factor=2.0, coverage_probability=0.9545)
    finding = judged(AT_MOST_100, piece)
    assert finding.outcome is Outcome.MET
    assert finding.expanded_uncertainty == 10.0
    assert (finding.coverage_factor, finding.coverage_probability) == (2.0, 0.9545)
    assert (finding.tolerance_low, finding.tolerance_high) == (None, 100.0)
    assert (finding.acceptance_low, finding.acceptance_high) == (None, 90.0)
    assert (finding.guard_band, finding.margin) == (10.0, 20.0)
    assert finding.consumer_risk == pytest.approx(0.5 * math.erfc(4.0 / math.sqrt(2.0)), rel=1e-10)
    assert finding.risk_basis == "specific; normal"
    assert (finding.result_label, finding.limit_origin) == ("E/dark", "the test")


def test_k_comes_from_the_degrees_of_freedom() -> None:
    """t(9) at 95 % is 2.262 (GUM Table G.2): U = 11.31 and 89 is no longer accepted."""
    finding = judged(AT_MOST_100, a_count_rate(89.0, degrees_of_freedom=9.0))
    assert finding.coverage_factor == pytest.approx(2.262, abs=5e-4)
    assert finding.outcome is Outcome.WITHIN_GUARD_BAND
    assert finding.risk_basis == "specific; t with 9 degrees of freedom"


def test_a_small_stated_k_cannot_shrink_the_guard_band() -> None:
    finding = judged(AT_MOST_100, a_count_rate(95.0, coverage_factor=1.0))
    assert finding.outcome is Outcome.WITHIN_GUARD_BAND
    assert "k raised from 1 to 1.96" in finding.reasons[0]


def test_fewer_than_one_degree_of_freedom_needs_a_stated_k() -> None:
    bare = judged(AT_MOST_100, a_count_rate(degrees_of_freedom=0.5))
    stated = judged(
        AT_MOST_100,
        a_count_rate(40.0, degrees_of_freedom=0.5, coverage_factor=10.0, coverage_probability=0.95),
    )
    assert bare.outcome is Outcome.NOT_EVALUABLE
    assert stated.outcome is Outcome.MET


def test_units_are_converted_and_dimensions_are_checked() -> None:
    kilo = judged(AT_MOST_100, a_count_rate(0.08, standard_uncertainty=0.005, unit="kHz"))
    wrong = judged(AT_MOST_100, a_count_rate(unit="s"))
    assert (kilo.outcome, kilo.measured_value, kilo.unit) == (Outcome.MET, 80.0, "/s")
    assert wrong.outcome is Outcome.NOT_EVALUABLE
    assert "'s'" in wrong.reasons[0]


def test_a_value_without_uncertainty_is_not_evaluable() -> None:
    finding = judged(AT_MOST_100, a_count_rate(1.0, standard_uncertainty=None))
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "no uncertainty is stated" in finding.reasons[0]


def test_an_exact_figure_meets_its_limit_exactly_but_not_beyond_rounding() -> None:
    parts = [1e-11] * 10
    row = a_requirement(Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, limit=1e-10))
    summed = judged(row, a_count_rate(sum(parts), standard_uncertainty=0.0, unit="1"))
    beyond = judged(row, a_count_rate(1.0001e-10, standard_uncertainty=0.0, unit="1"))
    assert (summed.outcome, summed.consumer_risk) == (Outcome.MET, 0.0)
    assert (beyond.outcome, beyond.consumer_risk) == (Outcome.NOT_MET, 1.0)


def test_an_exact_interval_governs_in_place_of_a_linear_u() -> None:
    """3 errors of 10: u would be small; the exact interval reaches 0.6525 (Clopper-Pearson)."""
    row = a_requirement(Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, limit=0.5))
    piece = a_count_rate(0.3, standard_uncertainty=0.01, unit="1", interval=(0.0667, 0.6525, 0.95))
    near = judged(row, piece)
    wide = judged(replace(row, criterion=replace(row.criterion, limit=0.7)), piece)
    assert (near.outcome, near.guard_side) == (Outcome.WITHIN_GUARD_BAND, GuardSide.INSIDE)
    assert near.consumer_risk is None
    assert wide.outcome is Outcome.MET
    assert wide.consumer_risk == pytest.approx(0.025, rel=ROUNDING)
    assert "exact interval" in wide.risk_basis


def test_an_interval_at_a_smaller_probability_than_the_rule_wants_is_refused() -> None:
    finding = judged(AT_MOST_100, a_count_rate(interval=(70.0, 90.0, 0.68)))
    assert finding.outcome is Outcome.NOT_EVALUABLE


def test_a_range_guards_both_ends() -> None:
    row = a_requirement(Criterion(CriterionKind.RANGE, low=0.0, high=100.0, unit="/s"))
    outcomes = [judged(row, a_count_rate(v)).outcome for v in (-20.0, 5.0, 50.0, 95.0, 120.0)]
    assert outcomes == [
        Outcome.NOT_MET,
        Outcome.WITHIN_GUARD_BAND,
        Outcome.MET,
        Outcome.WITHIN_GUARD_BAND,
        Outcome.NOT_MET,
    ]


@pytest.mark.parametrize(
    ("form", "value", "comparison", "outcome"),
    [
        (Form.UPPER_LIMIT, 90.0, Comparison.AT_MOST, Outcome.MET),
        (Form.UPPER_LIMIT, 110.0, Comparison.AT_MOST, Outcome.NOT_EVALUABLE),
        (Form.UPPER_LIMIT, 110.0, Comparison.AT_LEAST, Outcome.NOT_EVALUABLE),
        (Form.BELOW_DETECTION_LIMIT, 1.0, Comparison.AT_MOST, Outcome.MET),
        (Form.LOWER_LIMIT, 110.0, Comparison.AT_LEAST, Outcome.MET),
        (Form.LOWER_LIMIT, 90.0, Comparison.AT_LEAST, Outcome.NOT_EVALUABLE),
        (Form.LOWER_LIMIT, 90.0, Comparison.AT_MOST, Outcome.NOT_EVALUABLE),
    ],
)
def test_a_one_sided_statement_shows_only_its_own_side(
    form: Form, value: float, comparison: Comparison, outcome: Outcome
) -> None:
    row = a_requirement(Criterion(CriterionKind.LIMIT, comparison, limit=100.0, unit="/s"))
    piece = a_count_rate(value, form=form, standard_uncertainty=None)
    assert judged(row, piece).outcome is outcome


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        ((10.0, 90.0, 0.95), Outcome.MET),
        ((110.0, 190.0, 0.95), Outcome.NOT_MET),
        ((90.0, 110.0, 0.95), Outcome.NOT_EVALUABLE),
    ],
)
def test_an_interval_without_a_preferred_value_is_in_or_out_or_neither(
    interval: tuple[float, float, float], outcome: Outcome
) -> None:
    piece = replace(a_count_rate(), value=None, form=Form.INTERVAL_ONLY, interval=interval)
    assert judged(AT_MOST_100, piece).outcome is outcome


@pytest.mark.parametrize(
    ("value", "u", "outcome", "words"),
    [
        pytest.param(0.99, 0.02, Outcome.MET, "", id="near 1 from below"),
        pytest.param(1.133, 0.194, Outcome.WITHIN_GUARD_BAND, "z = 0.7", id="published scan"),
        pytest.param(1.05, 0.01, Outcome.NOT_MET, "z = 5.0", id="impossible"),
    ],
)
def test_an_efficiency_above_one_is_judged_against_its_uncertainty(
    value: float, u: float, outcome: Outcome, words: str
) -> None:
    row = a_requirement(Criterion(CriterionKind.LIMIT, Comparison.COMPATIBLE_AT_MOST, limit=1.0))
    finding = judged(row, a_count_rate(value, standard_uncertainty=u, unit="1"))
    assert finding.outcome is outcome
    assert words in " ".join(finding.reasons)
    assert finding.rule_id == "compatibility"


def test_a_relative_expanded_uncertainty_uses_the_k_of_the_requirement() -> None:
    row = a_requirement(
        Criterion(
            CriterionKind.LIMIT,
            Comparison.AT_MOST,
            limit=2.0,
            unit="%",
            figure=Figure.RELATIVE_EXPANDED_UNCERTAINTY,
            coverage_factor=2.0,
        )
    )
    good = judged(row, a_count_rate(0.5, standard_uncertainty=0.005, unit="1", coverage_factor=3.0))
    bad = judged(row, a_count_rate(0.5, standard_uncertainty=0.0051, unit="1"))
    zero = judged(row, a_count_rate(0.0, standard_uncertainty=0.0051, unit="1"))
    assert (good.outcome, good.measured_value) == (Outcome.MET, pytest.approx(2.0, rel=ROUNDING))
    assert bad.outcome is Outcome.NOT_MET
    assert zero.outcome is Outcome.NOT_EVALUABLE


def test_a_proven_bound_is_not_guarded_twice_and_claims_no_risk() -> None:
    criterion = Criterion(
        CriterionKind.LIMIT, Comparison.AT_LEAST, limit=1.0, value_is=ValueIs.PROVEN_BOUND
    )
    finding = judged(
        a_requirement(criterion), a_count_rate(324.0, standard_uncertainty=400.0, unit="1")
    )
    assert finding.outcome is Outcome.MET
    assert (finding.guard_band, finding.consumer_risk) == (0.0, None)
    assert "epsilon" in finding.risk_basis


# --- declared limits --------------------------------------------------------------------------


def a_declaration(**changes: Any) -> DeclaredLimit:
    return replace(DeclaredLimit("dark_count_rate", 100.0, "/s", "security target"), **changes)


def test_an_unbound_declared_limit_earns_nothing() -> None:
    finding = judged(DECLARED, a_count_rate(1.0), declared=a_declaration())
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert finding.reasons[0].startswith("limit unbound")


def test_a_declared_limit_counts_where_the_proof_uses_it() -> None:
    finding = judged(
        DECLARED, a_count_rate(), declared=a_declaration(bound_by="qkd.finite: dark_counts")
    )
    assert finding.outcome is Outcome.MET
    assert "used by the recomputation as qkd.finite: dark_counts" in finding.limit_origin


BOUNDED = replace(ANYWHERE, bounds={"dark_count_rate": LimitBounds(0.0, 0.2, "kHz", "the scheme")})


def test_a_declared_limit_counts_within_floor_and_ceiling_of_the_scheme() -> None:
    finding = judged(DECLARED, a_count_rate(), declared=a_declaration(), context=BOUNDED)
    assert finding.outcome is Outcome.MET
    assert finding.limit_origin.startswith("declared by the applicant (security target)")


@pytest.mark.parametrize("bound_by", ["", "the proof"])
def test_a_ten_times_looser_declaration_loses_what_it_had(bound_by: str) -> None:
    loose = a_declaration(value=1000.0, bound_by=bound_by)
    finding = judged(DECLARED, a_count_rate(), declared=loose, context=BOUNDED)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "ceiling 200" in finding.reasons[0]


def test_a_limit_chosen_after_the_data_earns_nothing() -> None:
    late = a_declaration(post_hoc=True, bound_by="the proof")
    assert judged(DECLARED, a_count_rate(), declared=late).outcome is Outcome.NOT_EVALUABLE


def test_nothing_declared_falls_back_on_the_default_or_on_nothing() -> None:
    with_default = replace(
        DECLARED, criterion=replace(DECLARED.criterion, limit=100.0), limit_origin="proposal"
    )
    assert judged(DECLARED, a_count_rate()).outcome is Outcome.NOT_EVALUABLE
    finding = judged(with_default, a_count_rate())
    assert finding.outcome is Outcome.MET
    assert finding.limit_origin == "default, nothing declared: proposal"


def test_the_published_pair_of_detectors_meets_a_declared_mismatch_of_five_percent() -> None:
    """D1/D2 = 0.988286, relative u 0.425 % (Reddy et al. 2022): within [0.95, 1/0.95]."""
    row = a_requirement(
        Criterion(
            CriterionKind.DECLARED, Comparison.RATIO_WITHIN, declaration="efficiency_mismatch"
        )
    )
    ratio = a_count_rate(0.988286, standard_uncertainty=0.988286 * 0.00425, unit="1")

    def at(mismatch: float) -> Outcome:
        limit = DeclaredLimit("efficiency_mismatch", mismatch, "%", "ST", bound_by="the proof")
        return judged(row, ratio, declared=limit).outcome

    assert at(5.0) is Outcome.MET
    assert at(1.5) is Outcome.WITHIN_GUARD_BAND
    assert at(0.1) is Outcome.NOT_MET
    assert at(100.0) is Outcome.NOT_EVALUABLE


def test_a_mismatch_is_the_same_whichever_detector_is_named_first() -> None:
    row = a_requirement(
        Criterion(CriterionKind.LIMIT, Comparison.RATIO_WITHIN, limit=5.0, unit="%")
    )
    for value in (0.93, 0.95, 0.97, 1.0):
        exact = {"standard_uncertainty": 0.0, "unit": "1"}
        there = judged(row, a_count_rate(value, **exact))
        back = judged(row, a_count_rate(1.0 / value, **exact))
        assert there.outcome is back.outcome


# --- documents, chains, completeness ----------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "attestation", "outcome"),
    [
        ("", "", Outcome.NO_EVIDENCE),
        ("proof.pdf", "", Outcome.NOT_EVALUABLE),
        ("", "signed by somebody", Outcome.NOT_EVALUABLE),
        ("proof.pdf", "evaluator A, key 12ab", Outcome.MET),
    ],
)
def test_the_presence_of_a_document_is_not_its_adequacy(
    document: str, attestation: str, outcome: Outcome
) -> None:
    row = a_requirement(Criterion(CriterionKind.DOCUMENTED), limit_origin="")
    finding = judged(row, Evidence(ITEM, ROLE, document=document, attestation=attestation))
    assert finding.outcome is outcome
    if outcome is Outcome.NOT_EVALUABLE and document:
        assert finding.reasons[0].startswith("presence is not adequacy")


@pytest.mark.parametrize(
    ("breaks", "ends", "outcome"),
    [
        (None, (), Outcome.NOT_EVALUABLE),
        ((), (), Outcome.NOT_EVALUABLE),
        ((), ("counting",), Outcome.MET),
        (("meter: certificate not available",), ("counting",), Outcome.NOT_MET),
    ],
)
def test_a_chain_needs_ends_and_no_breaks(
    breaks: tuple[str, ...] | None, ends: tuple[str, ...], outcome: Outcome
) -> None:
    row = a_requirement(Criterion(CriterionKind.CHAIN_UNBROKEN), limit_origin="")
    finding = judged(row, a_count_rate(breaks=breaks, ends=ends))
    assert finding.outcome is outcome
    if breaks:
        assert finding.reasons == ("chain break: meter: certificate not available",)


def test_an_incomplete_statement_names_everything_that_is_missing() -> None:
    row = a_requirement(
        Criterion(CriterionKind.COMPLETE, attributes=("wavelength", "polarization", "u", "k")),
        limit_origin="",
    )
    stated = {"wavelength": "1550.5 nm", "polarization": " "}
    partial = a_count_rate(attributes=stated, standard_uncertainty=None)
    finding = judged(row, partial)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert finding.reasons == ("not stated: polarization, u, k",)
    whole = a_count_rate(attributes={**stated, "polarization": "maximum"}, coverage_factor=2.0)
    assert judged(row, whole).outcome is Outcome.MET
    assert judged(row, replace(whole, value=None)).reasons == ("not stated: value",)


@pytest.mark.parametrize(
    ("criterion", "changes", "reason"),
    [
        pytest.param(
            Criterion(CriterionKind.LIMIT, Comparison.AT_MOST, unit="/s"),
            {},
            "no limit",
            id="a limit without a limit",
        ),
        pytest.param(
            Criterion(CriterionKind.RANGE, low=1.0, unit="/s"),
            {},
            "no range",
            id="a range without an end",
        ),
        pytest.param(AT_MOST_100.criterion, {"value": None}, "no value", id="no value"),
        pytest.param(
            AT_MOST_100.criterion,
            {"form": Form.INTERVAL_ONLY},
            "interval only, and gives none",
            id="an interval that is not given",
        ),
        pytest.param(
            Criterion(
                CriterionKind.LIMIT,
                Comparison.AT_MOST,
                limit=0.1,
                figure=Figure.RELATIVE_EXPANDED_UNCERTAINTY,
                coverage_factor=2.0,
            ),
            {"standard_uncertainty": None},
            "no value with a standard uncertainty",
            id="a relative uncertainty of none",
        ),
    ],
)
def test_what_cannot_be_judged_says_why(
    criterion: Criterion, changes: dict[str, Any], reason: str
) -> None:
    finding = judged(a_requirement(criterion), a_count_rate(**changes))
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert reason in finding.reasons[-1]


def test_a_sufficient_k_without_a_probability_is_used_and_claims_none() -> None:
    finding = judged(AT_MOST_100, a_count_rate(coverage_factor=3.0))
    assert (finding.coverage_factor, finding.coverage_probability) == (3.0, None)
    assert finding.acceptance_high == 85.0


# --- the table and the record -----------------------------------------------------------------


def test_every_criterion_kind_has_its_function() -> None:
    assert set(CRITERION_KINDS) == set(CriterionKind)


def test_a_finding_becomes_plain_values() -> None:
    plain = judged(AT_MOST_100, a_count_rate()).to_dict()
    assert plain["outcome"] == "MET"
    assert type(plain["outcome"]) is str
    assert plain["tolerance_low"] is None
    assert plain["reasons"] == []
    endless = replace(judged(AT_MOST_100, a_count_rate()), margin=math.inf)
    assert endless.to_dict()["margin"] is None


def test_an_unverified_clause_is_not_printed() -> None:
    hearsay = replace(AT_MOST_100, clause="7.4.2")
    checked = replace(hearsay, clause_verified_by="A. Evaluator")
    assert judged(hearsay, a_count_rate()).clause == ""
    assert judged(checked, a_count_rate()).clause == "7.4.2"


def test_several_requirements_are_judged_in_their_order() -> None:
    second = replace(AT_MOST_100, requirement_id="T-02")
    findings = evaluate_all(
        [second, AT_MOST_100], [a_count_rate()], rule=ILAC_G8, declarations={}, context=ANYWHERE
    )
    assert [f.requirement_id for f in findings] == ["T-02", "T-01"]


def test_every_named_rule_describes_itself() -> None:
    assert all(rule.describe().startswith(name) for name, rule in DECISION_RULES.items())


@pytest.mark.parametrize(
    ("value", "form", "outcome"),
    [
        (110.0, Form.LOWER_LIMIT, Outcome.MET),
        (90.0, Form.LOWER_LIMIT, Outcome.NOT_MET),
        (90.0, Form.UPPER_LIMIT, Outcome.NOT_EVALUABLE),  # proven for the other side
    ],
)
def test_a_proven_bound_below_its_limit_is_not_met(
    value: float, form: Form, outcome: Outcome
) -> None:
    """What counts is what is proven; a bound that was only measured leaves it open."""
    criterion = Criterion(CriterionKind.LIMIT, Comparison.AT_LEAST, limit=100.0, unit="/s")
    row = a_requirement(replace(criterion, value_is=ValueIs.PROVEN_BOUND))
    piece = a_count_rate(value, form=form, standard_uncertainty=None)
    assert judged(row, piece).outcome is outcome


@pytest.mark.parametrize(
    ("value", "outcome", "words"),
    [
        (-3.0, Outcome.WITHIN_GUARD_BAND, "compatible with at least 0 (z = 0.6)"),
        (-30.0, Outcome.NOT_MET, "not explained by its uncertainty (z = 6.0)"),
        (103.0, Outcome.WITHIN_GUARD_BAND, "compatible with at most 100 (z = 0.6)"),
        (130.0, Outcome.NOT_MET, "not explained by its uncertainty (z = 6.0)"),
        (50.0, Outcome.MET, ""),
    ],
)
def test_an_impossible_value_on_either_side_is_never_met(
    value: float, outcome: Outcome, words: str
) -> None:
    criterion = Criterion(
        CriterionKind.LIMIT, Comparison.COMPATIBLE_AT_MOST, limit=100.0, unit="/s"
    )
    finding = judged(a_requirement(criterion), a_count_rate(value))
    assert finding.outcome is outcome
    assert words in " ".join(finding.reasons)
