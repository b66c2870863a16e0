"""Curves against masks: what is judged, what is not and why, and what a mask against UTC needs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.standards.context import DeclaredLimit, EvaluationContext, LimitBounds
from qtrace.standards.decision_rule import ILAC_G8
from qtrace.standards.evaluate import evaluate
from qtrace.standards.evidence import Evidence, Form, Provenance
from qtrace.standards.finding import Finding, GuardSide, Outcome
from qtrace.standards.mask import JudgedOn, Mask, MaskSegment, Over
from qtrace.standards.requirement import (
    Criterion,
    CriterionKind,
    Origin,
    OriginKind,
    Requirement,
    Scope,
)

ITEM, LINK, UTC = "timing.time_deviation", "link-1", "timing.offset_from_utc"
HERE = EvaluationContext(subjects={Scope.LINK: (LINK,)})
# A sum of a few tails of intervals.
ROUNDING = 1e-12

MASK = Mask(
    Over.AVERAGING_TIME,
    JudgedOn.UPPER_BOUND,
    (
        MaskSegment(0.1, 100.0, 3.0),
        MaskSegment(100.0, 1000.0, 0.0, 0.03),
        MaskSegment(1000.0, 10000.0, 30.0),
    ),
)
MTIE = replace(
    MASK,
    over=Over.OBSERVATION_INTERVAL,
    judged_on=JudgedOn.VALUE,
    segments=(MaskSegment(0.1, 1000.0, 25.0, 0.275), MaskSegment(1000.0, math.inf, 290.0, 0.01)),
)


def row_of(mask: Mask | None, **changes: Any) -> Requirement:
    row = Requirement(
        "T-01",
        "a mask",
        "timing",
        Scope.LINK,
        ITEM,
        Criterion(CriterionKind.MASK, unit="ns", mask=mask),
        Origin(OriginKind.READ, "a public source"),
        "M",
        limit_origin="the test",
        standard_id="TEST:1",
    )
    return replace(row, **changes)


def point(tau: str, low: float, value: float, high: float, **changes: Any) -> Evidence:
    piece = Evidence(
        ITEM,
        LINK,
        value,
        unit="ns",
        interval=(low, high, 0.95),
        degrees_of_freedom=20.0,
        attributes={"averaging_time": tau},
        breaks=(),
        ends=("calibration",),
        result_label=f"S/tdev/{tau}",
    )
    return replace(piece, **changes)


def largest(tau: str, value: float, length: str = "86400 s") -> Evidence:
    attributes = {"observation_interval": tau, "record_length": length}
    return Evidence(ITEM, LINK, value, unit="ns", attributes=attributes, breaks=())


GOOD = (
    point("37 s", 0.4, 0.5, 0.7),
    point("500 s", 1.0, 2.0, 4.0),
    point("5000 s", 2.0, 5.0, 20.0, degrees_of_freedom=5.0),
)


def judged(row: Requirement, *curve: Evidence, **changes: Any) -> Finding:
    """Evaluate and expect exactly one finding."""
    given: dict[str, Any] = {"rule": ILAC_G8, "declarations": {}, "context": HERE, **changes}
    (finding,) = evaluate(row, curve, **given)
    return finding


# --- upper bounds -----------------------------------------------------------------------------


def test_all_pieces_are_one_curve_and_the_worst_point_is_reported() -> None:
    finding = judged(row_of(MASK), *GOOD)
    assert finding.outcome is Outcome.MET
    assert (finding.measured_value, finding.tolerance_high, finding.unit) == (5.0, 30.0, "ns")
    assert finding.margin == 25.0
    assert finding.expanded_uncertainty == 15.0
    assert finding.result_label == "S/tdev/5000 s"
    assert finding.rule_id == "mask_upper_bound"
    assert finding.reasons == (
        "worst of 3 judged: upper bound 20 ns at 5000 s, 0.667 of the limit 30 ns",
        "judged on upper bounds at p = 0.95 or more, 5 degrees of freedom or more",
    )


def test_the_risk_of_accepting_is_that_of_all_intervals_together() -> None:
    finding = judged(row_of(MASK), *GOOD)
    assert finding.consumer_risk == pytest.approx(3 * 0.025, rel=ROUNDING)
    assert "at most" in finding.risk_basis
    failed = judged(row_of(MASK), *GOOD[:2], point("5000 s", 31.0, 40.0, 50.0))
    assert failed.producer_risk == pytest.approx(0.025, rel=ROUNDING)
    assert failed.consumer_risk is None


def test_a_point_estimate_below_the_mask_does_not_pass() -> None:
    """What the issue asks for: value below, upper end above is no pass."""
    finding = judged(row_of(MASK), *GOOD[:2], point("5000 s", 5.0, 10.0, 31.0))
    assert finding.outcome is Outcome.WITHIN_GUARD_BAND
    assert finding.guard_side is GuardSide.INSIDE
    assert "the interval reaches across the mask at 5000 s" in finding.reasons
    beyond = judged(row_of(MASK), *GOOD[:2], point("5000 s", 29.0, 31.0, 50.0))
    assert (beyond.outcome, beyond.guard_side) == (Outcome.WITHIN_GUARD_BAND, GuardSide.OUTSIDE)


def test_one_point_whose_lower_end_is_above_fails_whatever_is_missing() -> None:
    finding = judged(row_of(MASK), point("37 s", 3.1, 4.0, 9.0), point("38 s", 0.4, 0.5, 0.7))
    assert finding.outcome is Outcome.NOT_MET
    assert finding.result_label == "S/tdev/37 s"
    assert "above the mask at 37 s" in finding.reasons
    assert any("no judged point above 1000 s, up to 10000 s" in why for why in finding.reasons)


def test_a_failing_point_is_the_worst_even_where_another_upper_end_uses_more_of_its_limit() -> None:
    finding = judged(row_of(MASK), point("37 s", 3.1, 3.2, 3.3), point("500 s", 1.0, 9.0, 90.0))
    assert finding.result_label == "S/tdev/37 s"


def test_a_record_too_short_for_a_segment_cannot_be_evaluated() -> None:
    finding = judged(row_of(MASK), *GOOD[:2])
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert (
        "record too short or too sparse: no judged point above 1000 s, up to 10000 s"
        in finding.reasons
    )
    # A figure is shown all the same, and a straddling point does not become a conditional word.
    assert finding.measured_value == 2.0
    across = judged(row_of(MASK), point("37 s", 2.0, 2.9, 3.1), GOOD[1])
    assert across.outcome is Outcome.NOT_EVALUABLE
    assert "the interval reaches across the mask at 37 s" in across.reasons


def test_reach_says_how_far_the_judged_points_must_go() -> None:
    near = row_of(replace(MASK, reach_s=500.0))
    assert judged(near, *GOOD[:2]).outcome is Outcome.MET
    finding = judged(near, GOOD[0], point("499 s", 1.0, 2.0, 4.0))
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "the longest judged averaging_time is 499 s, 500 s are asked for" in finding.reasons[-1]
    # A reach to the very end of a segment asks for nothing beyond it.
    assert judged(row_of(replace(MASK, reach_s=37.0)), GOOD[0]).outcome is Outcome.MET


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"degrees_of_freedom": 4.9}, "fewer than 5 degrees of freedom"),
        ({"degrees_of_freedom": math.inf}, "no degrees of freedom are stated"),
        ({"interval": None}, "no interval is stated"),
        ({"interval": (2.0, 20.0, 0.683)}, "interval at p = 0.683, the rule wants 0.95"),
        ({"form": Form.UPPER_LIMIT}, "given as upper limit"),
        ({"attributes": {"averaging_time": "10001 s"}}, "outside the mask"),
    ],
)
def test_what_cannot_be_judged_is_listed_with_its_reason(changes: dict[str, Any], why: str) -> None:
    poor = replace(GOOD[2], **changes)
    finding = judged(row_of(MASK), *GOOD[:2], poor)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    tau = poor.attributes["averaging_time"]
    assert f"not judged, {why}: {tau}" in finding.reasons
    # It neither fails the curve nor hides what else was judged.
    assert finding.reasons[0].startswith("worst of 2 judged")
    alone = judged(row_of(MASK), poor)
    assert (alone.outcome, alone.reasons[0]) == (Outcome.NOT_EVALUABLE, "no point can be judged")


def test_a_rule_that_wants_more_probability_judges_fewer_intervals() -> None:
    finding = judged(row_of(MASK), *GOOD, rule=replace(ILAC_G8, coverage_probability=0.99))
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert finding.reasons[0] == "no point can be judged"


def test_points_may_be_in_any_order_and_in_any_unit_of_time() -> None:
    shuffled = [replace(one, value=None, form=Form.INTERVAL_ONLY) for one in reversed(GOOD)]
    in_ps = replace(GOOD[0], value=500.0, interval=(400.0, 700.0, 0.95), unit="ps")
    finding = judged(row_of(MASK), *shuffled[:2], in_ps)
    assert finding.outcome is Outcome.MET
    assert finding.measured_value is None
    assert finding.margin == 10.0


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([GOOD[0], point("37.0 s", 0.4, 0.5, 0.7)], "two points of the curve stand at one"),
        ([GOOD[0], point("37000 ms", 0.4, 0.5, 0.7)], "two points of the curve stand at one"),
        ([point("long", 0.4, 0.5, 0.7)], "'long' cannot be read"),
        ([point("37 m", 0.4, 0.5, 0.7)], "'37 m' is no positive time"),
        ([point("-37 s", 0.4, 0.5, 0.7)], "'-37 s' is no positive time"),
        ([replace(GOOD[0], attributes={})], "does not give its averaging_time"),
        ([replace(GOOD[0], unit="m")], "cannot be compared"),
    ],
)
def test_a_curve_that_cannot_be_read_is_not_evaluable(pieces: list[Evidence], why: str) -> None:
    finding = judged(row_of(MASK), *pieces)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert why in finding.reasons[-1]


def test_a_row_without_its_mask_is_not_evaluable() -> None:
    assert judged(row_of(None), *GOOD).reasons == ("the requirement has no mask",)


def test_other_kinds_still_refuse_several_pieces() -> None:
    chain = row_of(None, criterion=Criterion(CriterionKind.CHAIN_UNBROKEN))
    finding = judged(chain, *GOOD)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "3 pieces of evidence" in finding.reasons[0]


def test_a_curve_is_as_weak_as_its_weakest_point() -> None:
    published = replace(GOOD[0], provenance=Provenance.PUBLISHED, flags=("one",))
    simulated = replace(GOOD[1], provenance=Provenance.SIMULATED, breaks=("x: gone",))
    finding = judged(row_of(MASK), published, simulated, GOOD[2])
    assert finding.provenance == "simulated"
    assert finding.breaks == ("x: gone",)
    assert finding.flags == ("one",)
    assert judged(row_of(MASK), *GOOD[:2], replace(GOOD[2], breaks=None)).breaks is None
    refused = replace(GOOD[2], flags=("post_hoc: no plan",))
    assert judged(row_of(MASK), *GOOD[:2], refused).outcome is Outcome.NOT_EVALUABLE


@given(
    st.lists(
        st.tuples(
            st.floats(0.11, 9999.0), st.floats(0.01, 60.0), st.floats(0.3, 1.0), st.floats(1.0, 3.0)
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda one: round(one[0]),
    )
)
def test_met_means_that_every_upper_end_is_below_and_not_met_that_a_lower_end_is_above(
    drawn: list[tuple[float, float, float, float]],
) -> None:
    curve = [
        point(f"{tau:.6f} s", value * down, value, value * up) for tau, value, down, up in drawn
    ]
    outcome = judged(row_of(MASK), *curve).outcome
    ends = []
    for (tau, value, down, up), piece in zip(drawn, curve, strict=True):
        seconds = float(piece.attributes["averaging_time"].removesuffix(" s"))
        limit = 3.0 if seconds <= 100.0 else 0.03 * seconds if seconds <= 1000.0 else 30.0
        assert tau == pytest.approx(seconds, abs=1e-6)
        ends.append((value * down / limit, value * up / limit))
    if outcome is Outcome.MET:
        assert max(high for _, high in ends) <= 1.0 + 1e-9
    assert (outcome is Outcome.NOT_MET) == (max(low for low, _ in ends) > 1.0 + 1e-12)


# --- the maximum of a record ------------------------------------------------------------------


def test_a_maximum_is_judged_itself_and_names_the_length_of_its_record() -> None:
    finding = judged(row_of(MTIE), largest("100 s", 52.0), largest("20000 s", 490.0))
    assert finding.outcome is Outcome.MET  # at the limit, 490 ns
    assert finding.reasons[1] == "judged on the maximum of a record of 86400 s, no interval"
    assert finding.rule_id == "mask_value"
    assert finding.expanded_uncertainty is None
    assert finding.consumer_risk is None
    above = judged(row_of(MTIE), largest("100 s", 52.6), largest("20000 s", 400.0))
    assert above.outcome is Outcome.NOT_MET
    assert (above.measured_value, above.tolerance_high) == (52.6, 52.5)


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (largest("20000 s", 400.0, ""), "the length of the record is not stated"),
        (largest("20000 s", 400.0, "a day"), "the length of the record is not stated"),
        (largest("20000 s", 400.0, "19999 s"), "longer than its record"),
        (replace(largest("20000 s", 400.0), value=None), "no value is given"),
        (replace(largest("20000 s", 400.0), form=Form.LOWER_LIMIT), "given as lower limit"),
    ],
)
def test_a_maximum_without_its_record_is_not_judged(piece: Evidence, why: str) -> None:
    finding = judged(row_of(MTIE), largest("100 s", 50.0), piece)
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert f"not judged, {why}: 20000 s" in finding.reasons
    assert any(one.endswith("no judged point above 1000 s") for one in finding.reasons)


# --- declared limits, and what a mask needs ---------------------------------------------------

FLAT = replace(MASK, segments=(MaskSegment(1.0, math.inf, 100.0),), reach_s=100.0)
DECLARED = row_of(
    FLAT,
    criterion=Criterion(
        CriterionKind.MASK, limit=100.0, unit="ns", declaration="time_deviation", mask=FLAT
    ),
)
BOUNDED = replace(HERE, bounds={"time_deviation": LimitBounds(0.0, 1.0, "us")})


def test_a_declared_limit_takes_the_place_of_the_default() -> None:
    curve = (point("37 s", 2.0, 3.0, 4.0), point("100 s", 2.0, 3.0, 6.0))
    assert judged(DECLARED, *curve, context=BOUNDED).tolerance_high == 100.0
    limit = DeclaredLimit("time_deviation", 5000.0, "ps", source="the order")
    finding = judged(DECLARED, *curve, context=BOUNDED, declarations={limit.name: limit})
    assert finding.outcome is Outcome.WITHIN_GUARD_BAND
    assert finding.tolerance_high == 5.0
    assert finding.limit_origin.startswith("declared by the applicant (the order)")


def test_a_declared_limit_that_nothing_binds_does_not_count() -> None:
    limit = DeclaredLimit("time_deviation", 5000.0, "ps")
    finding = judged(DECLARED, GOOD[0], declarations={limit.name: limit})
    assert finding.outcome is Outcome.NOT_EVALUABLE
    assert "limit unbound" in finding.reasons[0]
    zero = replace(limit, value=0.0)
    none = judged(DECLARED, GOOD[0], context=BOUNDED, declarations={limit.name: zero})
    assert none.outcome is Outcome.NOT_EVALUABLE


def test_a_mask_against_utc_does_not_apply_to_two_clocks() -> None:
    row = row_of(MASK, needs=UTC)
    finding = judged(row, *GOOD)
    assert (finding.outcome, finding.subject) == (Outcome.NOT_APPLICABLE, LINK)
    assert finding.reasons == (
        "needs timing.offset_from_utc, of which there is no figure: what compares two clocks "
        "says nothing against UTC",
    )
    assert finding.measured_value is None
    assert judged(row).outcome is Outcome.NOT_APPLICABLE


def test_with_an_offset_from_utc_it_is_judged_and_absence_no_longer_excused() -> None:
    row = row_of(MASK, needs=UTC)
    offset = Evidence(UTC, LINK, 3.0, 2.0, unit="ns")
    assert judged(row, *GOOD, offset).outcome is Outcome.MET
    assert judged(row, offset).outcome is Outcome.NO_EVIDENCE


@pytest.mark.parametrize(
    "offset",
    [
        Evidence(UTC, LINK, document="report.pdf"),  # a document about it is no figure of it
        Evidence(UTC, "another link", 3.0, 2.0, unit="ns"),
    ],
)
def test_an_offset_of_another_link_or_a_document_is_none(offset: Evidence) -> None:
    assert judged(row_of(MASK, needs=UTC), *GOOD, offset).outcome is Outcome.NOT_APPLICABLE


def test_what_is_needed_beside_utc_is_named() -> None:
    finding = judged(row_of(MASK, needs="timing.clock_offset"), *GOOD)
    assert finding.reasons == ("needs timing.clock_offset, of which there is no figure",)
