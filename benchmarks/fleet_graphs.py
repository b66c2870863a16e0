"""The graphs of the fleet benchmark, and a registry filled with one of them.

Inside: `Graph`, `make_graph`, `fill`, `peer_lines`.

Result i is 0.4 p + 0.3 q + 0.3 r, or 0.3 p q + 0.3 r + 0.4, of three earlier results, plus an
own independent input; all estimates are 1, so both forms have known sensitivities. In the
random graph parents are drawn from all earlier results, in the hierarchy from the first tenth
of them (from the 20 roots at least).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, insert

from qtrace.registry.database import Database
from qtrace.registry.tables import (
    ARGUMENT,
    DEVICE,
    DEVICE_CLASS,
    EVENT,
    INPUT_QUANTITY,
    LABORATORY,
    MEASURAND,
    MODEL,
    RESULT,
)

ROOTS = 20
SEED = 20_220_501
PIECE = 50_000
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = '["transmittance"]'
TIME = "2025-12-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Graph:
    """Parents of each result, -1 at the roots; which are products; u of the own input."""

    title: str
    parents: NDArray[np.int64]
    products: NDArray[np.bool_]
    u: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of results."""
        return len(self.u)

    def weights(self, place: int) -> tuple[float, float, float]:
        """Return the sensitivities to the three parents, at estimates of 1."""
        return (0.3, 0.3, 0.3) if self.products[place] else (0.4, 0.3, 0.3)


def make_graph(kind: str, size: int) -> Graph:
    """Return the random graph or the hierarchy of a size.

    Args:
        kind: "random" or "hierarchy".
        size: Number of results.
    """
    generator = np.random.default_rng(SEED)
    place = np.arange(size)
    reach = place if kind == "random" else np.maximum(place // 10, np.minimum(place, ROOTS))
    parents = (generator.random((size, 3)) * reach[:, None]).astype(np.int64)
    parents[:ROOTS] = -1
    return Graph(
        f"{kind} of {size}",
        parents,
        generator.random(size) < 0.5,
        generator.uniform(0.5e-3, 2e-3, size),
    )


def fill(graph: Graph, path: Path) -> Database:
    """Make a registry and fill it in bulk; its ledger entry does not sum the rows up.

    Recording through the product writes a digest of every row into the ledger. Here a million
    made-up results are put in by the tables alone: never audit such a file.
    """
    database = Database.open(str(path), create=True)
    with database.write(
        recorded_at=RECORDED, actor="benchmark", action="fill", subject=graph.title
    ) as unit:
        recorded = {"recorded_in": unit.sequence}
        driver = unit.connection.connection.driver_connection
        if driver is None:
            raise RuntimeError("the connection is closed")
        for table, rows in _tables(graph):
            while piece := [
                {**one, **recorded} for _, one in zip(range(PIECE), rows, strict=False)
            ]:
                # Compiled, columns stand in the order of the table.
                order = [column.name for column in table.columns if column.name in piece[0]]
                statement = str(insert(table).values(piece[0]).compile(unit.connection))
                driver.executemany(statement, [tuple(one[k] for k in order) for one in piece])
    return database


def _tables(graph: Graph) -> Iterator[tuple[Table, Iterator[dict[str, object]]]]:
    places = range(1, graph.size + 1)
    devices = max(1, graph.size // 10)
    yield (
        DEVICE_CLASS,
        iter([{"class_id": "bench", "title": "t", "kinds_json": KINDS, "roles_json": "[]"}]),
    )
    yield LABORATORY, iter([{"laboratory_id": "BENCH", "name": "b", "country": "XX"}])
    yield DEVICE, (_device(k) for k in range(1, devices + 1))
    yield EVENT, (_event(k, (k - 1) % devices + 1) for k in places)
    yield MODEL, iter([{"id": 1, "kind": "linear", "text": "", "version": ""}])
    yield MEASURAND, iter([{"id": 1, "kind": "transmittance", "conditions_json": "{}"}])
    yield RESULT, (_result(k) for k in places)
    yield INPUT_QUANTITY, (_input(k, float(graph.u[k - 1])) for k in places)
    yield ARGUMENT, (line for k in range(graph.size) for line in _arguments(graph, k))


def _device(k: int) -> dict[str, object]:
    names = {"manufacturer": "m", "model": "m", "serial": f"S{k}", "firmware": "", "notes": ""}
    return {"id": k, "device_id": f"DEV-{k}", "class_id": "bench", **names}


def _event(k: int, device: int) -> dict[str, object]:
    texts = {"route": "in_house", "procedure": "p", "validation": "v", "source": ""}
    return {
        "id": k,
        "label": f"E-{k}",
        "kind": "calibration",
        "device_id": f"DEV-{device}",
        "laboratory_id": "BENCH",
        "performed_at": TIME,
        "state": "as_left",
        **texts,
        "flags_json": "[]",
        "document_digest": "",
    }


def _result(k: int) -> dict[str, object]:
    return {
        "id": k,
        "event_id": k,
        "name": "x",
        "measurand_id": 1,
        "model_id": 1,
        "value": 1.0,
        "unit": "1",
        "standard_uncertainty": 1e-3,
        "form": "estimate",
        "interval_method": "",
        "flags_json": "[]",
    }


def _input(k: int, u: float) -> dict[str, object]:
    return {
        "id": k,
        "event_id": k,
        "name": "own",
        "estimate": 0.0,
        "standard_uncertainty": u,
        "unit": "1",
        "distribution": "normal",
        "evaluation": "B",
        "text": "",
        "flags_json": "[]",
        "parameters_json": "[]",
    }


def _arguments(graph: Graph, place: int) -> Iterator[dict[str, object]]:
    result = place + 1
    blank = {"result_id": result, "parent_id": None, "input_id": None}
    own = {**blank, "position": 0, "name": "own", "input_id": result, "sensitivity": 1.0}
    yield own
    if graph.parents[place, 0] >= 0:
        weights = graph.weights(place)
        for k in range(3):
            parent = int(graph.parents[place, k]) + 1
            yield {
                **blank,
                "position": k + 1,
                "name": f"p{k}",
                "parent_id": parent,
                "sensitivity": weights[k],
            }
