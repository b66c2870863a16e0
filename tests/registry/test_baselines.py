"""Baselines are recorded once, come back as they were, and the ledger keeps when."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.registry.verification import verify_rows
from tests.registry.conftest import a_baseline

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World

UNSTATED = a_baseline(baseline_id="BASE-2", standard_uncertainty=None, text="0.67")
BOUND = a_baseline(baseline_id="BASE-4", bound=True)
CATEGORICAL = a_baseline(
    baseline_id="BASE-3", kind="", value=None, standard_uncertainty=None, conditions=(), text=""
)


def test_a_baseline_comes_back_as_it_was_recorded(world: World) -> None:
    with world.writes("baseline add", "three") as unit:
        for one in (a_baseline(), UNSTATED, CATEGORICAL, BOUND):
            unit.baselines.add(one, document_digest="ab" * 32)
    with world.database.read() as reader:
        found = reader.baselines.all()
        assert [one.baseline for one in found] == [a_baseline(), UNSTATED, CATEGORICAL, BOUND]
        assert {one.recorded_at for one in found} == {world.now}
        assert reader.baselines.by_id("BASE-2").baseline.standard_uncertainty is None
        assert reader.baselines.by_id("BASE-3").baseline.categorical
        assert verify_rows(reader.connection) == []


def test_a_baseline_is_not_changed(full_world: World) -> None:
    with (
        pytest.raises(InputError, match="already recorded") as caught,
        full_world.writes() as unit,
    ):
        unit.baselines.add(a_baseline(value=0.6))
    assert "another id" in caught.value.next_step
    for statement in ("UPDATE baseline SET value = 0.6", "DELETE FROM baseline"):
        with (
            closing(sqlite3.connect(full_world.path)) as connection,
            pytest.raises(sqlite3.Error),
        ):
            connection.execute(statement)


def test_a_baseline_changed_behind_the_registry_is_found(full_world: World, tamper: Tamper) -> None:
    tamper(full_world.path, "baseline", "UPDATE baseline SET value = 0.5")
    with full_world.database.read() as reader:
        assert [one.table for one in verify_rows(reader.connection)] == ["baseline"]


def test_baselines_after_as_of_are_hidden(full_world: World) -> None:
    with full_world.database.read(as_of=1) as reader:
        assert reader.baselines.all() == ()
        with pytest.raises(InputError, match="BASE-1"):
            reader.baselines.by_id("BASE-1")


def test_unknown_baselines_are_refused_with_what_is_close(full_world: World) -> None:
    with (
        full_world.database.read() as reader,
        pytest.raises(InputError, match="BASE-9") as caught,
    ):
        reader.baselines.by_id("BASE-9")
    assert "BASE-1" in caught.value.next_step


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(world: World, number: float) -> None:
    with pytest.raises(InputError, match="finite"), world.writes() as unit:
        unit.baselines.add(a_baseline(value=number))
