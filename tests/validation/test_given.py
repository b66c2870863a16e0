"""Inputs of an example are read field by field; a mistake is told with its place."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from qtrace.validation.given import CaseFileError, Given


def given(**data: object) -> Given:
    return Given(data, lambda path: f"examples.toml, {path}", "case[1].inputs")


def test_fields_are_read_as_what_they_are() -> None:
    table = given(
        x=1, u=0.5, nu=math.inf, rows=[[1, 2.5]], names=["a"], inner={"k": 2}, list=[{"k": 3}]
    )
    assert (table.number("x"), table.number("u"), table.number("nu")) == (1.0, 0.5, math.inf)
    assert table.number("absent", 7.0) == 7.0
    assert table.integer("x") == 1
    assert table.integer("absent", 3) == 3
    assert table.rows("rows") == [[1.0, 2.5]]
    assert table.texts("names") == ["a"]
    assert table.texts("absent") == []
    assert table.spread("x") == 1.0
    assert given(u=[0.1, 0.2]).spread("u") == [0.1, 0.2]
    assert table.table("inner").number("k") == 2.0
    assert [one.number("k") for one in table.tables("list")] == [3.0]
    table.finish()


@pytest.mark.parametrize(
    ("read", "place"),
    [
        (lambda t: t.number("text"), "inputs.text"),
        (lambda t: t.number("truth"), "inputs.truth"),
        (lambda t: t.number("nan"), "inputs.nan"),
        (lambda t: t.number("absent"), "inputs.absent"),
        (lambda t: t.integer("half"), "inputs.half"),
        (lambda t: t.numbers("text"), "inputs.text"),
        (lambda t: t.numbers("mixed"), "inputs.mixed"),
        (lambda t: t.rows("mixed"), "inputs.mixed"),
        (lambda t: t.text("half"), "inputs.half"),
        (lambda t: t.texts("mixed"), "inputs.mixed"),
        (lambda t: t.one_of("text", ("yes", "no")), "inputs.text"),
        (lambda t: t.table("half"), "inputs.half"),
        (lambda t: t.tables("inner")[0].number("k"), "inputs.inner[1].k"),
    ],
)
def test_a_wrong_field_is_told_with_its_place(read: Callable[[Given], object], place: str) -> None:
    table = given(
        text="two", truth=True, nan=math.nan, half=0.5, mixed=[1, "a"], inner=[{"k": "x"}]
    )
    with pytest.raises(CaseFileError) as caught:
        read(table)
    assert caught.value.where.endswith(place)


def test_a_field_that_nobody_asked_for_is_refused() -> None:
    table = given(x=1, dog=3)
    assert table.number("x") == 1.0
    with pytest.raises(CaseFileError, match="dog") as caught:
        table.finish()
    assert "x" in caught.value.next_step
