"""What drafts of every sort say: where something stands, and how a result may drift.

Inside: `Place`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: file name, line (1-based, 0 unknown), field."""

    file: str
    line: int = 0
    field: str = ""

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        field = f", field {self.field}" if self.field else ""
        return f"{self.file}{line}{field}"
