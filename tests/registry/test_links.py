from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.link import Declaration, Link, RoleUse

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_a_link_comes_back_as_it_was_recorded(full_world: World) -> None:
    limit = Declaration("efficiency_mismatch", 0.05, "1", "5 %", "target")
    with full_world.database.read() as reader:
        (link,) = reader.links.all()
        assert reader.links.by_id("L1") == link
    assert link == Link(
        "L1",
        "a link",
        "bbm92",
        ("A", "B"),
        "SYNTHETIC",
        (limit,),
        {"st": "x"},
        "s",
        (RoleUse("receiver_a", "D1"),),
    )


def test_a_run_comes_back_as_it_was_recorded(full_world: World) -> None:
    with full_world.database.read() as reader:
        run = reader.links.run("R1")
        assert reader.links.runs() == reader.links.runs("L1") == (run,)
        assert reader.links.runs("L2") == ()
        assert reader.links.run_digest("R1") == "ab" * 32
    assert run == full_world.a_run("R1")
    # Canonical JSON writes 1000.0 as 1000; the parameter is a double all the same.
    assert isinstance(run.parameters["duration"], float)
    assert isinstance(run.counts["errors_z"], int)


def test_runs_after_as_of_are_hidden(full_world: World) -> None:
    with full_world.database.read(as_of=1) as reader:
        assert reader.links.runs() == ()
        with pytest.raises(InputError, match="no run called 'R1'"):
            reader.links.run("R1")


CASES = {
    "taken": ({"run_id": "R1"}, "run R1 is already recorded as a run of link L1"),
    "unknown link": ({"link_id": "L2"}, "no link called 'L2'"),
    "unknown device": ({"roles": (RoleUse("receiver_a", "D7"),)}, "no device called 'D7'"),
    "ends before it starts": ({"ended_before": True}, "before it starts"),
    "NaN": ({"parameters": {"f_ec": math.nan}}, "not finite"),
    "infinite": ({"published": {"rate": math.inf}}, "not finite"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_run_is_refused_and_nothing_is_written(full_world: World, case: str) -> None:
    changes, message = CASES[case]
    changes = dict(changes)
    if changes.pop("ended_before", False):
        changes["ended"] = full_world.performed - timedelta(seconds=1)
    run = full_world.a_run(str(changes.pop("run_id", "R2")), **changes)
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.links.add_run(run)
    with full_world.database.read() as reader:
        assert [known.run_id for known in reader.links.runs()] == ["R1"]
        assert len(reader.ledger.entries()) == 5


def test_a_link_is_recorded_once(full_world: World) -> None:
    link = Link("L1", "other", "bbm92", ("A", "B"))
    with (
        pytest.raises(InputError, match="link L1 is already recorded as 'a link'"),
        full_world.writes() as unit,
    ):
        unit.links.add(link)


def test_a_device_in_a_role_of_a_link_is_recorded(full_world: World) -> None:
    link = Link("L2", "t", "bbm92", ("A", "B"), roles=(RoleUse("receiver_a", "D7"),))
    with (
        pytest.raises(InputError, match="no device called 'D7'") as caught,
        full_world.writes() as unit,
    ):
        unit.links.add(link)
    assert caught.value.where.startswith("link L2, role receiver_a")


def test_a_declared_value_is_finite(full_world: World) -> None:
    limit = Declaration("mismatch", math.nan, "1", "?")
    link = Link("L2", "t", "bbm92", ("A", "B"), declarations=(limit,))
    with pytest.raises(InputError, match="not finite"), full_world.writes() as unit:
        unit.links.add(link)


def test_unknown_names_come_with_close_ones(full_world: World) -> None:
    with full_world.database.read() as reader:
        with pytest.raises(InputError) as caught:
            reader.links.by_id("L11")
        assert "did you mean L1" in caught.value.next_step
        with pytest.raises(InputError) as caught:
            reader.links.run("zzz")
        assert caught.value.next_step == "list: `qtrace run list`"
