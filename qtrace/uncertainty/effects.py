"""What a change of some inputs or results does to every result that rests on them.

Inside: `effect_of_shift`, `entering_variance`, `widened_uncertainty`, `share_of_variance`.

First order: one forward sweep with the stored sensitivities. Where a model is bent over the
size of a shift, or cuts off, the exact figure comes from evaluating the stored models again.
Source: JCGM 100:2008 (GUM), Eq. 13; E.3.1 (linear terms of a change; clause from memory).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.uncertainty.fleet import FleetArrays, Integers, Numbers, require_rows
from qtrace.uncertainty.set_figures import UNKNOWN
from qtrace.uncertainty.sweeps import Engine, forward


def effect_of_shift(
    fleet: FleetArrays,
    result_shifts: Mapping[int, float],
    input_shifts: Mapping[int, float] | None = None,
    *,
    engine: Engine = Engine.AUTO,
) -> Numbers:
    """Return by how much every result changes when some results or inputs are shifted.

    A shifted result changes by its shift and nothing else, though others that are shifted
    stand above it: what is given is what its certificate should have said.

    Args:
        fleet: All results.
        result_shifts: Row of a result to its shift, in its SI unit.
        input_shifts: Column of an input to its shift, in its SI unit.
        engine: How the sweep runs.

    Returns:
        Change of each result, shape (n,), in its SI unit.

    Raises:
        InputError: a row or column lies outside the arrays, or a shift is not finite.

    Source: GUM Eq. 13 read as a total differential.
    """
    rows = require_rows(fleet, sorted(result_shifts))
    shifts = np.array([result_shifts[int(row)] for row in rows], dtype=np.float64)
    of_input = np.zeros(len(fleet.input_ids))
    for column, shift in (input_shifts or {}).items():
        of_input[_column(fleet, column)] = shift
    if not (np.all(np.isfinite(shifts)) and np.all(np.isfinite(of_input))):
        raise InputError("a shift must be a finite number")
    return forward(fleet, of_input, held=(rows, shifts), engine=engine)


def entering_variance(
    fleet: FleetArrays, columns: Integers, engine: Engine = Engine.AUTO
) -> Numbers:
    """Return the part of every result's variance that enters by given inputs.

    Correlations among these inputs are kept, unknown ones at their bound. Inputs of a block
    that are left out count as exact: give whole blocks, as an event owns them, and the parts of
    all events add up to u^2.

    Args:
        fleet: All results.
        columns: Places of the inputs, e.g. all of one event.
        engine: How the sweeps run: one for each independent effect among the inputs.

    Returns:
        Variance of each result, shape (n,), in its squared SI unit.

    Source: GUM Eq. 13, with a factor of the covariance matrix (JCGM 101:2008, C.5, uses one to
    draw; clause from memory).
    """
    for column in columns:
        _column(fleet, int(column))
    total = np.zeros(fleet.size)
    blocks = fleet.block_of[columns]
    for column in columns[blocks < 0]:
        total += _column_of(fleet, {int(column): 1.0}, engine) ** 2
    for block in np.unique(blocks[blocks >= 0]):
        members = columns[blocks == block]
        if fleet.block_kinds[block] == UNKNOWN:
            bound = np.zeros(fleet.size)
            for column in members:
                bound += np.abs(_column_of(fleet, {int(column): 1.0}, engine))
            total += bound**2
            continue
        for effect in _effects(fleet, int(block), members).T:
            weights = dict(zip(members.tolist(), effect.tolist(), strict=True))
            total += _column_of(fleet, weights, engine) ** 2
    return total


def widened_uncertainty(u: Numbers, entering: Numbers, factor: float) -> Numbers:
    """Return u of results when the uncertainty that enters by some inputs is widened.

    Args:
        u: Standard uncertainty of each result, shape (n,).
        entering: The part of its variance that enters by those inputs, shape (n,).
        factor: By how much the u of each of them grows; correlations among them stay.

    Raises:
        InputError: the factor is negative or not finite.

    Source: GUM Eq. 13, the terms of those inputs times factor^2.
    """
    if not (np.isfinite(factor) and factor >= 0.0):
        raise InputError(
            f"uncertainties are widened by a factor that is not negative, not {factor}",
            next_step="write 2 for twice as much",
        )
    widened: Numbers = np.sqrt(np.maximum(u * u + (factor * factor - 1.0) * entering, 0.0))
    return widened


def share_of_variance(u: Numbers, entering: Numbers) -> Numbers:
    """Return entering / u^2, 0 where a result has no uncertainty."""
    share = np.zeros(len(u))
    np.divide(entering, u * u, out=share, where=u > 0.0)
    return share


def _column(fleet: FleetArrays, column: int) -> int:
    if not 0 <= column < len(fleet.input_ids):
        raise InputError(f"there is no input at place {column} of the arrays")
    return column


def _column_of(fleet: FleetArrays, weights: Mapping[int, float], engine: Engine) -> Numbers:
    """Return what all results change by for one standard effect on inputs."""
    of_input = np.zeros(len(fleet.input_ids))
    for column, weight in weights.items():
        of_input[column] = weight * fleet.standard_uncertainties[column]
    return forward(fleet, of_input, engine=engine)


def _effects(fleet: FleetArrays, block: int, members: Integers) -> Numbers:
    """Return F with F F^T = R over some members of a block; effects of no size are left out."""
    places = fleet.members[fleet.block_start[block] : fleet.block_start[block + 1]]
    inside = [int(np.flatnonzero(places == one)[0]) for one in members]
    values, vectors = np.linalg.eigh(fleet.block_matrix(block)[np.ix_(inside, inside)])
    kept = values > 0.0
    factors: Numbers = vectors[:, kept] * np.sqrt(values[kept])
    return factors
