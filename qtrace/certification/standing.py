"""The standing of an issued document: its decision, and the decision events after it.

Inside: `POSITIVE`, `status_of`, `event_word`.

A document is never changed. What happens to it later is a decision event beside it, and its
status is derived from all of them in the order of their recording.
Source: ISO/IEC 17065:2012 (suspension, reduction, withdrawal; clauses from memory).
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.certification.decision import DecisionWord

POSITIVE = frozenset({DecisionWord.GRANTED, DecisionWord.DEMONSTRATED})
# From these a document comes back by a decision of people, not by another recall.
_GONE = (DecisionWord.SUSPENDED, DecisionWord.WITHDRAWN)


def status_of(decided: str, events: Iterable[str]) -> str:
    """Return the status of a document now.

    Args:
        decided: Its decision as issued.
        events: Words of the decision events after it, in the order of recording.
    """
    status = decided
    for word in events:
        if word == DecisionWord.MAINTAINED:
            continue
        status = decided if word == DecisionWord.RESTORED else word
    return status


def event_word(status: str, *, decided: str, after: str, worse: bool) -> DecisionWord:
    """Return the decision event that a recall makes of a document that it touches.

    What was decided positively and would not be now is SUSPENDED until somebody decides again;
    what would be, with less shown, is REDUCED; everything else is MAINTAINED. A recall grants
    nothing and restores nothing.

    Args:
        status: Of the document before the recall.
        decided: Its decision as issued.
        after: The decision that would follow now, empty where none can be drawn.
        worse: Whether a finding came out worse.
    """
    if status in _GONE:
        return DecisionWord(status)
    if decided not in POSITIVE:
        return DecisionWord.MAINTAINED
    if after not in POSITIVE:
        return DecisionWord.SUSPENDED
    return (
        DecisionWord.REDUCED
        if worse or status == DecisionWord.REDUCED
        else (DecisionWord.MAINTAINED)
    )
