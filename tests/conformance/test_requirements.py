"""Every shipped requirement: met, not met, at the limit, no evidence; and mutants must break it.

The cases are written by hand from what each row is meant to say, not derived from the criterion.
`MUTATIONS` then change a row (limit, comparison, kind, attributes, evidence); a mutation under
which all cases of the row still come out the same means that the cases do not hold it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from qtrace.standards.context import EvaluationContext
from qtrace.standards.decision_rule import ILAC_G8
from qtrace.standards.evaluate import evaluate
from qtrace.standards.evidence import Evidence
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import Comparison, CriterionKind, Figure, Requirement

FOLDER = Path(__file__).parents[2] / "data" / "standards"
REQUIREMENTS: dict[str, Requirement] = {
    row.requirement_id: row
    for path in sorted(FOLDER.glob("*.toml"))
    for row in pack_from_dict(
        tomllib.loads(path.read_text(encoding="utf-8")), where=str
    ).requirements
}

# A case: its name, the evidence (None: there is none), the expected outcome as a table cell.
Case: TypeAlias = tuple[str, dict[str, Any] | None, str]

INSIDE, OUTSIDE = "within_guard_band_inside", "within_guard_band_outside"
NOTHING: Case = ("no evidence", None, "no_evidence")
# Figures are stated with u and k = 2 at p = 0.9545, so U = 2 u and AL = TL - 2 u.
K2 = {"coverage_factor": 2.0, "coverage_probability": 0.9545, "breaks": (), "ends": ("counting",)}


def figure(value: float, u: float, unit: str = "1") -> dict[str, Any]:
    return {"value": value, "standard_uncertainty": u, "unit": unit, **K2}


def document(item: str) -> list[Case]:
    """A document met only by an attestation; its mere presence is the limit case."""
    return [
        ("met", {"document": item, "attestation": "evaluator A"}, "met"),
        ("at the limit: present, not attested", {"document": item}, "not_evaluable"),
        ("not met: attested, not there", {"attestation": "evaluator A"}, "not_evaluable"),
        ("not met: an unbroken chain is no document", figure(1.0, 0.1), "no_evidence"),
        NOTHING,
    ]


def chain(value: dict[str, Any]) -> list[Case]:
    """A chain with no break; one with no end is the limit case."""
    return [
        ("met", value, "met"),
        ("at the limit: no break, but no end", {**value, "ends": ()}, "not_evaluable"),
        ("not met: one break", {**value, "breaks": ("meter: expired",)}, "not_met"),
        ("not met: chain unknown", {**value, "breaks": None}, "not_evaluable"),
        NOTHING,
    ]


ETA = figure(0.9378, 0.0035)
DARK = figure(18900.0, 60.0, "/s")
CONDITIONS = {
    "reference_plane": "fibre splice",
    "wavelength": "1550.5 nm",
    "photon_rate": "2.4e5 /s",
    "polarization": "maximum",
}


def without(name: str) -> dict[str, str]:
    return {key: text for key, text in CONDITIONS.items() if key != name}


CASES: dict[str, list[Case]] = {
    "SPD-01": [
        ("met", {**ETA, "attributes": CONDITIONS}, "met"),
        *[
            (f"not met: no {name}", {**ETA, "attributes": without(name)}, "not_evaluable")
            for name in CONDITIONS
        ],
        (
            "at the limit: named, but empty",
            {**ETA, "attributes": {**CONDITIONS, "wavelength": ""}},
            "not_evaluable",
        ),
        (
            "not met: no u",
            {**ETA, "attributes": CONDITIONS, "standard_uncertainty": None},
            "not_evaluable",
        ),
        (
            "not met: no k",
            {**ETA, "attributes": CONDITIONS, "coverage_factor": None},
            "not_evaluable",
        ),
        NOTHING,
    ],
    "SPD-02": chain(ETA),
    "SPD-03": chain(DARK),
    "SPD-04": [
        ("met: the published detector", ETA, "met"),
        ("at the limit: exactly one", figure(1.0, 0.01), "met"),
        ("compatible: a published scan", figure(1.133, 0.194), OUTSIDE),
        ("not met", figure(1.05, 0.01), "not_met"),
        NOTHING,
    ],
    "SPD-05": [
        ("met: 0.75 %", ETA, "met"),
        ("at the limit: 2 %", figure(0.8, 0.008), "met"),
        ("not met: 2.1 %", figure(0.8, 0.0084), "not_met"),
        NOTHING,
    ],
    "SPD-06": [
        ("met: 2.4e5 /s and 271 ns", figure(0.061, 0.0025), "met"),
        ("at the limit", figure(0.1, 0.0025), INSIDE),
        ("just accepted", figure(0.0949, 0.0025), "met"),
        ("beyond, within the guard band", figure(0.104, 0.0025), OUTSIDE),
        ("not met", figure(0.11, 0.0025), "not_met"),
        NOTHING,
    ],
    "SPD-07": [
        ("met: the published detector", DARK, "met"),
        ("at the limit", figure(50000.0, 60.0, "/s"), INSIDE),
        ("just accepted", figure(49.879, 0.06, "kHz"), "met"),
        ("not met", figure(50200.0, 60.0, "/s"), "not_met"),
        NOTHING,
    ],
    "SPD-08": [
        ("met", DARK, "met"),
        ("not met: no u", {**DARK, "standard_uncertainty": None}, "not_evaluable"),
        ("not met: no k", {**DARK, "coverage_factor": None}, "not_evaluable"),
        (
            "at the limit: an exact interval says both",
            {"value": 0.0, "interval": (0.0, 3.7, 0.95), "unit": "/s"},
            "met",
        ),
        NOTHING,
    ],
    "SPD-09": document("corrections.txt"),
    "SPD-10": document("terms.txt"),
    "SPEC-01": [
        ("met: the published detector D2", figure(0.9489, 0.0038), "met"),
        ("at the limit", figure(0.93, 0.0035), INSIDE),
        ("just accepted", figure(93.71, 0.35, "%"), "met"),
        ("below, within the guard band", figure(0.9284, 0.0035), OUTSIDE),
        ("not met", figure(0.92, 0.0035), "not_met"),
        NOTHING,
    ],
    "TX-02": [
        ("met", figure(-0.01, 0.01), "met"),
        ("at the upper limit", figure(5.0, 1.0, "%"), INSIDE),
        ("at the lower limit", figure(-5.0, 1.0, "%"), INSIDE),
        ("not met, too bright", figure(0.075, 0.01), "not_met"),
        ("not met, too dim", figure(-0.075, 0.01), "not_met"),
        NOTHING,
    ],
    "TX-07": [
        ("met", figure(0.998, 0.001), "met"),
        ("at the limit", figure(0.99, 0.001), INSIDE),
        ("not met", figure(0.95, 0.001), "not_met"),
        NOTHING,
    ],
    "TX-09": [
        ("met", figure(0.002, 0.001), "met"),
        ("at the limit", figure(0.01, 0.001), INSIDE),
        ("not met", figure(0.0125, 0.001), "not_met"),
        NOTHING,
    ],
    "TX-10": [
        ("met: 175 dB", figure(3.2e-18, 5e-19), "met"),
        ("at the limit: 170 dB", figure(1e-17, 5e-19), INSIDE),
        ("not met: 169 dB", figure(1.26e-17, 5e-19), "not_met"),
        NOTHING,
    ],
    "RX-02": [
        ("met: the published pair", figure(0.988286, 0.0042), "met"),
        ("met: the same pair, named the other way", figure(1.011853, 0.0043), "met"),
        ("at the lower limit", figure(0.95, 0.0042), INSIDE),
        ("at the upper limit", figure(1.0526, 0.0042), INSIDE),
        ("not met", figure(0.935, 0.0042), "not_met"),
        NOTHING,
    ],
    "RX-03": document("mismatch.pdf"),
    "RX-07": document("blinding.pdf"),
    "RX-10": document("rules.txt"),
    "RX-15": document("backflash.pdf"),
    "PRO-01": document("proof.txt"),
    "PRO-02": document("assumptions.txt"),
    "PRO-03": [
        (
            "met: 140 of 3100",
            {**K2, "value": 0.04516, "interval": (0.0381, 0.0531, 0.95)},
            "met",
        ),
        ("at the limit", {**K2, "value": 0.0981, "interval": (0.09, 0.11, 0.95)}, INSIDE),
        ("not met", {**K2, "value": 0.13, "interval": (0.12, 0.14, 0.95)}, "not_met"),
        NOTHING,
    ],
    "PRO-06": [
        ("met: 324 bits, whatever their u", figure(324.0, 400.0, "bit"), "met"),
        ("at the limit: one bit", figure(1.0, 10.0, "bit"), "met"),
        ("not met: a part of a bit", figure(0.9, 10.0, "bit"), "not_met"),
        ("not met: just over half a bit", figure(0.51, 10.0, "bit"), "not_met"),
        ("not met: nothing is left", figure(-42.0, 100.0, "bit"), "not_met"),
        NOTHING,
    ],
    "PRO-07": [
        ("met", figure(5e-11, 0.0), "met"),
        ("at the limit, ten equal parts", figure(sum([1e-11] * 10), 0.0), "met"),
        ("not met", figure(1.2e-10, 0.0), "not_met"),
        NOTHING,
    ],
    "KEY-01": [
        ("met: 324 bits, whatever their u", figure(324.0, 400.0, "bit"), "met"),
        ("at the limit: one bit", figure(1.0, 10.0, "bit"), "met"),
        ("not met: a part of a bit", figure(0.9, 10.0, "bit"), "not_met"),
        ("not met: just over half a bit", figure(0.51, 10.0, "bit"), "not_met"),
        ("not met: nothing is left", figure(-42.0, 100.0, "bit"), "not_met"),
        (
            "not met: not proven for this device",
            {**figure(324.0, 0.0, "bit"), "flags": ("not proven for this device: mismatch",)},
            "not_evaluable",
        ),
        (
            "not met: chosen afterwards",
            {**figure(324.0, 0.0, "bit"), "flags": ("post_hoc: no plan",)},
            "not_evaluable",
        ),
        NOTHING,
    ],
    "KEY-02": [
        ("met", figure(5e-10, 0.0), "met"),
        ("at the limit, ten equal parts", figure(sum([1e-10] * 10), 0.0), "met"),
        ("not met", figure(1.2e-9, 0.0), "not_met"),
        NOTHING,
    ],
    "KEY-03": chain(figure(20000.0, 100.0, "bit")),
    "KEY-04": document("assumptions.txt"),
    "PRO-11": document("authentication.txt"),
}

SUBJECT = "subject"


def outcome_of(requirement: Requirement, evidence: dict[str, Any] | None, item: str) -> str:
    """Judge one case with nothing declared; `item` is what the evidence is called."""
    pieces = [] if evidence is None else [Evidence(item, SUBJECT, **evidence)]
    context = EvaluationContext(subjects={requirement.scope: (SUBJECT,)})
    (finding,) = evaluate(requirement, pieces, rule=ILAC_G8, declarations={}, context=context)
    return finding.cell


def test_every_requirement_has_its_cases_and_no_case_is_orphaned() -> None:
    assert set(CASES) == set(REQUIREMENTS)


@pytest.mark.parametrize("row_id", sorted(CASES))
def test_each_requirement_is_seen_met_not_met_at_the_limit_and_without_evidence(
    row_id: str,
) -> None:
    names = [name for name, _, _ in CASES[row_id]]
    for wanted in ("met", "not met", "at the", "no evidence"):
        assert any(name.startswith(wanted) for name in names), wanted


@pytest.mark.parametrize(
    ("row_id", "case"),
    [
        pytest.param(row_id, case, id=f"{row_id}: {case[0]}")
        for row_id, cases in CASES.items()
        for case in cases
    ],
)
def test_the_case_comes_out_as_expected(row_id: str, case: Case) -> None:
    _, evidence, expected = case
    row = REQUIREMENTS[row_id]
    assert outcome_of(row, evidence, row.evidence_item) == expected


_FLIPPED = {
    Comparison.AT_MOST: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.AT_MOST,
    Comparison.COMPATIBLE_AT_MOST: Comparison.AT_MOST,
    Comparison.RATIO_WITHIN: Comparison.AT_MOST,
}
_OTHER_KIND = {
    CriterionKind.DOCUMENTED: CriterionKind.CHAIN_UNBROKEN,
    CriterionKind.CHAIN_UNBROKEN: CriterionKind.DOCUMENTED,
    CriterionKind.COMPLETE: CriterionKind.CHAIN_UNBROKEN,
}


def mutants(row: Requirement) -> Iterator[tuple[str, Requirement]]:
    """Yield changes of a row that its cases must notice."""
    criterion = row.criterion
    yield "evidence dropped", replace(row, evidence_item="nothing.at_all")
    for name in ("limit", "low", "high"):
        limit = getattr(criterion, name)
        if limit is not None:
            for factor in (1.5, 0.5):
                changed = replace(criterion, **{name: limit * factor})
                yield f"{name} x {factor}", replace(row, criterion=changed)
    if criterion.comparison in _FLIPPED:
        flipped = replace(criterion, comparison=_FLIPPED[criterion.comparison])
        yield "comparison flipped", replace(row, criterion=flipped)
    if criterion.limit is not None and criterion.unit == "%":
        yield "unit lost", replace(row, criterion=replace(criterion, unit="1"))
    if criterion.kind in _OTHER_KIND:
        other = replace(criterion, kind=_OTHER_KIND[criterion.kind])
        yield "another kind", replace(row, criterion=other)
    if criterion.figure is not Figure.VALUE:
        plain = replace(criterion, figure=Figure.VALUE)
        yield "value in place of its uncertainty", replace(row, criterion=plain)
    if criterion.coverage_factor is not None:
        yield "k = 1", replace(row, criterion=replace(criterion, coverage_factor=1.0))
    for name in criterion.attributes:
        fewer = tuple(other for other in criterion.attributes if other != name)
        yield (
            f"attribute {name} dropped",
            replace(row, criterion=replace(criterion, attributes=fewer)),
        )


MUTANTS = [
    pytest.param(row_id, mutant, id=f"{row_id}: {name}")
    for row_id, row in REQUIREMENTS.items()
    for name, mutant in mutants(row)
]


@pytest.mark.parametrize(("row_id", "mutant"), MUTANTS)
def test_a_changed_row_breaks_one_of_its_cases(row_id: str, mutant: Requirement) -> None:
    item = REQUIREMENTS[row_id].evidence_item
    assert any(
        outcome_of(mutant, evidence, item) != expected for _, evidence, expected in CASES[row_id]
    )


def test_every_requirement_is_mutated_at_least_twice() -> None:
    counted = {row_id: len(list(mutants(row))) for row_id, row in REQUIREMENTS.items()}
    assert min(counted.values()) >= 2
