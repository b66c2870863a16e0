"""HDF5 files of time tags: Photon-HDF5, and plain datasets.

Inside: `open_hdf5`, `open_photon_hdf5`.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from qtrace.exchange.time_tags.tables import CHANNEL, TIME, table_times
from qtrace.laboratory.time_tags import TagHeader

_PHOTONS: Final = "photon_data"
_WHOLE: Final = 1e-9
_ADVICE: Final = "the file is damaged or cut: copy it again"


def open_hdf5(path: Path, options: TagOptions) -> RawSource:
    """Open an HDF5 file: Photon-HDF5 where it says to be one, else two plain datasets.

    Raises:
        SetupError: h5py is not installed.
        InputError: damaged, datasets missing, floats, or different lengths.
    """
    with _file(path) as file, read_by_library(path, "HDF5 file", _ADVICE):
        if _PHOTONS in file and not options.times:
            return open_photon_hdf5(path)
        spots = [name for name in file if name.startswith(_PHOTONS)]
        if spots and not options.times:
            raise InputError(
                f"several spots: {', '.join(spots)}",
                where=str(path),
                next_step="name times and channels of one as options, and its unit",
            )
        times, channels = options.times or TIME, options.channels or CHANNEL
        count = _checked(file, path, times, channels)
        comment = _text(file.attrs.get("comment", ""))
        instrument = _text(file.attrs.get("instrument", ""))

    def blocks(_source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        with _file(path) as opened, read_by_library(path, "HDF5 file", _ADVICE):
            for first in range(0, count, wanted):
                part = slice(first, min(count, first + wanted))
                given = table_times(
                    opened[times][part], str(path), first=first, unit_ps=options.unit_ps
                )
                tags = refuse_channels(
                    opened[channels][part],
                    path,
                    first=first,
                    negative=options.negative_channels,
                )
                yield RawBlock(given, tags, done=part.stop / count)

    header = TagHeader(
        "hdf5",
        float(options.unit_ps),
        instrument=instrument,
        simulated=comment.startswith(SIMULATED_MARK),
        notes=(comment,) if comment else (),
    )
    return RawSource(header, blocks)


def open_photon_hdf5(path: Path) -> RawSource:
    """Open a Photon-HDF5 file with one spot; where it has nanotimes they are added.

    Source: Photon-HDF5 reference, group photon_data (timestamps, timestamps_specs, detectors,
    nanotimes, nanotimes_specs).

    Raises:
        SetupError: h5py is not installed.
        InputError: damaged, datasets missing, floats, or different lengths.
    """
    times, channels = f"{_PHOTONS}/timestamps", f"{_PHOTONS}/detectors"
    with _file(path) as file, read_by_library(path, "HDF5 file", _ADVICE):
        if times not in file:
            raise InputError(
                f"no {times}", where=str(path), next_step="this is no Photon-HDF5 file"
            )
        single = channels not in file
        count = _checked(file, path, times, times if single else channels)
        unit_ps = _unit(file, f"{_PHOTONS}/timestamps_specs/timestamps_unit", path)
        nanotimes = f"{_PHOTONS}/nanotimes" if f"{_PHOTONS}/nanotimes" in file else ""
        fine_ps = 0.0
        if nanotimes:
            _checked(file, path, times, nanotimes)
            fine_ps = _unit(file, f"{_PHOTONS}/nanotimes_specs/tcspc_unit", path)
        comment = _dataset_text(file, "comment") or _dataset_text(file, "description")
        notes = [f"unit {unit_ps!r} ps"]
        notes += [f"nanotimes of {fine_ps!r} ps are added"] if nanotimes else []
        notes += ["no detectors are named: all tags are channel 0"] if single else []
        notes += [comment] if comment else []

    def blocks(_source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        with _file(path) as opened, read_by_library(path, "HDF5 file", _ADVICE):
            for first in range(0, count, wanted):
                part = slice(first, min(count, first + wanted))
                counts = opened[times][part]
                fine = opened[nanotimes][part] if nanotimes else None
                given = _scaled(counts, unit_ps, fine, fine_ps, path, first)
                named = np.zeros(given.size, np.int16) if single else opened[channels][part]
                tags = refuse_channels(named, path, first=first, negative=False)
                yield RawBlock(given, tags, done=part.stop / count)

    header = TagHeader(
        "photon-hdf5",
        fine_ps or unit_ps,
        sync_period_ps=unit_ps if nanotimes else None,
        simulated=comment.startswith(SIMULATED_MARK),
        notes=tuple(notes),
    )
    return RawSource(header, blocks)


def _scaled(
    counts: NDArray[np.integer],
    unit_ps: float,
    fine: NDArray[np.integer] | None,
    fine_ps: float,
    path: Path,
    first: int,
) -> NDArray[np.int64]:
    """Return counts of a unit that may not be whole as ps: whole part exactly, the rest rounded."""
    whole = int(unit_ps // 1)
    given = table_times(counts, str(path), first=first, unit_ps=whole + 1) // (whole + 1)
    rest = given * (unit_ps - whole)
    if fine is not None:
        rest = rest + fine * fine_ps
    scaled: NDArray[np.int64] = given * whole + np.rint(rest).astype(np.int64)
    return scaled


def _file(path: Path) -> Any:  # noqa: ANN401 - h5py has no types
    try:
        import h5py
    except ImportError:
        raise SetupError(
            "HDF5 files need the library h5py",
            where=str(path),
            next_step='install it: pip install "qtrace-metrology[timetags]"',
        ) from None
    with read_by_library(path, "HDF5 file", _ADVICE):
        return h5py.File(path, "r")


def _checked(file: Any, path: Path, times: str, channels: str) -> int:  # noqa: ANN401
    """Return how many tags there are."""
    import h5py

    for name in (times, channels):
        found = file.get(name)
        if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "iu" or found.ndim != 1:
            raise InputError(
                f"no dataset {name} of whole numbers in one row",
                where=str(path),
                next_step=f"datasets are {TIME} and {CHANNEL}, or named as options; a float holds"
                " no absolute time",
            )
    lengths = file[times].shape[0], file[channels].shape[0]
    if lengths[0] != lengths[1]:
        raise InputError(
            f"{lengths[0]} times and {lengths[1]} channels",
            where=f"{path}: {times}, {channels}",
            next_step="the file is damaged or was not closed",
        )
    return int(lengths[0])


def _unit(file: Any, name: str, path: Path) -> float:  # noqa: ANN401
    picoseconds = float(file[name][()]) * 1e12 if name in file else 0.0
    if not 1e-3 <= picoseconds <= 1e12:
        raise InputError(
            f"{name} is {picoseconds * 1e-12!r} s",
            where=str(path),
            next_step="the file must name the unit of its times, in seconds",
        )
    nearest = round(picoseconds)
    return float(nearest) if abs(picoseconds - nearest) <= _WHOLE * nearest else picoseconds


def _dataset_text(file: Any, name: str) -> str:  # noqa: ANN401
    return _text(file[name][()]) if name in file else ""


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
