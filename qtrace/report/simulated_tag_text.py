"""What was written by a simulation of time tags, for people.

Inside: `simulated_tag_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class _File(Protocol):
    """A tag file that was written."""

    @property
    def station(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def tags(self) -> int: ...
    @property
    def overflows(self) -> int: ...
    @property
    def lost(self) -> int: ...


def simulated_tag_rows(
    files: Iterable[_File], *, truth_file: str, simulator: str, seed: int
) -> tuple[tuple[str, str], ...]:
    """Return names and values: each file with its tags, overflows, the truth file."""
    rows = [("provenance", f"simulated: {simulator}, seed {seed}")]
    for one in files:
        rows += [(f"tags of {one.station}", f"{one.tags} in {one.path}")]
        if one.overflows:
            rows += [("OVERFLOW", f"{one.overflows} stretches, {one.lost} tags lost")]
    return (*rows, ("truth file", truth_file))
