"""Writing PicoQuant PTU files: for simulated tags, and to test the reader on every record type.

Inside: `PtuWriter`, `t2_records`, `t3_records`.

Only one real PTU file (HydraHarp T3) was at hand; the other record types are tested on files of
this writer, which ptufile reads as well.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.time_tags.ptu import PTU_MAGIC
from qtrace.physics.tags.decode_ptu import LAYOUTS, SYNC_CHANNEL, PtuLayout

HYDRA_T2: Final = 0x01010204
_INT: Final = 0x10000008
_BOOL: Final = 0x00000008
_FLOAT: Final = 0x20000008
_TEXT: Final = 0x4001FFFF
_EMPTY: Final = 0xFFFF0008
_MOST_ROLL_OVERS: Final = 10_000_000
Records = NDArray[np.uint32]


def t2_records(
    units: NDArray[np.int64],
    channels: NDArray[np.int16],
    *,
    layout: PtuLayout,
    overflow: int = 0,
) -> tuple[Records, int]:
    """Return T2 records with the roll-overs between them.

    Args:
        units: Times in units of the record, never falling, int64 (n,).
        channels: Channels as the reader gives them, int16 (n,).
        layout: Layout of the records.
        overflow: Units that are behind already.

    Returns:
        Records, uint32, and the units behind after them.
    """
    turns = units // layout.wrap
    low = units - turns * layout.wrap
    number = channels.astype(np.int64)
    if layout.family == "pico":
        records = (np.where(number < 0, 15, number) << 28) | low
        # The low four bits of a marker's time carry the marker.
        records = np.where(number < 0, (records & ~np.int64(15)) | -number, records)
        full = 0xF << 28
    else:
        special = (number < 0).astype(np.int64)
        code = np.where(number == SYNC_CHANNEL, 0, np.abs(number))
        records = (special << 31) | (code << 25) | low
        full = (1 << 31) | (0x3F << 25)
    return _with_roll_overs(records, turns, overflow, layout, full=full, most=(1 << 25) - 1)


def t3_records(
    syncs: NDArray[np.int64],
    dtimes: NDArray[np.int64],
    channels: NDArray[np.int16],
    *,
    layout: PtuLayout,
    overflow: int = 0,
) -> tuple[Records, int]:
    """Return T3 records with the roll-overs between them.

    Args:
        syncs: Numbers of the sync before each tag, never falling, int64 (n,).
        dtimes: Times since it, in units of the record, int64 (n,).
        channels: Channels as the reader gives them, int16 (n,).
        layout: Layout of the records.
        overflow: Syncs that are behind already.

    Returns:
        Records, uint32, and the syncs behind after them.
    """
    turns = syncs // layout.wrap
    low = syncs - turns * layout.wrap
    number = channels.astype(np.int64)
    marker = number < 0
    if layout.family == "pico":
        code = np.where(marker, 15, number + 1)
        delay = np.where(marker, -number, dtimes)
        records = (code << 28) | (delay << 16) | low
        full = 0xF << 28
    else:
        delay = np.where(marker, 0, dtimes)
        records = (marker.astype(np.int64) << 31) | (np.abs(number) << 25) | (delay << 10) | low
        full = (1 << 31) | (0x3F << 25)
    return _with_roll_overs(records, turns, overflow, layout, full=full, most=(1 << 10) - 1)


def _with_roll_overs(
    records: NDArray[np.int64],
    turns: NDArray[np.int64],
    overflow: int,
    layout: PtuLayout,
    *,
    full: int,
    most: int,
) -> tuple[Records, int]:
    """Put roll-over records before the records that come after them."""
    if not records.size:
        return records.astype(np.uint32), overflow
    jumps = np.diff(turns, prepend=overflow // layout.wrap)
    most = most if layout.counted else 1
    each = -(-jumps // most)
    total = int(each.sum())
    if (jumps < 0).any() or total > _MOST_ROLL_OVERS:
        raise InputError(
            "tags out of order, or so far apart that roll-overs would fill the file",
            where=layout.name,
            next_step="sort them, and count from the start of the recording",
        )
    whole = np.full(records.size + total, full | (most if layout.counted else 0), np.int64)
    places = np.arange(records.size) + np.cumsum(each)
    whole[places] = records
    if layout.counted:
        # The last roll-over record before a tag counts what is left.
        some = each > 0
        whole[places[some] - 1] = full | (jumps[some] - (each[some] - 1) * most)
    return whole.astype(np.uint32), int(turns[-1]) * layout.wrap


class PtuWriter:
    """Writes one PTU file, part by part.

    Args:
        path: Where to; it is made.
        record_type: Number of the record type, from `LAYOUTS`.
        unit_ps: Unit of T2 records, or the sync period of T3 records, ps.
        dtime_ps: Unit of the time since the sync, ps; T3 only.
        comment: For the header.
        instrument: For the header.
    """

    def __init__(
        self,
        path: Path,
        *,
        record_type: int = HYDRA_T2,
        unit_ps: float = 1.0,
        dtime_ps: float = 0.0,
        comment: str = "",
        instrument: str = "qtrace",
    ) -> None:
        self.layout = LAYOUTS[record_type]
        self.unit_ps = unit_ps
        self.dtime_ps = dtime_ps
        self._overflow = 0
        self._count = 0
        self._file = path.open("wb")
        self._file.write(PTU_MAGIC + b"1.0.00\0\0")
        self._tag("File_GUID", "{00000000-0000-0000-0000-000000000000}")
        self._tag("File_Comment", comment)
        self._tag("CreatorSW_Name", "qtrace")
        self._tag("Measurement_Mode", 3 if self.layout.t3 else 2)
        self._tag("Measurement_SubMode", 0)
        self._tag("TTResultFormat_TTTRRecType", record_type)
        self._tag("TTResultFormat_BitsPerRecord", 32)
        self._tag("HW_Type", instrument)
        self._tag("MeasDesc_GlobalResolution", unit_ps * 1e-12)
        self._tag("MeasDesc_Resolution", (dtime_ps or unit_ps) * 1e-12)
        self._count_at = self._file.tell() + 40
        self._tag("TTResult_NumberOfRecords", 0)
        self._tag("Header_End", None)

    def _tag(self, name: str, value: float | str | None) -> None:
        head = struct.pack("<32si", name.encode(), -1)
        if value is None:
            self._file.write(head + struct.pack("<Iq", _EMPTY, 0))
        elif isinstance(value, str):
            text = value.encode("cp1252", "replace") + b"\0"
            text += b"\0" * (-len(text) % 8)
            self._file.write(head + struct.pack("<Iq", _TEXT, len(text)) + text)
        elif isinstance(value, int):
            self._file.write(head + struct.pack("<Iq", _INT, value))
        else:
            self._file.write(head + struct.pack("<Id", _FLOAT, value))

    def write(self, times_ps: NDArray[np.int64], channels: NDArray[np.int16]) -> None:
        """Append tags; times that are no multiple of the unit are given to the nearest.

        Args:
            times_ps: Times, ps, never falling, int64 (n,).
            channels: Channels as the reader gives them, int16 (n,).

        Raises:
            InputError: a negative time, or a channel that the record type does not have.
        """
        most = (3 if self.layout.t3 else 4) if self.layout.family == "pico" else 63
        least = -15 if self.layout.t3 or self.layout.family == "pico" else SYNC_CHANNEL
        if times_ps.size and (
            int(times_ps[0]) < 0 or channels.max() > most or channels.min() < least
        ):
            raise InputError(
                f"{self.layout.name} has times from 0 and channels {least} to {most}",
                where="writing PTU",
                next_step="choose other channels, or another format",
            )
        if self.layout.t3:
            syncs = np.floor_divide(times_ps, self.unit_ps).astype(np.int64)
            dtimes = np.rint((times_ps - syncs * self.unit_ps) / self.dtime_ps).astype(np.int64)
            self.write_t3(syncs, dtimes, channels)
            return
        unit = int(self.unit_ps)
        units = times_ps if unit == 1 else (times_ps + unit // 2) // unit
        records, self._overflow = t2_records(
            units, channels, layout=self.layout, overflow=self._overflow
        )
        self._append(records)

    def write_t3(
        self,
        syncs: NDArray[np.int64],
        dtimes: NDArray[np.int64],
        channels: NDArray[np.int16],
    ) -> None:
        """Append tags by number of sync and time since it, both in units of the record.

        Args:
            syncs: Numbers of the syncs, never falling, int64 (n,).
            dtimes: Times since the sync, int64 (n,).
            channels: Channels as the reader gives them, int16 (n,).

        Raises:
            InputError: a time since the sync beyond the bits of the record.
        """
        bits = 12 if self.layout.family == "pico" else 15
        if dtimes.size and int(dtimes.max()) >= 1 << bits:
            raise InputError(
                f"a sync period has more than 2^{bits} steps",
                where="writing PTU",
                next_step="take coarser steps, or write T2",
            )
        records, self._overflow = t3_records(
            syncs, dtimes, channels, layout=self.layout, overflow=self._overflow
        )
        self._append(records)

    def _append(self, records: Records) -> None:
        self._file.write(records.astype("<u4").tobytes())
        self._count += records.size

    def close(self) -> None:
        """Write the number of records into the header and close the file."""
        self._file.seek(self._count_at)
        self._file.write(struct.pack("<q", self._count))
        self._file.close()
