"""Joint conformity of findings from the chain, and the distributions that results carry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders import World

from qtrace.certification.joint import joint_statement
from qtrace.certification.stored_distribution import stored_distribution
from qtrace.standards.decision_rule import SIMPLE
from qtrace.standards.evidence import Evidence
from qtrace.standards.figure import judged_figure
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.judge import Limits, judge
from qtrace.standards.requirement import Comparison, Criterion, CriterionKind
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.conformity import joint_conformance_lower_bound
from qtrace.uncertainty.distributions import gamma_counts
from qtrace.uncertainty.inputs import BlockKind, Distribution
from qtrace.uncertainty.network import standard_uncertainty

INF = math.inf


def meter_world(*own: float, common: float) -> tuple[Dossier, list[str]]:
    """Devices calibrated against one meter, each with an own reading."""
    world = World()
    world.event("METER")
    meter = world.own_leaf("METER", "factor", 0.0, common, origin=None)
    labels = []
    for k, u in enumerate(own):
        world.event(f"CAL-{k}")
        reading = world.own_leaf(f"CAL-{k}", "reading", 0.0, u, origin=None)
        world.result(f"CAL-{k}", [meter, reading], value=0.0)
        labels.append(f"CAL-{k}/transmittance")
    return world.dossier(), labels


def piece_of(dossier: Dossier, label: str, **more: object) -> Evidence:
    (result_id,) = [i for i, one in dossier.results.items() if one.label == label]
    fields: dict[str, object] = {
        "value": dossier.network.result(result_id).value,
        "standard_uncertainty": standard_uncertainty(dossier.network, result_id),
        "result_label": label,
        **more,
    }
    return Evidence(f"item {label}", "receiver", **fields)  # type: ignore[arg-type]


def found_met(piece: Evidence, limit: float, *, number: int = 1) -> Finding:
    criterion = Criterion(
        CriterionKind.LIMIT, comparison=Comparison.AT_MOST, limit=limit, unit=piece.unit
    )
    base = Finding(
        f"R-{number}",
        "S",
        piece.subject,
        Outcome.NOT_EVALUABLE,
        CriterionKind.LIMIT,
        evidence_item=piece.item,
        result_label=piece.result_label,
    )
    figure = judged_figure(piece, criterion, rule=SIMPLE)
    return judge(base, figure, Limits(-INF, limit, "pack"), rule=SIMPLE)


def risks(findings: Sequence[Finding]) -> list[float]:
    return [one.consumer_risk for one in findings if one.consumer_risk is not None]


def test_a_common_meter_makes_it_likelier_that_all_conform() -> None:
    dossier, labels = meter_world(0.3, 0.3, common=1.0)
    evidence = [piece_of(dossier, label) for label in labels]
    findings = [found_met(one, 1.0) for one in evidence]
    joint = joint_statement(findings, evidence, dossier)
    assert joint is not None
    bound = joint_conformance_lower_bound(1.0 - risk for risk in risks(findings))
    single = 1.0 - risks(findings)[0]
    assert bound < single**2 < joint.probability < single
    # Against draws of the two, independent of every formula here.
    source = np.random.Generator(np.random.PCG64(5))
    common, one, other = source.normal(size=(3, 400_000))
    both = np.mean((common + 0.3 * one <= 1.0) & (common + 0.3 * other <= 1.0))
    assert joint.probability == pytest.approx(float(both), abs=5 * math.sqrt(0.2 / 400_000))
    assert joint.bounded == 0
    assert "two results" in joint.method


def test_two_requirements_on_one_result_are_not_two_risks() -> None:
    dossier, labels = meter_world(0.3, common=1.0)
    evidence = [piece_of(dossier, labels[0])]
    findings = [found_met(evidence[0], 1.0), found_met(evidence[0], 1.5, number=2)]
    joint = joint_statement(findings, evidence, dossier)
    assert joint is not None
    assert joint.probability == pytest.approx(1.0 - risks(findings)[0], abs=1e-12)


def test_an_exact_interval_enters_by_its_bound_and_is_counted() -> None:
    dossier, labels = meter_world(0.3, 0.3, common=1.0)
    evidence = [
        piece_of(dossier, labels[0]),
        piece_of(dossier, labels[1], interval=(-0.5, 0.5, 0.95)),
    ]
    findings = [found_met(one, 1.0) for one in evidence]
    joint = joint_statement(findings, evidence, dossier)
    assert joint is not None
    assert joint.bounded == 1
    assert joint.probability == pytest.approx(1.0 - sum(risks(findings)), abs=1e-12)
    assert "Bonferroni" in joint.method


def test_points_of_a_silent_certificate_enter_by_their_bound() -> None:
    world = World()
    world.event("CERTIFICATE")
    leaves = [world.own_leaf("CERTIFICATE", f"point {k}", 0.0, 1.0, origin=None) for k in (1, 2)]
    world.network.correlate(leaves, np.eye(2), kind=BlockKind.UNKNOWN)
    for k, leaf in enumerate(leaves):
        world.event(f"CAL-{k}")
        world.result(f"CAL-{k}", [leaf], value=0.0)
    dossier = world.dossier()
    evidence = [piece_of(dossier, f"CAL-{k}/transmittance") for k in (0, 1)]
    findings = [found_met(one, 1.0) for one in evidence]
    joint = joint_statement(findings, evidence, dossier)
    assert joint is not None
    assert joint.bounded == 2
    assert joint.probability == pytest.approx(1.0 - sum(risks(findings)), abs=1e-12)


def test_a_finding_that_its_evidence_does_not_carry_enters_by_its_bound() -> None:
    dossier, labels = meter_world(0.3, common=1.0)
    piece = piece_of(dossier, labels[0])
    finding = replace(found_met(piece, 1.0), consumer_risk=0.3)
    joint = joint_statement([finding], [piece], dossier)
    assert joint is not None
    assert (joint.bounded, joint.probability) == (1, pytest.approx(0.7))
    assert joint_statement([], [], dossier) is None
    refused = replace(finding, outcome=Outcome.NOT_MET)
    assert joint_statement([refused], [piece], dossier) is None


def test_few_counts_keep_their_distribution_through_a_proportional_model() -> None:
    few = gamma_counts(2, exposure=10.0)
    world = World()
    world.event("DARK")
    leaf = world.own_leaf("DARK", "rate", few.estimate, few.standard_uncertainty, origin=None)
    known = world.network.inputs[leaf.input_id]
    world.network.inputs[leaf.input_id] = replace(
        known, distribution=Distribution.GAMMA, parameters=few.parameters
    )
    same = world.result("DARK", [leaf], value=few.estimate)
    world.event("USE")
    used = world.result("USE", [same], value=few.estimate)
    world.event("SQUARE")
    square = world.network.expression("rate * rate", rate=leaf)
    double = world.network.expression("2 * rate", rate=leaf)
    for step, name in ((square, "square"), (double, "double")):
        world.results[step.result_id] = replace(
            world.results[same.result_id], result_id=step.result_id, name=name
        )
    dossier = world.dossier()
    for step, factor in ((same, 1.0), (used, 1.0), (double, 2.0)):
        shape = stored_distribution(dossier, step.result_id, {})
        assert shape is not None
        assert shape.quantile(0.9) == pytest.approx(factor * few.below(0.9), rel=1e-12)
    assert stored_distribution(dossier, square.result_id, {}) is None


def test_normal_results_and_sums_carry_no_distribution_of_their_own() -> None:
    dossier, _ = meter_world(0.3, common=1.0)
    assert all(stored_distribution(dossier, i, {}) is None for i in dossier.results)
