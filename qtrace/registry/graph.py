"""The graph of results, read from the argument table.

Inside: `ancestors`, `descendants`, `network`, `inputs_and_blocks`, `walks`.

Recording order is topological order (`parent_id < result_id`), so that ids sort the graph.
Every query orders its rows: SQLite is free to walk an index otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, literal_column, select

from qtrace.registry.event_rows import block_from, input_from
from qtrace.registry.session import Session
from qtrace.registry.tables import (
    ARGUMENT,
    BLOCK_MEMBER,
    CORRELATION_BLOCK,
    INPUT_QUANTITY,
    MODEL,
    RESULT,
)
from qtrace.uncertainty.inputs import CorrelationBlock, Distribution, InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.random_walk import with_random_walks
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

# SQLite takes 32766 bound values a statement; smaller pieces plan as well.
_PIECE = 5000


def ancestors(connection: Connection, result_ids: Iterable[int]) -> tuple[int, ...]:
    """Return the given results and all results that they depend on, in recording order."""
    return _closure(connection, result_ids, up=True)


def descendants(connection: Connection, result_ids: Iterable[int]) -> tuple[int, ...]:
    """Return the given results and all results that depend on them, in recording order."""
    return _closure(connection, result_ids, up=False)


def network(connection: Connection, result_ids: Iterable[int]) -> Network:
    """Return the network behind results: all ancestors, their inputs and correlation blocks.

    Args:
        connection: Inside a transaction.
        result_ids: Ids of recorded results.

    Returns:
        The network; a block comes whole, with the members that no argument reaches. Blocks of
        random walks are built here, from the times that are reached.
    """
    nodes = ancestors(connection, result_ids)
    arguments: dict[int, list[Argument]] = {}
    reached: set[int] = set()
    for row in _pieces(connection, ARGUMENT, "result_id", nodes):
        arguments.setdefault(row.result_id, []).append(
            Argument(row.name, row.sensitivity, row.parent_id, row.input_id)
        )
        if row.input_id is not None:
            reached.add(row.input_id)
    rows = _pieces(connection, RESULT, "id", nodes)
    models = _models(connection, {row.model_id for row in rows})
    results = {
        row.id: Result(row.id, row.value, models[row.model_id], tuple(arguments.get(row.id, ())))
        for row in rows
    }
    inputs, blocks = inputs_and_blocks(connection, reached)
    return with_random_walks(Network(results=results, inputs=inputs, blocks=blocks))


def inputs_and_blocks(
    connection: Connection, input_ids: Iterable[int]
) -> tuple[dict[int, InputQuantity], tuple[CorrelationBlock, ...]]:
    """Return input quantities by id, with the blocks that they are in and those blocks' members."""
    wanted = set(input_ids)
    touching = _pieces(connection, BLOCK_MEMBER, "input_id", sorted(wanted))
    block_ids = sorted({row.block_id for row in touching})
    members: dict[int, list[int]] = {}
    for row in _pieces(connection, BLOCK_MEMBER, "block_id", block_ids):
        members.setdefault(row.block_id, []).append(row.input_id)
        wanted.add(row.input_id)
    blocks = tuple(
        block_from(row, tuple(members[row.id]))
        for row in _pieces(connection, CORRELATION_BLOCK, "id", block_ids)
    )
    rows = _pieces(connection, INPUT_QUANTITY, "id", sorted(wanted))
    return {row.id: input_from(row) for row in rows}, blocks


def walks(session: Session) -> dict[int, InputQuantity]:
    """Return all inputs that say where a random walk stands, by id."""
    query = (
        select(INPUT_QUANTITY)
        .where(
            session.visible(INPUT_QUANTITY),
            INPUT_QUANTITY.c.distribution == literal_column(f"'{Distribution.RANDOM_WALK.value}'"),
        )
        .order_by(INPUT_QUANTITY.c.id)
    )
    return {row.id: input_from(row) for row in session.connection.execute(query)}


def _closure(connection: Connection, result_ids: Iterable[int], *, up: bool) -> tuple[int, ...]:
    found: set[int] = set()
    start = sorted(set(result_ids))
    near, far = (
        (ARGUMENT.c.result_id, ARGUMENT.c.parent_id)
        if up
        else (ARGUMENT.c.parent_id, ARGUMENT.c.result_id)
    )
    for position in range(0, len(start), _PIECE):
        roots = select(RESULT.c.id).where(RESULT.c.id.in_(start[position : position + _PIECE]))
        reached = roots.cte("reached", recursive=True)
        # UNION, not UNION ALL: a node reached twice is walked once.
        reached = reached.union(
            select(far).join(reached, near == reached.c.id).where(far.is_not(None))
        )
        rows = connection.execute(select(reached.c.id).order_by(reached.c.id))
        found.update(row[0] for row in rows)
    return tuple(sorted(found))


def _pieces(
    connection: Connection, table: Table, column: str, keys: Sequence[int]
) -> list[Row[Any]]:
    """Return the rows whose column is among sorted keys, ordered by the primary key."""
    rows: list[Row[Any]] = []
    for position in range(0, len(keys), _PIECE):
        query = (
            select(table)
            .where(table.c[column].in_(keys[position : position + _PIECE]))
            .order_by(*table.primary_key.columns)
        )
        rows.extend(connection.execute(query))
    return rows


def _models(connection: Connection, model_ids: Iterable[int]) -> dict[int, Model]:
    return {
        row.id: Model(ModelKind(row.kind), row.text, row.version)
        for row in _pieces(connection, MODEL, "id", sorted(model_ids))
    }
