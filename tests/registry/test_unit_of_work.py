# ruff: noqa: PT012 - the fault is inside the unit of work
from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from qtrace.errors import InputError, IntegrityError
from qtrace.laboratory.device import Device, DeviceClass
from qtrace.ledger.digest import digest_hex
from qtrace.ledger.entry import GENESIS
from qtrace.ledger.verify import verify_entries
from qtrace.registry.tables import APPEND_ONLY, DEVICE_CLASS

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World


def row_counts(world: World) -> dict[str, int]:
    with world.database.read() as reader:
        return {
            table.name: reader.connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in APPEND_ONLY
        }


def test_rows_and_their_ledger_entry_are_written_together(world: World) -> None:
    with world.writes("register", "snspd") as unit:
        unit.devices.add_class(DeviceClass("snspd", "detector", ("efficiency",)))
        unit.note("file", "ab" * 32)
        assert unit.sequence == 1

    with world.database.read() as reader:
        (entry,) = reader.ledger.entries()
    assert (entry.sequence, entry.actor, entry.action) == (1, "ann", "register")
    assert entry.recorded_at == "2022-01-01T00:01:00.000000Z"
    assert entry.previous == GENESIS
    content = json.loads(entry.content)
    assert content["file"] == "ab" * 32
    # The digest is recomputed here from the stored row, written out by hand.
    row = (
        '{"class_id":"snspd","id":1,"kinds_json":"[\\"efficiency\\"]","recorded_in":1,'
        '"roles_json":"[]","title":"detector"}'
    )
    digest = digest_hex("rows", row.encode())
    assert content["rows"] == {"device_class": {"count": 1, "digest": digest}}


def test_entries_follow_one_another(world: World) -> None:
    world.everything()
    with world.database.read() as reader:
        entries = reader.ledger.entries()
        assert reader.ledger.head() == entries[-1]
        assert reader.ledger.entry(2) == entries[1]
        assert [e.sequence for e in reader.ledger.entries(action="calibrate")] == [3, 4]
        assert [e.sequence for e in reader.ledger.entries(subject="CAL-D1")] == [4]
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert verify_entries(entries) == []


def test_the_unit_knows_the_entry_it_appended(world: World) -> None:
    with world.writes() as unit:
        unit.devices.add_class(DeviceClass("snspd", "detector", ()))
        assert unit.entry is None
    with world.database.read() as reader:
        assert unit.entry == reader.ledger.head()


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(world: World, fault: type[BaseException]) -> None:
    world.registers()
    before = row_counts(world)
    with pytest.raises(fault), world.writes() as unit:
        unit.devices.add(Device("D9", "snspd", "maker", "m", "SN-9"))
        raise fault
    assert row_counts(world) == before


def test_a_fact_that_cannot_be_in_the_ledger_leaves_nothing(world: World) -> None:
    before = row_counts(world)
    with pytest.raises(InputError), world.writes() as unit:
        unit.devices.add_class(DeviceClass("snspd", "detector", ()))
        unit.note("value", math.nan)
    assert row_counts(world) == before


@pytest.mark.parametrize("key", ["rows", "file"])
def test_a_fact_is_noted_once_and_never_as_rows(world: World, key: str) -> None:
    with pytest.raises(InputError, match=f"already says '{key}'"), world.writes() as unit:
        unit.note("file", "x")
        unit.note(key, "y")


def test_a_unit_sees_what_it_has_written(world: World) -> None:
    with world.writes() as unit:
        unit.devices.add_class(DeviceClass("snspd", "detector", ("efficiency",)))
        assert unit.devices.class_by_id("snspd").title == "detector"


def test_as_of_hides_what_was_recorded_later(world: World) -> None:
    world.registers()
    world.calibrates_meter()
    known = world.now
    world.calibrates("D1")
    with world.database.read() as reader:
        sequence = reader.ledger.sequence_at(known)
        assert sequence == 2
        assert reader.ledger.sequence_at(datetime(2000, 1, 1, tzinfo=UTC)) == 0
    with world.database.read(as_of=sequence) as reader:
        assert reader.events.labels() == ("CAL-METER",)
        assert reader.ledger.head().sequence == 2
        assert len(reader.ledger.entries()) == 2
        with pytest.raises(InputError, match="no event called 'CAL-D1'"):
            reader.events.by_label("CAL-D1")
        assert len(reader.events.result_ids()) == 1
    with world.database.read(as_of=0) as reader:
        assert reader.devices.all() == ()
        assert reader.laboratories.all() == ()
        assert reader.links.all() == ()


def test_time_of_recording_needs_a_zone(world: World) -> None:
    with (
        pytest.raises(InputError, match="has no zone"),
        world.database.write(
            recorded_at=datetime(2022, 1, 1),  # noqa: DTZ001 - the fault under test
            actor="ann",
            action="x",
            subject="y",
        ),
    ):
        pass


def test_a_reading_session_cannot_write(world: World) -> None:
    with (
        world.database.read() as reader,
        pytest.raises(RuntimeError, match="reading session"),
    ):
        reader.devices.add_class(DeviceClass("snspd", "detector", ()))
    with pytest.raises(InputError), world.database.read() as reader:
        reader.ledger.entry(7)


def test_nothing_follows_a_damaged_head(world: World, tamper: Tamper) -> None:
    world.registers()
    tamper(world.path, "ledger_entry", "UPDATE ledger_entry SET actor = 'eve'")
    with pytest.raises(IntegrityError), world.writes() as unit:
        unit.devices.add(Device("D9", "snspd", "maker", "m", "SN-9"))


def test_an_empty_unit_is_an_entry_without_rows(world: World) -> None:
    with world.writes("audit", "all") as unit:
        unit.note("faults", 0)
    assert json.loads(unit.entry.content) == {"faults": 0, "rows": {}}


def test_rows_carry_the_sequence_of_their_entry(world: World) -> None:
    world.registers()
    with world.database.read() as reader:
        found = reader.connection.execute(select(DEVICE_CLASS.c.recorded_in)).scalars().all()
    assert found == [1]
