"""Swabian .ttbin files, through the library of their maker where it is installed.

Inside: `open_ttbin`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.fixed import swabian_tags
from qtrace.exchange.time_tags.source import RawBlock, RawSource, TagBytes, TagOptions
from qtrace.laboratory.time_tags import TagHeader


def open_ttbin(path: Path, options: TagOptions) -> RawSource:
    """Open a .ttbin file with TimeTagger.FileReader; its layout is not public.

    Source: Time Tagger Python interface: FileReader (hasData, getData, getConfiguration) and
    TimeTagStreamBuffer (getTimestamps, getChannels, getEventTypes, getMissedEvents).

    Raises:
        SetupError: the library is not installed.
        InputError: the library refuses the file.
    """
    del options
    configuration = _configuration(_reader(path))

    def blocks(_source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        reader = _reader(path)
        first = 0
        while reader.hasData():
            data = reader.getData(wanted)
            columns = [
                np.asarray(one)
                for one in (
                    data.getEventTypes(),
                    data.getMissedEvents(),
                    data.getChannels(),
                    data.getTimestamps(),
                )
            ]
            types, missed, channels, times = columns
            given, tags, faults = swabian_tags(types, missed, channels, times, path, first=first)
            first += times.size
            yield RawBlock(given, tags, faults)

    model = " ".join(str(configuration.get(key, "")) for key in ("model", "serial")).strip()
    clock = configuration.get("clock source", configuration.get("external clock", ""))
    header = TagHeader(
        "swabian-ttbin",
        1.0,
        instrument=f"Swabian {model}".strip(),
        stated_clock=str(clock),
        notes=("read through the library of the maker; falling edges have negative channels",),
    )
    return RawSource(header, blocks)


def _reader(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    try:
        import TimeTagger
    except ImportError:
        raise SetupError(
            ".ttbin files need the library TimeTagger of Swabian Instruments",
            where=str(path),
            next_step="install Swabian-TimeTagger, or write the tags as a dump, CSV or NPY there",
        ) from None
    try:
        return TimeTagger.FileReader(str(path))
    except RuntimeError as error:
        raise InputError(
            f"TimeTagger refuses the file: {str(error)[:100]}",
            where=str(path),
            next_step="open it once in Time Tagger Lab; the library may want a tagger once",
        ) from None


def _configuration(reader: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what the file says of its tagger; nothing where the library cannot say."""
    try:
        found = reader.getConfiguration()
    except (AttributeError, RuntimeError):
        return {}
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}
