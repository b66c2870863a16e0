"""Withdraw a calibration: it no longer counts, and what rests on it is named.

Inside: `Withdrawn`, `withdraw`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.ledger.canonical import parse_canonical
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawn event, and what rests on it: events, runs and issued documents."""

    label: str
    events: tuple[str, ...]
    runs: tuple[str, ...]
    documents: tuple[str, ...]
    sequence: int


def withdraw(workbench: Workbench, label: str, reason: str) -> Withdrawn:
    """Record that a calibration no longer counts.

    Raises:
        InputError: no such event, no reason, or withdrawn already.
    """
    if not reason.strip():
        raise InputError("a withdrawal needs a reason", next_step="give --reason TEXT")
    with workbench.write("withdraw", label) as unit:
        unit.events.withdraw(label, reason, withdrawn_at=workbench.clock())
        resting = [one for one in unit.events.depending_on(label) if one.label != label]
        runs = tuple(dict.fromkeys(one.run_id for one in resting if one.run_id))
        links = {unit.links.run(run).link_id for run in runs}
        notes = [
            (entry.subject, parse_canonical(entry.content.encode()))
            for entry in unit.ledger.entries(action="certify")
        ]
        documents = tuple(str(note["document"]) for link, note in notes if link in links)
        return Withdrawn(label, tuple(one.label for one in resting), runs, documents, unit.sequence)
