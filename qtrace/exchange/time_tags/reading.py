"""The one door to time-tag files: which format it is, and its tags in the order of time.

Inside: `open_tags`, `read_tags`, `TagReader`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.time_tags.formats import format_of
from qtrace.exchange.time_tags.order import InOrder
from qtrace.exchange.time_tags.source import RawSource, TagBytes, TagOptions
from qtrace.laboratory.time_tags import TagChunk, TagFaults, TagHeader, TagStream

TAGS_PER_CHUNK = 1 << 20


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
        yield from self._chunks(tags_per_chunk, progress, self.options.reach)

    def _chunks(
        self, tags_per_chunk: int, progress: Callable[[float], None], reach: int | None
    ) -> Iterator[TagChunk]:
        self.faults = TagFaults()
        in_order = InOrder(self.path, reach)
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
        if self.options.digest and not self.digest:
            with self.path.open("rb") as file:
                self.digest = hashlib.file_digest(file, "sha256").hexdigest()

    def _chunk(
        self,
        times: np.ndarray[tuple[int], np.dtype[np.int64]],
        channels: np.ndarray[tuple[int], np.dtype[np.int16]],
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
        parts = list(self._chunks(TAGS_PER_CHUNK, progress, None))
        if len(parts) == 1:
            times, channels = parts[0].times_ps, parts[0].channels
        else:
            times = np.concatenate([one.times_ps for one in parts] or [np.empty(0, np.int64)])
            channels = np.concatenate([one.channels for one in parts] or [np.empty(0, np.int16)])
        return TagStream(self.header, times, channels, self.faults)


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
