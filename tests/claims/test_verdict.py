"""The rule of verdicts is total, and the graver standing wins."""

from __future__ import annotations

import itertools

import pytest

from qtrace.claims.verdict import (
    PRECEDENCE,
    Arithmetic,
    SourceStanding,
    Verdict,
    best_of,
    overall,
    worst_of,
)

TABLE = {
    # arithmetic: verdict beside sources that are NONE, AGREES, UNVERIFIED, CONTRADICTS
    Arithmetic.NONE: "UCVI",
    Arithmetic.HOLDS: "CCVI",
    Arithmetic.FROM_MEMORY: "VVVI",
    Arithmetic.ASSUMED: "UUUI",
    Arithmetic.OPEN: "UUUI",
    Arithmetic.FAILS: "IIII",
}
LETTERS = {
    "C": Verdict.CONSISTENT,
    "V": Verdict.UNVERIFIED_SOURCE,
    "U": Verdict.UNDERDETERMINED,
    "I": Verdict.INCONSISTENT,
}


def test_the_table_is_total() -> None:
    assert set(TABLE) == set(Arithmetic)
    assert set(PRECEDENCE) == set(Verdict)
    assert all(len(row) == len(SourceStanding) for row in TABLE.values())


@pytest.mark.parametrize(
    ("arithmetic", "sources"), list(itertools.product(Arithmetic, SourceStanding)), ids=str
)
def test_each_pair_has_its_verdict(arithmetic: Arithmetic, sources: SourceStanding) -> None:
    letter = TABLE[arithmetic][tuple(SourceStanding).index(sources)]
    assert overall(arithmetic, sources) is LETTERS[letter]


def test_of_readings_the_most_favourable_counts() -> None:
    assert best_of([Arithmetic.FAILS, Arithmetic.HOLDS]) is Arithmetic.HOLDS
    assert best_of([Arithmetic.FAILS, Arithmetic.OPEN]) is Arithmetic.OPEN
    assert best_of([]) is Arithmetic.NONE


def test_of_sources_the_gravest_counts() -> None:
    assert (
        worst_of([SourceStanding.AGREES, SourceStanding.CONTRADICTS, SourceStanding.UNVERIFIED])
        is SourceStanding.CONTRADICTS
    )
    assert worst_of([SourceStanding.AGREES, SourceStanding.UNVERIFIED]) is SourceStanding.UNVERIFIED
    assert worst_of([]) is SourceStanding.NONE
