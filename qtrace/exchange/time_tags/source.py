"""What every reader of a time-tag format is given and gives: options, bytes, undecoded order.

Inside: `TagOptions`, `RawBlock`, `RawSource`, `TagBytes`, `read_by_library`,
`refuse_channels`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, QtraceError
from qtrace.laboratory.time_tags import TagFaults, TagHeader

SIMULATED_MARK = "simulated by qtrace"
DEFAULT_REACH = 1 << 16


@dataclass(frozen=True, slots=True)
class TagOptions:
    """What a file does not say of itself.

    Args:
        times: Dataset, column or field of the times; the format's usual name where empty.
        channels: The same of the channels; for NPY a second file beside the first.
        unit_ps: Unit of the times of NPY and plain HDF5 files, whole ps.
        word_order: Of S-Fifteen a1 files: "low first", "high first" ("legacy", X), or found out.
        markers: Whether markers and sync events are given, under their negative numbers.
        negative_channels: Whether NPY, CSV, HDF5 and Parquet files may have them.
        reach: How many tags a late one may be behind, in reading by chunks.
        digest: Whether SHA-256 is taken of the bytes while reading.
    """

    times: str = ""
    channels: str = ""
    unit_ps: int = 1
    word_order: str = ""
    markers: bool = True
    negative_channels: bool = False
    reach: int = DEFAULT_REACH
    digest: bool = False


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Tags in the order of the file; `done` is how much of the file is behind, 0 to 1."""

    times_ps: NDArray[np.int64]
    channels: NDArray[np.int16]
    faults: TagFaults = field(default_factory=TagFaults)
    done: float = 0.0

    def with_end(self, truncated_bytes: int, done: float) -> RawBlock:
        """Return the block with what is left over at the end, and how far the file was read."""
        faults = self.faults.plus(TagFaults(truncated_bytes=truncated_bytes))
        return RawBlock(self.times_ps, self.channels, faults, done)


class TagBytes:
    """The bytes of a file, read once from front to back, and their digest."""

    def __init__(self, path: Path, *, digest: bool) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.position = 0
        self._hash = hashlib.sha256() if digest else None
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, count: int) -> bytes:
        """Return up to `count` bytes; fewer at the end only."""
        data = self._file.read(min(count, max(0, self.size - self.position)))
        self.position += len(data)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def done(self) -> float:
        """Return how much of the file was read, 0 to 1."""
        return self.position / self.size if self.size else 1.0

    def finish(self) -> str:
        """Return the digest of the whole file, "" where none is asked for."""
        if self._hash is None:
            return ""
        while self.read(1 << 20):
            pass
        return self._hash.hexdigest()

    def records(
        self, record_bytes: int, *, offset: int, per_block: int, count: int | None = None
    ) -> Iterator[tuple[bytes, int, int]]:
        """Yield whole records of one size.

        Args:
            record_bytes: Size of one record.
            offset: Where the first one begins.
            per_block: Most records to give at once.
            count: How many are announced; as many as there are where None.

        Yields:
            Their bytes, the number of the first of them from 0, and in the last block the bytes
            that are left over at the end or missing of what was announced.
        """
        self.read(offset)
        first = 0
        while True:
            wanted = per_block if count is None else min(per_block, count - first)
            data = self.read(wanted * record_bytes)
            whole = len(data) // record_bytes
            rest = len(data) - whole * record_bytes
            ended = len(data) < wanted * record_bytes or (count == first + whole)
            if ended and count is not None:
                rest = (count - first - whole) * record_bytes
            if whole or rest:
                yield data[: whole * record_bytes], first, rest if ended else 0
            first += whole
            if ended:
                return


@contextmanager
def read_by_library(path: Path, kind: str, next_step: str) -> Iterator[None]:
    """Turn whatever a library raises about a damaged file into an error for people.

    Args:
        path: The file.
        kind: What the file is.
        next_step: What the reader can do about it.

    Raises:
        InputError: the library raised something.
    """
    try:
        yield
    except QtraceError:
        raise
    except Exception as error:  # noqa: BLE001 - libraries raise anything about damaged files
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise InputError(
            f"this {kind} cannot be read: {said}", where=str(path), next_step=next_step
        ) from None


@dataclass(frozen=True, slots=True)
class RawSource:
    """A file that was opened: what it says of itself, and how to read on.

    `blocks` takes the bytes and the number of tags wanted at once; readers with a library of their
    own leave the bytes alone. `most` is what the number of tags cannot exceed, where known.
    """

    header: TagHeader
    blocks: Callable[[TagBytes, int], Iterator[RawBlock]]
    most: int | None = None


def refuse_channels(
    channels: NDArray[np.integer], path: Path, *, first: int, negative: bool, what: str = "record"
) -> NDArray[np.int16]:
    """Return channels as int16.

    Args:
        channels: Channels as read, any integer type, (n,).
        path: The file, for the message.
        first: Number of the first of them in the file, from 0.
        negative: Whether negative ones are known to be meant.
        what: What is counted: record, line, row.

    Raises:
        InputError: one is beyond int16, or negative without being meant.
    """
    lowest = -(2**15) if negative else 0
    bad = (channels < lowest) | (channels > 2**15 - 1)
    if bad.any():
        index = int(np.argmax(bad))
        raise InputError(
            f"channel {int(channels[index])}",
            where=f"{path}, {what} {first + index + 1}",
            next_step="channels are 0 to 32767; negative ones of a table must be said to be meant:"
            " --negative",
        )
    return channels.astype(np.int16)
