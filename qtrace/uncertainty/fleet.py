"""All results of a registry as flat arrays, in recording order, with inputs and blocks.

Inside: `FleetArrays`, `BLOCK_KINDS`, `fleet_of`, `check_fleet`, `row_starts`, `rows_of`.

A row is the place of a result in recording order, a column the place of an input; ids never
enter a sweep. Arguments stand by result: parents of row i are `parents[parent_start[i] :
parent_start[i + 1]]` with their sensitivities beside them, inputs likewise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import AUDIT, Network

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

# Code of a kind in `block_kinds`: its place here.
BLOCK_KINDS = (BlockKind.DECLARED, BlockKind.ENSEMBLE, BlockKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class FleetArrays:
    """Results, arguments, inputs and correlation blocks as arrays; never written to.

    `result_uncertainties` are those stored with the results. Blocks stand one after another:
    members of block b are `members[block_start[b] : block_start[b + 1]]`, its coefficients row
    by row in `coefficients[matrix_start[b] : matrix_start[b + 1]]`. `block_of` is the block of
    an input, -1 outside blocks. Numbers are in coherent SI units.
    """

    result_ids: Integers
    result_events: Integers
    values: Numbers
    result_uncertainties: Numbers
    parent_start: Integers
    parents: Integers
    parent_weights: Numbers
    input_start: Integers
    inputs: Integers
    input_weights: Numbers
    input_ids: Integers
    input_events: Integers
    estimates: Numbers
    standard_uncertainties: Numbers
    degrees_of_freedom: Numbers
    block_of: Integers
    block_ids: Integers
    block_kinds: Integers
    block_degrees: Numbers
    block_start: Integers
    members: Integers
    matrix_start: Integers
    coefficients: Numbers

    @property
    def size(self) -> int:
        """Number of results."""
        return len(self.result_ids)

    @property
    def arguments(self) -> int:
        """Number of arguments of all results."""
        return len(self.parents) + len(self.inputs)

    def block_matrix(self, block: int) -> Numbers:
        """Return the correlation matrix of a block, shape (n, n)."""
        n = int(self.block_start[block + 1] - self.block_start[block])
        return self.coefficients[self.matrix_start[block] : self.matrix_start[block + 1]].reshape(
            n, n
        )


def row_starts(owners: Integers, size: int) -> Integers:
    """Return where each owner's items begin, shape (size + 1,); owners are sorted."""
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners, minlength=size), out=starts[1:])
    return starts


def rows_of(sorted_ids: Integers, wanted: Iterable[int] | Integers, what: str) -> Integers:
    """Return the places of ids in a sorted array of ids.

    Raises:
        IntegrityError: an id is not there; `what` says which kind of row.
    """
    ids = np.asarray(wanted if isinstance(wanted, np.ndarray) else list(wanted), dtype=np.int64)
    size = len(sorted_ids)
    if size and sorted_ids[-1] - sorted_ids[0] == size - 1:
        places = ids - sorted_ids[0]  # no gap: a difference is the place
    else:
        places = np.searchsorted(sorted_ids, ids)
    inside = (places >= 0) & (places < size)
    if not np.all(inside) or not np.array_equal(sorted_ids[places], ids):
        missing = ids[~np.isin(ids, sorted_ids)]
        raise IntegrityError(f"{what} {int(missing[0])} is not in the arrays", next_step=AUDIT)
    found: Integers = places
    return found


def fleet_of(network: Network) -> FleetArrays:
    """Return a network as arrays; events and stored uncertainties, which it has not, are 0."""
    result_ids = _integers(sorted(network.results))
    input_ids = _integers(sorted(network.inputs))
    place_of = {int(one): k for k, one in enumerate(result_ids)}
    column_of = {int(one): k for k, one in enumerate(input_ids)}
    steps = [network.result(int(one)) for one in result_ids]
    parents = [
        (place_of[step.result_id], place_of[one.parent_id], one.sensitivity)
        for step in steps
        for one in step.arguments
        if one.parent_id is not None
    ]
    inputs = [
        (place_of[step.result_id], column_of[one.input_id], one.sensitivity)
        for step in steps
        for one in step.arguments
        if one.input_id is not None
    ]
    quantities = [network.quantity(int(one)) for one in input_ids]
    block_of = np.full(len(input_ids), -1, dtype=np.int64)
    for index, block in enumerate(network.blocks):
        for one in block.input_ids:
            block_of[column_of[one]] = index
    sizes = [len(block.input_ids) for block in network.blocks]
    fleet = FleetArrays(
        result_ids,
        np.zeros(len(result_ids), dtype=np.int64),
        _numbers(step.value for step in steps),
        np.zeros(len(result_ids)),
        row_starts(_integers(row for row, _, _ in parents), len(result_ids)),
        _integers(column for _, column, _ in parents),
        _numbers(weight for _, _, weight in parents),
        row_starts(_integers(row for row, _, _ in inputs), len(result_ids)),
        _integers(column for _, column, _ in inputs),
        _numbers(weight for _, _, weight in inputs),
        input_ids,
        np.zeros(len(input_ids), dtype=np.int64),
        _numbers(one.estimate for one in quantities),
        _numbers(one.standard_uncertainty for one in quantities),
        _numbers(one.degrees_of_freedom for one in quantities),
        block_of,
        _integers(block.block_id for block in network.blocks),
        _integers(BLOCK_KINDS.index(block.kind) for block in network.blocks),
        _numbers(block.degrees_of_freedom for block in network.blocks),
        _integers([0, *np.cumsum(sizes)]),
        _integers(column_of[one] for block in network.blocks for one in block.input_ids),
        _integers([0, *np.cumsum([size * size for size in sizes])]),
        _numbers(cell for block in network.blocks for cell in block.correlation.ravel()),
    )
    check_fleet(fleet)
    return fleet


def check_fleet(fleet: FleetArrays) -> None:
    """Refuse arrays that a sweep would read wrongly or beyond their ends.

    Raises:
        IntegrityError: lengths do not fit, an index points outside or forward, ids are not in
            order, or an input stands in two blocks.
    """
    for one in fields(fleet):
        array = getattr(fleet, one.name)
        if array.ndim != 1 or array.dtype not in (np.dtype(np.int64), np.dtype(np.float64)):
            raise _wrong(f"{one.name} has shape {array.shape} and type {array.dtype}")
    n, m, blocks = fleet.size, len(fleet.input_ids), len(fleet.block_ids)
    _lengths(fleet, n=n, m=m, blocks=blocks)
    for ids in (fleet.result_ids, fleet.input_ids, fleet.block_ids):
        if np.any(np.diff(ids) <= 0):
            raise _wrong("ids are not in the order of recording")
    _starts(fleet.parent_start, fleet.parents, n, below=n, name="parents")
    _starts(fleet.input_start, fleet.inputs, n, below=m, name="inputs")
    _starts(fleet.block_start, fleet.members, blocks, below=m, name="members of blocks")
    children = np.repeat(np.arange(n), np.diff(fleet.parent_start))
    forward = np.flatnonzero(fleet.parents >= children)
    if len(forward):
        row, parent = int(children[forward[0]]), int(fleet.parents[forward[0]])
        raise _wrong(
            f"result {fleet.result_ids[row]} rests on result {fleet.result_ids[parent]}, "
            "which is not older than it"
        )
    sizes = np.diff(fleet.block_start)
    if fleet.matrix_start[0] != 0 or not np.array_equal(np.diff(fleet.matrix_start), sizes**2):
        raise _wrong("a correlation matrix does not fit its block")
    owner = np.full(m, -1, dtype=np.int64)
    owner[fleet.members] = np.repeat(np.arange(blocks), sizes)
    if len(np.unique(fleet.members)) != len(fleet.members):
        raise _wrong("an input stands in two correlation blocks")
    if not np.array_equal(owner, fleet.block_of):
        raise _wrong("an input and its block do not name each other")


def require_rows(fleet: FleetArrays, rows: Sequence[int] | Integers) -> Integers:
    """Return rows as an array. Raises InputError where one lies outside the arrays."""
    places = np.asarray(rows, dtype=np.int64)
    if places.ndim != 1 or np.any(places < 0) or np.any(places >= fleet.size):
        raise InputError(
            f"rows of results run from 0 to {fleet.size - 1}", next_step="look ids up by rows_of"
        )
    return places


def _lengths(fleet: FleetArrays, *, n: int, m: int, blocks: int) -> None:
    wanted = {
        "result_events": n,
        "values": n,
        "result_uncertainties": n,
        "parent_weights": len(fleet.parents),
        "input_weights": len(fleet.inputs),
        "input_events": m,
        "estimates": m,
        "standard_uncertainties": m,
        "degrees_of_freedom": m,
        "block_of": m,
        "block_kinds": blocks,
        "block_degrees": blocks,
        "matrix_start": blocks + 1,
    }
    for name, length in wanted.items():
        if len(getattr(fleet, name)) != length:
            raise _wrong(f"{name} has {len(getattr(fleet, name))} places, not {length}")
    if len(fleet.coefficients) != int(fleet.matrix_start[-1]):
        raise _wrong("a correlation matrix is not whole")
    if np.any(fleet.block_kinds < 0) or np.any(fleet.block_kinds >= len(BLOCK_KINDS)):
        raise _wrong("a block has a kind that is not known")


def _starts(starts: Integers, items: Integers, size: int, *, below: int, name: str) -> None:
    whole = len(starts) == size + 1 and starts[0] == 0 and starts[-1] == len(items)
    if not whole or np.any(np.diff(starts) < 0):
        raise _wrong(f"{name} do not lie side by side")
    if len(items) and (items.min() < 0 or items.max() >= below):
        raise _wrong(f"one of the {name} points outside")


def _wrong(what: str) -> IntegrityError:
    return IntegrityError(f"the arrays of the results do not fit: {what}", next_step=AUDIT)


def _integers(items: Iterable[int]) -> Integers:
    return np.fromiter((int(one) for one in items), dtype=np.int64)


def _numbers(items: Iterable[float]) -> Numbers:
    return np.fromiter((float(one) for one in items), dtype=np.float64)
