"""Links and runs: endpoints and devices in roles; one recorded operation.

Inside: `CALIBRATION_CHOICES`, `COMPLETED`, `ABORTED`, `Declaration`, `Link`, `RoleUse`, `Run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from qtrace.laboratory.run_files import RunFile

# Which calibration serves a use: the one before it, the one that closed the period, or both.
BEFORE, AFTER, BRACKETED = "before", "after", "bracketed"
CALIBRATION_CHOICES = (BEFORE, AFTER, BRACKETED)

# How a run ended. An aborted one gave no key; its time and its failure count all the same.
COMPLETED, ABORTED = "completed", "aborted"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A limit that the security target of a link declares; `value` is in SI units."""

    name: str
    value: float
    unit: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class RoleUse:
    """A device in a role of a run, with the conditions of use (texts of quantities).

    `device_id` is empty where the device that played the role is not in the registry; then
    `described_as` says what is known of it. `calibration` is empty or one of
    `CALIBRATION_CHOICES`.
    """

    role: str
    device_id: str
    conditions: dict[str, str] = field(default_factory=dict)
    described_as: str = ""
    calibration: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two endpoints, a channel, a protocol. `watermark` is 'SYNTHETIC' or empty.

    `roles` says which device plays which role on this link (conditions left empty); a run
    may not put another device there.
    """

    link_id: str
    title: str
    protocol: str
    endpoints: tuple[str, str]
    watermark: str = ""
    declarations: tuple[Declaration, ...] = ()
    documents: dict[str, str] = field(default_factory=dict)
    source: str = ""
    roles: tuple[RoleUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded operation of a link: time span, counts, parameters, provenance.

    `provenance` is 'measured', 'published' or 'simulated'; `from_memory` names the parts
    that no source confirms. `key_disposition` is 'discarded', 'never_used' or 'live'.

    `choices` are words that select: "bound", "key_basis", "intensity_1" (its name). `moments` are
    measured second moments, (value, u) by name. `assumptions` hold the interval that a proof may
    assume of a parameter; `ideal_because` says why one that the proof does not model is ideal.
    `plan_id` names the plan that was on record before, `status` how it ended. `files` are raw
    files that its figures are reduced from.
    """

    run_id: str
    link_id: str
    started: datetime
    ended: datetime
    counts: dict[str, int]
    parameters: dict[str, float]
    roles: tuple[RoleUse, ...]
    key_disposition: str
    provenance: str
    source: str = ""
    from_memory: tuple[str, ...] = ()
    published: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    planned: bool = False
    protocol: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    moments: dict[str, tuple[float, float]] = field(default_factory=dict)
    assumptions: dict[str, tuple[float, float]] = field(default_factory=dict)
    ideal_because: dict[str, str] = field(default_factory=dict)
    plan_id: str = ""
    status: str = COMPLETED
    files: tuple[RunFile, ...] = ()
