"""What an audit found, one line per fault, each with the ledger entry that it belongs to.

Inside: `AuditFinding`, `Audited`.
"""

from __future__ import annotations

from dataclasses import dataclass


def _printable(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong; `entry` is the ledger sequence it belongs to, 0 if none."""

    check: str
    entry: int
    what: str

    def __post_init__(self) -> None:
        # What is quoted may come from damaged rows: nothing of it may steer a terminal.
        object.__setattr__(self, "what", "".join(map(_printable, self.what)))

    def __str__(self) -> str:
        where = f"ledger entry {self.entry}: " if self.entry else ""
        return f"{self.check}: {where}{self.what}"


@dataclass(frozen=True, slots=True)
class Audited:
    """What was looked at, in numbers, and everything found wrong.

    `other_rules` counts assessments by schemes or editions that are not shipped here: they were
    not drawn again; their documents carry their own rules, and were.
    """

    entries: int
    results: int
    assessments: int
    other_rules: int
    statements: int
    findings: tuple[AuditFinding, ...]
