"""Writing time-tag files: simulated tags into the formats of instruments, and conversion.

Inside: `write_tags`, `write_chunks`, `WRITERS`.

A simulated stream keeps its mark where the format has room for one; where it has none the notes
that come back say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.fixed import (
    QUTAG_CHANNELS,
    QUTAG_HEADER,
    QUTAG_MARK,
    QUTAG_RECORD,
    SWABIAN_TAG,
)
from qtrace.exchange.time_tags.ptu_records import PtuWriter
from qtrace.exchange.time_tags.source import SIMULATED_MARK
from qtrace.exchange.time_tags.tables import CHANNEL, CSV_HEADER, TIME
from qtrace.laboratory.time_tags import TagChunk, TagHeader, TagStream

_QUTAG_MAGIC = bytes.fromhex("87b391fa")
_NO_ROOM = "this format has no room for a mark: the file does not say that it is simulated"

Times = NDArray[np.int64]
Channels = NDArray[np.int16]


class TagWriter(Protocol):
    """What writes one file, part by part."""

    def write(self, times_ps: Times, channels: Channels) -> None:
        """Append tags in the order of time."""

    def close(self) -> None:
        """Complete and close the file."""


class _Records:
    """A file of records, each part turned into bytes by one function."""

    def __init__(
        self,
        path: Path,
        pack: Callable[[Times, Channels], bytes],
        head: bytes = b"",
        end: Callable[[BinaryIO, int], None] | None = None,
    ) -> None:
        self._pack, self._end, self._count = pack, end, 0
        self._file = path.open("wb")
        self._file.write(head)

    def write(self, times_ps: Times, channels: Channels) -> None:
        self._file.write(self._pack(times_ps, channels))
        self._count += times_ps.size

    def close(self) -> None:
        if self._end is not None:
            self._end(self._file, self._count)
        self._file.close()


def _refuse(times: Times, channels: Channels, lowest: int, highest: int, name: str) -> None:
    if not times.size:
        return
    if channels.min() < lowest or channels.max() > highest:
        raise InputError(
            f"{name} has channels {lowest} to {highest},"
            f" the tags have {channels.min()} to {channels.max()}",
            where=f"writing {name}",
            next_step="leave out markers and falling edges, or choose another format",
        )
    if int(times[0]) < 0 and lowest >= 0 and name not in {"npy", "csv", "hdf5", "parquet"}:
        raise InputError(
            "a time before zero",
            where=f"writing {name}",
            next_step="count from the start of the recording",
        )


def _csv(path: Path, header: TagHeader) -> TagWriter:
    lines = [f"# {one}" for one in _comments(header)]

    def pack(times: Times, channels: Channels) -> bytes:
        _refuse(times, channels, 0, 2**15 - 1, "csv")
        pairs = zip(times.tolist(), channels.tolist(), strict=True)
        return "".join(f"{time},{channel}\n" for time, channel in pairs).encode()

    return _Records(path, pack, "\n".join([*lines, CSV_HEADER, ""]).encode())


def _npy(path: Path, header: TagHeader) -> TagWriter:
    name: Any = (SIMULATED_MARK, TIME) if header.simulated else TIME
    row = np.dtype([(name, "<i8"), (CHANNEL, "<i2")])

    def head(file: BinaryIO, count: int) -> None:
        # numpy keeps room for more rows in the header, so that its length stays.
        file.seek(0)
        fields = {"descr": row.descr, "fortran_order": False, "shape": (count,)}
        np.lib.format.write_array_header_1_0(file, fields)

    def pack(times: Times, channels: Channels) -> bytes:
        _refuse(times, channels, 0, 2**15 - 1, "npy")
        rows = np.empty(times.size, row)
        rows[TIME], rows[CHANNEL] = times, channels
        return rows.tobytes()

    writer = _Records(path, pack, end=head)
    head(writer._file, 0)
    return writer


def _qutag(path: Path, header: TagHeader) -> TagWriter:
    def pack(times: Times, channels: Channels) -> bytes:
        _refuse(times, channels, 0, QUTAG_CHANNELS - 1, "qutag")
        rows = np.empty(times.size, QUTAG_RECORD)
        rows["time"], rows["channel"] = times, channels
        return rows.tobytes()

    mark = QUTAG_MARK if header.simulated else bytes(8)
    head = (_QUTAG_MAGIC + bytes(12) + mark).ljust(QUTAG_HEADER, b"\0")
    return _Records(path, pack, head)


def _swabian(path: Path, _header: TagHeader) -> TagWriter:
    def pack(times: Times, channels: Channels) -> bytes:
        rows = np.zeros(times.size, SWABIAN_TAG)
        rows["time"], rows["channel"] = times, channels
        return rows.tobytes()

    return _Records(path, pack)


def _words(path: Path, name: str, units: Callable[[Times], Times], order: str) -> TagWriter:
    """Write 64-bit words: 54 bits of 1/256 ns, 4 of detectors; roll-overs as the card has them."""

    def pack(times: Times, channels: Channels) -> bytes:
        _refuse(times, channels, 0, 4, name)
        time = units(times) & ((1 << 54) - 1)
        pattern = np.where(channels > 0, 1 << np.maximum(channels.astype(np.int64) - 1, 0), 0)
        high, low = time >> 22, ((time & 0x3FFFFF) << 10) | pattern
        halves = (high, low) if order == "high first" else (low, high)
        return np.stack(halves, axis=1).astype("<u4").tobytes()

    return _Records(path, pack)


def _sfifteen(path: Path, _header: TagHeader) -> TagWriter:
    def units(times: Times) -> Times:
        turns, rest = np.divmod(times, 125)
        given: Times = turns * 32 + (rest * 32 + 62) // 125
        return given

    return _words(path, "sfifteen", units, "low first")


def _qcrypto(path: Path, _header: TagHeader) -> TagWriter:
    return _words(path, "qcrypto", lambda times: ((times + 62) // 125) * 32, "high first")


class _Hdf5:
    """Two plain datasets that grow."""

    def __init__(self, path: Path, header: TagHeader) -> None:
        h5py = _library("h5py", "timetags")
        self._file = h5py.File(path, "w")
        comments = _comments(header)
        if comments:
            self._file.attrs["comment"] = "\n".join(comments)
        self._file.attrs["instrument"] = header.instrument
        for name, kind in ((TIME, "<i8"), (CHANNEL, "<i2")):
            self._file.create_dataset(name, (0,), kind, maxshape=(None,), chunks=(1 << 16,))

    def write(self, times_ps: Times, channels: Channels) -> None:
        _refuse(times_ps, channels, 0, 2**15 - 1, "hdf5")
        for name, values in ((TIME, times_ps), (CHANNEL, channels)):
            rows = self._file[name]
            before = rows.shape[0]
            rows.resize((before + values.size,))
            rows[before:] = values

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Two columns, one group of rows for each part."""

    def __init__(self, path: Path, header: TagHeader) -> None:
        self._arrow = _library("pyarrow", "parquet")
        from pyarrow import parquet

        comments = _comments(header)
        self._schema = self._arrow.schema(
            [(TIME, self._arrow.int64()), (CHANNEL, self._arrow.int16())],
            metadata={"comment": "\n".join(comments)} if comments else None,
        )
        self._file = parquet.ParquetWriter(path, self._schema)

    def write(self, times_ps: Times, channels: Channels) -> None:
        _refuse(times_ps, channels, 0, 2**15 - 1, "parquet")
        arrays = [self._arrow.array(times_ps), self._arrow.array(channels)]
        self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._file.close()


def _ptu(path: Path, header: TagHeader) -> TagWriter:
    comments = _comments(header)
    return PtuWriter(path, comment=comments[0] if comments else "", instrument="qtrace")


# Name of the format to its writer, the suffix it is known by, and whether a mark has room.
WRITERS: dict[str, tuple[Callable[[Path, TagHeader], TagWriter], str, bool]] = {
    "ptu": (_ptu, ".ptu", True),
    "qutag": (_qutag, ".qutag", True),
    "sfifteen": (_sfifteen, ".ts", False),
    "qcrypto": (_qcrypto, "", False),
    "swabian-dump": (_swabian, ".dump", False),
    "hdf5": (_Hdf5, ".h5", True),
    "npy": (_npy, ".npy", True),
    "csv": (_csv, ".csv", True),
    "parquet": (_Parquet, ".parquet", True),
}


def write_tags(path: Path, stream: TagStream, *, format: str = "") -> tuple[str, ...]:  # noqa: A002
    """Write a stream in memory; see `write_chunks`.

    Args:
        path: Where to; nothing is there yet.
        stream: The tags.
        format: Name of the format, from `WRITERS`; by the suffix where empty.

    Returns:
        Notes for people.
    """
    chunk = TagChunk(stream.times_ps, stream.channels)
    return write_chunks(path, stream.header, chunks=[chunk], format=format)


def write_chunks(
    path: Path,
    header: TagHeader,
    *,
    chunks: Iterable[TagChunk],
    format: str = "",  # noqa: A002
) -> tuple[str, ...]:
    """Write tags part by part: complete, or not at all.

    Args:
        path: Where to; nothing is there yet.
        header: What is known of the tags; its mark of simulation and comments are kept.
        chunks: The tags, in the order of time.
        format: Name of the format, from `WRITERS`; by the suffix where empty.

    Returns:
        Notes for people: what the format could not keep.

    Raises:
        InputError: something is there, the format is not known, or it cannot hold the tags.
        SetupError: the format needs a library that is not installed, or the folder does not take
            the file.
    """
    by_suffix = next((one for one, row in WRITERS.items() if row[1] == path.suffix.lower()), "")
    name = format or (by_suffix if path.suffix else "")
    if name not in WRITERS:
        raise InputError(
            f"no format is written as {format or path.suffix or path.name!r}",
            where=str(path),
            next_step=f"choose one of: {', '.join(WRITERS)}",
        )
    if path.exists():
        raise InputError(
            "there is a file already; nothing is overwritten",
            where=str(path),
            next_step="choose another name",
        )
    make, _, room = WRITERS[name]
    part = path.with_name(f"{path.name}.part")
    try:
        writer = make(part, header)
        try:
            for chunk in chunks:
                writer.write(chunk.times_ps, chunk.channels)
        finally:
            writer.close()
        part.rename(path)
    except OSError as error:
        raise SetupError(
            f"the file cannot be written: {error.strerror or error}",
            where=str(path),
            next_step="look at the folder and its room",
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return (_NO_ROOM,) if header.simulated and not room else ()


def _comments(header: TagHeader) -> list[str]:
    """Return the lines of comment that travel with the tags, the mark first."""
    mark = [SIMULATED_MARK] if header.simulated else []
    notes = [one for one in header.notes if not one.startswith(SIMULATED_MARK)]
    if header.instrument:
        notes.append(f"instrument: {header.instrument}")
    if header.stated_clock:
        notes.append(f"clock: {header.stated_clock}")
    return [" ".join(one.split()) for one in [*mark, *notes]]


def _library(name: str, extra: str) -> Any:  # noqa: ANN401 - neither has types
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise SetupError(
            f"this format needs the library {name}",
            where="writing time tags",
            next_step=f'install it: pip install "qtrace-metrology[{extra}]"',
        ) from None
