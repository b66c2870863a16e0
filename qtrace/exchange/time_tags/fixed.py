"""Files of records of one size: quTAG, and the tag stream of a Swabian Time Tagger.

Inside: `open_qutag`, `open_swabian_dump`, `QUTAG_HEADER`, `QUTAG_RECORD`, `SWABIAN_TAG`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.time_tags.source import (
    SIMULATED_MARK,
    RawBlock,
    RawSource,
    TagBytes,
    TagOptions,
    refuse_channels,
)
from qtrace.laboratory.time_tags import TagFaults, TagHeader

QUTAG_HEADER: Final = 40
# Bytes 16 to 24 of the header are zero in the file we know; our writer puts this mark there.
QUTAG_MARK: Final = b"SIMULATD"
QUTAG_RECORD: Final = np.dtype([("time", "<i8"), ("channel", "<u2")])
# What a quTAG writes between tags, for timing marks; no photon channel is that high.
QUTAG_CHANNELS: Final = 128
SWABIAN_TAG: Final = np.dtype(
    [("type", "u1"), ("reserved", "u1"), ("missed", "<u2"), ("channel", "<i4"), ("time", "<i8")]
)
TIME_TAG, ERROR, OVERFLOW_BEGIN, OVERFLOW_END, MISSED = range(5)


def open_qutag(path: Path, options: TagOptions) -> RawSource:
    """Open a quTAG binary file: 40 bytes of header, then int64 ps and uint16 channel.

    Raises:
        InputError: the header is cut.
    """
    with path.open("rb") as file:
        head = file.read(QUTAG_HEADER)
    if len(head) < QUTAG_HEADER:
        raise InputError(
            f"{len(head)} bytes, the header alone has {QUTAG_HEADER}",
            where=str(path),
            next_step="the file is cut: copy it again",
        )
    del options
    simulated = head[16:24] == QUTAG_MARK
    header = TagHeader(
        "qutag",
        1.0,
        instrument="quTAG",
        simulated=simulated,
        notes=(SIMULATED_MARK,) if simulated else (),
    )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        size = QUTAG_RECORD.itemsize
        for data, first, rest in source.records(size, offset=QUTAG_HEADER, per_block=wanted):
            rows = np.frombuffer(data, QUTAG_RECORD)
            channels = rows["channel"]
            odd = channels >= QUTAG_CHANNELS
            if odd.any():
                index = int(np.argmax(odd))
                raise InputError(
                    f"channel {int(channels[index])}, a quTAG has none such",
                    where=f"{path}, record {first + index + 1}",
                    next_step="the file is damaged or no quTAG file",
                )
            times = rows["time"].astype(np.int64)
            faults = TagFaults(truncated_bytes=rest)
            yield RawBlock(times, channels.astype(np.int16), faults, source.done())

    return RawSource(header, blocks, most=path.stat().st_size // QUTAG_RECORD.itemsize)


def open_swabian_dump(path: Path, options: TagOptions) -> RawSource:
    """Open a stream of 16-byte tags of a Swabian Time Tagger (its Dump measurement).

    Falling edges keep their negative channels. Tags that the tagger counted as missed, stretches
    in overflow and errors of the clock are carried as faults.
    Source: struct Tag of the Time Tagger C++ interface, as in libtcspc `swabian_tag.hpp`.
    """
    del options

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        for data, first, rest in source.records(SWABIAN_TAG.itemsize, offset=0, per_block=wanted):
            rows = np.frombuffer(data, SWABIAN_TAG)
            times, channels, faults = swabian_tags(
                rows["type"], rows["missed"], rows["channel"], rows["time"], path, first=first
            )
            faults = faults.plus(TagFaults(truncated_bytes=rest))
            yield RawBlock(times, channels, faults, source.done())

    header = TagHeader("swabian-dump", 1.0, instrument="Swabian Time Tagger")
    return RawSource(header, blocks)


def swabian_tags(
    types: NDArray[np.integer],
    missed: NDArray[np.integer],
    channels: NDArray[np.integer],
    times: NDArray[np.integer],
    path: Path,
    *,
    first: int,
) -> tuple[NDArray[np.int64], NDArray[np.int16], TagFaults]:
    """Part tags from what the tagger says of its losses.

    Args:
        types: Kind of each event, (n,).
        missed: Tags lost, of the kind "missed events", (n,).
        channels: Channel of each event, (n,).
        times: Times, ps, (n,).
        path: The file, for the message.
        first: Number of the first event in the file, from 0.

    Returns:
        Times and channels of the tags alone, and the faults: each begin of an overflow and each
        error is one stretch with losses of unknown number.

    Raises:
        InputError: a kind of event that is not known.
    """
    unknown = types > MISSED
    if unknown.any():
        index = int(np.argmax(unknown))
        raise InputError(
            f"event of kind {int(types[index])}, known are 0 to {MISSED}",
            where=f"{path}, record {first + index + 1}",
            next_step="the file is damaged, or no stream of Swabian tags",
        )
    lost = int(missed[types == MISSED].astype(np.int64).sum())
    stretches = int(np.count_nonzero((types == OVERFLOW_BEGIN) | (types == ERROR)))
    tags = types == TIME_TAG
    given = refuse_channels(channels[tags], path, first=first, negative=True)
    return times[tags].astype(np.int64), given, TagFaults(overflows=stretches, missed=lost)
