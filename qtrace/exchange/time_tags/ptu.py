"""PicoQuant PTU files: header through ptufile, records through our own kernels.

Inside: `open_ptu`, `PTU_MAGIC`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.source import (
    SIMULATED_MARK,
    RawBlock,
    RawSource,
    TagBytes,
    TagOptions,
    read_by_library,
)
from qtrace.laboratory.time_tags import TagFaults, TagHeader
from qtrace.physics.tags.decode_ptu import LAYOUTS, PtuCarry, PtuLayout, decode_ptu

PTU_MAGIC: Final = b"PQTTTR\0\0"
_RECORD: Final = 4
# Seconds of the header to picoseconds: what is whole to this part is taken as whole.
_WHOLE: Final = 1e-9


def open_ptu(path: Path, options: TagOptions) -> RawSource:
    """Open a PTU file of any record type.

    Raises:
        SetupError: ptufile is not installed.
        InputError: the header is damaged, or names records that are not known.
    """
    tags, offset = _header(path)
    layout = _layout(tags, path)
    unit_ps = _picoseconds(tags, "MeasDesc_GlobalResolution", path)
    dtime_ps = _picoseconds(tags, "MeasDesc_Resolution", path) if layout.t3 else 0.0
    announced = int(_number(tags, "TTResult_NumberOfRecords", 0, path))
    present = max(0, path.stat().st_size - offset)
    count = announced if announced > 0 else None
    notes = _notes(tags, layout, unit_ps, announced=announced, present=present)
    header = TagHeader(
        format="ptu",
        resolution_ps=dtime_ps if layout.t3 else unit_ps,
        sync_period_ps=unit_ps if layout.t3 else None,
        instrument=" ".join(str(tags[key]) for key in ("HW_Type", "HW_SerialNo") if tags.get(key)),
        started=str(tags.get("File_CreatingTime", "")),
        stated_clock=_clock(tags),
        simulated=str(tags.get("File_Comment", "")).startswith(SIMULATED_MARK),
        notes=notes,
    )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        carry = PtuCarry()
        for data, _, rest in source.records(_RECORD, offset=offset, per_block=wanted, count=count):
            before = carry.overflow
            records = np.frombuffer(data, "<u4")
            try:
                times, channels, carry = decode_ptu(
                    records, carry, layout=layout, unit_ps=unit_ps, dtime_ps=dtime_ps
                )
            except InputError as error:
                raise error.located(str(path)) from None
            if not options.markers:
                photons = channels >= 0
                times, channels = times[photons], channels[photons]
            wraps = (carry.overflow - before) // layout.wrap
            faults = TagFaults(wraps=wraps, truncated_bytes=rest)
            yield RawBlock(times, channels, faults, source.done())

    return RawSource(header, blocks, most=present // _RECORD)


def _header(path: Path) -> tuple[dict[str, Any], int]:
    try:
        from ptufile import PtuFile
    except ImportError:
        raise SetupError(
            "PTU files need the library ptufile",
            where=str(path),
            next_step='install it: pip install "qtrace-metrology[timetags]"',
        ) from None
    advice = "the file is damaged or cut within its header: copy it again"
    with read_by_library(path, "header of a PTU file", advice), PtuFile(path) as file:
        return dict(file.tags), int(file.record_offset)


def _number(tags: dict[str, Any], name: str, default: float, path: Path) -> float:
    value = tags.get(name, default)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(
            f"{name} is {str(value)[:40]!r}, no number",
            where=f"{path}, {name}",
            next_step="the header is damaged: copy the file again",
        )
    return value


def _layout(tags: dict[str, Any], path: Path) -> PtuLayout:
    number = int(_number(tags, "TTResultFormat_TTTRRecType", -1, path))
    bits = int(_number(tags, "TTResultFormat_BitsPerRecord", 32, path))
    layout = LAYOUTS.get(number)
    if layout is None or bits not in {0, 32}:
        raise InputError(
            f"record type {number:#010x} with {bits} bits is not known",
            where=f"{path}, TTResultFormat_TTTRRecType",
            next_step=f"known are: {', '.join(one.name for one in LAYOUTS.values())}",
        )
    mode = tags.get("Measurement_Mode")
    if mode in (2, 3) and (mode == 3) != layout.t3:
        raise InputError(
            f"the header says mode T{mode}, its record type {layout.name}",
            where=f"{path}, Measurement_Mode",
            next_step="the header is inconsistent: export the file again",
        )
    return layout


def _picoseconds(tags: dict[str, Any], name: str, path: Path) -> float:
    seconds = float(_number(tags, name, 0.0, path))
    picoseconds = seconds * 1e12
    if not 1e-3 <= picoseconds <= 1e12:
        raise InputError(
            f"{name} is {seconds!r} s",
            where=f"{path}, {name}",
            next_step="the header must name the unit of time of its records",
        )
    nearest = round(picoseconds)
    return float(nearest) if abs(picoseconds - nearest) <= _WHOLE * nearest else picoseconds


def _clock(tags: dict[str, Any]) -> str:
    reference = tags.get("HW_ExternalRefClock")
    if reference is None:
        return ""
    return f"{'external' if reference else 'internal'} (HW_ExternalRefClock)"


def _notes(
    tags: dict[str, Any], layout: PtuLayout, unit_ps: float, *, announced: int, present: int
) -> tuple[str, ...]:
    notes = [f"record type {layout.name}"]
    software = " ".join(str(tags.get(f"CreatorSW_{key}", "")) for key in ("Name", "Version"))
    if software.strip():
        notes.append(f"written by {software.strip()}")
    comment = str(tags.get("File_Comment", "")).strip()
    if comment:
        notes.append(f"comment: {comment[:200]}")
    if layout.t3:
        notes.append(
            f"sync period {unit_ps!r} ps from MeasDesc_GlobalResolution: its finite digits stretch "
            "absolute times, differences within a period are not affected"
        )
    divider = tags.get("HWSync_Divider")
    if divider is not None:
        notes.append(f"sync divider {divider}")
    notes.extend(
        f"{key}: {tags[key]}"
        for key in ("HWSync_Offset", "HWInpChan_Offset", "HWInpChan_DeadTime", "HWMarkers_HoldOff")
        if key in tags
    )
    if announced <= 0:
        notes.append("the header announces no number of records: the recording was not closed")
    elif present > announced * _RECORD:
        rest = present - announced * _RECORD
        notes.append(f"{rest} bytes after the announced records were left out")
    elif present < announced * _RECORD:
        notes.append(
            f"TRUNCATED: the header announces {announced} records, {present // _RECORD} are there"
        )
    return tuple(notes)
