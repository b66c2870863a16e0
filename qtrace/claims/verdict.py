"""The verdict on a claim: a total rule over what its arithmetic and its sources give.

Inside: `Verdict`, `Arithmetic`, `SourceStanding`, `overall`, `PRECEDENCE`, `best_of`, `worst_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What can be said of a claim."""

    CONSISTENT = "CONSISTENT"
    INCONSISTENT = "INCONSISTENT"
    UNDERDETERMINED = "UNDERDETERMINED"
    UNVERIFIED_SOURCE = "UNVERIFIED SOURCE"


class Arithmetic(StrEnum):
    """What the relation between stated figures gives."""

    NONE = "none stated"
    HOLDS = "holds"
    FROM_MEMORY = "rests on memory"  # an input comes from a source that was not seen
    ASSUMED = "rests on an assumption"  # an input is ours, the publication does not state it
    OPEN = "open"  # a quantity is missing
    FAILS = "fails"


class SourceStanding(StrEnum):
    """What the primary sources say."""

    NONE = "none needed"
    AGREES = "agrees"
    UNVERIFIED = "unverified"  # not located, from memory, or silent where it was read
    CONTRADICTS = "contradicts"  # a source that was seen says otherwise


# The first of these that applies is the verdict.
PRECEDENCE = (
    Verdict.INCONSISTENT,
    Verdict.UNDERDETERMINED,
    Verdict.UNVERIFIED_SOURCE,
    Verdict.CONSISTENT,
)
# From the most to the least favourable: of several readings the first counts.
_FAVOUR = (
    Arithmetic.HOLDS,
    Arithmetic.FROM_MEMORY,
    Arithmetic.ASSUMED,
    Arithmetic.OPEN,
    Arithmetic.FAILS,
    Arithmetic.NONE,
)
_OF_ARITHMETIC = {
    Arithmetic.NONE: Verdict.CONSISTENT,
    Arithmetic.HOLDS: Verdict.CONSISTENT,
    Arithmetic.FROM_MEMORY: Verdict.UNVERIFIED_SOURCE,
    Arithmetic.ASSUMED: Verdict.UNDERDETERMINED,
    Arithmetic.OPEN: Verdict.UNDERDETERMINED,
    Arithmetic.FAILS: Verdict.INCONSISTENT,
}
_OF_SOURCES = {
    SourceStanding.NONE: Verdict.CONSISTENT,
    SourceStanding.AGREES: Verdict.CONSISTENT,
    SourceStanding.UNVERIFIED: Verdict.UNVERIFIED_SOURCE,
    SourceStanding.CONTRADICTS: Verdict.INCONSISTENT,
}


def overall(arithmetic: Arithmetic, sources: SourceStanding) -> Verdict:
    """Return the verdict: the graver of both, in the order of `PRECEDENCE`.

    Where neither a relation nor a source is there, nothing was checked: UNDERDETERMINED.
    """
    if arithmetic is Arithmetic.NONE and sources is SourceStanding.NONE:
        return Verdict.UNDERDETERMINED
    return min(_OF_ARITHMETIC[arithmetic], _OF_SOURCES[sources], key=PRECEDENCE.index)


def best_of(readings: Iterable[Arithmetic]) -> Arithmetic:
    """Return the most favourable of the readings that a text allows; NONE without any."""
    return min(readings, key=_FAVOUR.index, default=Arithmetic.NONE)


def worst_of(standings: Iterable[SourceStanding]) -> SourceStanding:
    """Return the gravest of several sources; NONE without any."""
    return max(standings, key=tuple(SourceStanding).index, default=SourceStanding.NONE)
