"""The whole graph of results as arrays, read in bulk by the driver's cursor.

Inside: `load_fleet`, `extend_fleet`, `first_part`, `labels_of`.

Every query says its order: SQLite is free to walk an index otherwise, and arrays would be
silently wrong. Rows are appended and ids given in the order of ledger entries, so what was
known at an entry is a first part of each array, and what came later is appended to it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from qtrace.errors import IntegrityError
from qtrace.registry.tables import EVENT, RESULT
from qtrace.uncertainty.fleet import (
    BLOCK_KINDS,
    FleetArrays,
    Integers,
    Numbers,
    check_fleet,
    row_starts,
    rows_of,
)
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import AUDIT

# SQLite takes 32766 bound values a statement.
_PIECE = 5000
_RESULTS = "SELECT id, event_id, value, standard_uncertainty FROM result {} ORDER BY id"
# A parent is above 0, an input below: one number fewer to hand over for each argument.
_ARGUMENTS = (
    "SELECT result_id, ifnull(parent_id, -input_id), sensitivity FROM argument {} "
    "ORDER BY result_id, position"
)
_INPUTS = (
    "SELECT id, event_id, estimate, standard_uncertainty, ifnull(degrees_of_freedom, 9e999) "
    "FROM input_quantity {} ORDER BY id"
)
_BLOCKS = (
    "SELECT id, kind, ifnull(degrees_of_freedom, 9e999), correlation_json "
    "FROM correlation_block {} ORDER BY id"
)
_MEMBERS = "SELECT block_id, input_id FROM block_member {} ORDER BY block_id, position"


@dataclass(frozen=True, slots=True)
class _Span:
    """Ledger entries whose rows are wanted: after the first, up to the last (None: all)."""

    after: int = 0
    until: int | None = None

    def where(self) -> str:
        """Return the condition of a query; numbers of ours only."""
        parts = [f"recorded_in > {self.after:d}"] if self.after else []
        if self.until is not None:
            parts.append(f"recorded_in <= {self.until:d}")
        return f"WHERE {' AND '.join(parts)}" if parts else ""


def load_fleet(connection: Connection, as_of: int | None = None) -> FleetArrays:
    """Return all results known at a ledger entry as arrays, read from the tables.

    Args:
        connection: Inside a transaction.
        as_of: Sequence of the last ledger entry that counts; all where None.

    Raises:
        IntegrityError: rows are missing or damaged.
    """
    fleet = _read(connection, _Span(0, as_of), None)
    check_fleet(fleet)
    return fleet


def extend_fleet(
    connection: Connection, known: FleetArrays, *, after: int, until: int | None
) -> FleetArrays:
    """Return arrays with what later ledger entries recorded appended.

    Args:
        connection: Inside a transaction.
        known: The arrays as of entry `after`.
        after: Sequence of that entry.
        until: Sequence of the last entry that counts; all where None.

    Raises:
        IntegrityError: rows are missing or damaged.
    """
    fleet = _read(connection, _Span(after, until), known)
    check_fleet(fleet)
    return fleet


def _read(connection: Connection, span: _Span, known: FleetArrays | None) -> FleetArrays:
    cursor = connection.connection.cursor()
    where = span.where()
    try:
        results = _table(cursor.execute(_RESULTS.format(where)), 4)
        inputs = _table(cursor.execute(_INPUTS.format(where)), 5)
        arguments = _table(cursor.execute(_ARGUMENTS.format(where)), 3)
        blocks = cursor.execute(_BLOCKS.format(where)).fetchall()
        members = _table(cursor.execute(_MEMBERS.format(where)), 2)
    except (ValueError, TypeError, OverflowError, sqlite3.DataError) as error:
        raise IntegrityError(
            f"a stored number is none: {error}",
            where="result, input_quantity, argument or block_member",
            next_step=AUDIT,
        ) from error
    finally:
        cursor.close()
    old = _nothing() if known is None else known
    result_ids = np.concatenate((old.result_ids, _integers(results[:, 0])))
    input_ids = np.concatenate((old.input_ids, _integers(inputs[:, 0])))
    return FleetArrays(
        result_ids=result_ids,
        result_events=np.concatenate((old.result_events, _integers(results[:, 1]))),
        values=np.concatenate((old.values, results[:, 2])),
        result_uncertainties=np.concatenate((old.result_uncertainties, results[:, 3])),
        input_ids=input_ids,
        input_events=np.concatenate((old.input_events, _integers(inputs[:, 1]))),
        estimates=np.concatenate((old.estimates, inputs[:, 2])),
        standard_uncertainties=np.concatenate((old.standard_uncertainties, inputs[:, 3])),
        degrees_of_freedom=np.concatenate((old.degrees_of_freedom, inputs[:, 4])),
        **_argument_arrays(arguments, result_ids, input_ids, old=old),
        **_block_arrays(blocks, members, input_ids, old=old),
    )


def _table(cursor: Iterable[tuple[Any, ...]], width: int) -> Numbers:
    """Return rows as numbers, shape (n, width); ids up to 2^53 are exact."""
    return np.fromiter(chain.from_iterable(cursor), dtype=np.float64).reshape(-1, width)


def _integers(numbers: Numbers) -> Integers:
    return numbers.astype(np.int64)


def _argument_arrays(
    arguments: Numbers, result_ids: Integers, input_ids: Integers, *, old: FleetArrays
) -> dict[str, Any]:
    """Return start, place and sensitivity of the arguments that are results, then inputs."""
    new = result_ids[old.size :]
    owners = rows_of(new, _integers(arguments[:, 0]), "result")
    sources = _integers(arguments[:, 1])
    answer: dict[str, Any] = {}
    for ids, signed, names in (
        (result_ids, sources, ("parent_start", "parents", "parent_weights")),
        (input_ids, -sources, ("input_start", "inputs", "input_weights")),
    ):
        mine = signed > 0
        starts = row_starts(owners[mine], len(new))[1:]
        start, places, weights = (getattr(old, name) for name in names)
        found = rows_of(ids, signed[mine], "result or input")
        for name, before, after in (
            (names[0], start, start[-1] + starts),
            (names[1], places, found),
            (names[2], weights, arguments[mine, 2]),
        ):
            answer[name] = np.concatenate((before, after))
    return answer


def _block_arrays(
    blocks: list[tuple[Any, ...]], members: Numbers, input_ids: Integers, *, old: FleetArrays
) -> dict[str, Any]:
    """Return block of each input; ids, kinds, degrees, start, members, matrices of blocks."""
    ids = np.array([row[0] for row in blocks], dtype=np.int64)
    try:
        kinds = np.array([BLOCK_KINDS.index(BlockKind(row[1])) for row in blocks], dtype=np.int64)
        matrices = [np.asarray(json.loads(row[3]), dtype=np.float64).ravel() for row in blocks]
        degrees = np.array([row[2] for row in blocks], dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise IntegrityError(f"a correlation block is damaged: {error}", next_step=AUDIT) from error
    owners = rows_of(ids, _integers(members[:, 0]), "correlation block")
    counts = np.diff(row_starts(owners, len(ids)))
    sizes = np.array([len(one) for one in matrices], dtype=np.int64)
    block_ids = np.concatenate((old.block_ids, ids))
    start = np.concatenate((old.block_start, old.block_start[-1] + np.cumsum(counts)))
    inside = rows_of(input_ids, _integers(members[:, 1]), "input")
    places = np.concatenate((old.members, inside))
    block_of = np.full(len(input_ids), -1, dtype=np.int64)
    block_of[places] = np.repeat(np.arange(len(block_ids)), np.diff(start))
    return {
        "block_of": block_of,
        "block_ids": block_ids,
        "block_kinds": np.concatenate((old.block_kinds, kinds)),
        "block_degrees": np.concatenate((old.block_degrees, degrees)),
        "block_start": start,
        "members": places,
        "matrix_start": np.concatenate((old.matrix_start, old.matrix_start[-1] + np.cumsum(sizes))),
        "coefficients": np.concatenate((old.coefficients, *matrices)),
    }


def _nothing() -> FleetArrays:
    """Return arrays without any result."""
    numbers, integers, zero = np.zeros(0), np.zeros(0, np.int64), np.zeros(1, np.int64)
    kinds: dict[str, Any] = {"Integers": integers, "Numbers": numbers}
    arrays: dict[str, Any] = {
        one.name: zero if one.name.endswith("_start") else kinds[str(one.type)]
        for one in fields(FleetArrays)
    }
    return FleetArrays(**arrays)


def first_part(fleet: FleetArrays, *, results: int, inputs: int, blocks: int) -> FleetArrays:
    """Return the first results, inputs and blocks of arrays: what was known earlier.

    Args:
        fleet: Arrays as of a later ledger entry.
        results: Number of results then on record.
        inputs: Number of inputs.
        blocks: Number of correlation blocks.
    """
    parents, own = int(fleet.parent_start[results]), int(fleet.input_start[results])
    members, cells = int(fleet.block_start[blocks]), int(fleet.matrix_start[blocks])
    lengths = {
        "result_ids": results,
        "result_events": results,
        "values": results,
        "result_uncertainties": results,
        "parent_start": results + 1,
        "parents": parents,
        "parent_weights": parents,
        "input_start": results + 1,
        "inputs": own,
        "input_weights": own,
        "block_ids": blocks,
        "block_kinds": blocks,
        "block_degrees": blocks,
        "block_start": blocks + 1,
        "members": members,
        "matrix_start": blocks + 1,
        "coefficients": cells,
    }
    part = FleetArrays(
        **{
            one.name: getattr(fleet, one.name)[: lengths.get(one.name, inputs)]
            for one in fields(fleet)
        }
    )
    check_fleet(part)
    return part


def labels_of(connection: Connection, result_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return label EVENT/name and unit of results, by id.

    Args:
        connection: Inside a transaction.
        result_ids: Ids of recorded results, in any order and number.
    """
    found: dict[int, tuple[str, str]] = {}
    for position in range(0, len(result_ids), _PIECE):
        query = (
            select(RESULT.c.id, EVENT.c.label, RESULT.c.name, RESULT.c.unit)
            .join(EVENT, EVENT.c.id == RESULT.c.event_id)
            .where(RESULT.c.id.in_(result_ids[position : position + _PIECE]))
            .order_by(RESULT.c.id)
        )
        for row in connection.execute(query):
            found[row.id] = (f"{row.label}/{row.name}", row.unit)
    return found
