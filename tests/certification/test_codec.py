"""Records go into documents and come back without loss; anything else is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.certification.case import CaseFile
from qtrace.certification.codec import ADDED_LATER, decode, encode
from qtrace.certification.decision import Coverage
from qtrace.certification.evidence import ResultStatement
from qtrace.errors import InputError
from qtrace.laboratory.event import CertificateReference, EndKind, Origin, RecordedResult
from qtrace.laboratory.laboratory import Competence
from qtrace.laboratory.link import RoleUse, Run
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.laboratory.run_files import RunFile
from qtrace.standards.decision_rule import DecisionRule
from qtrace.standards.evidence import Evidence
from qtrace.standards.requirement import Criterion, Requirement
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.budget import BudgetLine
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, Distribution, InputQuantity


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Leaf:
    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    when: datetime
    leaves: tuple[Leaf, ...]
    pair: tuple[str, str]
    by_id: Mapping[int, Leaf]
    colour: Colour
    maybe: float | None
    flag: bool
    count: int


def record(value: float = 0.1) -> Record:
    leaf = Leaf(value, "α")
    return Record(
        datetime(2021, 6, 1, 12, tzinfo=UTC),
        (leaf,),
        ("a", "b"),
        {7: leaf},
        Colour.RED,
        None,
        True,
        3,
    )


def test_a_nested_record_comes_back_equal() -> None:
    assert decode(Record, encode(record())) == record()


@given(st.floats(allow_nan=False))
def test_every_double_comes_back_bit_for_bit(value: float) -> None:
    back = decode(Leaf, encode(Leaf(value, "x"))).value
    assert back == value
    # The one grammar has no "-0": the sign of zero carries no information in a measurement.
    if value != 0.0:
        assert math.copysign(1.0, back) == math.copysign(1.0, value)


def test_numbers_are_text_so_that_no_reader_rounds_them() -> None:
    assert encode(Leaf(0.1, "x")) == {"value": "0.1", "name": "x"}
    assert encode(InputQuantity(1, "a", 1.0, 0.1, "1"))["degrees_of_freedom"] == "infinite"


def quantity(**changes: object) -> InputQuantity:
    """Return an input quantity of a gamma distribution."""
    made = InputQuantity(1, "a", 2.0, 2.0, "1", Distribution.GAMMA, parameters=(1.0, 0.5))
    return replace(made, **changes)  # type: ignore[arg-type]


# As it stood in documents before input quantities had parameters.
BEFORE_PARAMETERS = {
    "input_id": 1,
    "name": "a",
    "estimate": "2",
    "standard_uncertainty": "0.1",
    "unit": "1",
    "distribution": "normal",
    "evaluation": "B",
    "degrees_of_freedom": "infinite",
    "text": "",
    "flags": [],
}


def test_a_document_from_before_a_field_was_added_decodes_and_encodes_to_itself() -> None:
    old = decode(InputQuantity, BEFORE_PARAMETERS)
    assert old == InputQuantity(1, "a", 2.0, 0.1, "1")
    assert old.parameters == ()
    assert encode(old) == BEFORE_PARAMETERS


def test_a_field_that_was_added_later_comes_back_where_it_says_something() -> None:
    document = encode(quantity())
    assert document["parameters"] == ["1", "0.5"]
    assert decode(InputQuantity, document) == quantity()
    open_bound = quantity(parameters=(-math.inf, 1.0))
    assert decode(InputQuantity, encode(open_bound)) == open_bound


def test_a_budget_line_without_a_note_is_written_as_before_there_were_notes() -> None:
    line = BudgetLine(1, "a", 1.0, "1", 0.1, "B", "normal", math.inf, 2.0, 0.2, 1.0, False)
    document = encode(line)
    assert "note" not in document
    assert decode(BudgetLine, document) == line
    noted = replace(line, note="correlation not stated")
    assert decode(BudgetLine, encode(noted)) == noted


def test_a_record_has_one_document_only() -> None:
    with pytest.raises(InputError, match="parameters is written although it says nothing"):
        decode(InputQuantity, {**BEFORE_PARAMETERS, "parameters": []})


@pytest.mark.parametrize("field", sorted(set(BEFORE_PARAMETERS)))
def test_every_field_that_was_there_from_the_start_must_be_there(field: str) -> None:
    document = {key: value for key, value in BEFORE_PARAMETERS.items() if key != field}
    with pytest.raises(InputError, match=f"missing fields {field}"):
        decode(InputQuantity, document)


def test_a_field_that_was_added_later_is_checked_like_any_other() -> None:
    for wrong in ("0.5", [0.5], ["nan"], None):
        with pytest.raises(InputError):
            decode(InputQuantity, {**BEFORE_PARAMETERS, "parameters": wrong})


def test_every_declared_addition_is_a_field_with_a_default() -> None:
    kinds = (
        BudgetLine,
        CalibrationProgramme,
        CaseFile,
        CertificateReference,
        Competence,
        Coverage,
        Criterion,
        DecisionRule,
        Dossier,
        Evidence,
        InputQuantity,
        RecordedResult,
        Requirement,
        ResultStatement,
        RoleUse,
        Run,
        RunFile,
    )
    for kind in kinds:
        for name in ADDED_LATER[kind.__name__]:
            (found,) = [one for one in fields(kind) if one.name == name]
            assert found.default is not MISSING or found.default_factory is not MISSING
    named = {kind.__name__ for kind in kinds}
    assert set(ADDED_LATER) == named, "add the new type to this test"


def test_arrays_and_enums_of_a_block_come_back() -> None:
    block = CorrelationBlock(1, BlockKind.DECLARED, (1, 2), np.eye(2), np.eye(2))
    back = decode(CorrelationBlock, encode(block))
    assert back.kind is BlockKind.DECLARED
    assert np.array_equal(back.correlation, np.eye(2))


def test_optional_nested_record_comes_back() -> None:
    origin = Origin(end=EndKind.COUNTING, statement="pulses")
    assert decode(Origin, encode(origin)) == origin


@dataclass(frozen=True, slots=True)
class Table:
    cells: Mapping[tuple[Colour, str], Colour]


def test_keys_of_several_words_come_back() -> None:
    table = Table({(Colour.RED, "met"): Colour.RED})
    assert encode(table) == {"cells": {"red.met": "red"}}
    assert decode(Table, encode(table)) == table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": 1}, "unknown fields extra"),
        ({"count": "3"}, "expected int"),
        ({"count": True}, "expected int"),
        ({"maybe": 0.5}, "decimal string"),
        ({"maybe": "0.50"}, "0.50"),
        ({"maybe": "nan"}, "nan"),
        ({"when": "2021-06-01T12:00:00Z"}, "2021-06-01T12:00:00Z"),
        ({"colour": "blue"}, "blue"),
        ({"pair": ["a"]}, "expected 2 items"),
    ],
)
def test_a_changed_document_is_refused_and_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(Record, {**encode(record()), **change})


def test_a_missing_field_is_refused() -> None:
    document = encode(record())
    del document["flag"]
    with pytest.raises(InputError, match="missing fields flag"):
        decode(Record, document)


def test_nan_and_times_without_zone_do_not_enter_documents() -> None:
    with pytest.raises(InputError, match="NaN"):
        encode(Leaf(math.nan, "x"))
    with pytest.raises(InputError, match="zone"):
        encode(datetime(2021, 6, 1))  # noqa: DTZ001
