"""What a reduction of time tags gives: a value, how well it is known, and what was assumed.

Inside: `Reduced`, `as_tags`, `picoseconds`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval

PS_PER_S = 1e12


@dataclass(frozen=True, slots=True)
class Reduced:
    """A figure from time tags; `value` and `u` in the unit that the reduction names.

    `u` is a standard uncertainty from the statistics of the tags alone. `interval` is given where
    value +- k u does not hold (few counts); its probability stands in it. `window_ps` is the
    window or fit range that was used. `counts` is set where the value is itself a number of
    events. `notes` say what was assumed and what could not be determined; nothing is clipped.
    """

    value: float
    u: float
    degrees_of_freedom: float = math.inf
    interval: Interval | None = None
    window_ps: tuple[float, float] | None = None
    counts: int | None = None
    notes: tuple[str, ...] = ()


def as_tags(times_ps: ArrayLike, *, least: int = 0, what: str = "the channel") -> NDArray[np.int64]:
    """Return tags as a contiguous array of whole picoseconds that never falls.

    Args:
        times_ps: Times, shape (n,), ps.
        least: How many tags there must be.
        what: What to call them in messages.

    Raises:
        InputError: floating point times, disorder, or too few tags.

    Source: none, a check of the argument.
    """
    array = np.asarray(times_ps)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise InputError(
            f"the tags of {what} are not a row of whole picoseconds",
            next_step="give int64 picoseconds: floating point times lose the picosecond",
        )
    tags = np.ascontiguousarray(array, dtype=np.int64)
    if tags.size > 1 and bool(np.any(tags[1:] < tags[:-1])):
        raise InputError(
            f"the tags of {what} step back in time",
            next_step="sort them, and count the steps as a fault",
        )
    if tags.size < least:
        raise InputError(
            f"{what} has {tags.size} tags; at least {least} are needed here",
            next_step="check the channel, or record for longer",
        )
    return tags


def picoseconds(value: float, name: str) -> float:
    """Return a time that must be finite and above zero, ps.

    Raises:
        InputError: it is not.

    Source: none, a check of the argument.
    """
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(f"{name} is {value:g} ps", next_step="give a time above zero")
    return float(value)
