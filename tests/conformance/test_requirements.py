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
from conformance.case_forms import (
    INSIDE,
    K2,
    NOTHING,
    OUTSIDE,
    Case,
    Given,
    below,
    chain,
    document,
    figure,
)
from conformance.entangled_cases import DIRECT, SENSING, TELEPORTATION
from conformance.pair_cases import ENTANGLEMENT, TONE

from qtrace.standards.context import EvaluationContext
from qtrace.standards.decision_rule import ILAC_G8
from qtrace.standards.evaluate import evaluate
from qtrace.standards.evidence import Evidence
from qtrace.standards.mask import JudgedOn, Mask, Over
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import Comparison, CriterionKind, Figure, Requirement, ValueIs

FOLDER = Path(__file__).parents[2] / "data" / "standards"
REQUIREMENTS: dict[str, Requirement] = {
    row.requirement_id: row
    for path in sorted(FOLDER.glob("*.toml"))
    for row in pack_from_dict(
        tomllib.loads(path.read_text(encoding="utf-8")), where=str
    ).requirements
}

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


# A figure of the offset from UTC: without it nothing is judged against UTC.
UTC = {"item": "timing.offset_from_utc", **figure(2.0, 1.5, "ns")}
# Nothing is known of a run that compares two clocks only: the row does not apply.
TWO_CLOCKS: Case = ("no evidence of UTC", None, "not_applicable")


def at(tau: str, value: float, *, spread: float = 0.1, unit: str = "ns") -> dict[str, Any]:
    """A point of a TDEV curve: its interval reaches `spread` of the value up and down."""
    return {
        "value": value,
        "unit": unit,
        "interval": (value * (1.0 - spread), value * (1.0 + spread), 0.95),
        "degrees_of_freedom": 5.0,
        "attributes": {"averaging_time": tau},
        **K2,
    }


def largest(tau: str, value: float, unit: str = "ns") -> dict[str, Any]:
    """A point of an MTIE curve over a record of two weeks."""
    attributes = {"observation_interval": tau, "record_length": "1209600 s"}
    return {"value": value, "unit": unit, "attributes": attributes, **K2}


Points: TypeAlias = list[tuple[str, float]]


def deviations(limits: Points, *, more: tuple[dict[str, Any], ...] = ()) -> list[Case]:
    """TDEV against a mask: `limits` are taus with the limit there, in ns, written by hand."""
    points = [at(tau, limit * 0.7) for tau, limit in limits]
    tau, limit = limits[-1]
    rough = [{**one, "degrees_of_freedom": 4.9} for one in points]
    return [
        ("met", [*points, *more], "met"),
        (
            "met: just, at each point",
            [*(at(tau, limit, spread=0.0) for tau, limit in limits), *more],
            "met",
        ),
        *[
            (
                f"not met: at {tau}",
                [*points[:k], at(tau, limit * 1.2), *points[k + 1 :], *more],
                "not_met",
            )
            for k, (tau, limit) in enumerate(limits)
        ],
        ("at the limit", [*points[:-1], at(tau, limit * 0.95), *more], INSIDE),
        ("at the limit, outside", [*points[:-1], at(tau, limit * 1.05), *more], OUTSIDE),
        ("not met: too few degrees of freedom", [*rough, *more], "not_evaluable"),
        ("not met: too short", [at("0.1 s", limit), *points[:-1], *more], "not_evaluable"),
    ]


def maxima(limits: Points, *, more: tuple[dict[str, Any], ...] = ()) -> list[Case]:
    """MTIE against a mask: the maximum of the record, at the limit still below it."""
    points = [largest(tau, limit * 0.7) for tau, limit in limits]
    unknown = [{**one, "attributes": {**one["attributes"], "record_length": ""}} for one in points]
    return [
        ("met", [*points, *more], "met"),
        ("at the limit", [*(largest(tau, limit) for tau, limit in limits), *more], "met"),
        *[
            (
                f"not met: at {tau}",
                [*points[:k], largest(tau, limit * 1.01), *points[k + 1 :], *more],
                "not_met",
            )
            for k, (tau, limit) in enumerate(limits)
        ],
        ("not met: the record has no length", [*unknown, *more], "not_evaluable"),
        ("not met: too short", [largest("0.1 s", 1.0), *points[:-1], *more], "not_evaluable"),
    ]


def against_utc(cases: list[Case], given: Given) -> list[Case]:
    """The same with an offset from UTC; without one the evidence itself is not judged."""
    return [*cases, ("not met: two clocks", given, "not_applicable"), TWO_CLOCKS]


def primary(name: str, limit: float, mtie: Points, tdev: Points) -> dict[str, list[Case]]:
    """The rows of a clock that is judged against UTC."""
    return {
        f"{name}-TE": against_utc(below(limit, "ns", more=(UTC,)), figure(1.0, 0.1, "ns")),
        f"{name}-MTIE": against_utc(maxima(mtie, more=(UTC,)), [largest("10 s", 1.0)]),
        f"{name}-TDEV": against_utc(deviations(tdev, more=(UTC,)), [at("10 s", 0.1)]),
    }


def boundary(name: str, te: float, cte: float, dte: Points) -> dict[str, list[Case]]:
    """The rows of a telecom boundary clock; `dte` are MTIE, TDEV and the peak to peak value."""
    (_, mtie), (_, tdev), (_, high) = dte
    return {
        f"{name}-TE": [*below(te, "ns"), NOTHING],
        f"{name}-CTE": [
            ("met", figure(-0.9 * cte, cte / 100, "ns"), "met"),
            ("at the upper limit", figure(cte, cte / 100, "ns"), INSIDE),
            ("at the lower limit", figure(-cte, cte / 100, "ns"), INSIDE),
            ("not met: late", figure(1.1 * cte, cte / 100, "ns"), "not_met"),
            ("not met: early", figure(-1.1 * cte, cte / 100, "ns"), "not_met"),
            NOTHING,
        ],
        f"{name}-DTEL-MTIE": [*maxima([("1000 s", mtie)]), NOTHING],
        f"{name}-DTEL-TDEV": [*deviations([("1000 s", tdev)]), NOTHING],
        f"{name}-DTEH": [*below(high, "ns"), NOTHING],
    }


OFFSET = figure(1234567.0, 250.0, "ps")
FLAT = [at("10 s", 20.0, unit="ps"), at("100 s", 90.0, unit="ps")]

CASES: dict[str, list[Case]] = {
    **primary(
        "PRTC-A",
        100.0,
        [("100 s", 52.5), ("273 s", 100.075), ("1000 s", 100.0)],
        [("10 s", 3.0), ("100 s", 3.0), ("500 s", 15.0), ("10000 s", 30.0)],
    ),
    **primary(
        "PRTC-B",
        40.0,
        [("20 s", 30.5), ("54.5 s", 39.9875), ("1000 s", 40.0)],
        [("10 s", 1.0), ("100 s", 1.0), ("300 s", 3.0), ("100000 s", 5.0)],
    ),
    **primary(
        "EPRTC",
        30.0,
        [("1 s", 4.0), ("50 s", 9.447), ("200000 s", 22.5), ("500000 s", 30.0)],
        [("10 s", 1.0), ("30000 s", 1.0), ("60000 s", 1.999998), ("1000000 s", 10.0)],
    ),
    "PRC-TDEV": [
        *deviations([("10 s", 3.0), ("100 s", 3.0), ("500 s", 15.0), ("10000 s", 30.0)]),
        NOTHING,
    ],
    "PRC-MTIE": [*maxima([("100 s", 52.5), ("1000 s", 300.0), ("10000 s", 390.0)]), NOTHING],
    **boundary("TBC-A", 100.0, 50.0, [("", 40.0), ("", 4.0), ("", 70.0)]),
    **boundary("TBC-B", 70.0, 20.0, [("", 40.0), ("", 4.0), ("", 70.0)]),
    **boundary("TBC-C", 30.0, 10.0, [("", 10.0), ("", 2.0), ("", 30.0)]),
    "TBC-D-TEL": [*below(5.0, "ns"), NOTHING],
    "SYNC-01": chain(OFFSET),
    "SYNC-02": [
        ("met", {**OFFSET, "attributes": {"time_scales": "B - A"}}, "met"),
        (
            "at the limit: named, but empty",
            {**OFFSET, "attributes": {"time_scales": " "}},
            "not_evaluable",
        ),
        ("not met: of which scales", OFFSET, "not_evaluable"),
        (
            "not met: no u",
            {**OFFSET, "attributes": {"time_scales": "B - A"}, "standard_uncertainty": None},
            "not_evaluable",
        ),
        (
            "not met: no k",
            {**OFFSET, "attributes": {"time_scales": "B - A"}, "coverage_factor": None},
            "not_evaluable",
        ),
        NOTHING,
    ],
    "SYNC-03": [
        ("met: a large offset, known well", OFFSET, "met"),
        ("at the limit: U = 1 ns", figure(0.0, 500.0, "ps"), "met"),
        ("not met", figure(0.0, 0.51, "ns"), "not_met"),
        ("not met: no u", {**OFFSET, "standard_uncertainty": None}, "not_evaluable"),
        NOTHING,
    ],
    "SYNC-04": [
        ("met", FLAT, "met"),
        ("met: in seconds", [at("100 s", 9e-11, unit="s")], "met"),
        ("met: an early point alone is not asked for", [at("2 s", 90.0, unit="ps"), *FLAT], "met"),
        ("at the limit", [FLAT[0], at("100 s", 95.0, unit="ps")], INSIDE),
        ("at the limit, outside", [FLAT[0], at("100 s", 105.0, unit="ps")], OUTSIDE),
        ("not met", [at("10 s", 120.0, unit="ps"), FLAT[1]], "not_met"),
        (
            "not met: too short",
            [at("10 s", 20.0, unit="ps"), at("99 s", 9.0, unit="ps")],
            "not_evaluable",
        ),
        (
            "not met: too few degrees of freedom",
            [FLAT[0], {**FLAT[1], "degrees_of_freedom": 4.9}],
            "not_evaluable",
        ),
        NOTHING,
    ],
    "SYNC-05": [*below(1000.0, "ps"), NOTHING],
    "SYNC-06": document("reciprocity.pdf"),
    "SYNC-07": [*chain(UTC)[:-1], TWO_CLOCKS],
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
    **DIRECT,
    **ENTANGLEMENT,
    **SENSING,
    **TELEPORTATION,
    **TONE,
}

SUBJECT = "subject"


def outcome_of(requirement: Requirement, evidence: Given, item: str) -> str:
    """Judge one case with nothing declared; `item` is what evidence is called that says nothing."""
    given = evidence if isinstance(evidence, list) else [evidence] if evidence else []
    pieces = [
        Evidence(**{"item": item, "subject": SUBJECT, **one})  # type: ignore[arg-type]
        for one in given
    ]
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
    CriterionKind.MASK: CriterionKind.CHAIN_UNBROKEN,
}


# How far a limit of zero is moved, in the unit of its row: rows of zero are margins of fidelities.
MOVED = 0.01


def masks(mask: Mask) -> Iterator[tuple[str, Mask]]:
    """Yield changes of a mask; where a limit is declared, only those that a declaration leaves."""
    judged = {JudgedOn.VALUE: JudgedOn.UPPER_BOUND, JudgedOn.UPPER_BOUND: JudgedOn.VALUE}
    over = {
        Over.AVERAGING_TIME: Over.OBSERVATION_INTERVAL,
        Over.OBSERVATION_INTERVAL: Over.AVERAGING_TIME,
    }
    yield "judged on the other figure", replace(mask, judged_on=judged[mask.judged_on])
    yield "over the other tau", replace(mask, over=over[mask.over])
    if mask.judged_on is JudgedOn.UPPER_BOUND:
        for dof in (4.0, 6.0):
            yield f"{dof:g} degrees of freedom", replace(mask, least_dof=dof)
    if mask.reach_s is not None:
        for reach_s in (mask.reach_s * 1.01, mask.reach_s * 0.98):
            yield f"reach {reach_s:g} s", replace(mask, reach_s=reach_s)
        return
    for k, part in enumerate(mask.segments):
        for factor in (1.5, 0.5):
            other = replace(part, limit=part.limit * factor, slope=part.slope * factor)
            changed = (*mask.segments[:k], other, *mask.segments[k + 1 :])
            yield f"segment {k + 1} x {factor}", replace(mask, segments=changed)
    if len(mask.segments) > 1:
        yield "last segment dropped", replace(mask, segments=mask.segments[:-1])


def changes(limit: float) -> Iterator[tuple[str, float]]:
    """Yield other limits; a factor leaves zero where it is, so zero is moved."""
    if limit == 0.0:
        yield from ((f"{step:+g}", step) for step in (MOVED, -MOVED))
        return
    yield from ((f"x {factor}", limit * factor) for factor in (1.5, 0.5))


def mutants(row: Requirement) -> Iterator[tuple[str, Requirement]]:
    """Yield changes of a row that its cases must notice."""
    criterion = row.criterion
    yield "evidence dropped", replace(row, evidence_item="nothing.at_all")
    for name in ("limit", "low", "high"):
        limit = getattr(criterion, name)
        if limit is not None:
            for change, other_limit in changes(limit):
                changed = replace(criterion, **{name: other_limit})
                yield f"{name} {change}", replace(row, criterion=changed)
    if criterion.comparison in _FLIPPED:
        flipped = replace(criterion, comparison=_FLIPPED[criterion.comparison])
        yield "comparison flipped", replace(row, criterion=flipped)
    if criterion.limit is not None and criterion.unit == "%":
        yield "unit lost", replace(row, criterion=replace(criterion, unit="1"))
    if criterion.value_is is ValueIs.PROVEN_BOUND:
        guarded = replace(criterion, value_is=ValueIs.ESTIMATE)
        yield "a guard band", replace(row, criterion=guarded)
    if criterion.kind in _OTHER_KIND:
        other = replace(criterion, kind=_OTHER_KIND[criterion.kind])
        yield "another kind", replace(row, criterion=other)
    if row.needs:
        yield "nothing needed", replace(row, needs="")
    if criterion.mask is not None:
        for name, mask in masks(criterion.mask):
            yield f"mask: {name}", replace(row, criterion=replace(criterion, mask=mask))
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


def test_every_mutant_is_another_row() -> None:
    same = [
        f"{row_id}: {name}"
        for row_id, row in REQUIREMENTS.items()
        for name, mutant in mutants(row)
        if mutant == row
    ]
    assert same == []
