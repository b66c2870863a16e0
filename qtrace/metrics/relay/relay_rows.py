"""Columns of numbers as rows, for figures of a relay between two sources.

Inside: `Rows`, `read_rows`, `continued_below_vacuum`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.relay.photon_classes import IntensitySet

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]
Figure = Callable[["Rows"], Array]

ROUNDING = 1e-4  # of declared probabilities; a derivative moves one of them by less than this
BELOW_EMPTY_CELL, BELOW_EMPTY = 0.01, 0.5  # steps of a derivative below no counts; summed rows
LARGEST_COUNT = 2.0**53  # beyond it a count is not whole in floating point
MEAN = "mean_photon_number_"


@dataclass(frozen=True, slots=True)
class Rows:
    """Arguments of a figure, each with the shape (rows,); `shape` is that of the answer."""

    columns: Mapping[str, Array]
    shape: tuple[int, ...]

    def table(self, names: tuple[tuple[str, ...], ...]) -> Array:
        """Return columns by names of a table, as (rows, i, j)."""
        return np.stack([np.stack([self.columns[n] for n in row], -1) for row in names], -2)

    def probabilities(self, names: tuple[str, ...]) -> Array:
        """Return probabilities that sum to 1 within their rounding, scaled to do so exactly."""
        chosen = np.stack([self.columns[name] for name in names], -1)
        total = chosen.sum(-1, keepdims=True)
        if not (np.all(chosen > 0.0) and np.all(np.abs(total - 1.0) <= ROUNDING)):
            raise InputError(
                f"{', '.join(names)} are {chosen[0].tolist()} and do not sum to 1",
                where=names[0],
                next_step="give the probability of each intensity within one basis",
            )
        scaled: Array = chosen / total
        return scaled

    def source(self, row: int, name: str, intensities: int) -> IntensitySet:
        """Return a source in one row: intervals where `_low` and `_high` are given."""
        keys = [f"{MEAN}{name}{k}" for k in range(1, intensities + 1)]
        p = self.probabilities(tuple(f"probability_{name}{k}" for k in range(1, intensities + 1)))
        edges = ("_low", "_high") if f"{keys[0]}_low" in self.columns else ("", "")
        low, high = (tuple(float(self.columns[k + e][row]) for k in keys) for e in edges)
        return IntensitySet(tuple(p[row].tolist()), low, high)

    def epsilon(self, name: str) -> Array:
        """Return failure probabilities, refused outside (0, 1)."""
        value = self.columns[name]
        if not np.all((value > 0.0) & (value < 1.0)):
            raise InputError(
                f"{name} is not between 0 and 1", where=name, next_step="give for example 1e-10"
            )
        return value

    def leak_is_measured(self) -> bool:
        """Return whether the leak is given; refused where both or neither of the two are."""
        leak, efficiency = self.columns["leak"], self.columns["error_correction_efficiency"]
        both = np.any((leak > 0.0) & (efficiency > 0.0))
        neither = np.any((leak <= 0.0) & (efficiency <= 0.0))
        if both or neither:
            raise InputError(
                f"leak and error_correction_efficiency are {'both' if both else 'not'} given",
                where="leak",
                next_step="give the bits told (leak), or their ratio to the Shannon limit",
            )
        return bool(np.all(leak > 0.0))


def read_rows(
    arguments: Mapping[str, Number], counts: tuple[str, ...], *, summed: tuple[str, ...] = ()
) -> Rows:
    """Return keyword arguments as rows; counts are checked.

    Args:
        arguments: Numbers or arrays that broadcast together.
        counts: Names of the arguments that are counts.
        summed: Rows of the table of which only errors and agreements together matter: they are
            handed on as agreements. A derivative at no errors then has nothing to step below.

    Raises:
        InputError: a negative count, or one that floating point does not hold.
    """
    given = {"leak": 0.0, "error_correction_efficiency": 0.0, **arguments}
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in given.values()))
    columns = {name: array.ravel() for name, array in zip(given, arrays, strict=True)}
    together = {f"{cell}_{row}" for row in summed for cell in ("errors", "agreements")}
    for name in counts:
        least = -BELOW_EMPTY if name in together else -BELOW_EMPTY_CELL
        if not np.all((columns[name] >= least) & (columns[name] <= LARGEST_COUNT)):
            raise InputError(
                f"{name} is {columns[name][0]:g}: no count from 0 to 2^53",
                where=name,
                next_step="check the row of the count table; errors must not exceed counts",
            )
    for row in summed:
        clicks = columns[f"errors_{row}"] + columns[f"agreements_{row}"]
        columns |= {f"errors_{row}": np.zeros_like(clicks), f"agreements_{row}": clicks}
    for name in counts:
        # A derivative at an empty cell steps below it; there is nothing below no counts.
        columns[name] = np.maximum(columns[name], 0.0)
    return Rows(columns, arrays[0].shape)


def continued_below_vacuum(figure: Figure, rows: Rows) -> Number:
    """Return a figure, continued in a straight line where an intensity steps below 0.

    A derivative at a vacuum of exactly 0 takes such steps; no light is less than none.

    Args:
        figure: Function of rows with intensities that are not negative.
        rows: The rows.
    """
    means = [name for name in rows.columns if name.startswith(MEAN)]
    below = np.zeros(rows.columns[means[0]].shape, dtype=bool)
    for name in means:
        below |= rows.columns[name] < 0.0
    at_zero = {n: np.maximum(c, 0.0) if n in means else c for n, c in rows.columns.items()}
    values = figure(Rows(at_zero, below.shape))
    if below.any():
        turned = {n: (np.abs(c) if n in means else c)[below] for n, c in rows.columns.items()}
        values = values.copy()
        values[below] = 2.0 * values[below] - figure(Rows(turned, (int(below.sum()),)))
    return values.reshape(rows.shape) if rows.shape else float(values[0])
