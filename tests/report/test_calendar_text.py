"""Calendar, history and proposal as people read them: 80 columns, nothing hidden."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qtrace.report.calendar_text import due_text, history_text, proposal_text
from qtrace.traceability.due import DueRow, DueState
from qtrace.traceability.history import CalibratedState, History, Shift
from qtrace.traceability.pairing import Gap
from qtrace.traceability.proposal import IntervalMethod, Observation, Proposal
from qtrace.uncertainty.drift_rate import DriftRate, Prediction, fit_drift_rate

NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
LONG = "SNSPD-OF-THE-CENTRAL-LABORATORY-NUMBER-ONE"


def narrow(text: str) -> bool:
    """At most 80 columns, but for lines of prose, which the command line folds."""
    return all(len(line) <= 80 or " " in line for line in text.splitlines())


def row(device: str, state: DueState, left: float | None) -> DueRow:
    due = None if left is None else NOON + timedelta(days=left)
    last = None if left is None else NOON
    return DueRow(device, "dark_count_rate", state, 365.0, "quality", "C", last, due, left)


def test_the_calendar_counts_what_is_late() -> None:
    text = due_text(
        [
            row(LONG, DueState.NEVER, None),
            row("B", DueState.OVERDUE, -0.5),
            row("C", DueState.DUE, 3.9),
        ]
    )
    assert "2 of 3 overdue or never calibrated" in text
    assert re.search(r" -1 +overdue", text)  # half a day late is late
    assert re.search(r" 3 +due", text)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert due_text([]) == "nothing is due"


@dataclass(frozen=True)
class Shown:
    history: History
    tolerance: str
    observations: tuple[Observation, ...]
    drift: DriftRate | None
    predicted_at: datetime | None
    prediction: Prediction | None
    warnings: tuple[str, ...]


def state(label: str, days: float, value: float, kind: str = "") -> CalibratedState:
    return CalibratedState(1, f"{label}/r", label, kind, NOON + timedelta(days=days), value, 0.004)


def observation(*, good: bool | None, doubtful: bool = False, used: bool = True) -> Observation:
    return Observation("M", "A", "B", NOON, 365.0, 0.01, 0.002, good, doubtful, used)


def shown(drift: DriftRate | None) -> Shown:
    left, found = state("A", 0, 1.0, "as_left"), state("B", 365, 1.01)
    history = History(
        "M", "indication_ratio", "1", (("wavelength", "1550 nm"),), (left, found),
        (Shift(left, found, 0.01, 0.002, 0.006),), (Gap("B", "C", "as left without as found"),),
        ("a note",),
    )  # fmt: skip
    prediction = Prediction(100.0, 1.0127, 0.004, math.inf, (1.005, 1.021, 0.95))
    return Shown(
        history, "±1 % of the value left before", (observation(good=False, doubtful=True),), drift,
        None if drift is None else NOON, None if drift is None else prediction, ("it slows",),
    )  # fmt: skip


def test_a_history_says_shift_gap_rate_and_expectation() -> None:
    drift = fit_drift_rate([0.0], [365.0], [0.01], covariance=[[4e-6]])
    text = history_text(shown(drift))
    for words in (
        "0.0100(20)",
        "OUT, not sure",
        "as independent calibrations u would be 0.0060",
        "gap B to C: as left without as found",
        "drift rate 0.0100(20)/a, u by the covariance of the shifts, 0 left over",
        "expected on 2021-06-01: 1.0127(40)",
        "warning: it slows",
        "not stated",
        "wavelength",
    ):
        assert words in text, words
    assert narrow(text)
    assert "drift rate" not in history_text(shown(None))


def proposal(days: float | None, *, present: float | None = 365.0) -> Proposal:
    return Proposal(
        "M", "indication_ratio", "1", IntervalMethod.S2, "version 9", 0.9, "±1 %", present, days,
        None if days is None else (100.0, math.inf), "words on confidence",
        (observation(good=True), observation(good=False), observation(good=True, used=False)),
        ("mind the gap",),
    )  # fmt: skip


def test_a_proposal_says_how_it_is_adopted_and_that_it_is_not() -> None:
    text = proposal_text(proposal(230.85))
    for words in (
        "230.8 d",
        "100 d to no upper limit",
        "version 9",
        "not used",
        "note: mind the gap",
        'interval = "230 d"',  # rounded down
        "the programme is unchanged",
        "qtrace programme set FILE",
    ):
        assert words in text, words
    assert all(len(line) <= 80 for line in text.splitlines())


def test_no_proposal_and_no_change_offer_nothing_to_adopt() -> None:
    assert "nothing is proposed" in proposal_text(proposal(None))
    same = proposal_text(proposal(365.4))
    assert "the present interval stands" in same
    assert "[[programme]]" not in same
    assert "[[programme]]" in proposal_text(proposal(365.4, present=None))
