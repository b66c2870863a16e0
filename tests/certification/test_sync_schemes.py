"""Synchronization links under their schemes: what two clocks can show, and what only UTC can."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from qtrace.certification.decision import Decision, DecisionWord, decide
from qtrace.certification.scheme import Scheme, scheme_from_dict, scheme_requirements
from qtrace.standards.context import EvaluationContext
from qtrace.standards.evaluate import evaluate_all
from qtrace.standards.evidence import Evidence
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import Scope

DATA = Path(__file__).parents[2] / "data"
LINK = "link-1"


def scheme_of(name: str) -> Scheme:
    text = (DATA / "schemes" / f"{name}.toml").read_text(encoding="utf-8")
    return scheme_from_dict(tomllib.loads(text), where=str)


def about(item: str, value: float, u: float, **attributes: str) -> Evidence:
    return Evidence(
        f"timing.{item}",
        LINK,
        value,
        u,
        unit="ps",
        coverage_factor=2.0,
        coverage_probability=0.9545,
        attributes=attributes,
        breaks=(),
        ends=("calibration",),
    )


def deviation(tau: str, value: float) -> Evidence:
    one = about("time_deviation", value, 0.1 * value, averaging_time=tau)
    return replace(one, degrees_of_freedom=9.0, interval=(0.8 * value, 1.6 * value, 0.95))


def maximum(tau: str, value: float) -> Evidence:
    lengths = {"observation_interval": tau, "record_length": "20000 s"}
    return about("maximum_time_interval_error", value, 0.0, **lengths)


TWO_CLOCKS = (
    about("clock_offset", 4.2e6, 40.0, time_scales="B - A"),
    about("detectable_asymmetry", 60.0, 5.0),
    *(deviation(tau, 4.0) for tau in ("37 s", "74 s", "148 s", "592 s", "1184 s")),
    *(maximum(tau, 30.0) for tau in ("37 s", "1184 s")),
    Evidence("timing.path_reciprocity", LINK, document="path.pdf", attestation="evaluator A"),
)
OFFSET = about("offset_from_utc", 3000.0, 2000.0)


def judged(name: str, evidence: tuple[Evidence, ...]) -> tuple[Decision, dict[str, Finding]]:
    """Judge a link as `conclude` does."""
    scheme = scheme_of(name)
    packs = [
        pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
        for path in sorted((DATA / "standards").glob("*.toml"))
    ]
    requirements, _ = scheme_requirements(scheme, packs)
    subjects = {Scope.LINK: (LINK,)}
    context = EvaluationContext(subjects=subjects, bounds=scheme.bounds)
    findings = evaluate_all(
        requirements, evidence, rule=scheme.rule, declarations={}, context=context
    )
    decision = decide(findings, scheme, requirements=requirements, subjects=subjects)
    return decision, {one.requirement_id: one for one in findings}


def test_a_link_of_two_clocks_is_demonstrated_and_says_nothing_about_utc() -> None:
    decision, findings = judged("sync_check", TWO_CLOCKS)
    assert decision.word is DecisionWord.DEMONSTRATED
    outcomes = {name: one.outcome for name, one in findings.items()}
    assert outcomes.pop("SYNC-07") is Outcome.NOT_APPLICABLE
    assert set(outcomes.values()) == {Outcome.MET}
    (away,) = decision.not_applicable
    assert "what compares two clocks says nothing against UTC" in away
    assert decision.coverage.met_by_limit_origin["the pack"] == 2
    # Five upper bounds, each with a tail of 2.5 %: no less can be promised of the curve.
    assert findings["PRC-TDEV"].consumer_risk == pytest.approx(5 * 0.025, rel=1e-12)


def test_a_record_too_short_for_a_telecom_mask_is_a_condition_of_the_demonstration() -> None:
    decision, findings = judged("sync_check", tuple(e for e in TWO_CLOCKS if "1184" not in str(e)))
    assert decision.word is DecisionWord.DEMONSTRATED
    assert findings["PRC-TDEV"].outcome is Outcome.NOT_EVALUABLE
    assert any("PRC-TDEV" in text and "too short" in text for text in decision.conditions)


def test_a_deviation_above_the_mask_refuses() -> None:
    decision, _ = judged("sync_check", (*TWO_CLOCKS, deviation("300 s", 300.0)))
    assert decision.word is DecisionWord.REFUSED
    (reason,) = decision.reasons
    assert "SYNC-04" in reason
    assert "above the mask at 300 s" in reason


def test_two_clocks_show_nothing_of_a_time_clock() -> None:
    decision, findings = judged("prtc_b_check", TWO_CLOCKS)
    assert {one.outcome for one in findings.values()} == {Outcome.NOT_APPLICABLE}
    assert decision.word is DecisionWord.REFUSED
    assert decision.reasons == ("no requirement was shown to be met",)


def test_against_utc_every_row_must_be_met() -> None:
    long = (
        OFFSET,
        about("maximum_absolute_time_error", 9000.0, 2000.0),
        *(deviation(tau, 40.0) for tau in ("37 s", "148 s", "1184 s")),
        *(maximum(tau, 300.0) for tau in ("37 s", "1184 s")),
    )
    decision, _ = judged("prtc_b_check", long)
    assert decision.word is DecisionWord.DEMONSTRATED
    decision, _ = judged("prtc_b_check", long[:-1])
    assert decision.word is DecisionWord.REFUSED
    decision, findings = judged("prtc_b_check", (long[0], *long[2:]))
    assert findings["PRTC-B-TE"].outcome is Outcome.NO_EVIDENCE
    assert decision.word is DecisionWord.REFUSED
