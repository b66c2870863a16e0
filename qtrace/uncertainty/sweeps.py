"""Sweeps over flat arrays: backward to the inputs of a set, forward to all that rests on some.

Inside: `Engine`, `InputRows`, `input_sensitivity_rows`, `line_shares`, `line_parts`, `forward`,
`descendants`.

The only door of numba. It is imported where the work is worth it (compiled once, kept on disk);
small sets run the same loops as plain Python, and without numba long forward sweeps are sparse
products. What is asked of sets: `qtrace.uncertainty.set_figures`, `qtrace.uncertainty.effects`.
Source: JCGM 100:2008 (GUM), Eq. 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import SetupError
from qtrace.uncertainty import sweep_kernels
from qtrace.uncertainty.fleet import FleetArrays, Integers, Numbers, require_rows

# Arguments met by a sweep from which reading the compiled loops (0.3 s) pays.
COMPILE_FROM = 500_000
# Products of the whole matrix after which a chain counts as deep and is solved by substitution.
PRODUCTS = 200


class Engine(StrEnum):
    """How the loops run."""

    AUTO = "auto"  # compiled where numba is there and the work is worth it
    COMPILED = "compiled"  # numba, or SetupError
    PLAIN = "plain"  # as Python


@dataclass(frozen=True, slots=True)
class InputRows:
    """d(result)/d(input) of a set of results, one sparse row after another, without zeros."""

    start: Integers
    columns: Integers
    sensitivities: Numbers

    def line_rows(self) -> Integers:
        """Return the row of each line."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


@cache
def _numba() -> Any:  # noqa: ANN401 - it has no types
    """Return numba, None where it is not installed."""
    try:
        import numba
    except ImportError:
        return None
    return numba


@cache
def _compiled(name: str) -> Callable[..., Any]:
    """Return a loop compiled; kept on disk where there is a place for it."""
    loop = getattr(sweep_kernels, name)
    try:
        compiled = _numba().njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # no folder to keep it in
        compiled = _numba().njit(nogil=True)(loop)
    return compiled  # type: ignore[no-any-return]


@cache
def _loaded() -> list[bool]:
    """Return a note that is set once compiled loops are at hand."""
    return []


def _loop(name: str, engine: Engine, work: float) -> Callable[..., Any]:
    """Return the loop of that name, compiled or plain.

    Raises:
        SetupError: compiled loops are asked for and numba is not installed.
    """
    wanted = engine is Engine.COMPILED or (
        engine is Engine.AUTO and (work >= COMPILE_FROM or bool(_loaded()))
    )
    if wanted and _numba() is not None:
        _loaded().append(True)
        return _compiled(name)
    if engine is Engine.COMPILED:
        raise SetupError("numba is not installed", next_step="pip install numba")
    return getattr(sweep_kernels, name)  # type: ignore[no-any-return]


def _parents(fleet: FleetArrays) -> tuple[Integers, Integers, Numbers]:
    return fleet.parent_start, fleet.parents, fleet.parent_weights


def _inputs(fleet: FleetArrays) -> tuple[Integers, Integers, Numbers]:
    return fleet.input_start, fleet.inputs, fleet.input_weights


def _blocks(fleet: FleetArrays) -> tuple[Integers, Integers, Integers, Integers, Numbers]:
    return (
        fleet.block_kinds,
        fleet.block_start,
        fleet.members,
        fleet.matrix_start,
        fleet.coefficients,
    )


def input_sensitivity_rows(
    fleet: FleetArrays, rows: Sequence[int] | Integers, engine: Engine = Engine.AUTO
) -> InputRows:
    """Return d(result)/d(input) of a set of results, by backward sweeps.

    A sweep searches the ancestors of its result where these are few, and walks all older rows
    where they are many.

    Args:
        fleet: All results.
        rows: Places of results, shape (n,).
        engine: How the loops run.

    Source: GUM Eq. 13 with the chain rule; rows of (I - A)^-1 B.
    """
    targets = require_rows(fleet, rows)
    work = 0.0
    if len(targets) and engine is Engine.AUTO and not _loaded():
        # The last row asked tells how far the sweeps reach.
        first = input_sensitivity_rows(fleet, targets[-1:], Engine.PLAIN)
        work = float(len(first.columns)) * len(targets)
    loop = _loop("input_rows", engine, work)
    found = loop(targets, _parents(fleet), _inputs(fleet), len(fleet.input_ids))
    start, columns, sensitivities = found
    kept = sensitivities != 0.0
    if not kept.all():
        counted = np.concatenate(([0], np.cumsum(kept)))
        start = counted[start]
        columns, sensitivities = columns[kept], sensitivities[kept]
    return InputRows(start, columns, sensitivities)


def line_shares(
    fleet: FleetArrays, found: InputRows, engine: Engine = Engine.AUTO
) -> tuple[Numbers, Numbers]:
    """Return the variance of each line with its covariances: at the bound, and independent.

    The first counts points of unknown correlation at |c_i u_i| sum|c u|, the second as
    independent; both add up by row.

    Source: GUM Eq. 13; 5.2.2, note 1 (note from memory).
    """
    if not len(fleet.members):
        own = found.sensitivities * fleet.standard_uncertainties[found.columns]
        own *= own
        return own, own
    sparse = (found.start, found.columns, found.sensitivities)
    loop = _loop("line_shares", engine, float(len(found.columns)))
    bound, independent = loop(sparse, fleet.standard_uncertainties, fleet.block_of, _blocks(fleet))
    return bound, independent


def line_parts(fleet: FleetArrays, found: InputRows, engine: Engine = Engine.AUTO) -> Integers:
    """Return, for each line, the first line of the independent part that it belongs to."""
    loop = _loop("line_parts", engine, float(len(found.columns)))
    leaders: Integers = loop((found.start, found.columns), fleet.block_of, _blocks(fleet))
    return leaders


def forward(
    fleet: FleetArrays,
    of_input: Numbers,
    *,
    held: tuple[Integers, Numbers] | None = None,
    engine: Engine = Engine.AUTO,
) -> Numbers:
    """Return what all results change by when inputs do: x = A x + B y, one forward sweep.

    Args:
        fleet: All results.
        of_input: Change of each input, shape (m,), in its SI unit.
        held: Rows of results and the changes that they keep whatever their arguments do.
        engine: How the loop runs.

    Returns:
        Change of each result, shape (n,), in its SI unit, to first order.

    Source: GUM Eq. 13 read as a total differential (E.3.1; clause from memory).
    """
    change = np.zeros(fleet.size)
    pinned = np.zeros(fleet.size, dtype=np.bool_)
    if held is not None:
        pinned[held[0]] = True
        change[held[0]] = held[1]
    # numba is asked for last: a small fleet must not pay for importing it.
    if engine is Engine.AUTO and fleet.arguments >= COMPILE_FROM and _numba() is None:
        return _products(fleet, change, pinned, of_input=of_input)
    loop = _loop("push_forward", engine, float(fleet.arguments))
    answer: Numbers = loop(change, pinned, _parents(fleet), _inputs(fleet), of_input)
    return answer


def _products(
    fleet: FleetArrays, change: Numbers, pinned: NDArray[np.bool_], *, of_input: Numbers
) -> Numbers:
    """Return the forward sweep as sparse products: A is nilpotent, a flat graph needs few."""
    from scipy.sparse import csr_array, eye_array
    from scipy.sparse.linalg import spsolve_triangular

    n = fleet.size
    # A result that keeps its value has no arguments.
    free = np.where(pinned, 0.0, 1.0)
    weights = fleet.parent_weights * np.repeat(free, np.diff(fleet.parent_start))
    steps = csr_array((weights, fleet.parents, fleet.parent_start), shape=(n, n))
    entering = csr_array(
        (fleet.input_weights, fleet.inputs, fleet.input_start), shape=(n, len(of_input))
    )
    source: Numbers = change + free * (entering @ of_input)
    total, term = source.copy(), source
    for _ in range(PRODUCTS):
        term = steps @ term
        if not np.any(term):
            return total
        total += term
    solved: Numbers = spsolve_triangular((eye_array(n) - steps).tocsr(), source, unit_diagonal=True)
    return solved


def descendants(
    fleet: FleetArrays, rows: Integers, columns: Integers, engine: Engine = Engine.AUTO
) -> Integers:
    """Return the rows of results that rest on given results or inputs, and these results.

    Args:
        fleet: All results.
        rows: Places of results.
        columns: Places of inputs.
        engine: How the loop runs.
    """
    # Every step counts as one, so that no path cancels another.
    counted = replace(
        fleet,
        parent_weights=np.ones(len(fleet.parents)),
        input_weights=np.ones(len(fleet.inputs)),
    )
    of_input = np.zeros(len(fleet.input_ids))
    of_input[columns] = 1.0
    paths = forward(counted, of_input, held=(rows, np.ones(len(rows))), engine=engine)
    return np.flatnonzero(paths)
