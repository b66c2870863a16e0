"""The channels of a file of time tags, in memory or, of a large file, in a file of their own.

Inside: `channels_of`, `tenths`, `LARGE_BYTES`.

A large file is read part by part. Each channel that is wanted goes to a file without a name of raw
int64 and is mapped into memory read-only: the system takes its pages back where memory is short,
and the file is gone when it is closed, whatever happens. It lies where temporary files lie (TMPDIR
says where; a folder held in memory gains nothing).
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import SetupError
from qtrace.exchange.time_tags.reading import open_tags, read_tags

Integers = NDArray[np.int64]

# Files larger than this are not held in memory.
LARGE_BYTES = 256 * 1024 * 1024
# Files larger than this tell how much of them is behind.
LONG_FILE_BYTES = 50_000_000
_STEPS_OF_PROGRESS = 10


def _silent(_done: float) -> None:
    """Drop a report of progress."""


def tenths(path: Path, tell: Callable[[str], None], *, name: str = "") -> Callable[[float], None]:
    """Return what tells each tenth of a long file that is behind; a short one tells nothing.

    Args:
        path: The file.
        tell: Takes the messages.
        name: What the file is called there; its own name unless said.
    """
    if not path.is_file() or path.stat().st_size <= LONG_FILE_BYTES:
        return _silent
    told = 0

    def at(done: float) -> None:
        nonlocal told
        step = int(done * _STEPS_OF_PROGRESS)
        if step > told:
            told = step
            tell(f"{name or path.name}: {step * 100 // _STEPS_OF_PROGRESS} % read")

    return at


@contextmanager
def channels_of(
    path: Path,
    numbers: Mapping[str, int],
    *,
    format: str = "",  # noqa: A002
    zero_ps: int = 0,
    large_bytes: int | None = None,
    progress: Callable[[float], None] = _silent,
) -> Iterator[dict[str, Integers]]:
    """Give the tags of some channels, in the order of time, as long as they are needed.

    Args:
        path: The file.
        numbers: Number of each channel by what it carries.
        format: Name of its format; found out where empty.
        zero_ps: Added to every tag.
        large_bytes: Size above which nothing is held in memory; `LARGE_BYTES` unless said.
        progress: Takes how much of the file is behind, 0 to 1.

    Yields:
        Times in ps by what the channel carries; those of a large file are read-only, and gone
        afterwards.

    Raises:
        InputError: the file is damaged; a tag of a large file is late by more than its reader
            reaches.
        SetupError: a library is missing, or no room is left for temporary files.
    """
    if path.stat().st_size <= (LARGE_BYTES if large_bytes is None else large_bytes):
        stream = read_tags(path, format=format, progress=progress)
        yield {name: stream.channel(number) + zero_ps for name, number in numbers.items()}
        return
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for name in numbers:
            with _room(path):
                files[name] = stack.enter_context(tempfile.TemporaryFile(prefix="qtrace."))
        for chunk in open_tags(path, format=format).chunks(progress=progress):
            for name, number in numbers.items():
                times = chunk.times_ps[chunk.channels == number] + np.int64(zero_ps)
                with _room(path):
                    files[name].write(times.data)
        for file in files.values():
            with _room(path):
                file.flush()
        yield {name: _mapped(file) for name, file in files.items()}


def _mapped(file: IO[bytes]) -> Integers:
    """Return a file of int64 as an array that is read where it lies."""
    if not file.tell():
        return np.empty(0, np.int64)
    return np.asarray(np.memmap(file, dtype=np.int64, mode="r"))


@contextmanager
def _room(path: Path) -> Iterator[None]:
    """Turn a full disk into an error for people."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else f"{error.strerror or error}"
        raise SetupError(
            f"the channels of a large file cannot be kept aside: {reason}",
            where=f"{path}, temporary files in {tempfile.gettempdir()}",
            next_step="free some room, or set TMPDIR to a folder that has 8 bytes for each tag",
        ) from None
