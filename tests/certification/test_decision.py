"""Decisions: two links judged by two schemes, then each way in which nothing may be granted."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qtrace.certification.decision import (
    Cap,
    CapKind,
    Decision,
    DecisionWord,
    caps_of_findings,
    decide,
)
from qtrace.certification.scheme import (
    AttestationKind,
    Scheme,
    scheme_from_dict,
    scheme_requirements,
)
from qtrace.errors import InputError
from qtrace.standards.context import DeclaredLimit, EvaluationContext
from qtrace.standards.evaluate import evaluate_all
from qtrace.standards.evidence import Evidence
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import (
    Criterion,
    CriterionKind,
    Origin,
    OriginKind,
    Requirement,
    Scope,
)

DATA = Path(__file__).parents[2] / "data"
ROLES = ("receiver_a", "receiver_b")
PAIR, LINK = "receiver_a/receiver_b", "LINK-1"
BREAKS = (
    "transfer meter: certificate not available",
    "counter time base: no calibration",
    "laser wavelength: no calibration",
)


def read(folder: str, name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / folder / f"{name}.toml").read_text(encoding="utf-8"))


def load_scheme(name: str) -> tuple[Scheme, tuple[Requirement, ...]]:
    scheme = scheme_from_dict(read("schemes", name), where=str)
    packs = [
        pack_from_dict(read("standards", path.stem), where=str)
        for path in sorted((DATA / "standards").glob("*.toml"))
    ]
    return scheme, scheme_requirements(scheme, packs)[0]


def detector_evidence(breaks: tuple[str, ...] = BREAKS) -> list[Evidence]:
    """The two published detectors (Reddy et al. 2022) in use, and their ratio."""
    stated = {
        "reference_plane": "fibre splice",
        "wavelength": "1550.5 nm",
        "photon_rate": "2.4e5 /s",
        "polarization": "maximum",
    }
    common: dict[str, Any] = {
        "breaks": breaks,
        "ends": ("own_realisation",),
        "coverage_probability": 0.95,
        "provenance": "published",
    }
    pieces = []
    for role, eta, u, dof, k in (
        (ROLES[0], 0.93778517, 0.0035151649, 21.43, 2.080),
        (ROLES[1], 0.94890039, 0.0037783310, 22.18, 2.074),
    ):
        pieces += [
            Evidence(
                "detector.system_detection_efficiency",
                role,
                eta,
                u,
                dof,
                coverage_factor=k,
                attributes=stated,
                **common,
            ),
            Evidence(
                "detector.dark_count_rate", role, 18900.0, 60.0, 9.0, "/s",
                coverage_factor=2.262, **common,
            ),
            Evidence("detector.dead_time_fraction", role, 0.061, 0.0025, **common),
        ]  # fmt: skip
    return [*pieces, Evidence("detector.efficiency_ratio", PAIR, 0.988286, 0.0042, **common)]


def protocol_evidence() -> list[Evidence]:
    counting: dict[str, Any] = {"breaks": (), "ends": ("counting",), "provenance": "simulated"}
    return [
        Evidence("qkd.bbm92.qber", LINK, 0.02, interval=(0.0197, 0.0203, 0.95), **counting),
        Evidence("qkd.bbm92.finite_length_gamma", LINK, 6.4e5, 500.0, unit="bit", **counting),
        Evidence("qkd.bbm92.epsilon_total", LINK, 1e-10, 0.0, **counting),
        Evidence("qkd.security_proof", LINK, document="Lim et al. 2014", provenance="simulated"),
    ]


def judge_link(
    name: str,
    evidence: list[Evidence],
    *,
    watermark: str = "SYNTHETIC",
    mismatch: float = 5.0,
    remarks: dict[str, str] | None = None,
) -> tuple[Decision, tuple[Finding, ...]]:
    scheme, requirements = load_scheme(name)
    context = EvaluationContext(
        tags=frozenset({"bbm92", "entanglement_based"}),
        subjects={Scope.DETECTOR: ROLES, Scope.DETECTOR_PAIR: (PAIR,), Scope.LINK: (LINK,)},
        bounds=scheme.bounds,
        remarks=remarks or {},
    )
    declared = DeclaredLimit("efficiency_mismatch", mismatch, "%", "security target")
    findings = evaluate_all(
        requirements,
        evidence,
        rule=scheme.rule,
        declarations={declared.name: declared},
        context=context,
    )
    decision = decide(findings, scheme, requirements=requirements, watermark=watermark)
    return decision, findings


# --- the synthetic link with two calibrated receivers -----------------------------------------


def test_the_strict_scheme_refuses_and_says_the_three_breaks_first() -> None:
    decision, _ = judge_link("strict_link", detector_evidence() + protocol_evidence())
    assert decision.word is DecisionWord.REFUSED
    for reason, role in zip(decision.reasons, ROLES, strict=False):
        assert "SPD-02" in reason
        assert role in reason
        assert all(f"chain break: {text}" in reason for text in BREAKS)


def test_the_strict_refusal_rests_on_breaks_and_documents_only() -> None:
    """No figure of the link refuses, so the reason is what it is said to be."""
    scheme, _ = load_scheme("strict_link")
    decision, findings = judge_link("strict_link", detector_evidence() + protocol_evidence())
    refusing = {f.criterion_kind for f in findings if scheme.effect(f).value == "refuses"}
    assert refusing == {CriterionKind.CHAIN_UNBROKEN, CriterionKind.DOCUMENTED}
    assert decision.conditions == ()


def test_the_demonstration_lists_the_same_breaks_and_demonstrates() -> None:
    decision, _ = judge_link("demonstration_link", detector_evidence() + protocol_evidence())
    assert decision.word is DecisionWord.DEMONSTRATED
    assert decision.attestation_kind is AttestationKind.DEMONSTRATION
    for text in BREAKS:
        assert any(text in condition for condition in decision.conditions)
    assert any("presence is not adequacy" in text for text in decision.conditions)
    assert any("RX-02" in reason for reason in decision.reasons)


def test_every_cap_that_applies_is_given_with_its_reason() -> None:
    decision, _ = judge_link("demonstration_link", detector_evidence() + protocol_evidence())
    reasons = {cap.kind: cap.reason for cap in decision.caps}
    assert set(reasons) == set(CapKind) - {CapKind.FROM_MEMORY}
    assert "RX-02" in " ".join(cap.reason for cap in decision.caps)
    assert "detector.efficiency_ratio" in reasons[CapKind.UNTRACEABLE]


@pytest.mark.parametrize(
    ("mismatch", "reason"),
    [
        pytest.param(50.0, "limit unbound", id="ten times looser"),
        pytest.param(10.1, "limit unbound", id="just above the ceiling"),
        pytest.param(0.1, "NOT_MET", id="tighter than the detectors are alike"),
    ],
)
def test_even_the_demonstration_refuses_a_mismatch_that_is_unbound_or_not_met(
    mismatch: float, reason: str
) -> None:
    evidence = detector_evidence() + protocol_evidence()
    decision, _ = judge_link("demonstration_link", evidence, mismatch=mismatch)
    assert decision.word is DecisionWord.REFUSED
    assert "RX-02" in decision.reasons[0]
    assert reason in decision.reasons[0]


def test_coverage_is_counted_in_requirements_and_names_what_is_open() -> None:
    decision, _ = judge_link("demonstration_link", detector_evidence() + protocol_evidence())
    coverage = decision.coverage
    assert coverage.applicable == coverage.evaluated + len(coverage.not_covered)
    assert coverage.not_applicable == len(decision.not_applicable) == 4
    assert any("RX-07" in line and "NO_EVIDENCE" in line for line in coverage.not_covered)
    assert sum(coverage.met_by_limit_origin.values()) == coverage.outcomes["MET"]
    assert coverage.met_by_limit_origin["declared by the applicant"] == 1
    assert coverage.joint_conformity_at_least is not None
    assert 0.9 < coverage.joint_conformity_at_least < 1.0


# --- the published link whose detectors are unknown -------------------------------------------


@pytest.mark.parametrize("name", ["strict_link", "demonstration_link"])
def test_a_link_with_unknown_detectors_is_refused_for_that_reason(name: str) -> None:
    remark = "its device is not in the registry"
    decision, findings = judge_link(
        name, protocol_evidence(), watermark="", remarks=dict.fromkeys(ROLES, remark)
    )
    assert decision.word is DecisionWord.REFUSED
    about_detectors = [f for f in findings if f.subject in ROLES]
    assert about_detectors
    assert {f.outcome for f in about_detectors} == {Outcome.NO_EVIDENCE}
    assert sum(remark in reason for reason in decision.reasons) >= len(ROLES)


# --- what could be granted, and what takes it away --------------------------------------------

CONFIRMED = Requirement(
    "R-1",
    "one thing",
    "protocol",
    Scope.LINK,
    "item",
    Criterion(CriterionKind.CHAIN_UNBROKEN),
    Origin(OriginKind.READ, "a public source"),
    "H",
    standard_id="S:1",
)
MET = Finding(
    "R-1",
    "S:1",
    LINK,
    Outcome.MET,
    CriterionKind.CHAIN_UNBROKEN,
    provenance="measured",
    breaks=(),
    origin_confirmed=True,
)
STRICT, _ = load_scheme("strict_link")
DEMONSTRATION, _ = load_scheme("demonstration_link")


def test_a_clean_measured_confirmed_traceable_case_is_granted() -> None:
    """Without this, every test of a refusal below could pass on a product that never grants."""
    decision = decide([MET], STRICT, requirements=[CONFIRMED])
    assert decision.word is DecisionWord.GRANTED
    assert decision.attestation_kind is AttestationKind.CERTIFICATION
    assert decision.caps == ()


def test_a_demonstration_never_says_granted() -> None:
    decision = decide([MET], DEMONSTRATION, requirements=[CONFIRMED])
    assert decision.word is DecisionWord.DEMONSTRATED


@pytest.mark.parametrize(
    ("finding", "kind"),
    [
        (replace(MET, origin_confirmed=False, origin_kind="memory"), CapKind.UNCONFIRMED_ROWS),
        (replace(MET, provenance="simulated"), CapKind.SIMULATED),
        (replace(MET, provenance="published"), CapKind.PUBLISHED_ONLY),
        (replace(MET, flags=("from memory: counts",)), CapKind.FROM_MEMORY),
        (replace(MET, breaks=("meter",)), CapKind.UNTRACEABLE),
        (replace(MET, breaks=None, measured_value=1.0), CapKind.UNTRACEABLE),
    ],
)
def test_each_cap_turns_a_grant_into_a_demonstration(finding: Finding, kind: CapKind) -> None:
    decision = decide([finding], STRICT, requirements=[CONFIRMED])
    assert decision.word is DecisionWord.DEMONSTRATED
    assert decision.attestation_kind is AttestationKind.DEMONSTRATION
    assert [cap.kind for cap in decision.caps] == [kind]


def test_a_cap_from_outside_counts_and_is_given_once() -> None:
    cap = Cap(CapKind.FROM_MEMORY, "the counts")
    decision = decide([MET], STRICT, requirements=[CONFIRMED], caps=[cap, cap])
    assert decision.word is DecisionWord.DEMONSTRATED
    assert decision.caps == (cap,)


def test_what_does_not_apply_caps_nothing() -> None:
    away = replace(MET, outcome=Outcome.NOT_APPLICABLE, origin_confirmed=False)
    assert caps_of_findings([away]) == ()


def test_a_watermark_caps_where_it_is_taken_and_refuses_where_not() -> None:
    taken = decide([MET], STRICT, requirements=[CONFIRMED], watermark="SYNTHETIC")
    refused = decide([MET], STRICT, requirements=[CONFIRMED], watermark="TRAINING")
    assert taken.word is DecisionWord.DEMONSTRATED
    assert refused.word is DecisionWord.REFUSED
    assert "TRAINING" in refused.reasons[0]


@pytest.mark.parametrize("scheme", [STRICT, DEMONSTRATION], ids=lambda s: s.scheme_id)
def test_a_dropped_finding_refuses(scheme: Scheme) -> None:
    second = replace(CONFIRMED, requirement_id="R-2")
    decision = decide([MET], scheme, requirements=[CONFIRMED, second])
    assert decision.word is DecisionWord.REFUSED
    assert decision.reasons == ("S:1 R-2: not assessed",)


def test_a_finding_dropped_for_one_subject_refuses() -> None:
    """A failing receiver cannot be left out while the other one carries the requirement."""
    subjects = {Scope.LINK: (LINK, "LINK-2")}
    decision = decide([MET], STRICT, requirements=[CONFIRMED], subjects=subjects)
    assert decision.word is DecisionWord.REFUSED
    assert decision.reasons == ("S:1 R-1 (LINK-2): not assessed",)
    away = replace(MET, subject="", outcome=Outcome.NOT_APPLICABLE)
    other = replace(CONFIRMED, requirement_id="R-2")
    both = [MET, replace(MET, subject="LINK-2"), replace(away, requirement_id="R-2")]
    granted = decide(both, STRICT, requirements=[CONFIRMED, other], subjects=subjects)
    assert granted.word is DecisionWord.GRANTED


@pytest.mark.parametrize("scheme", [STRICT, DEMONSTRATION], ids=lambda s: s.scheme_id)
def test_excluding_everything_grants_nothing(scheme: Scheme) -> None:
    away = replace(MET, outcome=Outcome.NOT_APPLICABLE)
    decision = decide([away], scheme, requirements=[CONFIRMED])
    assert decision.word is DecisionWord.REFUSED
    assert decision.reasons == ("no requirement was shown to be met",)


def test_one_refusing_finding_outweighs_all_that_support() -> None:
    other = replace(MET, subject="LINK-2", outcome=Outcome.NOT_MET, breaks=())
    decision = decide([MET, other], STRICT, requirements=[CONFIRMED])
    assert decision.word is DecisionWord.REFUSED
    assert len(decision.reasons) == 1
    assert decision.coverage.evaluated == 1


def test_foreign_findings_and_empty_schemes_are_errors() -> None:
    with pytest.raises(InputError, match="belongs to no requirement"):
        decide([replace(MET, requirement_id="X")], STRICT, requirements=[CONFIRMED])
    disguised = replace(MET, criterion_kind=CriterionKind.DOCUMENTED)
    with pytest.raises(InputError, match="belongs to no requirement"):
        decide([disguised], STRICT, requirements=[CONFIRMED])
    with pytest.raises(InputError, match="without requirements"):
        decide([], STRICT, requirements=[])
