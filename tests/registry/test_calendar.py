"""Calibrations as the calendar sees them: what opens a period of use, and what no longer does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.recording import NewArgument
from qtrace.registry.calendar import history_records, opening_calibrations, retired_devices
from qtrace.uncertainty.results import Model, ModelKind

if TYPE_CHECKING:
    from tests.registry.conftest import World

KIND = "transmittance"


def record(world: World, label: str, days: float, **changes: object) -> None:
    """Record an event with one result of its own and one that was carried to its date."""
    when = world.performed + timedelta(days=days)
    made = world.result("t", NewArgument("x", 1.0, input_name="x"))
    made = replace(made, model=Model(ModelKind.EXPRESSION, "x"))
    carried = replace(
        made, name="t_at_use", model=Model(ModelKind.LINEAR),
        measurand=replace(made.measurand, kind="photon_rate"),
    )  # fmt: skip
    with world.writes("calibrate", label) as unit:
        unit.events.record(
            world.event(label, "D1", performed_at=when, **changes),
            [world.quantity("x")],
            results=[made, carried],
        )


def opening(world: World, as_of: int | None = None) -> list[tuple[str, str]]:
    with world.database.read(as_of=as_of) as reader:
        return [
            (one.label, one.kind) for one in opening_calibrations(reader) if one.device_id == "D1"
        ]


@pytest.fixture
def world(full_world: World) -> World:
    with full_world.writes("withdraw", "CAL-D1") as unit:
        unit.events.withdraw("CAL-D1", "in the way", withdrawn_at=full_world.now)
    return full_world


def test_by_day_of_calibration_without_states_found_and_results_carried(world: World) -> None:
    record(world, "LATE", 300)
    record(world, "EARLY", 10, state="as_left")
    record(world, "FOUND", 400, state="as_found")
    record(world, "USED", 500, kind=EventKind.USE)
    assert opening(world) == [("EARLY", KIND), ("LATE", KIND)]


def test_a_withdrawn_calibration_opens_nothing_from_then_on(world: World) -> None:
    record(world, "CAL", 10)
    with world.database.read() as reader:
        before = reader.ledger.entries()[-1].sequence
    with world.writes("withdraw", "CAL") as unit:
        unit.events.withdraw("CAL", "wrong", withdrawn_at=world.now)
    assert opening(world) == []
    assert opening(world, as_of=before) == [("CAL", KIND)]


def test_retired_devices_are_known_as_of_a_time(world: World) -> None:
    with world.database.read() as reader:
        before = reader.ledger.entries()[-1].sequence
    with world.writes("retire", "METER") as unit:
        unit.devices.retire("METER", "broken", effective_at=world.now)
    with world.database.read() as reader:
        assert retired_devices(reader) == {"D2", "METER"}
    with world.database.read(as_of=before) as reader:
        assert retired_devices(reader) == {"D2"}


def test_the_records_of_a_history_hold_results_events_and_network(world: World) -> None:
    record(world, "A", 10)
    record(world, "B", 20, kind=EventKind.ADJUSTMENT)
    with world.database.read() as reader:
        found = history_records(reader, ["D1", "D2"], KIND)
        assert [event.label for _, event in found.candidates["D1"]] == ["A", "B"]
        assert [event.label for event in found.adjustments["D1"]] == ["B"]
        assert found.adjustments["D2"] == ()
        assert "CAL-D1" in found.withdrawn
        for one, _ in found.candidates["D1"]:
            assert one.result_id in found.network.results
            assert found.values[one.result_id][1] > 0.0
        with pytest.raises(InputError, match="D9"):
            history_records(reader, ["D9"], KIND)
