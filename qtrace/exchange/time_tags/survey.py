"""One look through a file of time tags: how many in which channel, over how long, what is wrong.

Inside: `TagSurvey`, `survey_tags`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qtrace.exchange.time_tags.reading import open_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.laboratory.time_tags import TagFaults, TagHeader

PS = 1e-12


def _silent(_done: float) -> None:
    """Drop a report of progress."""


@dataclass(frozen=True, slots=True)
class TagSurvey:
    """What a file holds; `tags` counts by channel, times None where there is no tag."""

    header: TagHeader
    tags: dict[int, int]
    first_ps: int | None
    last_ps: int | None
    faults: TagFaults
    digest: str

    @property
    def span_s(self) -> float:
        """Return from the first tag to the last, s."""
        if self.first_ps is None or self.last_ps is None:
            return 0.0
        return (self.last_ps - self.first_ps) * PS


def survey_tags(
    path: Path,
    *,
    format: str = "",  # noqa: A002
    options: TagOptions | None = None,
    progress: Callable[[float], None] = _silent,
) -> TagSurvey:
    """Read a file once, part by part; it may be larger than memory.

    Args:
        path: The file.
        format: Name of its format; found out where empty.
        options: What the file does not say of itself.
        progress: Takes how much of the file is behind, 0 to 1.

    Raises:
        InputError: the file is damaged, mislabelled or of no known format.
        SetupError: its format needs a library that is not installed.
    """
    asked = replace(options or TagOptions(), digest=True)
    reader = open_tags(path, format=format, options=asked)
    counts: dict[int, int] = {}
    first = last = None
    for chunk in reader.chunks(progress=progress):
        if chunk.times_ps.size:
            first = int(chunk.times_ps[0]) if first is None else first
            last = int(chunk.times_ps[-1])
        for number, count in zip(*np.unique(chunk.channels, return_counts=True), strict=True):
            counts[int(number)] = counts.get(int(number), 0) + int(count)
    return TagSurvey(
        reader.header, dict(sorted(counts.items())), first, last, reader.faults, reader.digest
    )
