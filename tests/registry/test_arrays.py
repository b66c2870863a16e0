"""All results as arrays: the same as the recursive query, at any time, with or without a file."""

from __future__ import annotations

import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qtrace.errors import IntegrityError
from qtrace.registry import array_cache
from qtrace.registry.array_cache import cache_path, fleet_at
from qtrace.registry.arrays import load_fleet
from qtrace.registry.session import Session
from qtrace.uncertainty.fleet import FleetArrays, check_fleet, fleet_of
from qtrace.uncertainty.network import covariance, standard_uncertainty
from qtrace.uncertainty.set_figures import set_covariance, set_figures

if TYPE_CHECKING:
    from tests.registry.conftest import Tamper, World

# What a network does not know: which event owns a row, and what was stored as u.
OF_THE_TABLES = frozenset({"result_events", "input_events", "result_uncertainties"})


def assert_same(one: FleetArrays, other: FleetArrays, but: frozenset[str] = frozenset()) -> None:
    for column in fields(FleetArrays):
        if column.name not in but:
            np.testing.assert_array_equal(
                getattr(one, column.name), getattr(other, column.name), column.name
            )


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a file however few results there are."""
    monkeypatch.setattr(array_cache, "CACHE_FROM", 0)


def calibrated(world: World) -> World:
    world.registers()
    world.calibrates_meter()
    world.calibrates("D1")
    world.calibrates("D2")
    return world


def test_arrays_are_the_network_of_the_recursive_query(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        ids = reader.events.result_ids()
        network = reader.network(ids)
        fleet = load_fleet(reader.connection)
    assert_same(fleet, fleet_of(network), OF_THE_TABLES)
    assert fleet.result_uncertainties[2] == 0.003515164919
    figures = set_figures(fleet, np.arange(fleet.size))
    expected = [standard_uncertainty(network, one) for one in ids]
    np.testing.assert_allclose(figures.uncertainties, expected, rtol=1e-12)
    np.testing.assert_allclose(
        set_covariance(fleet, np.arange(fleet.size)), covariance(network, ids), rtol=1e-12
    )


def test_events_of_rows_are_those_that_own_them(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        fleet = load_fleet(reader.connection)
        meter, d1, d2 = (reader.events.by_label(f"CAL-{k}").event_id for k in ("METER", "D1", "D2"))
    assert fleet.result_events.tolist() == [meter, d1, d1, d2, d2]
    assert fleet.input_events.tolist() == [meter, *[d1] * 3, *[d2] * 3]


def test_the_order_of_rows_is_asked_for_and_never_left_to_sqlite(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        straight = load_fleet(reader.connection)
        reader.connection.exec_driver_sql("PRAGMA reverse_unordered_selects = ON")
        assert_same(load_fleet(reader.connection), straight)


def test_as_of_hides_what_came_later(world: World) -> None:
    world.registers()
    world.calibrates_meter()
    world.calibrates("D1")
    with world.database.read() as reader:
        head = reader.ledger.head()
        before = load_fleet(reader.connection)
    assert head is not None
    world.calibrates("D2")
    with world.database.read(as_of=head.sequence) as reader:
        assert_same(reader.fleet(), before)
    with world.database.read() as reader:
        assert reader.fleet().size == before.size + 2
    with world.database.read(as_of=0) as reader:
        assert reader.fleet().size == 0


@pytest.mark.usefixtures("small_files")
def test_the_file_is_used_extended_and_cut_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.registers()
    world.calibrates_meter()
    world.calibrates("D1")
    with world.database.read() as reader:
        early, head = reader.fleet(), reader.ledger.head()
    assert cache_path(world.path).exists()
    assert head is not None
    world.calibrates("D2")

    def refuse(*_args: object) -> FleetArrays:
        raise AssertionError("the tables were read as a whole")

    with world.database.read() as reader:
        expected = load_fleet(reader.connection)
        monkeypatch.setattr(array_cache, "load_fleet", refuse)
        assert_same(reader.fleet(), expected)  # appended to what the file holds
    with world.database.read() as reader:
        monkeypatch.setattr(array_cache, "extend_fleet", refuse)
        assert_same(reader.fleet(), expected)  # and written
    with world.database.read(as_of=head.sequence) as reader:
        assert_same(reader.fleet(), early)


def spoil(path: Path, how: str, other: Path) -> None:
    """Damage the file of the arrays in one way."""
    data = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "no archive":
        path.write_bytes(b"no archive at all" * 100)
    elif how == "of another database":
        shutil.copy(cache_path(other), path)
    else:
        with np.load(path) as file:
            arrays = dict(file)
        if how == "a bit turned":
            place = data.index(arrays["values"].tobytes())
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            return
        if how == "an array missing":
            del arrays["values"]
        elif how == "a length wrong":
            arrays["values"] = arrays["values"][:-1]
        elif how == "a parent after its child":
            arrays["parents"] = arrays["parents"] + 2
        elif how == "an index outside":
            arrays["inputs"] = arrays["inputs"] + 100
        elif how == "another form":
            arrays["key"] = np.array(["0", *arrays["key"][1:]])
        elif how == "another head":
            arrays["key"] = np.array([*arrays["key"][:2], "00" * 32])
        elif how == "objects":
            arrays["values"] = np.array([object()] * len(arrays["values"]))
        np.savez(path, **arrays)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize(
    "how",
    [
        "empty",
        "truncated",
        "no archive",
        "of another database",
        "a bit turned",
        "an array missing",
        "a length wrong",
        "a parent after its child",
        "an index outside",
        "another form",
        "another head",
        "objects",
    ],
)
def test_a_wrong_file_is_left_aside_and_written_anew(
    world: World, full_world: World, how: str
) -> None:
    calibrated(world)
    with full_world.database.read() as reader:
        reader.fleet()
    with world.database.read() as reader:
        expected = reader.fleet()
    spoil(cache_path(world.path), how, full_world.path)
    for _ in range(2):
        with world.database.read() as reader:
            assert_same(reader.fleet(), expected)
    with np.load(cache_path(world.path)) as file:
        np.testing.assert_array_equal(file["values"], expected.values)
    assert not list(world.path.parent.glob("*.part"))


def test_small_registers_keep_no_file(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        reader.fleet()
    assert not cache_path(world.path).exists()


@pytest.mark.usefixtures("small_files")
def test_a_folder_that_cannot_be_written_is_no_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrated(world)

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with world.database.read() as reader:
        assert reader.fleet().size == 5
    assert not list(world.path.parent.glob("*npz*"))


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("argument", "UPDATE argument SET sensitivity = 'many'", "a stored number is none"),
        ("argument", "UPDATE argument SET parent_id = 77 WHERE parent_id = 1", "77"),
        ("correlation_block", "UPDATE correlation_block SET kind = 'odd'", "block is damaged"),
        ("correlation_block", "UPDATE correlation_block SET correlation_json = '[1'", "damaged"),
        ("correlation_block", "UPDATE correlation_block SET correlation_json = '[1]'", "not fit"),
    ],
)
def test_damaged_rows_are_named(
    world: World, tamper: Tamper, table: str, statement: str, said: str
) -> None:
    calibrated(world)
    tamper(world.path, table, "PRAGMA ignore_check_constraints = ON", statement)
    with world.database.read() as reader, pytest.raises(IntegrityError, match=said):
        load_fleet(reader.connection)


def test_arrays_that_do_not_fit_are_refused(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        fleet = load_fleet(reader.connection)
    for changes, said in (
        ({"values": fleet.values[:2]}, "values has 2 places"),
        ({"parents": fleet.parents.astype(np.int32)}, "type int32"),
        ({"result_ids": fleet.result_ids[::-1].copy()}, "order of recording"),
        ({"block_of": np.full_like(fleet.block_of, -1)}, "do not name each other"),
        ({"members": np.zeros_like(fleet.members)}, "two correlation blocks"),
        ({"block_kinds": fleet.block_kinds + 5}, "kind that is not known"),
        ({"coefficients": fleet.coefficients[:-1]}, "not whole"),
        ({"parent_start": fleet.parent_start[::-1].copy()}, "side by side"),
    ):
        with pytest.raises(IntegrityError, match=said):
            check_fleet(replace(fleet, **changes))


def test_the_session_alone_is_enough(world: World) -> None:
    calibrated(world)
    with world.database.read() as reader:
        assert fleet_at(Session(reader.connection)).size == 5
