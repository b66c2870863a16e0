"""Tables of time and channel: CSV, NPY, Parquet.

Inside: `open_csv`, `open_npy`, `open_parquet`, `CSV_HEADER`, `TIME`, `CHANNEL`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.source import (
    SIMULATED_MARK,
    RawBlock,
    RawSource,
    TagBytes,
    TagOptions,
    read_by_library,
    refuse_channels,
)
from qtrace.laboratory.time_tags import TagFaults, TagHeader
from qtrace.physics.tags.decode_text import decode_lines

TIME: Final = "time_ps"
CHANNEL: Final = "channel"
CSV_HEADER: Final = f"{TIME},{CHANNEL}"
_LINE_BYTES: Final = 20
_MOST_COMMENTS: Final = 100
_WHOLE_TAGS: Final = "write whole picoseconds as 64-bit integers: a float holds no absolute time"


def open_csv(path: Path, options: TagOptions) -> RawSource:
    """Open a CSV file: lines of comment with #, the line time_ps,channel, then whole numbers.

    Raises:
        InputError: another first line.
    """
    comments: list[str] = []
    offset = 0
    with path.open("rb") as file:
        line = file.readline(4096)
        while line.startswith(b"#") and len(comments) < _MOST_COMMENTS:
            comments.append(line[1:].decode("utf-8", "replace").strip())
            offset += len(line)
            line = file.readline(4096)
    head = line.decode("utf-8", "replace").strip("\r\n")
    if head != CSV_HEADER:
        raise InputError(
            f"the first line is {head[:60]!r}",
            where=f"{path}, line {len(comments) + 1}",
            next_step=f"write {CSV_HEADER} there: exactly these two columns",
        )
    offset += len(line)
    lines_before = len(comments) + 1

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        source.read(offset)
        line, rest = lines_before, b""
        while True:
            data = source.read(wanted * _LINE_BYTES)
            cut = data.rfind(b"\n") + 1
            whole, rest = (rest + data[:cut], data[cut:]) if cut else (b"", rest + data)
            if whole:
                times, channels, fault = decode_lines(whole)
                if fault is not None:
                    raise InputError(
                        fault.what,
                        where=f"{path}, line {line + fault.line + 1}",
                        next_step=f"each line is {CSV_HEADER}, {_WHOLE_TAGS}",
                    )
                given = refuse_channels(
                    channels, path, first=line, negative=options.negative_channels, what="line"
                )
                line += times.size
                yield RawBlock(times, given, TagFaults(), source.done())
            if not data:
                break
        if rest:
            # A line without its end may be a number without its end.
            nothing = np.empty(0, np.int64)
            faults = TagFaults(truncated_bytes=len(rest))
            yield RawBlock(nothing, nothing.astype(np.int16), faults, 1.0)

    header = TagHeader(
        "csv",
        1.0,
        simulated=any(one.startswith(SIMULATED_MARK) for one in comments),
        notes=tuple(one for one in comments if one),
    )
    return RawSource(header, blocks)


def open_npy(path: Path, options: TagOptions) -> RawSource:
    """Open an NPY file: fields time_ps and channel, or whole numbers of shape (n, 2).

    With `options.channels` naming a second NPY file, times and channels are one array each.

    Raises:
        InputError: floats, another shape, or arrays of different length.
    """
    dtype, shape, offset = _npy_header(path)
    if options.channels and dtype.names is None:
        return _npy_pair(path, options, dtype, shape, offset)
    simulated = False
    if dtype.names is not None:
        time, channel = options.times or TIME, options.channels or CHANNEL
        fields: Mapping[str, Any] = dtype.fields or {}
        missing = [one for one in (time, channel) if one not in dtype.names]
        if missing or len(shape) != 1:
            raise InputError(
                f"fields {', '.join(dtype.names)} of shape {shape}",
                where=str(path),
                next_step=f"fields are {TIME} and {CHANNEL}; name others as options",
            )
        simulated = fields[time][2:] == (SIMULATED_MARK,)
        kinds = (fields[time][0], fields[channel][0])
    else:
        if len(shape) != 2 or shape[1] != 2:
            raise InputError(
                f"an array of shape {shape}",
                where=str(path),
                next_step="give (n, 2), fields, or name the file of the channels as an option",
            )
        time = channel = ""
        kinds = (dtype, dtype)
    for kind in kinds:
        _refuse_floats(kind, str(path))
    row = dtype if dtype.names is not None else np.dtype((dtype, (2,)))

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        for data, first, rest in source.records(
            row.itemsize, offset=offset, per_block=wanted, count=shape[0]
        ):
            rows = np.frombuffer(data, row)
            times = rows[time] if time else rows[:, 0]
            channels = rows[channel] if channel else rows[:, 1]
            yield _table_block(times, channels, path, options, first=first).with_end(
                rest, source.done()
            )

    return RawSource(TagHeader("npy", float(options.unit_ps), simulated=simulated), blocks)


def _npy_pair(
    path: Path, options: TagOptions, dtype: np.dtype, shape: tuple[int, ...], offset: int
) -> RawSource:
    other = Path(options.channels)
    if not other.is_file():
        raise InputError("no such file", where=str(other), next_step="name the NPY of the channels")
    kind, other_shape, other_offset = _npy_header(other)
    _refuse_floats(dtype, str(path))
    _refuse_floats(kind, str(other))
    if len(shape) != 1 or shape != other_shape:
        raise InputError(
            f"times of shape {shape}, channels of shape {other_shape}",
            where=f"{path}, {other}",
            next_step="give one channel for each time",
        )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        with TagBytes(other, digest=False) as beside:
            pairs = zip(
                source.records(dtype.itemsize, offset=offset, per_block=wanted, count=shape[0]),
                beside.records(
                    kind.itemsize, offset=other_offset, per_block=wanted, count=shape[0]
                ),
                strict=False,
            )
            for (data, first, rest), (data_beside, _, rest_beside) in pairs:
                times = np.frombuffer(data, dtype)
                channels = np.frombuffer(data_beside, kind)
                both = min(times.size, channels.size)
                block = _table_block(times[:both], channels[:both], path, options, first=first)
                yield block.with_end(max(rest, rest_beside), source.done())

    notes = (f"channels from {other.name}",)
    return RawSource(TagHeader("npy", float(options.unit_ps), notes=notes), blocks)


def _npy_header(path: Path) -> tuple[np.dtype, tuple[int, ...], int]:
    advice = "the file is damaged; write it with numpy.save"
    with read_by_library(path, "header of an NPY file", advice), path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read(file)
        offset = file.tell()
    if dtype.hasobject or (fortran and len(shape) > 1):
        raise InputError(
            "an array of Python objects or in Fortran order",
            where=str(path),
            next_step="save a plain array in C order: objects are never unpickled",
        )
    return dtype, shape, offset


def open_parquet(path: Path, options: TagOptions) -> RawSource:
    """Open a Parquet file with columns time_ps and channel, or as the options name them.

    Raises:
        SetupError: pyarrow is not installed.
        InputError: damaged, columns missing, or no whole numbers.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise SetupError(
            "Parquet files need the library pyarrow",
            where=str(path),
            next_step='install it: pip install "qtrace-metrology[parquet]"',
        ) from None
    names = [options.times or TIME, options.channels or CHANNEL]
    advice = "its end carries the table of contents: a cut file is lost, copy it again"
    with read_by_library(path, "Parquet file", advice), parquet.ParquetFile(path) as file:
        schema, total = file.schema_arrow, file.metadata.num_rows
    for name in names:
        if name not in schema.names or not pa.types.is_integer(schema.field(name).type):
            raise InputError(
                f"no column {name} of whole numbers",
                where=f"{path}: {', '.join(schema.names)}",
                next_step=f"columns are {TIME} and {CHANNEL}, or named as options; {_WHOLE_TAGS}",
            )
    comment = (schema.metadata or {}).get(b"comment", b"").decode("utf-8", "replace")

    def blocks(_source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        first = 0
        with read_by_library(path, "Parquet file", advice), parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=wanted, columns=names):
                if any(batch.column(name).null_count for name in names):
                    raise InputError(
                        "a row without a value",
                        where=f"{path}, rows {first + 1} to {first + batch.num_rows}",
                        next_step="each tag has a time and a channel",
                    )
                times, channels = (batch.column(name).to_numpy() for name in names)
                block = _table_block(times, channels, path, options, first=first)
                first += batch.num_rows
                yield block.with_end(0, first / max(1, total))

    simulated = comment.startswith(SIMULATED_MARK)
    notes = (comment,) if comment else ()
    header = TagHeader("parquet", float(options.unit_ps), simulated=simulated, notes=notes)
    return RawSource(header, blocks)


def table_times(
    times: NDArray[np.integer], where: str, *, first: int, unit_ps: int
) -> NDArray[np.int64]:
    """Return whole numbers in a unit as int64 ps.

    Args:
        times: Times as read, any integer type, (n,).
        where: The file, for the message.
        first: Number of the first of them, from 0.
        unit_ps: Unit of the times, ps.

    Raises:
        InputError: one is beyond int64, or the unit is not a whole positive number.
    """
    if unit_ps < 1:
        raise InputError(f"a unit of {unit_ps} ps", where="unit_ps", next_step="give whole ps")
    most = (2**63 - 1) // unit_ps
    bad = (times > most) | (times < -most)
    if bad.any():
        index = int(np.argmax(bad))
        raise InputError(
            f"a time of {int(times[index])} x {unit_ps} ps is beyond 64 bits",
            where=f"{where}, record {first + index + 1}",
            next_step="count from the start of the recording",
        )
    return times.astype(np.int64) * unit_ps


def _table_block(
    times: NDArray[np.integer],
    channels: NDArray[np.integer],
    path: Path,
    options: TagOptions,
    *,
    first: int,
) -> RawBlock:
    return RawBlock(
        table_times(times, str(path), first=first, unit_ps=options.unit_ps),
        refuse_channels(channels, path, first=first, negative=options.negative_channels),
    )


def _refuse_floats(dtype: np.dtype, where: str) -> None:
    if dtype.kind not in "iu":
        raise InputError(f"numbers of type {dtype}", where=where, next_step=_WHOLE_TAGS)
