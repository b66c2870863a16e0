"""Measurands: what is to be measured, where, and under which conditions (VIM 2.3).

Inside: `Measurand`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurand:
    """A kind of quantity at stated conditions.

    `conditions` holds (name, text) pairs in order of name, e.g. ("wavelength", "1550.5 nm").
    The reference plane is the condition named "reference_plane".
    """

    kind: str
    conditions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, kind: str, conditions: dict[str, str]) -> Measurand:
        """Build a measurand from a mapping of conditions."""
        return cls(kind, tuple(sorted(conditions.items())))

    def condition(self, name: str) -> str:
        """Return the text of one condition, empty where it is not stated."""
        return dict(self.conditions).get(name, "")
