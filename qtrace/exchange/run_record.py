"""The record of offsets behind a run: from its tags, or from the series that came with it.

Inside: `read_record`, `read_intervals`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qtrace.exchange.offset_series_file import read_offset_series
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_files import SERIES, RunFile
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_view import IntervalHistogram
from qtrace.physics.tags.log_intervals import log_intervals

if TYPE_CHECKING:
    from qtrace.metrics.timing.tag_reduction import StationTags

PS = 1e-12
LEAST_TAGS = 3


def read_record(
    run: Run,
    form: Protocol,
    locate: Callable[[str, str], Path],
    *,
    progress: Callable[[str], None],
) -> OffsetRecord:
    """Return the offsets of a run that compares two clocks.

    Args:
        run: Names its raw files and how they are reduced.
        form: Says how the clocks are compared.
        locate: From digest and name to the path of a raw file, checked.
        progress: Takes messages about long work.

    Raises:
        InputError: no peak, skew beyond the search, a file that cannot be read any more.
        SetupError: a raw file is missing.
        IntegrityError: a raw file is another one than was recorded.
    """
    block = run.parameters["block"]
    if run.files[0].holds == SERIES:
        one = run.files[0]
        series = read_offset_series(locate(one.digest, one.name), interval_s=block)
        return OffsetRecord(block, series.elapsed_s, series.offset_s, series.u_s)
    from qtrace.metrics.timing.tag_reduction import TagSettings, reduce_tags

    stations = {}
    for one in run.files:
        progress(f"reading {one.name}")
        stations[one.station] = _station(one, locate)
    settings = TagSettings(
        block, run.parameters["search"], run.parameters["window"], run.parameters["skew"]
    )
    return reduce_tags(form.comparison, stations["a"], stations["b"], settings, progress=progress)


def read_intervals(run: Run, locate: Callable[[str, str], Path]) -> tuple[IntervalHistogram, ...]:
    """Return how long it takes from tag to tag in each channel of a run; none of a series.

    Args:
        run: Names its raw files, and which channel carries what.
        locate: From digest and name to the path of a raw file, checked.

    Returns:
        A histogram for each channel with three tags or more, to 100 mean intervals.

    Raises:
        InputError: a file that cannot be read any more.
        SetupError: a raw file is missing.
        IntegrityError: a raw file is another one than was recorded.
    """
    if run.files[0].holds == SERIES:
        return ()
    from qtrace.exchange.time_tags.reading import read_tags

    found = []
    for one in run.files:
        stream = read_tags(locate(one.digest, one.name), format=one.format)
        for name, number in one.channels.items():
            tags = stream.channel(number)
            if tags.size < LEAST_TAGS:
                continue
            counted = log_intervals(tags)
            label = f"station {one.station}: {name}, channel {number}"
            found.append(IntervalHistogram(label, counted.edges_ps * PS, counted.counts))
    return tuple(found)


def _station(one: RunFile, locate: Callable[[str, str], Path]) -> StationTags:
    """Read the channels of one station; its zero is added, so that tags are clock readings."""
    from qtrace.exchange.time_tags.reading import read_tags
    from qtrace.metrics.timing.tag_reduction import StationTags

    stream = read_tags(locate(one.digest, one.name), format=one.format)
    zero = np.int64(one.zero_ps or 0)
    return StationTags(
        {name: stream.channel(number) + zero for name, number in one.channels.items()}
    )
