# ruff: noqa: S608 - statements are built from the names of our own tables
"""A column that a later migration adds: old files are brought up to date, old digests hold."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine

from qtrace.errors import InputError, SetupError
from qtrace.registry import migration
from qtrace.registry.database import Database
from qtrace.registry.row_digests import row_text, stored_rows
from qtrace.registry.tables import APPEND_ONLY, INPUT_QUANTITY
from qtrace.registry.verification import verify_rows
from qtrace.uncertainty.distributions import (
    beta_proportion,
    curvilinear_trapezoid,
    exponential,
    gamma_counts,
    trapezoidal,
    truncated_normal,
)
from qtrace.uncertainty.inputs import Distribution, InputQuantity

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World


ADDED_TABLES = {"recall", "decision_event", "run_plan", "baseline"}  # by 0003, 0005, 0007
# Columns that migrations added; the world of the tests leaves them at their defaults.
LATER = {
    "input_quantity": {"parameters_json"},
    "result": {"state"},
    "competence": {"conditions_json"},
    "run": {
        "protocol",
        "choices_json",
        "moments_json",
        "assumptions_json",
        "ideal_because_json",
        "plan_id",
        "status",
        "files_json",
    },
}


def first_schema(path: Path) -> None:
    """Make an empty registry as the first version of the schema had it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migration._config(connection), "0001")
    engine.dispose()


@pytest.fixture
def old_file(world: World, tmp_path: Path) -> Path:
    """A registry of the first schema with rows in every table, its ledger untouched."""
    world.everything(recalls=False)
    path = tmp_path / "old.sqlite"
    first_schema(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS new", (str(world.path),))
        for table in APPEND_ONLY:
            if table.name in ADDED_TABLES:
                continue
            known = connection.execute(f"PRAGMA main.table_info({table.name})").fetchall()
            columns = ", ".join(row[1] for row in known)
            connection.execute(
                f"INSERT INTO main.{table.name} ({columns}) SELECT {columns} FROM new.{table.name}"
            )
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_old_registry_is_brought_up_to_date_and_passes_its_audit(old_file: Path) -> None:
    with pytest.raises(SetupError, match="out of date: 1, wanted 7"):
        Database.open(str(old_file))
    database = Database.open(str(old_file), create=True)
    assert version(old_file) == 7
    with database.read() as reader:
        assert verify_rows(reader.connection) == []
        inputs = reader.events.inputs_of("CAL-D1")
    assert [one.parameters for one in inputs] == [(), (), ()]


def test_old_rows_are_digested_as_the_first_schema_did(old_file: Path) -> None:
    """The text of a row as version 1 wrote it, word for word."""
    with Database.open(str(old_file), create=True).read() as reader:
        first = row_text(next(iter(stored_rows(reader.connection, INPUT_QUANTITY))))
    assert first == (
        '{"degrees_of_freedom":1,"distribution":"normal","estimate":1.01375,"evaluation":"B",'
        '"event_id":1,"flags_json":"[]","id":1,"name":"cf","recorded_in":3,'
        '"standard_uncertainty":0.0014,"text":"","unit":"1"}'
    )


def test_the_migration_drops_no_trigger(old_file: Path) -> None:
    Database.open(str(old_file), create=True)
    with (
        closing(sqlite3.connect(old_file, isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="UPDATE refused"),
    ):
        connection.execute("UPDATE input_quantity SET parameters_json = '[1.0]'")


def quantities(world: World) -> list[InputQuantity]:
    """Return one input quantity of each distribution with parameters, an open bound among them."""
    assigned = {
        "t": trapezoidal(1.0, 0.3, top_half_width=0.1),
        "c": curvilinear_trapezoid(1.0, 0.3, half_width_uncertainty=0.05),
        "e": exponential(0.98, bound=1.0),
        "g": gamma_counts(0, exposure=250.0),
        "b": beta_proportion(3, 100),
        "n": truncated_normal(0.99, 0.02, upper=1.0),
    }
    recorded = [
        world.quantity(
            name,
            one.estimate,
            one.standard_uncertainty,
            distribution=one.distribution,
            parameters=one.parameters,
        )
        for name, one in assigned.items()
    ]
    return [*recorded, world.quantity("x", 1.0, 0.1)]


def recorded_parameters(world: World) -> dict[str, tuple[float, ...]]:
    with world.database.read() as reader:
        return {one.name: one.parameters for one in reader.events.inputs_of("E")}


def test_parameters_come_back_bit_for_bit(world: World) -> None:
    world.registers()
    inputs = quantities(world)
    with world.writes("calibrate", "E") as unit:
        unit.events.record(world.event("E"), inputs)
    assert recorded_parameters(world) == {one.name: one.parameters for one in inputs}
    assert recorded_parameters(world)["n"][2] == -math.inf
    with world.database.read() as reader:
        assert verify_rows(reader.connection) == []


@pytest.mark.parametrize("content", ["[]", "[0.5]", "x"])
def test_changed_parameters_are_found(world: World, tamper: Tamper, content: str) -> None:
    """Setting them back to the default must not make the row look older than it is."""
    world.registers()
    with world.writes("calibrate", "E") as unit:
        unit.events.record(world.event("E"), quantities(world))
    change = f"UPDATE input_quantity SET parameters_json = '{content}' WHERE name = 'g'"
    tamper(world.path, "input_quantity", change)
    with world.database.read() as reader:
        (fault,) = verify_rows(reader.connection)
    assert (fault.table, fault.what) == (
        "input_quantity",
        "a row was changed after it was recorded",
    )


def test_a_default_of_another_type_is_no_default(full_world: World, tamper: Tamper) -> None:
    change = "UPDATE input_quantity SET parameters_json = x'5b5d' WHERE id = 1"
    tamper(full_world.path, "input_quantity", change)
    with full_world.database.read() as reader:
        assert [one.table for one in verify_rows(reader.connection)] == ["input_quantity"]


def test_parameters_that_belong_to_no_such_quantity_are_not_recorded(world: World) -> None:
    world.registers()
    wrong = world.quantity("g", 1.0, 1.0, distribution=Distribution.GAMMA, parameters=(1.0, 0.5))
    with pytest.raises(InputError, match="mean an estimate of 2") as caught, world.writes() as unit:
        unit.events.record(world.event("E"), [wrong])
    assert "input g" in caught.value.where


def test_a_column_without_default_is_always_digested(full_world: World) -> None:
    """Only what a later migration added may be left out."""

    def columns(connection: Connection, name: str) -> set[str]:
        table = next(one for one in APPEND_ONLY if one.name == name)
        return set(next(iter(stored_rows(connection, table))))

    with full_world.database.read() as reader:
        for table in APPEND_ONLY:
            later = LATER.get(table.name, set())
            every = {column.name for column in table.columns}
            assert columns(reader.connection, table.name) == every - later
