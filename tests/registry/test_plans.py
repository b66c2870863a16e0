"""Plans are recorded once, come back as they were, and the ledger keeps when."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.run_plan import RunPlan

if TYPE_CHECKING:
    from tests.registry.conftest import World

DAY = datetime(2022, 2, 1, tzinfo=UTC)
PLAN = RunPlan(
    "PLAN-9", "L1", DAY, DAY + timedelta(days=1), "bbm92", "gamma", 3, 10**9, "after three",
    "guard_band", "1 % of the length", {"epsilon_privacy": 1e-10, "f": 1.0},
    {"basis_overlap": (0.5, 0.51)}, {"key_basis": "z"}, "us", {"efficiency_mismatch": "one"},
)  # fmt: skip


def test_a_plan_comes_back_as_it_was_recorded(world: World) -> None:
    world.registers()
    with world.writes("plan run", "PLAN-9") as unit:
        unit.plans.add(PLAN, document_digest="ab" * 32)
    with world.database.read() as reader:
        assert reader.plans.by_id("PLAN-9") == PLAN
        assert reader.plans.all() == reader.plans.all("L1") == (PLAN,)
        assert reader.plans.all("L2") == ()
        assert reader.plans.recorded_at("PLAN-9") == world.now
        # Canonical JSON writes 1.0 as 1; a parameter is a double all the same.
        assert isinstance(reader.plans.by_id("PLAN-9").parameters["f"], float)


def test_a_plan_is_not_changed(full_world: World) -> None:
    with full_world.database.read() as reader:
        (known,) = reader.plans.all()
    with (
        pytest.raises(InputError, match="already recorded") as caught,
        full_world.writes() as unit,
    ):
        unit.plans.add(replace(known, bound="tail"))
    assert "another id" in caught.value.next_step
    for statement in ("UPDATE run_plan SET bound = 'tail'", "DELETE FROM run_plan"):
        with (
            closing(sqlite3.connect(full_world.path)) as connection,
            pytest.raises(sqlite3.Error),
        ):
            connection.execute(statement)


def test_unknown_plans_and_links_are_refused_with_what_is_close(full_world: World) -> None:
    with full_world.database.read() as reader:
        (known,) = reader.plans.all()
        with pytest.raises(InputError, match="PLAN-2") as caught:
            reader.plans.by_id("PLAN-2")
        assert known.plan_id in f"{caught.value.what} {caught.value.next_step}"
        with pytest.raises(InputError):
            reader.plans.recorded_at("PLAN-2")
    with pytest.raises(InputError, match="L7"), full_world.writes() as unit:
        unit.plans.add(replace(PLAN, link_id="L7"))


def test_plans_after_as_of_are_hidden(full_world: World) -> None:
    with full_world.database.read(as_of=1) as reader:
        assert reader.plans.all() == ()


@pytest.mark.parametrize("change", [{"blocks": 0}, {"block_size": 0}])
def test_a_plan_of_nothing_is_refused_by_the_table(world: World, change: dict[str, int]) -> None:
    world.registers()
    with pytest.raises(Exception, match=r"CHECK|constraint"), world.writes() as unit:
        unit.plans.add(replace(PLAN, **change))  # type: ignore[arg-type]
