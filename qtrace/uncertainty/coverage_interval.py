"""Coverage intervals from draws: probabilistically symmetric, or shortest.

Inside: `IntervalKind`, `CoverageInterval`, `OutsideDomainError`, `covered_draws`,
`symmetric_interval`, `shortest_interval`, `coverage_interval`.

Both hold q = pM of all M draws. Draws for which the model has no value are counted among the M
and never among the covered: an interval is then wider, and where they are too many there is none.
Source: JCGM 101:2008, 7.5.1 (sorted values), 7.7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]
# pM that is whole but for the rounding of p itself counts as whole.
WHOLE = 1e-9


class OutsideDomainError(InputError):
    """So many draws have no value that none of the wanted probability can be stated. Exit 2."""


class IntervalKind(StrEnum):
    """Which of the intervals that hold pM draws is meant."""

    SYMMETRIC = "symmetric"  # as many draws below as above
    SHORTEST = "shortest"  # the narrowest


@dataclass(frozen=True, slots=True)
class CoverageInterval:
    """An interval that holds `covered` of `n` draws, in the unit of the draws.

    `outside_domain` of the n draws have no value: they are not covered.
    """

    low: float
    high: float
    kind: IntervalKind
    coverage_probability: float
    covered: int
    n: int
    outside_domain: int = 0

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.high - self.low


def check_probability(coverage_probability: float) -> None:
    """Raise InputError where a coverage probability does not lie between 0 and 1."""
    if not 0.0 < coverage_probability < 1.0:
        raise InputError(f"a coverage probability lies between 0 and 1, not {coverage_probability}")


def covered_draws(n: int, coverage_probability: float) -> int:
    """Return q, the number of steps between the ordered draws at the two ends.

    Args:
        n: Number M of draws.
        coverage_probability: p, between 0 and 1.

    Returns:
        q = pM where that is whole, else the integer part of pM + 1/2.

    Raises:
        InputError: p is no probability, or the draws are too few: no r = 1 ... M - q exists.

    Source: JCGM 101:2008, 7.7.2.
    """
    check_probability(coverage_probability)
    exact = coverage_probability * n
    whole = round(exact)
    q = whole if abs(exact - whole) <= WHOLE * max(1.0, exact) else math.floor(exact + 0.5)
    if q < 1 or n - q < 1:
        raise InputError(
            f"{n} draws cannot place the ends of a {coverage_probability:g} interval",
            next_step=f"draw at least {math.ceil(100.0 / (1.0 - coverage_probability))}",
        )
    return q


def _finite(values: Array, coverage_probability: float) -> tuple[Array, int]:
    """Return the draws that have a value and q of all draws; refuse where too few have one."""
    values = np.asarray(values, dtype=np.float64).ravel()
    q = covered_draws(len(values), coverage_probability)
    finite = np.isfinite(values)
    kept = values if bool(finite.all()) else values[finite]
    if len(kept) <= q:
        lost = len(values) - len(kept)
        raise OutsideDomainError(
            f"the model has no finite value for {lost} of {len(values)} draws "
            f"({lost / len(values):.3%}): no interval can hold {coverage_probability:g} of them",
            next_step="an input reaches values where the model does not hold; state the result "
            "by an exact interval, or give the input a distribution that stays inside",
        )
    return kept, q


def symmetric_interval(values: Array, coverage_probability: float) -> CoverageInterval:
    """Return the probabilistically symmetric interval [y_(r), y_(r+q)].

    Args:
        values: Draws, shape (n,), in any order; NaN or infinite where the model has no value.
        coverage_probability: p, between 0 and 1.

    Returns:
        The interval with r = (M - q)/2, or the integer part of (M - q + 1)/2. Draws without a
        value are taken off both tails alike.

    Raises:
        InputError: too few draws; OutsideDomainError: too many without a value.

    Source: JCGM 101:2008, 7.7.2.
    """
    kept, q = _finite(values, coverage_probability)
    r = (len(kept) - q + 1) // 2
    # Two order statistics need no full sort.
    ordered = np.partition(kept, (r - 1, r + q - 1))
    return CoverageInterval(
        float(ordered[r - 1]),
        float(ordered[r + q - 1]),
        IntervalKind.SYMMETRIC,
        coverage_probability,
        q,
        np.size(values),
        np.size(values) - len(kept),
    )


def shortest_interval(values: Array, coverage_probability: float) -> CoverageInterval:
    """Return the shortest interval [y_(r), y_(r+q)] over all r.

    Where the density is flat near the ends the position is ill determined though the width is
    not. Of equally short ones the middle is taken.

    Args:
        values: Draws, shape (n,), in any order; NaN or infinite where the model has no value.
        coverage_probability: p, between 0 and 1.

    Raises:
        InputError: too few draws; OutsideDomainError: too many without a value.

    Source: JCGM 101:2008, 7.7.2 and 5.3.4.
    """
    kept, q = _finite(values, coverage_probability)
    ordered = np.sort(kept)
    widths = ordered[q:] - ordered[:-q]
    ties = np.flatnonzero(widths == widths.min())
    at = int(ties[len(ties) // 2])
    return CoverageInterval(
        float(ordered[at]),
        float(ordered[at + q]),
        IntervalKind.SHORTEST,
        coverage_probability,
        q,
        np.size(values),
        np.size(values) - len(kept),
    )


def coverage_interval(
    values: Array, coverage_probability: float, *, kind: IntervalKind = IntervalKind.SYMMETRIC
) -> CoverageInterval:
    """Return the interval of the wanted kind.

    Args:
        values: Draws, shape (n,); NaN or infinite where the model has no value.
        coverage_probability: p, between 0 and 1.
        kind: Probabilistically symmetric or shortest.

    Raises:
        InputError: too few draws; OutsideDomainError: too many without a value.
    """
    if kind is IntervalKind.SHORTEST:
        return shortest_interval(values, coverage_probability)
    return symmetric_interval(values, coverage_probability)
