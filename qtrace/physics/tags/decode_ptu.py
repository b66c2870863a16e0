"""Records of PicoQuant time-tag files to whole picoseconds and channels, part by part.

Inside: `PtuLayout`, `LAYOUTS`, `PtuCarry`, `decode_ptu`, `SYNC_CHANNEL`, `MARKER_SIGN`.

Photons keep the channel number of the record, from 0. A marker with bits m (1 to 15) has channel
-m; the sync event of a T2 record of a HydraHarp and later has channel -16: so neither is taken for
a photon. Roll-over records carry no tag; they move the origin of what follows.
Source: PicoQuant, unified TTTR file format (PTU), record layouts as in PicoQuant's demo readers
and in ptufile (C. Gohlke, BSD-3), with which every record type is compared event by event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qtrace.errors import InputError

SYNC_CHANNEL: Final = -16
MARKER_SIGN: Final = -1
_LARGEST_PS: Final = 2**62


@dataclass(frozen=True, slots=True)
class PtuLayout:
    """How one record type is packed; `wrap` is the roll-over in its own units of time."""

    name: str
    family: str
    t3: bool
    wrap: int
    counted: bool


# Number of the record type in the header (TTResultFormat_TTTRRecType) to its layout.
LAYOUTS: Final[dict[int, PtuLayout]] = {
    0x00010203: PtuLayout("PicoHarp 300 T2", "pico", False, 210698240, False),
    0x00010303: PtuLayout("PicoHarp 300 T3", "pico", True, 65536, False),
    0x00010204: PtuLayout("HydraHarp V1 T2", "hydra", False, 33552000, False),
    0x00010304: PtuLayout("HydraHarp V1 T3", "hydra", True, 1024, False),
    0x01010204: PtuLayout("HydraHarp V2 T2", "hydra", False, 33554432, True),
    0x01010304: PtuLayout("HydraHarp V2 T3", "hydra", True, 1024, True),
    0x00010205: PtuLayout("TimeHarp 260N T2", "hydra", False, 33554432, True),
    0x00010305: PtuLayout("TimeHarp 260N T3", "hydra", True, 1024, True),
    0x00010206: PtuLayout("TimeHarp 260P T2", "hydra", False, 33554432, True),
    0x00010306: PtuLayout("TimeHarp 260P T3", "hydra", True, 1024, True),
    0x00010207: PtuLayout("generic (MultiHarp, PicoHarp 330) T2", "hydra", False, 33554432, True),
    0x00010307: PtuLayout("generic (MultiHarp, PicoHarp 330) T3", "hydra", True, 1024, True),
}


@dataclass(frozen=True, slots=True)
class PtuCarry:
    """What one part of a file hands to the next: roll-overs so far, in units of the record."""

    overflow: int = 0
    records: int = 0


def decode_ptu(
    records: NDArray[np.uint32],
    carry: PtuCarry,
    *,
    layout: PtuLayout,
    unit_ps: float,
    dtime_ps: float = 0.0,
) -> tuple[NDArray[np.int64], NDArray[np.int16], PtuCarry]:
    """Decode a part of the records of a file.

    Args:
        records: Records as in the file, uint32, shape (n,).
        carry: State after the part before; `PtuCarry()` at the start.
        layout: Layout of the records, from `LAYOUTS`.
        unit_ps: Time unit of T2 records, or period of the sync of T3 records, ps.
        dtime_ps: Unit of the time since the sync of T3 records, ps.

    Returns:
        Times in ps, int64 (m,); channels, int16 (m,); the state for the next part. In T3 the time
        is sync number x period + time since the sync, rounded to 1 ps.

    Raises:
        InputError: a special record that no such instrument writes, or a time beyond the range.

    Source: PicoQuant, unified TTTR file format; ptufile `_ptufile.pyx`, decode_pt2 to decode_ht3.
    """
    records = np.ascontiguousarray(records, np.uint32)
    times = np.empty(records.size, np.int64)
    channels = np.empty(records.size, np.int16)
    whole = int(unit_ps // 1)
    part = unit_ps - whole
    kernel = _KERNELS[layout.family, layout.t3]
    found, overflow, bad = kernel(
        records,
        carry.overflow,
        layout.wrap,
        layout.counted,
        whole,
        part,
        dtime_ps,
        times,
        channels,
    )
    if bad >= 0:
        raise InputError(
            "a special record that this instrument never writes",
            where=f"record {carry.records + bad + 1}",
            next_step="the file is damaged, or its header names another record type",
        )
    if (overflow + layout.wrap) * unit_ps > _LARGEST_PS:
        raise InputError(
            "times beyond the range of whole picoseconds (53 days)",
            where=f"record {carry.records + records.size}",
            next_step="split the recording",
        )
    return times[:found], channels[:found], PtuCarry(int(overflow), carry.records + records.size)


@njit(cache=True)
def _hydra_t2(records, overflow, wrap, counted, whole, part, _dtime, times, channels):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Decode 32-bit T2 records: special 1, channel 6, time 25 bits."""
    found = 0
    for k in range(records.size):
        record = records[k]
        channel = np.int64((record >> np.uint32(25)) & np.uint32(0x7F))
        time = np.int64(record & np.uint32(0x1FFFFFF))
        if channel >= 64:
            channel -= 64
            if channel == 63:
                overflow += wrap * time if counted and time > 1 else wrap
                continue
            if channel > 15:
                return found, overflow, k
            channel = np.int64(-channel) if channel else np.int64(-16)
        units = overflow + time
        times[found] = units * whole
        if part != 0.0:
            times[found] += np.int64(np.rint(units * part))
        channels[found] = channel
        found += 1
    return found, overflow, -1


@njit(cache=True)
def _pico_t2(records, overflow, wrap, _counted, whole, part, _dtime, times, channels):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Decode 32-bit T2 records of a PicoHarp 300: channel 4, time 28 bits."""
    found = 0
    for k in range(records.size):
        record = records[k]
        channel = np.int64(record >> np.uint32(28))
        time = np.int64(record & np.uint32(0xFFFFFFF))
        if channel == 15:
            marker = time & 15
            if marker == 0:
                overflow += wrap
                continue
            channel = np.int64(-marker)
        elif channel > 4:
            return found, overflow, k
        units = overflow + time
        times[found] = units * whole
        if part != 0.0:
            times[found] += np.int64(np.rint(units * part))
        channels[found] = channel
        found += 1
    return found, overflow, -1


@njit(cache=True)
def _hydra_t3(records, overflow, wrap, counted, whole, part, dtime, times, channels):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Decode 32-bit T3 records: special 1, channel 6, dtime 15, sync number 10 bits."""
    found = 0
    for k in range(records.size):
        record = records[k]
        channel = np.int64((record >> np.uint32(25)) & np.uint32(0x7F))
        delay = np.int64((record >> np.uint32(10)) & np.uint32(0x7FFF))
        sync = np.int64(record & np.uint32(0x3FF))
        if channel >= 64:
            channel -= 64
            if channel == 63:
                overflow += wrap * sync if counted and sync > 1 else wrap
                continue
            if channel == 0 or channel > 15:
                return found, overflow, k
            channel = np.int64(-channel)
            delay = np.int64(0)
        units = overflow + sync
        times[found] = units * whole + np.int64(np.rint(units * part + delay * dtime))
        channels[found] = channel
        found += 1
    return found, overflow, -1


@njit(cache=True)
def _pico_t3(records, overflow, wrap, _counted, whole, part, dtime, times, channels):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Decode 32-bit T3 records of a PicoHarp 300: channel 4, dtime 12, sync number 16 bits."""
    found = 0
    for k in range(records.size):
        record = records[k]
        channel = np.int64(record >> np.uint32(28))
        delay = np.int64((record >> np.uint32(16)) & np.uint32(0xFFF))
        sync = np.int64(record & np.uint32(0xFFFF))
        if channel == 15:
            if delay == 0:
                overflow += wrap
                continue
            if delay > 15:
                return found, overflow, k
            channel = np.int64(-delay)
            delay = np.int64(0)
        elif channel == 0 or channel > 4:
            return found, overflow, k
        else:
            channel -= 1
        units = overflow + sync
        times[found] = units * whole + np.int64(np.rint(units * part + delay * dtime))
        channels[found] = channel
        found += 1
    return found, overflow, -1


_KERNELS = {
    ("hydra", False): _hydra_t2,
    ("pico", False): _pico_t2,
    ("hydra", True): _hydra_t3,
    ("pico", True): _pico_t3,
}
