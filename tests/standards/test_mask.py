"""Masks: read with their units, joined without a gap, found again by the id of their row."""

from __future__ import annotations

import copy
import math
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.certification.codec import decode, encode
from qtrace.errors import InputError
from qtrace.standards.mask import JudgedOn, Mask, MaskSegment, Over
from qtrace.standards.mask_curves import masks_of
from qtrace.standards.pack import StandardPack, pack_from_dict
from qtrace.standards.requirement import Criterion, CriterionKind, Requirement

FOLDER = Path(__file__).parents[2] / "data" / "standards"
# A product of two doubles, or a decimal brought to another unit.
ROUNDING = 1e-12

SEGMENTS = [
    {"above": "0.1 s", "up_to": "100 s", "limit": "3 ns"},
    {"above": "100 s", "up_to": "1000 s", "limit": "0 s", "slope": "3e-11 s/s"},
    {"above": "1000 s", "limit": "30 ns"},
]
CRITERION: dict[str, Any] = {
    "kind": "mask",
    "over": "averaging_time",
    "judged_on": "upper_bound",
    "least_dof": "5",
    "segments": SEGMENTS,
}
FLAT = [{"above": "1 s", "limit": "100 ps"}]


def place(field: str) -> str:
    return f"pack.toml, field {field}"


def pack_of(criterion: dict[str, Any], **changes: Any) -> StandardPack:
    row = {
        "id": "T-01",
        "title": "a mask",
        "side": "timing",
        "scope": "link",
        "evidence": "timing.time_deviation",
        "confidence": "L",
        "limit_origin": "the test",
        "criterion": criterion,
        "origin": {"kind": "proposal", "source": "the test"},
        **changes,
    }
    head = {"id": "TEST:1", "title": "a test", "edition": "1", "source": "here"}
    return pack_from_dict({"standard": head, "requirement": [row]}, where=place)


def criterion_of(criterion: dict[str, Any]) -> Criterion:
    return pack_of(criterion).requirements[0].criterion


def mask_of(criterion: dict[str, Any]) -> Mask:
    mask = criterion_of(criterion).mask
    assert mask is not None
    return mask


# --- reading ----------------------------------------------------------------------------------


def test_limits_are_brought_to_the_unit_of_the_first_and_tau_to_seconds() -> None:
    criterion = criterion_of(CRITERION)
    assert (criterion.kind, criterion.unit) == (CriterionKind.MASK, "ns")
    assert mask_of(CRITERION) == Mask(
        Over.AVERAGING_TIME,
        JudgedOn.UPPER_BOUND,
        (
            MaskSegment(0.1, 100.0, 3.0),
            MaskSegment(100.0, 1000.0, 0.0, 0.03),
            MaskSegment(1000.0, math.inf, 30.0),
        ),
    )


@pytest.mark.parametrize(
    ("tau", "limit"),
    [
        (0.1, None),  # half-open: a mask holds above its beginning
        (0.11, 3.0),
        (100.0, 3.0),
        (100.5, 3.015),
        (500.0, 15.0),
        (1000.0, 30.0),
        (1e9, 30.0),
    ],
)
def test_the_limit_holds_above_the_lower_end_up_to_the_upper(
    tau: float, limit: float | None
) -> None:
    found = mask_of(CRITERION).limit_at(tau)
    assert found == (None if limit is None else pytest.approx(limit, rel=ROUNDING))


@given(st.floats(min_value=1e-3, max_value=1e7))
def test_exactly_one_segment_holds_a_tau_of_the_mask(tau: float) -> None:
    mask = mask_of(CRITERION)
    assert sum(part.holds(tau) for part in mask.segments) == (tau > mask.start_s)


def test_a_mask_of_a_deviation_of_frequency_is_a_number() -> None:
    mask = mask_of(
        {**CRITERION, "segments": [{"above": "1 s", "limit": "1e-13", "slope": "1e-16 /s"}]}
    )
    assert mask.limit_at(1000.0) == pytest.approx(2e-13, rel=ROUNDING)


def test_a_declared_mask_holds_its_default_as_a_limit() -> None:
    criterion = criterion_of({**CRITERION, "segments": FLAT, "declaration": "time_deviation"})
    assert (criterion.limit, criterion.unit) == (100.0, "ps")
    assert criterion.declaration == "time_deviation"


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "field", "what"),
    [
        pytest.param(lambda c: c.pop("over"), "over", "missing", id="tau"),
        pytest.param(lambda c: c.pop("judged_on"), "judged_on", "missing", id="judged on"),
        pytest.param(lambda c: c.pop("segments"), "segments", "without segments", id="none"),
        pytest.param(lambda c: c.update(limit="3 ns"), "limit", "not known", id="stray"),
        pytest.param(
            lambda c: c["segments"][0].update(limit="3 m"), "segments[2].limit", "fit", id="unit"
        ),
        pytest.param(
            lambda c: c["segments"][1].update(slope="3 ns"), "segments[2].slope", "per", id="slope"
        ),
        pytest.param(
            lambda c: c["segments"][0].update(above="3 m"), "segments[1].above", "time", id="time"
        ),
        pytest.param(
            lambda c: c["segments"][0].update(below="3 s"), "segments[1].below", "known", id="name"
        ),
        pytest.param(
            lambda c: c["segments"][0].pop("above"), "segments[1].above", "missing", id="from"
        ),
        pytest.param(
            lambda c: c["segments"][1].pop("limit"), "segments[2].limit", "missing", id="limit"
        ),
        pytest.param(
            lambda c: c["segments"][0].pop("limit"), "segments[1].limit", "missing", id="first"
        ),
        pytest.param(
            lambda c: c["segments"][1].pop("up_to"), "segments[2].up_to", "open", id="open"
        ),
        pytest.param(
            lambda c: c["segments"][1].update(above="101 s"), "segments", "begins at", id="gap"
        ),
        pytest.param(
            lambda c: c["segments"][1].update(above="99 s"), "segments", "begins at", id="overlap"
        ),
        pytest.param(
            lambda c: c["segments"][0].update(up_to="0.1 s"), "segments", "empty", id="empty"
        ),
        pytest.param(
            lambda c: c["segments"][1].update(limit="-4 ns"), "segments", "positive", id="negative"
        ),
        pytest.param(
            lambda c: c["segments"][2].update(slope="-1 ns/s"), "segments", "positive", id="falls"
        ),
        pytest.param(lambda c: c.update(least_dof="0"), "least_dof", "none", id="dof"),
        pytest.param(lambda c: c.update(least_dof="5 s"), "least_dof", "number", id="dof unit"),
        pytest.param(
            lambda c: c.update(judged_on="value"), "least_dof", "upper bound", id="dof of value"
        ),
        pytest.param(lambda c: c.update(reach="0.1 s"), "segments", "outside", id="reach"),
        pytest.param(lambda c: c.update(reach="3 ns/s"), "reach", "not a time", id="reach unit"),
        pytest.param(
            lambda c: c.update(declaration="tdev"), "declaration", "one number", id="declared"
        ),
    ],
)
def test_a_wrong_mask_is_refused_with_its_place(change: Change, field: str, what: str) -> None:
    criterion = copy.deepcopy(CRITERION)
    change(criterion)
    with pytest.raises(InputError, match=what) as caught:
        pack_of(criterion)
    assert caught.value.where == f"pack.toml, field requirement[1].criterion.{field}"


def test_a_mask_says_where_its_limits_come_from() -> None:
    with pytest.raises(InputError, match="must say where it comes from"):
        pack_of(CRITERION, limit_origin="")


# --- in documents -----------------------------------------------------------------------------


def test_a_mask_and_a_need_travel_in_documents() -> None:
    (row,) = pack_of(CRITERION, needs="timing.offset_from_utc").requirements
    document = encode(row)
    assert document["criterion"]["mask"]["segments"][2]["up_to_s"] == "infinite"
    assert decode(Requirement, document) == row


def test_a_requirement_without_them_is_written_as_before_they_existed() -> None:
    criterion = {"kind": "chain_unbroken"}
    (row,) = pack_of(criterion, limit_origin="").requirements
    document = encode(row)
    assert "needs" not in document
    assert "mask" not in document["criterion"]


def test_a_document_cannot_bring_a_mask_that_a_file_could_not() -> None:
    document = encode(pack_of(CRITERION).requirements[0])
    document["criterion"]["mask"]["segments"][1]["above_s"] = "99"
    with pytest.raises(InputError, match="begins at"):
        decode(Requirement, document)
    mask = mask_of(CRITERION)
    for changes in ({"segments": ()}, {"least_dof": -1.0}, {"reach_s": math.nan}):
        with pytest.raises(InputError):
            replace(mask, **changes)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="finite"):
        replace(mask, segments=(MaskSegment(1.0, 2.0, math.inf),))


# --- by name ----------------------------------------------------------------------------------


def test_masks_are_found_by_the_id_of_their_row() -> None:
    packs = [
        pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
        for path in sorted(FOLDER.glob("*.toml"))
    ]
    masks = masks_of(packs)
    rows = [row for pack in packs for row in pack.requirements if row.criterion.mask]
    assert list(masks) == [row.requirement_id for row in rows]
    one = masks["PRTC-B-TDEV"]
    assert (one.evidence_item, one.unit) == ("timing.time_deviation", "ns")
    assert one.mask.limit_at(300.0) == pytest.approx(3.0, rel=ROUNDING)
    assert "not in the Recommendation" in one.limit_origin
    assert masks["SYNC-04"].declaration == "time_deviation"


def test_two_packs_with_one_id_are_told_apart() -> None:
    first = pack_of(CRITERION)
    second = replace(first, standard_id="MINE:1")
    assert list(masks_of([first, second])) == ["T-01", "MINE:1 T-01"]
    assert masks_of([pack_of({"kind": "documented"}, limit_origin="")]) == {}
