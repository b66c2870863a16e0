"""Options of a reduction of time tags, read from an `[input.NAME]` table.

Inside: `Asked`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, QtraceError
from qtrace.exchange.quantity_fields import positive
from qtrace.exchange.tag_files import FoundTags, TagFiles
from qtrace.exchange.toml_table import TomlTable
from qtrace.physics.tags.reduced import PS_PER_S
from qtrace.quantity.kinds import kind
from qtrace.quantity.value import parse_quantity


@dataclass(frozen=True, slots=True)
class Asked:
    """What an input asks of a tag file: its options, with their places, in picoseconds."""

    table: TomlTable
    tags: FoundTags
    files: TagFiles

    @property
    def resolution_ps(self) -> float:
        """Return the step of the tagger's scale, ps."""
        return max(self.tags.stream.header.resolution_ps, 1.0)

    def channel(self, key: str = "channel") -> NDArray[np.int64]:
        """Return the tags of a channel; one without tags is refused with those that have some."""
        number = self.table.integer(key)
        found = self.tags.stream.channel(number)
        if found.size == 0:
            numbers = ", ".join(map(str, self.tags.stream.numbers()))
            raise self.table.error(
                key,
                f"channel {number} has no tag in {self.tags.name}",
                next_step=f"channels with tags: {numbers}" if numbers else "the file is empty",
            )
        return found

    def time_ps(self, key: str) -> float:
        """Return a time above zero that must be stated, ps."""
        return positive(self.table, key, dimension=kind("duration").dimension).si * PS_PER_S

    def optional_time_ps(self, key: str) -> float | None:
        """Return a time above zero, or None where it is not stated, ps."""
        return self.time_ps(key) if self.table.has(key) else None

    def whole_ps(self, key: str) -> int:
        """Return a time above zero, rounded to whole picoseconds."""
        return max(round(self.time_ps(key)), 1)

    def offset_ps(self) -> float:
        """Return `delay`, second - first, of either sign; 0 where it is not stated."""
        if not self.table.has("delay"):
            return 0.0
        return self._amount("delay", self.table.entered("delay"))

    def window_ps(self, key: str = "window") -> tuple[int, int]:
        """Return a window written as two times, from and to, in whole ps."""
        texts = self.table.texts(key)
        if len(texts) != 2:
            raise self.table.error(
                key,
                f'"{key}" is a window: two times, from and to',
                next_step=f'write {key} = ["50 ns", "2 us"]',
            )
        low, high = (round(self._amount(key, one)) for one in texts)
        if not low < high:
            raise self.table.error(key, "the window has no width", next_step="lower end first")
        return low, high

    def span_ps(self) -> tuple[tuple[int, int], tuple[str, ...]]:
        """Return start and stop of the recording, with a note where they had to be assumed."""
        times = self.tags.stream.times_ps
        first, last = int(times[0]), int(times[-1])
        if not self.table.has("duration"):
            note = "live time assumed: first to last tag of the file, all channels"
            return (first, last), (note,)
        stated = self.whole_ps("duration")
        if last - first > stated:
            raise self.table.error(
                "duration",
                f"the tags span {(last - first) / PS_PER_S:.9g} s, more than the duration",
                next_step="state the live time of the recording by the tagger's clock",
            )
        return (last - stated, last), ()

    def number(self, key: str, default: int, *, least: int = 1) -> int:
        """Return a whole number, or the default."""
        return self.table.integer(key, least=least) if self.table.has(key) else default

    def _amount(self, key: str, text: str) -> float:
        try:
            found = parse_quantity(text)
        except QtraceError as error:
            raise self.table.error(key, error.what, next_step=error.next_step) from None
        if found.unit.dimension != kind("duration").dimension or not math.isfinite(found.si):
            raise InputError(
                f"{text!r} is no time",
                where=str(self.table.place(key)),
                next_step='write it like "50 ns"',
            )
        return found.si * PS_PER_S
