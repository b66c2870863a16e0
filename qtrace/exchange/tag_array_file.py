"""Simulated tags as an array file of numpy, written block by block.

Inside: `TagArrayWriter`, `TAG_ROW`, `read_tag_array`.

Rows of time_ps (int64) and channel (int16), marked simulated in the header. The file is written
beside its place and moved there by `place`; a writer that is left without it leaves nothing.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, SetupError

# The title of the field is the mark: it travels in the header of the file.
SIMULATED_MARK = "simulated by qtrace"
TAG_ROW = np.dtype([((SIMULATED_MARK, "time_ps"), "<i8"), ("channel", "<i2")])


class TagArrayWriter:
    """A file under way; a context manager that removes what was not placed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._under_way = path.with_name(f".{path.name}.part")
        self._stream: BinaryIO | None = None
        self._digest = ""

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._under_way.open("wb")
            self._stream.write(_header(0))
        except OSError as error:
            raise _not_written(self.path, error) from None
        return self

    def append(self, times_ps: NDArray[np.int64], channels: NDArray[np.int16]) -> None:
        """Add tags, in order."""
        rows = np.empty(times_ps.size, TAG_ROW)
        rows["time_ps"], rows["channel"] = times_ps, channels
        self._write(rows.tobytes())
        self.rows += rows.size

    def _write(self, data: bytes) -> None:
        if self._stream is None:
            raise SetupError("the file is not open", where=str(self.path))
        try:
            self._stream.write(data)
        except OSError as error:
            raise _not_written(self.path, error) from None

    def finish(self) -> str:
        """Write the header and close; return the SHA-256 of the file."""
        if self._stream is not None:
            self._stream.seek(0)
            self._write(_header(self.rows))
            try:
                self._stream.close()
            except OSError as error:
                raise _not_written(self.path, error) from None
            self._stream = None
            with self._under_way.open("rb") as stream:
                self._digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._digest

    def place(self) -> None:
        """Move the finished file to its place."""
        try:
            self._under_way.replace(self.path)
        except OSError as error:
            raise _not_written(self.path, error) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        self._under_way.unlink(missing_ok=True)


def _header(rows: int) -> bytes:
    """Return the header of the format, version 1.0: numpy leaves room for any number of rows."""
    text = io.BytesIO()
    about = {"descr": TAG_ROW.descr, "fortran_order": False, "shape": (rows,)}
    np.lib.format.write_array_header_1_0(text, about)
    return text.getvalue()


def read_tag_array(path: Path) -> NDArray[np.void]:
    """Return the rows of such a file, mapped, not read.

    Raises:
        InputError: it is no array of tags.
    """
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read: {error}", where=str(path)) from None
    if rows.dtype != TAG_ROW or rows.ndim != 1:
        raise InputError("the file holds no rows of time_ps, channel", where=str(path))
    return np.asanyarray(rows)


def _not_written(path: Path, error: OSError) -> SetupError:
    return SetupError(f"the file cannot be written: {error.strerror}", where=str(path))
