"""Draws that leave the domain of a model: counted and reported, never dropped silently.

Inside: `CountedDraws`, `draw_chain_counting`, `value_or_nan`.

A stored expression gives NaN where it has no value. A metric's function may instead refuse the
whole array because of some of its rows; here only those rows become NaN.
Source: JCGM 101:2008, 5.10 (conditions on the model; clause from memory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.monte_carlo import Draws, draw_chain
from qtrace.uncertainty.network import Network

Array = NDArray[np.float64]
MOST_REASONS = 3  # a refusal that names its numbers would be new in every row


@dataclass(frozen=True, slots=True)
class CountedDraws:
    """Joint draws, and per result how many of them the models have no finite value for.

    `reasons` are the first refusals of functions.
    """

    draws: Draws
    outside: Mapping[int, int]
    reasons: tuple[str, ...] = ()

    def share_outside(self, result_id: int) -> float:
        """Return the share of draws without a value, 0 to 1."""
        return self.outside[result_id] / self.draws.n


def value_or_nan(function: ModelFunction, reasons: list[str]) -> ModelFunction:
    """Return a function that gives NaN in the rows for which the given one refuses.

    Refused arrays are halved until the rows are found, so that k refused rows of n cost about
    k log2(n) calls and none costs one.

    Args:
        function: Model, called with one keyword array of shape (n,) for each argument.
        reasons: Takes the first things the function says when it refuses a row.
    """

    def wrapped(**rows: float | Array) -> Array:
        arrays = {
            name: np.atleast_1d(np.asarray(row, dtype=np.float64)) for name, row in rows.items()
        }
        size = max((len(row) for row in arrays.values()), default=1)
        full = {name: np.broadcast_to(row, (size,)) for name, row in arrays.items()}
        values = np.full(size, np.nan)
        waiting = [(0, size)]
        while waiting:
            start, stop = waiting.pop()
            part = {name: row[start:stop] for name, row in full.items()}
            try:
                values[start:stop] = function(**part)
            except InputError as refusal:
                if stop - start > 1:
                    middle = (start + stop) // 2
                    waiting.extend(((start, middle), (middle, stop)))
                elif len(reasons) < MOST_REASONS and refusal.what not in reasons:
                    reasons.append(refusal.what)
        return values

    return wrapped


def draw_chain_counting(
    network: Network,
    result_ids: Sequence[int],
    *,
    n: int,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> CountedDraws:
    """Draw a chain as `draw_chain` does, and count the draws that leave a model's domain.

    Where no function refuses, the draws are those of `draw_chain` with the same seed.

    Args:
        network: Holds the results and all ancestors.
        result_ids: Results wanted.
        n: Number of draws, at least 2.
        seed: Seed of the bit generator.
        functions: "metric_id@version" to function, for function models.

    Raises:
        InputError: fewer than two draws.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.
    """
    reasons: list[str] = []
    draws = draw_chain(
        network,
        result_ids,
        n=n,
        seed=seed,
        functions={key: value_or_nan(one, reasons) for key, one in functions.items()},
    )
    outside = {
        one: n - int(np.count_nonzero(np.isfinite(values))) for one, values in draws.values.items()
    }
    return CountedDraws(draws, outside, tuple(reasons))
