from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.registry.findings import DecisionRecord

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_findings_come_back_in_their_order(full_world: World) -> None:
    first, second = (full_world.a_finding("A-1", f"REQ-{n}") for n in (1, 2))
    with full_world.writes() as unit:
        unit.findings.add("A-2", [full_world.a_finding("A-2", "REQ-0", "L9")])
    with full_world.database.read() as reader:
        assert reader.findings.assessments() == ("A-1", "A-2")
        assert reader.findings.of_assessment("A-1") == (first, second)
        assert reader.findings.of_subject("link", "L1") == (first, second)
        assert reader.findings.of_subject("device", "L1") == ()
    with full_world.database.read(as_of=5) as reader:
        assert reader.findings.assessments() == ("A-1",)


def test_a_wrong_assessment_is_refused(full_world: World) -> None:
    finding = full_world.a_finding("A-2", "REQ-1")
    for records, label, message in (
        ([finding], "A-1", "A-1 is already recorded"),
        ([finding], "A-3", "with its own findings"),
        ([], "A-2", "with its own findings"),
        ([replace(finding, content={"margin": math.nan})], "A-2", "not finite"),
    ):
        with pytest.raises(InputError, match=message), full_world.writes() as unit:
            unit.findings.add(label, records)
    with full_world.database.read() as reader:
        assert reader.findings.assessments() == ("A-1",)
        with pytest.raises(InputError) as caught:
            reader.findings.of_assessment("A-2")
    assert "did you mean A-1" in caught.value.next_step


def test_decisions_come_back(full_world: World) -> None:
    record = DecisionRecord("DOC-1", "link", "L1", "strict", "REFUSED", "decl", {"why": ["x"]})
    with full_world.database.read() as reader:
        assert reader.findings.decision("DOC-1") == record
        assert reader.findings.decisions() == (record,)
        assert reader.findings.decisions(subject_id="L1") == (record,)
        assert reader.findings.decisions(subject_id="L2") == ()
        with pytest.raises(InputError, match="no decision called 'DOC-7'"):
            reader.findings.decision("DOC-7")
    with (
        pytest.raises(InputError, match="DOC-1 is already recorded as REFUSED for link L1"),
        full_world.writes() as unit,
    ):
        unit.findings.add_decision(record)
