from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtrace.laboratory.event import Event, EventKind
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.registry import graph
from qtrace.registry.database import Database
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock
from qtrace.uncertainty.network import ancestors as ancestors_in_memory
from qtrace.uncertainty.network import covariance
from qtrace.uncertainty.results import Argument, Model, ModelKind

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_the_network_is_what_was_recorded(world: World) -> None:
    world.registers()
    meter = world.calibrates_meter()
    d1 = world.calibrates("D1")
    world.calibrates("D2")
    target = d1.result_ids["system_detection_efficiency"]
    with world.database.read() as reader:
        network = reader.network([target])
        labels = {reader.events.input_owner([i])[i] for i in network.inputs}

    # D2 shares the meter but is no ancestor.
    assert list(network.results) == [meter.result_ids["factor"], *d1.result_ids.values()]
    assert labels == {("CAL-METER", "cf"), *(("CAL-D1", n) for n in ("counts", "dark", "power"))}
    efficiency = network.results[target]
    assert efficiency.value == 0.9377851731506629
    assert efficiency.model == Model(ModelKind.EXPRESSION, "(counts - dark) / photon_rate")
    assert efficiency.arguments == (
        Argument("counts", 4e-6, input_id=d1.input_ids["counts"]),
        Argument("dark", -4e-6, input_id=d1.input_ids["dark"]),
        Argument("photon_rate", -3.9e-6, parent_id=d1.result_ids["photon_rate"]),
    )
    (block,) = network.blocks
    assert block.input_ids == (d1.input_ids["dark"], d1.input_ids["counts"])
    np.testing.assert_array_equal(block.correlation, world.correlated)


def test_a_shared_meter_correlates_two_detectors(world: World) -> None:
    """By hand: both rates hang on the meter with 2.4e5 each; u of the factor is 0.0014."""
    world.registers()
    world.calibrates_meter()
    rates = [world.calibrates(name).result_ids["photon_rate"] for name in ("D1", "D2")]
    with world.database.read() as reader:
        matrix = covariance(reader.network(rates), rates)
    shared = (2.4e5 * 0.0014) ** 2
    own = (2.4e14 * 1e-12) ** 2
    # Exact but for the rounding of a few products.
    np.testing.assert_allclose(matrix, [[shared + own, shared], [shared, shared + own]], rtol=1e-12)


def test_a_block_comes_whole_where_one_member_is_reached(world: World) -> None:
    world.registers()
    world.calibrates_meter()
    with world.writes() as unit:
        recorded = unit.events.record(
            world.event("E"),
            [world.quantity("a"), world.quantity("b")],
            [_block(world)],
            [world.result("r", NewArgument("a", 1.0, input_name="a"))],
        )
    with world.database.read() as reader:
        network = reader.network([recorded.result_ids["r"]])
    assert set(network.inputs) == set(recorded.input_ids.values())


def _block(world: World) -> CorrelationBlock:
    return CorrelationBlock(0, BlockKind.DECLARED, (1, 2), world.correlated, world.correlated)


def test_the_order_of_rows_is_asked_for_and_never_left_to_sqlite(world: World) -> None:
    """SQLite turns round every order that a query does not state."""
    world.registers()
    world.calibrates_meter()
    ids = list(world.calibrates("D1").result_ids.values())
    with world.database.read() as reader:
        seen = []
        for switch in ("OFF", "ON"):
            reader.connection.exec_driver_sql(f"PRAGMA reverse_unordered_selects = {switch}")
            network = reader.network(ids)
            seen.append(
                (
                    [repr(result) for result in network.results.values()],
                    list(network.inputs),
                    [block.input_ids for block in network.blocks],
                    reader.events.ancestors(ids),
                    reader.events.labels(),
                    reader.events.all(),
                    reader.events.inputs_of("CAL-D1"),
                    reader.events.results_of("CAL-D1"),
                    reader.devices.all(),
                    reader.laboratories.all(),
                    [entry.sequence for entry in reader.ledger.entries()],
                )
            )
    assert seen[0] == seen[1]


def test_no_results_make_an_empty_network(world: World) -> None:
    with world.database.read() as reader:
        network = reader.network([])
        unknown = reader.network([99])
    assert (dict(network.results), dict(network.inputs), network.blocks) == ({}, {}, ())
    assert dict(unknown.results) == {}


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    """Parents of each result, as positions of earlier results."""
    size = draw(st.integers(1, 12))
    return [
        draw(st.lists(st.integers(0, node - 1), unique=True, max_size=4)) if node else []
        for node in range(size)
    ]


@given(parents=graphs(), data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_query_and_the_sweep_in_memory_find_the_same_ancestors(
    empty_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    parents: list[list[int]],
    data: st.DataObject,
) -> None:
    path = tmp_path_factory.mktemp("graph") / "r.sqlite"
    path.write_bytes(empty_file.read_bytes())
    database = Database.open(str(path))
    ids = record_graph(database, parents)
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
    with database.read() as reader:
        whole = reader.network(ids)
        found = graph.ancestors(reader.connection, chosen)
        below = graph.descendants(reader.connection, chosen)
        assert list(found) == ancestors_in_memory(whole, chosen)
        assert list(reader.network(chosen).results) == list(found)
    # A result is below another exactly if the other is among its ancestors.
    assert set(below) == {
        node for node in ids if set(chosen) & set(ancestors_in_memory(whole, [node]))
    }


def record_graph(database: Database, parents: list[list[int]]) -> list[int]:
    moment = datetime(2022, 1, 1, tzinfo=UTC)
    results = [
        NewResult(
            f"r{node}",
            Measurand("transmittance"),
            Model(ModelKind.LINEAR),
            1.0,
            "1",
            0.0,
            tuple(
                NewArgument(f"r{parent}", 1.0, own_result_name=f"r{parent}")
                for parent in parents_of
            ),
        )
        for node, parents_of in enumerate(parents)
    ]
    with database.write(recorded_at=moment, actor="a", action="b", subject="c") as unit:
        event = Event(0, "E", EventKind.STATEMENT, "", "", moment)
        recorded = unit.events.record(event, results=results)
    return list(recorded.result_ids.values())


def test_long_lists_are_read_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.registers()
    world.calibrates_meter()
    ids = [i for name in ("D1", "D2") for i in world.calibrates(name).result_ids.values()]
    with world.database.read() as reader:
        whole = reader.network(ids)
        monkeypatch.setattr(graph, "_PIECE", 1)
        piecewise = reader.network(ids)
    assert piecewise.results == whole.results
    assert piecewise.inputs == whole.inputs
    assert [block.input_ids for block in piecewise.blocks] == [b.input_ids for b in whole.blocks]


@pytest.mark.parametrize("depth", [3000])
def test_a_long_chain_is_walked_without_recursion(world: World, depth: int) -> None:
    ids = record_graph(world.database, [[], *([node] for node in range(depth - 1))])
    with world.database.read() as reader:
        assert reader.events.ancestors(ids[-1:]) == tuple(ids)
