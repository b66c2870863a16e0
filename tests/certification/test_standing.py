"""The standing of a document: derived from its events, in their order, and never upgraded."""

from __future__ import annotations

import itertools

import pytest

from qtrace.certification.decision import DecisionWord
from qtrace.certification.standing import POSITIVE, event_word, status_of

WORDS = [word.value for word in DecisionWord]


@pytest.mark.parametrize(
    ("decided", "events", "status"),
    [
        ("GRANTED", [], "GRANTED"),
        ("GRANTED", ["MAINTAINED"], "GRANTED"),
        ("GRANTED", ["SUSPENDED"], "SUSPENDED"),
        ("GRANTED", ["SUSPENDED", "MAINTAINED"], "SUSPENDED"),
        ("GRANTED", ["SUSPENDED", "RESTORED"], "GRANTED"),
        ("DEMONSTRATED", ["REDUCED", "WITHDRAWN"], "WITHDRAWN"),
        ("REFUSED", ["MAINTAINED"], "REFUSED"),
    ],
)
def test_the_status_follows_from_the_events(decided: str, events: list[str], status: str) -> None:
    assert status_of(decided, events) == status


@pytest.mark.parametrize(
    ("status", "decided", "after", "worse", "word"),
    [
        ("GRANTED", "GRANTED", "GRANTED", False, "MAINTAINED"),
        ("GRANTED", "GRANTED", "GRANTED", True, "REDUCED"),
        ("GRANTED", "GRANTED", "REFUSED", True, "SUSPENDED"),
        ("DEMONSTRATED", "DEMONSTRATED", "", True, "SUSPENDED"),
        ("REFUSED", "REFUSED", "GRANTED", False, "MAINTAINED"),
        ("REFUSED", "REFUSED", "REFUSED", True, "MAINTAINED"),
        ("SUSPENDED", "GRANTED", "GRANTED", False, "SUSPENDED"),
        ("WITHDRAWN", "GRANTED", "REFUSED", True, "WITHDRAWN"),
        ("REDUCED", "GRANTED", "GRANTED", False, "REDUCED"),
    ],
)
def test_what_a_recall_makes_of_a_document(
    *, status: str, decided: str, after: str, worse: bool, word: str
) -> None:
    assert event_word(status, decided=decided, after=after, worse=worse) == word


def test_no_recall_ever_makes_a_document_stand_better_than_before() -> None:
    """Whatever comes out: nothing is granted, restored or renewed by a computation."""
    rank = {"REDUCED": 1, "SUSPENDED": 2, "WITHDRAWN": 2, "REFUSED": 2}
    for decided, later, after, worse in itertools.product(
        ("GRANTED", "DEMONSTRATED", "REFUSED"),
        ("", "MAINTAINED", "REDUCED", "SUSPENDED", "WITHDRAWN", "RENEWED"),
        [*WORDS, ""],
        (True, False),
    ):
        before = [later] if later else []
        status = status_of(decided, before)
        event = event_word(status, decided=decided, after=after, worse=worse)
        assert event in {"MAINTAINED", "REDUCED", "SUSPENDED", "WITHDRAWN"}
        now = status_of(decided, [*before, event])
        assert rank.get(now, 0) >= rank.get(status, 0), (decided, later, after, worse)
        if decided in POSITIVE and after not in POSITIVE:
            assert now in {"SUSPENDED", "WITHDRAWN"}
