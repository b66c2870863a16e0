"""Rechecks of stored figures and comparisons of documents, at their edges."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qtrace.certification.audit_findings import AuditFinding
from qtrace.certification.recheck import close, recheck_uncertainties, recheck_values
from qtrace.certification.scheme import AttestationKind, Effect, scheme_faults
from qtrace.certification.shipped import scheme_digest
from qtrace.certification.verification import differences
from qtrace.exchange.pack_files import load_schemes
from qtrace.metrics.catalogue import functions
from qtrace.standards.decision_rule import SIMPLE, DecisionRule, RuleKind
from qtrace.standards.requirement import CriterionKind
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result


def one_result(model: Model, value: float, sensitivities: dict[str, float]) -> Network:
    """Return a network of one result whose inputs are 2 +- 0.1 each."""
    names = list(sensitivities)
    return Network(
        {
            1: Result(
                1,
                value,
                model,
                tuple(Argument(n, sensitivities[n], input_id=k) for k, n in enumerate(names, 1)),
            )
        },
        {k: InputQuantity(k, n, 2.0, 0.1, "1") for k, n in enumerate(names, 1)},
        (),
    )


PRODUCT = Model(ModelKind.EXPRESSION, "x * y")


@pytest.mark.parametrize(
    ("value", "sensitivities", "words"),
    [
        (4.0, {"x": 2.0, "y": 2.0}, ""),
        (4.0 * (1 + 1e-13), {"x": 2.0, "y": 2.0}, ""),  # the last bits of another library
        (4.0001, {"x": 2.0, "y": 2.0}, "A/b: value is 4.0001, recomputed 4.0"),
        (4.0, {"x": 2.0, "y": 1.0}, "A/b: sensitivity to y is 1.0, recomputed 2.0"),
        (4.0, {"x": 0.0, "y": 0.0}, "A/b: sensitivity to x is 0.0, recomputed 2.0"),
        (4.0, {"x": 2.0, "z": 2.0}, "A/b: model ("),
    ],
)
def test_an_expression_must_give_its_value_and_its_sensitivities(
    value: float, sensitivities: dict[str, float], words: str
) -> None:
    found = recheck_values(one_result(PRODUCT, value, sensitivities), {1: "A/b"}, functions())
    assert bool(found) is bool(words)
    assert not words or str(found[0]).startswith(words)


RATIO = Model(ModelKind.FUNCTION, "detector.efficiency_ratio", "1")


def test_a_metric_without_sensitivities_is_believed_only_if_it_has_none() -> None:
    """All sensitivities zero would make u zero and every limit met."""
    names = {"efficiency_a": 0.0, "efficiency_b": 0.0}
    found = recheck_values(one_result(RATIO, 1.0, names), {1: "A/b"}, functions())
    assert [str(one).partition(" is ")[0] for one in found] == [
        "A/b: sensitivity to efficiency_a",
        "A/b: sensitivity to efficiency_b",
    ]


@pytest.mark.parametrize(
    "model",
    [
        Model(ModelKind.FUNCTION, "detector.nothing", "1"),
        Model(ModelKind.FUNCTION, "detector.efficiency_ratio", "99"),
        RATIO,  # called with the name of an argument that it does not have
        Model(ModelKind.EXPRESSION, "x *"),
    ],
)
def test_a_model_that_cannot_be_evaluated_is_a_disagreement(model: Model) -> None:
    (found,) = recheck_values(one_result(model, 1.0, {"x": 1.0}), {1: "A/b"}, functions())
    assert found.what.startswith("model (")
    assert math.isnan(found.computed)


def test_a_parent_that_is_younger_than_its_child_is_named() -> None:
    network = one_result(PRODUCT, 4.0, {"x": 2.0, "y": 2.0})
    circle = replace(network.results[1], arguments=(Argument("x", 1.0, parent_id=1),))
    found = recheck_values(Network({1: circle}, {}, ()), {1: "A/b"}, functions())
    assert any(one.what == "order of parents" for one in found)


def test_a_cached_u_is_compared_with_the_sweep() -> None:
    network = one_result(PRODUCT, 4.0, {"x": 2.0, "y": 2.0})
    true = math.hypot(0.2, 0.2)
    assert recheck_uncertainties(network, {}, {1: true}) == []
    (found,) = recheck_uncertainties(network, {1: "A/b"}, {1: true / 2})
    assert (found.subject, found.what) == ("A/b", "standard uncertainty")


def test_infinities_agree_only_with_themselves() -> None:
    assert close(math.inf, math.inf, 1e-9)
    assert not close(math.inf, -math.inf, 1e-9)
    assert not close(math.inf, 1e308, 1e-9)
    assert not close(math.nan, math.nan, 1e-9)


@pytest.mark.parametrize(
    ("stated", "computed", "same"),
    [
        ("1.000000001", "1", True),  # 1e-9 relative: another build of the same library
        ("1.0000001", "1", False),
        ("1e-13", "0", True),  # rounding around zero
        ("1", 1, False),
        ("SNSPD-D1", "SNSPD-D2", False),
        ("infinite", "1", False),
        (None, "1", False),
        (True, 1, False),
    ],
)
def test_documents_may_differ_by_rounding_and_nothing_else(
    stated: object, computed: object, *, same: bool
) -> None:
    assert (differences({"a": [stated]}, {"a": [computed]}, "conclusions.x") == []) is same


def test_values_are_compared_relatively_however_small_their_unit_makes_them() -> None:
    """A power of a femtowatt must not pass for another one because both are small."""
    power, other = {"value": "1e-15"}, {"value": "2e-15"}
    assert differences(power, other, "conclusions.results[0]") == [
        "conclusions.results[0].value: stated '1e-15', follows '2e-15'"
    ]


def test_stored_records_are_compared_without_tolerance() -> None:
    serial, other = {"serial": "20260000001"}, {"serial": "20260000002"}
    assert differences(serial, other, "case") == []  # near, were they numbers
    assert differences(serial, other, "case", exact=True) != []


def test_differences_name_what_is_on_one_side_only() -> None:
    assert differences({"a": 1}, {"b": 1}, "x") == [
        "x.a: only on one side",
        "x.b: only on one side",
    ]
    assert differences([1, 2], [1], "x") == ["x: 2 items stated, 1 follow"]


SCHEMES = {one.scheme_id: one for one in load_schemes()}


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_shipped_schemes_are_sound(name: str) -> None:
    assert scheme_faults(SCHEMES[name]) == []


def test_a_scheme_out_of_a_document_is_checked_like_one_out_of_a_file() -> None:
    strict = SCHEMES["strict-link"]
    cell = (CriterionKind.LIMIT, "not_met")
    listed = replace(strict, effects={**strict.effects, cell: Effect.LISTED})
    assert "a certification cannot stand on" in scheme_faults(listed)[0]
    demonstrates = replace(listed, attestation_kind=AttestationKind.DEMONSTRATION)
    assert scheme_faults(demonstrates) == []
    supports = replace(demonstrates, effects={**strict.effects, cell: Effect.SUPPORTS})
    assert "cannot support a decision" in scheme_faults(supports)[0]
    holes = {key: value for key, value in strict.effects.items() if key != cell}
    assert "does not answer for limit.not_met" in scheme_faults(replace(strict, effects=holes))[0]
    report = replace(strict, attestation_kind=AttestationKind.DECLARATION)
    assert "does not decide about a declaration" in scheme_faults(report)[0]


@pytest.mark.parametrize(
    ("rule", "sound"),
    [
        (SIMPLE, True),
        (DecisionRule("simple", RuleKind.GUARD_BAND, multiplier=1.0), False),
        (DecisionRule("guard_band", RuleKind.GUARD_BAND, multiplier=0.01), False),
        (DecisionRule("mine", RuleKind.GUARD_BAND), False),
    ],
)
def test_a_decision_rule_is_the_one_of_its_name(rule: DecisionRule, *, sound: bool) -> None:
    assert (scheme_faults(replace(SCHEMES["strict-link"], rule=rule)) == []) is sound


def test_the_digest_of_a_scheme_covers_every_cell() -> None:
    strict = SCHEMES["strict-link"]
    cell = (CriterionKind.DOCUMENTED, "no_evidence")
    other = replace(strict, effects={**strict.effects, cell: Effect.LISTED})
    assert scheme_digest(strict) == scheme_digest(replace(strict))
    assert scheme_digest(other) != scheme_digest(strict)


def test_what_an_audit_quotes_cannot_steer_a_terminal() -> None:
    finding = AuditFinding("rows", 3, "label \x1b[2J\udcff\u202eµ")
    assert str(finding) == "rows: ledger entry 3: label \\x1b[2J\\udcff\\u202eµ"
