"""What a chain is: steps up to typed ends, with named breaks where it is not whole.

Inside: `BreakName`, `Break`, `ChainEnd`, `ChainNode`, `Chain`, `Dossier`,
`on_circles`.
Source: VIM 2.41 to 2.43 (traceability is a property of a result); ILAC P10:07/2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qtrace.laboratory.event import EndKind, Event, RecordedResult, Withdrawal
from qtrace.laboratory.laboratory import Laboratory
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.traceability.states import FoundState
from qtrace.uncertainty.network import Network


class BreakName(StrEnum):
    """Why a step is missing."""

    NO_CALIBRATION = "no calibration"  # an instrument without any calibration on record
    EXPIRED_AT_USE = "expired at use"  # by the owner's calibration programme
    NO_PROGRAMME = "no programme"  # used later than its day, and nobody decided for how long
    OUTSIDE_CONDITIONS = "outside range or conditions"
    UNCERTAINTY_MISSING = "uncertainty missing"
    NOT_COMPETENT = "not competent"
    CERTIFICATE_NOT_AVAILABLE = "certificate not available"
    WITHDRAWN = "withdrawn"
    ADJUSTMENT_WITHOUT_AS_LEFT = "adjustment without as-left"  # used after it, not calibrated since
    ADJUSTMENT_WITHOUT_AS_FOUND = "adjustment without as-found"  # used before it, never confirmed
    END_MISSING = "end missing"


@dataclass(frozen=True, slots=True)
class Break:
    """A missing step: its name, what it is about, why, and the node where it shows."""

    name: BreakName
    subject: str
    reason: str
    at: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.name}"


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """A typed end of one path."""

    kind: EndKind
    subject: str
    statement: str
    at: str


@dataclass(frozen=True, slots=True)
class ChainNode:
    """One box of the drawing. `kind` is result, instrument, end or break."""

    key: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """All paths of one result. `edges` lead from a result to what it rests on."""

    target: str
    nodes: tuple[ChainNode, ...]
    edges: tuple[tuple[str, str], ...]
    ends: tuple[ChainEnd, ...]
    breaks: tuple[Break, ...]
    weakest_step: str = ""

    @property
    def unbroken(self) -> bool:
        """Return whether every path reaches a typed end."""
        return not self.breaks


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything on record that bears on a set of results; handed to pure functions.

    `instrument_results` lists, per device, the calibrated results on record for it; `found`
    when adjusted devices were calibrated as they were found.
    """

    network: Network
    results: Mapping[int, RecordedResult]
    events: Mapping[str, Event]
    input_owner: Mapping[int, tuple[str, str]]
    laboratories: Mapping[str, Laboratory] = field(default_factory=dict)
    programmes: tuple[CalibrationProgramme, ...] = ()
    withdrawals: Mapping[str, Withdrawal] = field(default_factory=dict)
    instrument_results: Mapping[str, tuple[RecordedResult, ...]] = field(default_factory=dict)
    adjustments: tuple[Event, ...] = ()
    found: tuple[FoundState, ...] = ()

    def event_of(self, result_id: int) -> Event:
        """Return the event that a result belongs to."""
        return self.events[self.results[result_id].event_label]


def on_circles(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return the results that lie on a circle of edges, or between two, in order of name.

    Parents are older than their children, so only readings of instruments can close a circle.
    """
    left = {edge for edge in edges if edge[1].startswith("result:")}
    while True:
        starts, stops = {a for a, _ in left}, {b for _, b in left}
        kept = {(a, b) for a, b in left if a in stops and b in starts}
        if kept == left:
            return sorted(starts)
        left = kept
