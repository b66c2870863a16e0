"""Evidence and rules refuse numbers that mean nothing, and name what they belong to."""

from __future__ import annotations

import math
from typing import Any

import pytest

from qtrace.errors import InputError
from qtrace.standards.context import DeclaredLimit
from qtrace.standards.decision_rule import DecisionRule, RuleKind
from qtrace.standards.evidence import Evidence, Form, Provenance


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": math.nan},
        {"value": math.inf},
        {"standard_uncertainty": -0.1},
        {"standard_uncertainty": math.nan},
        {"degrees_of_freedom": 0.0},
        {"degrees_of_freedom": math.nan},
        {"coverage_factor": 0.0},
        {"coverage_factor": math.inf},
        {"interval": (0.2, 0.1, 0.95)},
        {"interval": (0.1, 0.2, 95.0)},
        {"value": 0.3, "interval": (0.1, 0.2, 0.95)},
        {"provenance": "rumoured"},
        {"form": "guess"},
    ],
    ids=str,
)
def test_evidence_with_meaningless_numbers_names_its_item(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        Evidence("qkd.bbm92.qber", "LINK-1", **wrong)
    assert caught.value.where == "evidence qkd.bbm92.qber of LINK-1"


def test_evidence_about_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="names an item and a subject"):
        Evidence("qkd.bbm92.qber", "")


def test_plain_words_and_members_are_the_same() -> None:
    piece = Evidence("item", "subject", form="upper_limit", provenance="published")
    assert piece.form == Form.UPPER_LIMIT
    assert piece.provenance == Provenance.PUBLISHED


def test_a_declared_limit_is_a_number() -> None:
    with pytest.raises(InputError, match="no finite number"):
        DeclaredLimit("efficiency_mismatch", math.inf, "1")


@pytest.mark.parametrize(
    ("kind", "multiplier", "probability"),
    [
        pytest.param(RuleKind.GUARD_BAND, -1.0, 0.95, id="accepts beyond the limit"),
        pytest.param(RuleKind.GUARD_BAND, math.nan, 0.95, id="NaN"),
        pytest.param(RuleKind.GUARD_BAND, 1.0, 1.0, id="certainty"),
        pytest.param(RuleKind.GUARD_BAND, 0.0, 0.95, id="a guard band of no width"),
        pytest.param(RuleKind.SIMPLE, 1.0, 0.95, id="simple with a guard band"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    kind: RuleKind, multiplier: float, probability: float
) -> None:
    with pytest.raises(InputError):
        DecisionRule("bad", kind, multiplier=multiplier, coverage_probability=probability)


def test_the_guard_band_is_a_multiple_of_the_expanded_uncertainty() -> None:
    rule = DecisionRule("iso", RuleKind.GUARD_BAND, multiplier=0.83)
    assert rule.guard_band(2.0) == 1.66
    assert rule.describe() == "iso: guard band 0.83 U, U at p = 0.95, pass or fail"
