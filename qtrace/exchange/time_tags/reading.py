"""The one door to time-tag files: which format it is, and its tags in the order of time.

Inside: `open_tags`, `read_tags`, `TagReader`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.time_tags.formats import format_of
from qtrace.exchange.time_tags.order import InOrder
from qtrace.exchange.time_tags.source import RawSource, TagBytes, TagOptions
from qtrace.laboratory.time_tags import TagChunk, TagFaults, TagHeader, TagStream
from qtrace.physics.tags.decode_order import steps_back

TAGS_PER_CHUNK = 1 << 19
_TAGS_AT_ONCE = 1 << 16


def _silent(_done: float) -> None:
    """Drop a report of progress."""


class TagReader:
    """A file of time tags, opened: its header, then its tags in parts.

    `faults` and `digest` are complete when the last part was given.
    """

    def __init__(self, path: Path, source: RawSource, options: TagOptions) -> None:
        self.path = path
        self.options = options
        self.faults = TagFaults()
        self.digest = ""
        self._source = source

    @property
    def header(self) -> TagHeader:
        """Return what the file says of itself."""
        return self._source.header

    def chunks(
        self,
        tags_per_chunk: int = TAGS_PER_CHUNK,
        progress: Callable[[float], None] = _silent,
    ) -> Iterator[TagChunk]:
        """Yield the tags in parts; times never fall, within a part and from part to part.

        Args:
            tags_per_chunk: How many records are read at once; a part may have a few more tags.
            progress: Takes how much of the file is behind, 0 to 1, after each part.

        Yields:
            Parts of the stream, each with the faults met while it was read. What was in disorder
            is put in order if it is late by no more than `options.reach` tags.

        Raises:
            InputError: a damaged record, or a tag that is late by more than that.
        """
        if tags_per_chunk < 1:
            raise InputError("a part has at least one tag", where="tags_per_chunk")
        yield from self._chunks(tags_per_chunk, progress)

    def _chunks(self, tags_per_chunk: int, progress: Callable[[float], None]) -> Iterator[TagChunk]:
        self.faults = TagFaults()
        in_order = InOrder(self.path, self.options.reach)
        told = TagFaults()
        counted = 0
        with TagBytes(self.path, digest=self.options.digest) as source:
            for block in self._source.blocks(source, tags_per_chunk):
                told = told.plus(block.faults)
                for times, channels in in_order.push(block.times_ps, block.channels):
                    late = in_order.out_of_order - counted
                    counted += late
                    yield self._chunk(times, channels, told, late)
                    told = TagFaults()
                progress(block.done)
            for times, channels in in_order.finish():
                late = in_order.out_of_order - counted
                counted += late
                yield self._chunk(times, channels, told, late)
                told = TagFaults()
            if told != TagFaults():
                nothing = np.empty(0, np.int64)
                yield self._chunk(nothing, nothing.astype(np.int16), told, 0)
            if source.position:
                self.digest = source.finish()
        self.digest = self.digest or self._digest()

    def _digest(self) -> str:
        """Return the digest of a file that a library read, "" where none is asked for."""
        if not self.options.digest:
            return ""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _chunk(
        self,
        times: NDArray[np.int64],
        channels: NDArray[np.int16],
        told: TagFaults,
        late: int,
    ) -> TagChunk:
        faults = told.plus(TagFaults(out_of_order=late))
        self.faults = self.faults.plus(faults)
        return TagChunk(times, channels, faults)

    def whole(self, progress: Callable[[float], None] = _silent) -> TagStream:
        """Return all tags; disorder of any reach is put in order, as all is in memory.

        Args:
            progress: Takes how much of the file is behind, 0 to 1.
        """
        reader = _Whole(self._source.most)
        faults, last, digest = TagFaults(), -(2**63), ""
        with TagBytes(self.path, digest=self.options.digest) as source:
            for block in self._source.blocks(source, _TAGS_AT_ONCE):
                times = block.times_ps
                late = steps_back(times, before_ps=last)
                faults = faults.plus(block.faults).plus(TagFaults(out_of_order=late))
                last = int(times[-1]) if times.size else last
                reader.add(times, block.channels)
                progress(block.done)
            digest = source.finish() if source.position else ""
        self.faults, self.digest = faults, digest or self._digest()
        times, channels = reader.tags()
        if faults.out_of_order:
            order = np.argsort(times, kind="stable")
            times, channels = times[order], channels[order]
        return TagStream(self.header, times, channels, faults)


class _Whole:
    """Collects blocks: into room made once where the number of tags is bounded, else in a list."""

    def __init__(self, most: int | None) -> None:
        self._times = None if most is None else np.empty(most, np.int64)
        self._channels = None if most is None else np.empty(most, np.int16)
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.int16]]] = []
        self._count = 0

    def add(self, times: NDArray[np.int64], channels: NDArray[np.int16]) -> None:
        if self._times is None or self._channels is None:
            self._parts.append((times, channels))
            return
        after = self._count + times.size
        self._times[self._count : after] = times
        self._channels[self._count : after] = channels
        self._count = after

    def tags(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        if self._times is not None and self._channels is not None:
            return self._times[: self._count], self._channels[: self._count]
        times = [np.empty(0, np.int64), *(one[0] for one in self._parts)]
        channels = [np.empty(0, np.int16), *(one[1] for one in self._parts)]
        return np.concatenate(times), np.concatenate(channels)


def open_tags(
    path: Path | str,
    *,
    format: str = "",  # noqa: A002
    options: TagOptions | None = None,
) -> TagReader:
    """Open a file of time tags.

    Args:
        path: The file.
        format: Name of its format, from `FORMATS`; found out where empty.
        options: What the file does not say of itself.

    Raises:
        InputError: no such file, an empty one, a format that is not known, or a file that is
            something else than its name or `format` says.
        SetupError: the format needs a library that is not installed.
    """
    place = Path(path)
    chosen = options or TagOptions()
    row = format_of(place, format)
    return TagReader(place, row.open(place, chosen), chosen)


def read_tags(
    path: Path | str,
    *,
    format: str = "",  # noqa: A002
    options: TagOptions | None = None,
    progress: Callable[[float], None] = _silent,
) -> TagStream:
    """Read a file of time tags as a whole.

    Args:
        path: The file.
        format: Name of its format, from `FORMATS`; found out where empty.
        options: What the file does not say of itself.
        progress: Takes how much of the file is behind, 0 to 1.

    Raises:
        InputError: as `open_tags`, and for damaged records.
        SetupError: the format needs a library that is not installed.
    """
    return open_tags(path, format=format, options=options).whole(progress)
